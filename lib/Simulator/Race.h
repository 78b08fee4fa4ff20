//===- Race.h - Which accesses to shared memory are ordered -----*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every role has a vector clock. Its components:
//
// - own[r]: the last step of role r that is known to have happened;
// - synced[r]: the last step that all threads of role r had passed when they
//   met, which is what another thread may rely on for a plain store;
// - phases[b]: how many phases of mbarrier b are known to be complete, which is
//   what TMA loads and gathers of those phases are ordered by;
// - fenced[b]: how many of them were known before a fence.
//
// An arrival joins the role's clock into the barrier's phase, a wait joins the
// phase's clock into the role's. For each cell of 1024 bytes, eight rows of 128
// bytes, the detector remembers the last writes and the reads since, and asks
// of each new access whether it is ordered after them:
//
// - a TMA load, once the role knows its barrier's phase complete, or at once
//   for another load of that phase into other rows;
// - a gather, likewise, but for TMA and wgmma once a fence has followed;
// - a multiplication's read, once its wait_group is known to have passed;
// - a TMA store's read, once the warpgroup's threads have met after it;
// - a plain load, once they have met after it; or, where each warp has read
// what
//   is its own, for other roles, once its step is known: its warps arrive one
//   by one;
// - a plain store, once they have met after it, and for TMA and wgmma once they
//   have met after a fence that follows it.
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_SIMULATOR_RACE_H
#define PARALLAX_SIMULATOR_RACE_H

#include "lib/Simulator/Program.h"
#include "lib/Simulator/Simulator.h"

#include <algorithm>
#include <optional>

namespace parallax::simulator {

class Clock {
public:
  Clock() = default;
  Clock(int roles, int64_t barriers)
      : roles(roles), barriers(barriers), known(2 * (roles + barriers)) {}
  uint32_t &own(int role) { return known[role]; }
  uint32_t &synced(int role) { return known[roles + role]; }
  uint32_t &phases(int64_t barrier) { return known[2 * roles + barrier]; }
  uint32_t own(int role) const { return known[role]; }
  uint32_t synced(int role) const { return known[roles + role]; }
  uint32_t phases(int64_t barrier) const { return known[2 * roles + barrier]; }
  uint32_t fenced(int64_t barrier) const {
    return known[2 * roles + barriers + barrier];
  }
  /// A fence: what is known to be complete is before TMA and wgmma, too.
  void fence() {
    auto phases = known.begin() + 2 * roles;
    std::copy_n(phases, barriers, phases + barriers);
  }
  void join(const Clock &other) {
    for (size_t i = 0; i != known.size(); ++i)
      known[i] = std::max(known[i], other.known[i]);
  }

private:
  int64_t roles = 0, barriers = 0;
  std::vector<uint32_t> known;
};

struct Access {
  enum class Kind : uint8_t {
    TmaLoad,
    Gather,
    TmaStore,
    Wgmma,
    Store,
    Zero,
    Load,
    WarpLoad
  };
  Kind kind;
  int role;
  int32_t op;
  uint32_t epoch;       ///< The role's step.
  int64_t barrier = -1; ///< Of a load or a gather.
  uint32_t phase = 0;   ///< Of these: it completes this phase.
  bool isDone = false;  ///< A load landed, a multiplication was waited for.
  uint32_t doneEpoch = 0;
  uint32_t fence = 0; ///< The step that fenced a plain store; 0: none.
  int64_t row = 0;    ///< Of zero_rows: where it begins; of a load, too.
  int64_t rows = 0;   ///< Of a load.
};

/// Cells that an access touches: `blocks` runs of `count`.
struct Region {
  int64_t first, count, blocks, blockStride;
};
Region regionOf(const Tile &tile, int64_t base, int64_t row, int64_t rows,
                int64_t column, int64_t columns);

class RaceDetector {
public:
  explicit RaceDetector(int64_t cells) : cells(cells) {}

  struct Conflict {
    Report::Kind kind;
    int32_t other; ///< An access; -1: nothing was ever written.
    std::string detail;
  };

  /// Checks an access of `role` and remembers it; its number is `last()`.
  std::optional<Conflict> add(const Access &access, const Region &region,
                              const Clock &clock);
  int32_t last() const { return static_cast<int32_t>(accesses.size()) - 1; }
  Access &operator[](int32_t access) { return accesses[access]; }
  const std::vector<Access> &all() const { return accesses; }

  /// A fence of `role` at its step `epoch`.
  void fence(int role, uint32_t epoch);

private:
  struct Cell {
    int32_t write = -1;
    std::vector<int32_t> zeros; ///< Equal zero_rows since.
    std::vector<int32_t> reads; ///< Since the last of them that changed it.
  };

  bool isOrdered(const Access &before, int role, const Clock &clock) const;
  std::optional<Conflict> checkRead(const Cell &cell, const Access &access,
                                    const Clock &clock) const;
  std::optional<Conflict> checkWrite(const Cell &cell, const Access &access,
                                     const Clock &clock) const;
  bool isRepeatedZero(const Cell &cell, const Access &access) const;
  std::optional<Conflict> compare(int32_t before, const Access &access,
                                  const Clock &clock) const;

  std::vector<Cell> cells;
  std::vector<Access> accesses;
  std::vector<int32_t> unfenced;
};

} // namespace parallax::simulator

#endif // PARALLAX_SIMULATOR_RACE_H
