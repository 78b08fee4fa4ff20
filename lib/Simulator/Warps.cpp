//===- Warps.cpp - Warps that have keys of their own ----------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Simulator/Cta.h"

#include <algorithm>

using namespace parallax;
using namespace parallax::simulator;

/// All 256.
static const float *valuesOfE4M3() {
  static const std::vector<float> values = [] {
    std::vector<float> all;
    for (int bits = 0; bits != 256; ++bits)
      all.push_back(fromE4M3(static_cast<uint8_t>(bits)));
    return all;
  }();
  return values.data();
}

void Cta::warpMma(Role &role, const Instruction &i) {
  const Tile &tile = program.tiles[i.tileB];
  const int64_t base = stageBase(role, tile, i.in[1]);
  const Tensor *a = read(role, i.in[0], i);
  const Tensor *accumulator = i.in[2] < 0 ? nullptr : read(role, i.in[2], i);
  access(role, Access::Kind::WarpLoad,
         regionOf(tile, base, 0, tile.rows, 0, tile.columns), i, tile.name);
  const bool transpose = i.imm[0];
  const int64_t n = i.shape.columns, inner = a->shape.columns;
  const int64_t ofWarp = i.shape.rows / kWarps;
  const int64_t keys = tile.rows / kWarps;
  float *result = make(role, i)->data.get();
  if (accumulator)
    std::copy_n(accumulator->data.get(), i.shape.count(), result);
  else
    std::fill_n(result, i.shape.count(), 0.0f);
  // b as its inner dimension by the result's columns.
  std::vector<float> b(inner * n);
  auto valueAt = [&](int64_t key, int64_t column) {
    return tile.elementBytes == 1
               ? valuesOfE4M3()[*memory.address(tile, base, key,
                                                transpose ? inFours(column)
                                                          : inPairs(column))]
               : readElement(memory.address(tile, base, key, column),
                             tile.half());
  };
  for (int64_t warp = 0; warp != kWarps; ++warp) {
    for (int64_t k = 0; k != inner; ++k)
      for (int64_t c = 0; c != n; ++c)
        b[k * n + c] =
            valueAt(warp * keys + (transpose ? c : k), transpose ? k : c);
    for (int64_t r = warp * ofWarp; r != (warp + 1) * ofWarp; ++r)
      for (int64_t k = 0; k != inner; ++k) {
        const float x = a->data[r * inner + k];
        for (int64_t c = 0; c != n; ++c)
          result[r * n + c] += x * b[k * n + c];
      }
  }
}
