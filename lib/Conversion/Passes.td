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
    tensors are arguments of the function, each a different one. Output: the
    same functions as programs of the tile dialect, marked `tile.kernel`, their
    arguments marked with the operand that they are. The tiles are those of the function's
    `parallax.schedule`. One loop over key tiles masks every tile;
    `tile-peel-mask` splits it.

    Fails if a function holds more than one problem, has no schedule, or its
    schedule's rows, keys or packed heads are out of range or the packed heads
    don't divide the query heads of a key head. They need not divide the rows: 7
    heads fill 63 rows of 64.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::math::MathDialect",
    "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect",
    "::mlir::tensor::TensorDialect", "::parallax::tile::TileDialect"];
}

def TileToHopper : Pass<"tile-to-hopper", "::mlir::ModuleOp"> {
  let summary = "give each tile program the roles of a Hopper CTA";
  let description = [{
    Input: tile programs with a `parallax.schedule`. Output: `hopper` kernels
    that obey it: a producer that feeds shared memory through rings of `stages`
    stages, and `consumers` warpgroups that divide the rows or, with
    `partition` 1, the products: `tile.handover` says what crosses between two.
    With `persistent` 1 each role walks several tiles of the grid, in a loop
    around its program, and `hopper.persistent_ctas` says how many CTAs an SM a
    launch is to start.

    Fails if the machine can't run the schedule, or the program uses a tile in a
    way that no role can, for example a product whose right side is not loaded
    in the same loop. TileToHopper/Check.cpp says what a program may be.
  }];
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

def TileToVector : Pass<"tile-to-vector", "::mlir::ModuleOp"> {
  let summary = "write the program of one CPU thread";
  let description = [{
    Input: tile programs (`tile.kernel`). Output: functions of vector, scf,
    arith and memref that compute one tile of the grid each, whose arguments are
    a pointer to argument slots, a pointer to scratch memory and the tile's
    coordinates; `tile.parameters` and `tile.scratch_bytes` say what a caller
    has to give.

    Fails if a program has control flow besides `scf.for`, a product whose right
    side is not loaded, arithmetic on 16-bit tiles, or an operation on tiles
    that it does not know.
  }];
  let options = [
    Option<"lanes", "lanes", "int64_t", "8",
           "float32 values in a vector register, a power of two">,
    Option<"registers", "registers", "int64_t", "16", "vector registers">];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::LLVM::LLVMDialect",
    "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect",
    "::mlir::vector::VectorDialect"];
}

#endif // PARALLAX_CONVERSION_PASSES
