//===- GridMemory.h - What CTAs may know of each other's rows ---*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// CTAs are simulated one after the other, so what one has stored is always
// there for the next: numbers don't tell whether it had to be. So each store of
// rows is remembered, and released by the ticket that its warpgroup arrives at
// afterwards; the last to arrive there acquires all that the ticket released.
// Whoever reads or overwrites it without is in a race.
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_SIMULATOR_GRIDMEMORY_H
#define PARALLAX_SIMULATOR_GRIDMEMORY_H

#include "lib/Simulator/Race.h"

#include <map>
#include <set>

namespace parallax::simulator {

class GridMemory {
public:
  struct Store {
    int64_t cta;
    int role;
    int32_t op;
    uint32_t epoch;      ///< The role's step.
    int64_t ticket = -1; ///< That released it; -1: none yet.
  };
  struct Leak {
    int64_t index, arrived; ///< Of a ticket.
    int role;               ///< The last that came.
    int32_t op;
    int64_t cta;
  };

  /// The store that an access of `bytes` from byte `begin` of argument `map` on
  /// is not ordered after. `Store` says who accesses; a write is remembered.
  std::optional<Store> access(const Store &who, const Clock &clock, bool writes,
                              int32_t map, int64_t begin, int64_t bytes);
  void arrive(const Store &who, int32_t map, int64_t index, bool isLast);
  /// A ticket whose last never came.
  std::optional<Leak> leak() const;

private:
  using Warpgroup = std::pair<int64_t, int>; ///< CTA and role.

  struct Ticket {
    int64_t number; ///< Of all that were ever begun.
    Leak leak;
  };
  bool isOrdered(const Store &before, const Store &who, const Clock &clock,
                 bool writes) const;

  std::vector<Store> stores;
  /// Of an argument, for each 4 bytes: 1 + the store that wrote them last.
  std::map<int32_t, std::vector<int32_t>> cells;
  std::map<Warpgroup, std::vector<int32_t>> unreleased;
  std::map<Warpgroup, std::set<int64_t>> acquired;
  std::map<std::pair<int32_t, int64_t>, Ticket>
      open; ///< By argument and index.
  int64_t tickets = 0;
};

} // namespace parallax::simulator

#endif // PARALLAX_SIMULATOR_GRIDMEMORY_H
