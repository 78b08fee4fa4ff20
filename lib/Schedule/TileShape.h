//===- TileShape.h - Sizes of the tiles of one program --------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_SCHEDULE_TILESHAPE_H
#define PARALLAX_SCHEDULE_TILESHAPE_H

#include <cstdint>

namespace parallax {

/// What ProblemToTile needs to know of a target: how large the tiles are.
struct TileShape {
  int64_t rows = 64; ///< Rows of a query tile: tokens x packed heads.
  int64_t keys = 64; ///< Keys of a key/value tile; parts that a merge reads
                     ///< together.
  int64_t packedHeads = 1; ///< Query heads of one key head in a tile's rows;
                           ///< divides the group, at most `rows`.

  /// Query tokens of a tile.
  int64_t tokens() const { return rows / packedHeads; }

  bool operator==(const TileShape &) const = default;
};

} // namespace parallax

#endif // PARALLAX_SCHEDULE_TILESHAPE_H
