//===- LaunchPlan.h - Starts a kernel on a stream ---------------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_RUNTIME_CUDA_LAUNCHPLAN_H
#define PARALLAX_RUNTIME_CUDA_LAUNCHPLAN_H

#include "runtime/Cuda/Kernel.h"

#include "parallax/KernelImage.h"

#include <array>
#include <memory>

namespace parallax {

/// The parameters of one launch, as the driver takes them.
struct LaunchFrame {
  static constexpr size_t kMaxParameters = 128;
  static constexpr size_t kMaxBytes = 4096; ///< What every driver takes.

  alignas(TensorMap) uint8_t bytes[kMaxBytes];
  void *parameters[kMaxParameters]; ///< Into `bytes`.
};

/// Device memory for the launches of a stream, which share it one after the
/// other. Zero before its first launch, and again after a launch that failed,
/// as `LaunchPlan::clearWorkspace` makes it.
struct WorkspaceMemory {
  void *data = nullptr; ///< Null: the context's, one for each stream.
  size_t bytes = 0;
};

struct LaunchPlanOptions {
  /// A row's result is bitwise the same whatever else is in the batch.
  bool batchInvariant = false;
  /// CTAs that share the keys of a tile of queries, at most; 0: as many as the
  /// device needs.
  int64_t splits = 0;
  /// Start a kernel with `KernelImage::awaitsGrids` before earlier launches of
  /// the stream are complete (programmatic dependent launch).
  bool programmaticLaunch = true;
};

/// A kernel with the grid and the parameters of one problem; only the pointers
/// are missing. Copies share it; all functions may be called from many threads.
class LaunchPlan {
public:
  /// Returns InvalidArgument for a problem that lacks a size or that TMA can't
  /// take, Unsupported for one whose grid is too large. Strides that are absent
  /// are those of contiguous (B, L, H, D) tensors.
  static Result<LaunchPlan> create(const Problem &problem, const Kernel &kernel,
                                   const LaunchPlanOptions &options = {});

  /// Device pointers by operand; those the problem lacks are not looked at.
  using Pointers = std::array<void *, kNumOperands>;

  /// Writes all parameters of a launch: the first half of `launch`, in the
  /// current context.
  Result<void> fill(const Pointers &pointers, LaunchFrame &frame,
                    const WorkspaceMemory &workspace = {},
                    void *stream = nullptr) const;
  /// Starts the kernel with the parameters of `frame`: the second half.
  DriverStatus start(const LaunchFrame &frame, void *stream) const;

  /// Starts the kernel on `stream`, a stream of the kernel's context, null for
  /// its default one. It may be captured. Neither waits nor allocates, but for
  /// the first launch on a stream or in a capture that needs a workspace and is
  /// given none.
  Result<void> launch(const Pointers &pointers, void *stream,
                      const WorkspaceMemory &workspace = {}) const;

  /// Sets on `stream` what a launch must find zero, the tickets, which are the
  /// same for all plans. May be captured.
  Result<void> clearWorkspace(const WorkspaceMemory &workspace,
                              void *stream) const;

  const Problem &problem() const;
  const Kernel &kernel() const;
  /// CTAs.
  uint32_t gridSize() const;
  /// CTAs that share the keys of a tile of queries.
  int32_t splits() const;
  /// CTAs of each cluster, 1 if there are none.
  int32_t cluster() const;
  /// Of the workspace that a launch needs, 0 if none.
  size_t workspaceBytes() const;

  struct State;

private:
  explicit LaunchPlan(std::shared_ptr<const State> state)
      : state(std::move(state)) {}
  std::shared_ptr<const State> state;
};

} // namespace parallax

#endif // PARALLAX_RUNTIME_CUDA_LAUNCHPLAN_H
