//===- ConsumerValues.cpp - Elementwise work and outputs ------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/TileToHopper/Consumer.h"

using namespace mlir;
using namespace parallax;
using namespace parallax::tile_to_hopper;

/// A product of an accumulator in a loop by a value a row, which online softmax
/// makes 1 more often than not.
LogicalResult Consumer::writeRescale(arith::MulFOp op,
                                     tile::BroadcastOp factor) {
  FailureOr<Value> source = get(op.getLhs(), Kind::Output);
  FailureOr<Value> row = get(factor.getSource(), Kind::Output);
  if (failed(source) || failed(row))
    return failure();
  kinds[op.getResult()] = Kind::Output;
  values.map(op.getResult(),
             hopper::RescaleOp::create(b, *source, *row).getResult());
  return success();
}

LogicalResult Consumer::writeElementwise(Operation &op) {
  if (auto product = dyn_cast<arith::MulFOp>(op);
      product && kindOf(product.getLhs()) == Kind::Output &&
      isa<scf::ForOp>(op.getParentOp()))
    if (auto factor = product.getRhs().getDefiningOp<tile::BroadcastOp>())
      return writeRescale(product, factor);
  Kind kind = defaultKind(op.getResult(0).getType());
  for (Value operand : op.getOperands())
    if (std::optional<Kind> known = kindOf(operand))
      kind = *known;
  IRMapping operands;
  for (Value operand : op.getOperands()) {
    FailureOr<Value> value = get(operand, kind);
    if (failed(value))
      return failure();
    operands.map(operand, *value);
  }
  Value result = op.getResult(0), source = operands.lookup(op.getOperand(0));
  Type type = convert(cast<RankedTensorType>(result.getType()), kind);
  kinds[result] = kind;
  if (isa<arith::TruncFOp>(op) && kind == Kind::Output) {
    values.map(result, source); // The store rounds it.
  } else if (isa<arith::TruncFOp>(op)) {
    values.map(result, hopper::PackOp::create(b, type, source).getResult());
  } else if (isa<arith::ExtFOp>(op)) {
    values.map(result, hopper::UnpackOp::create(b, type, source).getResult());
  } else {
    Value copy = b.clone(op, operands)->getResult(0);
    copy.setType(type);
    values.map(result, copy);
  }
  return success();
}

LogicalResult Consumer::writeStore(tile::StoreOp store) {
  int64_t heads = store.getHeads();
  Value batch = values.lookup(store.getBatch());
  Value token = values.lookup(store.getToken());
  Value head = values.lookup(store.getHead());
  auto stored = cast<RankedTensorType>(store.getValue().getType());
  bool isTile = stored.getRank() == 2;
  bool isRows = isRowStore(store);
  if (isTile && kindOf(store.getValue()) == Kind::Scores)
    return store.emitOpError("expected to store the output, got scores");
  FailureOr<Value> value = get(store.getValue(), Kind::Output);
  if (failed(value))
    return failure();
  if (!isRows) {
    // A consumer's rows of q are its own to overwrite.
    Value tokenOfRow = row ? arith::AddIOp::create(b, token, row) : token;
    Value stage = stageOf(shared.output, number);
    hopper::StoreFragmentOp::create(b, *value, shared.output, stage, row,
                                    /*column=*/Value());
    hopper::FenceAsyncOp::create(b);
    hopper::WarpgroupBarrierOp::create(b);
    hopper::TmaStoreOp::create(
        b, shared.output, stage, row,
        shared.storeMaps.lookup(store.getMemory()), zero, head, tokenOfRow,
        batch, b.getDenseI64ArrayAttr({heads, 64 / heads}),
        b.getI64IntegerAttr(schedule.columns(shared.headDim)), /*add=*/false);
    return success();
  }
  Value part = store.getPart() ? values.lookup(store.getPart()) : Value();
  RowAddress at = rowAddress(b, shared, store.getMemory(), batch, head, part);
  hopper::StoreRowsOp::create(
      b, *value, at.pointer, at.base, at.tokenStride, at.headStride,
      row ? row : zero, token, shared.queryLength, heads,
      schedule.tile.tokens() * heads,
      isTile ? b.getI64IntegerAttr(shared.headDim) : IntegerAttr(),
      stored.getElementType().isF32() ? TypeAttr()
                                      : TypeAttr::get(stored.getElementType()));
  return success();
}

/// Through the rings, which nobody reads any more.
LogicalResult Consumer::writePublish(tile::PublishOp publish) {
  SmallVector<Value> state;
  for (Value value : publish->getOperands().take_front(5)) {
    // As each warp has it: what is sent is merged on the way.
    FailureOr<Value> known = ofWarps.contains(value)
                                 ? FailureOr<Value>(ofWarps.lookup(value))
                                 : get(value, Kind::Output);
    if (failed(known))
      return failure();
    state.push_back(*known);
  }
  Value rows = values.lookup(publish.getRows());
  Value count = values.lookup(publish.getCount());
  hopper::SendRowsOp::create(
      b, state[0], state[1], state[2], state[3], state[4],
      shared.rings.front().second.memory, shared.rings.back().second.memory,
      shared.inbox, shared.arrived, rows, count,
      schedule.tile.tokens() * schedule.tile.packedHeads);
  hopper::AwaitRowsOp::create(b, shared.arrived, rows, count,
                              schedule.outputColumns(shared.headDim));
  return success();
}
