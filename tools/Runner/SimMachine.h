//===- SimMachine.h - The simulator as a machine ----------------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Compiles a problem for Hopper down to the hopper dialect and runs that in the
// simulator. Its time is that of the simulation, which says nothing of a card.
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_TOOLS_RUNNER_SIMMACHINE_H
#define PARALLAX_TOOLS_RUNNER_SIMMACHINE_H

#include "tools/Runner/Machine.h"
#include "tools/Runner/Prepared.h"

namespace parallax::tools {

struct SimOptions {
  uint64_t seed = 1;
  int64_t orders = 1;
  PinnedSchedules pinned; ///< As CompileOptions::pinned.
  std::string schedule;   ///< As CompileOptions::schedule.
  int64_t splits = 0;     ///< As JitOptions::splits, and the next.
  bool batchInvariant = false;
  int64_t ctas = 0;   ///< As simulator::Sharing::ctas.
  std::string kernel; ///< A file of the hopper dialect, instead of compiling.
  std::string trace;  ///< A file to write the trace of the first order to.
};

std::unique_ptr<Machine> createSimMachine();

/// A launch fails if the simulator has something to report.
Prepare prepareBySimulation(const SimOptions &options);

} // namespace parallax::tools

#endif // PARALLAX_TOOLS_RUNNER_SIMMACHINE_H
