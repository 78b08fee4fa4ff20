//===- CpuImage.h - From a CPU program to a kernel image --------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_COMPILER_CPUIMAGE_H
#define PARALLAX_COMPILER_CPUIMAGE_H

#include "lib/Schedule/TileShape.h"
#include "parallax/KernelImage.h"
#include "parallax/Result.h"

#include <string>

namespace mlir {
class ModuleOp;
}

namespace parallax {

/// Names a CPU tile shape in reports.
std::string cpuScheduleName(const TileShape &tile);

/// Describes the one kernel of a module, in any phase from "vector" to "llvm"
/// of the CPU: all of an image but its code. Returns CompileFailed if the
/// module has no kernel, or more than one.
Result<KernelImage> describeCpuKernel(mlir::ModuleOp module,
                                      const TileShape &tile);

} // namespace parallax

#endif // PARALLAX_COMPILER_CPUIMAGE_H
