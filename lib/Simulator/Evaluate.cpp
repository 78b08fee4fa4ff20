//===- Evaluate.cpp - Elementwise arithmetic ------------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Data/Reciprocal.h"
#include "lib/Simulator/Tensor.h"
#include "lib/Simulator/Vectorised.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

using namespace parallax;
using namespace parallax::simulator;

/// 2^x, flushing denormals, with a relative error below 2e-7.
static inline float exp2Of(float x) {
  // Out of range: to what over- and underflows; NaN stays NaN.
  float clamped = x < -127.f ? -127.f : x;
  clamped = clamped > 128.f ? 128.f : clamped;
  const float whole = std::nearbyintf(clamped);
  const float f = clamped - whole; // In [-1/2, 1/2].
  float p = 1.5403530e-4f;
  p = p * f + 1.3333558e-3f;
  p = p * f + 9.6181291e-3f;
  p = p * f + 5.5504109e-2f;
  p = p * f + 2.4022651e-1f;
  p = p * f + 6.9314718e-1f;
  p = p * f + 1.0f;
  // Two steps, since 2^128 is no float.
  const int32_t n = std::isnan(x) ? 0 : static_cast<int32_t>(whole);
  const int32_t half = n / 2;
  const float a = std::bit_cast<float>((half + 127) << 23);
  const float b = std::bit_cast<float>((n - half + 127) << 23);
  const float result = p * a * b;
  return x < -126.f ? 0.f : std::isnan(x) ? x : result;
}

static bool compare(uint8_t predicate, float a, float b) {
  // MLIR's order: false, oeq, ogt, oge, olt, ole, one, ord, ueq, ugt, ...
  const bool unordered = std::isnan(a) || std::isnan(b);
  const bool equal = a == b, greater = a > b, less = a < b;
  switch (predicate) {
  case 0:
    return false;
  case 1:
    return equal;
  case 2:
    return greater;
  case 3:
    return greater || equal;
  case 4:
    return less;
  case 5:
    return less || equal;
  case 6:
    return less || greater;
  case 7:
    return !unordered;
  case 8:
    return unordered || equal;
  case 9:
    return unordered || greater;
  case 10:
    return unordered || greater || equal;
  case 11:
    return unordered || less;
  case 12:
    return unordered || less || equal;
  case 13:
    return unordered || less || greater;
  case 14:
    return unordered;
  default:
    return true;
  }
}

static bool compare(uint8_t predicate, int64_t a, int64_t b, uint64_t ua,
                    uint64_t ub) {
  // eq, ne, slt, sle, sgt, sge, ult, ule, ugt, uge.
  switch (predicate) {
  case 0:
    return a == b;
  case 1:
    return a != b;
  case 2:
    return a < b;
  case 3:
    return a <= b;
  case 4:
    return a > b;
  case 5:
    return a >= b;
  case 6:
    return ua < ub;
  case 7:
    return ua <= ub;
  case 8:
    return ua > ub;
  default:
    return ua >= ub;
  }
}

static int64_t signExtend(int64_t value, int width) {
  if (width == 1) // i1 is kept as 0 or 1.
    return value & 1;
  return width >= 64 ? value
                     : int64_t(uint64_t(value) << (64 - width)) >> (64 - width);
}

int64_t simulator::evaluateScalar(const Instruction &i, int64_t a, int64_t b,
                                  int64_t c) {
  const float x = std::bit_cast<float>(uint32_t(a));
  const float y = std::bit_cast<float>(uint32_t(b));
  const float z = std::bit_cast<float>(uint32_t(c));
  auto bits = [](float value) -> int64_t {
    return std::bit_cast<uint32_t>(value);
  };
  const int width = i.width;
  const uint64_t mask = width >= 64 ? ~uint64_t(0) : (uint64_t(1) << width) - 1;
  const uint64_t ua = a & mask, ub = b & mask;
  auto keep = [&](int64_t value) { return signExtend(value, width); };
  constexpr float nan = std::numeric_limits<float>::quiet_NaN();
  const bool anyNan = std::isnan(x) || std::isnan(y);
  switch (i.element) {
  case Element::AddF:
    return bits(x + y);
  case Element::SubF:
    return bits(x - y);
  case Element::MulF:
    return bits(x * y);
  case Element::DivF:
    return bits(x * (1.0f / y));
  case Element::NegF:
    return bits(-x);
  case Element::AbsF:
    return bits(std::fabs(x));
  case Element::MaximumF:
    return bits(anyNan ? nan : std::max(x, y));
  case Element::MinimumF:
    return bits(anyNan ? nan : std::min(x, y));
  case Element::MaxNumF:
    return bits(std::fmax(x, y));
  case Element::MinNumF:
    return bits(std::fmin(x, y));
  case Element::Exp2:
    return bits(exp2Of(x));
  case Element::Log2:
    return bits(std::log2(x));
  case Element::CmpF:
    return compare(i.predicate, x, y);
  case Element::FmaF:
    return bits(std::fma(x, y, z));
  case Element::SignedToF:
    return bits(float(a));
  case Element::UnsignedToF:
    return bits(float(ua));
  case Element::FToSigned:
    return int64_t(x);
  case Element::AddI:
    return keep(int64_t(ua + ub));
  case Element::SubI:
    return keep(int64_t(ua - ub));
  case Element::MulI:
    return keep(int64_t(ua * ub));
  // Division by zero gives all ones on the hardware, and no trap here.
  case Element::DivS:
    return b ? keep(b == -1 ? int64_t(0 - ua) : a / b) : -1;
  case Element::DivU:
    return ub ? keep(int64_t(ua / ub)) : -1;
  case Element::Quotient:
    return keep(quotient(ua, b));
  case Element::RemS:
    return b && b != -1 ? keep(a % b) : 0;
  case Element::RemU:
    return ub ? keep(int64_t(ua % ub)) : a;
  case Element::CeilDivS:
    return b ? keep(a / b + ((a % b != 0) && ((a < 0) == (b < 0)))) : -1;
  case Element::FloorDivS:
    return b ? keep(a / b - ((a % b != 0) && ((a < 0) != (b < 0)))) : -1;
  case Element::MinS:
    return std::min(a, b);
  case Element::MaxS:
    return std::max(a, b);
  case Element::MinU:
    return ua < ub ? a : b;
  case Element::MaxU:
    return ua > ub ? a : b;
  case Element::And:
    return a & b;
  case Element::Or:
    return a | b;
  case Element::Xor:
    return keep(a ^ b);
  case Element::Shl:
    return ub < uint64_t(width) ? keep(int64_t(ua << ub)) : 0;
  case Element::ShrS:
    return a >> std::min<uint64_t>(ub, 63);
  case Element::ShrU:
    return ub < uint64_t(width) ? keep(int64_t(ua >> ub)) : 0;
  case Element::CmpI:
    return compare(i.predicate, a, b, ua, ub);
  case Element::Select:
    return a & 1 ? b : c;
  case Element::Extend:
    return width == 1 ? -(a & 1) : a;
  case Element::ZeroExtend:
    return int64_t(ua);
  case Element::Truncate:
    return keep(a);
  case Element::Copy:
    return a;
  }
  return 0;
}

VECTORISED static void addLanes(const float *a, const float *b, float *c,
                                int64_t n) {
  for (int64_t i = 0; i < n; ++i)
    c[i] = a[i] + b[i];
}
VECTORISED static void subLanes(const float *a, const float *b, float *c,
                                int64_t n) {
  for (int64_t i = 0; i < n; ++i)
    c[i] = a[i] - b[i];
}
VECTORISED static void mulLanes(const float *a, const float *b, float *c,
                                int64_t n) {
  for (int64_t i = 0; i < n; ++i)
    c[i] = a[i] * b[i];
}
VECTORISED static void exp2Lanes(const float *a, float *c, int64_t n) {
  for (int64_t i = 0; i < n; ++i)
    c[i] = exp2Of(a[i]);
}

void simulator::evaluate(const Instruction &i, const Lanes operands[3],
                         float *result, int64_t count) {
  const float *a = operands[0].data, *b = operands[1].data;
  const bool allTensors = !operands[0].isScalar && !operands[1].isScalar;
  if (allTensors && i.element == Element::AddF)
    return addLanes(a, b, result, count);
  if (allTensors && i.element == Element::SubF)
    return subLanes(a, b, result, count);
  if (allTensors && i.element == Element::MulF)
    return mulLanes(a, b, result, count);
  if (i.element == Element::Exp2)
    return exp2Lanes(a, result, count);
  auto lane = [&](int n, int64_t at) -> int64_t {
    if (!operands[n].data)
      return 0;
    const float value = operands[n].data[operands[n].isScalar ? 0 : at];
    return std::bit_cast<int32_t>(value);
  };
  for (int64_t at = 0; at < count; ++at)
    result[at] = std::bit_cast<float>(
        int32_t(evaluateScalar(i, lane(0, at), lane(1, at), lane(2, at))));
}
