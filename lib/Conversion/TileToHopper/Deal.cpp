//===- Deal.cpp - The keys that a persistent CTA takes --------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Where persistent CTAs share keys, the key tiles of all sequences stand in one
// row, those of one behind those of another. A gang, of a CTA for each head
// (and tile of queries, if a sequence has several), takes an equal piece of
// that row: the end of one sequence, some whole ones, and the beginning of
// another. So all CTAs have as much to read, whatever the sequences use, and
// each starts once: its producer copies keys of the next sequence while
// consumers end the one before. This is stream-K (Osama et al., 2023), but of
// gangs: keys of all heads lie side by side in memory, which is slower if they
// aren't read together.
//
// Sequences that a gang shares come first: joining takes time, which at the end
// of all has nothing to hide behind.
//
// CTAs that share a sequence's keys, of one head, meet at the ticket of the
// first of them: no two sequences that several share have the same first one.
// Its part of sequence i has place i + gang of the head's places: from one
// piece of the row to the next one of the two grows.
//
// A sequence without keys weighs as much as one key tile, so that some gang
// writes its outputs.
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/TileToHopper/IndexBuilder.h"
#include "lib/Conversion/TileToHopper/KernelWriter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

#include <limits>

using namespace mlir;
using namespace parallax;
using namespace parallax::tile_to_hopper;

static tile::ShareOp findShare(Block &program) {
  return *program.getOps<tile::ShareOp>().begin();
}

/// Adds the scalars of a sequence up to the count of its key tiles, and returns
/// its weight.
static Value writeWeight(ImplicitLocOpBuilder &b, const Shared &shared,
                         Block &program, Value sequence, IRMapping &scalars) {
  IndexBuilder i{b};
  auto id = *program.getOps<tile::ProgramIdOp>().begin();
  scalars.map(id.getTile(), shared.deal.tile);
  scalars.map(id.getHead(), shared.deal.head);
  scalars.map(id.getBatch(), sequence);
  tile::ShareOp share = findShare(program);
  for (Operation *op : tileScalars(program)) {
    if (op == share)
      break;
    writeTileScalar(b, shared, *op, scalars);
  }
  return i.max(scalars.lookup(share.getTiles()), i.of(1));
}

void tile_to_hopper::writeDeal(ImplicitLocOpBuilder &b, Shared &shared,
                               Block &program) {
  IndexBuilder i{b};
  Grid &grid = shared.grid;
  Deal &deal = shared.deal;
  auto id = [&](int64_t dim) -> Value {
    return hopper::CtaIdOp::create(b, b.getI32Type(), dim);
  };
  deal.head = id(0);
  deal.gang = id(1);
  deal.tile = id(2);
  auto find = [&](ValueRange targets) {
    return hopper::FindOp::create(
        b, targets, grid.batches, [&](Value sequence) {
          IRMapping scalars = shared.scalars;
          return writeWeight(b, shared, program, sequence, scalars);
        });
  };
  Value total =
      find(i.of(std::numeric_limits<int32_t>::max())).getBefores().front();
  deal.size =
      i.max(i.divideUp(total, grid.gangs), i.of(findShare(program).getLeast()));
  deal.begin = i.min(i.mul(deal.gang, deal.size), total);
  deal.end = i.min(i.add(deal.begin, deal.size), total);

  auto ends = find({deal.begin, i.sub(deal.end, i.of(1))});
  deal.sequence = ends.getIndices()[0];
  deal.first = i.sub(deal.begin, ends.getBefores()[0]);
  deal.last = ends.getIndices()[1];
  deal.lastBegin = ends.getBefores()[1];
  // One that has nothing begins and ends behind the last sequence.
  Value isSome =
      arith::CmpIOp::create(b, arith::CmpIPredicate::ult, deal.begin, deal.end);
  Value count = i.add(i.sub(deal.last, deal.sequence), i.of(1));
  grid.count = i.select(isSome, count, i.of(0));
}

Value tile_to_hopper::writeDealt(ImplicitLocOpBuilder &b, const Shared &shared,
                                 Block &program, Value number, Value next,
                                 IRMapping &scalars) {
  IndexBuilder i{b};
  const Deal &deal = shared.deal;
  const Grid &grid = shared.grid;
  auto isNumber = [&](int32_t n) -> Value {
    return arith::CmpIOp::create(b, arith::CmpIPredicate::eq, number, i.of(n));
  };
  // The first sequence, the last, then those between.
  Value isFirst = isNumber(0), isLast = isNumber(1);
  Value between = i.sub(i.add(deal.sequence, number), i.of(1));
  Value sequence =
      i.select(isFirst, deal.sequence, i.select(isLast, deal.last, between));
  Value at = i.select(isLast, deal.lastBegin, next);
  Value weight = writeWeight(b, shared, program, sequence, scalars);
  Value first = i.select(isFirst, deal.first, i.of(0));
  Value last = i.min(i.add(first, i.sub(deal.end, at)), weight);
  Value begin = i.sub(at, first); // Of the sequence, in the row.
  Value end = i.add(begin, weight);
  Value firstGang = i.div(begin, deal.size);
  Value lastGang = i.div(i.sub(end, i.of(1)), deal.size);
  Value column = i.add(i.mul(deal.tile, grid.heads), deal.head);
  auto ofColumn = [&](Value count, Value index) {
    return i.add(i.mul(column, count), index);
  };
  tile::ShareOp share = findShare(program);
  Value tiles = scalars.lookup(share.getTiles());
  const Value results[] = {
      i.min(first, tiles),
      i.min(last, tiles),
      i.sub(deal.gang, firstGang),
      i.add(i.sub(lastGang, firstGang), i.of(1)),
      ofColumn(i.add(grid.batches, grid.gangs), i.add(sequence, firstGang)),
      ofColumn(grid.gangs, firstGang)};
  for (auto [result, value] : llvm::zip_equal(share.getResults(), results))
    scalars.map(result, value);
  for (Operation *op : tileScalars(program))
    if (!isa<tile::ProgramIdOp, tile::ShareOp>(op))
      writeTileScalar(b, shared, *op, scalars);
  return i.select(isLast, next, i.add(at, i.sub(last, first)));
}
