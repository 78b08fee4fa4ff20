//===- parallax-bench.cpp - Time problems beside what limits them ---------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Schedule/Candidates.h"
#include "lib/Schedule/ChooseSchedule.h"
#include "lib/Schedule/ProblemKey.h"
#include "tools/parallax-bench/Bench.h"
#include "tools/parallax-bench/HostCosts.h"
#include "tools/parallax-bench/Interrupt.h"
#include "tools/parallax-bench/Options.h"
#include "tools/parallax-bench/Tuner.h"

#include <fmt/format.h>

#include <cstdlib>
#include <limits>

using namespace parallax;
using namespace parallax::tools;

namespace {

constexpr const char *kDescription =
    "Times attention problems on this machine's processor or CUDA device "
    "beside\n"
    "what limits them, measured in the same run: a large matrix product, and\n"
    "reading a cache and nothing else. Problems come from a file, from a "
    "suite,\n"
    "or from the options.\n";

constexpr const char *kFooter = R"(How it measures:
  Each problem is solved once and judged as parallax-run does; one that is wrong
  is not timed. Then rounds go over the product, the streaming floor and all
  problems, A B C A B C, so that clock and heat meet all alike; reported are the
  median and the extremes. On a device a sample is a CUDA graph of launches that
  takes 20 ms, which take several sets of tensors in turn where one would stay
  in the cache. Useful operations: 8 for each pair of a query and a key that the
  mask leaves and each of the head's dimensions. TB/s of a decode: the keys and
  values that are seen, over the time.

The list: a problem a line, in the options under "Problem"; # begins a comment.

Suites: forward (training and prefill, as in the project's goals), decode, cpu,
smoke (a moment). Without one: forward on cuda, cpu on cpu.

Schedules: --schedule gives a problem a row for each text. --tune compiles the
schedules near the proposed one, times those that don't spill in turn, judges
the fastest, and writes what wins, by more than 1 % or it is the proposed one,
into a file of JSON, to be kept and shipped: --pinned of every tool and
JitOptions::pinned take it. What is skipped is a note on stderr. The file is
written after each problem, so it may be interrupted; --keep goes on from there.

Peers: a command that is given each problem's options, all of them spelled out,
and prints milliseconds a launch as its last line. It is run once a problem,
after the rounds. One of --list-peer is run once, finds the problems on its
stdin, a line each, and answers each with a line: milliseconds, or why not. What
takes longer than --peer-timeout is killed and noted, and the rest goes on.

Examples:
  parallax-bench --target cuda --json forward.json --svg forward.svg
      the forward suite, as a table, as data and as a roofline
  parallax-bench --target cuda --suite decode --schedule "" \
                 --schedule "split_tiles=4" --schedule "keys=128 stages=3"
      three schedules of each problem, timed in turn
  parallax-bench --target cuda list.txt --tune tuned.json
  parallax-bench --target cuda list.txt --pinned tuned.json
      the fastest schedules of a list, then the list with them
  parallax-bench --target cuda --suite decode --peer "other=python3 other.py"
      decode, beside another implementation
  parallax-bench --target cuda list.txt --rounds 31 --csv list.csv
  parallax-bench --batch 1 --k-len 1024 --q-heads 8 --mask causal --dtype f32
      one problem, on the processor

  parallax-bench --target cuda --host --json host.json
      compilation, caches, plans and launches, as the host sees them, of the
      first problem, with the schedule of --schedule or --pinned if given

The product is cuBLAS's (bf16, 8192^3) or OpenBLAS's (float32, 2048^3), found
with dlopen; the floor and the check on the device need NVRTC. What is not found
is reported, and the rest measured: put its folder into LD_LIBRARY_PATH.

Environment: PARALLAX_CACHE_DIR, the default of --cache-dir.
Exit status: 0; 1 with one line on stderr if something is wrong or a problem was
not solved right.)";

Error wrong(std::string message) {
  return {ErrorCode::InvalidArgument, std::move(message)};
}

/// Writes the report wherever it is wanted.
Result<void> write(const Options &options, const BenchReport &report) {
  const std::tuple<const std::string &, std::string (*)(const BenchReport &)>
      files[] = {
          {options.csv, toCsv}, {options.json, toJson}, {options.svg, toSvg}};
  for (auto &[path, convert] : files)
    if (!path.empty())
      if (Result<void> ok = writeFile(path, convert(report)); !ok)
        return ok;
  return {};
}

/// --pinned: what it names, else nothing.
Result<PinnedSchedules> pinnedOf(const Options &given) {
  return given.pinned.empty() ? PinnedSchedules()
                              : readPinnedSchedules(given.pinned);
}

/// --host: no problem is timed.
Result<void> runHost(const Options &given, const BenchOptions &options,
                     int device) {
  Result<std::vector<ListedProblem>> problems =
      problemsOf(given, options.target, options.seed);
  if (!problems)
    return problems.error();
  Result<Problem> problem = problems->front()->sizedProblem(options.seed);
  if (!problem)
    return problem.error();
  Result<PinnedSchedules> pinned = pinnedOf(given);
  if (!pinned)
    return pinned.error();
  Result<Schedule> schedule = chooseSchedule(*problem, options.target, *pinned,
                                             options.schedules.front());
  if (!schedule)
    return schedule.error();
  const HostOptions host = {
      options.target, device, *problem, toText(*schedule),
      static_cast<int>(std::min<int64_t>(options.rounds, 1000))};
  const std::vector<HostCost> costs = measureHostCosts(host);
  fmt::print("{}", toTable(host, costs));
  return given.json.empty() ? Result<void>()
                            : writeFile(given.json, toJson(host, costs));
}

/// --candidates: needs no device.
Result<void> printCandidates(const BenchOptions &options,
                             const std::vector<ListedProblem> &problems) {
  for (const ListedProblem &listed : problems) {
    Result<Problem> problem = listed->sizedProblem(options.seed);
    if (!problem)
      return problem.error();
    fmt::print("# {}\n", problemKey(*problem));
    for (const Schedule &schedule : candidates(*problem, options.target))
      fmt::print("{}\n", toText(schedule));
  }
  return {};
}

/// --tune: what is found goes into a file.
Result<void> runTuner(const Options &given, const BenchOptions &options,
                      int device, const Jit &jit,
                      const std::vector<ListedProblem> &problems) {
  TuneOptions tuning;
  tuning.bench = options;
  tuning.device = device;
  tuning.file = given.tune;
  tuning.keep = given.keep;
  const bool isWatched = options.onProgress != nullptr;
  tuning.onTuned = [=](const Tuned &tuned) {
    fmt::print("{}{}: {:.4g} ms, {}; {} of {} schedules timed\n",
               isWatched ? "\r\x1b[K" : "", tuned.title, tuned.pinned.ms,
               tuned.change.empty() ? "as proposed"
               : tuned.pinned.speedup > 0
                   ? fmt::format("{:.3f} times as fast as proposed with {}",
                                 tuned.pinned.speedup, tuned.change)
                   : fmt::format("with {}", tuned.change),
               tuned.timed, tuned.candidates);
    std::fflush(stdout);
  };
  tuning.onNote = [=](const std::string &note) {
    fmt::print(stderr, "{}parallax-bench: note: {}\n",
               isWatched ? "\r\x1b[K" : "", note);
  };
  catchInterrupts();
  tuning.isInterrupted = wasInterrupted;
  Result<void> done = tune(tuning, jit, problems);
  if (isWatched)
    options.onProgress("");
  return done;
}

/// What an option that changes everything can't stand beside it.
Result<void> checkMode(const Options &given) {
  const bool picture = !given.csv.empty() || !given.svg.empty();
  if (given.host && (picture || !given.tune.empty()))
    return wrong("expected only --json, --pinned and a --schedule beside "
                 "--host, got --csv, --svg or --tune");
  if (given.host && given.schedules.size() > 1)
    return wrong(fmt::format("expected one --schedule beside --host, got {}",
                             given.schedules.size()));
  if (!given.tune.empty() &&
      (picture || !given.json.empty() || !given.peers.empty() ||
       !given.listPeers.empty() || !given.pinned.empty() ||
       !given.schedules.empty()))
    return wrong("expected only what says problems and how to measure beside "
                 "--tune, got --csv, --json, --svg, --peer, --pinned or "
                 "--schedule");
  if (given.candidates &&
      (picture || given.host || !given.json.empty() || !given.tune.empty() ||
       !given.pinned.empty() || !given.schedules.empty()))
    return wrong("expected only problems and --target beside --candidates, got "
                 "more");
  if (given.keep && given.tune.empty())
    return wrong("expected --tune beside --keep, got none");
  return {};
}

Result<void> run(const Options &given) {
  if (Result<void> ok = checkMode(given); !ok)
    return ok;
  Result<BenchOptions> options = benchOptions(given);
  if (!options)
    return options.error();
  Result<int64_t> device = parseInteger("--device", given.device, 0,
                                        std::numeric_limits<int32_t>::max());
  if (!device)
    return device.error();
  if (given.host)
    return runHost(given, *options, static_cast<int>(*device));
  Result<std::vector<ListedProblem>> problems =
      problemsOf(given, options->target, options->seed);
  if (!problems)
    return problems.error();
  if (given.candidates)
    return printCandidates(*options, *problems);

  Result<int64_t> splits = parseInteger("--splits", given.splits, 0, 1'000'000);
  if (!splits)
    return splits.error();
  JitOptions jitOptions;
  jitOptions.splits = *splits;
  jitOptions.batchInvariant = given.batchInvariant;
  jitOptions.programmaticLaunch = !given.noProgrammaticLaunch;
  Result<PinnedSchedules> pinned = pinnedOf(given);
  if (!pinned)
    return pinned.error();
  jitOptions.pinned = std::move(*pinned);
  jitOptions.target = options->target;
  jitOptions.device = static_cast<int>(*device);
  jitOptions.cacheFolder = given.cacheFolder;
  jitOptions.cpuThreads = options->threads;
  jitOptions.allowSpills = given.allowSpills;
  jitOptions.onLog = [](std::string_view message) {
    fmt::print(stderr, "parallax-bench: note: {}\n", message);
  };
  Result<Jit> jit = Jit::create(jitOptions);
  if (!jit)
    return jit.error();
  if (!given.tune.empty())
    return runTuner(given, *options, static_cast<int>(*device), *jit,
                    *problems);
  Result<std::unique_ptr<Machine>> machine =
      Machine::create(options->target, static_cast<int>(*device),
                      jitOptions.programmaticLaunch);
  if (!machine)
    return machine.error();
  Result<BenchReport> report = runBench(*options, **machine, *jit, *problems);
  if (options->onProgress)
    options->onProgress("");
  if (!report)
    return report.error();
  fmt::print("{}", toTable(*report));
  if (Result<void> ok = write(given, *report); !ok)
    return ok;
  for (const BenchRow &row : report->rows)
    if (!row.failure.empty())
      return wrong(fmt::format("{}: {}", row.title, row.failure));
  return {};
}

} // namespace

int main(int argc, char **argv) {
  auto app = makeApp("parallax-bench", kDescription, kFooter);
  Options options;
  if (const char *folder = std::getenv("PARALLAX_CACHE_DIR"))
    options.cacheFolder = folder;
  addOptions(*app, options);
  return runTool(*app, argc, argv, [&] { return run(options); });
}
