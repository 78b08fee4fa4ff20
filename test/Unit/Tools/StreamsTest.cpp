//===- StreamsTest.cpp - Decodes on several streams at once ---------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// CTAs of one launch meet in a workspace. That of another launch, on another
// stream or in a graph, must not be the same: each result must be bitwise that
// of a launch alone, again and again. Skipped without a card.
//
//===----------------------------------------------------------------------===//

#include "parallax/Jit.h"
#include "runtime/Cuda/DeviceBuffer.h"

#include "gtest/gtest.h"

#include <list>
#include <optional>
#include <random>
#include <vector>

using namespace parallax;

namespace {

constexpr int kThreadLocal = 1; ///< CUstreamCaptureMode.
constexpr unsigned kNonBlocking = 1;
/// A schedule whose CTAs, where they share keys, are no cluster.
constexpr const char *kTickets = "cluster=0";

class StreamsTest : public testing::Test {
protected:
  void SetUp() override {
    Result<Driver> found = Driver::load();
    if (!found)
      GTEST_SKIP() << found.error().message;
    driver = *found;
    Result<Context> acquired = Context::acquire(*driver, 0);
    ASSERT_TRUE(acquired) << acquired.error().message;
    context = *acquired;
    if (Result<void> ok = context->supports("sm_90a"); !ok)
      GTEST_SKIP() << ok.error().message;
    scope.emplace(*context);
  }

  DeviceBuffer *random(size_t elements) {
    std::vector<uint16_t> data(elements);
    for (uint16_t &value : data) // bf16 of magnitude 2^-3 to 2^1.
      value = (engine() & 0x807f) | ((124 + engine() % 4) << 7);
    Result<DeviceBuffer> buffer =
        DeviceBuffer::copyOf(*context, data.data(), 2 * elements);
    EXPECT_TRUE(buffer) << buffer.error().message;
    return &buffers.emplace_back(std::move(*buffer));
  }

  /// One decode, with tensors of its own.
  struct Work {
    std::optional<Plan> plan;
    Arguments arguments;
    DeviceBuffer *out = nullptr;
    std::vector<uint16_t> alone;
    StreamHandle stream = nullptr;
    GraphHandle graph = nullptr;
    ExecutableGraphHandle executable = nullptr;
  };

  Work make(const Jit &jit, int64_t batch, int64_t keys,
            const char *schedule = "") {
    Problem p;
    p.kind = ProblemKind::Decode;
    p.batch = batch;
    p.queryLength = 1;
    p.keyLength = keys;
    p.queryHeads = 8;
    p.kvHeads = 2;
    Work work;
    Result<Plan> plan = jit.plan(p, {.schedule = schedule});
    EXPECT_TRUE(plan) << plan.error().message;
    work.plan = *plan;
    EXPECT_GT(work.plan->splits(), 1);
    const size_t rows = batch * 8 * 128, cache = batch * keys * 2 * 128;
    for (auto [operand, size] : {std::pair(Operand::Q, rows),
                                 {Operand::R, rows},
                                 {Operand::K, cache},
                                 {Operand::V, cache},
                                 {Operand::O, rows}}) {
      DeviceBuffer *buffer = random(size);
      work.arguments[operand] = buffer->data();
      work.out = buffer;
    }
    EXPECT_EQ((*driver)->streamCreate(&work.stream, kNonBlocking), 0);
    EXPECT_TRUE(work.plan->launch(work.arguments, work.stream));
    work.alone = read(work);
    return work;
  }

  std::vector<uint16_t> read(const Work &work) {
    EXPECT_EQ((*driver)->contextSynchronize(), 0);
    std::vector<uint16_t> values(work.out->size() / 2);
    Result<void> ok = work.out->copyToHost(values.data());
    EXPECT_TRUE(ok) << ok.error().message;
    return values;
  }

  void capture(Work &work) {
    ASSERT_EQ((*driver)->streamBeginCapture(work.stream, kThreadLocal), 0);
    Result<void> ok = work.plan->launch(work.arguments, work.stream);
    ASSERT_EQ((*driver)->streamEndCapture(work.stream, &work.graph), 0);
    ASSERT_TRUE(ok) << ok.error().message;
    ASSERT_EQ((*driver)->graphInstantiate(&work.executable, work.graph, 0), 0);
  }

  std::optional<Driver> driver;
  std::optional<Context> context;
  std::optional<ContextScope> scope;
  std::list<DeviceBuffer> buffers;
  std::mt19937 engine{1};
};

} // namespace

TEST_F(StreamsTest, EagerAndGraphsAtOnce) {
  JitOptions options;
  Result<Jit> jit = Jit::create(options);
  ASSERT_TRUE(jit) << jit.error().message;
  // Of one plan twice, so that launches differ in their stream only.
  // They join by tickets, the third in clusters.
  Work works[] = {make(*jit, 1, 4000, kTickets), make(*jit, 1, 4000, kTickets),
                  make(*jit, 3, 900)};
  for (Work &work : works)
    capture(work);
  for (int round = 0; round < 200; ++round) {
    for (int again = 0; again < 4; ++again)
      for (size_t i = 0; i < std::size(works); ++i) {
        Work &work = works[i], &other = works[(i + 1) % std::size(works)];
        ASSERT_TRUE(work.plan->launch(work.arguments, work.stream));
        // Of the other's work, on its own stream: the two write the same.
        ASSERT_EQ((*driver)->graphLaunch(other.executable, other.stream), 0);
      }
    for (Work &work : works)
      ASSERT_EQ(read(work), work.alone) << "round " << round;
  }
  // A graph runs on any stream, beside what it was captured on.
  for (int round = 0; round < 200; ++round) {
    ASSERT_TRUE(works[0].plan->launch(works[0].arguments, works[0].stream));
    ASSERT_EQ((*driver)->graphLaunch(works[0].executable, works[1].stream), 0);
    ASSERT_EQ((*driver)->graphLaunch(works[1].executable, works[2].stream), 0);
    for (Work &work : works)
      ASSERT_EQ(read(work), work.alone) << "round " << round;
  }
  for (Work &work : works) {
    (*driver)->executableGraphDestroy(work.executable);
    (*driver)->graphDestroy(work.graph);
    (*driver)->streamDestroy(work.stream);
  }
}

// Memory that another kernel or an aborted launch has left is a workspace once
// it is cleared.
TEST_F(StreamsTest, ADirtyWorkspaceIsCleared) {
  Result<Jit> jit = Jit::create({});
  ASSERT_TRUE(jit) << jit.error().message;
  Work work = make(*jit, 2, 4000, kTickets);
  const size_t bytes = work.plan->workspaceBytes();
  Result<DeviceBuffer> memory = DeviceBuffer::copyOf(
      *context, std::vector<int32_t>(bytes / 4, 1).data(), bytes);
  ASSERT_TRUE(memory) << memory.error().message;
  work.arguments.workspace = memory->data();
  work.arguments.workspaceBytes = bytes;
  // Of each tile one CTA seems to have arrived already: another than the last
  // to come merges, before all parts are there.
  ASSERT_TRUE(work.plan->launch(work.arguments, work.stream));
  EXPECT_EQ((*driver)->contextSynchronize(), 0);
  for (int again = 0; again < 3; ++again) {
    Result<void> ok =
        again ? Result<void>()
              : work.plan->clearWorkspace(memory->data(), bytes, work.stream);
    ASSERT_TRUE(ok) << ok.error().message;
    const std::vector<uint8_t> garbage(work.out->size(), 0xff);
    ASSERT_TRUE(work.out->copyFromHost(garbage.data()));
    ASSERT_TRUE(work.plan->launch(work.arguments, work.stream));
    EXPECT_EQ(read(work), work.alone);
  }
  (*driver)->streamDestroy(work.stream);
}

// What a row becomes does not depend on what else is in the batch.
TEST_F(StreamsTest, BatchInvariant) {
  JitOptions options;
  options.batchInvariant = true;
  Result<Jit> jit = Jit::create(options);
  ASSERT_TRUE(jit) << jit.error().message;
  Work large = make(*jit, 3, 2000);
  Problem one = large.plan->problem();
  one.batch = 1;
  Result<Plan> plan = jit->plan(one);
  ASSERT_TRUE(plan) << plan.error().message;
  DeviceBuffer *out = random(8 * 128);
  for (int64_t b = 0; b < 3; ++b) {
    Arguments arguments;
    for (auto [operand, size] : {std::pair(Operand::Q, 8 * 128),
                                 {Operand::R, 8 * 128},
                                 {Operand::K, 2000 * 2 * 128},
                                 {Operand::V, 2000 * 2 * 128}})
      arguments[operand] =
          static_cast<uint16_t *>(large.arguments[operand]) + b * size;
    arguments[Operand::O] = out->data();
    ASSERT_TRUE(plan->launch(arguments, large.stream));
    Work single;
    single.out = out;
    const std::vector<uint16_t> got = read(single);
    ASSERT_EQ(got, std::vector<uint16_t>(large.alone.begin() + b * 1024,
                                         large.alone.begin() + (b + 1) * 1024));
  }
  (*driver)->streamDestroy(large.stream);
}
