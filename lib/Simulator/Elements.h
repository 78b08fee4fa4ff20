//===- Elements.h - Elementwise ops for the simulator -----------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_SIMULATOR_ELEMENTS_H
#define PARALLAX_SIMULATOR_ELEMENTS_H

#include "lib/Simulator/Program.h"

namespace parallax::simulator {

/// Fills the code of an op of arith or math; false for one that is unknown.
bool describeElement(mlir::Operation &op, Instruction &instruction);

} // namespace parallax::simulator

#endif // PARALLAX_SIMULATOR_ELEMENTS_H
