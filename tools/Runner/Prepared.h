//===- Prepared.h - A kernel that is ready to solve a problem ---*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_TOOLS_RUNNER_PREPARED_H
#define PARALLAX_TOOLS_RUNNER_PREPARED_H

#include "parallax/Jit.h"

#include <functional>
#include <optional>
#include <string>

namespace parallax::tools {

/// However it runs: by a plan of the Jit, or in the simulator.
struct Prepared {
  Problem problem;
  std::string schedule;
  std::string source; ///< "memory", "disk", "compiled" or "file".
  std::optional<int32_t> registers;
  std::function<Result<void>(const Arguments &arguments, void *stream)> launch;
};

/// Makes a kernel ready for a problem whose strides are given.
using Prepare = std::function<Result<Prepared>(const Problem &problem)>;

/// By a plan of `jit`.
Prepare prepareBy(const Jit &jit);
/// By this plan, which is for just that problem.
Prepare prepareBy(const Plan &plan);

} // namespace parallax::tools

#endif // PARALLAX_TOOLS_RUNNER_PREPARED_H
