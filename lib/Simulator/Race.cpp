//===- Race.cpp - Which accesses to shared memory are ordered -------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Simulator/Race.h"

#include <algorithm>

using namespace parallax;
using namespace parallax::simulator;

using Conflict = RaceDetector::Conflict;

Region simulator::regionOf(const Tile &tile, int64_t base, int64_t row,
                           int64_t rows, int64_t column, int64_t columns) {
  constexpr int64_t cellRows = 8, cellBytes = 1024;
  const int64_t firstRow = row / cellRows;
  const int64_t endRow = (row + rows + cellRows - 1) / cellRows;
  const int64_t block = tile.blockColumns();
  return {(base + column / block * tile.blockBytes()) / cellBytes + firstRow,
          endRow - firstRow, (column % block + columns + block - 1) / block,
          tile.blockBytes() / cellBytes};
}

static bool isPlain(const Access &access) {
  return access.kind == Access::Kind::Store ||
         access.kind == Access::Kind::Zero;
}
static bool isRead(const Access &access) {
  return access.kind == Access::Kind::TmaStore ||
         access.kind == Access::Kind::Wgmma ||
         access.kind == Access::Kind::Load ||
         access.kind == Access::Kind::WarpLoad;
}
/// Lands by itself, and then counts for a phase of a barrier.
static bool isCopy(const Access &access) {
  return access.kind == Access::Kind::TmaLoad ||
         access.kind == Access::Kind::Gather;
}
/// Not by threads, so that it sees their stores behind a fence only.
static bool isAsync(const Access &access) {
  return access.kind == Access::Kind::TmaLoad ||
         access.kind == Access::Kind::TmaStore ||
         access.kind == Access::Kind::Wgmma;
}

bool RaceDetector::isOrdered(const Access &before, int role,
                             const Clock &clock) const {
  switch (before.kind) {
  case Access::Kind::TmaLoad:
  case Access::Kind::Gather:
    return before.isDone && clock.phases(before.barrier) > before.phase;
  case Access::Kind::Wgmma:
    return before.isDone &&
           (before.role == role || clock.own(before.role) >= before.doneEpoch);
  case Access::Kind::WarpLoad:
    if (before.role != role)
      return clock.own(before.role) >= before.epoch;
    [[fallthrough]];
  case Access::Kind::TmaStore:
  case Access::Kind::Store:
  case Access::Kind::Zero:
  case Access::Kind::Load:
    return clock.synced(before.role) >= before.epoch;
  }
  return false;
}

/// Whether two loads of one phase fill different rows of a cell. Who waits for
/// the phase waits for both, so only the last one is remembered.
static bool shareCell(const Access &before, const Access &access) {
  return before.kind == Access::Kind::TmaLoad && access.kind == before.kind &&
         before.barrier == access.barrier && before.phase == access.phase &&
         (before.row + before.rows <= access.row ||
          access.row + access.rows <= before.row);
}

/// Whether `before`, a write, is ordered before `access`.
std::optional<Conflict> RaceDetector::compare(int32_t index,
                                              const Access &access,
                                              const Clock &clock) const {
  const Access &before = accesses[index];
  if (shareCell(before, access))
    return std::nullopt;
  // The threads that write a row write it again.
  if (isPlain(before) && isPlain(access) && before.role == access.role)
    return std::nullopt;
  const auto race = isRead(access) ? Report::Kind::ReadBeforeLanding
                                   : Report::Kind::OverwriteBeforeRelease;
  // A fence that is known includes the store before it.
  const bool needsFence = isPlain(before) && isAsync(access);
  const bool isFenced =
      before.fence && clock.synced(before.role) >= before.fence;
  if (needsFence && isFenced)
    return std::nullopt;
  if (!isOrdered(before, access.role, clock))
    return Conflict{
        race, index,
        isCopy(before) ? before.isDone ? "the copy's barrier was not waited for"
                                       : "the copy may still be under way"
                       : "the threads that wrote have not met since"};
  if (before.kind == Access::Kind::Gather && isAsync(access) &&
      clock.fenced(before.barrier) <= before.phase)
    return Conflict{Report::Kind::MissingProxyFence, index,
                    "no fence follows the wait for the copy"};
  if (needsFence)
    return Conflict{Report::Kind::MissingProxyFence, index,
                    before.fence ? "no barrier follows the fence"
                                 : "no fence follows the store"};
  return std::nullopt;
}

std::optional<Conflict> RaceDetector::checkRead(const Cell &cell,
                                                const Access &access,
                                                const Clock &clock) const {
  if (cell.write < 0 && cell.zeros.empty())
    return Conflict{Report::Kind::ReadBeforeLanding, -1,
                    "nothing was ever written there"};
  if (cell.write >= 0)
    if (auto conflict = compare(cell.write, access, clock))
      return conflict;
  // Equal zeros: to see one of them is enough.
  std::optional<Conflict> first;
  for (int32_t zero : cell.zeros) {
    auto conflict = compare(zero, access, clock);
    if (!conflict)
      return std::nullopt;
    if (!first)
      first = std::move(conflict);
  }
  return first;
}

bool RaceDetector::isRepeatedZero(const Cell &cell,
                                  const Access &access) const {
  return access.kind == Access::Kind::Zero && !cell.zeros.empty() &&
         accesses[cell.zeros.front()].row == access.row;
}

std::optional<Conflict> RaceDetector::checkWrite(const Cell &cell,
                                                 const Access &access,
                                                 const Clock &clock) const {
  if (cell.write >= 0)
    if (auto conflict = compare(cell.write, access, clock))
      return conflict;
  if (isRepeatedZero(cell, access))
    return std::nullopt; // It changes nothing.
  for (int32_t zero : cell.zeros)
    if (auto conflict = compare(zero, access, clock))
      return conflict;
  for (int32_t read : cell.reads)
    if (!isOrdered(accesses[read], access.role, clock))
      return Conflict{Report::Kind::OverwriteBeforeRelease, read,
                      accesses[read].kind == Access::Kind::TmaStore
                          ? "the copy may still read it"
                      : accesses[read].kind == Access::Kind::Load
                          ? "the threads that read have not met since"
                      : accesses[read].isDone ||
                              accesses[read].kind == Access::Kind::WarpLoad
                          ? "its release is not known to the writer"
                          : "the multiplication may still read it"};
  return std::nullopt;
}

std::optional<Conflict> RaceDetector::add(const Access &access,
                                          const Region &region,
                                          const Clock &clock) {
  const int32_t index = static_cast<int32_t>(accesses.size());
  std::optional<Conflict> found;
  for (int64_t block = 0; block != region.blocks; ++block)
    for (int64_t i = 0; i != region.count; ++i) {
      Cell &cell = cells[region.first + block * region.blockStride + i];
      auto conflict = isRead(access) ? checkRead(cell, access, clock)
                                     : checkWrite(cell, access, clock);
      if (conflict && !found)
        found = std::move(conflict);
      if (isRead(access)) {
        // A later read of one kind by one role is ordered after an earlier one.
        std::erase_if(cell.reads, [&](int32_t read) {
          return accesses[read].role == access.role &&
                 accesses[read].kind == access.kind;
        });
        cell.reads.push_back(index);
      } else if (isRepeatedZero(cell, access)) {
        cell.zeros.push_back(index);
      } else if (access.kind == Access::Kind::Zero) {
        cell.zeros = {index};
        cell.reads.clear();
      } else {
        cell.write = index;
        cell.zeros.clear();
        cell.reads.clear();
      }
    }
  accesses.push_back(access);
  if (isPlain(access))
    unfenced.push_back(index);
  return found;
}

void RaceDetector::fence(int role, uint32_t epoch) {
  std::erase_if(unfenced, [&](int32_t index) {
    if (accesses[index].role != role)
      return false;
    accesses[index].fence = epoch;
    return true;
  });
}
