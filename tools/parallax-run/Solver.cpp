//===- Solver.cpp - What solves the case ----------------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/parallax-run/Solver.h"

#include "tools/CommandLine/Tool.h"
#include "tools/Runner/SimMachine.h"

#include <fmt/format.h>

#include <limits>

using namespace parallax;
using namespace parallax::tools;

namespace {

/// What both kinds of solver take.
struct Common {
  int64_t splits = 0;
  PinnedSchedules pinned;
};

Result<Common> readCommon(const Options &options) {
  Common common;
  Result<int64_t> splits =
      parseInteger("--splits", options.splits, 0, 1'000'000);
  if (!splits)
    return splits.error();
  common.splits = *splits;
  if (options.pinned.empty())
    return common;
  Result<PinnedSchedules> pinned = readPinnedSchedules(options.pinned);
  if (!pinned)
    return pinned.error();
  common.pinned = std::move(*pinned);
  return common;
}

Result<Solver> makeSimulator(const Options &options, Common common) {
  Result<int64_t> seed = parseInteger("--seed", options.seed, 0,
                                      std::numeric_limits<int64_t>::max());
  if (!seed)
    return seed.error();
  Result<int64_t> orders =
      parseInteger("--orders", options.orders, 1, 1'000'000);
  if (!orders)
    return orders.error();
  SimOptions simulating;
  Result<int64_t> ctas = parseInteger("--ctas", options.ctas, 0, 1'000'000);
  if (!ctas)
    return ctas.error();
  simulating.seed = *seed;
  simulating.ctas = *ctas;
  simulating.orders = *orders;
  simulating.schedule = options.schedule;
  simulating.pinned = std::move(common.pinned);
  simulating.splits = common.splits;
  simulating.batchInvariant = options.batchInvariant;
  simulating.kernel = options.kernel;
  simulating.trace = options.trace;
  return Solver{createSimMachine(), prepareBySimulation(simulating)};
}

} // namespace

Result<Solver> tools::makeSolver(const Options &options, Target target,
                                 int device, int threads) {
  Result<Common> common = readCommon(options);
  if (!common)
    return common.error();
  if (options.target == "sim")
    return makeSimulator(options, std::move(*common));
  for (const auto &[name, text] : {std::pair("--kernel", &options.kernel),
                                   std::pair("--trace", &options.trace)})
    if (!text->empty())
      return wrong(fmt::format("expected {} with --target sim, got {}", name,
                               options.target));
  Result<std::unique_ptr<Machine>> machine = Machine::create(target, device);
  if (!machine)
    return machine.error();
  JitOptions jitOptions;
  jitOptions.target = target;
  jitOptions.device = device;
  jitOptions.cacheFolder = options.cacheFolder;
  jitOptions.cpuThreads = threads;
  jitOptions.allowSpills = options.allowSpills;
  jitOptions.schedule = options.schedule;
  jitOptions.pinned = std::move(common->pinned);
  jitOptions.splits = common->splits;
  jitOptions.batchInvariant = options.batchInvariant;
  jitOptions.programmaticLaunch = !options.noProgrammaticLaunch;
  jitOptions.onLog = [](std::string_view message) {
    fmt::print(stderr, "parallax-run: note: {}\n", message);
  };
  Result<Jit> jit = Jit::create(jitOptions);
  if (!jit)
    return jit.error();
  return Solver{std::move(*machine), prepareBy(*jit)};
}
