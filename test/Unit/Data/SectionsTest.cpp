//===- SectionsTest.cpp - The order of tiles that CTAs take in turn ------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Data/Sections.h"

#include "gtest/gtest.h"

using namespace parallax;

static int64_t sections(int64_t batch, int64_t keys, int64_t heads) {
  Problem p;
  p.headDim = 128;
  p.batch = batch;
  p.queryLength = p.keyLength = keys;
  p.queryHeads = 4 * heads;
  p.kvHeads = heads;
  return sectionBatches(p);
}

TEST(Sections, FitTheCache) {
  // Keys and values of one entry: 2 MiB, 8 MiB.
  EXPECT_EQ(sections(64, 512, 8), 16);
  EXPECT_EQ(sections(64, 1024, 16), 4);
}

TEST(Sections, AreOneEntryOrMore) {
  EXPECT_EQ(sections(64, 1 << 20, 64), 1);
  EXPECT_EQ(sections(3, 1, 1), 3);
  EXPECT_EQ(sections(1, 512, 8), 1);
}

// 9 entries of which 4 fit are not 4, 4 and 1.
TEST(Sections, AreOfTheSameSize) { EXPECT_EQ(sections(9, 1024, 16), 3); }
