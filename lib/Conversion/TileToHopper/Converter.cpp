//===- Converter.cpp - The role between narrow tiles and products ---------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Keys and values of 8 bits come into rings of their own. The converters bring
// each tile to a stage of the ring that the products read, and so are the
// consumer of the one and the producer of the other. What lies past a used
// length becomes zero on the way.
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/TileToHopper/Lowering.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace parallax;
using namespace parallax::tile_to_hopper;

namespace {

class Converters {
public:
  Converters(ImplicitLocOpBuilder &b, Shared &shared) : b(b), shared(shared) {
    for (auto &[memory, ring] : shared.rings)
      uses[memory] = constant(b, 0);
  }

  void writeBlock(Block &block, IRMapping scalars) {
    for (Operation &op : block) {
      if (auto load = dyn_cast<tile::LoadOp>(op)) {
        if (shared.narrowRings.contains(load.getMemory()))
          writeLoad(load, scalars);
      } else if (auto loop = dyn_cast<scf::ForOp>(op)) {
        if (!shared.ringsOf(loop).empty())
          writeLoop(loop, scalars);
      } else if (isScalarOp(op)) {
        cloneScalarOp(b, op, scalars);
      }
    }
  }

private:
  void writeLoad(tile::LoadOp load, const IRMapping &scalars) {
    const Buffer &from = shared.narrowRings[load.getMemory()];
    const Buffer &to = shared.rings[load.getMemory()];
    Value use = uses[load.getMemory()];
    uses[load.getMemory()] = arith::AddIOp::create(b, use, constant(b, 1));
    Value firstUnused;
    if (Value limit = load.getLimit())
      firstUnused = arith::MaxSIOp::create(
          b,
          arith::SubIOp::create(b, scalars.lookup(limit),
                                scalars.lookup(load.getToken())),
          constant(b, 0));
    hopper::WaitOp::create(b, from.full, use, /*lag=*/0);
    hopper::WaitOp::create(b, to.empty, use, /*lag=*/1);
    hopper::ConvertOp::create(b, from.memory, stageOf(from.memory, use),
                              to.memory, stageOf(to.memory, use), firstUnused);
    hopper::ArriveOp::create(b, from.empty, use);
    hopper::ArriveOp::create(b, to.full, use);
  }

  void writeLoop(scf::ForOp loop, IRMapping scalars) {
    SmallVector<Value> rings = shared.ringsOf(loop);
    auto take = [&](ValueRange carried) {
      for (auto [ring, use] : llvm::zip(rings, carried))
        uses[ring] = use;
    };
    auto counters = [&] {
      return llvm::map_to_vector(rings, [&](Value ring) { return uses[ring]; });
    };
    auto copy = scf::ForOp::create(
        b, scalars.lookup(loop.getLowerBound()),
        scalars.lookup(loop.getUpperBound()), scalars.lookup(loop.getStep()),
        counters(), [&](OpBuilder &, Location, Value iv, ValueRange carried) {
          scalars.map(loop.getInductionVar(), iv);
          take(carried);
          writeBlock(*loop.getBody(), scalars);
          scf::YieldOp::create(b, counters());
        });
    take(copy.getResults());
  }

  ImplicitLocOpBuilder &b;
  Shared &shared;
  DenseMap<Value, Value> uses; ///< Of each ring, the next one.
};

} // namespace

void tile_to_hopper::writeConverters(ImplicitLocOpBuilder &b, Block &program,
                                     Shared &shared) {
  Converters(b, shared).writeBlock(program, shared.scalars);
}
