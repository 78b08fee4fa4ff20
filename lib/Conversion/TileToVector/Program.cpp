//===- Program.cpp - What is stored and when ------------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Invariants:
// - An op that has been lowered is an expression, has memory, or is pending.
// - What a pending tile reads besides pending tiles of the same walk has memory
//   when it becomes pending. So flushing tiles never recurses.
// - Nothing is pending at either end of a block.
// - A loop's state has one memory that its initial values are copied to and
//   that the body overwrites at its end. A product whose accumulator is the
//   only reader of the state that it becomes is made in that memory.
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/TileToVector/Lowering.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/ScopeExit.h"

using namespace mlir;
using namespace parallax;
using namespace parallax::tile_to_vector;

LogicalResult Lowering::lower(Block &block) {
  for (Operation &op : block.without_terminator())
    if (failed(lower(op)))
      return failure();
  flush();
  return success();
}

static bool hasTensor(Operation *op) {
  auto isTensor = [](Type type) { return isa<RankedTensorType>(type); };
  return llvm::any_of(op->getOperandTypes(), isTensor) ||
         llvm::any_of(op->getResultTypes(), isTensor);
}

LogicalResult Lowering::lower(Operation &op) {
  if (isa<tile::ProgramIdOp>(op))
    return success();
  auto store = dyn_cast<tile::StoreOp>(op);
  auto load = dyn_cast<tile::LoadOp>(op);
  if (isa<tile::ShareOp, tile::ArriveOp>(op) ||
      (store && (store.getPart() || store.getRow())) || (load && load.getRow()))
    return op.emitOpError("expected a program that takes all keys of its tile "
                          "on the cpu");
  if (auto loop = dyn_cast<scf::ForOp>(op))
    return lower(loop);
  if (load)
    return lowerLoad(load);
  if (store) {
    require(store.getValue());
    lowerStore(store);
    return success();
  }
  if (auto append = dyn_cast<tile::AppendOp>(op)) {
    flush(); // What is pending was before it.
    lowerAppend(append);
    return success();
  }
  if (auto dot = dyn_cast<tile::DotOp>(op)) {
    if (!dot.getRhs().getDefiningOp<tile::LoadOp>())
      return op.emitOpError("expected a right side that is loaded");
    productLater(dot);
    return success();
  }
  if (isa<tile::ReduceOp>(op)) {
    storeLater(op.getResult(0));
    return success();
  }
  if (auto broadcast = dyn_cast<tile::BroadcastOp>(op)) {
    Value source = broadcast.getSource();
    if (!buffers.contains(source) && !llvm::is_contained(pendingRows, source) &&
        !llvm::is_contained(pendingTiles, source))
      pendingRows.push_back(source);
    return success();
  }
  if (!hasTensor(&op)) {
    if (op.getNumRegions())
      return op.emitOpError("expected no control flow but scf.for");
    e.clone(op, scalars);
    return success();
  }
  if (!isPointwise(&op))
    return op.emitOpError("expected an operation on tiles that vectors can do");
  Value result = op.getResult(0);
  if (isTile(result) && llvm::any_of(op.getUsers(), [&](Operation *user) {
        auto dot = dyn_cast<tile::DotOp>(user);
        return dot && dot.getLhs() == result;
      }))
    storeLater(result);
  return success();
}

/// Makes `root` pending: a tile to be stored, or a reduction of one.
void Lowering::storeLater(Value root) {
  auto shapeOf = [](Value root) {
    auto reduce = root.getDefiningOp<tile::ReduceOp>();
    return cast<ShapedType>((reduce ? reduce.getSource() : root).getType())
        .getShape();
  };
  for (Value operand : root.getDefiningOp()->getOperands())
    require(operand);
  if (!pendingTiles.empty() && shapeOf(pendingTiles.front()) != shapeOf(root))
    flushTiles();
  pendingTiles.push_back(root);
}

/// Whether evaluating `value` needs a product that is pending.
bool Lowering::needsPendingDot(Value value) const {
  if (!isa<RankedTensorType>(value.getType()) || buffers.contains(value))
    return false;
  Operation *op = value.getDefiningOp();
  return llvm::is_contained(pendingDots, op) ||
         llvm::any_of(op->getOperands(),
                      [&](Value operand) { return needsPendingDot(operand); });
}

void Lowering::productLater(tile::DotOp dot) {
  if (!pendingDots.empty() &&
      (pendingDots.front().getRhs() != dot.getRhs() ||
       rowsOf(pendingDots.front()) != rowsOf(dot) ||
       needsPendingDot(dot.getLhs()) || needsPendingDot(dot.getAccumulator())))
    flushDots();
  pendingDots.push_back(dot);
}

/// Sees to it that all that evaluating `value` reads has memory.
void Lowering::require(Value value) {
  if (!isa<RankedTensorType>(value.getType()) || buffers.contains(value))
    return;
  Operation *op = value.getDefiningOp();
  if (isa<tile::ReduceOp, tile::DotOp>(op))
    return requireBuffer(value);
  if (auto broadcast = dyn_cast<tile::BroadcastOp>(op))
    return requireBuffer(broadcast.getSource());
  for (Value operand : op->getOperands())
    require(operand);
}

/// Sees to it that `value` has memory.
void Lowering::requireBuffer(Value value) {
  if (buffers.contains(value))
    return;
  if (llvm::is_contained(pendingTiles, value))
    flushTiles();
  else if (llvm::is_contained(pendingRows, value))
    flushRows();
  else
    flushDots();
  assert(buffers.contains(value) && "a value that nothing will store");
}

void Lowering::flush() {
  flushDots();
  flushTiles();
  flushRows();
}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

/// Whether evaluating the accumulator of `dot` is all that `state` is read for.
static bool isOnlyAccumulatorOf(Value state, tile::DotOp dot) {
  while (state.hasOneUse()) {
    Operation *user = *state.user_begin();
    if (user == dot)
      return dot.getAccumulator() == state;
    if (!isPointwise(user))
      return false;
    state = user->getResult(0);
  }
  return false;
}

/// The memory of a loop's state, which holds the initial value.
Value Lowering::stateBuffer(Value initial) {
  // What another loop left, and nobody else reads, needs no copy.
  if (initial.getDefiningOp<scf::ForOp>() && initial.hasOneUse())
    return buffers.lookup(initial);
  require(initial);
  Value memory = allocate(initial);
  if (isTile(initial))
    walkTile(initial, memory);
  else
    walkRows(initial, memory);
  return memory;
}

/// Overwrites the state with what the body yields. Row values come last: tiles
/// read them.
void Lowering::writeState(scf::ForOp loop, ArrayRef<Value> state) {
  SmallVector<Value> rows, rowMemories;
  for (auto [yielded, memory] : llvm::zip_equal(loop.getYieldedValues(), state))
    if (memory)
      require(yielded);
  flush();
  SmallVector<std::pair<Value, Value>> tiles;
  for (auto [yielded, memory] :
       llvm::zip_equal(loop.getYieldedValues(), state)) {
    if (!memory || buffers.lookup(yielded) == memory)
      continue;
    if (isTile(yielded)) {
      tiles.push_back({yielded, memory});
    } else {
      rows.push_back(yielded);
      rowMemories.push_back(memory);
    }
  }
  // Those of one shape go together, since they may read one another's state.
  while (!tiles.empty()) {
    Type type = tiles.front().first.getType();
    SmallVector<Value> values, memories;
    for (auto [value, memory] : tiles) {
      if (value.getType() == type) {
        values.push_back(value);
        memories.push_back(memory);
      }
    }
    walkTile(values, memories);
    llvm::erase_if(tiles,
                   [&](auto &pair) { return pair.first.getType() == type; });
  }
  walkRows(rows, rowMemories);
}

LogicalResult Lowering::lower(scf::ForOp loop) {
  flush();
  SmallVector<Value> state, scalarInitial;
  for (Value initial : loop.getInitArgs()) {
    bool isScalar = !isa<RankedTensorType>(initial.getType());
    state.push_back(isScalar ? Value() : stateBuffer(initial));
    if (isScalar)
      scalarInitial.push_back(scalar(initial));
  }
  auto body = loop.getRegionIterArgs();
  for (auto [index, memory] : llvm::enumerate(state)) {
    if (!memory)
      continue;
    buffers[body[index]] = buffers[loop.getResult(index)] = memory;
    auto dot = loop.getYieldedValues()[index].getDefiningOp<tile::DotOp>();
    if (dot && isOnlyAccumulatorOf(body[index], dot))
      inPlace[dot] = memory;
  }

  auto lowered = scf::ForOp::create(e, scalar(loop.getLowerBound()),
                                    scalar(loop.getUpperBound()),
                                    scalar(loop.getStep()), scalarInitial);
  {
    OpBuilder::InsertionGuard guard(e);
    // What the body makes is dead after it: the next loop takes the memory.
    int64_t mark = scratch.mark();
    llvm::scope_exit release([&] { scratch.release(mark); });
    if (scalarInitial.empty())
      lowered.getBody()->getTerminator()->erase();
    e.setInsertionPointToEnd(lowered.getBody());
    scalars.map(loop.getInductionVar(), lowered.getInductionVar());
    unsigned next = 0;
    for (auto [argument, memory] : llvm::zip_equal(body, state))
      if (!memory)
        scalars.map(argument, lowered.getRegionIterArg(next++));
    if (failed(lower(*loop.getBody())))
      return failure();
    writeState(loop, state);
    SmallVector<Value> yielded;
    for (auto [value, memory] : llvm::zip_equal(loop.getYieldedValues(), state))
      if (!memory)
        yielded.push_back(scalar(value));
    scf::YieldOp::create(e, yielded);
  }
  unsigned next = 0;
  for (auto [result, memory] : llvm::zip_equal(loop.getResults(), state))
    if (!memory)
      scalars.map(result, lowered.getResult(next++));
  return success();
}
