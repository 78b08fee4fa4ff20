//===- Stopwatch.h - Times launches on a device -----------------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_TOOLS_RUNNER_STOPWATCH_H
#define PARALLAX_TOOLS_RUNNER_STOPWATCH_H

#include "runtime/Cuda/Driver.h"
#include "tools/Runner/Machine.h"

namespace parallax::tools {

/// A stream with two events, in the calling thread's context.
class Stopwatch {
public:
  static Result<std::unique_ptr<Stopwatch>> create(const Driver &driver);
  ~Stopwatch();
  Stopwatch(const Stopwatch &) = delete;

  /// Milliseconds of one launch, with what it costs to enqueue it.
  Result<double> time(const Machine::Launch &launch);

  /// Captures the launches, one after the other and all `rounds` times, in the
  /// stopwatch's graph. May be called once.
  Result<void> capture(const std::vector<Machine::Launch> &launches,
                       int64_t rounds);

  /// Milliseconds of one run of the graph.
  Result<double> replay();

private:
  explicit Stopwatch(const Driver &driver) : driver(driver) {}

  const Driver &driver;
  StreamHandle stream = nullptr;
  EventHandle begin = nullptr, end = nullptr;
  GraphHandle graph = nullptr;
  ExecutableGraphHandle executable = nullptr;
};

} // namespace parallax::tools

#endif // PARALLAX_TOOLS_RUNNER_STOPWATCH_H
