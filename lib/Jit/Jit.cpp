//===- Jit.cpp - Solve attention problems ---------------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "parallax/Jit.h"

#include "lib/Jit/KernelStore.h"
#include "lib/Schedule/ProblemKey.h"
#include "lib/Schedule/Schedule.h"
#include "runtime/Cuda/LaunchPlan.h"

#include <fmt/format.h>

#include <algorithm>

using namespace parallax;

struct Jit::State {
  State(const JitOptions &options, std::optional<Context> context)
      : options(options), kernels(options, std::move(context)) {}

  const JitOptions options;
  KernelStore kernels;
};

struct Plan::State {
  Problem problem;
  KernelSource source;
  std::shared_ptr<const LoadedKernel> kernel;
  std::optional<LaunchPlan> cuda; ///< None on the CPU.
  int cpuThreads;
};

std::string_view parallax::toString(KernelSource source) {
  switch (source) {
  case KernelSource::Memory:
    return "memory";
  case KernelSource::Disk:
    return "disk";
  case KernelSource::Compiled:
    return "compiled";
  }
  return "unknown";
}

/// A row that is the same whatever else is in the batch has the same schedule
/// whatever else is in the batch.
static Result<void> checkInvariance(const JitOptions &options) {
  if (!options.batchInvariant)
    return {};
  for (const PinnedSchedule &entry : options.pinned.entries) {
    const Problem &p = entry.problem;
    if (entry.target == options.target && p.kind == ProblemKind::Decode &&
        p.batch != kDynamic)
      return Error{ErrorCode::InvalidArgument,
                   fmt::format("{}: expected schedules of decodes for any "
                               "batch beside batch invariance, got one for {}",
                               options.pinned.file, problemKey(p))};
  }
  return {};
}

Result<Jit> Jit::create(JitOptions options) {
  if (options.cpuThreads < 0)
    return Error{ErrorCode::InvalidArgument,
                 fmt::format("expected 0 or more CPU threads, got {}",
                             options.cpuThreads)};
  if (options.splits < 0)
    return Error{
        ErrorCode::InvalidArgument,
        fmt::format("expected 0 or more splits, got {}", options.splits)};
  if (Result<void> ok = checkInvariance(options); !ok)
    return ok.error();
  std::optional<Context> context;
  if (options.target == Target::Sm90a) {
    Result<Driver> driver = Driver::load();
    if (!driver)
      return driver.error();
    Result<Context> acquired = Context::acquire(*driver, options.device);
    if (!acquired)
      return acquired.error();
    if (Result<void> ok = acquired->supports(toString(options.target)); !ok)
      return ok.error();
    context = std::move(*acquired);
  }
  return Jit(std::make_shared<State>(options, std::move(context)));
}

Result<Plan> Jit::plan(const Problem &given, const PlanOptions &wanted) const {
  const Problem problem = withDefaultStrides(given);
  if (Result<void> ok = verifyForLaunch(problem); !ok)
    return ok.error();
  Result<KernelStore::Found> found = state->kernels.find(problem, wanted);
  if (!found)
    return found.error();
  auto plan = std::make_shared<Plan::State>(
      Plan::State{problem, found->source, found->kernel, std::nullopt,
                  state->options.cpuThreads});
  if (const auto *kernel = std::get_if<Kernel>(&found->kernel->kernel)) {
    LaunchPlanOptions options;
    options.batchInvariant = state->options.batchInvariant;
    options.splits = state->options.splits;
    options.programmaticLaunch = state->options.programmaticLaunch;
    Result<LaunchPlan> launch = LaunchPlan::create(problem, *kernel, options);
    if (!launch)
      return launch.error();
    plan->cuda = std::move(*launch);
  }
  return Plan(std::move(plan));
}

Result<KernelSource> Jit::prepare(const Problem &problem) const {
  if (Result<void> ok = verify(problem); !ok)
    return ok.error();
  // Some of its problems may have a schedule of their own.
  std::vector<Problem> examples = examplesOf(problem);
  for (const PinnedSchedule &entry : state->options.pinned.entries)
    if (std::optional<Problem> some = narrowed(problem, entry.problem);
        some && entry.target == state->options.target)
      examples.push_back(*some);
  KernelSource source = KernelSource::Memory;
  for (const Problem &example : examples) {
    Result<KernelStore::Found> found = state->kernels.find(example, {});
    if (!found)
      return found.error();
    source = std::max(source, found->source);
  }
  return source;
}

Result<void> Plan::launch(const Arguments &arguments, void *stream) const {
  if (state->cuda)
    return state->cuda->launch(arguments.pointers, stream,
                               {arguments.workspace, arguments.workspaceBytes});
  return std::get<CpuKernel>(state->kernel->kernel)
      .launch(state->problem, arguments.pointers, state->cpuThreads);
}

size_t Plan::workspaceBytes() const {
  return state->cuda ? state->cuda->workspaceBytes() : 0;
}
Result<void> Plan::clearWorkspace(void *workspace, size_t bytes,
                                  void *stream) const {
  return state->cuda ? state->cuda->clearWorkspace({workspace, bytes}, stream)
                     : Result<void>();
}
int64_t Plan::splits() const { return state->cuda ? state->cuda->splits() : 1; }
const Problem &Plan::problem() const { return state->problem; }
KernelSource Plan::source() const { return state->source; }
const KernelImage *Plan::image() const {
  return state->cuda ? &state->kernel->image() : nullptr;
}
std::string Plan::schedule() const { return state->kernel->image().schedule; }
const std::vector<PhaseTime> &Plan::times() const {
  static const std::vector<PhaseTime> none;
  return state->source == KernelSource::Compiled ? state->kernel->times : none;
}
