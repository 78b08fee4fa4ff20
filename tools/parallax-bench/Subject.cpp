//===- Subject.cpp - A problem on the machine -----------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/parallax-bench/Subject.h"

#include "tools/parallax-bench/Ceilings.h"

#include <fmt/format.h>

#include <algorithm>

namespace parallax::tools {

constexpr int64_t kMaxSets = 64;

static std::string titleOf(const Problem &p) {
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
  if (p.keyDType() != p.dtype)
    title += fmt::format(" with {} cache", toString(p.keyDType()));
  if (p.mask == MaskKind::Causal)
    title += p.window ? fmt::format(" window {}", *p.window) : " causal";
  if (p.isPaged())
    title += fmt::format(" pages of {}", p.pageSize);
  if (p.newLength)
    title += fmt::format(" {} appended", *p.newLength);
  return title + (p.usedLengths ? " ragged" : "");
}

/// Each input read and each output written once, keys only as far as seen.
static double leastBytes(const Case &c) {
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

/// How many sets of tensors it takes for none to be in the cache when its turn
/// comes.
static int64_t setsFor(const BenchOptions &options, const Machine &machine,
                       const Runner &runner) {
  const int64_t cache = machine.cacheBytes();
  if (cache == 0)
    return 1;
  if (options.sets > 0)
    return options.sets;
  const int64_t bytes = std::max<int64_t>(1, runner.setBytes());
  return std::clamp<int64_t>((2 * cache + bytes - 1) / bytes, 1, kMaxSets);
}

Result<std::unique_ptr<Subject>> Subject::create(const BenchOptions &options,
                                                 Machine &machine, Case c) {
  Result<Runner> runner = Runner::create(machine, c, options.layout);
  if (!runner)
    return runner.error();
  return std::unique_ptr<Subject>(
      new Subject(options, machine, std::move(c), std::move(*runner)));
}

Result<std::unique_ptr<Sampler>> Subject::sampler() {
  if (Result<void> ok = runner.placeSets(setsFor(options, machine, runner));
      !ok)
    return ok.error();
  return runner.sampler(options.sampleMs);
}

Result<void> Subject::judge(BenchRow &row) {
  if (auto solved = runner.time(1); !solved)
    return solved.error();
  Result<Outputs> outputs = runner.outputs();
  if (!outputs)
    return outputs.error();
  if (!reference) {
    Result<Reference> made = makeReference(c, runner);
    if (!made)
      return made.error();
    reference = std::move(*made);
  }
  auto comparisons = compare(c.problem, *outputs, *reference);
  row.checkedBy = reference->source;
  // Of o, or what there is instead.
  row.maxErrorRatio = comparisons.begin()->second.maxErrorRatio();
  row.rmsRatio = comparisons.begin()->second.rmsRatio();
  row.sets = setsFor(options, machine, runner);
  return tools::judge(comparisons, defaultTolerance(c.problem.dtype));
}

Result<std::unique_ptr<Sampler>> Subject::floor() {
  if (c.problem.kind != ProblemKind::Decode)
    return std::unique_ptr<Sampler>();
  Result<std::unique_ptr<Sampler>> made =
      streamSampler(machine, runner, c, options.sampleMs);
  if (!made && made.error().code == ErrorCode::NotFound)
    return std::unique_ptr<Sampler>();
  return made;
}

} // namespace parallax::tools
