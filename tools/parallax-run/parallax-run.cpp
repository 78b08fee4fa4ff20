//===- parallax-run.cpp - Solve a problem, judge and time it --------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/Support/Npz.h"
#include "tools/parallax-run/Measurement.h"
#include "tools/parallax-run/Solver.h"

#include <fmt/format.h>

#include <cstdlib>
#include <limits>

using namespace parallax;
using namespace parallax::tools;

namespace {

constexpr const char *kDescription =
    "Solves an attention problem on this machine's processor or CUDA device,\n"
    "compares the result with a reference and measures the time. Inputs come\n"
    "from an .npz file or are made at random.\n";

constexpr const char *kFooter = R"(The reference:
  o of the file, if it has one; else the definition in float64, on the device
  (compiled by NVRTC, if that is there) or on the host. The host checks as many
  rows as it can do in a second or two, spread over the output.

Examples:
  parallax-run --npz case.npz --dtype f32 --mask causal --window 50
      q, r, k, v of shape (batch, length, heads, head dimension), float32,
      rounded to the dtype, and o
  parallax-run --target cuda --batch 4 --q-len 4096 --k-len 4096 \
               --q-heads 16 --kv-heads 16 --mask causal
      a training forward at random
  parallax-run --op decode --batch 8 --k-len 4096 --q-heads 32 --kv-heads 8 \
               --used-lengths random --mask causal --json
      a decode whose sequences use different parts of the cache
  parallax-run --op decode --batch 8 --k-len 4096 --page-size 64 \
               --used-lengths random --mask causal
      the same against pages that a block table deals out in random order; in a
      file, k and v are of shape (pages, page size, heads, head dimension) and
      block_table of shape (batch, pages of a sequence)
  parallax-run --op decode --k-len 4096 --new-len 2 --q-len 2 --mask causal
      two tokens that are appended to the cache first, which is compared, too
  parallax-run --op decode --k-len 4096 --outputs state,no_o
      a state to merge with those of other keys; compared as the sums over d1,
      and as m + log2 d1
  parallax-run --op merge --parts 8 --batch 4 --q-heads 32 --outputs log_sum_exp
  parallax-run --op decode --npz half.npz --outputs state,no_o --write state.npz
  parallax-run --op merge --npz state.npz --npz state2.npz --npz whole.npz
      the state of half of a cache, then that of all, whose o whole.npz holds. In
      a file of a merge are state_m, state_d1 and state_d2 of shape (batch,
      length, heads) and state_o1 and state_o2 of shape (..., head dimension), or
      part_m and so on with a first dimension of parts, or o

JSON names: max_abs_error, max_error_ratio, rms_ratio, ms, tflops, schedule,
source (memory, disk or compiled), compile_ms, registers, device, reference,
checked_rows, passed; outputs, if --outputs asks for any. An error that is not
finite is null. A launch without --outputs fills o only. The first three are of o
or, if it is not written, of the first other output.

Environment: PARALLAX_CACHE_DIR, the default of --cache-dir.
Exit status: 0; 1 with one line on stderr if something is wrong or an error is
past the tolerance.)";

constexpr int64_t kMaxInt = std::numeric_limits<int32_t>::max();

Result<Case> makeCase(const Options &options) {
  if (!options.npz.empty()) {
    Result<Problem> problem = options.problem.problem();
    if (!problem)
      return problem.error();
    if (options.problem.sizesGiven())
      return wrong(fmt::format("expected the sizes from {} or from options, "
                               "got both",
                               options.npz.front()));
    if (problem->kind == ProblemKind::Merge)
      return readStates(*problem, options.npz);
    if (options.npz.size() != 1)
      return wrong(fmt::format("expected one --npz unless states are merged, "
                               "got {}",
                               options.npz.size()));
    Result<Case> c = readCase(*problem, options.npz.front());
    if (c && c->problem.usedLengths)
      for (int32_t length : c->inputs.usedLengths)
        if (length < 1 || length > c->problem.keyLength)
          return wrong(fmt::format("expected used_lengths in [1, {}], got {}",
                                   c->problem.keyLength, length));
    return c;
  }
  Result<int64_t> seed = parseInteger("--seed", options.seed, 0,
                                      std::numeric_limits<int64_t>::max());
  if (!seed)
    return seed.error();
  return options.problem.randomCase(*seed);
}

/// As they are, before anything judges them.
Result<void> writeOutputs(const std::string &path, const Problem &p,
                          const Outputs &outputs) {
  std::map<std::string, NpyArray> arrays;
  for (const auto &[operand, values] : outputs) {
    NpyArray &array = arrays[std::string(toString(operand))];
    array.shape = {p.batch, p.queryLength, p.queryHeads};
    if (const int64_t width = widthOf(p, operand); width != 1)
      array.shape.push_back(width);
    array.values.assign(values.begin(), values.end());
  }
  return writeNpz(path, arrays);
}

Result<Measurement> measure(const Options &options) {
  if (options.target != "cpu" && options.target != "cuda" &&
      options.target != "sim")
    return wrong(fmt::format("expected --target to be cpu, cuda or sim, got "
                             "'{}'",
                             options.target));
  Result<Target> target = options.target == "sim"
                              ? Result<Target>(Target::Sm90a)
                              : parseRunTarget(options.target);
  if (!target)
    return target.error();
  Result<Layout> layout = parseLayout(options.layout);
  if (!layout)
    return layout.error();
  Result<int64_t> repeat =
      parseInteger("--repeat", options.repeat, 1, 1'000'000);
  if (!repeat)
    return repeat.error();
  Result<int64_t> threads =
      parseInteger("--threads", options.threads, 0, 1 << 16);
  if (!threads)
    return threads.error();
  Result<int64_t> device = parseInteger("--device", options.device, 0, kMaxInt);
  if (!device)
    return device.error();
  Result<Case> c = makeCase(options);
  if (!c)
    return c.error();

  Result<Solver> solver = makeSolver(
      options, *target, static_cast<int>(*device), static_cast<int>(*threads));
  if (!solver)
    return solver.error();
  Result<Runner> runner =
      Runner::create(*solver->machine, solver->prepare, *c, *layout);
  if (!runner)
    return runner.error();
  Result<std::vector<double>> samples = runner->time(*repeat);
  if (!samples)
    return samples.error();
  Result<Outputs> outputs = runner->written();
  if (!outputs)
    return outputs.error();
  if (!options.write.empty())
    if (Result<void> ok = writeOutputs(options.write, c->problem, *outputs);
        !ok)
      return ok.error();
  normalizeState(*outputs);
  Result<Reference> reference = makeReference(*c, *runner);
  if (!reference)
    return reference.error();
  auto comparisons = compare(c->problem, *outputs, *reference);
  return Measurement{std::move(*c),           *target,
                     solver->machine->name(), runner->plan(),
                     runner->planMs(),        std::move(*samples),
                     std::move(*reference),   std::move(comparisons)};
}

Result<void> run(const Options &options) {
  Result<Measurement> measured = measure(options);
  if (!measured)
    return measured.error();
  Tolerance tolerance = defaultTolerance(measured->c.problem.dtype);
  for (const auto &[name, text, value] :
       {std::tuple("--max-error-ratio", options.maxErrorRatio,
                   &tolerance.maxErrorRatio),
        std::tuple("--rms-ratio", options.rmsRatio, &tolerance.rmsRatio)})
    if (!text.empty()) {
      Result<double> number = parseNumber(name, text);
      if (!number)
        return number.error();
      *value = *number;
    }
  Result<void> verdict = judge(measured->comparisons, tolerance);
  if (options.json)
    printJson(*measured, bool(verdict));
  else
    printTable(*measured, tolerance);
  return verdict;
}

} // namespace

int main(int argc, char **argv) {
  auto app = makeApp("parallax-run", kDescription, kFooter);
  Options options;
  if (const char *folder = std::getenv("PARALLAX_CACHE_DIR"))
    options.cacheFolder = folder;
  auto add = [&](const char *name, std::string &text, const char *help,
                 const char *placeholder, const char *group) {
    return app->add_option(name, text, help)
        ->type_name(placeholder)
        ->group(group)
        ->capture_default_str();
  };
  options.problem.add(*app);

  app->add_option("--npz", options.npz,
                  "Read q, r, k, v, and what there is of o, used_lengths, "
                  "block_table, new_k, new_v, k_scale and v_scale; of a merge, "
                  "states, repeatable")
      ->type_name("FILE")
      ->group("Inputs")
      ->expected(1)
      ->take_all();
  add("--seed", options.seed, "Of the random inputs", "N", "Inputs");
  add("--layout", options.layout,
      "How tensors lie in memory: blhd, bhld, or sliced (blhd with a gap after "
      "each token)",
      "LAYOUT", "Inputs");

  add("--target", options.target,
      "cpu, cuda (Hopper), or sim: the simulator of the\nhopper dialect",
      "TARGET", "Run");
  add("--device", options.device, "CUDA device", "N", "Run");
  add("--repeat", options.repeat, "Timed samples; the median is reported", "N",
      "Run");
  add("--threads", options.threads, "CPU threads; 0: all", "N", "Run");
  add("--cache-dir", options.cacheFolder,
      "Keep kernels in this folder; none if empty", "DIR", "Run");
  app->add_option("--schedule", options.schedule,
                  "Replace fields of the schedule, e.g. \"keys=96 stages=2\"")
      ->type_name("FIELD=N ...")
      ->group("Run");
  add("--pinned", options.pinned,
      "Take the schedule of this file, which parallax-bench --tune writes, if "
      "it has one for the problem",
      "FILE", "Run");
  app->add_flag("--allow-spills", options.allowSpills,
                "Accept a kernel that spills")
      ->group("Run");
  add("--write", options.write,
      "Write the outputs, as float32 and right or wrong, into an .npz file",
      "FILE", "Run");
  add("--splits", options.splits,
      "Decode: CTAs that share the keys of a sequence, at most; 0: as many as "
      "fill the device",
      "N", "Run");
  app->add_flag("--batch-invariant", options.batchInvariant,
                "Decode: a row is the same whatever else is in the batch")
      ->group("Run");
  app->add_flag("--no-programmatic-launch", options.noProgrammaticLaunch,
                "On a device: launches start when earlier ones are complete, "
                "not while they end")
      ->group("Run");

  add("--orders", options.orders,
      "Orders of events in which each CTA is simulated; --seed draws them", "N",
      "Simulation");
  add("--ctas", options.ctas,
      "CTAs of a persistent kernel, which take tiles in turn; 0: so few that "
      "some take three",
      "N", "Simulation");
  add("--kernel", options.kernel,
      "Simulate this kernel of the hopper dialect instead of compiling one",
      "FILE", "Simulation");
  add("--trace", options.trace,
      "Write roles against steps for a browser's trace viewer", "FILE",
      "Simulation");

  add("--max-error-ratio", options.maxErrorRatio,
      "Allowed largest error over max|o|; default 2e-5 for f32, 7e-3 for bf16, "
      "2e-3 for f16",
      "X", "Judgement");
  add("--rms-ratio", options.rmsRatio,
      "Allowed ||o - reference|| / ||reference||; default 1e-5, 3e-3, 8e-4",
      "Y", "Judgement");
  app->add_flag("--json", options.json, "Print JSON, not a table")
      ->group("Judgement");
  return runTool(*app, argc, argv, [&] { return run(options); });
}
