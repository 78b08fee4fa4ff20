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

/// What a merge is given: each tensor behind a first dimension of parts.
struct Parts {
  std::vector<float> o1, o2, m, d1, d2;
};

/// The tensors of a problem as contiguous (batch, length, heads, head
/// dimension) floats, already rounded to the problem's type.
struct Inputs {
  std::vector<float> q, r, k, v;
  std::vector<int32_t> usedLengths = {}; ///< Empty: every key is used.
  std::vector<int32_t> blockTable = {};  ///< Of pages, if there are any.
  /// Of a cache of e4m3, one a key head; empty: 1.
  std::vector<float> keyScale = {}, valueScale = {};
  /// Of an append: (batch, new length, heads, head dimension).
  std::vector<float> newK = {}, newV = {};
  Parts parts = {}; ///< Of a merge, which has nothing else.
};

/// Which row of o.
struct Row {
  int64_t batch, token, head;
};

/// The state of a row, relative to m in base 2.
struct RowState {
  std::vector<double> o1, o2;
  double m, d1, d2;
};

/// One row of every output. Of a merge, the row maximum is the largest m, and
/// d1 is relative to it.
struct RowResult {
  std::vector<double> o;
  double rowMax, d1, tbar, logSumExp;
  RowState state; ///< Its m is the maximum; of a row that sees no key 0.
};

RowResult evaluateRow(const Problem &problem, const Inputs &inputs, Row row);

} // namespace parallax::tools

#endif // PARALLAX_TOOLS_SUPPORT_ORACLE_H
