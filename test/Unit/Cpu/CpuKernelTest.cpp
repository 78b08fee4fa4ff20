//===- CpuKernelTest.cpp - Loading and launching on the CPU ---------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/Unit/Cpu/CpuTest.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <thread>

using namespace parallax;
using namespace parallax::test;
using namespace parallax::tools;
using testing::HasSubstr;

namespace {

Problem small() {
  Problem problem;
  problem.dtype = DType::F32;
  problem.mask = MaskKind::Causal;
  problem.batch = 1;
  problem.queryLength = problem.keyLength = 70;
  problem.queryHeads = problem.kvHeads = 2;
  problem.headDim = 32;
  return problem;
}

class CpuKernelTest : public testing::Test {
protected:
  void SetUp() override {
    auto compiled = compileForCpu(specialized(small()));
    ASSERT_TRUE(compiled) << compiled.error().message;
    image = std::make_shared<KernelImage>(*compiled);
    auto loaded = CpuKernel::load(image);
    ASSERT_TRUE(loaded) << loaded.error().message;
    kernel = std::make_unique<CpuKernel>(*loaded);
    memory.resize(70 * 2 * 32 + 1);
    for (Operand operand :
         {Operand::Q, Operand::R, Operand::K, Operand::V, Operand::O})
      pointers[static_cast<size_t>(operand)] = memory.data();
  }

  std::shared_ptr<KernelImage> image;
  std::unique_ptr<CpuKernel> kernel;
  std::vector<float> memory;
  std::array<void *, kNumOperands> pointers = {};
};

} // namespace

TEST_F(CpuKernelTest, SaysWhatAnImageNeeds) {
  EXPECT_EQ(image->target, "cpu");
  EXPECT_EQ(image->name, "parallax_forward_f32_d32_causal");
  EXPECT_GT(image->dynamicSharedBytes, 0);
  EXPECT_EQ(image->parameters.front().kind, KernelParameter::Kind::Pointer);
  // The description survives the disk cache.
  auto bytes = image->serialize();
  auto copy = KernelImage::deserialize(bytes.data(), bytes.size());
  ASSERT_TRUE(copy) << copy.error().message;
  EXPECT_EQ(copy->parameters, image->parameters);
}

TEST_F(CpuKernelTest, RefusesNullPointers) {
  pointers[static_cast<size_t>(Operand::V)] = nullptr;
  auto done = kernel->launch(small(), pointers, 1);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::InvalidArgument);
  EXPECT_EQ(done.error().message, "expected a pointer of v, got null");
}

TEST_F(CpuKernelTest, RefusesMisalignedPointers) {
  pointers[static_cast<size_t>(Operand::K)] =
      reinterpret_cast<char *>(memory.data()) + 2;
  auto done = kernel->launch(small(), pointers, 1);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::InvalidArgument);
  EXPECT_THAT(done.error().message,
              HasSubstr("expected k at a multiple of 4 bytes"));
}

TEST_F(CpuKernelTest, RefusesProblemsThatLackSomething) {
  Problem problem = small();
  problem.keyLength = kDynamic;
  auto done = kernel->launch(problem, pointers, 1);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::InvalidArgument);
}

TEST_F(CpuKernelTest, RefusesOtherTargets) {
  image->target = "sm_90a";
  auto loaded = CpuKernel::load(image);
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().message,
            "expected an image for cpu, got one for sm_90a");
}

TEST_F(CpuKernelTest, RefusesObjectsThatAreNone) {
  image->code = {1, 2, 3};
  auto loaded = CpuKernel::load(image);
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().code, ErrorCode::CompileFailed);
}

TEST_F(CpuKernelTest, LaunchesFromManyThreads) {
  Case c = makeCase(specialized(small()), {1, 70, 70, 2, 2, 32});
  auto expected = run(*kernel, c, Layout::BLHD, 1);
  ASSERT_TRUE(expected) << expected.error().message;
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 6; ++caller)
    callers.emplace_back([&] {
      for (int repeat = 0; repeat < 20; ++repeat) {
        auto out = run(*kernel, c, Layout::BLHD, 3);
        ASSERT_TRUE(out) << out.error().message;
        for (int64_t i = 0; i < 70; ++i)
          for (int64_t d = 0; d < 32; ++d)
            ASSERT_EQ(out->o.read(0, i, 1, d), expected->o.read(0, i, 1, d));
      }
    });
  for (std::thread &caller : callers)
    caller.join();
}
