//===- ChooseSchedule.h - Pinned, proposed, or given ------------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_SCHEDULE_CHOOSESCHEDULE_H
#define PARALLAX_SCHEDULE_CHOOSESCHEDULE_H

#include "lib/Schedule/Schedule.h"
#include "parallax/PinnedSchedules.h"

#include <optional>
#include <string_view>

namespace parallax {

/// The schedule that is pinned for `problem`, if any. Unsupported, naming file
/// and entry, if the target can't run it for just this problem.
Result<std::optional<Schedule>> pinnedSchedule(const Problem &problem,
                                               Target target,
                                               const PinnedSchedules &pinned);

/// The schedule that is pinned for `problem`, else the proposed one (as
/// `propose` has `fixedSplits`), with the fields that `overrides` names
/// replaced. It has passed `verify`.
Result<Schedule> chooseSchedule(const Problem &problem, Target target,
                                const PinnedSchedules &pinned,
                                std::string_view overrides,
                                bool fixedSplits = false);

} // namespace parallax

#endif // PARALLAX_SCHEDULE_CHOOSESCHEDULE_H
