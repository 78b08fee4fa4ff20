//===- ProblemKey.h - A problem in a line -----------------------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// "op=decode dtype=bf16 mask=none head_dim=128 batch=8 q_len=1 ...": all that
// the time of a problem depends on, in the names of the tools' options.
// Strides, scale, the pool's pages and the used lengths themselves are no part
// of it.
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_SCHEDULE_PROBLEMKEY_H
#define PARALLAX_SCHEDULE_PROBLEMKEY_H

#include "parallax/Problem.h"
#include "parallax/Result.h"

#include <optional>
#include <string>
#include <string_view>

namespace parallax {

/// Two problems have the same key if they differ in nothing that counts. Sizes
/// that are dynamic are left out.
std::string problemKey(const Problem &problem);

/// A problem of this key. InvalidArgument for what `problemKey` does not write,
/// or for a problem that `verify` refuses.
Result<Problem> parseProblemKey(std::string_view key);

/// How many sizes of `problem` the `pattern` gives, if it fits: it is the same
/// kernel, and every size that it gives is that of `problem`.
std::optional<int> sizesGivenBy(const Problem &pattern, const Problem &problem);

/// `problem` with the sizes that it leaves dynamic and the `pattern` gives, if
/// there are problems that both mean.
std::optional<Problem> narrowed(Problem problem, const Problem &pattern);

} // namespace parallax

#endif // PARALLAX_SCHEDULE_PROBLEMKEY_H
