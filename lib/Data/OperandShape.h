//===- OperandShape.h - Sizes and strides of an operand ---------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_LIB_DATA_OPERANDSHAPE_H
#define PARALLAX_LIB_DATA_OPERANDSHAPE_H

#include "parallax/KernelImage.h"

#include <array>

namespace parallax {

/// How an operand of a problem whose sizes are given lies in memory. Its
/// dimensions are batch, length, heads and head dimension, of which the row
/// outputs have three and the used lengths one. Those of a pool of pages are
/// pages, page size, heads and head dimension, those of a block table batch and
/// pages of a sequence; those of a merge's parts have the parts in front.
struct OperandShape {
  int rank;
  std::array<int64_t, 5> sizes;
  std::array<int64_t, 5> strides; ///< In elements.
  int64_t elementBytes;

  static OperandShape of(const Problem &problem, Operand operand);
};

/// Whether the problem reads or writes the operand at all.
bool hasOperand(const Problem &problem, Operand operand);

} // namespace parallax

#endif // PARALLAX_LIB_DATA_OPERANDSHAPE_H
