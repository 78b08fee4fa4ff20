//===- Merge.cpp - CTAs that share keys -----------------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialect/Hopper/HopperDialect.h"
#include "dialect/Hopper/Verify.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;
using namespace parallax::hopper;

/// A value of each row, and a tile of as many rows, of f32.
static LogicalResult verifyState(Operation *op, Type ofRows, Type ofTile) {
  auto row = cast<RankedTensorType>(ofRows);
  auto tile = cast<RankedTensorType>(ofTile);
  if (row.getRank() == 1 && tile.getRank() == 2 &&
      row.getDimSize(0) == tile.getDimSize(0) && row.getElementType().isF32() &&
      tile.getElementType().isF32())
    return success();
  return op->emitOpError(
             "expected f32 values of as many rows as the sums, got ")
         << row << " and " << tile;
}

/// The states of rows fit a ring.
static LogicalResult verifyRoom(Operation *op, SmemType tile, int64_t bytes) {
  if (bytes <= tile.getBytes())
    return success();
  return op->emitOpError("expected a ring of at least ")
         << bytes << " bytes, got " << tile << " of " << tile.getBytes();
}

LogicalResult MergeRowsOp::verify() {
  if (failed(verifyState(*this, getM().getType(), getO1().getType()))) // (C1)
    return failure();
  return verifyRows(*this, cast<RankedTensorType>(getM().getType()), getHeads(),
                    getRows()); // (C2)
}

void FindOp::build(OpBuilder &builder, OperationState &state,
                   ValueRange targets, Value count,
                   function_ref<Value(Value)> weightOf) {
  OpBuilder::InsertionGuard guard(builder);
  Type i32 = builder.getI32Type();
  state.addOperands(targets);
  state.addOperands(count);
  state.addTypes(SmallVector<Type>(2 * targets.size(), i32));
  Block *block = builder.createBlock(state.addRegion(), {}, {i32},
                                     {builder.getUnknownLoc()});
  WeightOp::create(builder, state.location, weightOf(block->getArgument(0)));
}

LogicalResult FindOp::inferReturnTypes(MLIRContext *context,
                                       std::optional<Location>,
                                       ValueRange operands, DictionaryAttr,
                                       OpaqueProperties, RegionRange,
                                       SmallVectorImpl<Type> &types) {
  // An index and a sum for each operand but the count.
  types.assign(2 * (operands.size() - 1), IntegerType::get(context, 32));
  return success();
}

LogicalResult FindOp::verify() {
  if (getTargets().empty()) // (C3)
    return emitOpError("expected a target, got none");
  return success();
}

LogicalResult FindOp::verifyRegions() {
  Block &block = getBody().front();
  if (block.getNumArguments() != 1 ||
      !block.getArgument(0).getType().isInteger(32)) // (C1)
    return emitOpError("expected a region of one i32 argument");
  if (!isa<WeightOp>(block.getTerminator())) // (C2)
    return emitOpError("expected a region that ends in hopper.weight");
  return success();
}

LogicalResult ClusterWaitOp::verify() {
  auto kernel = (*this)->getParentOfType<func::FuncOp>();
  if (kernel && kernel.getOps<ClusterArriveOp>().empty()) // (C1)
    return emitOpError("expected a hopper.cluster_arrive before the roles");
  return success();
}

static LogicalResult verifyOneSlot(Operation *op, BarrierType barrier) {
  if (barrier.getStages() == 1)
    return success();
  return op->emitOpError("expected a barrier of one slot, got ") << barrier;
}

static LogicalResult verifyTwoRings(Operation *op, Value first, Value second) {
  if (first != second)
    return success();
  return op->emitOpError(
      "expected two rings for O1 and O2 to cross through, got "
      "one");
}

LogicalResult SendRowsOp::verify() {
  if (failed(verifyState(*this, getM().getType(), getO1().getType())))
    return failure();
  auto sums = cast<RankedTensorType>(getO1().getType());
  const bool perWarp = isPerWarp(sums);
  if (sums.getDimSize(0) > kRows / 2 ||
      perWarp != isPerWarp(getM().getType())) // (C1)
    return emitOpError(
               "expected values of 32 rows, or all per_warp and of 16 or "
               "32, got ")
           << getM().getType() << " and " << sums;
  const int64_t columns = getColumns();
  if (columns % 16) // (C2)
    return emitOpError("expected a multiple of 16 columns, got ") << sums;
  const int64_t most = getMost(), all = sums.getDimSize(0) / getParts();
  if (most < 1 || most > all) // (C3)
    return emitOpError("expected 1 to ") << all << " rows, got " << most;
  constexpr int64_t others = kClusterCtas - 1;
  return failure(
      failed(verifyRoom(*this, getFirst().getType(), getBytes())) ||
      failed(verifyRoom(*this, getInbox().getType(), // (C4)
                        (most + others) * partBytes(columns))) ||
      failed(verifyOneSlot(*this, getBarrier().getType())) ||
      failed(verifyTwoRings(*this, getFirst(), getSecond()))); // (C5)
}

LogicalResult AwaitRowsOp::verify() {
  const int64_t columns = getColumns();
  if (columns < 16 || columns > 256 || columns % 16) // (C1)
    return emitOpError("expected a multiple of 16 in [16, 256] columns, got ")
           << columns;
  return verifyOneSlot(*this, getBarrier().getType());
}

LogicalResult MergeReceivedOp::verify() {
  if (failed(verifyState(*this, getM().getType(), getO1().getType())))
    return failure();
  auto sums = cast<RankedTensorType>(getO1().getType());
  if (sums.getDimSize(0) != 1) // (C1)
    return emitOpError("expected one row, got ") << sums;
  return verifyRoom(*this, getInbox().getType(), // (C2)
                    partBytes(getSentColumns()));
}

LogicalResult MergeWarpsOp::verify() {
  Type mergedRow = getMergedM().getType(), mergedTile = getMergedO1().getType();
  if (failed(verifyState(*this, getM().getType(), getO1().getType())) ||
      failed(verifyState(*this, mergedRow, mergedTile)))
    return failure();
  auto sums = cast<RankedTensorType>(getO1().getType());
  auto merged = cast<RankedTensorType>(mergedTile);
  const int64_t rows = sums.getDimSize(0), columns = sums.getDimSize(1);
  if (rows > kRows / 2 || merged.getDimSize(0) != kRows / 2) // (C1)
    return emitOpError("expected values of 16 or 32 rows and a merger of 32, "
                       "got ")
           << sums << " and " << merged;
  if (merged.getDimSize(1) != columns) // (C2)
    return emitOpError("expected a merger of ")
           << columns << " columns, got " << merged;
  if (columns % 16) // (C2)
    return emitOpError("expected a multiple of 16 columns, got ") << sums;
  if (failed(verifyRoom(*this, getFirst().getType(), getBytes()))) // (C2)
    return failure();
  return verifyTwoRings(*this, getFirst(), getSecond()); // (C3)
}
