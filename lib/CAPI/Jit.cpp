//===- Jit.cpp - Solving from C -------------------------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/CAPI/Support.h"

#include "parallax/Jit.h"
#include "parallax/Report.h"

#include <fmt/format.h>

#include <cstddef>

using namespace parallax;
using namespace parallax::capi;

struct plx_jit {
  Jit jit;
  std::string target;
};

struct plx_plan {
  Plan plan;
  std::string source, report;
};

static_assert(PLX_OPERAND_COUNT == kNumOperands);

static Result<JitOptions> readOptions(const plx_jit_options *given) {
  const plx_jit_options defaults = PLX_JIT_OPTIONS_INIT;
  Result<plx_jit_options> known = readStruct<plx_jit_options>(
      "options", given ? given : &defaults, defaults,
      offsetof(plx_jit_options, batch_invariant));
  if (!known)
    return known.error();
  JitOptions options;
  Result<Target> target = readTarget(known->target);
  if (!target)
    return target.error();
  options.target = *target;
  options.device = known->device;
  if (known->cpu_threads < 0)
    return wrong(fmt::format("expected cpu_threads to be 0 or more, got {}",
                             known->cpu_threads));
  options.cpuThreads = known->cpu_threads;
  if (known->cache_folder)
    options.cacheFolder = known->cache_folder;
  if (known->cache_bytes)
    options.cacheBytes = known->cache_bytes;
  options.neverCompile = known->never_compile != 0;
  options.allowSpills = known->allow_spills != 0;
  options.batchInvariant = known->batch_invariant != 0;
  options.splits = known->splits;
  options.programmaticLaunch = known->no_programmatic_launch == 0;
  Result<PinnedSchedules> pinned = readPinned(known->pinned);
  if (!pinned)
    return pinned.error();
  options.pinned = std::move(*pinned);
  if (known->on_compile)
    options.onCompile = [callback = known->on_compile,
                         user = known->user](std::string_view key) {
      callback(user, std::string(key).c_str());
    };
  if (known->on_log)
    options.onLog = [callback = known->on_log,
                     user = known->user](std::string_view message) {
      callback(user, std::string(message).c_str());
    };
  return options;
}

plx_status plxJitCreate(const plx_jit_options *given, plx_jit **out) {
  if (out)
    *out = nullptr;
  return guarded([&]() -> Result<void> {
    if (!out)
      return isNull("out");
    Result<JitOptions> options = readOptions(given);
    if (!options)
      return options.error();
    Result<Jit> jit = Jit::create(*options);
    if (!jit)
      return jit.error();
    *out = new plx_jit{std::move(*jit), std::string(toString(options->target))};
    return {};
  });
}

void plxJitDestroy(plx_jit *jit) { delete jit; }

plx_status plxJitPrepare(const plx_jit *jit, const plx_problem *problem) {
  return guarded([&]() -> Result<void> {
    if (!jit)
      return isNull("jit");
    Result<Problem> p = readProblem(problem);
    if (!p)
      return p.error();
    Result<KernelSource> source = jit->jit.prepare(*p);
    if (!source)
      return source.error();
    return {};
  });
}

static plx_status createPlan(const plx_jit *jit, const plx_problem *problem,
                             const PlanOptions &options, plx_plan **out) {
  if (out)
    *out = nullptr;
  return guarded([&]() -> Result<void> {
    if (!out)
      return isNull("out");
    if (!jit)
      return isNull("jit");
    Result<Problem> p = readProblem(problem);
    if (!p)
      return p.error();
    Result<Plan> plan = jit->jit.plan(*p, options);
    if (!plan)
      return plan.error();
    const std::string schedule = plan->schedule();
    Report report;
    report.target = jit->target;
    report.schedule = schedule;
    report.cache = toString(plan->source());
    report.image = plan->image();
    report.times = &plan->times();
    std::string json = toJson(report);
    std::string source(report.cache);
    *out = new plx_plan{std::move(*plan), std::move(source), std::move(json)};
    return {};
  });
}

plx_status plxPlanCreate(const plx_jit *jit, const plx_problem *problem,
                         plx_plan **out) {
  return createPlan(jit, problem, {}, out);
}

plx_status plxPlanCreateFor(const plx_jit *jit, const plx_problem *problem,
                            void *stream, plx_plan **out) {
  return createPlan(jit, problem, {.stream = stream}, out);
}

void plxPlanDestroy(plx_plan *plan) { delete plan; }

plx_status plxPlanLaunch(const plx_plan *plan, void *const *pointers,
                         size_t count, void *stream) {
  return plxPlanLaunchIn(plan, pointers, count, stream, nullptr, 0);
}

size_t plxPlanWorkspaceBytes(const plx_plan *plan) {
  return plan ? plan->plan.workspaceBytes() : 0;
}

plx_status plxPlanClearWorkspace(const plx_plan *plan, void *workspace,
                                 size_t workspaceBytes, void *stream) {
  return guarded([&]() -> Result<void> {
    if (!plan)
      return isNull("plan");
    return plan->plan.clearWorkspace(workspace, workspaceBytes, stream);
  });
}

plx_status plxPlanLaunchIn(const plx_plan *plan, void *const *pointers,
                           size_t count, void *stream, void *workspace,
                           size_t workspaceBytes) {
  return guarded([&]() -> Result<void> {
    if (!plan)
      return isNull("plan");
    if (!pointers)
      return isNull("pointers");
    if (count > kNumOperands)
      return wrong(fmt::format("expected at most {} pointers, got {}",
                               kNumOperands, count));
    Arguments arguments;
    std::copy_n(pointers, count, arguments.pointers.begin());
    arguments.workspace = workspace;
    arguments.workspaceBytes = workspaceBytes;
    return plan->plan.launch(arguments, stream);
  });
}

const char *plxPlanSource(const plx_plan *plan) {
  return plan ? plan->source.c_str() : "";
}

const char *plxPlanReport(const plx_plan *plan) {
  return plan ? plan->report.c_str() : "";
}
