//===- Transfers.cpp - Steps that move data -------------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Simulator/Cta.h"

#include <algorithm>
#include <fmt/format.h>
#include <limits>

using namespace parallax;
using namespace parallax::simulator;

int64_t Cta::stageBase(const Role &role, const Tile &tile, int32_t slot) const {
  const uint32_t use = static_cast<uint32_t>(scalar(role, slot));
  return tile.offset + use % tile.stages * tile.stageBytes();
}

bool Cta::isInside(const Role &role, const Instruction &i, const Tile &tile,
                   int64_t row, int64_t rows, int64_t column, int64_t columns) {
  // A box that stays inside 8 rows keeps to one turn of the swizzle.
  const bool isAligned = row % 8 == 0 || row % 8 + rows <= 8;
  if (row >= 0 && isAligned && row + rows <= tile.rows && column >= 0 &&
      column % tile.blockColumns() == 0 && column + columns <= tile.columns)
    return true;
  report(Report::Kind::OutOfBounds, role.index, i.op,
         fmt::format("expected {} rows and {} columns inside {}x{}, got row {} "
                     "and column {}",
                     rows, columns, tile.rows, tile.columns, row, column));
  return false;
}

void Cta::access(Role &role, Access::Kind kind, const Region &region,
                 const Instruction &i, const std::string &what, int64_t barrier,
                 int64_t row, int64_t rows, uint32_t phase) {
  Access access;
  access.kind = kind;
  access.role = role.index;
  access.op = i.op;
  access.epoch = role.clock.own(role.index);
  access.barrier = barrier;
  access.row = row;
  access.rows = rows;
  access.phase = phase;
  if (auto conflict = races.add(access, region, role.clock))
    report(*conflict, role, i.op, what);
}

static Box boxOf(const Instruction &i, const std::vector<Argument> &arguments,
                 const Program &program) {
  Box box = {};
  box.map = &arguments[i.map];
  box.heads = i.box[0];
  box.tokens = i.box[1];
  box.tile = &program.tiles[i.tile];
  return box;
}

void Cta::tmaLoad(Role &role, const Instruction &i) {
  Box box = boxOf(i, arguments, program);
  box.head = scalar(role, i.in[1]);
  box.token = scalar(role, i.in[2]);
  box.batch = scalar(role, i.in[3]);
  box.base = stageBase(role, *box.tile, i.in[4]);
  box.row = scalar(role, i.in[5]);
  uint32_t phase;
  const int64_t barrier = barrierOf(role, i, i.extra[0], phase);
  const int64_t rows = int64_t(box.heads) * box.tokens;
  if (!isInside(role, i, *box.tile, box.row, rows, 0, i.columns))
    return;
  const int64_t block = box.tile->blockColumns();
  for (int64_t column = 0; column != i.columns; column += block) {
    box.column = scalar(role, i.in[0]) + column;
    box.tileColumn = column;
    if (!accessBox(role, i, GridMemory::Kind::BulkLoad, box))
      return;
    access(role, Access::Kind::TmaLoad,
           regionOf(*box.tile, box.base, box.row, rows, column, block), i,
           box.tile->name, barrier, box.row, rows, phase);
    copies.push_back({box, barrier, rows * 128, races.last(), i.op, nullptr});
    if (landOneIn == 1)
      land(copies.size() - 1);
  }
}

void Cta::land(size_t index) {
  const Copy copy = copies[index];
  copies.erase(copies.begin() + index);
  races[copy.access].isDone = true;
  races[copy.access].phase = barriers[copy.barrier].phase;
  if (copy.gathered)
    return landGathered(copy);
  if (copy.sent.empty())
    load(copy.box, memory);
  else
    memory.put(copy.offset, copy.sent.data(), copy.sent.size(), 0);
  barriers[copy.barrier].bytes -= copy.bytes;
  complete(copy.barrier, 0);
}

void Cta::tmaStore(Role &role, const Instruction &i) {
  Box box = boxOf(i, arguments, program);
  box.head = scalar(role, i.in[1]);
  box.token = scalar(role, i.in[2]);
  box.batch = scalar(role, i.in[3]);
  box.base = stageBase(role, *box.tile, i.in[4]);
  box.row = scalar(role, i.in[5]);
  const int64_t rows = int64_t(box.heads) * box.tokens;
  if (!isInside(role, i, *box.tile, box.row, rows, 0, i.columns))
    return;
  const bool adds = i.imm[0];
  const auto kind =
      adds ? GridMemory::Kind::BulkAdd : GridMemory::Kind::BulkStore;
  const int64_t block = box.tile->blockColumns();
  for (int64_t column = 0; column != i.columns; column += block) {
    box.column = scalar(role, i.in[0]) + column;
    box.tileColumn = column;
    access(role, Access::Kind::TmaStore,
           regionOf(*box.tile, box.base, box.row, rows, column, block), i,
           box.tile->name);
    if (!accessBox(role, i, kind, box))
      return;
    role.stores.push_back({box, adds});
  }
  if (landOneIn == 1)
    finishStores(role);
}

/// Reads what stores have not read; then the thread that waits for them is
/// done.
void Cta::finishStores(Role &role) {
  for (const auto &[box, adds] : role.stores)
    if (adds)
      grid.add(additionsOf(box, memory));
    else
      store(box, memory);
  if (!role.stores.empty())
    landAdditions();
  role.stores.clear();
}

/// Additions that were read land at any time, those of other CTAs too.
void Cta::landAdditions() {
  constexpr int64_t most = 64; // More take too much memory.
  while (int64_t count = grid.pending()) {
    if (count <= most && (!landOneIn || !random.oneIn(landOneIn)))
      return;
    grid.land(random.below(count));
  }
}

void Cta::storeFragment(Role &role, const Instruction &i) {
  const Tile &tile = program.tiles[i.tile];
  const int64_t base = stageBase(role, tile, i.in[1]);
  const int64_t row = scalar(role, i.in[2]), column = scalar(role, i.in[3]);
  const int64_t rows = i.shape.rows, columns = i.shape.columns;
  if (!isInside(role, i, tile, row, rows, column, columns))
    return;
  const Tensor *value = read(role, i.in[0], i);
  access(role, Access::Kind::Store,
         regionOf(tile, base, row, rows, column, columns), i, tile.name);
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t c = 0; c < columns; ++c)
      writeElement(memory.address(tile, base, row + r, column + c),
                   value->data[r * columns + c], tile.half());
}

void Cta::loadFragment(Role &role, const Instruction &i) {
  const Tile &tile = program.tiles[i.tile];
  const int64_t base = stageBase(role, tile, i.in[0]);
  const int64_t row = scalar(role, i.in[1]), columns = i.shape.columns;
  if (!isInside(role, i, tile, row, i.imm[0], 0, columns))
    return;
  access(role, Access::Kind::Load,
         regionOf(tile, base, row, i.imm[0], 0, columns), i, tile.name);
  float *to = make(role, i)->data.get();
  if (i.imm[1]) { // The same for each warp.
    std::vector<float> rows(i.imm[0] * columns);
    memory.read(tile, base, row, i.imm[0], 0, columns, false, rows.data(),
                columns);
    // Those of two tiles in turn.
    for (int64_t r = 0; r != i.shape.rows; ++r) {
      const int64_t inWarp = r % i.imm[0];
      const int64_t from = inWarp / 2 + inWarp % 2 * (i.imm[0] / 2);
      for (int64_t c = 0; c != columns; ++c)
        to[r * columns + c] =
            rows[from * columns + (i.imm[2] ? inFours(c) : c)];
    }
    return;
  }
  // Rows that are not given may hold anything.
  std::fill_n(to, i.shape.count(), std::numeric_limits<float>::quiet_NaN());
  memory.read(tile, base, row, i.imm[0], 0, columns, false, to, columns);
}

/// The cells that the registers of a value of the shape take in a warpgroup.
static Region mailOf(const Instruction &i, int64_t base) {
  constexpr int64_t cellBytes = 1024, lanes = 4;
  const int64_t columns = i.shape.columns > 1 ? i.shape.columns : lanes;
  const int64_t bytes = i.shape.rows * columns * (i.half ? 2 : 4);
  return {base / cellBytes, (bytes + cellBytes - 1) / cellBytes, 1, 0};
}

void Cta::put(Role &role, const Instruction &i) {
  const Tile &tile = program.tiles[i.tile];
  const int64_t base = stageBase(role, tile, i.in[1]);
  const Tensor *value = read(role, i.in[0], i);
  access(role, Access::Kind::Store, mailOf(i, base), i, tile.name);
  memory.put(base, value->data.get(), i.shape.count(), i.half);
}

void Cta::get(Role &role, const Instruction &i) {
  const Tile &tile = program.tiles[i.tile];
  const int64_t base = stageBase(role, tile, i.in[0]);
  access(role, Access::Kind::Load, mailOf(i, base), i, tile.name);
  memory.get(base, make(role, i)->data.get(), i.shape.count(), i.half);
}

void Cta::putScalar(Role &role, const Instruction &i) {
  const Tile &tile = program.tiles[i.tile];
  const int64_t at = stageBase(role, tile, i.in[1]) + 4 * i.imm[0];
  access(role, Access::Kind::Store, {at / 1024, 1, 1, 0}, i, tile.name);
  memory.scalar(at) = scalar(role, i.in[0]);
}

void Cta::getScalar(Role &role, const Instruction &i) {
  const Tile &tile = program.tiles[i.tile];
  const int64_t at = stageBase(role, tile, i.in[0]) + 4 * i.imm[0];
  access(role, Access::Kind::Load, {at / 1024, 1, 1, 0}, i, tile.name);
  role.scalars[i.result] = memory.scalar(at);
}

void Cta::zeroRows(Role &role, const Instruction &i) {
  const Tile &tile = program.tiles[i.tile];
  const int64_t base = stageBase(role, tile, i.in[0]);
  const int64_t row = std::max<int64_t>(scalar(role, i.in[1]), 0);
  if (row >= tile.rows)
    return;
  access(role, Access::Kind::Zero,
         regionOf(tile, base, row, tile.rows - row, 0, tile.columns), i,
         tile.name, -1, row);
  for (int64_t r = row; r < tile.rows; ++r)
    for (int64_t c = 0; c < tile.columns; ++c)
      std::fill_n(memory.address(tile, base, r, c), tile.elementBytes, 0);
  races.fence(role.index, role.clock.own(role.index));
  meet(role);
}

/// Each warp's rows are its own, and its arrivals come behind them.
void Cta::convert(Role &role, const Instruction &i) {
  const Tile &from = program.tiles[i.tile], &to = program.tiles[i.tileB];
  const int64_t fromBase = stageBase(role, from, i.in[0]);
  const int64_t toBase = stageBase(role, to, i.in[1]);
  access(role, Access::Kind::Load,
         regionOf(from, fromBase, 0, from.rows, 0, to.columns), i, from.name);
  access(role, Access::Kind::Store,
         regionOf(to, toBase, 0, to.rows, 0, to.columns), i, to.name);
  const int64_t used = std::max<int64_t>(scalar(role, i.in[2], to.rows), 0);
  const int half = to.half();
  for (int64_t r = 0; r < to.rows; ++r)
    for (int64_t c = 0; c < to.columns; ++c)
      memory.at(to, toBase, r, c) =
          r < used
              ? toHalf(fromE4M3(*memory.address(from, fromBase, r, c)), half)
              : 0;
  races.fence(role.index, role.clock.own(role.index));
  meet(role);
}

/// The row from `element` of an argument on, or a report.
uint16_t *Cta::appended(const Role &role, const Instruction &i,
                        int32_t argument, int64_t element) {
  const Argument &rows = arguments[argument];
  constexpr int64_t elementBytes = 2;
  if (element >= 0 && (element + i.imm[0]) * elementBytes <= rows.bytes)
    return static_cast<uint16_t *>(rows.pointer) + element;
  report(Report::Kind::OutOfBounds, role.index, i.op,
         fmt::format("expected a row of {} elements below {}, got one at {}",
                     i.imm[0], rows.bytes / elementBytes, element));
  return nullptr;
}

void Cta::append(Role &role, const Instruction &i) {
  const int64_t columns = i.imm[0], size = i.imm[1];
  for (int64_t n = 0; n < scalar(role, i.in[5]); ++n) {
    int64_t position = scalar(role, i.in[4]) + n;
    if (position < 0 || position >= scalar(role, i.extra[0]))
      continue;
    int64_t to = scalar(role, i.in[2]);
    if (i.tileB >= 0) {
      const Argument &table = arguments[i.tileB];
      const int64_t index = scalar(role, i.extra[1]) + position / size;
      if (index < 0 || (index + 1) * 4 > table.bytes) {
        report(Report::Kind::OutOfBounds, role.index, i.op,
               fmt::format("expected an index below {}, got {}",
                           table.bytes / 4, index));
        return;
      }
      to += static_cast<const int32_t *>(table.pointer)[index] *
            scalar(role, i.extra[2]);
      position %= size;
    }
    to += position * scalar(role, i.in[3]);
    const int64_t from = scalar(role, i.in[0]) + n * scalar(role, i.in[1]);
    const uint16_t *source = appended(role, i, i.map, from);
    uint16_t *target = source ? appended(role, i, i.tile, to) : nullptr;
    if (!target)
      return;
    std::copy_n(source, columns, target);
  }
}
