//===- Barrier.cpp - mbarrier rings and named barriers --------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialect/Hopper/HopperDialect.h"
#include "dialect/Hopper/Verify.h"

using namespace mlir;
using namespace parallax::hopper;

/// The largest arrival count, and the largest transaction count, of a phase.
static constexpr uint64_t kMaxCount = (1 << 20) - 1;

void BarriersOp::getEffects(
    SmallVectorImpl<MemoryEffects::EffectInstance> &effects) {
  effects.emplace_back(MemoryEffects::Allocate::get(),
                       cast<OpResult>(getResult()));
}

LogicalResult BarriersOp::verify() {
  if (getCount() < 1 || getCount() > kMaxCount)
    return emitOpError("expected a count in [1, ")
           << kMaxCount << "], got " << getCount();
  return success();
}

LogicalResult WaitOp::verify() {
  if (getLag() > 1)
    return emitOpError("expected a lag of 0 or 1, got ") << getLag();
  return verifyStage(*this, getBarrier().getType().getStages(), getUse(),
                     "a ring of barriers");
}

LogicalResult ExpectOp::verify() {
  if (getBytes() < 1 || getBytes() > kMaxCount)
    return emitOpError("expected bytes in [1, ")
           << kMaxCount << "], got " << getBytes();
  return verifyStage(*this, getBarrier().getType().getStages(), getUse(),
                     "a ring of barriers");
}

LogicalResult ArriveOp::verify() {
  return verifyStage(*this, getBarrier().getType().getStages(), getUse(),
                     "a ring of barriers");
}

static LogicalResult verifyThreads(Operation *op, uint64_t threads) {
  if (threads < 128 || threads > 896 || threads % 128) // (C1)
    return op->emitOpError("expected a multiple of 128 threads in [128, 896], "
                           "got ")
           << int64_t(threads);
  return success();
}

LogicalResult NamedSyncOp::verify() {
  return verifyThreads(*this, getThreads());
}

LogicalResult NamedArriveOp::verify() {
  return verifyThreads(*this, getThreads());
}
