//===- Memory.cpp - Loads and stores of tiles -----------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Only rows whose token is below the length, and a load's limit, are touched,
// and only their entries of a block table.
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/TileToVector/Lowering.h"

using namespace mlir;
using namespace parallax;
using namespace parallax::tile_to_vector;

TileAccess parallax::tile_to_vector::accessOf(Emitter &e, tile::LoadOp load,
                                              const IRMapping &scalars) {
  Value memory = scalars.lookup(load.getMemory()), table, part, bound;
  if (load.getTable()) {
    table = scalars.lookup(load.getTable());
    bound = e.mul(e.createOrFold<memref::DimOp>(table, e.index(1)),
                  load.getPageSize());
  } else {
    if (load.getPart())
      part = scalars.lookup(load.getPart());
    bound = e.createOrFold<memref::DimOp>(memory, e.index(part ? 2 : 1));
  }
  if (load.getLimit())
    bound = e.min(bound, scalars.lookup(load.getLimit()));
  return {memory,
          scalars.lookup(load.getBatch()),
          scalars.lookup(load.getToken()),
          scalars.lookup(load.getHead()),
          bound,
          static_cast<int64_t>(load.getHeads()),
          table,
          part};
}

TileAccess::Row TileAccess::row(Emitter &e, Value i) const {
  Row row = {e.add(token, i), head, Value(), {}};
  if (heads != 1) {
    Value count = e.index(heads);
    row.token = e.add(token, e.createOrFold<arith::DivUIOp>(i, count));
    row.head = e.add(head, e.createOrFold<arith::RemUIOp>(i, count));
  }
  row.exists = e.less(row.token, bound);
  return row;
}

void TileAccess::locate(Emitter &e, Row &row) const {
  if (!table) {
    row.place = {batch, row.token, row.head};
    if (part)
      row.place.insert(row.place.begin(), part);
    return;
  }
  Value tokens = e.index(cast<MemRefType>(memory.getType()).getDimSize(1));
  Value entry = e.createOrFold<arith::DivUIOp>(row.token, tokens);
  Value page = e.loadScalar(table, {batch, entry});
  row.place = {arith::IndexCastOp::create(e, e.getIndexType(), page),
               e.createOrFold<arith::RemUIOp>(row.token, tokens), row.head};
}

TileAccess::Row TileAccess::readableRow(Emitter &e, Value i) const {
  Row result = row(e, i);
  Value last = e.max(e.sub(bound, e.index(1)), e.index(0));
  result.token = e.min(result.token, last);
  locate(e, result);
  if (table) // The first entry of a sequence without keys is garbage.
    result.place.front() = arith::SelectOp::create(
        e, e.less(e.index(0), bound), result.place.front(), e.index(0));
  return result;
}

void TileAccess::prefetch(Emitter &e, Value i, int64_t columns) const {
  constexpr int64_t lineBytes = 64;
  auto type = cast<MemRefType>(memory.getType());
  int64_t line = lineBytes * 8 / type.getElementTypeBitWidth();
  // Only a table has to be read for it: any address may be prefetched.
  Row ahead = table ? readableRow(e, i) : row(e, i);
  if (!table)
    locate(e, ahead);
  for (int64_t column = 0; column < columns; column += line) {
    SmallVector<Value, 4> indices = ahead.place;
    indices.push_back(e.index(column));
    memref::PrefetchOp::create(e, memory, indices, /*isWrite=*/false,
                               /*localityHint=*/2, /*isDataCache=*/true);
  }
}

Value TileAccess::read(Emitter &e, const Row &row, Value column,
                       int64_t lanes) const {
  SmallVector<Value, 4> indices = row.place;
  indices.push_back(column);
  return e.toFloat(e.load(memory, indices, lanes));
}

void TileAccess::write(Emitter &e, const Row &row, Value column,
                       Value value) const {
  Type element = cast<MemRefType>(memory.getType()).getElementType();
  SmallVector<Value, 4> indices = row.place;
  indices.push_back(column);
  e.store(e.fromFloat(value, element), memory, indices);
}

LogicalResult Lowering::lowerLoad(tile::LoadOp load) {
  TileAccess access = accessOf(e, load, scalars);
  Value result = load.getResult();
  // A product's right side is packed; whatever else reads it wants it as it is.
  bool isRead = false;
  tile::DotOp first;
  for (OpOperand &use : result.getUses()) {
    auto dot = dyn_cast<tile::DotOp>(use.getOwner());
    if (!dot || &use != &dot.getRhsMutable())
      isRead = true;
    else if (first && first.getTranspose() != dot.getTranspose())
      return load.emitOpError("expected a tile that products take as it is or "
                              "transposed, not both");
    else
      first = dot;
  }
  if (first)
    panels.try_emplace(result, pack(load, first));
  if (!isRead)
    return success();

  Value memory = buffers[result] = allocate(result);
  int64_t columns = isTile(result) ? columnsOf(result) : 1;
  int64_t lanes = lanesFor(columns);
  e.loop(rowsOf(result), 1, [&](Value i) {
    TileAccess::Row row = access.row(e, i);
    if (!isTile(result)) {
      Type f32 = e.getF32Type();
      Value zero = arith::ConstantOp::create(e, e.getF32FloatAttr(0));
      e.storeScalar(zero, memory, i);
      e.inBranch(row.exists, [&] {
        access.locate(e, row);
        Value element = e.loadScalar(access.memory, row.place);
        if (element.getType() != f32)
          element =
              vector::ExtractOp::create(e, e.toFloat(e.splat(element, 1)), 0);
        e.storeScalar(element, memory, i);
      });
      return;
    }
    e.inBranch(
        row.exists,
        [&] {
          access.locate(e, row);
          e.loop(columns, lanes, [&](Value column) {
            e.store(access.read(e, row, column, lanes), memory, {i, column});
          });
        },
        [&] {
          e.loop(columns, lanes, [&](Value column) {
            e.store(e.constant(lanes, 0.0f), memory, {i, column});
          });
        });
  });
  return success();
}

void Lowering::lowerStore(tile::StoreOp store) {
  Value value = store.getValue(), memory = scalar(store.getMemory());
  TileAccess access = {memory,
                       scalar(store.getBatch()),
                       scalar(store.getToken()),
                       scalar(store.getHead()),
                       e.createOrFold<memref::DimOp>(memory, e.index(1)),
                       static_cast<int64_t>(store.getHeads()),
                       Value(),
                       Value()};
  int64_t rows = rowsOf(value) / access.heads * access.heads;
  if (!isTile(value)) {
    Value source = buffers.lookup(value);
    if (!source) {
      source = allocate(value);
      walkRows(value, source);
    }
    Type element = cast<MemRefType>(memory.getType()).getElementType();
    e.loop(rows, 1, [&](Value i) {
      TileAccess::Row row = access.row(e, i);
      e.inBranch(row.exists, [&] {
        Value scalar = e.loadScalar(source, i);
        if (!element.isF32())
          scalar = vector::ExtractOp::create(
              e, e.fromFloat(e.splat(scalar, 1), element), 0);
        access.locate(e, row);
        e.storeScalar(scalar, memory, row.place);
      });
    });
    return;
  }
  int64_t columns = columnsOf(value), lanes = lanesFor(columns);
  e.loop(rows, 1, [&](Value i) {
    TileAccess::Row row = access.row(e, i);
    e.inBranch(row.exists, [&] {
      access.locate(e, row);
      Known inRow;
      hoist(value, i, lanes, inRow);
      e.loop(columns, lanes, [&](Value column) {
        Known known = inRow;
        access.write(e, row, column,
                     evaluate(value, {i, column, lanes}, known));
      });
    });
  });
}

/// A token at a time: they are few.
void Lowering::lowerAppend(tile::AppendOp append) {
  Value source = scalar(append.getSource()),
        memory = scalar(append.getMemory());
  Value bound = scalar(append.getLimit()), table;
  if (append.getTable())
    table = scalar(append.getTable());
  else
    bound = e.min(e.createOrFold<memref::DimOp>(memory, e.index(1)), bound);
  Value batch = scalar(append.getBatch()), head = scalar(append.getHead());
  TileAccess to = {memory,      batch, scalar(append.getToken()),
                   head,        bound,
                   /*heads=*/1, table, Value()};
  int64_t columns = cast<MemRefType>(memory.getType()).getDimSize(3);
  int64_t lanes = lanesFor(columns);
  Value tokens = e.createOrFold<memref::DimOp>(source, e.index(1));
  auto loop = scf::ForOp::create(e, e.index(0), tokens, e.index(1));
  OpBuilder::InsertionGuard guard(e);
  e.setInsertionPointToStart(loop.getBody());
  Value token = loop.getInductionVar();
  TileAccess::Row row = to.row(e, token);
  Value isAfterBegin = arith::CmpIOp::create(e, arith::CmpIPredicate::sge,
                                             row.token, e.index(0));
  e.inBranch(arith::AndIOp::create(e, row.exists, isAfterBegin), [&] {
    to.locate(e, row);
    e.loop(columns, lanes, [&](Value column) {
      SmallVector<Value, 4> place = row.place;
      place.push_back(column);
      e.store(e.load(source, {batch, token, head, column}, lanes), memory,
              place);
    });
  });
}
