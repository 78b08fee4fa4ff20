//===- Merge.cpp - States of rows become one ------------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Those that warps have, those that lie in global memory, and those that CTAs
// of a cluster send each other.
//
//===----------------------------------------------------------------------===//

#include "lib/Simulator/Cluster.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>

using namespace parallax;
using namespace parallax::simulator;

/// The cells of bytes `begin` to `end` - 1.
static Region bytesOf(int64_t begin, int64_t end) {
  constexpr int64_t cell = 1024;
  return {begin / cell, (end - 1) / cell - begin / cell + 1, 1, 0};
}

/// Of a row: O1, O2, then m, d1 and d2.
static int64_t partFloats(int64_t columns) { return 2 * columns + 4; }

/// Adds a part of a row to its state, both O1, O2, m, d1, d2.
static void mergePart(const float *part, float *state, int64_t columns) {
  float *ours = state + 2 * columns;
  const float *theirs = part + 2 * columns;
  if (!(theirs[1] > 0))
    return;
  const float m = std::max(ours[0], theirs[0]);
  const float keep = std::exp2(ours[0] - m), weight = std::exp2(theirs[0] - m);
  for (int64_t n = 0; n != 2 * columns; ++n)
    state[n] = state[n] * keep + (weight > 0 ? part[n] * weight : 0);
  for (int64_t n : {1, 2})
    ours[n] = ours[n] * keep + theirs[n] * weight;
  ours[0] = m;
}

namespace {
/// The results of a merger, row by row.
class Merged {
public:
  explicit Merged(const Instruction &i) : i(i) {
    for (int n = 0; n != 5; ++n)
      tensors.push_back(
          std::make_shared<Tensor>(n < 3 ? Shape{i.shape.rows, 1} : i.shape));
  }
  void set(int64_t row, const std::vector<float> &state) {
    for (int n = 0; n != 3; ++n)
      tensors[n]->data[row] = state[2 * i.columns + n];
    for (int sum : {0, 1})
      std::copy_n(state.data() + sum * i.columns, i.columns,
                  tensors[3 + sum]->data.get() + row * i.columns);
  }
  void give(Role &role) {
    for (size_t n = 0; n != tensors.size(); ++n)
      role.tensors[i.results[n]] = tensors[n];
  }

private:
  const Instruction &i;
  std::vector<TensorRef> tensors;
};

std::vector<float> emptyState(int64_t columns) {
  std::vector<float> state(partFloats(columns), 0);
  state[2 * columns] = std::numeric_limits<float>::lowest();
  return state;
}
} // namespace

/// States cross through two rings, so many bytes of each: the threads meet
/// before they are written, and before they are read, but not behind that.
void Cta::crossThrough(Role &role, const Instruction &i, int64_t bytes) {
  auto accessRings = [&](Access::Kind kind) {
    for (int32_t number : {i.tile, i.tileC}) {
      const Tile &tile = program.tiles[number];
      access(role, kind, bytesOf(tile.offset, tile.offset + bytes), i,
             tile.name);
    }
  };
  meet(role);
  accessRings(Access::Kind::Store);
  meet(role);
  ++role.clock.own(role.index);
  accessRings(Access::Kind::Load);
}

/// The merger of a row that each of `warps` has, or one has for all.
std::vector<float> Cta::stateOf(const Role &role, const Instruction &i,
                                int64_t row, int64_t warps) const {
  const bool areInPairs = warps > 1 && program.tiles[i.tile].elementBytes == 1;
  std::vector<float> state = emptyState(i.columns);
  std::vector<float> part(state.size(), 0);
  for (int64_t n = 0; n != warps; ++n) {
    for (int64_t value = 0; value != 5; ++value) {
      const Tensor &tensor = *role.tensors[i.in[value]];
      const int64_t columns = tensor.shape.columns;
      const float *from = tensor.data.get() +
                          (n * (tensor.shape.rows / kWarps) + row) * columns;
      if (value < 3)
        part[2 * i.columns + value] = *from;
      else
        for (int64_t c = 0; c != columns; ++c)
          part[(value - 3) * i.columns + (areInPairs ? inPairs(c) : c)] =
              from[c];
    }
    mergePart(part.data(), state.data(), i.columns);
  }
  return state;
}

void Cta::mergeWarps(Role &role, const Instruction &i) {
  for (size_t n = 0; n != 5; ++n)
    read(role, i.in[n], i);
  crossThrough(role, i, i.imm[0]);
  if (found)
    return;
  Merged merged(i);
  const int64_t rows = role.tensors[i.in[0]]->shape.rows / kWarps;
  const std::vector<float> unspecified(partFloats(i.columns),
                                       std::numeric_limits<float>::quiet_NaN());
  for (int64_t row = 0; row != i.shape.rows; ++row)
    merged.set(row, row < rows ? stateOf(role, i, row, kWarps) : unspecified);
  merged.give(role);
}

void Cta::sendRows(Role &role, const Instruction &i) {
  const int64_t warps = i.imm[1] ? kWarps : 1, most = i.imm[0];
  const int64_t rows = scalar(role, i.in[5]), count = scalar(role, i.extra[0]);
  for (size_t n = 0; n != 5; ++n)
    read(role, i.in[n], i);
  crossThrough(role, i, i.imm[2]);
  if (found)
    return;
  if (rows < 0 || rows > most || count < 1 || count > cluster.size()) {
    report(Report::Kind::OutOfBounds, role.index, i.op,
           fmt::format("expected at most {} rows for 1 to {} CTAs of the "
                       "cluster, got {} for {}",
                       most, cluster.size(), rows, count));
    return;
  }
  for (int64_t row = 0; row != rows; ++row) {
    Cta &peer = *cluster.ctas()[row % count];
    if (!role.knowsPeers || peer.hasEnded()) {
      report(Report::Kind::AbsentPeer, role.index, i.op,
             fmt::format("cta {} of the cluster, which gets row {}, may {}",
                         row % count, row,
                         role.knowsPeers ? "have ended" : "not run yet"));
      return;
    }
    auto conflict =
        peer.receive(place.rank, i, row / count * count + place.rank,
                     stateOf(role, i, row, warps));
    if (!conflict)
      continue;
    report(conflict->kind, role.index, i.op,
           fmt::format("of {} of cta {} of the cluster: {}",
                       program.tiles[i.tileB].name, row % count,
                       conflict->detail));
    return;
  }
}

/// Takes a row that CTA `from` sends to row `row` of the inbox.
std::optional<RaceDetector::Conflict> Cta::receive(int64_t from,
                                                   const Instruction &i,
                                                   int64_t row,
                                                   std::vector<float> state) {
  const int64_t bytes = state.size() * sizeof(float);
  const int64_t begin = program.tiles[i.tileB].offset + row * bytes;
  const int64_t barrier = program.rings[i.barrier].first;
  Access access;
  access.kind = Access::Kind::TmaLoad;
  access.role = static_cast<int>(roles.size() + from);
  access.op = i.op;
  access.barrier = barrier;
  access.row = begin;
  access.rows = bytes;
  auto conflict = races.add(access, bytesOf(begin, begin + bytes), newClock());
  Copy copy = {{}, barrier, bytes, races.last(), i.op, nullptr};
  copy.sent = std::move(state);
  copy.offset = begin;
  copies.push_back(std::move(copy));
  if (landOneIn == 1)
    land(copies.size() - 1);
  return conflict;
}

void Cta::awaitRows(Role &role, const Instruction &i) {
  if (role.waitsBarrier < 0) { // Else it comes back from its wait.
    const int64_t rows = scalar(role, i.in[1]), count = scalar(role, i.in[2]);
    const int64_t own =
        (std::max<int64_t>(rows - place.rank, 0) + count - 1) / count;
    arrive(role, program.rings[i.barrier].first, 1,
           own * count * partFloats(i.columns) * 4, i.op);
    if (found)
      return;
  }
  wait(role, i);
}

void Cta::mergeReceived(Role &role, const Instruction &i) {
  const Tile &tile = program.tiles[i.tile];
  const int64_t columns = i.imm[0], floats = partFloats(columns);
  const int64_t count = scalar(role, i.in[0]), row = scalar(role, i.in[1]);
  const int64_t first = count > 0 ? row / count * count : -1;
  const int64_t begin = tile.offset + first * floats * 4;
  const int64_t end = begin + count * floats * 4;
  if (first < 0 || end > tile.offset + tile.stages * tile.stageBytes()) {
    report(Report::Kind::OutOfBounds, role.index, i.op,
           fmt::format("expected a row inside {}, got row {} of {} CTAs",
                       tile.name, row, count));
    return;
  }
  access(role, Access::Kind::Load, bytesOf(begin, end), i, tile.name);
  if (found)
    return;
  Merged merged(i);
  std::vector<float> state = emptyState(columns), part(state.size());
  for (int64_t n = 0; n != count; ++n) {
    memory.get(begin + n * floats * 4, part.data(), floats, 0);
    mergePart(part.data(), state.data(), columns);
  }
  // The first columns of each.
  std::vector<float> given = emptyState(i.columns);
  for (int64_t sum : {0, 1})
    std::copy_n(state.data() + sum * columns, i.columns,
                given.data() + sum * i.columns);
  std::copy_n(state.data() + 2 * columns, 3, given.data() + 2 * i.columns);
  merged.set(0, given);
  merged.give(role);
}

/// The columns of a row of a part, or null and a report.
const float *Cta::readRow(const Role &role, const Instruction &i, int32_t map,
                          int64_t element, int64_t columns) {
  Instruction at;
  at.code = i.code;
  at.op = i.op;
  at.map = map;
  at.columns = static_cast<int32_t>(columns);
  const void *from = elements(role, at, element, columns);
  if (!from || !accessGlobal(role, at, GridMemory::Kind::Load, from,
                             columns * sizeof(float)))
    return nullptr;
  return static_cast<const float *>(from);
}

void Cta::mergeRows(Role &role, const Instruction &i) {
  const int64_t heads = i.imm[0], rows = i.imm[1], columns = i.columns;
  const int32_t maps[] = {i.map, i.extra[1], i.extra[2], i.extra[3],
                          i.extra[4]};
  Merged merged(i);
  std::vector<float> part(partFloats(columns), 0);
  for (int64_t r = 0; r != i.shape.rows; ++r) {
    int64_t row = scalar(role, i.in[4]) + r;
    if (row >= rows ||
        scalar(role, i.in[5]) + row / heads >= scalar(role, i.extra[0]))
      row -= r;
    const int64_t inPart =
        scalar(role, i.in[1]) +
        (scalar(role, i.in[5]) + row / heads) * scalar(role, i.in[3]) +
        row % heads;
    std::vector<float> state = emptyState(columns);
    for (int64_t n = 0; n < scalar(role, i.in[0]); ++n) {
      const int64_t element = inPart + n * scalar(role, i.in[2]);
      for (int value = 0; value != 5; ++value) {
        const bool isWide = value > 2;
        const int64_t count = isWide ? columns : 1;
        const float *from =
            readRow(role, i, maps[value], element * count, count);
        if (!from)
          return;
        std::copy_n(from, count,
                    part.data() +
                        (isWide ? (value - 3) * columns : 2 * columns + value));
      }
      mergePart(part.data(), state.data(), columns);
    }
    merged.set(r, state);
  }
  merged.give(role);
}
