//===- ConsumerProducts.cpp - Multiplications in flight -------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Starts a dot as a group of its own, lands it at its first use, and lets two
// consumers take turns.
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/TileToHopper/Consumer.h"

#include "mlir/IR/Matchers.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace parallax;
using namespace parallax::tile_to_hopper;

/// Threads at the named barrier of a turn: two consumers'.
constexpr int64_t kTurnThreads = 256;

void Consumer::land(Value l2Result) {
  auto *it = llvm::find_if(inFlight, [&](const InFlight &dot) {
    return dot.l2Result == l2Result || dot.l2Second == l2Result;
  });
  if (it == inFlight.end())
    return;
  size_t landed = it - inFlight.begin() + 1;
  // The accumulators, and the fragments that must keep their registers so long.
  llvm::SetVector<Value> retired;
  for (const InFlight &dot : ArrayRef(inFlight).take_front(landed)) {
    retired.insert(dot.product);
    if (dot.fragment)
      retired.insert(dot.fragment);
    if (dot.readsQueries)
      retired.insert(queries);
  }
  IRMapping landedValues;
  if (!schedule.hasWarpKeys()) { // Those are never in flight.
    SmallVector<Value> waiting = llvm::to_vector(retired);
    auto wait = hopper::WaitGroupOp::create(b, TypeRange(ValueRange(waiting)),
                                            inFlight.size() - landed, waiting);
    landedValues.map(waiting, wait.getResults());
  }
  queries = landedValues.lookupOrDefault(queries);
  for (const InFlight &dot : ArrayRef(inFlight).take_front(landed)) {
    Value product = landedValues.lookupOrDefault(dot.product);
    if (dot.l2Second) {
      auto whole = cast<RankedTensorType>(product.getType());
      auto half =
          RankedTensorType::get({whole.getDimSize(0) / 2, whole.getDimSize(1)},
                                whole.getElementType(), whole.getEncoding());
      auto halves = hopper::UnstackOp::create(b, half, half, product);
      values.map(dot.l2Result, halves.getFirst());
      values.map(dot.l2Second, halves.getSecond());
    } else {
      values.map(dot.l2Result, product);
      if (dot.fragment)
        values.map(dot.l2Fragment, landedValues.lookup(dot.fragment));
    }
    for (tile::LoadOp load : dot.reads)
      if (--pendingReads[load] == 0)
        if (auto ring = shared.rings.find(load.getMemory());
            ring != shared.rings.end() && !shared.inputs.contains(load))
          hopper::ArriveOp::create(b, ring->second.empty, useOf[load]);
  }
  inFlight.erase(inFlight.begin(), inFlight.begin() + landed);
}

/// Whether the first input and that of a second dot lie in one tile, in turn.
bool Consumer::areStacked(tile::LoadOp first, tile::DotOp second) {
  auto other = second.getLhs().getDefiningOp<tile::LoadOp>();
  auto input = shared.inputs.find(other);
  return other && input != shared.inputs.end() &&
         shared.inputs[first].row == 0 &&
         input->second.row == schedule.stackedRows();
}

tile::DotOp Consumer::partnerOf(tile::DotOp dot) {
  if (!schedule.isStacked())
    return nullptr;
  for (Operation *op = dot->getNextNode(); op; op = op->getNextNode())
    if (auto other = dyn_cast<tile::DotOp>(op);
        other && other.getRhs() == dot.getRhs() &&
        other.getTranspose() == dot.getTranspose())
      return other;
  return nullptr;
}

Value Consumer::stack(Value first, Value second) {
  auto half = cast<RankedTensorType>(first.getType());
  Attribute encoding = half.getEncoding();
  if (half.getElementTypeBitWidth() == 16)
    encoding =
        hopper::OperandAAttr::get(b.getContext(), hopper::isPerWarp(half));
  auto whole =
      RankedTensorType::get({2 * half.getDimSize(0), half.getDimSize(1)},
                            half.getElementType(), encoding);
  return hopper::StackOp::create(b, whole, first, second);
}

LogicalResult Consumer::writeDot(tile::DotOp dot) {
  if (llvm::any_of(inFlight, [&](const InFlight &other) {
        return other.l2Second == dot.getResult();
      }))
    return success(); // Started with its partner.
  bool scores = dot.getTranspose();
  Kind kind = scores ? Kind::Scores : Kind::Output;
  kinds[dot.getResult()] = kind;
  auto rhs = dot.getRhs().getDefiningOp<tile::LoadOp>();
  if (!rhs || shared.inputs.contains(rhs))
    return dot.emitOpError("expected a right side loaded in the same loop");
  InFlight started;
  started.l2Result = dot.getResult();
  started.reads = {rhs};
  tile::DotOp partner = partnerOf(dot);
  if (partner) {
    started.l2Second = partner.getResult();
    started.reads.push_back(rhs);
    kinds[partner.getResult()] = kind;
  } else if (schedule.isStacked()) {
    return dot.emitOpError("expected a second product of its right side to be "
                           "stacked with");
  }
  // Scores take the registers of the fragments that products in flight read. A
  // consumer of one product has registers for both.
  if (scores && !share)
    for (const InFlight &other : llvm::reverse(inFlight))
      if (other.fragment) {
        land(Value(other.l2Result));
        break;
      }

  // What stands between the two is the second's.
  for (Operation *op = partner ? dot->getNextNode() : nullptr;
       op && op != partner; op = op->getNextNode()) {
    if (failed(write(*op)))
      return failure();
    writtenEarly.insert(op);
  }

  auto getStacked = [&](Value first, Value second,
                        Kind kind) -> FailureOr<Value> {
    FailureOr<Value> value = get(first, kind);
    if (failed(value) || !partner)
      return value;
    FailureOr<Value> other = get(second, kind);
    if (failed(other))
      return failure();
    return stack(*value, *other);
  };
  Value a, aStage, aRow;
  int64_t inner;
  if (auto lhs = dot.getLhs().getDefiningOp<tile::LoadOp>()) {
    auto input = shared.inputs.find(lhs);
    if (input == shared.inputs.end() || (partner && !areStacked(lhs, partner)))
      return dot.emitOpError("expected a left side loaded before the loop");
    started.readsQueries = queries != nullptr;
    a = queries ? queries : input->second.memory;
    aStage = queries ? Value() : stageOf(a, number);
    aRow = row;
    // Columns past the head dimension are zero: they need no product.
    inner = llvm::alignTo(shared.headDim, 16);
  } else {
    FailureOr<Value> fragment = getStacked(
        dot.getLhs(), partner ? partner.getLhs() : Value(), Kind::Scores);
    if (failed(fragment))
      return failure();
    a = started.fragment = *fragment;
    started.l2Fragment = dot.getLhs();
    if (!partner)
      values.map(dot.getLhs(), a); // A constant has been made just now.
    inner = cast<RankedTensorType>(a.getType()).getDimSize(1);
  }

  Value accumulator;
  if (!matchPattern(dot.getAccumulator(), m_AnyZeroFloat())) {
    FailureOr<Value> value =
        getStacked(dot.getAccumulator(),
                   partner ? partner.getAccumulator() : Value(), kind);
    if (failed(value))
      return failure();
    accumulator = *value;
  }
  if (dot == firstOfTurn)
    hopper::NamedSyncOp::create(b, consumer, kTurnThreads);
  RankedTensorType type =
      convert(cast<RankedTensorType>(dot.getResult().getType()), kind);
  type = RankedTensorType::get(
      {partner ? 2 * type.getDimSize(0) : type.getDimSize(0),
       type.getDimSize(1)},
      type.getElementType(), type.getEncoding());
  Value memory = shared.rings[rhs.getMemory()].memory;
  if (schedule.hasWarpKeys()) {
    started.product = hopper::WarpMmaOp::create(
        b, type, a, memory, stageOf(memory, useOf[rhs]), accumulator, scores);
    inFlight.push_back(started);
    landAll();
    writtenEarly.insert(partner);
    return success();
  }
  started.product = hopper::WgmmaOp::create(
      b, type, a, aStage, aRow, memory, stageOf(memory, useOf[rhs]),
      /*column=*/Value(), accumulator, scores, b.getI64IntegerAttr(inner),
      // Two rows of a stacked tile for each of the program's.
      scores && partner && !queries
          ? b.getI64IntegerAttr(2 * schedule.tile.rows)
          : IntegerAttr());
  hopper::CommitOp::create(b);
  values.map(dot.getResult(), started.product);
  inFlight.push_back(started);
  if (dot == lastOfTurn) {
    Value other = arith::SubIOp::create(b, constant(b, 1), consumer);
    hopper::NamedArriveOp::create(b, other, kTurnThreads);
  }
  return success();
}

/// Two consumers take turns at the products of a loop, or only at the scores if
/// nothing overlaps: each waits for its turn before the first and passes it on
/// behind the last.
void Consumer::findTurn(scf::ForOp loop) {
  firstOfTurn = lastOfTurn = nullptr;
  for (auto dot : loop.getBody()->getOps<tile::DotOp>()) {
    if (!firstOfTurn)
      firstOfTurn = dot;
    bool endsTurn = dot.getTranspose() == (schedule.overlap == Overlap::None);
    if (endsTurn || !lastOfTurn)
      lastOfTurn = dot;
  }
}

/// Consumer 0 begins: each turn of 1 ends with 0's.
void Consumer::startTurns() {
  if (turnsStarted)
    return;
  turnsStarted = true;
  Value isOther =
      arith::CmpIOp::create(b, arith::CmpIPredicate::ne, consumer, zero);
  scf::IfOp::create(b, isOther, [&](OpBuilder &, Location) {
    hopper::NamedArriveOp::create(b, zero, kTurnThreads);
    scf::YieldOp::create(b);
  });
}
