//===- WorkspaceTest.cpp - The memory that CTAs share ---------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Data/Workspace.h"

#include "test/Unit/Runtime/LaunchPlanTest.h"

using namespace parallax;
using testing::ElementsAre;
using testing::HasSubstr;
using Kind = KernelParameter::Kind;

namespace {

struct WorkspaceTest : LaunchPlanTest {
  Problem problem() {
    Problem p;
    p.kind = ProblemKind::Decode;
    p.batch = p.queryLength = 1;
    p.keyLength = 4096;
    p.queryHeads = p.kvHeads = 8;
    return withDefaultStrides(p);
  }
  /// A plan of a kernel that gets the tickets and the first piece behind them.
  LaunchPlan splitPlan(const LaunchPlanOptions &options = {},
                       int32_t cluster = 0) {
    auto made = image();
    made->parameters = {{Kind::Workspace, Operand::Q, 0},
                        {Kind::Workspace, Operand::Q, 1},
                        {Kind::GridSize, Operand::Q, 3}};
    made->splitKeys = 64;
    made->cluster = cluster;
    made->awaitsGrids = true;
    cuda.parameterBytes = {8, 8, 4};
    Result<LaunchPlan> plan =
        LaunchPlan::create(problem(), kernel(made), options);
    EXPECT_TRUE(plan) << plan.error().message;
    return *plan;
  }
  uintptr_t launchOn(const LaunchPlan &plan, uintptr_t stream,
                     const WorkspaceMemory &memory = {}) {
    Result<void> ok = plan.launch(pointers, pointer(stream), memory);
    EXPECT_TRUE(ok) << ok.error().message;
    return parameter<uintptr_t>(0);
  }
};

} // namespace

// CTAs that share keys lie in the grid's second dimension.
TEST_F(WorkspaceTest, GridOfSplits) {
  LaunchPlan plan = splitPlan({.splits = 5});
  EXPECT_EQ(plan.cluster(), 1);
  launchOn(plan, 0x10);
  EXPECT_THAT(cuda.launches.back().grid, ElementsAre(8, 5, 1));
  EXPECT_THAT(cuda.launches.back().cluster, ElementsAre(1, 1, 1));
}

// They need no workspace if they are a cluster.
TEST_F(WorkspaceTest, ClustersNeedNone) {
  LaunchPlan plan = splitPlan({.splits = 4}, 8);
  EXPECT_EQ(plan.cluster(), 4);
  EXPECT_EQ(plan.workspaceBytes(), 0u);
  EXPECT_EQ(launchOn(plan, 0x10), 0u);
  EXPECT_THAT(cuda.launches.back().grid, ElementsAre(8, 4, 1));
  EXPECT_THAT(cuda.launches.back().block, ElementsAre(384, 1, 1));
  EXPECT_THAT(cuda.launches.back().cluster, ElementsAre(1, 4, 1));
  EXPECT_TRUE(cuda.launches.back().isProgrammatic);
  cuda.failures["cuLaunchKernelEx"] = 1;
  Result<void> ok = plan.launch(pointers, pointer(0x10));
  ASSERT_FALSE(ok);
  EXPECT_THAT(ok.error().message, HasSubstr("cuLaunchKernelEx"));
  EXPECT_EQ(splitPlan({.batchInvariant = true}, 8).cluster(), 1);
}

TEST_F(WorkspaceTest, EachStreamHasOne) {
  LaunchPlan plan = splitPlan();
  EXPECT_GT(plan.splits(), 1);
  EXPECT_EQ(plan.gridSize(), 8u * plan.splits());
  const uintptr_t first = launchOn(plan, 0x10), second = launchOn(plan, 0x20);
  EXPECT_NE(first, second);
  EXPECT_EQ(parameter<int32_t>(2), plan.splits());
  EXPECT_EQ(parameter<uintptr_t>(1) - parameter<uintptr_t>(0), 4u * 65536);
  const int allocations = cuda.calls["cuMemAlloc_v2"];
  EXPECT_EQ(launchOn(plan, 0x10), first);
  EXPECT_EQ(launchOn(plan, 0x20), second);
  EXPECT_EQ(cuda.calls["cuMemAlloc_v2"], allocations);
  // Its tickets are zero.
  const auto *tickets = reinterpret_cast<const int32_t *>(first);
  EXPECT_EQ(std::count(tickets, tickets + 65536, 0), 65536);
}

// A graph may run beside the stream that it was captured on.
TEST_F(WorkspaceTest, ACaptureHasItsOwn) {
  LaunchPlan plan = splitPlan();
  const uintptr_t eager = launchOn(plan, 0x10);
  cuda.captureId = 7;
  const uintptr_t captured = launchOn(plan, 0x10);
  EXPECT_NE(captured, eager);
  EXPECT_EQ(launchOn(plan, 0x10), captured);
  cuda.captureId = 8;
  EXPECT_NE(launchOn(plan, 0x10), captured);
  cuda.captureId = 0;
  EXPECT_EQ(launchOn(plan, 0x10), eager);
}

TEST_F(WorkspaceTest, TheCallersIsTaken) {
  LaunchPlan plan = splitPlan();
  const int allocations = cuda.calls["cuMemAlloc_v2"];
  const size_t bytes = plan.workspaceBytes();
  EXPECT_EQ(launchOn(plan, 0x10, {pointer(0x100000), bytes}), 0x100000u);
  EXPECT_EQ(cuda.calls["cuMemAlloc_v2"], allocations);
  const size_t launches = cuda.launches.size();
  for (WorkspaceMemory wrong : {WorkspaceMemory{pointer(0x100000), bytes - 1},
                                WorkspaceMemory{pointer(0x100010), bytes}}) {
    Result<void> refused = plan.launch(pointers, nullptr, wrong);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message,
                HasSubstr("at a multiple of 256, got"));
  }
  EXPECT_EQ(cuda.launches.size(), launches);
}

TEST_F(WorkspaceTest, TheCallersIsCleared) {
  constexpr size_t tickets = 65536;
  std::vector<uint32_t> memory(tickets + 1000, 7);
  void *data = memory.data();
  data = reinterpret_cast<void *>((uintptr_t(data) + 255) / 256 * 256);
  auto *first = static_cast<uint32_t *>(data);
  LaunchPlan plan = splitPlan();
  const size_t bytes = plan.workspaceBytes();
  ASSERT_GT(bytes, 4 * tickets);
  // Its memory is looked at only where tickets lie.
  Result<void> ok = plan.clearWorkspace({data, bytes}, pointer(0x10));
  ASSERT_TRUE(ok) << ok.error().message;
  EXPECT_EQ(std::count(first, first + tickets, 0u), int64_t(tickets));
  EXPECT_EQ(first[tickets], 7u);
  EXPECT_EQ(fake::current(), nullptr);

  for (WorkspaceMemory wrong :
       {WorkspaceMemory{data, bytes - 1}, WorkspaceMemory{first + 1, bytes},
        WorkspaceMemory{nullptr, bytes}, WorkspaceMemory{}}) {
    Result<void> refused = plan.clearWorkspace(wrong, nullptr);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message,
                HasSubstr("at a multiple of 256, got"));
  }
  cuda.failures["cuMemsetD32Async"] = 700;
  Result<void> failed = plan.clearWorkspace({data, bytes}, nullptr);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::DriverFailed);
  cuda.failures.clear();

  // A plan that needs none clears that of others, but need not.
  LaunchPlan alone = splitPlan({false, 1});
  first[5] = 1;
  EXPECT_TRUE(alone.clearWorkspace({}, nullptr));
  EXPECT_TRUE(alone.clearWorkspace({data, 0}, nullptr));
  EXPECT_FALSE(alone.clearWorkspace({data, 4 * tickets - 1}, nullptr));
  EXPECT_EQ(first[5], 1u);
  EXPECT_TRUE(alone.clearWorkspace({data, 4 * tickets}, nullptr));
  EXPECT_EQ(first[5], 0u);
}

TEST_F(WorkspaceTest, OneSplitNeedsNone) {
  LaunchPlan plan = splitPlan({false, 1});
  EXPECT_EQ(plan.splits(), 1);
  EXPECT_EQ(plan.workspaceBytes(), 0u);
  EXPECT_EQ(launchOn(plan, 0x10), 0u);
  EXPECT_EQ(cuda.calls["cuStreamGetId"], 0);
}

TEST_F(WorkspaceTest, DriverFailuresAreErrors) {
  LaunchPlan plan = splitPlan();
  for (const char *call :
       {"cuMemAlloc_v2", "cuStreamCreate", "cuMemsetD32Async",
        "cuStreamSynchronize", "cuStreamGetId"}) {
    SCOPED_TRACE(call);
    cuda.failures[call] = 2;
    Result<void> refused = plan.launch(pointers, pointer(0x99));
    cuda.failures.clear();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::DriverFailed);
    EXPECT_TRUE(cuda.launches.empty());
  }
  EXPECT_TRUE(cuda.buffers.empty());
}
