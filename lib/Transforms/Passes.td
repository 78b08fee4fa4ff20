//===- Passes.td - Transforms within a level --------------*- tablegen -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_TRANSFORMS_PASSES
#define PARALLAX_TRANSFORMS_PASSES

include "mlir/Pass/PassBase.td"

def ChooseSchedule : Pass<"choose-schedule", "::mlir::ModuleOp"> {
  let summary = "say on each problem how it is to be computed";
  let description = [{
    Input: functions that hold one `parallax` op. Output: the same, each with a
    `parallax.schedule`: the one it has, else what the target's heuristic
    proposes, with the fields that `override` names, e.g. "keys=96 stages=2",
    replaced.

    Fails if the function holds more than one problem, or the target can't run
    the problem with this schedule.
  }];
  let options = [
    Option<"target", "target", "std::string", "\"sm_90a\"", "sm_90a or cpu">,
    Option<"overrides", "override", "std::string", "\"\"",
           "fields of the schedule to replace">];
}

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

def TileOverlapProducts : Pass<"tile-overlap-products", "::mlir::ModuleOp"> {
  let summary = "start the scores of the next tile before this tile's product";
  let description = [{
    Input: tile programs whose `parallax.schedule` has `overlap`. Output: their
    key loops rotated by half a turn: scores of tile n, the product of weights
    and values of tile n - 1, softmax of tile n. The loop walks at least one
    tile; if there is none, its mask hides all of it. With `overlap` 3 the weights
    of tile n are rounded, and handed over, in turn n, so that the product is all
    that stays behind. Programs without `overlap`
    are left alone.

    Fails if a loop is none over masked key tiles, or what follows the weights
    reads what the softmax carries.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::scf::SCFDialect"];
}

def HopperDeferRowSums : Pass<"hopper-defer-row-sums"> {
  let summary = "sum rows across lanes once, after the loop";
  let description = [{
    Input: `scf.for` loops that carry sums of rows, each turn adding a
    `hopper.reduce add` to the sum or to its product by a row. Output: loops that
    carry one sum for each of a row's 4 lanes, reduced behind the loop: a turn
    has no exchange between lanes. Sums that start neither at 0 nor at another
    loop's deferred sum, or that a turn uses otherwise, are left alone. Never
    fails.
  }];
  let dependentDialects = ["::parallax::hopper::HopperDialect"];
}

def HopperAwaitGrids : Pass<"hopper-await-grids"> {
  let summary = "start before what was launched before is complete";
  let description = [{
    Input: kernels without `hopper.await_grids`. Output: kernels with
    `hopper.awaits_grids`, in which each thread waits for earlier launches as
    late as it may: before the first op that stands before the roles and touches
    device memory, or, if none does, at the start of each role that does. What
    comes before is done while others still run. There it lets the next launch
    start, unless this one is of clusters that leave no room for others. Kernels
    that have the attribute are left alone. Never fails.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::scf::SCFDialect",
                           "::parallax::hopper::HopperDialect"];
}

#endif // PARALLAX_TRANSFORMS_PASSES
