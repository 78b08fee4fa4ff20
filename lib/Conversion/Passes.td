//===- Passes.td - Conversions between levels -------------*- tablegen -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_CONVERSION_PASSES
#define PARALLAX_CONVERSION_PASSES

include "mlir/Pass/PassBase.td"

def ProblemToTile : Pass<"problem-to-tile", "::mlir::ModuleOp"> {
  let summary = "write the algorithm of each problem";
  let description = [{
    Input: functions that hold one `parallax` op each, whose operands are the
    function's arguments or constants. Output: the same functions as programs of
    the tile dialect, marked `tile.kernel`, their arguments marked with the
    operand that they are. One loop over key tiles masks every tile;
    `tile-peel-mask` splits it.

    Fails if a function holds more than one problem, or the packed heads don't
    divide the rows of a tile.
  }];
  let options = [
    Option<"rows", "rows", "int64_t", "64", "rows of a query tile">,
    Option<"keys", "keys", "int64_t", "64", "keys of a key tile">,
    Option<"packedHeads", "packed-heads", "int64_t", "1",
           "query heads of one key head packed into the rows of a tile">];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::math::MathDialect",
    "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect",
    "::mlir::tensor::TensorDialect", "::parallax::tile::TileDialect"];
}

#endif // PARALLAX_CONVERSION_PASSES
