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
  auto *it = llvm::find_if(
      inFlight, [&](const InFlight &dot) { return dot.l2Result == l2Result; });
  if (it == inFlight.end())
    return;
  size_t landed = it - inFlight.begin() + 1;
  // The accumulators, and the fragments that must keep their registers so long.
  llvm::SetVector<Value> retired;
  for (const InFlight &dot : ArrayRef(inFlight).take_front(landed)) {
    retired.insert(dot.l2Result);
    if (dot.l2Fragment)
      retired.insert(dot.l2Fragment);
  }
  auto waiting = llvm::map_to_vector(
      retired, [&](Value value) { return values.lookup(value); });
  auto wait = hopper::WaitGroupOp::create(b, TypeRange(ValueRange(waiting)),
                                          inFlight.size() - landed, waiting);
  for (auto [l2, l3] : llvm::zip(retired, wait.getResults()))
    values.map(l2, l3);
  for (const InFlight &dot : ArrayRef(inFlight).take_front(landed)) {
    for (tile::LoadOp load : dot.reads)
      if (--pendingReads[load] == 0)
        if (auto ring = shared.rings.find(load.getMemory());
            ring != shared.rings.end() && !shared.inputs.contains(load))
          hopper::ArriveOp::create(b, ring->second.empty, useOf[load]);
  }
  inFlight.erase(inFlight.begin(), inFlight.begin() + landed);
}

LogicalResult Consumer::writeDot(tile::DotOp dot) {
  bool scores = dot.getTranspose();
  Kind kind = scores ? Kind::Scores : Kind::Output;
  kinds[dot.getResult()] = kind;
  auto rhs = dot.getRhs().getDefiningOp<tile::LoadOp>();
  if (!rhs || shared.inputs.contains(rhs))
    return dot.emitOpError("expected a right side loaded in the same loop");
  InFlight started{dot.getResult(), /*l2Fragment=*/Value(), {rhs}};
  // Scores take the registers of the fragments that products in flight read.
  if (scores)
    for (const InFlight &other : llvm::reverse(inFlight))
      if (other.l2Fragment) {
        land(Value(other.l2Result));
        break;
      }

  Value a, aRow;
  int64_t inner;
  if (auto lhs = dot.getLhs().getDefiningOp<tile::LoadOp>()) {
    auto input = shared.inputs.find(lhs);
    if (input == shared.inputs.end())
      return dot.emitOpError("expected a left side loaded before the loop");
    a = input->second.memory;
    aRow = row;
    // Columns past the head dimension are zero: they need no product.
    inner = llvm::alignTo(shared.headDim, 16);
  } else {
    FailureOr<Value> fragment = get(dot.getLhs(), Kind::Scores);
    if (failed(fragment))
      return failure();
    a = *fragment;
    started.l2Fragment = dot.getLhs();
    values.map(dot.getLhs(), a); // A constant has been made just now.
    inner = cast<RankedTensorType>(a.getType()).getDimSize(1);
  }

  Value accumulator;
  if (!matchPattern(dot.getAccumulator(), m_AnyZeroFloat())) {
    FailureOr<Value> value = get(dot.getAccumulator(), kind);
    if (failed(value))
      return failure();
    accumulator = *value;
  }
  if (dot == firstOfTurn)
    hopper::NamedSyncOp::create(b, consumer, kTurnThreads);
  Type type = convert(cast<RankedTensorType>(dot.getResult().getType()), kind);
  Value memory = shared.rings[rhs.getMemory()].memory;
  auto wgmma = hopper::WgmmaOp::create(
      b, type, a, /*aStage=*/Value(), aRow, memory, stageOf(memory, useOf[rhs]),
      /*column=*/Value(), accumulator, scores, b.getI64IntegerAttr(inner));
  hopper::CommitOp::create(b);
  values.map(dot.getResult(), wgmma.getResult());
  inFlight.push_back(started);
  if (dot == lastOfTurn) {
    Value other = arith::SubIOp::create(b, constant(b, 1), consumer);
    hopper::NamedArriveOp::create(b, other, kTurnThreads);
  }
  return success();
}

/// Two consumers take turns at the products of a loop, or only at the scores if
/// nothing overlaps: each waits for its turn before the first and passes it on
/// behind the last. Consumer 0 begins, in the first loop: each turn of 1 ends
/// with 0's.
void Consumer::startTurns(scf::ForOp loop) {
  firstOfTurn = lastOfTurn = nullptr;
  for (auto dot : loop.getBody()->getOps<tile::DotOp>()) {
    if (!firstOfTurn)
      firstOfTurn = dot;
    bool endsTurn = dot.getTranspose() == (schedule.overlap == Overlap::None);
    if (endsTurn || !lastOfTurn)
      lastOfTurn = dot;
  }
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
