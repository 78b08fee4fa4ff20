//===- Candidates.h - Schedules worth timing --------------------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_SCHEDULE_CANDIDATES_H
#define PARALLAX_SCHEDULE_CANDIDATES_H

#include "lib/Schedule/Schedule.h"

#include <vector>

namespace parallax {

/// The most that `candidates` returns.
inline constexpr size_t kMostCandidates = 112;

/// What `propose` picks, then schedules in its neighbourhood that `verify`
/// accepts, those that differ in one decision before those that differ in two.
/// No two are the same. Whether they compile without spills, and which is
/// fastest, is for a tuner to find out.
std::vector<Schedule> candidates(const Problem &problem, Target target);

} // namespace parallax

#endif // PARALLAX_SCHEDULE_CANDIDATES_H
