//===- CacheKeyTest.cpp - Keys are canonical and unambiguous --------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Cache/CacheKey.h"

#include <gtest/gtest.h>

using namespace parallax;

TEST(CacheKey, textIsSortedLines) {
  CacheKey key({{"target", "sm_90a"}, {"head_dim", "128"}});
  EXPECT_EQ(key.text(), "head_dim=128\ntarget=sm_90a\n");
}

TEST(CacheKey, nameIsTheHashOfTheText) {
  // XXH3-128 of nothing, as published: names must not change between builds.
  EXPECT_EQ(CacheKey({}).name(), "99aa06d3014798d86001c324468d497f");
}

TEST(CacheKey, orderDoesNotMatter) {
  CacheKey a({{"a", "1"}, {"b", "2"}}), b({{"b", "2"}, {"a", "1"}});
  EXPECT_EQ(a.text(), b.text());
  EXPECT_EQ(a.name(), b.name());
}

TEST(CacheKey, differentFieldsHaveDifferentTexts) {
  const std::vector<std::vector<CacheKeyField>> cases = {
      {},
      {{"", ""}},
      {{"a", "1"}},
      {{"a", "1"}, {"a", "1"}},
      {{"a", "1"}, {"b", "2"}},
      {{"a", "1\nb=2"}},
      {{"a", "1\\nb=2"}},
      {{"a", "1\\\nb\\=2"}},
      {{"a=1", ""}},
      {{"a", "=1"}},
      {{"a\\", "1"}},
      {{"a", "12"}, {"b", ""}},
      {{"a", std::string("1\0", 2)}},
  };
  for (size_t i = 0; i < cases.size(); ++i)
    for (size_t j = 0; j < i; ++j) {
      EXPECT_NE(CacheKey(cases[i]).text(), CacheKey(cases[j]).text())
          << i << " and " << j;
      EXPECT_NE(CacheKey(cases[i]).name(), CacheKey(cases[j]).name())
          << i << " and " << j;
    }
}
