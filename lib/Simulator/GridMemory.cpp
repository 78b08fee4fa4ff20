//===- GridMemory.cpp - What CTAs may know of each other's rows -----------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Simulator/GridMemory.h"

#include <algorithm>

using namespace parallax;
using namespace parallax::simulator;

bool GridMemory::isOrdered(const Store &before, const Store &who,
                           const Clock &clock) const {
  if (isBulk(before.kind) || isBulk(who.kind))
    return before.kind == Kind::BulkAdd && who.kind == Kind::BulkAdd;
  if (before.cta == who.cta) {
    // The threads that write a row write it again.
    if (isWrite(who.kind) && before.role == who.role)
      return true;
    return clock.synced(before.role) >= before.epoch;
  }
  auto known = acquired.find({who.cta, who.role});
  return before.ticket >= 0 && known != acquired.end() &&
         known->second.contains(before.ticket);
}

std::optional<GridMemory::Store> GridMemory::access(const Store &who,
                                                    const Clock &clock,
                                                    const void *memory,
                                                    int64_t bytes) {
  const bool writes = isWrite(who.kind);
  const uint64_t address = reinterpret_cast<uintptr_t>(memory);
  const uint64_t last = address + bytes - 1;
  std::optional<Store> race;
  int32_t checked = 0; // A row has few writers.
  for (uint64_t page = address / kPageBytes; page <= last / kPageBytes;
       ++page) {
    auto found = pages.find(page);
    if (found == pages.end()) {
      if (!writes)
        continue;
      found = pages.try_emplace(page).first; // Of zeros.
    }
    const uint64_t begin = page * kPageBytes;
    const uint64_t first = std::max(address, begin) - begin;
    const uint64_t end = std::min(last - begin, kPageBytes - 1);
    for (uint64_t i = first / kCellBytes; i <= end / kCellBytes; ++i) {
      int32_t &cell = found->second[i];
      if (cell && cell != checked && !race) {
        checked = cell;
        if (!isOrdered(stores[cell - 1], who, clock))
          race = stores[cell - 1];
      }
      if (writes)
        cell = static_cast<int32_t>(stores.size()) + 1;
    }
  }
  if (writes) {
    if (who.kind == Kind::Store)
      unreleased[{who.cta, who.role}].push_back(stores.size());
    stores.push_back(who);
  }
  return race;
}

void GridMemory::arrive(const Store &who, const Clock &clock, int32_t map,
                        int64_t index, bool isLast) {
  auto [at, isNew] = open.try_emplace({map, index});
  Ticket &ticket = at->second;
  if (isNew)
    ticket = {tickets++, {index, 0, who.role, who.op, who.cta}};
  for (auto begin = unreleased.lower_bound({who.cta, 0});
       begin != unreleased.end() && begin->first.first == who.cta; ++begin)
    std::erase_if(begin->second, [&](int32_t store) {
      const bool isKnown =
          clock.synced(stores[store].role) >= stores[store].epoch;
      if (isKnown)
        stores[store].ticket = ticket.number;
      return isKnown;
    });
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

void GridMemory::land(int64_t index) {
  const Additions additions = std::move(waiting[index]);
  waiting.erase(waiting.begin() + index);
  for (auto [element, value] : additions.elements) {
    const float had = readElement(element, additions.half);
    originals.try_emplace(element, had, additions.half);
    writeElement(element, had + value, additions.half);
  }
}

void GridMemory::undoAdditions() {
  for (auto &[element, had] : originals)
    writeElement(element, had.first, had.second);
  originals.clear();
}
