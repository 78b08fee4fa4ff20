//===- KernelLayout.h - Shared memory and threads of an L3 kernel -*- C++
//-*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_DIALECT_HOPPER_KERNELLAYOUT_H
#define PARALLAX_DIALECT_HOPPER_KERNELLAYOUT_H

#include "mlir/IR/Operation.h"
#include "llvm/ADT/DenseMap.h"

namespace mlir::func {
class FuncOp;
} // namespace mlir::func

namespace parallax::hopper {

/// Where the allocations of a kernel lie in its one shared-memory region, which
/// starts at a multiple of 1024 bytes: tiles in order, then barriers. All that
/// a launch needs is here, so nobody but this decides it.
struct KernelLayout {
  int64_t threads = 0;     ///< Per CTA.
  int64_t sharedBytes = 0; ///< Of the region.
  int64_t ctasPerSm = 1;   ///< That the registers at launch leave room for.
  /// Byte offset of the result of each hopper.alloc and hopper.barriers.
  llvm::DenseMap<mlir::Operation *, int64_t> offsets;

  /// The layout of a function that has `hopper.kernel` and verifies.
  static KernelLayout of(mlir::func::FuncOp kernel);
};

} // namespace parallax::hopper

#endif // PARALLAX_DIALECT_HOPPER_KERNELLAYOUT_H
