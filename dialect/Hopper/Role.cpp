//===- Role.cpp - Warpgroup roles -----------------------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialect/Hopper/HopperDialect.h"
#include "lib/Data/Registers.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace parallax::hopper;

static constexpr uint64_t kFewestRegisters = 24;

void RolesOp::build(OpBuilder &builder, OperationState &state,
                    int64_t producerRegisters, int64_t consumers,
                    int64_t consumerRegisters, bool hasConverters,
                    int64_t converterRegisters) {
  OpBuilder::InsertionGuard guard(builder);
  Properties &properties = state.getOrAddProperties<Properties>();
  properties.producer_registers = builder.getI64IntegerAttr(producerRegisters);
  properties.consumers = builder.getI64IntegerAttr(consumers);
  properties.consumer_registers = builder.getI64IntegerAttr(consumerRegisters);
  if (converterRegisters)
    properties.converter_registers =
        builder.getI64IntegerAttr(converterRegisters);
  Region *producer = state.addRegion(), *consumer = state.addRegion();
  Region *converter = state.addRegion();
  builder.createBlock(producer);
  ensureTerminator(*producer, builder, state.location);
  builder.createBlock(consumer, {}, builder.getI32Type(), state.location);
  ensureTerminator(*consumer, builder, state.location);
  if (!hasConverters)
    return;
  builder.createBlock(converter);
  ensureTerminator(*converter, builder, state.location);
}

LogicalResult RolesOp::verifyRegions() {
  if (getConsumers() < 1 || getConsumers() > 7) // (C1)
    return emitOpError("expected 1 to 7 consumers, got ") << getConsumers();
  const uint64_t converterRegisters = getConverterRegisters().value_or(0);
  for (uint64_t registers :
       {getProducerRegisters(), getConsumerRegisters(),
        hasConverterWarpgroup() ? converterRegisters : kFewestRegisters})
    if (registers < kFewestRegisters || registers > 256 ||
        registers % 8) // (C2)
      return emitOpError("expected registers that are a multiple of 8 in "
                         "[24, 256], got ")
             << registers;
  uint64_t all = getProducerRegisters() + converterRegisters +
                 getConsumers() * getConsumerRegisters();
  constexpr int64_t mostCtasPerSm = 32; // Of any kernel.
  auto ctas =
      (*this)->getParentOp()->getAttrOfType<IntegerAttr>(kCtasPerSmAttr);
  const int64_t ctasPerSm =
      ctas ? std::clamp<int64_t>(ctas.getInt(), 1, mostCtasPerSm) : 1;
  if (uint64_t most = registersOfCta(getWarpgroups(), ctasPerSm); all > most)
    return emitOpError("expected at most ")
           << most << " registers over all warpgroups, got " << all;
  if (getProducer().getNumArguments()) // (C3)
    return emitOpError("expected a producer without arguments");
  if (hasConverterWarpgroup() && !hasConverters()) // (C4)
    return emitOpError("expected a region of the converters that have "
                       "registers");
  if (hasConverters() && getConverter().getNumArguments())
    return emitOpError("expected converters without arguments");
  if (getConsumer().getNumArguments() != 1 ||
      !getConsumer().getArgument(0).getType().isInteger(32))
    return emitOpError("expected consumers with one i32 argument");
  return success();
}

LogicalResult parallax::hopper::detail::verifyPlace(Operation *op,
                                                    Place place) {
  if (place == Place::Kernel) {
    if (auto function = dyn_cast_or_null<func::FuncOp>(op->getParentOp()))
      if (function->hasAttr(kKernelAttr))
        return success();
    return op->emitOpError("expected at the top level of a kernel");
  }
  Region *region = op->getParentRegion();
  while (region && !isa<RolesOp>(region->getParentOp()))
    region = region->getParentRegion();
  if (place == Place::Role)
    return region ? success() : op->emitOpError("expected inside hopper.roles");
  const bool isWarpgroup =
      region && cast<RolesOp>(region->getParentOp()).hasConverterWarpgroup();
  struct Regions {
    Place place;
    SmallVector<unsigned> numbers;
    StringRef name;
  };
  const Regions all[] = {
      {Place::Producer, {0}, "producer's region"},
      {Place::Consumers, {1}, "consumers' region"},
      {Place::Converters, {2}, "converters' region"},
      {Place::Warps, {1, 2}, "consumers' or converters' region"},
      {Place::Warpgroup,
       isWarpgroup ? SmallVector<unsigned>{1, 2} : SmallVector<unsigned>{1},
       "region of a whole warpgroup"}};
  const Regions &wanted =
      *llvm::find_if(all, [&](auto &each) { return each.place == place; });
  if (region && llvm::is_contained(wanted.numbers, region->getRegionNumber()))
    return success();
  return op->emitOpError("expected inside the ")
         << wanted.name << " of hopper.roles";
}
