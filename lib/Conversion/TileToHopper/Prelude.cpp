//===- Prelude.cpp - What every thread computes before the roles ----------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/TileToHopper/IndexBuilder.h"
#include "lib/Conversion/TileToHopper/KernelWriter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace parallax;
using namespace parallax::tile_to_hopper;

/// What a launch knows it can divide by once; kernels of many keys hide what a
/// division takes.
Value KernelWriter::divide(Value x, Value y) {
  auto argument = dyn_cast<BlockArgument>(y);
  if (!schedule.cluster || !argument)
    return arith::DivUIOp::create(b, x, y);
  return hopper::DivideOp::create(b, x, addReciprocal(argument));
}

/// Tiles are numbered so that the last tile of each sequence, the longest under
/// a causal mask, starts first, and heads that run together share the L2 cache,
/// and lines of memory where heads lie side by side.
///
/// Where CTAs share keys the grid has three dimensions, in that order, and if
/// they may be clusters the launch divides: a division takes a tenth of a
/// microsecond, which few keys don't hide.
void KernelWriter::writeProgramId(tile::ProgramIdOp id, Shared &shared) {
  Value tiles = addParameter(b.getI32Type(), "grid_size", {}, 0);
  Value heads = addParameter(b.getI32Type(), "grid_size", {}, 1);
  Value cta = hopper::CtaIdOp::create(b, b.getI32Type(), 0);
  Value head = cta, rest;
  if (sharesKeys(program)) {
    rest = hopper::CtaIdOp::create(b, b.getI32Type(), 2);
    shared.program =
        arith::AddIOp::create(b, arith::MulIOp::create(b, rest, heads), head);
  } else {
    head = arith::RemUIOp::create(b, cta, heads);
    rest = arith::DivUIOp::create(b, cta, heads);
  }
  IndexBuilder i{b};
  Value last = i.sub(tiles, i.of(1));
  Value inSequence, batch;
  if (schedule.cluster) {
    batch = divide(rest, tiles);
    inSequence = i.sub(rest, i.mul(batch, tiles));
  } else {
    inSequence = i.rem(rest, tiles);
  }
  shared.scalars.map(id.getTile(), i.sub(last, inSequence));
  shared.scalars.map(id.getHead(), head);
  shared.scalars.map(id.getBatch(), batch ? batch : i.div(rest, tiles));
}

/// CTAs of a tile, as many as the grid has, take equal shares. They depend on
/// what a sequence uses, so that short ones are cut into few and long ones into
/// many, and those left over have none. Where there is a CTA for each smallest
/// share, shares are that size whatever the batch: a row's sums are then always
/// the same.
void KernelWriter::writeShare(tile::ShareOp op, Shared &shared) {
  IndexBuilder i{b};
  Value splits = addParameter(b.getI32Type(), "grid_size", {}, 3);
  Value part = hopper::CtaIdOp::create(b, b.getI32Type(), 1);
  Value tiles = shared.scalars.lookup(op.getTiles());
  auto atLeast = [&](Value x, int64_t least) -> Value {
    return arith::MaxSIOp::create(b, x, i.of(least));
  };
  Value rounded = i.sub(i.add(tiles, splits), i.of(1));
  Value share = atLeast(divide(rounded, splits), op.getLeast());
  Value first = i.min(i.mul(part, share), tiles);
  const Value results[] = {first, i.min(i.add(first, share), tiles), part,
                           // Nobody waits for it, so that it is done late.
                           atLeast(i.divideUp(tiles, share), 1),
                           i.mul(shared.program, splits), shared.program};
  for (auto [result, value] : llvm::zip_equal(op.getResults(), results))
    shared.scalars.map(result, value);
}

/// Reads an element of an operand that has one a sequence or a head.
void KernelWriter::writeScalarLoad(memref::LoadOp load, Shared &shared) {
  Value memory = load.getMemRef();
  Value index = shared.scalars.lookup(load.getIndices().front());
  if (!load.getMemRefType().getLayout().isIdentity()) {
    // Its elements span fewer than 2^31.
    Value stride = addParameter(b.getI64Type(), "stride", memory, 0);
    index = arith::MulIOp::create(
        b, index, arith::TruncIOp::create(b, b.getI32Type(), stride));
  }
  shared.scalars.map(
      load.getResult(),
      hopper::LoadScalarOp::create(b, load.getType(),
                                   shared.pointers.lookup(memory), index)
          .getResult());
}

/// Copies new tokens into the cache, before the roles start.
void KernelWriter::writeAppend(tile::AppendOp append, Shared &shared) {
  Type i64 = b.getI64Type();
  // Elements of 8 bits are copied in pairs: all strides and rows are of whole
  // ones.
  auto type = cast<MemRefType>(append.getSource().getType());
  const int64_t pair = 16 / type.getElementTypeBitWidth();
  auto stride = [&](Value memory, int64_t dim) -> Value {
    Value elements = addParameter(i64, "stride", memory, dim);
    if (pair == 1)
      return elements;
    return arith::DivSIOp::create(b, elements,
                                  arith::ConstantIntOp::create(b, pair, 64));
  };
  auto scaled = [&](Value index, Value stride) -> Value {
    return arith::MulIOp::create(
        b, arith::ExtSIOp::create(b, i64, shared.scalars.lookup(index)),
        stride);
  };
  Value source = append.getSource(), memory = append.getMemory();
  Value batch = append.getBatch(), head = append.getHead();
  Value sourceBase = arith::AddIOp::create(b, scaled(batch, stride(source, 0)),
                                           scaled(head, stride(source, 2)));
  Value base = scaled(head, stride(memory, 2)), first = stride(memory, 0);
  Value table, row, pageStride;
  IntegerAttr size;
  if ((table = append.getTable())) {
    row = arith::MulIOp::create(b, shared.scalars.lookup(batch),
                                shared.tableStrides.lookup(table));
    table = shared.pointers.lookup(table);
    pageStride = first;
    auto pool = cast<MemRefType>(memory.getType());
    size = b.getI64IntegerAttr(pool.getDimSize(1));
  } else {
    base = arith::AddIOp::create(b, base, scaled(batch, first));
  }
  Value count = addSize(source, 1);
  hopper::AppendOp::create(
      b, shared.pointers.lookup(source), sourceBase, stride(source, 1),
      shared.pointers.lookup(memory), base, stride(memory, 1),
      shared.scalars.lookup(append.getToken()), count,
      shared.scalars.lookup(append.getLimit()),
      b.getI64IntegerAttr(headDim / pair), table, row, pageStride, size);
}

/// Writes the scalars outside loops, which every thread computes; those of a
/// tile, if a CTA takes several, are for each role to compute.
void KernelWriter::writePrelude(Shared &shared) {
  for (BlockArgument argument : program.getArguments())
    if (argument.getType().isF32() || argument.getType().isInteger(32))
      shared.scalars.map(
          argument, addParameter(argument.getType(), operandName(argument)));
  Block &body = program.getBody().front();
  llvm::SmallDenseSet<Operation *> ofTile;
  if (schedule.persistent) {
    addGrid(shared.grid);
    ofTile.insert_range(tileScalars(body));
  }
  for (Operation &op : body) {
    if (ofTile.contains(&op))
      continue;
    if (auto id = dyn_cast<tile::ProgramIdOp>(op)) {
      writeProgramId(id, shared);
    } else if (auto dim = dyn_cast<memref::DimOp>(op)) {
      shared.scalars.map(dim.getResult(),
                         addSize(dim.getSource(), *dim.getConstantIndex()));
    } else if (auto load = dyn_cast<memref::LoadOp>(op)) {
      writeScalarLoad(load, shared);
    } else if (auto append = dyn_cast<tile::AppendOp>(op)) {
      writeAppend(append, shared);
    } else if (auto share = dyn_cast<tile::ShareOp>(op)) {
      writeShare(share, shared);
    } else if (auto size = dyn_cast<tile::ClusterSizeOp>(op)) {
      Value ctas = addParameter(b.getI32Type(), "grid_size", {}, 7);
      shared.scalars.map(size.getResult(), ctas);
      shared.inCluster = arith::CmpIOp::create(b, arith::CmpIPredicate::sgt,
                                               ctas, constant(b, 1));
    } else if (auto quotient = dyn_cast<arith::DivUIOp>(op);
               quotient && !matchPattern(quotient.getRhs(), m_Constant())) {
      shared.scalars.map(quotient.getResult(),
                         divide(shared.scalars.lookup(quotient.getLhs()),
                                shared.scalars.lookup(quotient.getRhs())));
    } else if (isScalarOp(op)) {
      cloneScalarOp(b, op, shared.scalars);
    }
  }
  if (schedule.persistent && sharesKeys(program))
    writeDeal(b, shared, body);
  program.walk([&](tile::StoreOp store) {
    if (isRowStore(store))
      addRows(store, shared);
  });
  bool hasParts = false;
  program.walk([&](tile::LoadOp load) { hasParts |= isRowLoad(load); });
  if (hasParts)
    shared.batches = addParameter(b.getI32Type(), "grid_size", {}, 2);
}
