//===- Case.cpp - One problem with its inputs -----------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/Support/Case.h"

#include "tools/Support/Npz.h"
#include "tools/Support/Pages.h"
#include "tools/Support/Rounding.h"

#include <algorithm>
#include <cmath>
#include <fmt/core.h>
#include <fmt/ranges.h>
#include <limits>
#include <random>
#include <unistd.h>

namespace parallax::tools {

Problem withSizes(Problem problem, const Sizes &sizes) {
  problem.batch = sizes.batch;
  problem.queryLength = sizes.queryLength;
  problem.keyLength = sizes.keyLength;
  problem.queryHeads = sizes.queryHeads;
  problem.kvHeads = sizes.kvHeads;
  problem.headDim = sizes.headDim;
  return problem;
}

/// `shape` as an error shows it.
static std::string show(const std::vector<int64_t> &shape) {
  return fmt::format("({})", fmt::join(shape, ", "));
}

static Result<void> expectShape(const std::string &name, const NpyArray &array,
                                const std::vector<int64_t> &shape) {
  if (array.shape == shape)
    return {};
  return Error{ErrorCode::InvalidArgument,
               fmt::format("expected {} of shape {}, got {}", name, show(shape),
                           show(array.shape))};
}

Result<Case> readCase(Problem problem, const std::string &path) {
  auto read =
      readNpz(path, {"q", "r", "k", "v", "o", "used_lengths", "block_table"});
  if (!read)
    return read.error();
  auto &arrays = *read;
  const bool isPaged = arrays.count("block_table");
  for (const char *name : {"q", "r", "k", "v"}) {
    if (!arrays.count(name))
      return Error{ErrorCode::InvalidArgument,
                   fmt::format("expected arrays q, r, k and v in {}, got no {}",
                               path, name)};
    if (arrays[name].shape.size() != 4)
      return Error{ErrorCode::InvalidArgument,
                   fmt::format("expected {} of shape ({}, heads, head "
                               "dimension), got {}",
                               name,
                               isPaged && (*name == 'k' || *name == 'v')
                                   ? "pages, page size"
                                   : "batch, length",
                               show(arrays[name].shape))};
  }
  const std::vector<int64_t> query = arrays["q"].shape, key = arrays["k"].shape;
  std::vector<int64_t> keyShape = {query[0], key[1], key[2], query[3]};
  std::vector<int64_t> tableShape;
  int64_t keyLength = key[1];
  if (isPaged) {
    tableShape = arrays["block_table"].shape;
    if (tableShape.size() != 2)
      return Error{ErrorCode::InvalidArgument,
                   fmt::format("expected block_table of shape (batch, pages of "
                               "a sequence), got {}",
                               show(tableShape))};
    problem.pages = keyShape[0] = key[0];
    problem.pageSize = key[1];
    keyLength = tableShape[1] * problem.pageSize;
    tableShape[0] = query[0];
  }
  problem = withSizes(
      problem, {query[0], query[1], keyLength, query[2], key[2], query[3]});
  for (auto &[name, array] : arrays) {
    const std::vector<int64_t> lengths = {query[0]};
    auto ok = expectShape(name, array,
                          name == "k" || name == "v" ? keyShape
                          : name == "used_lengths"   ? lengths
                          : name == "block_table"    ? tableShape
                                                     : query);
    if (!ok)
      return ok.error();
  }
  problem.usedLengths = arrays.count("used_lengths");
  if (auto ok = verify(problem); !ok)
    return ok.error();

  Case result;
  result.problem = problem;
  auto take = [&](const char *name, std::vector<float> &to) {
    for (double value : arrays[name].values)
      to.push_back(rounded(static_cast<float>(value), problem.dtype));
  };
  take("q", result.inputs.q);
  take("r", result.inputs.r);
  take("k", result.inputs.k);
  take("v", result.inputs.v);
  for (double length : arrays["used_lengths"].values)
    result.inputs.usedLengths.push_back(static_cast<int32_t>(length));
  for (double page : arrays["block_table"].values)
    result.inputs.blockTable.push_back(static_cast<int32_t>(page));
  if (isPaged)
    for (std::vector<float> *values : {&result.inputs.k, &result.inputs.v}) {
      auto sequences = fromPool(problem, result.inputs, *values);
      if (!sequences)
        return sequences.error();
      *values = std::move(*sequences);
    }
  result.expected = std::move(arrays["o"].values);
  return result;
}

/// Inputs and outputs as float32 and in their own type, on the host.
static Result<void> fitsInMemory(const Problem &p) {
  const bool isMerge = p.kind == ProblemKind::Merge;
  const double keyRows =
      isMerge ? 0 : 2.0 * double(p.keyLength) * double(p.kvHeads);
  const double queryTensors =
      4 + (p.state ? 2 : 0) + (isMerge ? 2 * double(p.parts) : 0);
  const double elements =
      double(p.batch) * double(p.headDim) *
      (keyRows + queryTensors * double(p.queryLength) * double(p.queryHeads));
  const double needed = elements * double(4 + sizeInBytes(p.dtype));
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
  auto fill = [&](std::vector<float> &values, int64_t rows, float factor) {
    const size_t size = rows * sizes.headDim;
    values.reserve(size);
    while (values.size() < std::min(size, kRandomPeriod))
      values.push_back(rounded(factor * normal(engine), problem.dtype));
    while (values.size() < size)
      values.push_back(values[values.size() - kRandomPeriod]);
  };
  int64_t queryRows = sizes.batch * sizes.queryLength * sizes.queryHeads;
  int64_t keyRows = sizes.batch * sizes.keyLength * sizes.kvHeads;
  float small = 2 / std::sqrt(static_cast<float>(sizes.headDim));
  fill(result.inputs.q, queryRows, 1);
  fill(result.inputs.r, queryRows, small);
  fill(result.inputs.k, keyRows, 1);
  fill(result.inputs.v, keyRows, 1);

  int64_t tokenSize = sizes.kvHeads * sizes.headDim;
  for (size_t b = 0; b != usedLengths.size(); ++b) {
    int64_t used = std::clamp<int64_t>(usedLengths[b], 0, sizes.keyLength);
    for (auto *tensor : {&result.inputs.k, &result.inputs.v}) {
      auto begin = tensor->begin() + b * sizes.keyLength * tokenSize;
      std::fill(begin + used * tokenSize, begin + sizes.keyLength * tokenSize,
                std::numeric_limits<float>::quiet_NaN());
    }
  }
  result.inputs.usedLengths = std::move(usedLengths);
  if (problem.isPaged())
    addRandomTable(problem, result.inputs, seed);
  return result;
}

int64_t visiblePairs(const Case &c) {
  const Problem &p = c.problem;
  if (p.kind == ProblemKind::Merge)
    return 0;
  int64_t pairs = 0;
  for (int64_t b = 0; b < p.batch; ++b) {
    int64_t length = p.keyLength;
    if (!c.inputs.usedLengths.empty())
      length = std::min<int64_t>(length, c.inputs.usedLengths[b]);
    for (int64_t i = 0; i < p.queryLength; ++i) {
      int64_t keys = length;
      if (p.mask == MaskKind::Causal)
        keys = std::clamp<int64_t>(i + length - p.queryLength + 1, 0, length);
      if (p.window)
        keys = std::min(keys, *p.window);
      pairs += keys * p.queryHeads;
    }
  }
  return pairs;
}

std::vector<int32_t> seenLengths(const Case &c) {
  const Problem &p = c.problem;
  std::vector<int32_t> lengths = c.inputs.usedLengths;
  if (lengths.empty())
    lengths.assign(p.batch, static_cast<int32_t>(p.keyLength));
  // The first query's window begins furthest to the left.
  if (p.window)
    for (int32_t &length : lengths)
      length = static_cast<int32_t>(
          std::min<int64_t>(length, *p.window + p.queryLength - 1));
  return lengths;
}

std::vector<Row> rowsToCheck(const Problem &problem) {
  // Multiplications of the oracle, of which it does about 1e9 a second.
  constexpr int64_t budget = 1'500'000'000;
  int64_t all = problem.batch * problem.queryLength * problem.queryHeads;
  const int64_t terms =
      problem.kind == ProblemKind::Merge ? problem.parts : problem.keyLength;
  int64_t rowCost = 4 * terms * problem.headDim;
  int64_t count = std::clamp<int64_t>(budget / rowCost, 1, all);
  std::vector<Row> rows;
  rows.reserve(count);
  for (int64_t n = 0; n < count; ++n) {
    // The last row of each share, so that the very last is among them.
    int64_t row =
        static_cast<int64_t>((static_cast<__int128>(n) + 1) * all / count) - 1;
    rows.push_back({row / problem.queryHeads / problem.queryLength,
                    row / problem.queryHeads % problem.queryLength,
                    row % problem.queryHeads});
  }
  return rows;
}

} // namespace parallax::tools
