//===- CpuTile.h - Tile sizes for a CPU -------------------------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_SCHEDULE_CPUTILE_H
#define PARALLAX_SCHEDULE_CPUTILE_H

#include "lib/Schedule/TileShape.h"
#include "parallax/Problem.h"

namespace parallax {

/// Picks the tile of one program for `problem`, which may have dynamic sizes.
TileShape proposeForCpu(const Problem &problem);

} // namespace parallax

#endif // PARALLAX_SCHEDULE_CPUTILE_H
