//===- OracleTest.cpp - The definition, evaluated on the device -----------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The real NVRTC, the fake driver: that the embedded text compiles, and what
// the kernel is given. OracleKernelTest checks what it does with it.
//
//===----------------------------------------------------------------------===//

#include "runtime/Oracle/Oracle.h"

#include "runtime/kernels/OracleParameters.h"
#include "test/Unit/Runtime/CudaTest.h"

#include <cstring>
#include <limits>
#include <optional>

using namespace parallax;
using testing::HasSubstr;
using testing::Not;

namespace {

struct OracleTest : CudaTest {
  void SetUp() override {
    Result<Nvrtc> nvrtc = Nvrtc::load({});
    if (!nvrtc)
      GTEST_SKIP() << nvrtc.error().message;
    Result<Oracle> made = Oracle::create(context(), *nvrtc);
    ASSERT_TRUE(made) << made.error().message;
    oracle.emplace(*made);
    cuda.parameterBytes = {sizeof(OracleParameters)};
    for (size_t i = 0; i < pointers.size(); ++i)
      pointers[i] = reinterpret_cast<void *>(0x1000 * (i + 1));
  }
  OracleParameters parameters(size_t launch) {
    OracleParameters result;
    std::memcpy(&result, cuda.launches.at(launch).parameters.at(0).data(),
                sizeof(result));
    return result;
  }

  std::optional<Oracle> oracle;
  LaunchPlan::Pointers pointers = {};
};

Problem decode() {
  Problem p;
  p.kind = ProblemKind::Decode;
  p.mask = MaskKind::Causal;
  p.dtype = DType::F16;
  p.batch = 3;
  p.queryLength = 2;
  p.keyLength = 100;
  p.queryHeads = 10;
  p.kvHeads = 2;
  p.headDim = 40;
  p.window = 7;
  p.scale = -0.3;
  p.usedLengths = true;
  p.outputs.tbar = true;
  return p;
}

} // namespace

TEST(OracleSource, IncludesNothing) {
  EXPECT_THAT(kOracleSource, HasSubstr("struct OracleParameters"));
  EXPECT_THAT(kOracleSource, Not(HasSubstr("#include")));
}

TEST_F(OracleTest, WhatTheKernelIsGiven) {
  ASSERT_TRUE(oracle->run(decode(), pointers, nullptr));
  ASSERT_EQ(cuda.launches.size(), 1u);
  EXPECT_EQ(cuda.launches[0].grid[0], 3u * 2 * 10);
  EXPECT_EQ(cuda.launches[0].block[0], 128u);
  OracleParameters p = parameters(0);
  EXPECT_EQ(p.k.data, pointers[size_t(Operand::K)]);
  EXPECT_EQ(p.k.batch, 100 * 2 * 40);
  EXPECT_EQ(p.k.length, 2 * 40);
  EXPECT_EQ(p.k.head, 40);
  EXPECT_EQ(p.o, pointers[size_t(Operand::O)]);
  EXPECT_EQ(p.usedLengths, pointers[size_t(Operand::UsedLengths)]);
  EXPECT_EQ(p.tbar, pointers[size_t(Operand::TBar)]);
  EXPECT_EQ(p.rowMax, nullptr);
  EXPECT_EQ(p.logSumExp, nullptr);
  EXPECT_EQ(p.scale, -0.3f);
  EXPECT_EQ(p.queryHeads, 10);
  EXPECT_EQ(p.elementType, OracleF16);
  EXPECT_EQ(p.causal, 1);
  EXPECT_EQ(p.window, 7);
  EXPECT_EQ(p.firstRow, 0);
}

TEST_F(OracleTest, PagesAndTheirTable) {
  Problem p = decode();
  ASSERT_TRUE(oracle->run(p, pointers, nullptr));
  EXPECT_EQ(parameters(0).blockTable, nullptr);
  p.pageSize = 4;
  p.pages = 90;
  p.blockTableStride = 2048;
  ASSERT_TRUE(oracle->run(p, pointers, nullptr));
  EXPECT_EQ(parameters(1).blockTable, pointers[size_t(Operand::BlockTable)]);
  EXPECT_EQ(parameters(1).blockTableStride, 2048);
  EXPECT_EQ(parameters(1).pageSize, 4);
  EXPECT_EQ(parameters(1).v.batch, 4 * 2 * 40);
  pointers[size_t(Operand::BlockTable)] = nullptr;
  Result<void> ok = oracle->run(p, pointers, nullptr);
  ASSERT_FALSE(ok);
  EXPECT_THAT(ok.error().message, HasSubstr("block_table, got null"));
}

TEST_F(OracleTest, NewTokens) {
  Problem p = decode();
  p.newLength = 2;
  ASSERT_TRUE(oracle->run(p, pointers, nullptr));
  EXPECT_EQ(parameters(0).newLength, 2);
  EXPECT_EQ(parameters(0).newV.data, pointers[size_t(Operand::NewV)]);
  EXPECT_EQ(parameters(0).newV.batch, 2 * 2 * 40);
}

TEST_F(OracleTest, StatesAndMerges) {
  Problem p = decode();
  p.state = true;
  p.writesOutput = false;
  ASSERT_TRUE(oracle->run(p, pointers, nullptr));
  EXPECT_EQ(parameters(0).o, nullptr);
  EXPECT_EQ(parameters(0).stateD2, pointers[size_t(Operand::StateD2)]);
  EXPECT_EQ(parameters(0).parts, 0);
  Problem merge;
  merge.kind = ProblemKind::Merge;
  merge.batch = merge.queryLength = 2;
  merge.queryHeads = 3;
  merge.parts = 7;
  ASSERT_TRUE(oracle->run(merge, pointers, nullptr));
  EXPECT_EQ(parameters(1).parts, 7);
  EXPECT_EQ(parameters(1).batch, 2);
  EXPECT_EQ(parameters(1).q.data, nullptr);
  EXPECT_EQ(parameters(1).partM, pointers[size_t(Operand::PartM)]);
  EXPECT_EQ(parameters(1).stateM, nullptr);
  EXPECT_EQ(cuda.launches[1].grid[0], 2u * 2 * 3);
}

TEST_F(OracleTest, MoreRowsThanAGridHolds) {
  Problem p = decode();
  p.batch = 1 << 28;
  ASSERT_TRUE(oracle->run(p, pointers, nullptr));
  ASSERT_EQ(cuda.launches.size(), 3u);
  const int64_t grid = std::numeric_limits<int32_t>::max();
  EXPECT_EQ(parameters(1).firstRow, grid);
  EXPECT_EQ(parameters(2).firstRow, 2 * grid);
  EXPECT_EQ(cuda.launches[2].grid[0], (int64_t(20) << 28) - 2 * grid);
}

TEST_F(OracleTest, WrongArguments) {
  Problem p = decode();
  p.headDim = 7;
  EXPECT_FALSE(oracle->run(p, pointers, nullptr));
  pointers[size_t(Operand::TBar)] = nullptr;
  Result<void> ok = oracle->run(decode(), pointers, nullptr);
  ASSERT_FALSE(ok);
  EXPECT_THAT(ok.error().message, HasSubstr("tbar, got null"));
  EXPECT_TRUE(cuda.launches.empty());
}
