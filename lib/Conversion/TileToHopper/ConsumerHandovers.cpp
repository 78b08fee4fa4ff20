//===- ConsumerHandovers.cpp - Values that cross between consumers --------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The handovers of a block in one direction are one message. Who gives waits
// before its first value until the message's memory is empty, and says behind
// its last that it is full; who takes does the opposite. Named barriers count
// all threads of both warpgroups, and so order every thread's values.
//
// From 0 to 1 goes a message a turn. From 1 to 0 goes one at the end, through
// the keys' ring: consumer 1 has the last message of 0, which 0 has sent behind
// its last scores, and its own scores have landed, so that nobody reads keys.
// That message stays where it is.
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/TileToHopper/Consumer.h"

using namespace mlir;
using namespace parallax;
using namespace parallax::tile_to_hopper;

/// Threads at a barrier of a message: two consumers'.
constexpr int64_t kThreads = 256;

void Consumer::freeMessages() {
  for (int64_t i = 0; i != kMessages; ++i)
    hopper::NamedArriveOp::create(b, constant(b, kEmptyId + i), kThreads);
}

/// A tile that comes from another consumer is an output if a product made it.
static bool isOutput(Value source) {
  if (auto loop = source.getDefiningOp<scf::ForOp>())
    source = loop.getYieldedValues()[cast<OpResult>(source).getResultNumber()];
  auto dot = source.getDefiningOp<tile::DotOp>();
  return dot && !dot.getTranspose();
}

LogicalResult Consumer::writeHandover(tile::HandoverOp handover) {
  auto isSameMessage = [&](tile::HandoverOp other) {
    return other.getFrom() == handover.getFrom();
  };
  auto message = llvm::to_vector(llvm::make_filter_range(
      handover->getBlock()->getOps<tile::HandoverOp>(), isSameMessage));
  bool repeats = handover.getFrom() == 0;
  bool gives = static_cast<int64_t>(handover.getFrom()) == share->consumer;
  auto barrier = [&](int64_t id) -> Value {
    if (!repeats)
      return constant(b, kResultId);
    Value slot = arith::AndIOp::create(b, messages, constant(b, kMessages - 1));
    return arith::AddIOp::create(b, slot, constant(b, id));
  };
  // O1 is there: O2 is read piece by piece, and only where it is used.
  if (!gives && !repeats)
    landAll();
  if (handover == message.front() && (!gives || repeats))
    hopper::NamedSyncOp::create(b, barrier(gives ? kEmptyId : kFullId),
                                kThreads);

  auto type = cast<RankedTensorType>(handover.getType());
  Kind kind = isOutput(handover.getSource()) ? Kind::Output : defaultKind(type);
  kinds[handover.getResult()] = kind;
  Value memory = shared.mail.lookup({handover.getFrom(), type});
  Value stage = repeats ? messages : Value();
  if (gives) {
    FailureOr<Value> value = get(handover.getSource(), kind);
    if (failed(value))
      return failure();
    hopper::PutOp::create(b, *value, memory, stage);
  } else if (repeats) {
    values.map(handover.getResult(),
               hopper::GetOp::create(b, convert(type, kind), memory, stage));
  } else {
    results[handover.getResult()] = memory;
  }

  if (handover != message.back())
    return success();
  if (gives || repeats)
    hopper::NamedArriveOp::create(b, barrier(gives ? kFullId : kEmptyId),
                                  kThreads);
  if (repeats)
    messages = arith::AddIOp::create(b, messages, constant(b, 1));
  return success();
}
