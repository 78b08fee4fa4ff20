//===- Tensor.cpp - A warpgroup's register tensors ------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Simulator/Tensor.h"

#include "lib/Simulator/Vectorised.h"

#include <algorithm>
#include <cmath>
#include <cstring>

using namespace parallax;
using namespace parallax::simulator;

void simulator::reduce(const Tensor &source, bool isMax, bool perWarp,
                       Tensor &result) {
  constexpr int64_t most = 8;
  const int64_t count = perWarp ? 8 : 4; // Lanes that share a row.
  const int64_t columns = source.shape.columns, wide = result.shape.columns;
  const float *from = source.data.get();
  const bool fromPartial = columns == count;
  auto combine = [&](float x, float y) {
    return isMax ? std::fmax(x, y) : x + y;
  };
  for (int64_t row = 0; row < source.shape.rows; ++row, from += columns) {
    float lanes[most][2]; // A lane's columns in turn, as the hardware's chains.
    bool seen[most][2] = {};
    for (int64_t j = 0; j < columns; ++j) {
      const int64_t lane = fromPartial ? j
                           : perWarp   ? j % count
                                       : j / 2 % count;
      const int64_t odd = fromPartial ? 0 : perWarp ? j / count % 2 : j % 2;
      lanes[lane][odd] =
          seen[lane][odd] ? combine(lanes[lane][odd], from[j]) : from[j];
      seen[lane][odd] = true;
    }
    float each[most];
    for (int64_t lane = 0; lane < count; ++lane)
      each[lane] = seen[lane][1] ? combine(lanes[lane][0], lanes[lane][1])
                                 : lanes[lane][0];
    if (wide == count) {
      std::copy_n(each, count, result.data.get() + count * row);
      continue;
    }
    for (int64_t distance = 1; distance < count; distance *= 2)
      for (int64_t lane = 0; lane < count; lane += 2 * distance)
        each[lane] = combine(each[lane], each[lane + distance]);
    result.data[row] = each[0];
  }
}

/// A block of c, which stays in registers: each element is the sum over k in
/// order.
template <int rows, int columns>
static inline void multiplyBlock(const float *a, int64_t aStride,
                                 const float *b, int64_t k, int64_t n,
                                 float *c) {
  float sums[rows][columns];
  for (int i = 0; i < rows; ++i)
    for (int j = 0; j < columns; ++j)
      sums[i][j] = c[i * n + j];
  for (int64_t inner = 0; inner < k; ++inner)
    for (int i = 0; i < rows; ++i)
      for (int j = 0; j < columns; ++j)
        sums[i][j] += a[i * aStride + inner] * b[inner * n + j];
  for (int i = 0; i < rows; ++i)
    for (int j = 0; j < columns; ++j)
      c[i * n + j] = sums[i][j];
}

VECTORISED static void multiplyRows(const float *a, int64_t aStride,
                                    const float *b, int64_t k, int64_t n,
                                    float *c) {
  constexpr int rows = 4, columns = 16;
  for (int64_t row = 0; row < 64; row += rows) {
    const float *from = a + row * aStride;
    float *to = c + row * n;
    int64_t j = 0;
    for (; j + columns <= n; j += columns)
      multiplyBlock<rows, columns>(from, aStride, b + j, k, n, to + j);
    for (; j < n; ++j)
      multiplyBlock<rows, 1>(from, aStride, b + j, k, n, to + j);
  }
}

void simulator::multiply(const float *a, int64_t aStride, const float *b,
                         int64_t k, int64_t n, const float *accumulator,
                         float *c) {
  if (accumulator)
    std::memcpy(c, accumulator, 64 * n * sizeof(float));
  else
    std::fill_n(c, 64 * n, 0.0f);
  multiplyRows(a, aStride, b, k, n, c);
}
