//===- Subject.h - A problem on the machine ---------------------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_TOOLS_PARALLAX_BENCH_SUBJECT_H
#define PARALLAX_TOOLS_PARALLAX_BENCH_SUBJECT_H

#include "tools/Runner/Check.h"
#include "tools/parallax-bench/Bench.h"

#include <memory>
#include <optional>

namespace parallax::tools {

/// What is known of a case before it runs.
BenchRow describe(const Case &c);

/// A problem whose inputs are placed once, and judged against one reference, to
/// be solved by any number of kernels.
class Subject {
public:
  /// The machine must outlive the subject and its samplers.
  static Result<std::unique_ptr<Subject>> create(const BenchOptions &options,
                                                 Machine &machine, Case c);

  /// With the strides that the tensors have.
  const Problem &problem() const { return runner.problem(); }

  /// Makes `plan` the one that is sampled and judged.
  Result<void> use(const Plan &plan) { return runner.prepare(prepareBy(plan)); }
  /// Samples of the plan in use.
  Result<std::unique_ptr<Sampler>> sampler();
  /// Solves the problem by the plan in use and judges it; `row` gets errors,
  /// and how many sets of tensors samples take in turn.
  Result<void> judge(BenchRow &row);

  /// Of reading the cache only; null where that says nothing or can't be had.
  Result<std::unique_ptr<Sampler>> floor();

private:
  Subject(const BenchOptions &options, Machine &machine, Case c, Runner runner)
      : options(options), machine(machine), c(std::move(c)),
        runner(std::move(runner)) {}

  const BenchOptions &options;
  Machine &machine;
  Case c;
  Runner runner;
  std::optional<Reference> reference; ///< Made when a kernel has run.
};

} // namespace parallax::tools

#endif // PARALLAX_TOOLS_PARALLAX_BENCH_SUBJECT_H
