//===- Cluster.h - CTAs that read each other's shared memory ----*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// CTAs of a cluster run in turn, each until it ends or waits for the others at
// their barrier. So when one reads another's memory, what is there may have
// been written too early or too late on hardware; that is for clocks to tell.
// The barrier is all that orders them: of another CTA's writes a role knows
// those before that CTA came to a barrier which the role has passed, and of
// reads in its memory a CTA knows those before a barrier which it has passed.
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
  /// How often the barrier was complete.
  int64_t phase() const { return phases; }
  /// Begins the barrier's next phase if every thread has come or has ended.
  bool complete();

private:
  int64_t ranks, phases = 0;
  std::vector<std::unique_ptr<Cta>> members;
  Random random;
};

} // namespace parallax::simulator

#endif // PARALLAX_SIMULATOR_CLUSTER_H
