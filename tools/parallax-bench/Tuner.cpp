//===- Tuner.cpp - Finds the fastest schedules ----------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/parallax-bench/Tuner.h"

#include "lib/Schedule/ProblemKey.h"
#include "tools/parallax-bench/Contest.h"

#include <fmt/format.h>

namespace parallax::tools {

namespace {

/// The winner of one problem, on a machine of its own whose memory is free
/// afterwards.
Result<std::optional<Tuned>> tuneOne(const TuneOptions &options, const Jit &jit,
                                     Case c) {
  const std::string title = describe(c).title;
  Result<std::unique_ptr<Machine>> machine =
      Machine::create(options.bench.target, options.device);
  if (!machine)
    return machine.error();
  Result<std::unique_ptr<Subject>> subject =
      Subject::create(options.bench, **machine, std::move(c));
  if (!subject)
    return Error{subject.error().code,
                 fmt::format("{}: {}", title, subject.error().message)};
  Result<std::optional<Tuned>> tuned =
      Contest(options, jit, **subject, title).run();
  if (tuned && *tuned)
    (*tuned)->pinned.device = (*machine)->name();
  return tuned;
}

bool holds(const PinnedSchedules &pinned, const Problem &problem,
           Target target) {
  const PinnedSchedule *entry = pinned.find(problem, target);
  return entry && problemKey(entry->problem) == problemKey(problem);
}

} // namespace

Result<void> tune(const TuneOptions &options, const Jit &jit,
                  const std::vector<ListedProblem> &problems) {
  Result<PinnedSchedules> pinned = readPinnedSchedules(options.file);
  if (!pinned && pinned.error().code == ErrorCode::NotFound)
    pinned = PinnedSchedules();
  if (!pinned)
    return pinned.error();
  auto save = [&] {
    return writeFileAtomically(options.file, toJson(*pinned));
  };
  // Before an hour of measurements, not after it.
  if (Result<void> ok = save(); !ok)
    return ok;
  size_t done = 0;
  std::optional<Error> failure;
  for (const ListedProblem &problem : problems) {
    Result<Case> c = problem->randomCase(options.bench.seed);
    if (!c)
      return c.error();
    if (options.keep && holds(*pinned, c->problem, options.bench.target)) {
      if (options.onNote)
        options.onNote(describe(*c).title + ": kept");
      ++done;
      continue;
    }
    Result<std::optional<Tuned>> tuned = tuneOne(options, jit, std::move(*c));
    if (!tuned) {
      if (!failure)
        failure = tuned.error();
      continue;
    }
    if (*tuned) {
      pinned->put((*tuned)->pinned);
      if (Result<void> ok = save(); !ok)
        return ok;
      ++done;
      if (options.onTuned)
        options.onTuned(**tuned);
    }
    if (options.isInterrupted())
      return Error{ErrorCode::IoFailed,
                   fmt::format("expected to tune {} problems, got interrupted; "
                               "{} holds the {} that are done",
                               problems.size(), options.file, done)};
  }
  return failure ? Result<void>(*failure) : Result<void>();
}

} // namespace parallax::tools
