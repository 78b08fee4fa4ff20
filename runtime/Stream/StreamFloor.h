//===- StreamFloor.h - How fast a cache can be read -----------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a decode is measured by: runtime/kernels/stream.cu, compiled by NVRTC,
// reads the used keys and values of a problem and computes nothing. It is
// launched as any kernel, through a plan whose heads are the shares into which
// the keys of a head are split.
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_RUNTIME_STREAM_STREAMFLOOR_H
#define PARALLAX_RUNTIME_STREAM_STREAMFLOOR_H

#include "runtime/Cuda/LaunchPlan.h"
#include "runtime/Nvrtc/Nvrtc.h"

namespace parallax {

/// The CUDA C++ text of the kernel.
extern const char *const kStreamSource;

class StreamFloor {
public:
  /// Compiles the kernel for the context's device.
  static Result<StreamFloor> create(const Context &context, const Nvrtc &nvrtc);

  /// A plan that reads k and v of `problem`, a share of each head's keys a
  /// block. Its launches take k, v and used lengths, which must be there even
  /// if the problem has none, and a pointer for o, which is not written. The
  /// pages of a pool are read in order; NotFound if they don't lie side by
  /// side.
  /// They start as those of the kernels that are compared
  /// (`LaunchPlanOptions::programmaticLaunch`).
  Result<LaunchPlan> plan(const Problem &problem, int64_t splits,
                          bool programmaticLaunch) const;

  /// How many shares can be of use: those that have a tile each.
  static int64_t mostSplits(const Problem &problem);

private:
  StreamFloor(const Context &context, std::vector<uint8_t> cubin)
      : context(context), cubin(std::move(cubin)) {}

  Context context;
  std::vector<uint8_t> cubin;
};

} // namespace parallax

#endif // PARALLAX_RUNTIME_STREAM_STREAMFLOOR_H
