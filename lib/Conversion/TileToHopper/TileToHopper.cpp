//===- TileToHopper.cpp - Give a tile program the roles of a CTA ----------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A tile program becomes one kernel in three parts: what every thread computes
// (the scalars before the loops, the buffers and barriers), the producer and
// the consumers. Producer and consumers walk the same loops over the same
// scalars, so they agree on every stage and phase without talking. Where tiles
// have to be converted, so do the converters between the two.
//
// The first part is in Parameters.cpp, Prelude.cpp and Buffers.cpp.
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/Passes.h"
#include "lib/Conversion/TileToHopper/KernelWriter.h"
#include "lib/Schedule/ScheduleAttr.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/BuiltinOps.h"

namespace parallax {
#define GEN_PASS_DEF_TILETOHOPPER
#include "lib/Conversion/Passes.h.inc"
} // namespace parallax

using namespace mlir;
using namespace parallax;
using namespace parallax::tile_to_hopper;

/// Divided products make two programs of one region, one for each consumer.
LogicalResult KernelWriter::writeConsumers(Value warpgroup, Shared &shared) {
  Block &body = program.getBody().front();
  if (!element) {
    IRMapping values = shared.scalars;
    return writeRowBlock(b, body, shared, values);
  }
  if (schedule.partition != Partition::Products)
    return writeConsumer(b, body, shared, warpgroup);
  Value isFirst = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, warpgroup,
                                        constant(b, 0));
  auto branch = scf::IfOp::create(b, isFirst, /*withElseRegion=*/true);
  for (int64_t consumer : {0, 1}) {
    FailureOr<Share> share = shareOf(program, consumer);
    if (failed(share))
      return failure();
    WalkResult result = program.walk([&](tile::LoadOp load) {
      if (isRowLoad(load) || shared.inputs.contains(load) ||
          share->ops.contains(load))
        return WalkResult::advance();
      load.emitOpError("expected both consumers to read each tile of keys or "
                       "values, got no use by consumer ")
          << consumer;
      return WalkResult::interrupt();
    });
    b.setInsertionPoint(
        (consumer ? branch.elseBlock() : branch.thenBlock())->getTerminator());
    if (result.wasInterrupted() ||
        failed(writeConsumer(b, body, shared, constant(b, consumer), &*share)))
      return failure();
  }
  return success();
}

LogicalResult KernelWriter::write() {
  ProgramShape shape;
  if (failed(checkProgram(program, schedule, shape)))
    return failure();
  element = shape.element;
  headDim = shape.headDim;
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPoint(program);
  kernel =
      func::FuncOp::create(b, program.getName(), b.getFunctionType({}, {}));
  kernel->setAttr(hopper::kKernelAttr, b.getUnitAttr());
  setSchedule(kernel, schedule);
  kernel->setAttr(hopper::kTileTokensAttr,
                  b.getI64IntegerAttr(schedule.tile.tokens()));
  kernel->setAttr(hopper::kPackedHeadsAttr,
                  b.getI64IntegerAttr(schedule.tile.packedHeads));
  if (schedule.splitTiles)
    kernel->setAttr(
        hopper::kSplitKeysAttr,
        b.getI64IntegerAttr(schedule.splitTiles * schedule.tile.keys));
  if (schedule.cluster)
    kernel->setAttr(hopper::kClusterAttr,
                    b.getI64IntegerAttr(schedule.cluster));
  if (schedule.persistent)
    kernel->setAttr(hopper::kPersistentCtasAttr,
                    b.getI64IntegerAttr(schedule.ctasPerSm));
  if (schedule.ctasPerSm > 1)
    kernel->setAttr(hopper::kCtasPerSmAttr,
                    b.getI64IntegerAttr(schedule.ctasPerSm));
  b.setInsertionPointToStart(kernel.addEntryBlock());

  Shared shared(schedule, headDim);
  if (schedule.converterRegisters)
    shared.converterWarps = 4;
  writeParameters(shared);
  writePrelude(shared);
  writeBuffers(shared);
  if (shared.inbox)
    hopper::ClusterArriveOp::create(b);

  const bool hasConverters = !shared.narrowRings.empty() ||
                             !shared.gatherStrides.empty() ||
                             schedule.hasJoiners();
  auto roles =
      hopper::RolesOp::create(b, schedule.producerRegisters, schedule.consumers,
                              schedule.consumerRegisters, hasConverters,
                              hasConverters ? schedule.converterRegisters : 0);
  Block &body = program.getBody().front();
  b.setInsertionPointToStart(&roles.getProducerBlock());
  if (failed(writeProducer(b, body, shared)))
    return failure();
  if (hasConverters) {
    b.setInsertionPointToStart(&roles.getConverterBlock());
    if (!schedule.hasJoiners())
      writeConverters(b, body, shared);
    else if (failed(writeJoiners(b, body, shared)))
      return failure();
  }
  b.setInsertionPointToStart(&roles.getConsumerBlock());
  if (failed(writeConsumers(roles.getWarpgroup(), shared)))
    return failure();
  if (schedule.persistent)
    dropUnread(roles);
  b.setInsertionPointAfter(roles);
  func::ReturnOp::create(b);
  program.erase();
  return success();
}

namespace {

struct TileToHopperPass : parallax::impl::TileToHopperBase<TileToHopperPass> {
  void runOnOperation() override {
    auto programs = llvm::filter_to_vector(
        getOperation().getOps<func::FuncOp>(),
        [](func::FuncOp op) { return op->hasAttr(tile::kKernelAttr); });
    for (func::FuncOp program : programs) {
      FailureOr<Schedule> schedule = getSchedule(program);
      if (failed(schedule) || failed(KernelWriter(program, *schedule).write()))
        return signalPassFailure();
    }
  }
};

} // namespace
