//===- DecodeTest.cpp - Decodes on the CPU --------------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/Unit/Cpu/CpuTest.h"

#include "gtest/gtest.h"

using namespace parallax;
using namespace parallax::test;
using namespace parallax::tools;

namespace {

Problem decode(DType dtype, MaskKind mask = MaskKind::Causal) {
  Problem problem;
  problem.kind = ProblemKind::Decode;
  problem.dtype = dtype;
  problem.mask = mask;
  return problem;
}

} // namespace

TEST(CpuDecode, TokensAndGroups) {
  for (int64_t tokens : {1, 2, 3, 4, 7, 16})
    for (int64_t group : {1, 3, 5, 8}) {
      SCOPED_TRACE(testing::Message() << tokens << " tokens, group " << group);
      DType dtype = group == 3 ? DType::BF16 : DType::F32;
      expectRight(makeCase(decode(dtype), {2, tokens, 203, 2 * group, 2, 64}));
    }
}

// Keys and values past the used lengths are NaN in these cases.
TEST(CpuDecode, UsedLengths) {
  for (DType dtype : {DType::F32, DType::BF16, DType::F16})
    for (int64_t tokens : {1, 4}) {
      SCOPED_TRACE(testing::Message() << toString(dtype) << " " << tokens);
      Problem problem = decode(dtype);
      problem.outputs = {true, true, true, true};
      expectRight(makeCase(problem, {8, tokens, 150, 4, 2, 128},
                           {0, 1, 3, 63, 64, 65, 150, 151}));
      problem.window = 37;
      expectRight(makeCase(problem, {4, tokens, 150, 4, 2, 128},
                           {0, 150, 1000000, -5}));
      problem.window.reset();
      problem.mask = MaskKind::None;
      expectRight(makeCase(problem, {3, tokens, 150, 4, 2, 128}, {0, 149, 77}));
    }
}

// With scales a head, one for all, and none.
TEST(CpuDecode, NarrowCaches) {
  for (DType dtype : {DType::F32, DType::BF16, DType::F16})
    for (int64_t stride : {kDynamic, int64_t(0), int64_t(1)}) {
      SCOPED_TRACE(testing::Message() << toString(dtype) << " " << stride);
      Problem problem = decode(dtype);
      problem.cacheDType = DType::E4M3;
      problem.keyScale = problem.valueScale = stride != kDynamic;
      problem.keyScaleStride = stride;
      problem.valueScaleStride = problem.valueScale ? 1 - stride : kDynamic;
      problem.outputs = {true, true, true, true};
      expectRight(makeCase(problem, {4, 2, 150, 6, 3, 64}, {0, 150, 77, 64}));
    }
}

TEST(CpuDecode, Layouts) {
  for (Layout layout : {Layout::BLHD, Layout::BHLD, Layout::Sliced})
    for (bool isStatic : {false, true})
      expectRight(makeCase(decode(DType::BF16), {2, 3, 90, 6, 2, 96}, {90, 41}),
                  layout, isStatic);
}

TEST(CpuDecode, KernelsThatDoNotKnowTheSizes) {
  Case c = makeCase(decode(DType::F32), {2, 3, 90, 6, 2, 64}, {90, 41});
  auto image = compileForCpu(specialized(c.problem));
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_EQ(image->packedHeads, 1);
  auto kernel = CpuKernel::load(std::make_shared<KernelImage>(*image));
  ASSERT_TRUE(kernel) << kernel.error().message;
  auto out = run(*kernel, c, Layout::BLHD, 0);
  ASSERT_TRUE(out) << out.error().message;
  Comparison o;
  for (const Row &row : rowsToCheck(c.problem)) {
    RowResult expected = evaluateRow(c.problem, c.inputs, row);
    for (int64_t d = 0; d != c.problem.headDim; ++d)
      o.add(out->o.read(row.batch, row.token, row.head, d), expected.o[d]);
  }
  EXPECT_LE(o.maxErrorRatio(), 2e-5);
}

// A decode has no row that is not there.
TEST(CpuDecode, TilesHaveTheRowsThatThereAre) {
  Problem problem = decode(DType::F32);
  problem.queryLength = 1;
  problem.queryHeads = problem.kvHeads = 4;
  auto image = compileForCpu(problem);
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_EQ(image->tileTokens, 1);
  EXPECT_EQ(image->packedHeads, 1);
  problem.queryHeads = 32;
  image = compileForCpu(problem);
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_EQ(image->tileTokens, 1);
  EXPECT_EQ(image->packedHeads, 8);
}

TEST(CpuDecode, OtherVectors) {
  for (auto [lanes, registers] : {std::pair{4, 16}, {16, 32}})
    for (int64_t tokens : {1, 3, 9}) {
      SCOPED_TRACE(testing::Message() << lanes << " lanes, " << tokens);
      Case c =
          makeCase(decode(DType::BF16), {2, tokens, 150, 6, 2, 72}, {150, 77});
      Problem known = specialized(c.problem);
      known.queryLength = tokens;
      known.queryHeads = 6;
      known.kvHeads = 2;
      auto image = compileForVectors(known, lanes, registers);
      ASSERT_TRUE(image) << image.error().message;
      expectRightOf(*image, c);
    }
}
