//===- Rounding.cpp - float32 to the narrow types and back ----------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/Support/Rounding.h"

#include <bit>
#include <cmath>
#include <limits>

namespace parallax::tools {

uint16_t toBFloat16(float value) {
  uint32_t bits = std::bit_cast<uint32_t>(value);
  // A NaN stays one: rounding could carry its fraction away.
  if ((bits & 0x7fffffff) > 0x7f800000)
    return (bits >> 16) | 0x40;
  return (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
}

float fromBFloat16(uint16_t bits) {
  return std::bit_cast<float>(uint32_t(bits) << 16);
}

uint16_t toFloat16(float value) {
  uint32_t bits = std::bit_cast<uint32_t>(value);
  uint16_t sign = (bits >> 16) & 0x8000;
  uint32_t magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000)
    return sign | 0x7e00;
  // 65520 is the first that rounds to infinity.
  if (magnitude >= 0x477ff000)
    return sign | 0x7c00;
  // Below the smallest normal, adding 0.5 puts the last subnormal bit where
  // float32's own last bit is, so that the addition rounds.
  if (magnitude < 0x38800000) {
    float shifted = std::bit_cast<float>(magnitude) + 0.5f;
    return sign | (std::bit_cast<uint32_t>(shifted) - 0x3f000000);
  }
  uint32_t rebased = magnitude - (uint32_t(127 - 15) << 23);
  return sign | ((rebased + 0xfff + ((rebased >> 13) & 1)) >> 13);
}

float fromFloat16(uint16_t bits) {
  uint32_t sign = uint32_t(bits & 0x8000) << 16;
  uint32_t exponent = (bits >> 10) & 0x1f, fraction = bits & 0x3ff;
  if (exponent == 0x1f)
    return std::bit_cast<float>(sign | 0x7f800000 | (fraction << 13));
  if (exponent != 0)
    return std::bit_cast<float>(sign | ((exponent + 112) << 23) |
                                (fraction << 13));
  float magnitude = float(fraction) * 0x1p-24f;
  return sign ? -magnitude : magnitude;
}

uint8_t toE4M3(float value) {
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  const uint8_t sign = bits >> 24 & 0x80;
  const uint32_t magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000)
    return sign | 0x7f;
  // From 448 on.
  if (magnitude >= 0x43e00000)
    return sign | 0x7e;
  // Below the smallest normal, adding 2^14 puts the last subnormal bit where
  // float32's own last bit is, so that the addition rounds.
  if (magnitude < 0x3c800000) {
    const float shifted = std::bit_cast<float>(magnitude) + 0x1p14f;
    return sign | (std::bit_cast<uint32_t>(shifted) - 0x46800000);
  }
  const uint32_t rebased = magnitude - (uint32_t(127 - 7) << 23);
  return sign | ((rebased + 0x7ffff + ((rebased >> 20) & 1)) >> 20);
}

float fromE4M3(uint8_t bits) {
  const int exponent = bits >> 3 & 15, fraction = bits & 7;
  if (exponent == 15 && fraction == 7)
    return std::numeric_limits<float>::quiet_NaN();
  const float magnitude = exponent == 0
                              ? std::ldexp(float(fraction), -9)
                              : std::ldexp(float(8 + fraction), exponent - 10);
  return bits & 0x80 ? -magnitude : magnitude;
}

float rounded(float value, DType dtype) {
  switch (dtype) {
  case DType::F32:
    return value;
  case DType::BF16:
    return fromBFloat16(toBFloat16(value));
  case DType::F16:
    return fromFloat16(toFloat16(value));
  case DType::E4M3:
    return fromE4M3(toE4M3(value));
  }
  return value;
}

void storeElement(void *tensor, int64_t index, float value, DType dtype) {
  switch (dtype) {
  case DType::F32:
    static_cast<float *>(tensor)[index] = value;
    return;
  case DType::BF16:
    static_cast<uint16_t *>(tensor)[index] = toBFloat16(value);
    return;
  case DType::F16:
    static_cast<uint16_t *>(tensor)[index] = toFloat16(value);
    return;
  case DType::E4M3:
    static_cast<uint8_t *>(tensor)[index] = toE4M3(value);
    return;
  }
}

float loadElement(const void *tensor, int64_t index, DType dtype) {
  switch (dtype) {
  case DType::F32:
    return static_cast<const float *>(tensor)[index];
  case DType::BF16:
    return fromBFloat16(static_cast<const uint16_t *>(tensor)[index]);
  case DType::F16:
    return fromFloat16(static_cast<const uint16_t *>(tensor)[index]);
  case DType::E4M3:
    return fromE4M3(static_cast<const uint8_t *>(tensor)[index]);
  }
  return 0;
}

} // namespace parallax::tools
