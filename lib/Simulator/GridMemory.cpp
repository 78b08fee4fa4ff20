//===- GridMemory.cpp - What CTAs may know of each other's rows -----------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Simulator/GridMemory.h"

using namespace parallax;
using namespace parallax::simulator;

bool GridMemory::isOrdered(const Store &before, const Store &who,
                           const Clock &clock, bool writes) const {
  if (before.cta == who.cta) {
    // The threads that write a row write it again.
    if (writes && before.role == who.role)
      return true;
    return clock.synced(before.role) >= before.epoch;
  }
  auto known = acquired.find({who.cta, who.role});
  return before.ticket >= 0 && known != acquired.end() &&
         known->second.contains(before.ticket);
}

std::optional<GridMemory::Store>
GridMemory::access(const Store &who, const Clock &clock, bool writes,
                   int32_t map, int64_t begin, int64_t bytes) {
  constexpr int64_t cell = 4;
  std::vector<int32_t> &written = cells[map];
  const size_t end = (begin + bytes + cell - 1) / cell;
  if (written.size() < end)
    written.resize(end);
  std::optional<Store> race;
  int32_t checked = 0; // A row has few writers.
  for (size_t i = begin / cell; i != end; ++i) {
    const int32_t before = written[i];
    if (before && before != checked && !race) {
      checked = before;
      if (!isOrdered(stores[before - 1], who, clock, writes))
        race = stores[before - 1];
    }
    if (writes)
      written[i] = static_cast<int32_t>(stores.size()) + 1;
  }
  if (writes) {
    unreleased[{who.cta, who.role}].push_back(stores.size());
    stores.push_back(who);
  }
  return race;
}

void GridMemory::arrive(const Store &who, int32_t map, int64_t index,
                        bool isLast) {
  auto [at, isNew] = open.try_emplace({map, index});
  Ticket &ticket = at->second;
  if (isNew)
    ticket = {tickets++, {index, 0, who.role, who.op, who.cta}};
  for (int32_t store : unreleased[{who.cta, who.role}])
    stores[store].ticket = ticket.number;
  unreleased[{who.cta, who.role}].clear();
  ticket.leak = {index, ticket.leak.arrived + 1, who.role, who.op, who.cta};
  if (!isLast)
    return;
  acquired[{who.cta, who.role}].insert(ticket.number);
  open.erase(at);
}

std::optional<GridMemory::Leak> GridMemory::leak() const {
  if (open.empty())
    return std::nullopt;
  return open.begin()->second.leak;
}
