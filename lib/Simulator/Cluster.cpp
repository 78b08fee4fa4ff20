//===- Cluster.cpp - CTAs that write each other's shared memory -----------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Simulator/Cluster.h"

#include <algorithm>

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

std::optional<Report> Cluster::run() {
  while (true) {
    // In any order, between two of its waits.
    std::vector<Cta *> left;
    for (const std::unique_ptr<Cta> &cta : members)
      if (!cta->hasEnded())
        left.push_back(cta.get());
    if (left.empty())
      return std::nullopt;
    for (size_t i = left.size(); i > 1; --i)
      std::swap(left[i - 1], left[random.below(i)]);
    bool anyWentOn = false;
    for (Cta *cta : left) {
      if (std::optional<Report> report = cta->run())
        return report;
      anyWentOn |= cta->hasEnded() || cta->wentOn();
    }
    if (!anyWentOn)
      return left.front()->deadlock();
  }
}

bool Cta::hasEnded() const {
  return std::ranges::all_of(roles, &Role::isEnded);
}

Clock Cta::newClock() const { return Clock(roles.size(), barriers.size()); }
