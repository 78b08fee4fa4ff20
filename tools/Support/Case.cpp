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
#include <fmt/core.h>
#include <fmt/ranges.h>

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
      readNpz(path, {"q", "r", "k", "v", "o", "used_lengths", "block_table",
                     "new_k", "new_v", "k_scale", "v_scale"});
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
  std::vector<int64_t> newShape;
  if (arrays.count("new_k") || arrays.count("new_v")) {
    if (!arrays.count("new_k") || !arrays.count("new_v") ||
        arrays["new_k"].shape.size() != 4)
      return Error{ErrorCode::InvalidArgument,
                   "expected new_k and new_v of shape (batch, length, heads, "
                   "head dimension), got other ones"};
    problem.newLength = arrays["new_k"].shape[1];
    newShape = {query[0], *problem.newLength, key[2], query[3]};
  }
  problem = withSizes(
      problem, {query[0], query[1], keyLength, query[2], key[2], query[3]});
  for (auto [name, given, stride] :
       {std::tuple("k_scale", &problem.keyScale, &problem.keyScaleStride),
        {"v_scale", &problem.valueScale, &problem.valueScaleStride}}) {
    *given = arrays.count(name);
    if (*given && arrays[name].values.size() == 1) {
      *stride = 0; // One for all heads.
      arrays[name].shape = {key[2]};
      arrays[name].values.resize(key[2], arrays[name].values.front());
    }
  }
  for (auto &[name, array] : arrays) {
    const std::vector<int64_t> lengths = {query[0]}, heads = {key[2]};
    const bool isKey = name == "k" || name == "v" || name.starts_with("new_");
    if (array.isBytes && (!isKey || problem.keyDType() != DType::E4M3))
      return Error{
          ErrorCode::InvalidArgument,
          fmt::format("expected {} of numbers, got bytes{}", name,
                      isKey ? "; say --cache-dtype e4m3 if they are" : "")};
    auto ok = expectShape(name, array,
                          name == "k" || name == "v" ? keyShape
                          : name == "used_lengths"   ? lengths
                          : name.ends_with("_scale") ? heads
                          : name == "block_table"    ? tableShape
                          : name.starts_with("new_") ? newShape
                                                     : query);
    if (!ok)
      return ok.error();
  }
  problem.usedLengths = arrays.count("used_lengths");
  if (auto ok = verify(problem); !ok)
    return ok.error();

  Case result;
  result.problem = problem;
  auto take = [&](const char *name, std::vector<float> &to, DType dtype) {
    const NpyArray &array = arrays[name];
    for (double value : array.values)
      to.push_back(array.isBytes ? fromE4M3(static_cast<uint8_t>(value))
                                 : rounded(static_cast<float>(value), dtype));
  };
  take("q", result.inputs.q, problem.dtype);
  take("r", result.inputs.r, problem.dtype);
  take("k", result.inputs.k, problem.keyDType());
  take("v", result.inputs.v, problem.keyDType());
  take("new_k", result.inputs.newK, problem.keyDType());
  take("new_v", result.inputs.newV, problem.keyDType());
  take("k_scale", result.inputs.keyScale, DType::F32);
  take("v_scale", result.inputs.valueScale, DType::F32);
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
