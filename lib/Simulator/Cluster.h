//===- Cluster.h - CTAs that write each other's shared memory ---*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// CTAs of a cluster run in turn, each until it ends or can't go on before
// another has sent it something. What is sent lands when the CTA that gets it
// runs, in any order, and counts at its barrier, as a copy does; that is all
// that orders it. The sender knows nothing of the other CTA but that it runs,
// and that only behind a wait for it.
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_SIMULATOR_CLUSTER_H
#define PARALLAX_SIMULATOR_CLUSTER_H

#include "lib/Simulator/Cta.h"

namespace parallax::simulator {

class Cluster {
public:
  /// Number `number` of the grid.
  Cluster(const Program &program, const std::vector<Argument> &arguments,
          GridMemory &memory, const Grid &grid, int64_t number, int64_t order,
          const Options &options);

  /// Runs to the end; a report if something is wrong.
  std::optional<Report> run();

  const std::vector<std::unique_ptr<Cta>> &ctas() const { return members; }
  int64_t size() const { return ranks; }

private:
  int64_t ranks;
  std::vector<std::unique_ptr<Cta>> members;
  Random random;
};

} // namespace parallax::simulator

#endif // PARALLAX_SIMULATOR_CLUSTER_H
