//===- RandomCase.cpp - A problem with inputs at random -----------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/Support/Case.h"
#include "tools/Support/Pages.h"
#include "tools/Support/Rounding.h"

#include <algorithm>
#include <cmath>
#include <fmt/core.h>
#include <limits>
#include <random>
#include <tuple>
#include <unistd.h>

namespace parallax::tools {

/// Inputs and outputs as float32 and in their own type, on the host.
static Result<void> fitsInMemory(const Problem &p) {
  const bool isMerge = p.kind == ProblemKind::Merge;
  const double keyRows =
      isMerge ? 0 : 2.0 * double(p.keyLength) * double(p.kvHeads);
  const double queryTensors =
      4 + (p.state ? 2 : 0) + (isMerge ? 2 * double(p.parts) : 0);
  const double rows =
      queryTensors * double(p.queryLength) * double(p.queryHeads);
  const double needed = double(p.batch) * double(p.headDim) *
                        (keyRows * double(4 + sizeInBytes(p.keyDType())) +
                         rows * double(4 + sizeInBytes(p.dtype)));
  const double memory =
      double(sysconf(_SC_PHYS_PAGES)) * double(sysconf(_SC_PAGESIZE));
  if (needed < memory)
    return {};
  return Error{ErrorCode::InvalidArgument,
               fmt::format("expected a case that fits into this machine's "
                           "memory of {:.1f} GiB, got one of {:.1f} GiB",
                           memory / (1 << 30), needed / (1 << 30))};
}

/// Large tensors repeat themselves after as many values, which is quicker than
/// to make each; as it is prime, no two rows or tiles are the same.
static constexpr size_t kRandomPeriod = 4'194'301;

/// States at random, as sums over some tens of keys are. Every fifth is empty
/// and holds garbage, and of one row in seven all are.
static Parts randomParts(const Problem &p, uint64_t seed) {
  constexpr float nan = std::numeric_limits<float>::quiet_NaN();
  constexpr float infinity = std::numeric_limits<float>::infinity();
  std::mt19937_64 engine(seed);
  std::normal_distribution<float> normal;
  Parts parts;
  const int64_t rows = p.batch * p.queryLength * p.queryHeads;
  for (int64_t i = 0; i < p.parts * rows; ++i) {
    const bool isEmpty = i % 5 == 4 || i % rows % 7 == 6;
    const float d1 = 1 + std::abs(10 * normal(engine));
    parts.m.push_back(isEmpty ? (i % 2 ? -infinity : nan) : 9 * normal(engine));
    parts.d1.push_back(isEmpty ? 0 : d1);
    parts.d2.push_back(isEmpty ? nan : d1 * normal(engine));
    for (std::vector<float> *values : {&parts.o1, &parts.o2})
      for (int64_t d = 0; d < p.headDim; ++d)
        values->push_back(isEmpty ? nan : d1 * normal(engine));
  }
  return parts;
}

Result<Case> randomCase(Problem problem, const Sizes &sizes,
                        std::vector<int32_t> usedLengths, uint64_t seed) {
  problem = withSizes(problem, sizes);
  problem.usedLengths = !usedLengths.empty();
  if (problem.isPaged())
    problem.pages = randomPoolPages(problem);
  if (auto ok = verify(problem); !ok)
    return ok.error();
  if (problem.usedLengths &&
      usedLengths.size() != static_cast<size_t>(sizes.batch))
    return Error{ErrorCode::InvalidArgument,
                 fmt::format("expected {} used lengths, one a sequence, got {}",
                             sizes.batch, usedLengths.size())};
  if (auto ok = fitsInMemory(problem); !ok)
    return ok.error();

  Case result;
  result.problem = problem;
  if (problem.kind == ProblemKind::Merge) {
    result.inputs.parts = randomParts(problem, seed);
    return result;
  }
  std::mt19937_64 engine(seed);
  std::normal_distribution<float> normal;
  auto fill = [&](std::vector<float> &values, int64_t rows, float factor,
                  DType dtype) {
    const size_t size = rows * sizes.headDim;
    values.reserve(size);
    while (values.size() < std::min(size, kRandomPeriod))
      values.push_back(rounded(factor * normal(engine), dtype));
    while (values.size() < size)
      values.push_back(values[values.size() - kRandomPeriod]);
  };
  int64_t queryRows = sizes.batch * sizes.queryLength * sizes.queryHeads;
  int64_t keyRows = sizes.batch * sizes.keyLength * sizes.kvHeads;
  float small = 2 / std::sqrt(static_cast<float>(sizes.headDim));
  fill(result.inputs.q, queryRows, 1, problem.dtype);
  fill(result.inputs.r, queryRows, small, problem.dtype);
  const DType keyType = problem.keyDType();
  // As a cache is filled: what is scaled uses the type's range.
  const float stored = 40;
  const float ofKeys = problem.keyScale ? stored : 1;
  const float ofValues = problem.valueScale ? stored : 1;
  fill(result.inputs.k, keyRows, ofKeys, keyType);
  fill(result.inputs.v, keyRows, ofValues, keyType);
  const int64_t newLength = problem.newLength.value_or(0);
  const int64_t newRows = sizes.batch * newLength * sizes.kvHeads;
  fill(result.inputs.newK, newRows, ofKeys, keyType);
  fill(result.inputs.newV, newRows, ofValues, keyType);
  std::uniform_real_distribution<float> scale(0.5f / stored, 1.5f / stored);
  for (auto [given, stride, scales] :
       {std::tuple(problem.keyScale, problem.keyScaleStride,
                   &result.inputs.keyScale),
        {problem.valueScale, problem.valueScaleStride,
         &result.inputs.valueScale}})
    for (int64_t head = 0; given && head != sizes.kvHeads; ++head)
      scales->push_back(head && stride == 0 ? scales->front() : scale(engine));

  // What is not used, and what will be appended.
  int64_t tokenSize = sizes.kvHeads * sizes.headDim;
  for (int64_t b = 0; b != sizes.batch; ++b) {
    int64_t used = usedLengths.empty() ? sizes.keyLength : usedLengths[b];
    auto clamped = [&](int64_t length) {
      return std::clamp<int64_t>(length, 0, sizes.keyLength) * tokenSize;
    };
    for (auto *tensor : {&result.inputs.k, &result.inputs.v}) {
      auto begin = tensor->begin() + b * sizes.keyLength * tokenSize;
      std::fill(begin + clamped(used - newLength), begin + clamped(INT32_MAX),
                std::numeric_limits<float>::quiet_NaN());
    }
  }
  result.inputs.usedLengths = std::move(usedLengths);
  if (problem.isPaged())
    addRandomTable(problem, result.inputs, seed);
  return result;
}

} // namespace parallax::tools
