//===- Oracle.h - The definition, in float64 ------------------ -*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What every kernel is judged by: the definition of Parallax attention written
// down as it stands, in float64, one row at a time. It shares nothing with the
// compiler but Problem.h.
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_TOOLS_SUPPORT_ORACLE_H
#define PARALLAX_TOOLS_SUPPORT_ORACLE_H

#include "parallax/Problem.h"

#include <cstdint>
#include <vector>

namespace parallax::tools {

/// The tensors of a problem as contiguous (batch, length, heads, head
/// dimension) floats, already rounded to the problem's type.
struct Inputs {
  std::vector<float> q, r, k, v;
  std::vector<int32_t> usedLengths = {}; ///< Empty: every key is used.
  std::vector<int32_t> blockTable = {};  ///< Of pages, if there are any.
};

/// Which row of o.
struct Row {
  int64_t batch, token, head;
};

/// One row of every output.
struct RowResult {
  std::vector<double> o;
  double rowMax, d1, tbar, logSumExp;
};

RowResult evaluateRow(const Problem &problem, const Inputs &inputs, Row row);

} // namespace parallax::tools

#endif // PARALLAX_TOOLS_SUPPORT_ORACLE_H
