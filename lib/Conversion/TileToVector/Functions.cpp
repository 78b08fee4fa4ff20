//===- Functions.cpp - exp2, log2 and rounding on vectors -----------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// exp2 splits x into the nearest integer n and f in [-1/2, 1/2]; 2^f is a
// minimax polynomial of degree 6 (relative error 2e-9 before rounding, about
// 1e-7 after) that is exactly 1 at 0, 2^n is made from the bits of n. Results
// below 2^-126 are 0. log2 splits x into 2^n and a mantissa near 1, whose
// logarithm is that of (1 + s) / (1 - s). Neither calls a library. A NaN stays
// a NaN: it must show in the output if it was in the input.
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/TileToVector/Emitter.h"

#include <limits>
#include <numbers>

using namespace mlir;
using namespace parallax::tile_to_vector;

namespace {

/// Operators on vectors, so that formulas read as such.
struct V {
  Emitter *e;
  Value value;

  V(Emitter &e, Value value) : e(&e), value(value) {}

  template <typename OpT> V make(V y) const {
    return {*e, OpT::create(*e, value, y.value)};
  }
  int64_t lanes() const {
    return cast<VectorType>(value.getType()).getNumElements();
  }
  V of(float x) const { return {*e, e->constant(lanes(), x)}; }
  V of(int32_t x) const { return {*e, e->constant(lanes(), x)}; }
  V bits() const { return {*e, e->bitcast(value, e->getI32Type())}; }
  V asFloat() const { return {*e, e->bitcast(value, e->getF32Type())}; }
  V operator+(V y) const { return make<arith::AddFOp>(y); }
  V operator-(V y) const { return make<arith::SubFOp>(y); }
  V operator*(V y) const { return make<arith::MulFOp>(y); }
  V operator/(V y) const { return make<arith::DivFOp>(y); }
  V plus(V y) const { return make<arith::AddIOp>(y); }
  V minus(V y) const { return make<arith::SubIOp>(y); }
  V operator<<(int32_t n) const { return make<arith::ShLIOp>(of(n)); }
  V operator>>(int32_t n) const { return make<arith::ShRUIOp>(of(n)); }
  V shiftSigned(int32_t n) const { return make<arith::ShRSIOp>(of(n)); }
  V operator&(int32_t mask) const { return make<arith::AndIOp>(of(mask)); }
  /// x where the comparison holds, else `other`.
  V when(arith::CmpFPredicate predicate, V y, V other, V x) const {
    Value holds = arith::CmpFOp::create(*e, predicate, value, y.value);
    return {*e, arith::SelectOp::create(*e, holds, x.value, other.value)};
  }
};

} // namespace

Value Emitter::exp2(Value argument) {
  V x{*this, argument};
  // Written so that a NaN passes: it compares false.
  V low = x.of(-127.0f), high = x.of(128.0f);
  x = low.when(arith::CmpFPredicate::OGT, x, x, low);
  x = high.when(arith::CmpFPredicate::OLT, x, x, high);
  // Adding 1.5 * 2^23 rounds to an integer and leaves it in the low bits.
  V magic = x.of(12582912.0f);
  V shifted = x + magic;
  V f = x - (shifted - magic);
  constexpr float coefficients[] = {0.0001534581242594868f,
                                    0.0013399930903688073f,
                                    0.009618489071726799f,
                                    0.05550328642129898f,
                                    0.24022646248340607f,
                                    0.6931471824645996f,
                                    1.0f};
  Value p = x.of(coefficients[0]).value;
  for (float c : ArrayRef(coefficients).drop_front())
    p = fma(p, f.value, x.of(c).value);
  V power = (shifted.bits().plus(x.of(127)) << 23).asFloat();
  return (V{*this, p} * power).value;
}

Value Emitter::log2(Value argument) {
  V x{*this, argument};
  // Subtracting the bits of sqrt(1/2) puts the mantissa into [0.7, 1.42).
  V exponent = x.bits().minus(x.of(int32_t(0x3f3504f3))).shiftSigned(23);
  V mantissa = x.bits().minus(exponent << 23).asFloat();
  V one = x.of(1.0f);
  V s = (mantissa - one) / (mantissa + one);
  V square = s * s;
  Value series = x.of(1.0f / 9).value;
  for (float c : {1.0f / 7, 1.0f / 5, 1.0f / 3, 1.0f})
    series = fma(series, square.value, x.of(c).value);
  V log = V{*this, series} * s * x.of(2 * std::numbers::log2e_v<float>);
  V n{*this, arith::SIToFPOp::create(*this, x.value.getType(), exponent.value)};
  V result = n + log;

  constexpr float infinity = std::numeric_limits<float>::infinity();
  // Denormals count as 0; infinity and NaN are their own logarithm.
  V normal = x.of(std::numeric_limits<float>::min());
  result = x.when(arith::CmpFPredicate::OLT, normal, result, x.of(-infinity));
  result = x.when(arith::CmpFPredicate::OLT, x.of(0.0f), result,
                  x.of(std::numeric_limits<float>::quiet_NaN()));
  return x.when(arith::CmpFPredicate::UGE, x.of(infinity), result, x).value;
}

/// float32 whose lower half may be dropped. No NaN turns into a number here:
/// those of the processor and of 16-bit inputs have an empty lower half.
static V roundedToBFloat16(V x) {
  V bits = x.bits();
  V odd = (bits >> 16) & 1;
  return bits.plus(odd).plus(x.of(int32_t(0x7fff)));
}

Value Emitter::round(Value x, Type element) {
  if (element.isF32())
    return x;
  if (element.isBF16())
    return (roundedToBFloat16({*this, x}) & int32_t(0xffff0000))
        .asFloat()
        .value;
  auto type = cast<VectorType>(x.getType());
  Value narrow = arith::TruncFOp::create(*this, type.clone(element), x);
  return arith::ExtFOp::create(*this, type, narrow);
}

/// Bits of e4m3: of a normal number, those of a float32 but for the exponent's
/// bias. The others are 2^-9 a step.
static Value widenE4M3(Emitter &e, Value vector) {
  auto type = cast<VectorType>(vector.getType());
  V bits{e, arith::ExtUIOp::create(e, type.clone(e.getI32Type()),
                                   e.bitcast(vector, e.getI8Type()))};
  V magnitude = bits & 0x7f;
  auto choose = [&](arith::CmpIPredicate predicate, int32_t limit, V yes,
                    V no) -> V {
    Value holds = arith::CmpIOp::create(e, predicate, magnitude.value,
                                        bits.of(limit).value);
    return {e, arith::SelectOp::create(e, holds, yes.value, no.value)};
  };
  constexpr int32_t bias = 120 << 23, nan = 0x7fc00000;
  V normal = (magnitude << 20).plus(bits.of(bias));
  V steps{e, arith::SIToFPOp::create(e, type.clone(e.getF32Type()),
                                     magnitude.value)};
  V result = choose(arith::CmpIPredicate::slt, 8,
                    (steps * bits.of(0x1p-9f)).bits(), normal);
  result = choose(arith::CmpIPredicate::eq, 0x7f, bits.of(nan), result);
  V sign = (bits & 0x80) << 24;
  return result.make<arith::OrIOp>(sign).asFloat().value;
}

// LLVM turns the conversions of bf16 into calls on processors without them, so
// they are done on the bits.

Value Emitter::toFloat(Value vector) {
  auto type = cast<VectorType>(vector.getType());
  if (type.getElementType().isF32())
    return vector;
  if (isa<Float8E4M3FNType>(type.getElementType()))
    return widenE4M3(*this, vector);
  if (!type.getElementType().isBF16())
    return arith::ExtFOp::create(*this, type.clone(getF32Type()), vector);
  Value bits = arith::ExtUIOp::create(*this, type.clone(getI32Type()),
                                      bitcast(vector, getI16Type()));
  return (V{*this, bits} << 16).asFloat().value;
}

Value Emitter::fromFloat(Value vector, Type element) {
  auto type = cast<VectorType>(vector.getType());
  if (element.isF32())
    return vector;
  if (!element.isBF16())
    return arith::TruncFOp::create(*this, type.clone(element), vector);
  V high = V{*this, vector}.bits() >> 16;
  return bitcast(
      arith::TruncIOp::create(*this, type.clone(getI16Type()), high.value),
      element);
}
