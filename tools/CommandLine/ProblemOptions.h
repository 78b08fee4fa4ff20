//===- ProblemOptions.h - A problem on the command line ---------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_TOOLS_COMMANDLINE_PROBLEMOPTIONS_H
#define PARALLAX_TOOLS_COMMANDLINE_PROBLEMOPTIONS_H

#include "parallax/Problem.h"
#include "tools/CommandLine/Tool.h"

#include <string>
#include <vector>

namespace parallax::tools {

/// The options that say which problem: the same in every tool.
class ProblemOptions {
public:
  /// Adds --op, --dtype, --mask, --window, --scale and --outputs, which no
  /// input file knows.
  void addKind(CLI::App &app);
  /// Adds --head-dim, --q-heads, --kv-heads, --batch, --q-len, --k-len,
  /// --page-size, --new-len and --parts.
  void addSizes(CLI::App &app);

  /// Whether any of these was given.
  bool anyGiven() const;
  bool sizesGiven() const;

  /// What was given, the rest as in Problem: sizes dynamic. Not yet verified.
  Result<Problem> problem() const;

private:
  CLI::Option *add(CLI::App &app, const char *name, std::string &text,
                   const char *help, const char *placeholder);

  std::string op = "forward", dtype = "bf16", cacheDType, keyScale, valueScale,
              mask = "none", window, scale, outputs;
  std::string headDim = "128", queryHeads, kvHeads, batch, queryLength,
              keyLength, pageSize, newLength, parts;
  std::vector<CLI::Option *> kinds, sizes;
};

} // namespace parallax::tools

#endif // PARALLAX_TOOLS_COMMANDLINE_PROBLEMOPTIONS_H
