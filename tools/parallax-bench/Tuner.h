//===- Tuner.h - Finds the fastest schedules --------------------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// For each problem: candidates are compiled on all cores, timed for a few
// rounds in turn, and judged from the fastest on; the right ones near the best,
// and what the heuristic proposes, go through all rounds. The proposal stays
// unless another is faster by more than the noise. After each problem the file
// is written, so that nothing that was found gets lost.
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_TOOLS_PARALLAX_BENCH_TUNER_H
#define PARALLAX_TOOLS_PARALLAX_BENCH_TUNER_H

#include "parallax/PinnedSchedules.h"
#include "tools/parallax-bench/Bench.h"

namespace parallax::tools {

/// A problem that was tuned.
struct Tuned {
  std::string title;
  size_t candidates = 0, timed = 0;
  std::string change; ///< What the winner has of its own; empty: the proposal.
  PinnedSchedule pinned;
};

struct TuneOptions {
  BenchOptions bench; ///< Its peers and schedules don't count.
  int device = 0;
  std::string file;  ///< What it holds is kept, or replaced.
  bool keep = false; ///< Skip problems that the file has.
  std::function<void(const Tuned &tuned)> onTuned;
  /// Called with what was skipped and why.
  std::function<void(const std::string &note)> onNote;
  std::function<bool()> isInterrupted = [] { return false; };
};

/// Fails if the file can't be had, if it was interrupted, and, after all others
/// were tuned, if a problem has no schedule that works.
Result<void> tune(const TuneOptions &options, const Jit &jit,
                  const std::vector<ListedProblem> &problems);

} // namespace parallax::tools

#endif // PARALLAX_TOOLS_PARALLAX_BENCH_TUNER_H
