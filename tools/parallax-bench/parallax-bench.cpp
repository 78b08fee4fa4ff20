//===- parallax-bench.cpp - Time problems beside what limits them ---------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/parallax-bench/Bench.h"
#include "tools/parallax-bench/HostCosts.h"

#include <fmt/format.h>

#include <cstdlib>
#include <limits>
#include <unistd.h>

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

Peers: a command that is given each problem's options, all of them spelled out,
and prints milliseconds a launch as its last line. It is run once a problem,
after the rounds.

Examples:
  parallax-bench --target cuda --json forward.json --svg forward.svg
      the forward suite, as a table, as data and as a roofline
  parallax-bench --target cuda --suite decode --peer "other=python3 other.py"
      decode, beside another implementation
  parallax-bench --target cuda list.txt --rounds 31 --csv list.csv
  parallax-bench --batch 1 --k-len 1024 --q-heads 8 --mask causal --dtype f32
      one problem, on the processor

  parallax-bench --target cuda --host --json host.json
      compilation, caches, plans and launches, as the host sees them

The product is cuBLAS's (bf16, 8192^3) or OpenBLAS's (float32, 2048^3), found
with dlopen; the floor and the check on the device need NVRTC. What is not found
is reported, and the rest measured: put its folder into LD_LIBRARY_PATH.

Environment: PARALLAX_CACHE_DIR, the default of --cache-dir.
Exit status: 0; 1 with one line on stderr if something is wrong or a problem was
not solved right.)";

struct Options {
  CaseOptions problem;
  std::string list, suite, seed = "1";
  std::string target = "cpu", device = "0", threads = "0", cacheFolder;
  std::string rounds = "11", sampleMs = "20", sets = "0";
  std::string gemmLibrary, gemmCommand;
  std::vector<std::string> peers;
  std::string csv, json, svg;
  bool allowSpills = false, host = false, batchInvariant = false;
  std::string splits = "0", schedule;
};

Error wrong(std::string message) {
  return {ErrorCode::InvalidArgument, std::move(message)};
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
  options.gemmLibrary = given.gemmLibrary;
  if (!given.gemmCommand.empty() && options.target == Target::Cpu)
    return wrong("expected --target cuda beside --gemm-command, got cpu");
  options.gemmCommand = given.gemmCommand;
  for (const std::string &text : given.peers) {
    Result<Peer> peer = parsePeer(text);
    if (!peer)
      return peer.error();
    for (const Peer &other : options.peers)
      if (other.name == peer->name)
        return wrong(fmt::format("expected peers of different names, got '{}' "
                                 "twice",
                                 peer->name));
    options.peers.push_back(std::move(*peer));
  }
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

/// --host: no problem is timed.
Result<void> runHost(const Options &given, const BenchOptions &options,
                     int device) {
  if (!given.csv.empty() || !given.svg.empty())
    return wrong("expected only --json beside --host, got --csv or --svg");
  Result<std::vector<ListedProblem>> problems =
      problemsOf(given, options.target, options.seed);
  if (!problems)
    return problems.error();
  Result<Problem> problem = problems->front()->sizedProblem(options.seed);
  if (!problem)
    return problem.error();
  const std::vector<HostCost> costs = measureHostCosts(
      {options.target, device, *problem,
       static_cast<int>(std::min<int64_t>(options.rounds, 1000))});
  fmt::print("{}", toTable(costs));
  return given.json.empty() ? Result<void>()
                            : writeFile(given.json, toJson(costs));
}

Result<void> run(const Options &given) {
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

  Result<std::unique_ptr<Machine>> machine =
      Machine::create(options->target, static_cast<int>(*device));
  if (!machine)
    return machine.error();
  Result<int64_t> splits = parseInteger("--splits", given.splits, 0, 1'000'000);
  if (!splits)
    return splits.error();
  JitOptions jitOptions;
  jitOptions.splits = *splits;
  jitOptions.schedule = given.schedule;
  jitOptions.batchInvariant = given.batchInvariant;
  jitOptions.target = options->target;
  jitOptions.device = static_cast<int>(*device);
  jitOptions.cacheFolder = given.cacheFolder;
  jitOptions.cpuThreads = options->threads;
  jitOptions.allowSpills = given.allowSpills;
  Result<Jit> jit = Jit::create(jitOptions);
  if (!jit)
    return jit.error();
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
  auto add = [&](const char *name, auto &value, const char *help,
                 const char *placeholder, const char *group) {
    return app->add_option(name, value, help)
        ->type_name(placeholder)
        ->group(group)
        ->capture_default_str();
  };
  app->add_option("LIST", options.list, "Problems, one a line")
      ->type_name("FILE");
  add("--suite", options.suite, "forward, decode, cpu or smoke", "NAME",
      "Problems");
  add("--seed", options.seed, "Of the random inputs", "N", "Problems");
  options.problem.add(*app);

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
  add("--cache-dir", options.cacheFolder,
      "Keep kernels in this folder; none if empty", "DIR", "Run");
  app->add_flag("--allow-spills", options.allowSpills,
                "Accept a kernel that spills")
      ->group("Run");
  add("--schedule", options.schedule,
      "Replace fields of every schedule, e.g. \"keys=96 stages=2\"", "TEXT",
      "Run");
  add("--splits", options.splits,
      "Decode: CTAs that share the keys of a sequence, at most; 0: as many as "
      "fill the device",
      "N", "Run");
  app->add_flag("--batch-invariant", options.batchInvariant,
                "Decode: a row is the same whatever else is in the batch")
      ->group("Run");

  add("--gemm-library", options.gemmLibrary,
      "cuBLAS or OpenBLAS, in place of the usual names", "FILE", "Beside");
  add("--gemm-command", options.gemmCommand,
      "Where there is no cuBLAS: prints the milliseconds of a bf16 product of "
      "8192^3",
      "COMMAND", "Beside");
  app->add_option("--peer", options.peers,
                  "Also time another implementation; repeatable")
      ->type_name("NAME=COMMAND")
      ->group("Beside")
      ->expected(1)
      ->take_all();

  app->add_flag("--host", options.host,
                "Measure what the first problem costs the host before it runs, "
                "and time none")
      ->group("Run");

  add("--csv", options.csv, "Write a line a problem", "FILE", "Output");
  add("--json", options.json, "Write all that was measured", "FILE", "Output");
  add("--svg", options.svg, "Write a roofline", "FILE", "Output");
  return runTool(*app, argc, argv, [&] { return run(options); });
}
