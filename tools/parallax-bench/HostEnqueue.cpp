//===- HostEnqueue.cpp - What a launch costs beside the driver's part -----===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Batches of launches of one small problem, as a user enqueues them and as the
// driver alone does with parameters prepared beforehand, in turn. A batch is
// shorter than the driver's queue, and is waited for outside of the clock. The
// second set of pointers makes every launch encode its tensor maps anew.
//
//===----------------------------------------------------------------------===//

#include "lib/Data/OperandShape.h"
#include "runtime/Cuda/DeviceBuffer.h"
#include "runtime/Cuda/LaunchPlan.h"
#include "tools/parallax-bench/HostCosts.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <functional>
#include <optional>

namespace parallax::tools {

namespace {

constexpr int kBatch = 200;
constexpr int kBatches = 51;

/// Everything a launch needs.
struct Setup {
  std::optional<Context> context;
  std::optional<ContextScope> scope;
  std::vector<DeviceBuffer> buffers;
  std::array<Arguments, 2> sets;
  std::optional<Plan> plan;
  std::optional<LaunchPlan> bare;
  std::array<LaunchFrame, 2> frames;
  StreamHandle stream = nullptr;

  ~Setup() {
    if (stream)
      context->driver()->streamDestroy(stream);
  }
  Result<void> prepare(const HostOptions &options);
  /// Microseconds of each launch.
  Result<double>
  time(const std::function<Result<void>(int launch)> &enqueue) const;
};

Result<void> Setup::prepare(const HostOptions &options) {
  Result<Driver> driver = Driver::load();
  if (!driver)
    return driver.error();
  Result<Context> acquired = Context::acquire(*driver, options.device);
  if (!acquired)
    return acquired.error();
  context = *acquired;
  scope.emplace(*context);
  if (Result<void> ok = scope->status(); !ok)
    return ok;
  JitOptions jitOptions;
  jitOptions.target = options.target;
  jitOptions.device = options.device;
  jitOptions.schedule = options.schedule;
  jitOptions.allowSpills = true; // As proposed, but for another problem.
  Result<Jit> jit = Jit::create(jitOptions);
  if (!jit)
    return jit.error();
  // A launch that takes the device less time than it takes to enqueue.
  Problem problem = options.problem;
  problem.queryHeads /= problem.kvHeads;
  problem.batch = problem.kvHeads = 1;
  problem.queryLength =
      problem.kind == ProblemKind::Decode ? problem.queryLength : 64;
  problem.keyLength = std::max<int64_t>(64, problem.pageSize);
  problem.pages = problem.isPaged() ? problem.pagesPerSequence() : kDynamic;
  problem.blockTableStride = kDynamic;
  problem.usedLengths = false;
  problem = withDefaultStrides(problem);
  Result<Plan> made = jit->plan(problem);
  if (!made)
    return made.error();
  plan = std::move(*made);
  Result<Kernel> kernel = Kernel::load(
      *context, std::make_shared<const KernelImage>(*plan->image()));
  if (!kernel)
    return kernel.error();
  Result<LaunchPlan> launch = LaunchPlan::create(problem, *kernel);
  if (!launch)
    return launch.error();
  bare = std::move(*launch);
  for (size_t set = 0; set < sets.size(); ++set) {
    for (int i = 0; i < kNumOperands; ++i) {
      const auto operand = static_cast<Operand>(i);
      if (!hasOperand(problem, operand))
        continue;
      const OperandShape shape = OperandShape::of(problem, operand);
      const std::vector<uint8_t> zeros(shape.sizes[0] * shape.strides[0] *
                                       shape.elementBytes);
      Result<DeviceBuffer> buffer =
          DeviceBuffer::copyOf(*context, zeros.data(), zeros.size());
      if (!buffer)
        return buffer.error();
      sets[set][operand] = buffers.emplace_back(std::move(*buffer)).data();
    }
    if (Result<void> ok = bare->fill(sets[set].pointers, frames[set]); !ok)
      return ok;
  }
  return driver->check("cuStreamCreate", (*driver)->streamCreate(&stream, 1));
}

Result<double>
Setup::time(const std::function<Result<void>(int launch)> &enqueue) const {
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < kBatch; ++i)
    if (Result<void> ok = enqueue(i); !ok)
      return ok.error();
  const std::chrono::duration<double, std::micro> taken =
      std::chrono::steady_clock::now() - begin;
  const Driver &driver = context->driver();
  if (Result<void> ok =
          driver.check("cuCtxSynchronize", driver->contextSynchronize());
      !ok)
    return ok.error();
  return taken.count() / kBatch;
}

Result<void> measure(const HostOptions &options, HostCost &driverAlone,
                     HostCost &same, HostCost &rotating) {
  Setup setup;
  if (Result<void> ok = setup.prepare(options); !ok)
    return ok;
  auto bare = [&](int sets) {
    return setup.time([&](int launch) {
      return setup.context->driver().check(
          "cuLaunchKernelEx",
          setup.bare->start(setup.frames[launch % sets], setup.stream));
    });
  };
  auto whole = [&](int sets) {
    return setup.time([&](int launch) {
      return setup.plan->launch(setup.sets[launch % sets], setup.stream);
    });
  };
  for (int batch = -1; batch < kBatches; ++batch)
    for (int sets : {1, 2}) {
      Result<double> without = bare(sets);
      if (!without)
        return without.error();
      Result<double> with = whole(sets);
      if (!with)
        return with.error();
      if (batch < 0)
        continue; // Warms up.
      if (sets == 1)
        driverAlone.time.add(*without);
      (sets == 1 ? same : rotating).time.add(*with - *without);
    }
  return {};
}

} // namespace

std::vector<HostCost> measureEnqueue(const HostOptions &options) {
  HostCost driver = {"the driver's own launch", "us", {}, ""};
  HostCost same = {"a launch beyond it, same pointers", "us", {}, ""};
  HostCost rotating = {"a launch beyond it, other pointers", "us", {}, ""};
  if (options.target == Target::Cpu)
    driver.absent = same.absent = rotating.absent = "the CPU has no driver";
  else if (Result<void> ok = measure(options, driver, same, rotating); !ok)
    driver.absent = same.absent = rotating.absent = ok.error().message;
  return {driver, same, rotating};
}

} // namespace parallax::tools
