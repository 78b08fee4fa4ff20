//===- Pages.h - Caches in pages ------------------------------- -*- C++
//-*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A case holds its keys and values sequence by sequence, whatever the problem
// says; a kernel is given a pool and a block table. Here is the way between.
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_TOOLS_SUPPORT_PAGES_H
#define PARALLAX_TOOLS_SUPPORT_PAGES_H

#include "tools/Support/HostTensor.h"
#include "tools/Support/Oracle.h"

namespace parallax::tools {

/// How many pages the pool of a case at random has: a few more than needed.
int64_t randomPoolPages(const Problem &problem);

/// Deals pages out to the sequences of `inputs`, in random order. Every other
/// sequence shares the first pages of the one before, and its keys and values
/// with them. Entries past the used length are garbage.
void addRandomTable(const Problem &problem, Inputs &inputs, uint64_t seed);

/// The pool, (pages, page size, heads, head dimension), of `values`, which are
/// (batch, length, heads, head dimension). What no used length reaches is NaN.
std::vector<float> toPool(const Problem &problem, const Inputs &inputs,
                          const std::vector<float> &values);

/// Keys and values in memory, in pages or not.
struct CacheTensors {
  HostTensor k, v;
  std::vector<int32_t> blockTable = {}; ///< Empty without pages.
};

/// `inputs` with the new tokens in the cache, as an append leaves it.
Inputs appended(const Problem &problem, Inputs inputs);

/// Lays the cache out, and sets its strides in `problem`. Rows of the block
/// table, too, stand apart in a sliced layout.
CacheTensors placeCache(Problem &problem, const Inputs &inputs, Layout layout);

/// `toPool` backwards. Returns InvalidArgument for an entry of the table that
/// is used and names no page.
Result<std::vector<float>> fromPool(const Problem &problem,
                                    const Inputs &inputs,
                                    const std::vector<float> &pool);

} // namespace parallax::tools

#endif // PARALLAX_TOOLS_SUPPORT_PAGES_H
