//===- Passes.td - Transforms within a level --------------*- tablegen -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_TRANSFORMS_PASSES
#define PARALLAX_TRANSFORMS_PASSES

include "mlir/Pass/PassBase.td"

def TilePeelMask : Pass<"tile-peel-mask"> {
  let summary = "split key loops so that full tiles carry no mask";
  let description = [{
    Input: `scf.for` loops that hold a `tile.mask` at their induction variable
    and step by its columns. Output: two loops in its place. The first walks the
    tiles that the mask may touch, at the left edge (a window's) and the right
    (the diagonal, the length); the second walks the rest, without the mask.
    Online softmax does not mind the order. Loops without a mask, or whose mask
    lies elsewhere, are left alone. Never fails.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::scf::SCFDialect"];
}

#endif // PARALLAX_TRANSFORMS_PASSES
