//===- Options.cpp - The command line of parallax-bench -------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/parallax-bench/Options.h"

#include "lib/Schedule/Schedule.h"

#include <fmt/format.h>

#include <limits>
#include <unistd.h>

namespace parallax::tools {

static Error wrong(std::string message) {
  return {ErrorCode::InvalidArgument, std::move(message)};
}

void addOptions(CLI::App &app, Options &options) {
  auto add = [&](const char *name, auto &value, const char *help,
                 const char *placeholder, const char *group) {
    return app.add_option(name, value, help)
        ->type_name(placeholder)
        ->group(group)
        ->capture_default_str();
  };
  app.add_option("LIST", options.list, "Problems, one a line")
      ->type_name("FILE");
  add("--suite", options.suite, "forward, decode, cpu or smoke", "NAME",
      "Problems");
  add("--seed", options.seed, "Of the random inputs", "N", "Problems");
  options.problem.add(app);

  add("--target", options.target, "cpu, or cuda (Hopper)", "TARGET", "Run");
  add("--device", options.device, "CUDA device", "N", "Run");
  add("--threads", options.threads, "CPU threads; 0: all", "N", "Run");
  add("--rounds", options.rounds, "Samples of each problem or cost", "N",
      "Run");
  add("--sample-ms", options.sampleMs, "Duration of a sample on a device", "MS",
      "Run");
  add("--sets", options.sets,
      "Sets of tensors to take in turn; 0: as many as don't stay in the "
      "device's cache",
      "N", "Run");
  add("--layout", options.layout,
      "How tensors lie in memory: blhd, bhld, or sliced", "LAYOUT", "Run");
  add("--cache-dir", options.cacheFolder,
      "Keep kernels in this folder; none if empty", "DIR", "Run");
  app.add_flag("--allow-spills", options.allowSpills,
               "Accept a kernel that spills")
      ->group("Run");

  add("--splits", options.splits,
      "Decode: CTAs that share the keys of a sequence, at most; 0: as many as "
      "fill the device",
      "N", "Run");
  app.add_flag("--batch-invariant", options.batchInvariant,
               "Decode: a row is the same whatever else is in the batch")
      ->group("Run");
  app.add_flag("--no-programmatic-launch", options.noProgrammaticLaunch,
               "On a device: launches, those of the floor too, start when "
               "earlier ones are complete, not while they end")
      ->group("Run");

  app.add_option("--schedule", options.schedules,
                 "Replace fields of the schedule, e.g. \"keys=48 stages=3\"; "
                 "repeatable: a row each, timed in turn; \"\" replaces none")
      ->type_name("FIELD=N ...")
      ->group("Schedules")
      ->expected(1)
      ->allow_extra_args(false)
      ->take_all();
  add("--pinned", options.pinned,
      "Take the schedules of this file where it has one for a problem", "FILE",
      "Schedules");
  add("--tune", options.tune,
      "Find the fastest schedule of each problem and write it into this file, "
      "beside what it holds",
      "FILE", "Schedules");
  app.add_flag("--keep", options.keep,
               "With --tune: leave problems that the file has alone")
      ->group("Schedules");
  app.add_flag("--candidates", options.candidates,
               "Print the schedules that --tune would try, and time none")
      ->group("Schedules");

  add("--gemm-library", options.gemmLibrary,
      "cuBLAS or OpenBLAS, in place of the usual names", "FILE", "Beside");
  add("--gemm-command", options.gemmCommand,
      "Where there is no cuBLAS: prints the milliseconds of a bf16 product of "
      "8192^3",
      "COMMAND", "Beside");
  for (auto [name, value, help] :
       {std::tuple("--peer", &options.peers,
                   "Also time another implementation; repeatable"),
        {"--list-peer", &options.listPeers,
         "The same in one process for all problems"}})
    app.add_option(name, *value, help)
        ->type_name("NAME=COMMAND")
        ->group("Beside")
        ->expected(1)
        ->take_all();
  add("--peer-timeout", options.peerTimeout,
      "Give a problem of a peer, or the command of the GEMM, up after that",
      "SECONDS", "Beside");

  app.add_flag("--host", options.host,
               "Measure what the first problem costs the host before it runs, "
               "and time none")
      ->group("Run");

  add("--csv", options.csv, "Write a line a problem", "FILE", "Output");
  add("--json", options.json, "Write all that was measured", "FILE", "Output");
  add("--svg", options.svg, "Write a roofline", "FILE", "Output");
}

Result<BenchOptions> benchOptions(const Options &given) {
  BenchOptions options;
  Result<Target> target = parseRunTarget(given.target);
  if (!target)
    return target.error();
  options.target = *target;
  const std::tuple<const char *, const std::string &, int64_t, int64_t,
                   std::function<void(int64_t)>>
      integers[] = {
          {"--threads", given.threads, 0, 1 << 16,
           [&](int64_t n) { options.threads = static_cast<int>(n); }},
          {"--rounds", given.rounds, 1, 1'000'000,
           [&](int64_t n) { options.rounds = n; }},
          {"--sets", given.sets, 0, 1024, [&](int64_t n) { options.sets = n; }},
          {"--seed", given.seed, 0, std::numeric_limits<int64_t>::max(),
           [&](int64_t n) { options.seed = n; }}};
  for (const auto &[name, text, least, most, set] : integers) {
    Result<int64_t> number = parseInteger(name, text, least, most);
    if (!number)
      return number.error();
    set(*number);
  }
  Result<double> sampleMs = parseNumber("--sample-ms", given.sampleMs);
  if (!sampleMs)
    return sampleMs.error();
  if (!(*sampleMs > 0 && *sampleMs <= 10'000))
    return wrong(fmt::format("expected --sample-ms in (0, 10000], got {}",
                             given.sampleMs));
  options.sampleMs = *sampleMs;
  Result<Layout> layout = parseLayout(given.layout);
  if (!layout)
    return layout.error();
  options.layout = *layout;
  for (const std::string &text : given.schedules)
    if (Result<Schedule> schedule = parseSchedule(text, Schedule()); !schedule)
      return schedule.error();
  if (!given.schedules.empty())
    options.schedules = given.schedules;
  options.gemmLibrary = given.gemmLibrary;
  if (!given.gemmCommand.empty() && options.target == Target::Cpu)
    return wrong("expected --target cuda beside --gemm-command, got cpu");
  options.gemmCommand = given.gemmCommand;
  for (const auto &[option, texts, takesList] :
       {std::tuple("--peer", &given.peers, false),
        {"--list-peer", &given.listPeers, true}})
    for (const std::string &text : *texts) {
      Result<Peer> peer = parsePeer(text, option);
      if (!peer)
        return peer.error();
      for (const Peer &other : options.peers)
        if (other.name == peer->name)
          return wrong(fmt::format("expected peers of different names, got "
                                   "'{}' twice",
                                   peer->name));
      peer->takesList = takesList;
      options.peers.push_back(std::move(*peer));
    }
  Result<double> timeout = parseNumber("--peer-timeout", given.peerTimeout);
  if (!timeout)
    return timeout.error();
  if (!(*timeout > 0 && *timeout <= 1e6))
    return wrong(fmt::format("expected --peer-timeout in (0, 1000000], got {}",
                             given.peerTimeout));
  options.peerSeconds = *timeout;
  // Nobody watches a log.
  if (isatty(STDERR_FILENO))
    options.onProgress = [](const std::string &what) {
      fmt::print(stderr, "\r\x1b[K{}", what);
    };
  return options;
}

Result<std::vector<ListedProblem>> problemsOf(const Options &options,
                                              Target target, uint64_t seed) {
  const int ways = options.problem.anyGiven() + !options.list.empty() +
                   !options.suite.empty();
  if (ways > 1)
    return wrong("expected problems from a list, a suite or options, got more "
                 "than one of them");
  if (options.problem.anyGiven()) {
    if (Result<Problem> problem = options.problem.sizedProblem(seed); !problem)
      return problem.error();
    // Lives as long as the options, which outlive the run.
    return std::vector<ListedProblem>{
        ListedProblem(&options.problem, [](const CaseOptions *) {})};
  }
  if (!options.list.empty()) {
    Result<std::string> text = readFile(options.list);
    if (!text)
      return text.error();
    return parseList(*text, options.list, seed);
  }
  const std::string suite = !options.suite.empty()  ? options.suite
                            : target == Target::Cpu ? "cpu"
                                                    : "forward";
  Result<std::string_view> text = suiteText(suite);
  if (!text)
    return text.error();
  return parseList(*text, suite, seed);
}

} // namespace parallax::tools
