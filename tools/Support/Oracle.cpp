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
#include <numbers>
#include <numeric>

namespace parallax::tools {

/// What follows from the sums of a row that sees a key.
static RowResult resultOf(RowState state) {
  const size_t dim = state.o1.size();
  const double rowMax = state.m / std::numbers::log2e;
  RowResult result{
      std::vector<double>(dim),    rowMax, state.d1, state.d2 / state.d1,
      rowMax + std::log(state.d1), {}};
  for (size_t d = 0; d < dim; ++d)
    result.o[d] = state.o1[d] / state.d1 * (1 + state.d2 / state.d1) -
                  state.o2[d] / state.d1;
  result.state = std::move(state);
  return result;
}

static RowResult resultOfNoKeys(int64_t dim) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const std::vector<double> zeros(dim);
  return {zeros, -infinity, 0, 0, -infinity, {zeros, zeros, 0, 0, 0}};
}

static RowResult mergeRow(const Problem &problem, const Inputs &inputs,
                          Row row) {
  const Parts &parts = inputs.parts;
  const int64_t dim = problem.headDim;
  auto at = [&](int64_t part) {
    return ((part * problem.batch + row.batch) * problem.queryLength +
            row.token) *
               problem.queryHeads +
           row.head;
  };
  double m = -std::numeric_limits<double>::infinity();
  for (int64_t n = 0; n < problem.parts; ++n)
    if (parts.d1[at(n)] > 0)
      m = std::max<double>(m, parts.m[at(n)]);
  RowState sum{std::vector<double>(dim), std::vector<double>(dim), m, 0, 0};
  for (int64_t n = 0; n < problem.parts; ++n) {
    if (!(parts.d1[at(n)] > 0))
      continue;
    const double weight = std::exp2(parts.m[at(n)] - m);
    sum.d1 += weight * parts.d1[at(n)];
    sum.d2 += weight * parts.d2[at(n)];
    for (int64_t d = 0; d < dim; ++d) {
      sum.o1[d] += weight * parts.o1[at(n) * dim + d];
      sum.o2[d] += weight * parts.o2[at(n) * dim + d];
    }
  }
  return sum.d1 > 0 ? resultOf(std::move(sum)) : resultOfNoKeys(dim);
}

RowResult evaluateRow(const Problem &problem, const Inputs &inputs, Row row) {
  if (problem.kind == ProblemKind::Merge)
    return mergeRow(problem, inputs, row);
  const int64_t dim = problem.headDim;
  const int64_t kvHead = row.head / (problem.queryHeads / problem.kvHeads);

  // The keys that the row sees: [first, last).
  int64_t length = problem.keyLength;
  int64_t used = length;
  if (!inputs.usedLengths.empty()) {
    used = inputs.usedLengths[row.batch];
    length = std::min<int64_t>(length, used);
  }
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
  // The last keys and values are the new ones, if there are any.
  const int64_t newLength = problem.newLength.value_or(0);
  auto keyOf = [&](const std::vector<float> &cache,
                   const std::vector<float> &newTokens, int64_t j) {
    return j >= used - newLength
               ? at(newTokens, newLength, problem.kvHeads,
                    j - (used - newLength), kvHead)
               : at(cache, problem.keyLength, problem.kvHeads, j, kvHead);
  };
  auto key = [&](int64_t j) { return keyOf(inputs.k, inputs.newK, j); };
  auto dot = [&](const float *x, const float *y) {
    // Additions of one sum would wait for each other.
    constexpr int64_t lanes = 8; // Which divide every head dimension.
    double sums[lanes] = {};
    for (int64_t d = 0; d < dim; d += lanes)
      for (int64_t lane = 0; lane < lanes; ++lane)
        sums[lane] += double(x[d + lane]) * double(y[d + lane]);
    return std::accumulate(sums, sums + lanes, 0.0);
  };

  if (first >= last)
    return resultOfNoKeys(dim);

  // A kernel is given the scale as float32.
  const double scale =
      static_cast<float>(problem.scale.value_or(1 / std::sqrt(dim)));
  double rowMax = -std::numeric_limits<double>::infinity();
  std::vector<double> s1(last - first);
  for (int64_t j = first; j < last; ++j) {
    s1[j - first] = scale * dot(q, key(j));
    rowMax = std::max(rowMax, s1[j - first]);
  }

  double d1 = 0, d2 = 0;
  std::vector<double> o1(dim), o2(dim);
  for (int64_t j = first; j < last; ++j) {
    double p1 = std::exp(s1[j - first] - rowMax);
    double p2 = p1 * dot(r, key(j));
    const float *v = keyOf(inputs.v, inputs.newV, j);
    d1 += p1;
    d2 += p2;
    for (int64_t d = 0; d < dim; ++d) {
      o1[d] += p1 * v[d];
      o2[d] += p2 * v[d];
    }
  }
  return resultOf(
      {std::move(o1), std::move(o2), rowMax * std::numbers::log2e, d1, d2});
}

} // namespace parallax::tools
