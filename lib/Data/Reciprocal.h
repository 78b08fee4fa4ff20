//===- Reciprocal.h - Divisors that only a launch knows ---------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A division takes a thread some 100 clocks, or 30 instructions that are
// fetched for it alone. Where a launch knows the divisor, it divides once, and
// threads multiply. Source: Granlund and Montgomery, Division by Invariant
// Integers using Multiplication, PLDI 1994, theorem 4.2.
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_LIB_DATA_RECIPROCAL_H
#define PARALLAX_LIB_DATA_RECIPROCAL_H

#include <bit>
#include <cstdint>

namespace parallax {

/// By what `quotient` divides by `divisor`, which is in [1, 2^31): a factor in
/// the lower 32 bits, a shift in the upper ones.
constexpr int64_t reciprocalOf(int64_t divisor) {
  // The least shift with 2^shift >= divisor; the factor is below 2^32.
  const int shift = std::bit_width(uint64_t(divisor - 1));
  const uint64_t scaled = uint64_t(1) << (31 + shift);
  const uint64_t factor = (scaled + uint64_t(divisor) - 1) / uint64_t(divisor);
  return int64_t(uint64_t(shift) << 32 | factor);
}

/// `dividend`, in [0, 2^31), by the divisor of `reciprocal`, rounded down.
constexpr int64_t quotient(int64_t dividend, int64_t reciprocal) {
  const uint64_t factor = uint32_t(reciprocal);
  const int shift = int(reciprocal >> 32);
  return int64_t((2 * uint64_t(dividend) * factor) >> 32 >> shift);
}

} // namespace parallax

#endif // PARALLAX_LIB_DATA_RECIPROCAL_H
