//===- Share.cpp - What each consumer computes ----------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Handovers say what crosses between consumers; the rest follows. The first
// consumer needs what the stores need, each what it hands over. Backwards from
// there goes everything that makes those values, through loops by the carried
// values that matter, and stops at what is handed to it. What both need, like
// scalars and loads of keys, both do. So each consumer's part is the program
// with ops left out, and keeps its order.
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/TileToHopper/Lowering.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;
using namespace parallax;
using namespace parallax::tile_to_hopper;

namespace {

class Slice {
public:
  explicit Slice(int64_t consumer) : share{consumer, {}, {}} {}

  LogicalResult need(Operation *op);
  LogicalResult need(Value value);

  Share share;

private:
  LogicalResult needCarried(scf::ForOp loop, unsigned index);
};

} // namespace

LogicalResult Slice::need(Operation *op) {
  if (!share.ops.insert(op).second)
    return success();
  if (isa_and_nonnull<scf::ForOp, scf::IfOp>(op->getParentOp()) &&
      failed(need(op->getParentOp())))
    return failure();
  if (auto loop = dyn_cast<scf::ForOp>(op)) {
    for (Value bound :
         {loop.getLowerBound(), loop.getUpperBound(), loop.getStep()})
      if (failed(need(bound)))
        return failure();
    // What stands in a branch behind the loops is one piece.
    for (Value initial : loop.getInitArgs())
      if (loop->getParentOfType<scf::IfOp>() && failed(need(initial)))
        return failure();
    return success();
  }
  auto handover = dyn_cast<tile::HandoverOp>(op);
  if (handover && static_cast<int64_t>(handover.getTo()) == share.consumer)
    return success();
  for (Value operand : op->getOperands())
    if (failed(need(operand)))
      return failure();
  return success();
}

LogicalResult Slice::need(Value value) {
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    auto loop = dyn_cast<scf::ForOp>(argument.getOwner()->getParentOp());
    return loop && argument.getArgNumber()
               ? needCarried(loop, argument.getArgNumber() - 1)
               : success();
  }
  auto result = cast<OpResult>(value);
  if (auto loop = dyn_cast<scf::ForOp>(result.getOwner()))
    return needCarried(loop, result.getResultNumber());
  auto handover = dyn_cast<tile::HandoverOp>(result.getOwner());
  if (handover && static_cast<int64_t>(handover.getTo()) != share.consumer)
    return handover.emitOpError("expected to be used by consumer ")
           << handover.getTo() << ", got a use by consumer " << share.consumer;
  return need(result.getOwner());
}

LogicalResult Slice::needCarried(scf::ForOp loop, unsigned index) {
  if (!share.carried.insert(loop.getRegionIterArg(index)).second)
    return success();
  return failure(failed(need(loop.getOperation())) ||
                 failed(need(loop.getInitArgs()[index])) ||
                 failed(need(loop.getYieldedValues()[index])));
}

FailureOr<Share> tile_to_hopper::shareOf(func::FuncOp program,
                                         int64_t consumer) {
  Slice slice(consumer);
  WalkResult result = program.walk([&](Operation *op) {
    auto handover = dyn_cast<tile::HandoverOp>(op);
    bool isEnd = isa<tile::StoreOp>(op) || op->getParentOfType<scf::IfOp>();
    bool isRoot = handover || (isEnd && consumer == 0);
    return isRoot && failed(slice.need(op)) ? WalkResult::interrupt()
                                            : WalkResult::advance();
  });
  if (result.wasInterrupted())
    return failure();
  return slice.share;
}
