//===- Passes.h - The simulator as a pass -----------------------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_SIMULATOR_PASSES_H
#define PARALLAX_SIMULATOR_PASSES_H

#include "mlir/Pass/Pass.h"

namespace parallax {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "lib/Simulator/Passes.h.inc"

} // namespace parallax

#endif // PARALLAX_SIMULATOR_PASSES_H
