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

/// Launches that are timed together.
class Sampler {
public:
  virtual ~Sampler() = default;

  /// Milliseconds per launch. When it returns, all launches are done.
  virtual Result<double> sample() = 0;
};

/// The memory and the clock of a target.
class Machine {
public:
  virtual ~Machine() = default;

  /// This processor, or a CUDA device, whose `streams` start as the kernels do
  /// that they are compared with (`JitOptions::programmaticLaunch`). Fails as
  /// Jit::create does.
  static Result<std::unique_ptr<Machine>>
  create(Target target, int device, bool programmaticLaunch = true);

  virtual std::string name() const = 0;

  /// Where the target sees the `bytes` bytes at `data`, which stay there. On
  /// the CPU that is `data`, else a copy that lives as long as the machine.
  virtual Result<void *> place(void *data, size_t bytes) = 0;

  /// Brings what the target has written into what was placed back to `data`.
  virtual Result<void> fetch(void *data, void *placed) = 0;

  /// Makes the target see what stands at `data` now where it sees `placed`.
  virtual Result<void> update(const void *data, void *placed) = 0;

  /// A launch on a stream, which is null on the CPU.
  using Launch = std::function<Result<void>(void *stream)>;

  /// Samples of `launches`, in turn and equally often, after some that warm up.
  /// On a device a sample is a CUDA graph that takes about `ms` milliseconds,
  /// so that the time to enqueue launches is no part of it; on the CPU it is
  /// each launch once. The machine must outlive the sampler.
  virtual Result<std::unique_ptr<Sampler>> sampler(std::vector<Launch> launches,
                                                   double ms) = 0;

  /// Bytes that stay near the target's cores from one launch to the next: the
  /// last level's cache of a device. 0 on the CPU, where nothing is placed
  /// twice.
  virtual int64_t cacheBytes() const = 0;

  /// Solves `problem` by the definition, with the pointers of a launch but
  /// float32, contiguous o. NotFound where the target has no oracle.
  virtual Result<void> evaluate(const Problem &problem,
                                const Arguments &arguments) = 0;

  /// Launches, one for each of `sets`, that read the first keys and values of
  /// each sequence of `problem`, as many as `lengths` says, and do nothing with
  /// them. The keys of a head are split into `splits` shares. NotFound where
  /// the target has no such kernel.
  virtual Result<std::vector<Launch>>
  streams(const Problem &problem, const std::vector<Arguments> &sets,
          std::vector<int32_t> lengths, int64_t splits) = 0;
};

std::unique_ptr<Machine> createCpuMachine();
Result<std::unique_ptr<Machine>> createCudaMachine(int device,
                                                   bool programmaticLaunch);

} // namespace parallax::tools

#endif // PARALLAX_TOOLS_RUNNER_MACHINE_H
