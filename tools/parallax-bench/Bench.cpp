//===- Bench.cpp - Checks and times a list of problems --------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/parallax-bench/Bench.h"

#include "tools/parallax-bench/Ceilings.h"
#include "tools/parallax-bench/Subject.h"

#include <fmt/format.h>

namespace parallax::tools {

namespace {

/// A schedule of a problem.
struct Entry {
  BenchRow row;
  std::unique_ptr<Sampler> kernel; ///< Null if it is not to be timed.
};

/// A problem and what of it is timed.
struct Group {
  std::unique_ptr<Subject> subject;
  std::vector<Entry> entries;
  std::unique_ptr<Sampler> floor;
  Timing floorTime;
};

class Bench {
public:
  Bench(const BenchOptions &options, Machine &machine, const Jit &jit)
      : options(options), machine(machine), jit(jit) {}

  Result<void> prepare(const CaseOptions &problem);
  Result<void> runRounds();
  void runPeers();

  BenchReport report;

private:
  Result<void> prepare(Group &group, Case c);
  Result<void> prepare(Group &group, Entry &entry);
  void progress(const std::string &what) const {
    if (options.onProgress)
      options.onProgress(what);
  }

  const BenchOptions &options;
  Machine &machine;
  const Jit &jit;
  std::vector<Group> groups;
};

Result<void> Bench::prepare(const CaseOptions &problem) {
  Result<Case> c = problem.randomCase(options.seed);
  if (!c)
    return c.error();
  Group &group = groups.emplace_back();
  BenchRow row = describe(*c);
  for (const std::string &schedule : options.schedules) {
    row.given = schedule;
    group.entries.push_back({row, nullptr});
  }
  progress("check " + row.title);
  // What is wrong with a kernel stands in its row.
  if (Result<void> ok = prepare(group, std::move(*c)); !ok)
    for (Entry &entry : group.entries) {
      entry.kernel.reset();
      entry.row.failure = ok.error().message;
    }
  return {};
}

Result<void> Bench::prepare(Group &group, Case c) {
  Result<std::unique_ptr<Subject>> subject =
      Subject::create(options, machine, std::move(c));
  if (!subject)
    return subject.error();
  group.subject = std::move(*subject);
  bool anyIsRight = false;
  for (Entry &entry : group.entries) {
    if (Result<void> ok = prepare(group, entry); !ok)
      entry.row.failure = ok.error().message;
    anyIsRight |= entry.kernel != nullptr;
  }
  if (!anyIsRight)
    return {};
  Result<std::unique_ptr<Sampler>> floor = group.subject->floor();
  if (!floor)
    return floor.error();
  group.floor = std::move(*floor);
  return {};
}

Result<void> Bench::prepare(Group &group, Entry &entry) {
  Subject &subject = *group.subject;
  Result<Plan> plan =
      jit.plan(subject.problem(), {.schedule = entry.row.given});
  if (!plan)
    return plan.error();
  entry.row.schedule = plan->schedule();
  if (Result<void> ok = subject.use(*plan); !ok)
    return ok;
  if (Result<void> ok = subject.judge(entry.row); !ok)
    return ok;
  Result<std::unique_ptr<Sampler>> kernel = subject.sampler();
  if (!kernel)
    return kernel.error();
  entry.kernel = std::move(*kernel);
  return {};
}

Result<void> Bench::runRounds() {
  Ceilings ceilings(machine, jit);
  progress("prepare the GEMM and the streaming floor");
  ceilings.prepareGemm(options, report.gemm);
  ceilings.prepareStream(options, report.stream);
  auto take = [](const std::unique_ptr<Sampler> &sampler,
                 Timing &timing) -> Result<void> {
    if (!sampler)
      return {};
    Result<double> ms = sampler->sample();
    if (!ms)
      return ms.error();
    timing.add(*ms);
    return {};
  };
  for (int64_t round = 0; round < options.rounds; ++round) {
    progress(fmt::format("round {} of {}", round + 1, options.rounds));
    if (Result<void> ok = take(ceilings.gemm, report.gemm.time); !ok)
      return ok;
    if (Result<void> ok = take(ceilings.stream, report.stream.time); !ok)
      return ok;
    for (Group &group : groups) {
      if (Result<void> ok = take(group.floor, group.floorTime); !ok)
        return ok;
      for (Entry &entry : group.entries)
        if (Result<void> ok = take(entry.kernel, entry.row.time); !ok)
          return ok;
    }
  }
  return {};
}

void Bench::runPeers() {
  for (const Peer &peer : options.peers)
    report.peers.push_back(peer.name);
  std::vector<std::string> flags;
  for (const Group &group : groups)
    flags.push_back(group.entries.front().row.flags);
  for (const Peer &peer : options.peers) {
    if (peer.takesList)
      progress(peer.name);
    const std::vector<Result<double>> listed =
        peer.takesList ? timeList(peer.command, flags, options.peerSeconds)
                       : std::vector<Result<double>>();
    for (size_t i = 0; i < groups.size(); ++i) {
      const std::string &title = groups[i].entries.front().row.title;
      if (!peer.takesList)
        progress(peer.name + " on " + title);
      Result<double> ms =
          peer.takesList
              ? listed[i]
              : timeCommand(peer.command + " " + flags[i], options.peerSeconds);
      if (!ms)
        report.notes.push_back(
            fmt::format("{} on {}: {}", peer.name, title, ms.error().message));
      for (Entry &entry : groups[i].entries)
        if (ms)
          entry.row.peers[peer.name] = *ms;
    }
  }
  for (Group &group : groups)
    for (Entry &entry : group.entries) {
      if (entry.kernel)
        entry.row.floor = group.floorTime;
      report.rows.push_back(std::move(entry.row));
    }
}

} // namespace

Result<BenchReport> runBench(const BenchOptions &options, Machine &machine,
                             const Jit &jit,
                             const std::vector<ListedProblem> &problems) {
  Bench bench(options, machine, jit);
  bench.report.device = machine.name();
  bench.report.rounds = options.rounds;
  bench.report.layout = toString(options.layout);
  bench.report.comparesSchedules = options.schedules.size() > 1;
  for (const ListedProblem &problem : problems)
    if (Result<void> ok = bench.prepare(*problem); !ok)
      return ok.error();
  if (Result<void> ok = bench.runRounds(); !ok)
    return ok.error();
  bench.runPeers();
  return std::move(bench.report);
}

} // namespace parallax::tools
