//===- CaseOptions.h - A problem with inputs on the command line *- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_TOOLS_COMMANDLINE_CASEOPTIONS_H
#define PARALLAX_TOOLS_COMMANDLINE_CASEOPTIONS_H

#include "parallax/Target.h"
#include "tools/CommandLine/ProblemOptions.h"
#include "tools/Support/Case.h"

namespace parallax::tools {

/// The options of a tool that runs problems: those that say which, and
/// --used-lengths.
class CaseOptions {
public:
  void add(CLI::App &app);

  /// Whether any of these was given; any that an input file would know.
  bool anyGiven() const;
  bool sizesGiven() const;

  /// What was given of the problem. Not yet verified.
  Result<Problem> problem() const { return problemOptions.problem(); }

  /// Whether `randomCase` has a problem to make inputs for.
  Result<void> verify(uint64_t seed) const;

  /// The problem with random inputs. Sizes that were not given are those of a
  /// small prefill, or of one sequence to decode. Lengths that are to be random
  /// come of the same seed.
  Result<Case> randomCase(uint64_t seed) const;

private:
  struct Resolved {
    Problem problem;
    Sizes sizes;
    std::vector<int32_t> usedLengths;
  };
  Result<Resolved> resolve(uint64_t seed) const;
  Result<std::vector<int32_t>> lengths(const Sizes &sizes, uint64_t seed) const;

  ProblemOptions problemOptions;
  std::string usedLengths;
};

/// The options of any tool that mean `c`, all of them spelled out.
std::string toFlags(const Case &c);

/// "cpu", or "cuda" for Hopper.
Result<Target> parseRunTarget(const std::string &name);

} // namespace parallax::tools

#endif // PARALLAX_TOOLS_COMMANDLINE_CASEOPTIONS_H
