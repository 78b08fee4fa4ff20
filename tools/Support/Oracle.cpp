//===- Oracle.cpp - The definition, in float64 ----------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/Support/Oracle.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace parallax::tools {

RowResult evaluateRow(const Problem &problem, const Inputs &inputs, Row row) {
  const int64_t dim = problem.headDim;
  const int64_t kvHead = row.head / (problem.queryHeads / problem.kvHeads);

  // The keys that the row sees: [first, last).
  int64_t length = problem.keyLength;
  if (!inputs.usedLengths.empty())
    length = std::min<int64_t>(length, inputs.usedLengths[row.batch]);
  int64_t first = 0, last = length;
  if (problem.mask == MaskKind::Causal) {
    last = std::clamp<int64_t>(row.token + length - problem.queryLength + 1, 0,
                               length);
    if (problem.window)
      first = std::max<int64_t>(0, row.token + length - problem.queryLength +
                                       1 - *problem.window);
  }

  auto at = [&](const std::vector<float> &tensor, int64_t tokens, int64_t heads,
                int64_t token, int64_t head) {
    return tensor.data() + ((row.batch * tokens + token) * heads + head) * dim;
  };
  const float *q = at(inputs.q, problem.queryLength, problem.queryHeads,
                      row.token, row.head);
  const float *r = at(inputs.r, problem.queryLength, problem.queryHeads,
                      row.token, row.head);
  auto key = [&](int64_t j) {
    return at(inputs.k, problem.keyLength, problem.kvHeads, j, kvHead);
  };
  auto dot = [&](const float *x, const float *y) {
    double sum = 0;
    for (int64_t d = 0; d < dim; ++d)
      sum += double(x[d]) * double(y[d]);
    return sum;
  };

  const double infinity = std::numeric_limits<double>::infinity();
  RowResult result{std::vector<double>(dim), -infinity, 0, 0, -infinity};
  if (first >= last)
    return result;

  // A kernel is given the scale as float32.
  const double scale =
      static_cast<float>(problem.scale.value_or(1 / std::sqrt(dim)));
  std::vector<double> s1(last - first);
  for (int64_t j = first; j < last; ++j) {
    s1[j - first] = scale * dot(q, key(j));
    result.rowMax = std::max(result.rowMax, s1[j - first]);
  }

  double d1 = 0, d2 = 0;
  std::vector<double> o1(dim), o2(dim);
  for (int64_t j = first; j < last; ++j) {
    double p1 = std::exp(s1[j - first] - result.rowMax);
    double p2 = p1 * dot(r, key(j));
    const float *v =
        at(inputs.v, problem.keyLength, problem.kvHeads, j, kvHead);
    d1 += p1;
    d2 += p2;
    for (int64_t d = 0; d < dim; ++d) {
      o1[d] += p1 * v[d];
      o2[d] += p2 * v[d];
    }
  }
  for (int64_t d = 0; d < dim; ++d)
    result.o[d] = o1[d] / d1 * (1 + d2 / d1) - o2[d] / d1;
  result.d1 = d1;
  result.tbar = d2 / d1;
  result.logSumExp = result.rowMax + std::log(d1);
  return result;
}

} // namespace parallax::tools
