//===- Passes.h - Transforms within a level -------------------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_TRANSFORMS_PASSES_H
#define PARALLAX_TRANSFORMS_PASSES_H

#include "mlir/Pass/Pass.h"

namespace mlir {
namespace arith {
class ArithDialect;
}
namespace scf {
class SCFDialect;
}
} // namespace mlir

namespace parallax {
namespace hopper {
class HopperDialect;
}

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "lib/Transforms/Passes.h.inc"

} // namespace parallax

#endif // PARALLAX_TRANSFORMS_PASSES_H
