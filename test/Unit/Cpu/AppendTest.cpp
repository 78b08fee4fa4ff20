//===- AppendTest.cpp - Decodes that append to the cache on the CPU -------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Where new tokens will be, cases hold NaN. Each run compares the outputs, and
// every byte of the cache, padding and unused pages included.
//
//===----------------------------------------------------------------------===//

#include "test/Unit/Cpu/CpuTest.h"

#include "gtest/gtest.h"

using namespace parallax;
using namespace parallax::test;
using namespace parallax::tools;

namespace {

Problem append(int64_t newLength, DType dtype = DType::F32,
               int64_t pageSize = 0) {
  Problem problem;
  problem.kind = ProblemKind::Decode;
  problem.dtype = dtype;
  problem.mask = MaskKind::Causal;
  problem.newLength = newLength;
  problem.pageSize = pageSize;
  return problem;
}

} // namespace

TEST(CpuAppend, Tokens) {
  for (DType dtype : {DType::F32, DType::BF16, DType::F16})
    for (int64_t tokens : {1, 2, 5, 16})
      for (int64_t group : {1, 3}) {
        SCOPED_TRACE(testing::Message() << toString(dtype) << " " << tokens
                                        << " tokens, group " << group);
        expectRight(makeCase(append(tokens, dtype),
                             {3, tokens, 130, 2 * group, 2, 64},
                             {130, 64, 65}));
      }
}

// More of them than queries, and fewer; more than a tile.
TEST(CpuAppend, AnyNumber) {
  for (int64_t count : {1, 3, 16, 17, 33, 100})
    expectRight(makeCase(append(count), {2, 2, 100, 4, 2, 40}, {100, 100}));
}

TEST(CpuAppend, Pages) {
  for (int64_t pageSize : {1, 4, 64})
    for (int64_t tokens : {1, 3, 16}) {
      SCOPED_TRACE(testing::Message() << pageSize << " x " << tokens);
      Problem problem = append(tokens, DType::BF16, pageSize);
      problem.outputs.logSumExp = problem.state = true;
      expectRight(makeCase(problem, {5, tokens, 192, 6, 2, 64},
                           {192, 191, 64, 65, 16}));
    }
}

TEST(CpuAppend, Layouts) {
  for (Layout layout : {Layout::BLHD, Layout::BHLD, Layout::Sliced})
    for (int64_t pageSize : {0, 16})
      expectRight(makeCase(append(3, DType::BF16, pageSize),
                           {2, 3, 96, 6, 2, 96}, {90, 41}),
                  layout);
}

// Without used lengths the new tokens are the end of the cache.
TEST(CpuAppend, AFullCache) {
  expectRight(makeCase(append(4), {2, 4, 70, 2, 1, 64}));
  expectRight(makeCase(append(4, DType::F32, 2), {2, 1, 70, 2, 1, 64}));
}

// Tokens before the first key, and past the cache, are dropped; the rest is
// where it should be.
TEST(CpuAppend, PositionsThatAreNone) {
  for (int64_t pageSize : {0, 8})
    expectRight(makeCase(append(4, DType::F32, pageSize), {6, 2, 32, 2, 1, 64},
                         {0, 1, 3, 4, 34, 1000}));
}

TEST(CpuAppend, WindowsAndNoMask) {
  Problem problem = append(2);
  problem.window = 5;
  expectRight(makeCase(problem, {2, 2, 150, 2, 2, 64}, {150, 77}));
  problem = append(2);
  problem.mask = MaskKind::None;
  expectRight(makeCase(problem, {2, 1, 150, 2, 2, 64}, {150, 77}));
}
