//===- FaultTest.cpp - What is left of a kernel that dies -----------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A pointer that leads nowhere ends a decode after some of its CTAs have run,
// and with it all of CUDA in its process. Each call says so from then on,
// nothing hangs or crashes, and the process goes on without the device. A
// context of another process, one that was there before too, solves the same
// problem as ever. Skipped without a card.
//
//===----------------------------------------------------------------------===//

#include "parallax/Jit.h"
#include "runtime/Cuda/DeviceBuffer.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <cstdlib>
#include <list>
#include <optional>
#include <random>
#include <vector>

using namespace parallax;
using testing::HasSubstr;

namespace {

/// A context with a decode in it, whose keys are shared among CTAs.
class World {
public:
  Result<void> create(const Driver &driver) {
    Result<Context> acquired = Context::acquire(driver, 0);
    if (!acquired)
      return acquired.error();
    context = *acquired;
    if (Result<void> ok = context->supports("sm_90a"); !ok)
      return ok;
    scope.emplace(*context);
    Result<Jit> made = Jit::create({});
    if (!made)
      return made.error();
    jit = *made;
    problem.kind = ProblemKind::Decode;
    problem.batch = 16;
    problem.queryLength = 1;
    problem.keyLength = 3000;
    problem.queryHeads = 8;
    problem.kvHeads = 2;
    Result<Plan> planned = jit->plan(problem);
    if (!planned)
      return planned.error();
    plan = *planned;
    const size_t rows = 16 * 8 * 128, cache = 16 * 3000 * 2 * 128;
    for (auto [operand, size] : {std::pair(Operand::Q, rows),
                                 {Operand::R, rows},
                                 {Operand::K, cache},
                                 {Operand::V, cache},
                                 {Operand::O, rows}}) {
      std::vector<uint16_t> data(size);
      for (uint16_t &value : data) // bf16 of magnitude 2^-3 to 2^1.
        value = (engine() & 0x807f) | ((124 + engine() % 4) << 7);
      Result<DeviceBuffer> buffer =
          DeviceBuffer::copyOf(*context, data.data(), 2 * size);
      if (!buffer)
        return buffer.error();
      arguments[operand] = buffers.emplace_back(std::move(*buffer)).data();
    }
    return {};
  }

  Result<void> synchronize() const {
    const Driver &driver = context->driver();
    return driver.check("cuCtxSynchronize", driver->contextSynchronize());
  }

  Result<std::vector<uint16_t>> solve() {
    std::vector<uint16_t> o(16 * 8 * 128);
    if (Result<void> ok = plan->launch(arguments); !ok)
      return ok.error();
    if (Result<void> ok = synchronize(); !ok)
      return ok.error();
    if (Result<void> ok = buffers.back().copyToHost(o.data()); !ok)
      return ok.error();
    return o;
  }

  std::optional<Context> context;
  std::optional<ContextScope> scope;
  std::optional<Jit> jit;
  Problem problem;
  std::optional<Plan> plan;
  std::list<DeviceBuffer> buffers; ///< The last is o.
  Arguments arguments;
  std::mt19937 engine{1};
};

/// What every call says once a kernel has failed.
constexpr const char *kLost = "only a new process can use the device again";

/// Lets a kernel die, and exits with 0 if all goes as it should.
void die(const Driver &driver) {
  {
    World world;
    Result<void> ok = world.create(driver);
    ASSERT_TRUE(ok) << ok.error().message;
    // Only the last CTA of a tile writes there, when others have arrived.
    world.arguments[Operand::O] = reinterpret_cast<void *>(uintptr_t(1) << 20);
    Result<std::vector<uint16_t>> died = world.solve();
    ASSERT_FALSE(died);
    EXPECT_EQ(died.error().code, ErrorCode::DriverFailed);
    EXPECT_THAT(died.error().message, HasSubstr(kLost));

    // Right arguments don't help.
    world.arguments[Operand::O] = world.buffers.back().data();
    Result<void> again = world.plan->launch(world.arguments);
    ASSERT_FALSE(again);
    EXPECT_THAT(again.error().message, HasSubstr(kLost));
    Problem other = world.problem;
    other.headDim = 64;
    Result<Plan> plan = world.jit->plan(other);
    ASSERT_FALSE(plan);
    EXPECT_THAT(plan.error().message, HasSubstr(kLost));
  }
  // A driver that could make a new context would do.
  World next;
  if (Result<void> made = next.create(driver); !made)
    EXPECT_THAT(made.error().message, HasSubstr(kLost));
  else
    EXPECT_TRUE(next.solve());

  JitOptions options;
  options.target = Target::Cpu;
  Result<Jit> jit = Jit::create(options);
  ASSERT_TRUE(jit) << jit.error().message;
  Problem problem;
  problem.dtype = DType::F32;
  problem.batch = problem.queryLength = problem.keyLength = 1;
  problem.queryHeads = problem.kvHeads = 1;
  problem.headDim = 8;
  Result<Plan> plan = jit->plan(problem);
  ASSERT_TRUE(plan) << plan.error().message;
  std::vector<float> q(8, 1), v = {1, 2, 3, 4, 5, 6, 7, 8}, o(8);
  Arguments arguments;
  for (Operand operand : {Operand::Q, Operand::R, Operand::K})
    arguments[operand] = q.data();
  arguments[Operand::V] = v.data();
  arguments[Operand::O] = o.data();
  ASSERT_TRUE(plan->launch(arguments));
  EXPECT_EQ(o, v); // Of one key.
}

} // namespace

TEST(FaultTest, AKernelThatDiesEndsItsOwnProcessOnly) {
  Result<Driver> driver = Driver::load();
  if (!driver)
    GTEST_SKIP() << driver.error().message;
  World world;
  if (Result<void> ok = world.create(*driver); !ok)
    GTEST_SKIP() << ok.error().message;
  EXPECT_GT(world.plan->splits(), 1);
  Result<std::vector<uint16_t>> before = world.solve();
  ASSERT_TRUE(before) << before.error().message;
  // The program starts anew for it: a context is not to be forked.
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        die(*driver);
        std::exit(testing::Test::HasFailure());
      },
      testing::ExitedWithCode(0), "");
  for (int again = 0; again < 2; ++again) {
    Result<std::vector<uint16_t>> after = world.solve();
    ASSERT_TRUE(after) << after.error().message;
    EXPECT_EQ(*after, *before);
  }
  World next;
  Result<void> ok = next.create(*driver);
  ASSERT_TRUE(ok) << ok.error().message;
  Result<std::vector<uint16_t>> after = next.solve();
  ASSERT_TRUE(after) << after.error().message;
  EXPECT_EQ(*after, *before);
}
