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
// Tiles of small pages they copy from memory to that ring, instead of the
// producer. The entries of a tile are read before its stage is empty, so that
// reading them takes no time of its own while the ring is full.
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
        if (isGathered(load))
          writeGather(load, scalars);
        else if (shared.narrowRings.contains(load.getMemory()))
          writeConvert(load, scalars);
      } else if (auto loop = dyn_cast<scf::ForOp>(op)) {
        if (!shared.ringsOf(loop).empty())
          writeLoop(loop, scalars);
      } else if (isScalarOp(op)) {
        cloneScalarOp(b, op, scalars);
      }
    }
  }

private:
  Value nextUse(tile::LoadOp load) {
    Value &next = uses[load.getMemory()], use = next;
    next = arith::AddIOp::create(b, use, constant(b, 1));
    return use;
  }

  void writeGather(tile::LoadOp load, const IRMapping &scalars) {
    const Buffer &to = shared.rings[load.getMemory()];
    Value use = nextUse(load), token = scalars.lookup(load.getToken());
    if (!gathered || !sharePages(gathered, load)) {
      gathered = load;
      entries = writeEntries(load, scalars);
    }
    hopper::WaitOp::create(b, to.empty, use, /*lag=*/1);
    auto [page, tokens, heads] = shared.gatherStrides[load.getMemory()];
    Value head = arith::ExtSIOp::create(b, b.getI64Type(),
                                        scalars.lookup(load.getHead()));
    hopper::GatherOp::create(b, shared.pointers.lookup(load.getMemory()),
                             arith::MulIOp::create(b, head, heads), page,
                             tokens, entries, token, load.getPageSize(),
                             shared.headDim, to.memory, stageOf(to.memory, use),
                             to.full, use);
  }

  /// The pages of a tile's rows.
  Value writeEntries(tile::LoadOp load, const IRMapping &scalars) {
    Value table = load.getTable(), limit;
    if (load.getLimit())
      limit = scalars.lookup(load.getLimit());
    else
      limit = arith::MulIOp::create(b, shared.tableColumns.lookup(table),
                                    constant(b, load.getPageSize()));
    Value row = arith::MulIOp::create(b, scalars.lookup(load.getBatch()),
                                      shared.tableStrides.lookup(table));
    const int64_t rows = cast<ShapedType>(load.getType()).getDimSize(0);
    auto type = RankedTensorType::get({rows}, b.getI32Type(),
                                      hopper::EntriesAttr::get(b.getContext()));
    return hopper::LoadEntriesOp::create(b, type, shared.pointers.lookup(table),
                                         row, scalars.lookup(load.getToken()),
                                         limit, load.getPageSize());
  }

  void writeConvert(tile::LoadOp load, const IRMapping &scalars) {
    const Buffer &from = shared.narrowRings[load.getMemory()];
    const Buffer &to = shared.rings[load.getMemory()];
    Value use = nextUse(load);
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
  tile::LoadOp gathered;       ///< The last load whose entries were read.
  Value entries;               ///< And these.
};

} // namespace

void tile_to_hopper::writeConverters(ImplicitLocOpBuilder &b, Block &program,
                                     Shared &shared) {
  Converters(b, shared).writeBlock(program, shared.scalars);
}
