//===- Check.h - Judges what a kernel wrote ---------------------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_TOOLS_RUNNER_CHECK_H
#define PARALLAX_TOOLS_RUNNER_CHECK_H

#include "tools/Runner/Runner.h"
#include "tools/Support/Comparison.h"

#include <map>
#include <string>
#include <vector>

namespace parallax::tools {

/// What the outputs should be, for some of their rows.
struct Reference {
  std::string source; ///< "file", "host" or "device".
  std::vector<Row> rows;
  std::map<Operand, std::vector<double>> values; ///< Row by row.
};

/// The expected o of the file that the case came from. Outputs that a file
/// doesn't hold are evaluated on the host.
Reference fileReference(const Case &c);

/// The definition, on every core of the host, for as many rows as it can do in
/// a second or two.
Reference hostReference(const Case &c);

/// Every row of what the on-device oracle wrote.
Reference deviceReference(const Problem &problem, const Outputs &outputs);

/// The best there is for what `runner` runs: o of the case's file, the device's
/// oracle, or the host.
Result<Reference> makeReference(const Case &c, Runner &runner);

/// How far each output is from its reference.
std::map<Operand, Comparison> compare(const Problem &problem,
                                      const Outputs &outputs,
                                      const Reference &reference);

/// InvalidArgument naming the first output past the tolerance.
Result<void> judge(const std::map<Operand, Comparison> &comparisons,
                   const Tolerance &tolerance);

} // namespace parallax::tools

#endif // PARALLAX_TOOLS_RUNNER_CHECK_H
