//===- Kernel.h - A kernel image, loaded ------------------------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_RUNTIME_CUDA_KERNEL_H
#define PARALLAX_RUNTIME_CUDA_KERNEL_H

#include "runtime/Cuda/Context.h"

#include "parallax/KernelImage.h"

namespace parallax {

/// The code of a kernel image in a context, wholly loaded, so that a launch may
/// be captured in a graph. Copies share it.
class Kernel {
public:
  /// Loads the image's cubin, else its PTX, which the driver assembles. May be
  /// called while this thread captures a stream. Returns Unsupported if the
  /// device is another or too small, CompileFailed if the driver takes neither.
  static Result<Kernel> load(const Context &context,
                             std::shared_ptr<const KernelImage> image);

  const Context &context() const;
  const KernelImage &image() const;
  FunctionHandle function() const;
  /// Whether the driver assembled it from PTX.
  bool fromPtx() const;

  struct State;

private:
  explicit Kernel(std::shared_ptr<const State> state)
      : state(std::move(state)) {}
  std::shared_ptr<const State> state;
};

} // namespace parallax

#endif // PARALLAX_RUNTIME_CUDA_KERNEL_H
