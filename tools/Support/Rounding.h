//===- Rounding.h - float32 to the 16-bit types and back ------ -*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Tools hold tensors as float32 and round them to a problem's type themselves,
// to the nearest, ties to even, as the hardware does; to e4m3, which has no
// infinity, to at most its largest number. The host's compilers
// disagree on what they do with __bf16 and _Float16, so the bits are made here.
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_TOOLS_SUPPORT_ROUNDING_H
#define PARALLAX_TOOLS_SUPPORT_ROUNDING_H

#include "parallax/Problem.h"

#include <cstddef>
#include <cstdint>

namespace parallax::tools {

uint16_t toBFloat16(float value);
float fromBFloat16(uint16_t bits);

uint16_t toFloat16(float value);
float fromFloat16(uint16_t bits);

uint8_t toE4M3(float value);
float fromE4M3(uint8_t bits);

/// `value` as `dtype` holds it.
float rounded(float value, DType dtype);

/// Writes `value` at element `index` of a tensor of `dtype`.
void storeElement(void *tensor, int64_t index, float value, DType dtype);
float loadElement(const void *tensor, int64_t index, DType dtype);

} // namespace parallax::tools

#endif // PARALLAX_TOOLS_SUPPORT_ROUNDING_H
