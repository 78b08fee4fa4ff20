//===- Buffers.cpp - The shared memory and barriers of a kernel -----------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/TileToHopper/KernelWriter.h"

using namespace mlir;
using namespace parallax;
using namespace parallax::tile_to_hopper;

void KernelWriter::writeBuffers(Shared &shared) {
  MLIRContext *context = b.getContext();
  auto barriers = [&](int64_t slots, int64_t arrivals) -> Value {
    return hopper::BarriersOp::create(
        b, hopper::BarrierType::get(context, slots), arrivals);
  };
  auto allocOf = [&](Type type, int64_t stages, int64_t rows,
                     int64_t columns) -> Value {
    return hopper::AllocOp::create(
        b, hopper::SmemType::get(context, stages, rows, columns, type));
  };
  auto alloc = [&](int64_t stages, int64_t rows, int64_t columns) -> Value {
    return allocOf(element, stages, rows, columns);
  };
  llvm::SmallDenseSet<Value> inLoops = loadedInLoops(program);
  program.walk([&](tile::LoadOp load) {
    if (isRowLoad(load))
      return;
    int64_t rows = cast<ShapedType>(load.getType()).getDimSize(0);
    int64_t columns = schedule.columns(headDim);
    int64_t heads = load.getHeads();
    int64_t bytes = rows / heads * heads * columns * 2;
    if (!inLoops.contains(load.getMemory())) {
      int64_t tiles = schedule.inputStages(headDim);
      if (!shared.inputsFull) {
        shared.inputsFull = barriers(tiles, 1);
        if (schedule.persistent)
          shared.inputsEmpty =
              barriers(tiles, 4 * (schedule.consumers + schedule.hasJoiners()));
        if (schedule.hasJoiners())
          shared.partsStored = barriers(tiles, 4 * schedule.consumers);
        if (schedule.persistent)
          shared.board = alloc(tiles, 8, hopper::SmemType::kBlockColumns);
      }
      bool isSecond = schedule.isStacked() && !shared.inputs.empty();
      Value memory = isSecond ? shared.inputs.begin()->second.memory
                     : schedule.isStacked() ? alloc(tiles, 2 * rows, columns)
                                            : alloc(tiles, rows, columns);
      shared.inputs[load] = {memory, shared.inputsFull, shared.inputsEmpty,
                             bytes, isSecond ? schedule.stackedRows() : 0};
      // A consumer's rows of q are its own to overwrite at the end.
      if (!shared.output)
        shared.output = memory;
      return;
    }
    Buffer &ring = shared.rings[load.getMemory()];
    if (ring.memory)
      return;
    const int64_t stages = schedule.productStages();
    const int64_t narrow = schedule.narrowColumns(headDim);
    auto type = cast<MemRefType>(load.getMemory().getType()).getElementType();
    if (schedule.hasWarpKeys() && load.converts()) {
      ring = {allocOf(type, stages, rows, narrow), barriers(stages, 1),
              barriers(stages, hopper::kWarps), rows * narrow};
      return;
    }
    const bool converts = load.converts();
    const int64_t arrivals = converts           ? shared.converterWarps
                             : isGathered(load) ? 32 * shared.converterWarps
                                                : 1;
    ring = {alloc(stages, rows, columns), barriers(stages, arrivals),
            barriers(stages, 4 * schedule.consumers), bytes};
    if (!converts)
      return;
    shared.narrowRings[load.getMemory()] = {
        allocOf(type, schedule.stages, rows, narrow),
        barriers(schedule.stages, 1),
        barriers(schedule.stages, shared.converterWarps), rows * narrow};
  });
  if (schedule.cluster) {
    shared.inbox = alloc(1, schedule.inboxBytes(headDim) / 128,
                         hopper::SmemType::kBlockColumns);
    shared.arrived = barriers(1, 1);
  }
  // O2 crosses behind the loops, in the ring of keys; the rest has its own.
  program.walk([&](tile::HandoverOp handover) {
    auto type = cast<RankedTensorType>(handover.getType());
    Value &mail = shared.mail[{handover.getFrom(), type}];
    bool isWide = type.getRank() == 2 && type.getElementType().isF32();
    if (mail)
      return;
    int64_t bytes = type.getRank() == 1
                        ? 2 * hopper::kRegisterBytes
                        : type.getNumElements() * sizeof(int16_t);
    mail = isWide ? shared.rings.front().second.memory
                  : alloc(handover.getFrom() == 0 ? kMessages : 1, bytes / 128,
                          hopper::SmemType::kBlockColumns);
  });
}
