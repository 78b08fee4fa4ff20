//===- HostCosts.h - What a problem costs before it runs --------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_TOOLS_PARALLAX_BENCH_HOSTCOSTS_H
#define PARALLAX_TOOLS_PARALLAX_BENCH_HOSTCOSTS_H

#include "parallax/Compiler.h"
#include "parallax/Jit.h"
#include "tools/parallax-bench/Timing.h"

#include <string>
#include <vector>

namespace parallax::tools {

struct HostCost {
  std::string name;
  const char *unit; ///< "ms" or "us".
  Timing time;
  std::string absent; ///< Why it was not measured; empty: it was.
};

struct HostOptions {
  Target target = Target::Cpu;
  int device = 0;
  Problem problem;      ///< Whose sizes are given.
  std::string schedule; ///< Of its kernel: all fields.
  /// How often each is measured; what takes microseconds, more often.
  int repeats = 11;
};

/// Compilation cold and by phase, each in a process of its own; the start of
/// parallax-opt; a kernel from the disk cache; a plan for another length; and
/// what a launch costs beside the driver's part. What can't be had says why.
std::vector<HostCost> measureHostCosts(const HostOptions &options);

/// What the Jit does where it has no kernel.
Result<Compilation> compileAsJit(const HostOptions &options);

/// The parts that `measureHostCosts` joins. The first may not be called when
/// this process has threads, or a CUDA context: it forks.
std::vector<HostCost> measureColdCompile(const HostOptions &options);
HostCost measureToolStart(const HostOptions &options);
std::vector<HostCost> measureCaches(const HostOptions &options);
std::vector<HostCost> measureEnqueue(const HostOptions &options);

/// Both begin with the schedule.
std::string toTable(const HostOptions &options,
                    const std::vector<HostCost> &costs);
std::string toJson(const HostOptions &options,
                   const std::vector<HostCost> &costs);

} // namespace parallax::tools

#endif // PARALLAX_TOOLS_PARALLAX_BENCH_HOSTCOSTS_H
