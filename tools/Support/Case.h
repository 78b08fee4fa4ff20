//===- Case.h - One problem with its inputs ------------------- -*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a tool runs: a problem whose sizes are given, its inputs as float32
// rounded to the problem's type, and, if the file had one, the expected output.
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_TOOLS_SUPPORT_CASE_H
#define PARALLAX_TOOLS_SUPPORT_CASE_H

#include "tools/Support/Oracle.h"

#include <string>

namespace parallax::tools {

struct Case {
  Problem problem;
  Inputs inputs;
  std::vector<double> expected; ///< o, or empty.
};

/// Reads q, r, k and v of shape (batch, length, heads, head dimension) from a
/// .npz file, with o and used_lengths if it has them. With a block_table, k and
/// v are of shape (pages, page size, heads, head dimension); new_k and new_v
/// are appended, and what k and v hold there is of no meaning. k_scale and
/// v_scale have one element or one a key head; k and v of e4m3 may be bytes.
/// The sizes of `problem` come from the file, all else from the caller.
Result<Case> readCase(Problem problem, const std::string &path);

/// Reads the states that a merge makes one of from .npz files, in their order.
/// One holds a state, as a launch with the output `state` writes it: state_m,
/// state_d1 and state_d2 of shape (batch, length, heads), state_o1 and state_o2
/// with the head dimension behind; or several, part_m and so on, with a first
/// dimension of parts; or only o, what is expected. o may also stand beside
/// parts; beside a state it is that of the state's own keys, and not looked at.
Result<Case> readStates(Problem problem, const std::vector<std::string> &paths);

/// Sizes of a case without a file. A merge has no keys: their length and heads
/// are kDynamic.
struct Sizes {
  int64_t batch, queryLength, keyLength, queryHeads, kvHeads, headDim;
};

Problem withSizes(Problem problem, const Sizes &sizes);

/// Normally distributed inputs, r small enough that r.k is about as large as
/// in a trained model. `usedLengths` may be empty; keys and values past them,
/// and where new ones will be appended, are NaN, which no output may show.
Result<Case> randomCase(Problem problem, const Sizes &sizes,
                        std::vector<int32_t> usedLengths, uint64_t seed);

/// How many (query, key) pairs the mask leaves, over all heads.
int64_t visiblePairs(const Case &c);

/// How many keys of each sequence are seen by any of its queries.
std::vector<int32_t> seenLengths(const Case &c);

/// Rows to compare: all of them while the oracle needs no more than a second or
/// two, else as many as it can do in that, spread over the whole output.
std::vector<Row> rowsToCheck(const Problem &problem);

} // namespace parallax::tools

#endif // PARALLAX_TOOLS_SUPPORT_CASE_H
