//===- Compile.h - From the hopper dialect to a program ---------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_SIMULATOR_COMPILE_H
#define PARALLAX_SIMULATOR_COMPILE_H

#include "lib/Simulator/Program.h"

namespace mlir::func {
class FuncOp;
} // namespace mlir::func

namespace parallax::simulator {

/// All but the description of the kernel's parameters.
Result<Program> compile(mlir::func::FuncOp kernel);

} // namespace parallax::simulator

#endif // PARALLAX_SIMULATOR_COMPILE_H
