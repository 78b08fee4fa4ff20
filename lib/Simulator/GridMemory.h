//===- GridMemory.h - What CTAs may know of each other's rows ---*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// CTAs are simulated one after the other, so what one has stored is always
// there for the next: numbers don't tell whether it had to be. So each store is
// remembered. One of rows is released by the ticket that its warpgroup, or one
// of the CTA that knows of it, arrives at afterwards; the last to arrive there
// acquires all that the ticket released. Whoever reads or overwrites it without
// is in a race. What TMA stores or adds is there at the end of the kernel, and
// who comes to it before is in a race; but additions are not with each other.
// They wait here until they land.
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_SIMULATOR_GRIDMEMORY_H
#define PARALLAX_SIMULATOR_GRIDMEMORY_H

#include "lib/Simulator/Memory.h"
#include "lib/Simulator/Race.h"

#include <map>
#include <set>
#include <unordered_map>

namespace parallax::simulator {

class GridMemory {
public:
  /// By threads, or by TMA.
  enum class Kind : uint8_t { Load, Store, BulkLoad, BulkStore, BulkAdd };
  static bool isBulk(Kind kind) { return kind >= Kind::BulkLoad; }
  static bool isWrite(Kind kind) {
    return kind != Kind::Load && kind != Kind::BulkLoad;
  }

  struct Store {
    int64_t cta;
    int role;
    int32_t op;
    uint32_t epoch; ///< The role's step.
    Kind kind = Kind::Store;
    int64_t ticket = -1; ///< That released it; -1: none yet.
  };
  struct Leak {
    int64_t index, arrived; ///< Of a ticket.
    int role;               ///< The last that came.
    int32_t op;
    int64_t cta;
  };

  /// The store that an access of `bytes` from `memory` on is not ordered after.
  /// `Store` says who accesses; a write is remembered.
  std::optional<Store> access(const Store &who, const Clock &clock,
                              const void *memory, int64_t bytes);
  /// At a ticket, which releases what the CTA's warpgroups are known to have
  /// stored.
  void arrive(const Store &who, const Clock &clock, int32_t map, int64_t index,
              bool isLast);
  /// A ticket whose last never came.
  std::optional<Leak> leak() const;

  void add(Additions additions) { waiting.push_back(std::move(additions)); }
  int64_t pending() const { return waiting.size(); }
  void land(int64_t index); ///< In the order in which they were added.
  /// Makes the memory what it was before the first of them landed.
  void undoAdditions();

private:
  using Warpgroup = std::pair<int64_t, int>; ///< CTA and role.

  struct Ticket {
    int64_t number; ///< Of all that were ever begun.
    Leak leak;
  };
  bool isOrdered(const Store &before, const Store &who,
                 const Clock &clock) const;

  std::vector<Store> stores;
  /// For each `kCellBytes` of a page: 1 + the store that wrote them last.
  static constexpr uint64_t kCellBytes = 2, kPageBytes = 4096;
  using Page = std::array<int32_t, kPageBytes / kCellBytes>;
  std::unordered_map<uint64_t, Page> pages; ///< By address / kPageBytes.
  std::map<Warpgroup, std::vector<int32_t>> unreleased;
  std::map<Warpgroup, std::set<int64_t>> acquired;
  std::map<std::pair<int32_t, int64_t>, Ticket>
      open; ///< By argument and index.
  int64_t tickets = 0;
  std::vector<Additions> waiting; ///< Not landed.
  /// What they found, and how that was held.
  std::unordered_map<void *, std::pair<float, int>> originals;
};

} // namespace parallax::simulator

#endif // PARALLAX_SIMULATOR_GRIDMEMORY_H
