//===- Bench.cpp - Checks and times a list of problems --------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/parallax-bench/Bench.h"

#include "tools/Runner/Check.h"
#include "tools/parallax-bench/Ceilings.h"

#include <fmt/format.h>

#include <cmath>

namespace parallax::tools {

namespace {

constexpr int64_t kMaxSets = 64;

/// A problem on the machine.
struct Entry {
  BenchRow row;
  std::unique_ptr<Runner> runner;
  std::unique_ptr<Sampler> kernel, floor;
};

std::string titleOf(const Problem &p) {
  if (p.kind == ProblemKind::Merge)
    return fmt::format("merge {} of {}x{}({}q)x{} {}", p.parts, p.batch,
                       p.queryHeads, p.queryLength, p.headDim,
                       toString(p.dtype));
  std::string title = p.kind == ProblemKind::Decode ? "decode " : "";
  title += fmt::format("{}x{}", p.batch, p.queryHeads);
  if (p.kvHeads != p.queryHeads)
    title += fmt::format("/{}", p.kvHeads);
  title += fmt::format("x{}", p.keyLength);
  if (p.queryLength != (p.kind == ProblemKind::Decode ? 1 : p.keyLength))
    title += fmt::format("({}q)", p.queryLength);
  title += fmt::format("x{} {}", p.headDim, toString(p.dtype));
  if (p.mask == MaskKind::Causal)
    title += p.window ? fmt::format(" window {}", *p.window) : " causal";
  if (p.isPaged())
    title += fmt::format(" pages of {}", p.pageSize);
  if (p.newLength)
    title += fmt::format(" {} appended", *p.newLength);
  return title + (p.usedLengths ? " ragged" : "");
}

/// Each input read and each output written once, keys only as far as seen.
double leastBytes(const Case &c) {
  const Problem &p = c.problem;
  const auto rows = double(p.batch * p.queryLength * p.queryHeads);
  const auto rowOutputs = double(p.outputs.rowMax + p.outputs.d1 +
                                 p.outputs.tbar + p.outputs.logSumExp);
  const auto rowBytes = double(p.headDim) * double(sizeInBytes(p.dtype));
  const double stateBytes = 4 * (2 * double(p.headDim) + 3);
  const bool isMerge = p.kind == ProblemKind::Merge;
  const double inputs = isMerge ? double(p.parts) * stateBytes : 2 * rowBytes;
  return rows * (inputs + (p.writesOutput ? rowBytes : 0) +
                 (p.state ? stateBytes : 0) + 4 * rowOutputs) +
         cacheBytes(c);
}

BenchRow describe(const Case &c) {
  BenchRow row;
  row.problem = c.problem;
  row.title = titleOf(c.problem);
  row.flags = toFlags(c);
  row.flops = 8.0 * double(c.problem.headDim) * double(visiblePairs(c));
  row.bytes = leastBytes(c);
  row.cacheBytes = cacheBytes(c);
  return row;
}

/// Solves the problem and judges what came out.
Result<void> check(const Case &c, Entry &entry) {
  if (auto solved = entry.runner->time(1); !solved)
    return solved.error();
  Result<Outputs> outputs = entry.runner->outputs();
  if (!outputs)
    return outputs.error();
  Result<Reference> reference = makeReference(c, *entry.runner);
  if (!reference)
    return reference.error();
  auto comparisons = compare(c.problem, *outputs, *reference);
  entry.row.checkedBy = reference->source;
  // Of o, or what there is instead.
  entry.row.maxErrorRatio = comparisons.begin()->second.maxErrorRatio();
  entry.row.rmsRatio = comparisons.begin()->second.rmsRatio();
  return judge(comparisons, defaultTolerance(c.problem.dtype));
}

/// How many sets of tensors it takes for none to be in the cache when its turn
/// comes.
int64_t setsFor(const BenchOptions &options, const Machine &machine,
                const Runner &runner) {
  const int64_t cache = machine.cacheBytes();
  if (cache == 0)
    return 1;
  if (options.sets > 0)
    return options.sets;
  const int64_t bytes = std::max<int64_t>(1, runner.setBytes());
  return std::clamp<int64_t>((2 * cache + bytes - 1) / bytes, 1, kMaxSets);
}

class Bench {
public:
  Bench(const BenchOptions &options, Machine &machine, const Jit &jit)
      : options(options), machine(machine), jit(jit) {}

  Result<void> prepare(const CaseOptions &problem);
  Result<void> runRounds();
  void runPeers();

  BenchReport report;

private:
  Result<void> prepare(const Case &c, Entry &entry);
  void progress(const std::string &what) const {
    if (options.onProgress)
      options.onProgress(what);
  }

  const BenchOptions &options;
  Machine &machine;
  const Jit &jit;
  std::vector<Entry> entries;
};

Result<void> Bench::prepare(const CaseOptions &problem) {
  Result<Case> c = problem.randomCase(options.seed);
  if (!c)
    return c.error();
  Entry &entry = entries.emplace_back();
  entry.row = describe(*c);
  progress("check " + entry.row.title);
  if (Result<void> ok = prepare(*c, entry); !ok) {
    entry.row.failure = ok.error().message;
    entry.kernel.reset();
  }
  return {};
}

Result<void> Bench::prepare(const Case &c, Entry &entry) {
  Result<Runner> runner = Runner::create(machine, jit, c, Layout::BLHD);
  if (!runner)
    return runner.error();
  entry.runner = std::make_unique<Runner>(std::move(*runner));
  entry.row.schedule = entry.runner->plan().schedule;
  if (Result<void> ok = check(c, entry); !ok)
    return ok;
  entry.row.sets = setsFor(options, machine, *entry.runner);
  if (Result<void> ok = entry.runner->placeSets(entry.row.sets); !ok)
    return ok;
  Result<std::unique_ptr<Sampler>> kernel =
      entry.runner->sampler(options.sampleMs);
  if (!kernel)
    return kernel.error();
  entry.kernel = std::move(*kernel);
  if (!entry.row.isDecode())
    return {};
  Result<std::unique_ptr<Sampler>> floor =
      streamSampler(machine, *entry.runner, c, options.sampleMs);
  if (floor)
    entry.floor = std::move(*floor);
  else if (floor.error().code != ErrorCode::NotFound)
    return floor.error();
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
    for (Entry &entry : entries) {
      if (!entry.kernel)
        continue;
      if (Result<void> ok = take(entry.floor, entry.row.floor); !ok)
        return ok;
      if (Result<void> ok = take(entry.kernel, entry.row.time); !ok)
        return ok;
    }
  }
  return {};
}

void Bench::runPeers() {
  for (const Peer &peer : options.peers)
    report.peers.push_back(peer.name);
  for (Entry &entry : entries)
    for (const Peer &peer : options.peers) {
      progress(peer.name + " on " + entry.row.title);
      Result<double> ms = timeCommand(peer.command + " " + entry.row.flags);
      if (ms)
        entry.row.peers[peer.name] = *ms;
      else
        report.notes.push_back(fmt::format(
            "{} on {}: {}", peer.name, entry.row.title, ms.error().message));
    }
  for (Entry &entry : entries)
    report.rows.push_back(std::move(entry.row));
}

} // namespace

Result<BenchReport> runBench(const BenchOptions &options, Machine &machine,
                             const Jit &jit,
                             const std::vector<ListedProblem> &problems) {
  Bench bench(options, machine, jit);
  bench.report.device = machine.name();
  bench.report.rounds = options.rounds;
  for (const ListedProblem &problem : problems)
    if (Result<void> ok = bench.prepare(*problem); !ok)
      return ok.error();
  if (Result<void> ok = bench.runRounds(); !ok)
    return ok.error();
  bench.runPeers();
  return std::move(bench.report);
}

} // namespace parallax::tools
