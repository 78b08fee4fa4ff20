//===- LaunchPlanTest.cpp - Parameters and launches -----------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Data/Reciprocal.h"
#include "lib/Data/Workspace.h"

#include "test/Unit/Runtime/LaunchPlanTest.h"

#include <chrono>
#include <cstring>
#include <thread>

using namespace parallax;
using testing::ElementsAre;
using testing::HasSubstr;
using Kind = KernelParameter::Kind;

TEST_F(LaunchPlanTest, GridAndStream) {
  LaunchPlan p = plan(prefill(), kernelWith({}, {}));
  EXPECT_EQ(p.gridSize(), 3u * 8 * 2); // 300 tokens in tiles of 128.
  ASSERT_TRUE(p.launch(pointers, pointer(0x55)));
  ASSERT_EQ(cuda.launches.size(), 1u);
  const fake::Launch &launch = cuda.launches[0];
  EXPECT_THAT(launch.grid, ElementsAre(48, 1, 1));
  EXPECT_THAT(launch.block, ElementsAre(384, 1, 1));
  EXPECT_EQ(launch.sharedBytes, 200u * 1024);
  EXPECT_EQ(static_cast<void *>(launch.stream), pointer(0x55));
  EXPECT_EQ(launch.context, fake::context(0));
  EXPECT_EQ(fake::current(), nullptr);
}

// Two CTAs on each of the device's SMs, unless there are fewer tiles.
TEST_F(LaunchPlanTest, PersistentCtas) {
  auto made = image();
  made->persistentCtas = 2;
  made->parameters = {{Kind::GridSize, Operand::Q, 4},
                      {Kind::GridSize, Operand::Q, 5},
                      {Kind::GridSize, Operand::Q, 6}};
  Problem p = prefill();
  cuda.parameterBytes = {4, 4, 4};
  LaunchPlan few = plan(p, kernel(made));
  EXPECT_EQ(few.gridSize(), 3u * 8 * 2);
  p.queryLength = 128 * 100;
  p.q = p.r = p.o = Strides();
  LaunchPlan many = plan(p, kernel(made));
  EXPECT_EQ(many.gridSize(), 2u * 132);
  ASSERT_TRUE(many.launch(pointers, nullptr));
  EXPECT_THAT(cuda.launches.back().grid, ElementsAre(2 * 132, 1, 1));
  EXPECT_EQ(parameter<int32_t>(0), 2 * 132);
  EXPECT_EQ(parameter<int32_t>(1), 2);
  EXPECT_EQ(parameter<int32_t>(2), 2 * 8 * 100);
  made->persistentCtas = -1;
  EXPECT_THAT(planError(p, kernel(made)), HasSubstr("expected a kernel"));
}

// Those that share keys come in gangs of one for each head, as many as fit, or
// as there are smallest shares; and have a place for each piece of a sequence.
TEST_F(LaunchPlanTest, GangsOfPersistentCtas) {
  auto made = image();
  made->persistentCtas = 1;
  made->splitKeys = 64;
  made->tileTokens = 8;
  made->parameters = {{Kind::GridSize, Operand::Q, 3},
                      {Kind::Workspace, Operand::Q, 2}};
  cuda.parameterBytes = {4, 8};
  Problem p = prefill();
  p.kind = ProblemKind::Decode;
  p.queryLength = 1;
  p.keyLength = 640;
  p.batch = 20;
  p.q = p.r = p.k = p.v = p.o = Strides();
  LaunchPlan many = plan(p, kernel(made));
  EXPECT_EQ(many.gridSize(), 8u * 16);
  EXPECT_EQ(many.splits(), 16);
  const int64_t rows = 20 * 8 + 8 * 16;
  EXPECT_GE(many.workspaceBytes(),
            Workspace::kTicketBytes + rows * 4 * 128 * 2);
  EXPECT_LE(many.workspaceBytes(),
            Workspace::kTicketBytes + rows * 4 * (128 * 2 + 3) + 5 * 256);
  ASSERT_TRUE(many.launch(pointers, nullptr));
  EXPECT_THAT(cuda.launches.back().grid, ElementsAre(8, 16, 1));
  EXPECT_EQ(parameter<int32_t>(0), 16);
  p.batch = 1;
  LaunchPlan few = plan(p, kernel(made));
  EXPECT_EQ(few.gridSize(), 8u * 10);
  LaunchPlanOptions fixed;
  fixed.batchInvariant = true;
  Result<LaunchPlan> refused = LaunchPlan::create(p, kernel(made), fixed);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("got persistent CTAs"));
}

TEST_F(LaunchPlanTest, PackedHeads) {
  Kernel k = kernelWith({}, {}, 4);
  EXPECT_EQ(plan(prefill(), k).gridSize(), 3u * 2 * 2);
  Problem p = prefill();
  p.kvHeads = 4;
  p.k = p.v = Strides();
  EXPECT_THAT(planError(p, k),
              HasSubstr("multiple of 4 query heads a key "
                        "head, which the kernel packs, got 2"));
}

TEST_F(LaunchPlanTest, EveryKindOfParameter) {
  Problem p = prefill();
  p.scale = -0.3;
  p.window = 77;
  p.outputs.logSumExp = true;
  p.o = {1 << 20, 2048, 128};
  Kernel k = kernelWith({{Kind::Scale},
                         mapOf(Operand::K),
                         {Kind::Size, Operand::K, 1},
                         {Kind::Stride, Operand::O, 0},
                         {Kind::Window},
                         {Kind::Pointer, Operand::LogSumExp},
                         {Kind::GridSize, Operand::Q, 0},
                         {Kind::GridSize, Operand::Q, 1},
                         {Kind::GridSize, Operand::Q, 2},
                         {Kind::Stride, Operand::LogSumExp, 0},
                         {Kind::Size, Operand::Q, 3},
                         {Kind::Size, Operand::Q, 2, {}, true},
                         {Kind::GridSize, Operand::Q, 0, {}, true}},
                        {4, 128, 4, 8, 4, 8, 4, 4, 4, 8, 4, 8, 8});
  LaunchPlan made = plan(p, k);
  ASSERT_TRUE(made.launch(pointers, nullptr));
  EXPECT_EQ(parameter<float>(0), -0.3f);
  EXPECT_EQ(parameter<TensorMap>(1).words[0],
            reinterpret_cast<uintptr_t>(pointers[size_t(Operand::K)]));
  EXPECT_EQ(parameter<TensorMap>(1).words[15], 15u);
  EXPECT_EQ(parameter<int32_t>(2), 500);
  EXPECT_EQ(parameter<int64_t>(3), 1 << 20);
  EXPECT_EQ(parameter<int32_t>(4), 77);
  EXPECT_EQ(parameter<void *>(5), pointers[size_t(Operand::LogSumExp)]);
  EXPECT_EQ(parameter<int32_t>(6), 3);
  EXPECT_EQ(parameter<int32_t>(7), 8);
  EXPECT_EQ(parameter<int32_t>(8), 2);
  EXPECT_EQ(parameter<int64_t>(9), 300 * 8);
  EXPECT_EQ(parameter<int32_t>(10), 128);
  EXPECT_EQ(parameter<int64_t>(11), reciprocalOf(8));
  EXPECT_EQ(parameter<int64_t>(12), reciprocalOf(3));
}

// A kernel that waits for earlier launches itself starts before they end.
TEST_F(LaunchPlanTest, StartsWhileOthersEnd) {
  for (bool awaits : {false, true})
    for (bool wanted : {false, true}) {
      auto made = image();
      made->awaitsGrids = awaits;
      cuda.parameterBytes = {};
      LaunchPlanOptions options;
      options.programmaticLaunch = wanted;
      Result<LaunchPlan> p =
          LaunchPlan::create(prefill(), kernel(made), options);
      ASSERT_TRUE(p) << p.error().message;
      ASSERT_TRUE(p->launch(pointers, nullptr));
      EXPECT_EQ(cuda.launches.back().isProgrammatic, awaits && wanted);
    }
  EXPECT_TRUE(LaunchPlanOptions().programmaticLaunch);
}

// A problem that appends nothing has no new tokens, one without pages no table.
TEST_F(LaunchPlanTest, NothingIsDividedByNothing) {
  for (Operand operand : {Operand::NewK, Operand::BlockTable})
    EXPECT_THAT(
        planError(prefill(),
                  kernelWith({{Kind::Size, operand, 1, {}, true}}, {8})),
        HasSubstr("sizes of at least 1"));
}

TEST_F(LaunchPlanTest, TooManyPairsOfHeads) {
  Problem p = prefill();
  p.queryHeads = 1 << 17, p.kvHeads = 1 << 15;
  p.q = p.r = p.k = p.v = p.o = {};
  EXPECT_THAT(planError(p, kernelWith({}, {})), HasSubstr("split the heads"));
}

TEST_F(LaunchPlanTest, MapsAreEncodedOnce) {
  LaunchPlan p =
      plan(prefill(),
           kernelWith({mapOf(Operand::K), mapOf(Operand::V)}, {128, 128}));
  for (int i = 0; i < 3; ++i)
    ASSERT_TRUE(p.launch(pointers, nullptr));
  EXPECT_EQ(cuda.encodings.size(), 2u);
  pointers[size_t(Operand::V)] = pointer(0xabc00);
  ASSERT_TRUE(p.launch(pointers, nullptr));
  EXPECT_EQ(parameter<TensorMap>(0).words[0], 0x30000u);
  EXPECT_EQ(parameter<TensorMap>(1).words[0], 0xabc00u);
  pointers[size_t(Operand::V)] = pointer(0x40000);
  ASSERT_TRUE(p.launch(pointers, nullptr));
  EXPECT_EQ(parameter<TensorMap>(1).words[0], 0x40000u);
}

TEST_F(LaunchPlanTest, WrongPointers) {
  Problem p = prefill();
  p.outputs.d1 = true;
  LaunchPlan made =
      plan(p, kernelWith({mapOf(Operand::Q), {Kind::Pointer, Operand::D1}},
                         {128, 8}));
  struct {
    Operand operand;
    uintptr_t address;
    const char *says;
  } cases[] = {
      {Operand::Q, 0, "expected a device pointer of q, got null"},
      {Operand::Q, 0x1008, "expected q at a multiple of 16 bytes, got 0x1008"},
      {Operand::D1, 0, "expected a device pointer of d1, got null"},
      {Operand::D1, 0x1002, "expected d1 at a multiple of 4 bytes"},
  };
  for (const auto &test : cases) {
    LaunchPlan::Pointers wrong = pointers;
    wrong[size_t(test.operand)] = pointer(test.address);
    Result<void> ok = made.launch(wrong, nullptr);
    ASSERT_FALSE(ok);
    EXPECT_EQ(ok.error().code, ErrorCode::InvalidArgument);
    EXPECT_THAT(ok.error().message, HasSubstr(test.says));
  }
  EXPECT_TRUE(cuda.launches.empty());
  // What the kernel does not use is not looked at.
  pointers[size_t(Operand::TBar)] = nullptr;
  EXPECT_TRUE(made.launch(pointers, nullptr));
}

// They are read 16 bytes at a time, without a map that would say so.
TEST_F(LaunchPlanTest, NewTokensAreAligned) {
  Problem problem = prefill();
  problem.kind = ProblemKind::Decode;
  problem.queryLength = 1;
  problem.newLength = 3;
  problem = withDefaultStrides(problem);
  const Kernel kernel = kernelWith({{Kind::Pointer, Operand::NewK}}, {8});
  LaunchPlan p = plan(problem, kernel);
  auto &address = pointers[static_cast<size_t>(Operand::NewK)];
  EXPECT_TRUE(p.launch(pointers, nullptr));
  address = pointer(0x1008);
  Result<void> ok = p.launch(pointers, nullptr);
  ASSERT_FALSE(ok);
  EXPECT_THAT(ok.error().message, HasSubstr("new_k at a multiple of 16 bytes"));
  problem.newK.length += 4;
  EXPECT_THAT(planError(problem, kernel),
              HasSubstr("length stride of new_k that is a multiple of 16"));
}

// Threads copy the rows of small pages, 16 bytes each.
TEST_F(LaunchPlanTest, RowsOfPagesAreAligned) {
  Problem problem = prefill();
  problem.kind = ProblemKind::Decode;
  problem.queryLength = 1;
  problem.pageSize = 2;
  problem.pages = 64;
  problem.k = problem.v = Strides();
  problem = withDefaultStrides(problem);
  const Kernel kernel = kernelWith({{Kind::Pointer, Operand::V}}, {8});
  LaunchPlan p = plan(problem, kernel);
  auto &address = pointers[static_cast<size_t>(Operand::V)];
  EXPECT_TRUE(p.launch(pointers, nullptr));
  address = pointer(0x1008);
  Result<void> ok = p.launch(pointers, nullptr);
  ASSERT_FALSE(ok);
  EXPECT_THAT(ok.error().message, HasSubstr("v at a multiple of 16 bytes"));
  problem.v.length += 4;
  problem.v.batch += 8;
  EXPECT_THAT(planError(problem, kernel),
              HasSubstr("length stride of v that is a multiple of 16"));
}

TEST_F(LaunchPlanTest, WrongProblems) {
  Problem p = prefill();
  p.batch = kDynamic;
  EXPECT_THAT(planError(p, kernelWith({}, {})), HasSubstr("batch"));
  p = prefill();
  p.q.length = 1025;
  EXPECT_THAT(planError(p, kernelWith({mapOf(Operand::Q)}, {128})),
              HasSubstr("length stride of q"));
  p = prefill();
  EXPECT_THAT(planError(p, kernelWith({{Kind::Window}}, {4})),
              HasSubstr("window"));
  EXPECT_THAT(planError(p, kernelWith({{Kind::Pointer, Operand::TBar}}, {8})),
              HasSubstr("a problem with tbar"));
  EXPECT_THAT(planError(p, kernelWith({{Kind::Size, Operand::K, 4}}, {4})),
              HasSubstr("dimension below 4, got 4"));
  EXPECT_THAT(planError(p, kernelWith({{Kind::Stride, Operand::D1, 3}}, {8})),
              HasSubstr("dimension below 3, got 3"));
  p.batch = 1 << 20;
  p.queryLength = 1 << 20;
  p.q = p.r = p.k = p.v = p.o = Strides();
  EXPECT_THAT(planError(p, kernelWith({}, {})),
              HasSubstr("8192 query tiles x 8 heads x 1048576 batches"));
  std::vector<KernelParameter> many(129, {Kind::Scale});
  EXPECT_THAT(planError(prefill(), kernelWith(many, {})),
              HasSubstr("at most 128 parameters"));
  std::vector<KernelParameter> large(33, mapOf(Operand::Q));
  EXPECT_THAT(planError(prefill(), kernelWith(large, {})),
              HasSubstr("4096 bytes"));
}

TEST_F(LaunchPlanTest, AbsentStridesAreContiguous) {
  Problem p = prefill();
  p.q = p.r = p.k = p.v = p.o = Strides();
  EXPECT_EQ(plan(p, kernelWith({}, {})).problem(), prefill());
}

// A serving thread may have another context, or none: the kernel's is used.
TEST_F(LaunchPlanTest, LaunchesInTheKernelsContext) {
  LaunchPlan p = plan(prefill(), kernelWith({}, {}));
  fake::setCurrent(fake::context(3));
  ASSERT_TRUE(p.launch(pointers, nullptr));
  EXPECT_EQ(cuda.launches.back().context, fake::context(0));
  EXPECT_EQ(fake::current(), fake::context(3));
}

// Of the driver a launch uses nothing that a capture forbids.
TEST_F(LaunchPlanTest, LaunchesOnlyLaunch) {
  LaunchPlan p = plan(prefill(), kernelWith({mapOf(Operand::K)}, {128}));
  cuda.calls.clear();
  ASSERT_TRUE(p.launch(pointers, nullptr));
  for (const auto &[symbol, count] : cuda.calls)
    EXPECT_THAT(symbol, testing::AnyOf("cuCtxGetCurrent", "cuCtxPushCurrent_v2",
                                       "cuCtxPopCurrent_v2", "cuLaunchKernelEx",
                                       "cuTensorMapEncodeTiled"));
}

TEST_F(LaunchPlanTest, ADriverThatRefuses) {
  LaunchPlan p = plan(prefill(), kernelWith({}, {}));
  cuda.failures["cuLaunchKernelEx"] = 1;
  Result<void> ok = p.launch(pointers, nullptr);
  ASSERT_FALSE(ok);
  EXPECT_EQ(ok.error().code, ErrorCode::DriverFailed);
  EXPECT_THAT(ok.error().message, HasSubstr("cuLaunchKernelEx"));
}

TEST_F(LaunchPlanTest, ManyThreadsShareAPlan) {
  LaunchPlan p =
      plan(prefill(),
           kernelWith({mapOf(Operand::K), mapOf(Operand::V)}, {128, 128}));
  constexpr uintptr_t count = 8;
  std::vector<std::thread> threads;
  threads.reserve(count);
  for (uintptr_t t = 0; t < count; ++t)
    threads.emplace_back([&, t] {
      LaunchPlan::Pointers mine = pointers;
      mine[size_t(Operand::K)] = mine[size_t(Operand::V)] =
          pointer(0x1000 * (t + 1));
      for (int i = 0; i < 200; ++i)
        ASSERT_TRUE(p.launch(mine, nullptr));
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(cuda.launches.size(), 1600u);
  for (const fake::Launch &launch : cuda.launches)
    EXPECT_EQ(launch.parameters[0], launch.parameters[1]);
}

// Host time of a launch whose pointers are known, the fake driver's included,
// and of a new plan. The bounds are far above what is measured, which is
// printed.
TEST_F(LaunchPlanTest, IsQuick) {
  Kernel k = kernelWith({mapOf(Operand::Q),
                         mapOf(Operand::R),
                         mapOf(Operand::K),
                         mapOf(Operand::V),
                         mapOf(Operand::O),
                         {Kind::Scale}},
                        {});
  cuda.recordsLaunches = false;
  fake::setCurrent(fake::context(0));
  using Clock = std::chrono::steady_clock;
  auto best = [](auto call) {
    double least = 1e9;
    for (int i = 0; i < 1000; ++i) {
      auto begin = Clock::now();
      call();
      std::chrono::duration<double, std::micro> time = Clock::now() - begin;
      least = std::min(least, time.count());
    }
    return least;
  };
  double planning = best([&] { plan(prefill(), k); });
  LaunchPlan p = plan(prefill(), k);
  double launching = best([&] { ASSERT_TRUE(p.launch(pointers, nullptr)); });
  std::printf("plan %.2f us, launch %.2f us\n", planning, launching);
  EXPECT_LT(planning, 20);
  EXPECT_LT(launching, 3);
}

//===----------------------------------------------------------------------===//
// Workspaces
//===----------------------------------------------------------------------===//
