//===- ComparisonTest.cpp - Distances between results ---------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/Support/Comparison.h"

#include "gtest/gtest.h"

#include <cmath>
#include <limits>

using namespace parallax;
using namespace parallax::tools;

TEST(Comparison, MeasuresTheLargestErrorAndTheRootMeanSquare) {
  Comparison c;
  c.add(1.0, 1.5);
  c.add(-4.0, -4.0);
  EXPECT_EQ(c.count(), 2);
  EXPECT_DOUBLE_EQ(c.maxAbsError(), 0.5);
  EXPECT_DOUBLE_EQ(c.maxErrorRatio(), 0.125);
  EXPECT_DOUBLE_EQ(c.rmsRatio(), 0.5 / std::sqrt(1.5 * 1.5 + 16));
}

TEST(Comparison, ExactResultsAreAtDistanceZeroEvenFromZero) {
  Comparison c;
  c.add(0, 0);
  EXPECT_EQ(c.maxErrorRatio(), 0);
  EXPECT_EQ(c.rmsRatio(), 0);
}

TEST(Comparison, OneSidedNaNOrInfinityIsInfinitelyFar) {
  const double nan = std::nan(""),
               infinity = std::numeric_limits<double>::infinity();
  for (auto [got, expected] : {std::pair(nan, 1.0),
                               {1.0, nan},
                               {infinity, 1.0},
                               {-infinity, infinity}}) {
    Comparison c;
    c.add(2, 2);
    c.add(got, expected);
    EXPECT_EQ(c.maxAbsError(), infinity);
    EXPECT_EQ(c.maxErrorRatio(), infinity);
    EXPECT_EQ(c.rmsRatio(), infinity);
  }
}

TEST(Comparison, TheSameInfinityOnBothSidesAgrees) {
  Comparison c;
  c.add(-std::numeric_limits<double>::infinity(),
        -std::numeric_limits<double>::infinity());
  EXPECT_EQ(c.maxErrorRatio(), 0);
}
