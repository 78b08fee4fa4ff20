//===- Bench.h - Checks and times a list of problems ------------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every problem is solved once by each schedule and judged; one that is wrong
// is not timed. Then come rounds: each takes one sample of the ceilings and of
// every problem and schedule, so that what changes with time, a device's clock
// above all, meets all of them alike. Last come the peers, once a problem.
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_TOOLS_PARALLAX_BENCH_BENCH_H
#define PARALLAX_TOOLS_PARALLAX_BENCH_BENCH_H

#include "tools/Runner/Runner.h"
#include "tools/parallax-bench/Command.h"
#include "tools/parallax-bench/Report.h"
#include "tools/parallax-bench/Suite.h"

#include <functional>

namespace parallax::tools {

struct BenchOptions {
  Target target = Target::Cpu;
  int threads = 0; ///< Of the CPU.
  int64_t rounds = 11;
  double sampleMs = 20;
  int64_t sets = 0; ///< 0: as many as don't stay in the cache.
  uint64_t seed = 1;
  Layout layout = Layout::BLHD;
  /// Fields to replace in what a problem's schedule would be, one text for each
  /// row that a problem gets.
  std::vector<std::string> schedules = {""};
  std::string gemmLibrary; ///< Tried first.
  std::string gemmCommand; ///< Times the product where no library does.
  std::vector<Peer> peers;
  double peerSeconds = 120; ///< For one problem.
  /// Called with what is about to be done.
  std::function<void(const std::string &what)> onProgress;
};

/// Fails if a target or a problem can't be had at all; what is wrong with a
/// kernel stands in its row.
Result<BenchReport> runBench(const BenchOptions &options, Machine &machine,
                             const Jit &jit,
                             const std::vector<ListedProblem> &problems);

} // namespace parallax::tools

#endif // PARALLAX_TOOLS_PARALLAX_BENCH_BENCH_H
