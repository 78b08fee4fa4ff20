//===- Gather.cpp - Copies by threads, out of pages -----------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each 8 rows of a block land by themselves, as a TMA load's blocks do. The
// warps take the groups of 8 rows in turn, and the threads of one arrive when
// all that they copy has landed.
//
//===----------------------------------------------------------------------===//

#include "lib/Simulator/Cta.h"

#include <bit>
#include <fmt/format.h>

using namespace parallax;
using namespace parallax::simulator;

static constexpr int64_t kGroupRows = 8;

void Cta::loadEntries(Role &role, const Instruction &i) {
  const Argument &table = arguments[i.map];
  const int64_t row = scalar(role, i.in[0]), token = scalar(role, i.in[1]);
  const int64_t limit = scalar(role, i.in[2]), size = i.imm[0];
  TensorRef entries = make(role, i);
  for (int64_t n = 0; n != i.shape.rows; ++n) {
    int32_t entry = -1;
    if (token + n < limit) {
      const int64_t index = row + (token + n) / size;
      if (index < 0 || (index + 1) * 4 > table.bytes) {
        report(Report::Kind::OutOfBounds, role.index, i.op,
               fmt::format("expected an index below {}, got {}",
                           table.bytes / 4, index));
        return;
      }
      entry = static_cast<const int32_t *>(table.pointer)[index];
    }
    entries->data[n] = std::bit_cast<float>(entry);
  }
}

void Cta::gather(Role &role, const Instruction &i) {
  const Tile &tile = program.tiles[i.tile];
  const int64_t base = stageBase(role, tile, i.in[5]);
  uint32_t phase;
  const int64_t barrier = barrierOf(role, i, i.extra[0], phase);
  const Argument &pool = arguments[i.map];
  auto gathered = std::make_shared<Gathered>();
  gathered->tile = &tile;
  gathered->base = base;
  gathered->columns = i.columns;
  const TensorRef entries = role.tensors[i.in[0]];
  const int64_t token = scalar(role, i.in[4]), size = i.imm[0];
  for (int64_t row = 0; row != tile.rows; ++row) {
    const int32_t page = std::bit_cast<int32_t>(entries->data[row]);
    const uint16_t *from = nullptr;
    if (page >= 0) {
      const int64_t element = scalar(role, i.in[1]) +
                              page * scalar(role, i.in[2]) +
                              (token + row) % size * scalar(role, i.in[3]);
      if (element < 0 || (element + i.columns) * 2 > pool.bytes) {
        report(Report::Kind::OutOfBounds, role.index, i.op,
               fmt::format("expected a row of {} elements below {}, got one "
                           "at {}",
                           i.columns, pool.bytes / 2, element));
        return;
      }
      from = static_cast<const uint16_t *>(pool.pointer) + element;
    }
    gathered->rows.push_back(from);
  }
  gathered->left.resize(program.converterWarps);
  for (int64_t row = 0; row != tile.rows; row += kGroupRows)
    for (int64_t column = 0; column != tile.columns;
         column += tile.blockColumns()) {
      ++gathered->left[row / kGroupRows % program.converterWarps];
      access(role, Access::Kind::Gather,
             regionOf(tile, base, row, kGroupRows, column, tile.blockColumns()),
             i, tile.name, barrier, row, kGroupRows, phase);
      copies.push_back(
          {{}, barrier, 0, races.last(), i.op, gathered, row, column});
    }
  // Warps without a group arrive at once.
  for (int64_t warp = tile.rows / kGroupRows; warp < program.converterWarps;
       ++warp)
    arriveGathered(barrier, i.op);
  while (landOneIn == 1 && !copies.empty() &&
         copies.back().gathered == gathered)
    land(copies.size() - 1);
}

void Cta::landGathered(const Copy &copy) {
  Gathered &gathered = *copy.gathered;
  const Tile &tile = *gathered.tile;
  for (int64_t row = copy.row; row != copy.row + kGroupRows; ++row)
    for (int64_t n = 0; n != tile.blockColumns(); ++n) {
      const int64_t column = copy.column + n;
      const uint16_t *from = gathered.rows[row];
      memory.at(tile, gathered.base, row, column) =
          from && column < gathered.columns ? from[column] : 0;
    }
  const int64_t warp = copy.row / kGroupRows % gathered.left.size();
  if (--gathered.left[warp] == 0)
    arriveGathered(copy.barrier, copy.op);
}

/// The arrival of a warp's threads says nothing of what else they did.
void Cta::arriveGathered(int64_t barrier, int32_t op) {
  constexpr int64_t threads = 32;
  Role nobody;
  nobody.index = 1 + program.consumers;
  nobody.clock = Clock(roles.size(), barriers.size());
  arrive(nobody, barrier, threads, 0, op);
}
