//===- Schedule.cpp - How a kernel uses a Hopper SM -----------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Schedule/Schedule.h"

#include <fmt/format.h>

#include <algorithm>

using namespace parallax;

static int64_t roundUp(int64_t value, int64_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

int64_t Schedule::columns(int64_t headDim) const {
  return roundUp(headDim, 64);
}

int64_t Schedule::outputColumns(int64_t headDim) const {
  return roundUp(headDim, 16);
}

int64_t Schedule::narrowColumns(int64_t headDim) const {
  return roundUp(headDim, 128);
}

int64_t Schedule::ringBytes(int64_t headDim, int64_t keyBytes) const {
  const int64_t row = hasWarpKeys() && keyBytes == 1 ? narrowColumns(headDim)
                                                     : columns(headDim) * 2;
  return productStages() * tile.keys * row;
}

/// Of a row: O1, O2, and m, d1 and d2.
static int64_t stateBytes(int64_t columns) { return 4 * (2 * columns + 4); }

int64_t Schedule::mergedBytes(int64_t headDim) const {
  const int64_t columns = outputColumns(headDim);
  // Rows lie apart from each other.
  const int64_t rows = tile.rows * 4 * (columns + 8);
  return hasWarpKeys() ? 4 * rows : cluster ? rows : 0;
}

int64_t Schedule::inboxBytes(int64_t headDim) const {
  if (!cluster)
    return 0;
  // As many for each row as there are CTAs, and rows of as many CTAs.
  const int64_t rows = tile.rows + kClusterCtas - 1;
  return roundUp(rows * stateBytes(outputColumns(headDim)), 1024);
}

int64_t Schedule::inputStages(int64_t headDim) const {
  // Where products are divided, O2 crosses through the keys' ring: nothing of
  // the next tile may come before this one's inputs have gone back.
  return persistent && partition == Partition::Rows &&
                 bytesWith(2, headDim, /*keyBytes=*/2) <= mostSharedBytes()
             ? 2
             : 1;
}

int64_t Schedule::sharedBytes(int64_t headDim, int64_t keyBytes) const {
  return bytesWith(inputStages(headDim), headDim, keyBytes);
}

int64_t Schedule::bytesWith(int64_t inputStages, int64_t headDim,
                            int64_t keyBytes) const {
  int64_t inputs = 2 * tile.rows * columns(headDim) * 2;
  int64_t rings = 2 * ringBytes(headDim, keyBytes);
  if (convertedStages)
    rings += 2 * stages * tile.keys * narrowColumns(headDim);
  // Two messages of weights and factors, and d2. O2 crosses in k's ring, and o
  // is staged in q.
  int64_t row = 1024, mail = 2 * (tile.rows * tile.keys * 2 + row) + row;
  int64_t barriers = (1 + persistent + hasJoiners()) * inputStages +
                     4 * (stages + convertedStages);
  inputs += persistent ? 1024 : 0; // Which tile it is.
  // Queries are read as 64 rows, also where they are fewer.
  const int64_t read = isStacked() && !hasWarpKeys() ? 64 * 128 : 0;
  return inputStages * inputs + std::max(rings, read) +
         (partition == Partition::Products ? mail : 0) + inboxBytes(headDim) +
         8 * (barriers + (cluster ? 1 : 0));
}

int64_t Schedule::mostSharedBytes() const {
  return std::min(kSharedBytesPerCta,
                  kSharedBytesPerSm / ctasPerSm - kReservedSharedBytes);
}

int64_t Schedule::accumulatorRegisters(int64_t headDim) const {
  int64_t output = outputColumns(headDim) / 2;
  int64_t scores = tile.keys / 2;
  if (hasWarpKeys()) { // Of a quarter of the keys, and of few rows.
    scores = scores / 4 * tile.rows / 8;
    output = output * tile.rows / 8;
  }
  // Of each one for both products, and their weights.
  if (isStacked())
    return output + scores + scores / 2 + (queriesInRegisters ? output / 2 : 0);
  // O1, O2, S and T; while P2 is packed, S has become P1's fragments.
  if (partition == Partition::Rows)
    return 2 * output + 2 * scores + scores / 2;
  // O2 and T, and the fragments of P1 that become those of P2, beside those of
  // the tile before if the weights are ahead.
  int64_t fragments = overlap == Overlap::WeightsAhead ? 3 : 2;
  return output + scores + fragments * scores / 2;
}

std::string Schedule::name() const {
  const char *divided = partition == Partition::Rows       ? "rows"
                        : partition == Partition::Products ? "products"
                                                           : "keys";
  return fmt::format(
      "{}x{}{} {}x{} stages {}", tile.rows, tile.keys,
      tile.packedHeads > 1 ? fmt::format(" pack {}", tile.packedHeads) : "",
      consumers, divided, stages);
}
