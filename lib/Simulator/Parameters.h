//===- Parameters.h - A kernel's parameters ---------------------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_SIMULATOR_PARAMETERS_H
#define PARALLAX_SIMULATOR_PARAMETERS_H

#include "lib/Simulator/Program.h"

namespace mlir::func {
class FuncOp;
} // namespace mlir::func

namespace parallax::simulator {

/// Fills what a launch needs from the kernel's attributes. A kernel written by
/// hand may have none; then there are no parameters.
Result<void> readParameters(mlir::func::FuncOp kernel, Program &program);

} // namespace parallax::simulator

#endif // PARALLAX_SIMULATOR_PARAMETERS_H
