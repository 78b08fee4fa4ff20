//===- Ceilings.cpp - What limits kernels on this machine -----------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/parallax-bench/Ceilings.h"

#include "runtime/Stream/StreamFloor.h"

#include <fmt/format.h>

#include <cmath>

namespace parallax::tools {

double cacheBytes(const Case &c) {
  const Problem &p = c.problem;
  if (p.kind == ProblemKind::Merge)
    return 0;
  double keys = 0;
  for (int32_t length : seenLengths(c))
    keys += double(length) * double(p.kvHeads);
  return 2 * keys * double(p.headDim) * double(sizeInBytes(p.keyDType()));
}

void Ceilings::prepareGemm(const BenchOptions &options, Ceiling &ceiling) {
  Result<std::unique_ptr<Gemm>> made = Gemm::create(
      options.target, machine, options.gemmLibrary, options.threads);
  if (made) {
    product = std::move(*made);
    ceiling.name = product->name();
    ceiling.work = product->flops();
    Result<std::unique_ptr<Sampler>> sampler = machine.sampler(
        {[this](void *stream) { return product->launch(stream); }},
        options.sampleMs);
    if (sampler)
      gemm = std::move(*sampler);
    else
      ceiling.absent = sampler.error().message;
    return;
  }
  ceiling.absent = made.error().message;
  if (options.gemmCommand.empty())
    return;
  ceiling.name = options.gemmCommand;
  ceiling.work = 2 * std::pow(kDeviceGemmSize, 3);
  Result<double> ms = timeCommand(options.gemmCommand, options.peerSeconds);
  if (ms)
    ceiling.time.add(*ms);
  else
    ceiling.absent += fmt::format("; {}", ms.error().message);
}

void Ceilings::prepareStream(const BenchOptions &options, Ceiling &ceiling) {
  if (machine.cacheBytes() == 0) {
    ceiling.absent = "none on the CPU";
    return;
  }
  // Half a gigabyte: ten times what a device keeps in its cache.
  Problem problem;
  problem.kind = ProblemKind::Decode;
  const Sizes sizes = {32, 1, 4096, 8, 8, 128};
  auto prepare = [&]() -> Result<void> {
    Result<Case> c = randomCase(problem, sizes, {}, options.seed);
    if (!c)
      return c.error();
    Result<Runner> runner = Runner::create(machine, jit, *c, Layout::BLHD);
    if (!runner)
      return runner.error();
    cache = std::make_unique<Runner>(std::move(*runner));
    Result<std::unique_ptr<Sampler>> sampler =
        streamSampler(machine, *cache, *c, options.sampleMs);
    if (!sampler)
      return sampler.error();
    stream = std::move(*sampler);
    ceiling.name = fmt::format("k and v of {}x{}x{}x{}", sizes.batch,
                               sizes.kvHeads, sizes.keyLength, sizes.headDim);
    ceiling.work = cacheBytes(*c);
    return {};
  };
  if (Result<void> ok = prepare(); !ok)
    ceiling.absent = ok.error().message;
}

Result<std::unique_ptr<Sampler>> streamSampler(Machine &machine,
                                               const Runner &runner,
                                               const Case &c, double ms) {
  constexpr int64_t mostSplits = 128;
  constexpr int64_t mostBlocks = 1 << 15;
  constexpr double trialMs = 2;
  constexpr int trials = 3;
  const Problem &problem = runner.problem();
  double least = INFINITY;
  int64_t bestSplits = 1;
  for (int64_t splits = 1;
       splits == 1 ||
       (splits <= std::min(mostSplits, StreamFloor::mostSplits(problem)) &&
        problem.batch * problem.kvHeads * splits <= mostBlocks);
       splits *= 2) {
    Result<std::vector<Machine::Launch>> launches =
        machine.streams(problem, runner.sets(), seenLengths(c), splits);
    if (!launches)
      return launches.error();
    Result<std::unique_ptr<Sampler>> sampler =
        machine.sampler(std::move(*launches), trialMs);
    if (!sampler)
      return sampler.error();
    Timing timing;
    for (int i = 0; i < trials; ++i) {
      Result<double> taken = (*sampler)->sample();
      if (!taken)
        return taken.error();
      timing.add(*taken);
    }
    if (timing.median() < least) {
      least = timing.median();
      bestSplits = splits;
    }
  }
  Result<std::vector<Machine::Launch>> launches =
      machine.streams(problem, runner.sets(), seenLengths(c), bestSplits);
  if (!launches)
    return launches.error();
  return machine.sampler(std::move(*launches), ms);
}

} // namespace parallax::tools
