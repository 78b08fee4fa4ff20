//===- Ceilings.h - What limits kernels on this machine ---------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_TOOLS_PARALLAX_BENCH_CEILINGS_H
#define PARALLAX_TOOLS_PARALLAX_BENCH_CEILINGS_H

#include "tools/parallax-bench/Bench.h"
#include "tools/parallax-bench/Gemm.h"

namespace parallax::tools {

/// A large matrix product, and reading a large cache, ready to be timed. What
/// can't be had says in its ceiling why.
class Ceilings {
public:
  Ceilings(Machine &machine, const Jit &jit) : machine(machine), jit(jit) {}

  void prepareGemm(const BenchOptions &options, Ceiling &ceiling);
  void prepareStream(const BenchOptions &options, Ceiling &ceiling);

private:
  Machine &machine;
  const Jit &jit;
  std::unique_ptr<Gemm> product;
  std::unique_ptr<Runner> cache;

public:
  std::unique_ptr<Sampler> gemm, stream; ///< Null: there is none.
};

/// Bytes of the keys and values that any query sees.
double cacheBytes(const Case &c);

/// Samples of the streaming floor of `c`, which `runner` runs, its keys split
/// as is fastest. NotFound where there is none.
Result<std::unique_ptr<Sampler>>
streamSampler(Machine &machine, const Runner &runner, const Case &c, double ms);

} // namespace parallax::tools

#endif // PARALLAX_TOOLS_PARALLAX_BENCH_CEILINGS_H
