//===- CpuKernel.h - A kernel in this process's memory ----------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_COMPILER_CPUKERNEL_H
#define PARALLAX_COMPILER_CPUKERNEL_H

#include "parallax/KernelImage.h"
#include "parallax/Problem.h"
#include "parallax/Result.h"

#include <array>
#include <memory>

namespace parallax {

/// An image whose code is an object file for this processor, loaded. Copies
/// share it; all functions may be called from many threads.
class CpuKernel {
public:
  /// Returns InvalidArgument for an image of another target, CompileFailed for
  /// an object that does not link.
  static Result<CpuKernel> load(std::shared_ptr<const KernelImage> image);

  /// See `launchOnCpu`.
  Result<void> launch(const Problem &problem,
                      const std::array<void *, kNumOperands> &pointers,
                      int threads) const;

  const KernelImage &image() const;

  struct State;

private:
  explicit CpuKernel(std::shared_ptr<const State> state)
      : state(std::move(state)) {}
  std::shared_ptr<const State> state;
};

} // namespace parallax

#endif // PARALLAX_COMPILER_CPUKERNEL_H
