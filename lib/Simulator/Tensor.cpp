//===- Tensor.cpp - A warpgroup's register tensors ------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Simulator/Tensor.h"

#include "lib/Simulator/Vectorised.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

using namespace parallax;
using namespace parallax::simulator;

uint16_t simulator::toHalf(float value, int half) {
  if (half == 2)
    return std::bit_cast<uint16_t>(static_cast<_Float16>(value));
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  if (std::isnan(value))
    return (bits >> 16) | 0x40;
  return (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
}

float simulator::fromHalf(uint16_t bits, int half) {
  if (half == 2)
    return static_cast<float>(std::bit_cast<_Float16>(bits));
  return std::bit_cast<float>(uint32_t(bits) << 16);
}

void simulator::reduce(const Tensor &source, bool isMax, Tensor &result) {
  const int64_t columns = source.shape.columns, wide = result.shape.columns;
  const float *from = source.data.get();
  const bool fromPartial = columns == 4;
  auto combine = [&](float x, float y) {
    return isMax ? std::fmax(x, y) : x + y;
  };
  for (int64_t row = 0; row < source.shape.rows; ++row, from += columns) {
    float lanes[4][2]; // Even and odd columns, as the hardware's chains.
    bool seen[4][2] = {};
    for (int64_t j = 0; j < columns; ++j) {
      const int64_t lane = fromPartial ? j : j / 2 % 4,
                    odd = fromPartial ? 0 : j % 2;
      lanes[lane][odd] =
          seen[lane][odd] ? combine(lanes[lane][odd], from[j]) : from[j];
      seen[lane][odd] = true;
    }
    float each[4];
    for (int64_t lane = 0; lane < 4; ++lane)
      each[lane] = seen[lane][1] ? combine(lanes[lane][0], lanes[lane][1])
                                 : lanes[lane][0];
    if (wide == 4)
      std::copy_n(each, 4, result.data.get() + 4 * row);
    else
      result.data[row] =
          combine(combine(each[0], each[1]), combine(each[2], each[3]));
  }
}

VECTORISED static void multiplyRow(const float *a, const float *b, int64_t k,
                                   int64_t n, float *c) {
  for (int64_t inner = 0; inner < k; ++inner) {
    const float x = a[inner];
    const float *row = b + inner * n;
    for (int64_t j = 0; j < n; ++j)
      c[j] += x * row[j];
  }
}

void simulator::multiply(const float *a, int64_t aStride, const float *b,
                         int64_t k, int64_t n, const float *accumulator,
                         float *c) {
  if (accumulator)
    std::memcpy(c, accumulator, 64 * n * sizeof(float));
  else
    std::fill_n(c, 64 * n, 0.0f);
  for (int64_t row = 0; row < 64; ++row)
    multiplyRow(a + row * aStride, b, k, n, c + row * n);
}
