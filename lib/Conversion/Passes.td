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
    Input: functions that hold one `parallax` op each, at their top level, whose
    tensors are arguments of the function, each a different one. Output: the same functions as programs of
    the tile dialect, marked `tile.kernel`, their arguments marked with the
    operand that they are. One loop over key tiles masks every tile;
    `tile-peel-mask` splits it.

    Fails if a function holds more than one problem, or the packed heads are
    more than the rows of a tile or don't divide the query heads of a key head.
    They need not divide the rows: 7 heads fill 63 rows of 64.
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

def TileToHopper : Pass<"tile-to-hopper", "::mlir::ModuleOp"> {
  let summary = "give each tile program the roles of a Hopper CTA";
  let description = [{
    Input: tile programs whose query tile has `rows` rows. Output: `hopper`
    kernels that obey the schedule of the options: a producer that feeds shared
    memory through rings of `stages` stages, and `consumers` warpgroups that
    divide the rows or the columns of O.

    Fails if the machine can't run the schedule, or the program uses a tile in a
    way that no role can, for example a product whose right side is not loaded
    in the same loop. TileToHopper/Check.cpp says what a program may be.
  }];
  let options = [
    Option<"rows", "rows", "int64_t", "128", "rows of a query tile">,
    Option<"keys", "keys", "int64_t", "64", "keys of a key tile">,
    Option<"packedHeads", "packed-heads", "int64_t", "1",
           "query heads packed into the rows">,
    Option<"consumers", "consumers", "int64_t", "2", "consumer warpgroups">,
    Option<"columns", "columns", "bool", "false",
           "consumers divide the columns of O, not its rows">,
    Option<"stages", "stages", "int64_t", "2", "stages of the rings">,
    Option<"producerRegisters", "producer-registers", "int64_t", "24",
           "registers of a producer thread">,
    Option<"consumerRegisters", "consumer-registers", "int64_t", "240",
           "registers of a consumer thread">];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::scf::SCFDialect",
    "::mlir::tensor::TensorDialect", "::parallax::hopper::HopperDialect",
    "::mlir::LLVM::LLVMDialect"];
}

def HopperToNVVM : Pass<"hopper-to-nvvm", "::mlir::ModuleOp"> {
  let summary = "write the program of one thread";
  let description = [{
    Input: functions marked `hopper.kernel`. Output: `llvm.func` kernels of the
    nvvm and llvm dialects, with scf, arith and math on scalars: a register
    tensor becomes its registers, shared memory an address, a role a branch. The
    module gets the target triple and the data layout. Other functions are left
    alone.

    Fails if an operation on a register tensor has no meaning for one register,
    or a kernel needs more shared memory than a CTA has. Otherwise leaves no operation of the hopper dialect.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect", "::mlir::NVVM::NVVMDialect",
    "::mlir::arith::ArithDialect", "::mlir::scf::SCFDialect"];
}

#endif // PARALLAX_CONVERSION_PASSES
