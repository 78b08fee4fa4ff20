//===- Tiles.cpp - The tiles of queries that a CTA takes ------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A persistent CTA takes tiles in turn. Each role walks them by itself, in a
// loop of its own around its program, so that the producer may be a tile ahead;
// nothing but the uses of rings, of all as many, is carried from one tile to
// the next. The producer finds head, batch entry and place of a tile from its
// number and says them, and what follows from them, beside q and r: consumers
// have no register to spare, and read what they need before their loops and
// again behind.
//
// All tiles stand in one order, section by section (lib/Data/Sections.h), and
// are dealt to the CTAs in rounds, every other one backwards. CTAs of a round
// run side by side, so in a section go heads fastest: those that share keys run
// together.
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/TileToHopper/IndexBuilder.h"
#include "lib/Conversion/TileToHopper/Lowering.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/Iterators.h"

using namespace mlir;
using namespace parallax;
using namespace parallax::tile_to_hopper;

/// Whether a scalar of a tile is said to consumers, who else compute it.
static bool isSaid(Value scalar) {
  return scalar.getType().isIndex() || scalar.getType().isInteger(32);
}

LogicalResult tile_to_hopper::checkPersistent(func::FuncOp program) {
  tile::ProgramIdOp id;
  Operation *other = nullptr;
  program.walk([&](Operation *op) {
    if (auto found = dyn_cast<tile::ProgramIdOp>(op))
      id = found;
    // Of each tile, before the roles start, or in a consumer.
    auto load = dyn_cast<memref::LoadOp>(op);
    if (isa<tile::AppendOp>(op) || (load && !isSaid(load.getResult())))
      other = op;
  });
  if (!id)
    return program.emitOpError("expected a tile.program_id in a program of "
                               "persistent CTAs, got none");
  // In loops they are: each loads one tile of each.
  llvm::SmallDenseMap<Value, int64_t> uses;
  for (Value memory : loadedInLoops(program))
    uses[memory] = 0;
  for (auto load : program.getOps<tile::LoadOp>())
    if (auto ring = uses.find(load.getMemory()); ring != uses.end())
      ++ring->second;
  for (auto [memory, count] : uses)
    if (count != uses.begin()->second)
      return program.emitOpError("expected as many loads of each memory that "
                                 "loops load from, got ")
             << count << " and " << uses.begin()->second << " outside loops";
  if (other)
    return other->emitOpError("expected a schedule whose CTAs take one tile "
                              "each, got persistent = 1");
  return success();
}

SmallVector<Operation *> tile_to_hopper::tileScalars(Block &program) {
  llvm::SmallDenseSet<Operation *> found;
  SmallVector<Operation *> ordered;
  for (Operation &op : program) {
    bool isOfTile = llvm::any_of(op.getOperands(), [&](Value operand) {
      return found.contains(operand.getDefiningOp());
    });
    const bool isScalar = isScalarOp(op) || isa<memref::LoadOp>(op);
    if (!isa<tile::ProgramIdOp, tile::ShareOp>(op) && !(isOfTile && isScalar))
      continue;
    found.insert(&op);
    ordered.push_back(&op);
  }
  return ordered;
}

void tile_to_hopper::writeTileScalar(ImplicitLocOpBuilder &b,
                                     const Shared &shared, Operation &op,
                                     IRMapping &scalars) {
  auto load = dyn_cast<memref::LoadOp>(op);
  if (!load)
    return cloneScalarOp(b, op, scalars);
  scalars.map(load.getResult(),
              hopper::LoadScalarOp::create(
                  b, load.getType(), shared.pointers.lookup(load.getMemRef()),
                  scalars.lookup(load.getIndices().front()))
                  .getResult());
}

void tile_to_hopper::writeGrid(ImplicitLocOpBuilder &b, Grid &grid) {
  auto mul = [&](Value x, Value y) -> Value {
    return arith::MulIOp::create(b, x, y);
  };
  grid.cta = hopper::CtaIdOp::create(b, b.getI32Type(), 0);
  Value programs = mul(mul(grid.tiles, grid.heads), grid.batches);
  // Of the last round, which is not full, some get one.
  Value rounds = arith::DivUIOp::create(b, programs, grid.ctas);
  Value hasOne = arith::CmpIOp::create(b, arith::CmpIPredicate::ult,
                                       indexInRound(b, grid, rounds), programs);
  grid.count = arith::AddIOp::create(
      b, rounds, arith::ExtUIOp::create(b, b.getI32Type(), hasOne));
}

/// In round n, tile n * ctas + cta of all, or if n is odd, of the round's the
/// same from its end. With no value that would be kept from round to round.
Value tile_to_hopper::indexInRound(ImplicitLocOpBuilder &b, const Grid &grid,
                                   Value round) {
  Value isOdd = arith::AndIOp::create(b, round, constant(b, 1));
  Value flips = arith::SubIOp::create(b, constant(b, 0), isOdd);
  Value begin = arith::MulIOp::create(b, arith::AddIOp::create(b, round, isOdd),
                                      grid.ctas);
  return arith::AddIOp::create(b, begin,
                               arith::XOrIOp::create(b, grid.cta, flips));
}

void tile_to_hopper::writeTile(ImplicitLocOpBuilder &b, const Shared &shared,
                               Block &program, Value round,
                               IRMapping &scalars) {
  const Grid &grid = shared.grid;
  auto id = *program.getOps<tile::ProgramIdOp>().begin();
  IndexBuilder i{b};
  Value index = indexInRound(b, grid, round);
  Value section = i.div(index, grid.sectionTiles);
  Value inSection = i.rem(index, grid.sectionTiles);
  Value firstBatch = i.mul(section, grid.section);
  Value batchesLeft = i.sub(grid.batches, firstBatch);
  Value batches = i.min(grid.section, batchesLeft);
  Value width = i.mul(batches, grid.heads);
  Value rank = i.div(inSection, width), place = i.rem(inSection, width);

  // The last section ends with the shortest tiles, the one before with the
  // longest.
  Value one = i.of(1);
  Value sectionsBehind = i.div(i.sub(batchesLeft, one), grid.section);
  Value rises = arith::TruncIOp::create(b, b.getI1Type(), sectionsBehind);
  Value fromLast = i.sub(i.sub(grid.tiles, one), rank);
  scalars.map(id.getTile(), i.select(rises, rank, fromLast));
  scalars.map(id.getHead(), i.rem(place, grid.heads));
  scalars.map(id.getBatch(), i.add(firstBatch, i.div(place, grid.heads)));
  for (Operation *op : tileScalars(program))
    if (!isa<tile::ProgramIdOp>(op))
      writeTileScalar(b, shared, *op, scalars);
}

void tile_to_hopper::putTile(ImplicitLocOpBuilder &b, const Shared &shared,
                             Block &program, Value number,
                             const IRMapping &scalars) {
  int64_t index = 0;
  for (Operation *op : tileScalars(program))
    for (Value scalar : op->getResults())
      if (isSaid(scalar))
        hopper::PutScalarOp::create(b, scalars.lookup(scalar), shared.board,
                                    stageOf(shared.board, number), index++);
}

void tile_to_hopper::getTile(ImplicitLocOpBuilder &b, const Shared &shared,
                             Block &program, Value number, IRMapping &scalars) {
  int64_t index = 0;
  for (Operation *op : tileScalars(program))
    for (Value scalar : op->getResults()) {
      scalars.erase(scalar); // Of another time.
      if (!isSaid(scalar))
        cloneScalarOp(b, *op, scalars);
      else
        scalars.map(scalar, hopper::GetScalarOp::create(
                                b, b.getI32Type(), shared.board,
                                stageOf(shared.board, number), index++)
                                .getResult());
    }
}

void tile_to_hopper::dropUnread(hopper::RolesOp roles) {
  llvm::SmallDenseSet<int64_t> read;
  for (Region *role : {&roles.getConsumer(), &roles.getConverter()})
    role->walk<WalkOrder::PostOrder, ReverseIterator>([&](Operation *op) {
      if (isOpTriviallyDead(op))
        op->erase();
      else if (auto get = dyn_cast<hopper::GetScalarOp>(op))
        read.insert(get.getIndex());
    });
  roles.getProducer().walk([&](hopper::PutScalarOp put) {
    if (!read.contains(put.getIndex()))
      put.erase();
  });
}

void tile_to_hopper::writeTiles(
    ImplicitLocOpBuilder &b, const Shared &shared, ValueRange carried,
    llvm::function_ref<SmallVector<Value>(Value, ValueRange)> body) {
  if (!shared.grid.count) {
    body(Value(), carried);
    return;
  }
  scf::ForOp::create(
      b, constant(b, 0), shared.grid.count, constant(b, 1), carried,
      [&](OpBuilder &, Location, Value number, ValueRange carried) {
        scf::YieldOp::create(b, body(number, carried));
      });
}
