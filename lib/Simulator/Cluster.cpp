//===- Cluster.cpp - CTAs that read each other's shared memory ------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Simulator/Cluster.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>

using namespace parallax;
using namespace parallax::simulator;

Cluster::Cluster(const Program &program, const std::vector<Argument> &arguments,
                 GridMemory &memory, const Grid &grid, int64_t number,
                 int64_t order, const Options &options)
    : ranks(grid.cluster),
      random(options.seed * 7919 + order * 104729 + number) {
  const int64_t x = number % grid.x, rest = number / grid.x;
  const int64_t inY = grid.y / grid.cluster;
  for (int64_t rank = 0; rank != ranks; ++rank) {
    const std::array<int64_t, 3> index = {x, rest % inY * grid.cluster + rank,
                                          rest / inY};
    members.push_back(std::make_unique<Cta>(
        program, arguments, memory, *this,
        CtaPlace{index[0] + grid.x * (index[1] + grid.y * index[2]), index,
                 rank},
        order, options));
  }
}

bool Cluster::complete() {
  bool anyWaits = false;
  for (const std::unique_ptr<Cta> &cta : members) {
    if (cta->hasEnded())
      continue;
    if (!cta->isAtBarrier())
      return false;
    anyWaits = true;
  }
  if (!anyWaits)
    return false;
  ++phases;
  for (const std::unique_ptr<Cta> &cta : members)
    cta->release();
  return true;
}

std::optional<Report> Cluster::run() {
  while (true) {
    // In any order between two barriers.
    std::vector<Cta *> left;
    for (const std::unique_ptr<Cta> &cta : members)
      if (!cta->hasEnded())
        left.push_back(cta.get());
    if (left.empty())
      return std::nullopt;
    for (size_t i = left.size(); i > 1; --i)
      std::swap(left[i - 1], left[random.below(i)]);
    const int64_t before = phases;
    bool anyEnded = false;
    for (Cta *cta : left) {
      if (std::optional<Report> report = cta->run())
        return report;
      anyEnded |= cta->hasEnded();
    }
    if (!anyEnded && phases == before)
      return left.front()->deadlock();
  }
}

//===----------------------------------------------------------------------===//
// What a CTA does in its cluster
//===----------------------------------------------------------------------===//

bool Cta::hasEnded() const {
  return std::ranges::all_of(roles, &Role::isEnded);
}

bool Cta::isAtBarrier() const {
  return std::ranges::all_of(roles, [&](const Role &role) {
    return role.isEnded || role.waitsCluster == cluster.phase();
  });
}

void Cta::release() {
  released.push_back(arriving);
  arriving = newClock();
}

/// Behind a CTA's roles, the clocks' components stand for the CTAs of the
/// cluster: up to which phase of its barrier all is known of each.
Clock Cta::newClock() const {
  return Clock(roles.size() + cluster.size(), barriers.size());
}

/// All threads come, so what one did before is known to all behind it.
/// If it is relaxed, others know that it came, but nothing of what it wrote.
void Cta::clusterBarrier(Role &role, const Instruction &i) {
  if (role.waitsCluster >= 0) { // Comes back from its wait.
    role.waitsCluster = -1;
    role.clock.join(released.back());
    for (int64_t rank = 0; rank != cluster.size(); ++rank)
      role.clock.synced(roles.size() + rank) = cluster.phase();
    return;
  }
  meet(role);
  if (!i.imm[0])
    arriving.join(role.clock);
  else if (!released.empty())
    arriving.join(released.back());
  role.waitsCluster = cluster.phase();
}

/// At the end of a CTA: reads of its memory that it doesn't know to be over.
void Cta::checkPeers() {
  const int own = static_cast<int>(roles.size());
  for (const Access &access : races.all()) {
    if (access.role < own)
      continue;
    const bool isKnown = std::ranges::any_of(roles, [&](const Role &role) {
      return role.clock.synced(access.role) >= access.epoch;
    });
    if (isKnown)
      continue;
    report(Report::Kind::ExitBeforeRead, 1, access.op,
           fmt::format("cta {} of the cluster may read what {} had when this "
                       "one has ended",
                       access.role - own, place.rank));
    return;
  }
}

/// The cells of bytes `begin` to `end` - 1.
static Region bytesOf(int64_t begin, int64_t end) {
  constexpr int64_t cell = 1024;
  return {begin / cell, (end - 1) / cell - begin / cell + 1, 1, 0};
}

/// Of a row: O1, O2, then m, d1 and d2.
static int64_t partFloats(int64_t columns) { return 2 * columns + 4; }

void Cta::putPart(Role &role, const Instruction &i) {
  const Tile &tile = program.tiles[i.tile];
  const int64_t floats = partFloats(i.columns), rows = i.imm[0];
  std::array<const Tensor *, 5> state;
  for (size_t n = 0; n != state.size(); ++n)
    state[n] = read(role, i.in[n], i);
  access(role, Access::Kind::Store,
         bytesOf(tile.offset, tile.offset + rows * floats * 4), i, tile.name);
  std::vector<float> part(floats, 0);
  for (int64_t row = 0; row != rows; ++row) {
    for (int64_t sum : {0, 1}) {
      const Tensor &wide = *state[3 + sum];
      std::copy_n(wide.data.get() + row * wide.shape.columns, i.columns,
                  part.data() + sum * i.columns);
    }
    for (int64_t n = 0; n != 3; ++n)
      part[2 * i.columns + n] = state[n]->data[row];
    memory.put(tile.offset + row * floats * 4, part.data(), floats, 0);
  }
}

/// A row that a CTA of the cluster has put; false with a report.
bool Cta::readPeer(Role &role, const Instruction &i, int64_t rank, int64_t row,
                   float *part) {
  const Tile &tile = program.tiles[i.tile];
  const int64_t floats = partFloats(i.columns);
  const int64_t begin = tile.offset + row * floats * 4;
  const int64_t end = begin + floats * 4;
  if (rank < 0 || rank >= cluster.size() || row < 0 ||
      end > tile.offset + tile.stages * tile.stageBytes()) {
    report(
        Report::Kind::OutOfBounds, role.index, i.op,
        fmt::format("expected a row of {} inside its ring and one of {} CTAs "
                    "of the cluster, got row {} of {}",
                    tile.name, cluster.size(), row, rank));
    return false;
  }
  if (rank == place.rank) {
    access(role, Access::Kind::Load, bytesOf(begin, end), i, tile.name);
    memory.get(begin, part, floats, 0);
    return !found;
  }
  Cta &peer = *cluster.ctas()[rank];
  if (peer.hasEnded()) {
    report(Report::Kind::ExitBeforeRead, role.index, i.op,
           fmt::format("cta {} of the cluster, whose memory it reads, may have "
                       "ended",
                       rank));
    return false;
  }
  Access access;
  access.kind = Access::Kind::Load;
  access.role = static_cast<int>(roles.size() + place.rank);
  access.op = i.op;
  // All is known of a CTA up to the barrier behind this.
  const auto known = static_cast<size_t>(
      role.clock.synced(static_cast<int>(roles.size() + rank)));
  access.epoch = static_cast<uint32_t>(cluster.phase()) + 1;
  const Clock clock = known ? peer.released[known - 1] : peer.newClock();
  if (auto conflict = peer.races.add(access, bytesOf(begin, end), clock)) {
    Report &r = report(conflict->kind, role.index, i.op,
                       fmt::format("of {} of cta {} of the cluster: {}",
                                   tile.name, rank, conflict->detail));
    if (conflict->other >= 0) {
      r.otherIndex = peer.races[conflict->other].op;
      r.other = peer.roleName(peer.races[conflict->other].role);
    }
    return false;
  }
  peer.memory.get(begin, part, floats, 0);
  return true;
}

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

void Cta::mergePeers(Role &role, const Instruction &i) {
  Merged merged(i);
  std::vector<float> state = emptyState(i.columns);
  std::vector<float> part(state.size());
  for (int64_t rank = 0; rank < scalar(role, i.in[0]); ++rank) {
    if (!readPeer(role, i, rank, scalar(role, i.in[1]), part.data()))
      return;
    mergePart(part.data(), state.data(), i.columns);
  }
  merged.set(0, state);
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
