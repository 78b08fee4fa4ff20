//===- PinnedSchedules.h - Schedules that a tuner found ---------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// `parallax-bench --tune FILE` measures which schedules are fastest on a card
// and writes them down; who compiles or solves with that file gets them where
// else the heuristic's are taken. The file is JSON:
//
//   {"parallax_schedules": 1,
//    "schedules": [{"target": "sm_90a",
//                   "problem": "op=forward dtype=bf16 head_dim=128 ...",
//                   "schedule": "rows=128 keys=64 ...",
//                   "ms": 0.79, "speedup": 1.04,
//                   "device": "NVIDIA H200", "version": "0.1.0"}]}
//
// The last four say where an entry comes from and need not be there. A size
// that an entry's problem leaves out stands for any: who deletes batch=8 gets
// the schedule for all batches.
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_PINNEDSCHEDULES_H
#define PARALLAX_PINNEDSCHEDULES_H

#include "parallax/Export.h"
#include "parallax/Problem.h"
#include "parallax/Result.h"
#include "parallax/Target.h"

#include <string>
#include <string_view>
#include <vector>

namespace parallax {

struct PinnedSchedule {
  Target target = Target::Sm90a;
  /// For which problems: those of any strides and scale that have its sizes,
  /// as far as they are given.
  Problem problem;
  std::string schedule; ///< As CompileOptions::schedule.

  double ms = 0;      ///< Of a launch; 0: not known.
  double speedup = 0; ///< Over the heuristic's schedule; 0: not known.
  std::string device, version;
};

struct PinnedSchedules {
  std::string file; ///< That errors name.
  std::vector<PinnedSchedule> entries;

  /// The entry for `problem`: of those that fit the one that gives most sizes,
  /// of equals the first. Null if there is none.
  PARALLAX_API const PinnedSchedule *find(const Problem &problem,
                                          Target target) const;
  /// Adds an entry, in place of one for the same problem and target.
  PARALLAX_API void put(PinnedSchedule entry);
};

/// Returns NotFound or IoFailed for a file that can't be read, and for one that
/// is malformed or has a schedule that its problem or target can't have an
/// error that names the file, the entry and what was expected.
PARALLAX_API Result<PinnedSchedules>
readPinnedSchedules(const std::string &file);

/// The same for the text of a file, which errors call `file`.
PARALLAX_API Result<PinnedSchedules>
parsePinnedSchedules(std::string_view text, const std::string &file);

/// The text that `parsePinnedSchedules` reads.
PARALLAX_API std::string toJson(const PinnedSchedules &pinned);

} // namespace parallax

#endif // PARALLAX_PINNEDSCHEDULES_H
