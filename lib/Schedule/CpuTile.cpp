//===- CpuTile.cpp - Tile sizes for a CPU ---------------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A program packs each key tile once and multiplies it by all of its rows, so
// many rows are good; under a causal mask half of a diagonal tile is wasted, so
// few are. Rows are a multiple of the microkernel's 3 or 6, keys of its 16 or
// 32 columns. A decode takes the query heads that share a key head together,
// reads each key once for all of them, and has no row that is not there.
//
//===----------------------------------------------------------------------===//

#include "lib/Schedule/CpuTile.h"

#include "lib/Schedule/Schedule.h"

#include <algorithm>

using namespace parallax;

TileShape parallax::proposeForCpu(const Problem &problem) {
  constexpr int64_t maxRows = 48, keys = 64;
  if (problem.kind == ProblemKind::Merge) {
    // Each part is read once: rows only share the walk over the parts.
    const int64_t tokens =
        problem.queryLength == kDynamic ? 16 : problem.queryLength;
    return {std::clamp<int64_t>(tokens, 1, 16), 1, 1};
  }
  const bool isShort =
      problem.queryLength != kDynamic && problem.queryLength <= 16;
  if (problem.kind != ProblemKind::Decode && !isShort)
    return {maxRows, keys, 1};
  const int64_t tokens =
      problem.queryLength == kDynamic ? 16 : problem.queryLength;
  const int64_t packed = packedHeads(problem, maxRows);
  return {packed * std::clamp<int64_t>(tokens, 1, maxRows / packed), keys,
          packed};
}
