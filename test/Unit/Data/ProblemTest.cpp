//===- ProblemTest.cpp - An attention problem as plain data ---------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/Unit/Data/Problems.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <cmath>

using namespace parallax;
using namespace parallax::test;
using testing::HasSubstr;

TEST(Problem, DefaultStridesAreContiguous) {
  Problem p = prefill();
  EXPECT_EQ(p.q, (Strides{100 * 6 * 64, 6 * 64, 64}));
  EXPECT_EQ(p.v, (Strides{100 * 2 * 64, 2 * 64, 64}));
  EXPECT_EQ(Strides::bhld(100, 6, 64), (Strides{100 * 6 * 64, 64, 100 * 64}));
  // Given strides stay, and unknown sizes give none.
  p.k = {1, 2, 3};
  EXPECT_EQ(withDefaultStrides(p).k, p.k);
  EXPECT_EQ(withDefaultStrides(Problem()), Problem());
}

TEST(Problem, TheScaleDefaultsToTheRootOfTheHeadDimension) {
  Problem p = prefill();
  EXPECT_DOUBLE_EQ(p.effectiveScale(), 0.125);
  p.scale = -3;
  EXPECT_EQ(p.effectiveScale(), -3);
}

// One kernel for every batch, length, layout, scale and window.
TEST(Problem, SpecialisedOnesForgetTheShape) {
  Problem p = decode(), other = decode();
  other.batch = 77;
  other.keyLength = 12345;
  other.queryHeads = 40, other.kvHeads = 8;
  other.scale = 2;
  other.k = {1, 2, 3};
  EXPECT_EQ(specialized(p), specialized(other));
  other.window = 5;
  EXPECT_NE(specialized(p), specialized(other));
  p.window = 9;
  EXPECT_EQ(specialized(p), specialized(other));
  other.headDim = 72;
  EXPECT_NE(specialized(p), specialized(other));
  EXPECT_TRUE(verify(specialized(p)));
}

// Scales above 0 have one kernel, all others another.
TEST(Problem, SignOfTheScale) {
  Problem p = prefill(), other = p;
  p.scale = 0.125;
  EXPECT_EQ(specialized(p), specialized(other));
  EXPECT_FALSE(specialized(p).anyScale);
  for (double scale : {0.0, -0.125}) {
    other.scale = scale;
    EXPECT_NE(specialized(p), specialized(other));
    EXPECT_TRUE(specialized(other).anyScale);
    EXPECT_EQ(specialized(specialized(other)), specialized(other));
  }
}

// Pools, too, are contiguous by default; a kernel is made for the page size.
TEST(Problem, Pages) {
  Problem p = paged();
  EXPECT_TRUE(verifyForLaunch(p));
  EXPECT_EQ(p.k, (Strides{16 * 2 * 64, 2 * 64, 64}));
  EXPECT_EQ(p.pagesPerSequence(), 8);
  EXPECT_EQ(p.blockTableStride, 8);
  Problem other = paged();
  other.pages = 1000;
  other.blockTableStride = 2048;
  EXPECT_EQ(specialized(p), specialized(other));
  other.pageSize = 64;
  EXPECT_NE(specialized(p), specialized(other));
  EXPECT_TRUE(verify(specialized(p)));
  // Fewer pages than all sequences have entries for: they share some.
  p.pages = 1;
  p.blockTableStride = 0;
  EXPECT_TRUE(verifyForLaunch(p));
}

TEST(Problem, Appends) {
  Problem p = decode();
  p.newLength = 4;
  p = withDefaultStrides(p);
  EXPECT_EQ(p.newK, (Strides{4 * 2 * 64, 2 * 64, 64}));
  EXPECT_TRUE(verifyForLaunch(p));
  Problem other = p;
  other.newLength = 7;
  other.newV = {0, 0, 0};
  EXPECT_TRUE(verifyForLaunch(other));
  EXPECT_EQ(specialized(p), specialized(other));
  other.newLength.reset();
  EXPECT_NE(specialized(p), specialized(other));
  EXPECT_TRUE(verify(specialized(p)));
}

// One kernel for scales of any stride; a cache of the queries' type is no
// other.
TEST(Problem, ScaledCaches) {
  Problem p = scaled();
  EXPECT_TRUE(verifyForLaunch(p));
  EXPECT_EQ(p.keyDType(), DType::E4M3);
  EXPECT_EQ(p.keyScaleStride, 1);
  Problem other = p;
  other.keyScaleStride = 0;
  other.valueScaleStride = 17;
  EXPECT_TRUE(verifyForLaunch(other));
  EXPECT_EQ(specialized(p), specialized(other));
  EXPECT_TRUE(verify(specialized(p)));
  other.valueScale = false;
  other.valueScaleStride = kDynamic;
  EXPECT_TRUE(verifyForLaunch(other));
  EXPECT_NE(specialized(p), specialized(other));
  p.keyScaleStride = kDynamic;
  Result<void> ok = verifyForLaunch(p);
  ASSERT_FALSE(ok);
  EXPECT_THAT(ok.error().message, HasSubstr("stride of k_scale"));
  p = decode();
  p.cacheDType = p.dtype;
  EXPECT_TRUE(verifyForLaunch(p));
  EXPECT_EQ(specialized(p), specialized(decode()));
  EXPECT_NE(specialized(p), specialized(scaled()));
}

TEST(Problem, MergesAndStates) {
  Problem p = merge();
  EXPECT_TRUE(verifyForLaunch(p));
  Problem other = p;
  other.parts = other.batch = 9;
  EXPECT_EQ(specialized(p), specialized(other));
  EXPECT_TRUE(verify(specialized(p)));
  other.state = false;
  EXPECT_NE(specialized(p), specialized(other));
  other.outputs.logSumExp = true;
  other.writesOutput = false;
  EXPECT_TRUE(verifyForLaunch(other));
  // Strides of an o that is not written are of no meaning.
  p = decode();
  p.state = true;
  p.writesOutput = false;
  p.o = Strides();
  EXPECT_TRUE(verifyForLaunch(p));
}

TEST(Problem, NamesRoundTrip) {
  for (ProblemKind kind :
       {ProblemKind::Forward, ProblemKind::Decode, ProblemKind::Merge})
    EXPECT_EQ(*parseProblemKind(toString(kind)), kind);
  for (DType dtype : {DType::F32, DType::BF16, DType::F16, DType::E4M3})
    EXPECT_EQ(*parseDType(toString(dtype)), dtype);
  for (MaskKind mask : {MaskKind::None, MaskKind::Causal})
    EXPECT_EQ(*parseMaskKind(toString(mask)), mask);

  Result<DType> wrong = parseDType("fp8");
  ASSERT_FALSE(wrong);
  EXPECT_THAT(wrong.error().message, HasSubstr("f32, bf16, f16, e4m3"));
  EXPECT_THAT(wrong.error().message, HasSubstr("got 'fp8'"));
  EXPECT_FALSE(parseProblemKind("backward"));
  EXPECT_FALSE(parseMaskKind(""));
}

TEST(Problem, ElementsHaveTheirSize) {
  EXPECT_EQ(sizeInBytes(DType::F32), 4);
  EXPECT_EQ(sizeInBytes(DType::BF16), 2);
  EXPECT_EQ(sizeInBytes(DType::F16), 2);
  EXPECT_EQ(sizeInBytes(DType::E4M3), 1);
}
