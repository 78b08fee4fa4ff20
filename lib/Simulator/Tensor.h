//===- Tensor.h - A warpgroup's register tensors ----------------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A tensor is 64 rows of 32-bit lanes, row by row: f32, i32, or i1 as 0 and 1.
// Fragments of 16-bit elements are kept as their f32, which is exact. Data is
// not changed after it was made, except the result of a multiplication that has
// yet to land, so slots share it.
//
// Whether wgmma still uses the registers stands on the tensor: a multiplication
// marks its result, accumulator and fragment with the number of its group, and
// the wait that retires that group makes new tensors, or clears the marks.
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_SIMULATOR_TENSOR_H
#define PARALLAX_SIMULATOR_TENSOR_H

#include "lib/Simulator/Program.h"

#include <bit>
#include <cmath>
#include <memory>

namespace parallax::simulator {

struct Tensor {
  enum class Use : uint8_t { None, Result, Accumulator, Fragment };

  explicit Tensor(Shape shape) : shape(shape), data(new float[shape.count()]) {}
  Tensor(const Tensor &other) = default;

  Shape shape;
  std::shared_ptr<float[]> data;
  Use use = Use::None;
  int64_t group = -1; ///< Of multiplications; what uses it is in flight until
                      ///< that retires.
  int32_t op = -1;    ///< The multiplication.
};
using TensorRef = std::shared_ptr<Tensor>;

/// One operand of an elementwise op: a tensor, or a scalar's bits for all.
struct Lanes {
  const float *data;
  bool isScalar;
};

/// `count` lanes of an elementwise op.
void evaluate(const Instruction &instruction, const Lanes operands[3],
              float *result, int64_t count);

/// The same of integers of any width and f32 as bits.
int64_t evaluateScalar(const Instruction &instruction, int64_t a, int64_t b,
                       int64_t c);

/// Rounded to the nearest bf16 (half 1) or f16 (half 2), ties to even.
inline uint16_t toHalf(float value, int half) {
  if (half == 2)
    return std::bit_cast<uint16_t>(static_cast<_Float16>(value));
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  if (std::isnan(value))
    return (bits >> 16) | 0x40;
  return (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
}
/// 4 bits of exponent, 3 of fraction, and no infinity.
inline float fromE4M3(uint8_t bits) {
  const int exponent = bits >> 3 & 15, fraction = bits & 7;
  if (exponent == 15 && fraction == 7)
    return std::copysign(std::nanf(""), bits & 0x80 ? -1.0f : 1.0f);
  const float magnitude = exponent
                              ? std::ldexp(float(8 + fraction), exponent - 10)
                              : std::ldexp(float(fraction), -9);
  return bits & 0x80 ? -magnitude : magnitude;
}
inline float fromHalf(uint16_t bits, int half) {
  if (half == 2)
    return static_cast<float>(std::bit_cast<_Float16>(bits));
  return std::bit_cast<float>(uint32_t(bits) << 16);
}

/// Warps of a warpgroup.
inline constexpr int64_t kWarps = 4;
/// Of a tile of 8 bits, the column that a warp multiplies as `column` of
/// queries, and the one whose products are in `column` of an accumulator: as
/// they lie side by side, threads have four or two.
constexpr int64_t inFours(int64_t column) {
  const int64_t half = column / 8 % 2, thread = column / 2 % 4;
  return column / 16 * 16 + 4 * thread + 2 * half + column % 2;
}
constexpr int64_t inPairs(int64_t column) {
  return column / 16 * 16 + 2 * (column % 8) + column / 8 % 2;
}

/// Rows of `source` reduced to rows or to a value for each lane that shares
/// one: 4, or 8 of rows that each warp has of its own.
void reduce(const Tensor &source, bool isMax, bool perWarp, Tensor &result);

/// c[64 x n] = accumulator + a[64 x k] * b[k x n]; `accumulator` may be null.
void multiply(const float *a, int64_t aStride, const float *b, int64_t k,
              int64_t n, const float *accumulator, float *c);

} // namespace parallax::simulator

#endif // PARALLAX_SIMULATOR_TENSOR_H
