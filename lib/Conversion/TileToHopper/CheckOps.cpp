//===- CheckOps.cpp - What consumers can compute and store ----------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/TileToHopper/Checker.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace parallax;
using namespace parallax::tile_to_hopper;

/// A tile that a consumer holds in registers.
LogicalResult Checker::checkTile(Operation *op, Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  auto isHeld = [&] {
    if (!tensor || tensor.getRank() < 1 || tensor.getRank() > 2 ||
        tensor.getDimSize(0) != schedule.tile.rows || tensor.getEncoding())
      return false;
    Type element = tensor.getElementType();
    bool isWide =
        element.isF32() || element.isInteger(32) || element.isInteger(1);
    if (tensor.getRank() == 1)
      return isWide;
    return (isWide || element == shape.element) &&
           (tensor.getDimSize(1) == schedule.tile.keys ||
            tensor.getDimSize(1) == shape.headDim);
  };
  if (isHeld())
    return success();
  return op->emitOpError("expected a tile of ")
         << schedule.tile.rows << " rows and " << schedule.tile.keys
         << " scores or " << shape.headDim << " columns of the output, got "
         << type;
}

LogicalResult Checker::checkStore(tile::StoreOp store) {
  if (!firstStore)
    firstStore = store;
  if (failed(checkMemory(store, store.getMemory())))
    return failure();
  auto tensor = cast<RankedTensorType>(store.getValue().getType());
  if (static_cast<int64_t>(store.getHeads()) != schedule.tile.packedHeads)
    return store.emitOpError("expected the schedule's ")
           << schedule.tile.packedHeads << " packed heads, got "
           << store.getHeads();
  if (isRowStore(store) && !store.getRow())
    return checkTile(store, tensor);
  // It goes through the shared memory of the queries.
  if (outputStore)
    return store.emitOpError("expected one stored tile, got two");
  outputStore = store;
  auto output =
      RankedTensorType::get({schedule.tile.rows, shape.headDim}, shape.element);
  if (tensor != output)
    return store.emitOpError("expected an output of ")
           << output << ", got " << tensor;
  return success();
}

/// Messages go from consumer 0 to 1, and at the end one from 1 to 0.
LogicalResult Checker::checkHandover(tile::HandoverOp handover) {
  if (schedule.partition != Partition::Products)
    return handover.emitOpError("expected a schedule that divides products");
  bool isLast = handover.getFrom() == 1 && handover.getTo() == 0 &&
                handover->getParentOp() == program;
  if (!isLast && (handover.getFrom() != 0 || handover.getTo() != 1))
    return handover.emitOpError(
               "expected from 0 to 1, or behind the loops from "
               "1 to 0, got from ")
           << handover.getFrom() << " to " << handover.getTo();
  if (llvm::count_if(handover->getBlock()->getOps<tile::HandoverOp>(),
                     [&](tile::HandoverOp other) {
                       return other.getFrom() == handover.getFrom() &&
                              other.getType() == handover.getType();
                     }) > 1)
    return handover.emitOpError("expected one handover of a type a message");
  Type element = handover.getType().getElementType();
  if (handover.getType().getRank() == 2 && element.isF32() != isLast)
    return handover.emitOpError("expected weights as ")
           << shape.element << " or the output as f32, got " << element;
  return checkTile(handover, handover.getType());
}

/// An op inside or outside loops that makes a scalar or a tile in registers.
LogicalResult Checker::checkCompute(Operation &op) {
  if (isScalarOp(op))
    return checkScalar(op);
  if (auto handover = dyn_cast<tile::HandoverOp>(op))
    return checkHandover(handover);
  // Those of a few rows are checked where they are used.
  if (isa<arith::ConstantOp, tensor::SplatOp>(op) &&
      isFewRows(op.getResult(0).getType()))
    return success();
  bool isKnown =
      isa<tile::DotOp, tile::MaskOp, tile::ReduceOp, tile::BroadcastOp,
          tensor::SplatOp, arith::ConstantOp>(op) ||
      (op.hasTrait<OpTrait::Elementwise>() && op.getNumRegions() == 0);
  if (!isKnown || op.getNumResults() != 1)
    return op.emitOpError("expected an op of the tile program that a consumer "
                          "warpgroup can compute");
  return checkTile(&op, op.getResult(0).getType());
}

/// Every thread appends before the roles start.
LogicalResult Checker::checkAppend(tile::AppendOp append) {
  auto source = cast<MemRefType>(append.getSource().getType());
  Type element = shape.converts ? Float8E4M3FNType::get(append.getContext())
                                : shape.element;
  if (source.getElementType() != element ||
      source.getDimSize(3) != shape.headDim)
    return append.emitOpError("expected tokens of ")
           << shape.headDim << " " << element << ", got " << source;
  for (Operation *before = append->getPrevNode(); before;
       before = before->getPrevNode())
    if (isa<scf::ForOp, tile::LoadOp, tile::StoreOp>(before))
      return append.emitOpError("expected appends before all loads, loops and "
                                "stores");
  for (Value memory :
       {append.getSource(), append.getMemory(), append.getTable()})
    if (memory && failed(checkMemory(append, memory)))
      return failure();
  return success();
}

/// Behind the loops, where there is nothing in flight.
LogicalResult Checker::checkBranch(scf::IfOp branch) {
  if (branch.getNumResults())
    return branch.emitOpError("expected a branch without results");
  if (!firstStore)
    firstStore = branch;
  return failure(
      failed(checkBranchBlock(*branch.thenBlock())) ||
      (branch.elseBlock() && failed(checkBranchBlock(*branch.elseBlock()))));
}

LogicalResult Checker::checkBranchBlock(Block &block) {
  for (Operation &op : block.without_terminator()) {
    LogicalResult ok = success();
    if (auto nested = dyn_cast<scf::IfOp>(op))
      ok = checkBranch(nested);
    else if (auto store = dyn_cast<tile::StoreOp>(op))
      ok = checkStore(store);
    else if (auto arrive = dyn_cast<tile::ArriveOp>(op))
      ok = checkMemory(arrive, arrive.getTickets());
    else if (auto loop = dyn_cast<scf::ForOp>(op))
      ok = checkRowOp(*loop, shape.headDim);
    else if (auto publish = dyn_cast<tile::PublishOp>(op))
      ok = checkPublish(publish);
    else if (isa<tile::ClusterSizeOp>(op))
      ok = op.emitOpError("expected outside of branches");
    else
      ok = checkCompute(op);
    if (failed(ok))
      return failure();
  }
  return success();
}

LogicalResult Checker::checkPublish(tile::PublishOp publish) {
  if (!schedule.cluster || !schedule.isStacked())
    return publish.emitOpError("expected a schedule of clusters, and of 32 "
                               "rows or fewer");
  for (Value value : publish->getOperands().take_front(5))
    if (failed(checkTile(publish, value.getType())))
      return failure();
  return success();
}
