//===- ForwardTest.cpp - Forward problems on the CPU ----------------------===//
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

Problem forward(DType dtype, MaskKind mask = MaskKind::None) {
  Problem problem;
  problem.kind = ProblemKind::Forward;
  problem.dtype = dtype;
  problem.mask = mask;
  return problem;
}

} // namespace

TEST(CpuForward, Plain) {
  expectRight(makeCase(forward(DType::F32), {1, 96, 128, 2, 2, 64}));
}

TEST(CpuForward, EveryHeadDimension) {
  for (int64_t headDim = 8; headDim <= 256; headDim += 8) {
    SCOPED_TRACE(headDim);
    DType dtype = headDim % 24 == 0   ? DType::BF16
                  : headDim % 24 == 8 ? DType::F32
                                      : DType::F16;
    expectRight(makeCase(forward(dtype, MaskKind::Causal),
                         {1, 53, 101, 2, 1, headDim}));
  }
}

TEST(CpuForward, TypesMasksAndTails) {
  for (DType dtype : {DType::F32, DType::BF16, DType::F16})
    for (int64_t window : {0, -1, 1, 50})
      for (auto [queries, keys] :
           {std::pair{77, 77}, {19, 83}, {160, 160}, {1, 1}, {65, 200}}) {
        SCOPED_TRACE(testing::Message()
                     << toString(dtype) << " window " << window << " "
                     << queries << "x" << keys);
        Problem problem = forward(dtype);
        if (window)
          problem.mask = MaskKind::Causal;
        if (window > 0)
          problem.window = window;
        expectRight(makeCase(problem, {2, queries, keys, 2, 1, 64}));
      }
}

TEST(CpuForward, MoreQueriesThanKeysLeaveRowsThatSeeNothing) {
  Problem problem = forward(DType::F32, MaskKind::Causal);
  problem.outputs = {true, true, true, true};
  expectRight(makeCase(problem, {1, 150, 60, 2, 2, 32}));
  problem.dtype = DType::BF16;
  problem.window = 7;
  expectRight(makeCase(problem, {1, 70, 33, 2, 1, 32}));
}

TEST(CpuForward, Groups) {
  for (int64_t group : {1, 3, 5, 8})
    expectRight(makeCase(forward(DType::F32, MaskKind::Causal),
                         {1, 70, 70, 2 * group, 2, 40}));
}

TEST(CpuForward, Layouts) {
  for (Layout layout : {Layout::BLHD, Layout::BHLD, Layout::Sliced})
    for (bool isStatic : {false, true})
      for (DType dtype : {DType::F32, DType::BF16})
        expectRight(
            makeCase(forward(dtype, MaskKind::Causal), {2, 61, 75, 4, 2, 72}),
            layout, isStatic);
}

TEST(CpuForward, RowOutputs) {
  for (DType dtype : {DType::F32, DType::BF16, DType::F16}) {
    Problem problem = forward(dtype, MaskKind::Causal);
    problem.outputs = {true, true, true, true};
    problem.scale = -0.3;
    expectRight(makeCase(problem, {2, 70, 90, 3, 1, 64}));
  }
}

TEST(CpuForward, LargeLogits) {
  Problem problem = forward(DType::F32, MaskKind::Causal);
  problem.scale = 3;
  expectRight(makeCase(problem, {1, 64, 64, 1, 1, 64}));
  problem.dtype = DType::BF16;
  expectRight(makeCase(problem, {1, 64, 64, 1, 1, 64}));
}

// What other processors get, LLVM splits into what this one has.
TEST(CpuForward, OtherVectors) {
  for (auto [lanes, registers] : {std::pair{4, 16}, {4, 32}, {16, 32}})
    for (int64_t headDim : {8, 24, 72, 128})
      for (DType dtype : {DType::F32, DType::BF16}) {
        SCOPED_TRACE(testing::Message() << lanes << " lanes, " << headDim);
        Problem problem = forward(dtype, MaskKind::Causal);
        problem.outputs = {true, true, true, true};
        Case c = makeCase(problem, {1, 53, 101, 2, 1, headDim});
        auto image =
            compileForVectors(specialized(c.problem), lanes, registers);
        ASSERT_TRUE(image) << image.error().message;
        expectRightOf(*image, c);
      }
}
