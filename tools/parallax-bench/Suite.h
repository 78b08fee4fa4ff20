//===- Suite.h - Lists of problems ------------------------------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A list has one problem a line, in the options that parallax-run takes. Blank
// lines and what follows a # are ignored.
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_TOOLS_PARALLAX_BENCH_SUITE_H
#define PARALLAX_TOOLS_PARALLAX_BENCH_SUITE_H

#include "tools/CommandLine/CaseOptions.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace parallax::tools {

/// A problem of a list, its options parsed.
using ListedProblem = std::shared_ptr<const CaseOptions>;

/// The list of a built-in suite; InvalidArgument for an unknown name.
Result<std::string_view> suiteText(std::string_view name);

/// The problems of a list; errors begin with `name` and the line's number.
/// Random lengths are drawn with `seed`.
Result<std::vector<ListedProblem>>
parseList(std::string_view text, const std::string &name, uint64_t seed);

} // namespace parallax::tools

#endif // PARALLAX_TOOLS_PARALLAX_BENCH_SUITE_H
