//===- RoundingTest.cpp - Rounding to the 16-bit types --------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/Support/Rounding.h"

#include "gtest/gtest.h"

#include <cmath>
#include <limits>

using namespace parallax;
using namespace parallax::tools;

namespace {

struct Type {
  uint16_t (*to)(float);
  float (*from)(uint16_t);
  uint16_t infinity;
};

class RoundingTest : public testing::TestWithParam<Type> {};

} // namespace

TEST_P(RoundingTest, EveryValueSurvivesTheRoundTrip) {
  auto [to, from, infinity] = GetParam();
  for (uint32_t bits = 0; bits <= 0xffff; ++bits) {
    float value = from(bits);
    if (std::isnan(value))
      EXPECT_TRUE(std::isnan(from(to(value)))) << bits;
    else
      EXPECT_EQ(to(value), bits);
  }
}

// The midpoint of two neighbours goes to the even one, and what is a hair to
// either side of it to the nearer.
TEST_P(RoundingTest, RoundsToNearestTiesToEven) {
  auto [to, from, infinity] = GetParam();
  for (uint32_t bits = 0; bits + 1 < infinity; ++bits) {
    float low = from(bits), high = from(bits + 1);
    float middle = low + (high - low) / 2;
    EXPECT_EQ(to(middle), bits & 1 ? bits + 1 : bits) << bits;
    EXPECT_EQ(to(std::nextafter(middle, high)), bits + 1) << bits;
    EXPECT_EQ(to(std::nextafter(middle, low)), bits) << bits;
    EXPECT_EQ(to(-middle), 0x8000 | to(middle)) << bits;
  }
}

TEST_P(RoundingTest, OverflowsToInfinityAndKeepsNaN) {
  auto [to, from, infinity] = GetParam();
  EXPECT_EQ(to(std::numeric_limits<float>::infinity()), infinity);
  EXPECT_EQ(to(std::numeric_limits<float>::max()), infinity);
  EXPECT_EQ(to(-std::numeric_limits<float>::max()), 0x8000 | infinity);
  EXPECT_TRUE(std::isnan(from(to(std::nanf("")))));
}

INSTANTIATE_TEST_SUITE_P(Types, RoundingTest,
                         testing::Values(Type{toBFloat16, fromBFloat16, 0x7f80},
                                         Type{toFloat16, fromFloat16, 0x7c00}),
                         [](const auto &info) {
                           return info.index == 0 ? "BF16" : "F16";
                         });

TEST(Rounding, StoresAndLoadsElementsOfEachType) {
  for (DType dtype : {DType::F32, DType::BF16, DType::F16}) {
    float buffer[2] = {};
    storeElement(buffer, 1, 1.00390625f, dtype);
    EXPECT_EQ(loadElement(buffer, 1, dtype), rounded(1.00390625f, dtype));
    EXPECT_EQ(loadElement(buffer, 0, dtype), 0);
  }
  EXPECT_EQ(rounded(1.00390625f, DType::BF16), 1.0f);
  EXPECT_EQ(rounded(1.00390625f, DType::F16), 1.00390625f);
}

TEST(E4M3, EveryValueSurvivesTheRoundTrip) {
  for (uint32_t bits = 0; bits <= 0xff; ++bits) {
    const float value = fromE4M3(bits);
    if ((bits & 0x7f) == 0x7f)
      EXPECT_TRUE(std::isnan(value)) << bits;
    EXPECT_EQ(toE4M3(value), std::isnan(value) ? 0x7f : bits);
  }
  EXPECT_EQ(fromE4M3(0x7e), 448);
  EXPECT_EQ(fromE4M3(0x01), 0x1p-9f);
}

TEST(E4M3, RoundsToNearestTiesToEven) {
  for (uint32_t bits = 0; bits != 0x7e; ++bits) {
    const float low = fromE4M3(bits), high = fromE4M3(bits + 1);
    const float middle = low + (high - low) / 2;
    EXPECT_EQ(toE4M3(middle), bits & 1 ? bits + 1 : bits) << bits;
    EXPECT_EQ(toE4M3(std::nextafter(middle, high)), bits + 1) << bits;
    EXPECT_EQ(toE4M3(std::nextafter(middle, low)), bits) << bits;
    EXPECT_EQ(toE4M3(-middle), 0x80 | toE4M3(middle)) << bits;
  }
}

// There is no infinity.
TEST(E4M3, LargeNumbersBecomeTheLargest) {
  for (float value : {449.0f, 1e9f, std::numeric_limits<float>::infinity()}) {
    EXPECT_EQ(toE4M3(value), 0x7e);
    EXPECT_EQ(toE4M3(-value), 0xfe);
  }
}
