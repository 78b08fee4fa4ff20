//===- Contest.cpp - Which of a problem's schedules is fastest ------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/parallax-bench/Contest.h"

#include "lib/Schedule/Candidates.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <mutex>
#include <thread>

namespace parallax::tools {

constexpr int64_t kTrialRounds = 3;
/// Finalists are at most that much slower than the best of the trial.
constexpr double kNear = 1.05;
constexpr size_t kMostFinalists = 8;
/// A schedule replaces the proposed one if it takes less than that of its time.
constexpr double kNoticeable = 0.99;
constexpr unsigned kMostThreads = 16;

static std::string changeOf(const Schedule &schedule,
                            const Schedule &proposed) {
  std::string change;
  for (const ScheduleField &field : scheduleFields())
    if (field.get(schedule) != field.get(proposed))
      change += fmt::format("{}{}={}", change.empty() ? "" : " ", field.name,
                            field.get(schedule));
  return change;
}

Contest::Contest(const TuneOptions &options, const Jit &jit, Subject &subject,
                 std::string title)
    : options(options), jit(jit), subject(subject), title(std::move(title)) {
  const std::vector<Schedule> schedules =
      candidates(subject.problem(), options.bench.target);
  for (const Schedule &schedule : schedules) {
    Candidate &candidate = all.emplace_back();
    candidate.schedule = schedule;
    candidate.change = changeOf(schedule, schedules.front());
  }
}

void Contest::progress(const std::string &what) const {
  if (options.bench.onProgress)
    options.bench.onProgress(fmt::format("{}: {}", title, what));
}

void Contest::skip(Candidate &candidate, const std::string &why) {
  candidate.plan.reset();
  candidate.sampler.reset();
  if (firstReason.empty())
    firstReason = why;
  if (options.onNote)
    options.onNote(fmt::format(
        "{}: skipped {}: {}", title,
        candidate.change.empty() ? "the proposal" : candidate.change, why));
}

void Contest::compile() {
  std::atomic<size_t> next = 0;
  size_t done = 0;
  std::mutex mutex; // Of all that is reported.
  auto work = [&] {
    for (size_t i; !options.isInterrupted() && (i = next++) < all.size();) {
      const std::string schedule = toText(all[i].schedule);
      Result<Plan> plan = jit.plan(subject.problem(), {.schedule = schedule});
      std::lock_guard lock(mutex);
      progress(fmt::format("compiled {} of {}", ++done, all.size()));
      if (plan)
        all[i].plan = std::move(*plan);
      else
        skip(all[i], plan.error().message);
    }
  };
  std::vector<std::jthread> threads;
  const unsigned count =
      std::clamp(std::thread::hardware_concurrency(), 1u, kMostThreads);
  while (threads.size() < count)
    threads.emplace_back(work);
}

void Contest::placeSamplers() {
  for (Candidate &candidate : all) {
    if (!candidate.plan || options.isInterrupted())
      continue;
    Result<void> used = subject.use(*candidate.plan);
    Result<std::unique_ptr<Sampler>> sampler =
        used ? subject.sampler()
             : Result<std::unique_ptr<Sampler>>(used.error());
    if (sampler)
      candidate.sampler = std::move(*sampler);
    else
      skip(candidate, sampler.error().message);
  }
}

/// One sample of each a round; whether it was not interrupted.
bool Contest::runRounds(int64_t count, const std::vector<Candidate *> &among) {
  for (int64_t round = 0; round < count; ++round) {
    progress(fmt::format("round {} of {}, {} schedules", round + 1, count,
                         among.size()));
    for (Candidate *candidate : among) {
      if (options.isInterrupted())
        return false;
      if (!candidate->sampler)
        continue;
      Result<double> ms = candidate->sampler->sample();
      if (ms)
        candidate->time.add(*ms);
      else
        skip(*candidate, ms.error().message);
    }
  }
  return true;
}

/// Those that are left, the fastest first.
std::vector<Contest::Candidate *> Contest::timed() {
  std::vector<Candidate *> left;
  for (Candidate &candidate : all)
    if (candidate.sampler && !candidate.time.isEmpty())
      left.push_back(&candidate);
  std::sort(left.begin(), left.end(), [](auto *a, auto *b) {
    // Of equals the earlier.
    return std::pair(a->time.median(), a) < std::pair(b->time.median(), b);
  });
  return left;
}

/// Right ones near the fastest right one, and the proposal if it is right. A
/// wrong one may be as fast as it likes.
std::vector<Contest::Candidate *> Contest::chooseFinalists() {
  std::vector<Candidate *> finalists;
  for (Candidate *candidate : timed()) {
    const bool isNear =
        finalists.empty() ||
        (finalists.size() < kMostFinalists &&
         candidate->time.median() < kNear * finalists.front()->time.median());
    if (!isNear && candidate != &all.front())
      continue;
    progress("judge " + candidate->change);
    BenchRow row;
    Result<void> ok = subject.use(*candidate->plan);
    if (ok)
      ok = subject.judge(row);
    if (ok)
      finalists.push_back(candidate);
    else
      skip(*candidate, ok.error().message);
  }
  return finalists;
}

Result<std::optional<Tuned>> Contest::run() {
  compile();
  placeSamplers();
  std::vector<Candidate *> everyone;
  for (Candidate &candidate : all)
    everyone.push_back(&candidate);
  if (!runRounds(kTrialRounds, everyone))
    return std::optional<Tuned>();
  Tuned tuned;
  tuned.title = title;
  tuned.candidates = all.size();
  tuned.timed = timed().size();
  const std::vector<Candidate *> finalists = chooseFinalists();
  // Interrupted here, what was measured decides.
  runRounds(options.bench.rounds, finalists);
  const Candidate *winner = nullptr;
  for (const Candidate *candidate : finalists)
    if (candidate->sampler &&
        (!winner || candidate->time.median() < winner->time.median()))
      winner = candidate;
  if (!winner)
    return Error{ErrorCode::CompileFailed,
                 fmt::format("{}: expected a schedule that works, got none of "
                             "{}; the first: {}",
                             title, all.size(), firstReason)};
  const Candidate &proposal = all.front();
  if (proposal.sampler) {
    if (winner->time.median() > kNoticeable * proposal.time.median())
      winner = &proposal;
    // Further digits are noise, and differ in every diff of the file.
    tuned.pinned.speedup =
        std::round(1000 * proposal.time.median() / winner->time.median()) /
        1000;
  }
  tuned.change = winner->change;
  tuned.pinned.target = options.bench.target;
  tuned.pinned.problem = subject.problem();
  tuned.pinned.schedule = toText(winner->schedule);
  tuned.pinned.ms = winner->time.median();
  tuned.pinned.version = PARALLAX_VERSION;
  return std::optional<Tuned>(std::move(tuned));
}

} // namespace parallax::tools
