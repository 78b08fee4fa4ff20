//===- Warps.cpp - Warps that have keys of their own ----------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Simulator/Cta.h"

#include <algorithm>
#include <limits>

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
                                                inFours(column))]
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

/// The threads meet before the memory is written, and before it is read.
void Cta::mergeWarps(Role &role, const Instruction &i) {
  const Tile &tile = program.tiles[i.tile];
  const int64_t ofWarp = i.shape.rows / kWarps;
  const Region region = {tile.offset / 1024, (i.imm[0] + 1023) / 1024, 1, 0};
  std::array<const Tensor *, 5> state;
  for (size_t at = 0; at != state.size(); ++at)
    state[at] = read(role, i.in[at], i);
  meet(role);
  access(role, Access::Kind::Store, region, i, tile.name);
  meet(role);
  // Nor have they met behind that.
  ++role.clock.own(role.index);
  access(role, Access::Kind::Load, region, i, tile.name);
  if (found)
    return;
  const auto [m, d1, d2, o1, o2] = state;
  std::array<TensorRef, 5> merged;
  for (size_t at = 0; at != merged.size(); ++at) {
    merged[at] = std::make_shared<Tensor>(state[at]->shape);
    std::fill_n(merged[at]->data.get(), merged[at]->shape.count(),
                std::numeric_limits<float>::quiet_NaN());
  }
  for (int64_t row = 0; row != ofWarp; ++row) {
    float top = std::numeric_limits<float>::lowest();
    std::array<float, kWarps> weights = {};
    for (int64_t warp = 0; warp != kWarps; ++warp)
      if (const int64_t at = warp * ofWarp + row; d1->data[at] > 0)
        top = std::max(top, m->data[at]);
    for (int64_t warp = 0; warp != kWarps; ++warp)
      if (const int64_t at = warp * ofWarp + row; d1->data[at] > 0)
        weights[warp] = std::exp2(m->data[at] - top);
    merged[0]->data[row] = top;
    for (auto [from, to] : {std::pair(d1, 1), {d2, 2}, {o1, 3}, {o2, 4}}) {
      const int64_t columns = from->shape.columns;
      for (int64_t c = 0; c != columns; ++c) {
        float sum = 0;
        for (int64_t warp = 0; warp != kWarps; ++warp)
          sum +=
              weights[warp] * from->data[(warp * ofWarp + row) * columns + c];
        const bool isInFours = columns != 1 && tile.elementBytes == 1;
        const int64_t column = isInFours ? inFours(c) : c;
        merged[to]->data[row * columns + column] = sum;
      }
    }
  }
  for (size_t at = 0; at != merged.size(); ++at)
    role.tensors[i.results[at]] = merged[at];
}
