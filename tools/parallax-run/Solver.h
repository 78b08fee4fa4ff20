//===- Solver.h - What solves the case --------------------------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_TOOLS_PARALLAX_RUN_SOLVER_H
#define PARALLAX_TOOLS_PARALLAX_RUN_SOLVER_H

#include "tools/CommandLine/CaseOptions.h"
#include "tools/Runner/Machine.h"
#include "tools/Runner/Prepared.h"

namespace parallax::tools {

/// What the command line says.
struct Options {
  CaseOptions problem;
  std::vector<std::string> npz;
  std::string write, layout = "blhd", target = "cpu", cacheFolder;
  std::string seed = "1", repeat = "5", threads = "0", device = "0";
  std::string maxErrorRatio, rmsRatio;
  std::string orders = "1", ctas = "0", kernel, trace;
  bool json = false, allowSpills = false, batchInvariant = false,
       noProgrammaticLaunch = false;
  std::string splits = "0", schedule, pinned;
};

/// A machine, and who makes kernels ready for it.
struct Solver {
  std::unique_ptr<Machine> machine;
  Prepare prepare;
};

Result<Solver> makeSolver(const Options &options, Target target, int device,
                          int threads);

inline Error wrong(std::string message) {
  return {ErrorCode::InvalidArgument, std::move(message)};
}

} // namespace parallax::tools

#endif // PARALLAX_TOOLS_PARALLAX_RUN_SOLVER_H
