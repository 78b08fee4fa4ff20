//===- ReciprocalTest.cpp - Divisors that only a launch knows -------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Data/Reciprocal.h"

#include "gtest/gtest.h"

#include <cstdint>

using namespace parallax;

constexpr int64_t kMost = INT32_MAX;

/// At the multiples of a divisor a quotient changes.
static void expectRight(int64_t divisor) {
  const int64_t reciprocal = reciprocalOf(divisor);
  for (int64_t n : {int64_t(1), int64_t(2), int64_t(3), kMost / divisor / 2,
                    kMost / divisor})
    for (int64_t dividend : {n * divisor - 1, n * divisor, n * divisor + 1})
      if (dividend >= 0 && dividend <= kMost)
        ASSERT_EQ(quotient(dividend, reciprocal), dividend / divisor)
            << dividend << " / " << divisor;
  for (int64_t dividend : {int64_t(0), kMost - 1, kMost})
    ASSERT_EQ(quotient(dividend, reciprocal), dividend / divisor)
        << dividend << " / " << divisor;
}

TEST(Reciprocal, OfSmallDivisors) {
  for (int64_t divisor = 1; divisor <= 100'000; ++divisor)
    expectRight(divisor);
}

TEST(Reciprocal, OfLargeDivisors) {
  for (int shift = 0; shift != 31; ++shift)
    for (int64_t off : {-1, 0, 1})
      if (const int64_t divisor = (int64_t(1) << shift) + off; divisor > 0)
        expectRight(divisor);
  for (int64_t divisor = kMost; divisor > 0; divisor -= 999'983)
    expectRight(divisor);
}
