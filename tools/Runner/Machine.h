//===- Machine.h - Where a case's tensors are and how launches are timed -*- C++
//-*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_TOOLS_RUNNER_MACHINE_H
#define PARALLAX_TOOLS_RUNNER_MACHINE_H

#include "parallax/Jit.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace parallax::tools {

/// The memory and the clock of a target.
class Machine {
public:
  virtual ~Machine() = default;

  /// This processor, or a CUDA device. Fails as Jit::create does.
  static Result<std::unique_ptr<Machine>> create(Target target, int device);

  virtual std::string name() const = 0;

  /// Where the target sees the `bytes` bytes at `data`, which stay there. On
  /// the CPU that is `data`, else a copy that lives as long as the machine.
  virtual Result<void *> place(void *data, size_t bytes) = 0;

  /// Brings what the target has written into what was placed back to `data`.
  virtual Result<void> fetch(void *data, void *placed) = 0;

  /// A launch on a stream, which is null on the CPU.
  using Launch = std::function<Result<void>(void *stream)>;

  /// Milliseconds per launch, `repeat` samples after some that warm up. When
  /// it returns, all launches are done. On a device a sample is a CUDA graph of
  /// launches, so that the time to enqueue them is no part of it.
  virtual Result<std::vector<double>> time(const Launch &launch,
                                           int repeat) = 0;

  /// Solves `problem` by the definition, with the pointers of a launch but
  /// float32, contiguous o. NotFound where the target has no oracle.
  virtual Result<void> evaluate(const Problem &problem,
                                const Arguments &arguments) = 0;
};

std::unique_ptr<Machine> createCpuMachine();
Result<std::unique_ptr<Machine>> createCudaMachine(int device);

} // namespace parallax::tools

#endif // PARALLAX_TOOLS_RUNNER_MACHINE_H
