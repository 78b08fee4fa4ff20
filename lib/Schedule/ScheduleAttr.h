//===- ScheduleAttr.h - A schedule in the IR --------------------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_SCHEDULE_SCHEDULEATTR_H
#define PARALLAX_SCHEDULE_SCHEDULEATTR_H

#include "lib/Schedule/Schedule.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/LogicalResult.h"

namespace mlir {
class Operation;
} // namespace mlir

namespace parallax {

/// A dictionary on a function, one integer for each field of the schedule. It
/// stands beside the problem and goes down with the program: who lowers it
/// obeys it, who wants another schedule writes one.
inline constexpr llvm::StringLiteral kScheduleAttr = "parallax.schedule";

void setSchedule(mlir::Operation *function, const Schedule &schedule);

/// Reads the schedule of a function; fields that are not there are those of
/// `Schedule()`. Fails with a diagnostic if there is none or it has a field
/// that a schedule lacks.
llvm::FailureOr<Schedule> getSchedule(mlir::Operation *function);

} // namespace parallax

#endif // PARALLAX_SCHEDULE_SCHEDULEATTR_H
