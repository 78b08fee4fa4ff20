//===- LaunchPlanState.h - What a launch plan holds -------------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A plan holds the bytes of all parameters as the kernel takes them. A launch
// copies them to its stack, writes the pointers and tensor maps, and calls the
// driver. The maps of the last launch are kept, since the next one mostly has
// the same pointers.
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_RUNTIME_CUDA_LAUNCHPLANSTATE_H
#define PARALLAX_RUNTIME_CUDA_LAUNCHPLANSTATE_H

#include "runtime/Cuda/LaunchPlan.h"

#include "lib/Data/OperandShape.h"
#include "lib/Data/Workspace.h"
#include "runtime/Cuda/TensorMapShape.h"

#include <mutex>
#include <vector>

namespace parallax {

struct LaunchPlan::State {
  /// A parameter that is a pointer.
  struct PointerSlot {
    Operand operand;
    uint32_t offset;
    uint32_t alignment;
  };

  /// A parameter that points into the workspace.
  struct WorkspaceSlot {
    int64_t piece; ///< Where it begins, bytes.
    uint32_t offset;
  };

  /// A parameter that is a tensor map, and the last one.
  struct MapSlot {
    TensorMapShape shape;
    uint32_t offset;
    void *address = nullptr;
    TensorMap map = {};
  };

  State(const Problem &problem, const Kernel &kernel)
      : problem(problem), kernel(kernel) {}

  Result<void> addParameters(const LaunchPlanOptions &options);
  Result<void> add(const KernelParameter &parameter);
  Result<void> addSize(int64_t size, bool reciprocal);
  Result<void> alignRows(const OperandShape &shape, PointerSlot &slot) const;
  template <typename T> uint32_t append(T value, size_t alignment = sizeof(T));
  Result<void> writePointers(const Pointers &pointers, uint8_t *target) const;
  Result<void> writeWorkspace(const WorkspaceMemory &given, void *stream,
                              uint8_t *target) const;
  Result<void> writeMaps(const Pointers &pointers, uint8_t *target) const;

  Problem problem;
  Kernel kernel;
  /// Query tiles, heads, batch, splits, CTAs; of a section, batch entries and
  /// tiles of all heads; CTAs of a cluster.
  std::array<int32_t, 8> grid = {};
  /// As the driver takes it: of heads, splits and all else where keys may be
  /// shared, else of one.
  std::array<uint32_t, 3> dimensions = {};
  bool isProgrammatic = false; ///< Starts before earlier launches end.

  std::vector<uint8_t> bytes;    ///< Of all parameters.
  std::vector<uint32_t> offsets; ///< Of each parameter.
  std::vector<PointerSlot> pointerSlots;
  Workspace workspace;
  std::vector<WorkspaceSlot> workspaceSlots;

  mutable std::mutex mutex; ///< Of the maps.
  mutable std::vector<MapSlot> mapSlots;
};

} // namespace parallax

#endif // PARALLAX_RUNTIME_CUDA_LAUNCHPLANSTATE_H
