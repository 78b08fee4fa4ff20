//===- CheckLoads.cpp - The loads and loops that roles can run ------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/TileToHopper/Checker.h"

using namespace mlir;
using namespace parallax;
using namespace parallax::tile_to_hopper;

/// The memory of a load, and its pages.
LogicalResult Checker::checkLoad(tile::LoadOp load) {
  if (isRowLoad(load))
    return load.emitOpError("expected parts to be read behind the loops");
  if (load.getTable()) {
    int64_t rows = cast<ShapedType>(load.getType()).getDimSize(0);
    int64_t pageSize = load.getPageSize();
    if (rows % pageSize && pageSize % rows)
      return load.emitOpError("expected a tile of whole pages or part of one, "
                              "of ")
             << pageSize << " tokens, got one of " << rows;
    if (failed(checkMemory(load, load.getTable())))
      return failure();
  }
  return checkMemory(load, load.getMemory());
}

LogicalResult Checker::checkInput(tile::LoadOp load) {
  if (failed(checkLoad(load)))
    return failure();
  if (firstStore)
    return load.emitOpError("expected loads before all stores");
  auto tensor = cast<RankedTensorType>(load.getType());
  if (tensor.getRank() != 2 || tensor.getDimSize(0) != schedule.tile.rows ||
      static_cast<int64_t>(load.getHeads()) != schedule.tile.packedHeads ||
      load.getLimit() || load.getTable() || load.converts())
    return load.emitOpError("expected a tile outside loops to be one of ")
           << schedule.tile.rows << " rows of " << schedule.tile.packedHeads
           << " packed heads without a limit, table and conversion";
  for (OpOperand &use : load->getUses())
    if (auto dot = dyn_cast<tile::DotOp>(use.getOwner());
        !dot || use.get() != dot.getLhs() || use.get() == dot.getRhs() ||
        !dot.getTranspose())
      return use.getOwner()->emitOpError(
          "expected a tile loaded before the loop to be the left side of "
          "scores");
  return success();
}

/// What a loop carries is a state that can be merged: m, d1, d2, O1 and O2.
LogicalResult Checker::checkState(scf::ForOp loop) {
  auto isOfRank = [](Type type, int64_t rank) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    return tensor && tensor.getRank() == rank &&
           tensor.getElementType().isF32();
  };
  SmallVector<int64_t> ranks = {1, 1, 1, 2, 2};
  if (loop.getNumResults() == ranks.size() &&
      llvm::all_of(llvm::zip(loop.getResultTypes(), ranks), [&](auto pair) {
        return isOfRank(std::get<0>(pair), std::get<1>(pair));
      }))
    return success();
  return loop.emitOpError(
      "expected a loop that carries a state, three values "
      "of f32 a row and two tiles, whose keys warps divide");
}

LogicalResult Checker::checkLoop(scf::ForOp loop) {
  if (firstStore)
    return loop.emitOpError("expected loops before all stores");
  Type bound = loop.getLowerBound().getType();
  if (loop.getUnsignedCmp() || (!bound.isIndex() && !bound.isInteger(32)))
    return loop.emitOpError("expected a loop over signed index or i32");
  for (Type type : loop.getResultTypes())
    if (failed(checkTile(loop, type)))
      return failure();
  if (schedule.hasWarpKeys() && failed(checkState(loop)))
    return failure();

  llvm::SmallDenseSet<Value> seen;
  for (Operation &op : loop.getBody()->without_terminator()) {
    auto load = dyn_cast<tile::LoadOp>(op);
    if (!load) {
      if (failed(checkCompute(op)))
        return failure();
      continue;
    }
    if (failed(checkRingLoad(load)))
      return failure();
    if (!seen.insert(load.getMemory()).second)
      return load.emitOpError("expected one tile of each memory an iteration, "
                              "got two");
  }
  return success();
}

/// A tile of keys or values, on its way through a ring.
LogicalResult Checker::checkRingLoad(tile::LoadOp load) {
  if (failed(checkLoad(load)))
    return failure();
  if (firstStore)
    return load.emitOpError("expected loads before all stores");
  auto tensor = cast<RankedTensorType>(load.getType());
  if (tensor.getRank() != 2 || load.getHeads() != 1 ||
      tensor.getDimSize(0) != schedule.tile.keys ||
      tensor.getDimSize(1) != shape.headDim)
    return load.emitOpError("expected a tile in a loop to be one of ")
           << schedule.tile.keys << "x" << shape.headDim
           << " keys or values of one head, got " << tensor;
  if (load.converts() != shape.converts)
    return load.emitOpError("expected keys and values of one element type");
  auto isRightSide = [&](OpOperand &use) {
    auto dot = dyn_cast<tile::DotOp>(use.getOwner());
    return dot && use.get() == dot.getRhs() && use.get() != dot.getLhs();
  };
  if (load->use_empty() || !llvm::all_of(load->getUses(), isRightSide))
    return load.emitOpError("expected a tile loaded in a loop to be the "
                            "right side of products and nothing else");
  return success();
}

llvm::SmallDenseSet<Value> tile_to_hopper::loadedInLoops(func::FuncOp program) {
  llvm::SmallDenseSet<Value> memories;
  program.walk([&](tile::LoadOp load) {
    if (load->getParentOfType<scf::ForOp>() && !isRowLoad(load))
      memories.insert(load.getMemory());
  });
  return memories;
}
