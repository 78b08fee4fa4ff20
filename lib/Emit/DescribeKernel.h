//===- DescribeKernel.h - How a kernel is launched --------------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_EMIT_DESCRIBEKERNEL_H
#define PARALLAX_EMIT_DESCRIBEKERNEL_H

#include "lib/Schedule/TileShape.h"
#include "parallax/KernelImage.h"
#include "parallax/Result.h"

namespace mlir {
class ModuleOp;
} // namespace mlir

namespace parallax {

/// What a launch must know of the one `hopper.kernel` of a module: its name,
/// threads, shared memory, tile and parameters. Returns InvalidArgument if
/// there isn't exactly one, or an argument does not say which parameter it is.
Result<KernelImage> describeHopperKernel(mlir::ModuleOp module);

/// As `describeHopperKernel`, of the one function with `tile.parameters`, in
/// any of the CPU's phases from "vector" on. `tile` is what the program
/// computes.
Result<KernelImage> describeCpuKernel(mlir::ModuleOp module,
                                      const TileShape &tile);

} // namespace parallax

#endif // PARALLAX_EMIT_DESCRIBEKERNEL_H
