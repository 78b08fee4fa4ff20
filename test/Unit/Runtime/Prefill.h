//===- Prefill.h - A problem and what a kernel of it takes ------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_TEST_UNIT_RUNTIME_PREFILL_H
#define PARALLAX_TEST_UNIT_RUNTIME_PREFILL_H

#include "parallax/KernelImage.h"
#include "parallax/Problem.h"

#include <cstdint>

namespace parallax {

inline Problem prefill() {
  Problem p;
  p.batch = 2;
  p.queryLength = 300;
  p.keyLength = 500;
  p.queryHeads = 8;
  p.kvHeads = 2;
  p.headDim = 128;
  p.mask = MaskKind::Causal;
  return withDefaultStrides(p);
}

inline KernelParameter mapOf(Operand operand) {
  return {KernelParameter::Kind::TensorMap, operand, 0, {64, 1, 64, 1}};
}

inline void *pointer(uintptr_t address) {
  return reinterpret_cast<void *>(address);
}

} // namespace parallax

#endif // PARALLAX_TEST_UNIT_RUNTIME_PREFILL_H
