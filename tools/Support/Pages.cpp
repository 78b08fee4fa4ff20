//===- Pages.cpp - Caches in pages ----------------------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/Support/Pages.h"

#include <algorithm>
#include <fmt/core.h>
#include <limits>
#include <numeric>
#include <random>

namespace parallax::tools {

static int64_t usedLength(const Problem &p, const Inputs &inputs, int64_t b) {
  if (inputs.usedLengths.empty())
    return p.keyLength;
  return std::clamp<int64_t>(inputs.usedLengths[b], 0, p.keyLength);
}

int64_t randomPoolPages(const Problem &p) {
  constexpr int64_t spare = 3;
  return p.batch * p.pagesPerSequence() + spare;
}

void addRandomTable(const Problem &p, Inputs &inputs, uint64_t seed) {
  std::mt19937_64 engine(seed);
  std::vector<int32_t> pages(p.pages);
  std::iota(pages.begin(), pages.end(), 0);
  std::shuffle(pages.begin(), pages.end(), engine);

  constexpr int32_t garbage[] = {-1, std::numeric_limits<int32_t>::max(),
                                 std::numeric_limits<int32_t>::min(), 1 << 20};
  const int64_t entries = p.pagesPerSequence();
  const int64_t pageValues = p.pageSize * p.kvHeads * p.headDim;
  inputs.blockTable.clear();
  auto next = pages.begin();
  for (int64_t b = 0; b < p.batch; ++b) {
    const int64_t length = usedLength(p, inputs, b);
    // Whole pages that nobody appends to.
    const int64_t kept = b % 2 == 0
                             ? 0
                             : std::min(length, usedLength(p, inputs, b - 1)) -
                                   p.newLength.value_or(0);
    const int64_t shared = std::max<int64_t>(kept, 0) / p.pageSize / 2;
    for (int64_t i = 0; i < entries; ++i) {
      if (i * p.pageSize >= length)
        inputs.blockTable.push_back(garbage[i % std::size(garbage)]);
      else if (i < shared)
        inputs.blockTable.push_back(inputs.blockTable[(b - 1) * entries + i]);
      else
        inputs.blockTable.push_back(*next++);
    }
    for (std::vector<float> *values : {&inputs.k, &inputs.v}) {
      auto own = values->begin() + b * entries * pageValues;
      std::copy_n(own - std::min<int64_t>(b, 1) * entries * pageValues,
                  shared * pageValues, own);
    }
  }
}

/// Calls `body` with each used row: where it is in the pool, and where in its
/// sequence, both as the first of its `kvHeads * headDim` values.
template <typename Body>
static Result<void> forEachToken(const Problem &p, const Inputs &inputs,
                                 Body &&body) {
  const int64_t tokenValues = p.kvHeads * p.headDim;
  for (int64_t b = 0; b < p.batch; ++b)
    for (int64_t j = 0; j < usedLength(p, inputs, b); ++j) {
      const int64_t entry = j / p.pageSize;
      const int64_t page = inputs.blockTable[b * p.pagesPerSequence() + entry];
      if (page < 0 || page >= p.pages)
        return Error{ErrorCode::InvalidArgument,
                     fmt::format("expected entries of block_table in [0, {}), "
                                 "got {} for page {} of sequence {}",
                                 p.pages, page, entry, b)};
      body((page * p.pageSize + j % p.pageSize) * tokenValues,
           (b * p.keyLength + j) * tokenValues);
    }
  return {};
}

std::vector<float> toPool(const Problem &p, const Inputs &inputs,
                          const std::vector<float> &values) {
  const int64_t tokenValues = p.kvHeads * p.headDim;
  std::vector<float> pool(p.pages * p.pageSize * tokenValues,
                          std::numeric_limits<float>::quiet_NaN());
  // The table is one that `fromPool` or `addRandomTable` has seen.
  (void)static_cast<bool>(
      forEachToken(p, inputs, [&](int64_t inPool, int64_t inSequence) {
        std::copy_n(values.begin() + inSequence, tokenValues,
                    pool.begin() + inPool);
      }));
  return pool;
}

Inputs appended(const Problem &p, Inputs inputs) {
  const int64_t tokenValues = p.kvHeads * p.headDim;
  const int64_t newLength = p.newLength.value_or(0);
  for (int64_t b = 0; b < p.batch; ++b) {
    const int64_t used =
        inputs.usedLengths.empty() ? p.keyLength : inputs.usedLengths[b];
    for (int64_t i = 0; i < newLength; ++i) {
      const int64_t j = used - newLength + i;
      if (j < 0 || j >= p.keyLength)
        continue;
      const int64_t from = (b * newLength + i) * tokenValues;
      const int64_t to = (b * p.keyLength + j) * tokenValues;
      std::copy_n(inputs.newK.begin() + from, tokenValues,
                  inputs.k.begin() + to);
      std::copy_n(inputs.newV.begin() + from, tokenValues,
                  inputs.v.begin() + to);
    }
  }
  return inputs;
}

CacheTensors placeCache(Problem &p, const Inputs &inputs, Layout layout) {
  const int64_t batch = p.isPaged() ? p.pages : p.batch;
  const int64_t length = p.isPaged() ? p.pageSize : p.keyLength;
  auto place = [&](const std::vector<float> &values, Strides &strides) {
    HostTensor tensor(batch, length, p.kvHeads, p.headDim, p.keyDType(),
                      layout);
    tensor.write(p.isPaged() ? toPool(p, inputs, values) : values);
    strides = tensor.strides();
    return tensor;
  };
  CacheTensors cache = {place(inputs.k, p.k), place(inputs.v, p.v), {}};
  if (!p.isPaged())
    return cache;
  constexpr int64_t gap = 5;
  constexpr int32_t garbage = -7;
  const int64_t entries = p.pagesPerSequence();
  p.blockTableStride = entries + (layout == Layout::Sliced ? gap : 0);
  cache.blockTable.assign(p.batch * p.blockTableStride, garbage);
  for (int64_t b = 0; b < p.batch; ++b)
    std::copy_n(inputs.blockTable.begin() + b * entries, entries,
                cache.blockTable.begin() + b * p.blockTableStride);
  return cache;
}

Result<std::vector<float>> fromPool(const Problem &p, const Inputs &inputs,
                                    const std::vector<float> &pool) {
  const int64_t tokenValues = p.kvHeads * p.headDim;
  std::vector<float> values(p.batch * p.keyLength * tokenValues,
                            std::numeric_limits<float>::quiet_NaN());
  Result<void> ok =
      forEachToken(p, inputs, [&](int64_t inPool, int64_t inSequence) {
        std::copy_n(pool.begin() + inPool, tokenValues,
                    values.begin() + inSequence);
      });
  if (!ok)
    return ok.error();
  return values;
}

} // namespace parallax::tools
