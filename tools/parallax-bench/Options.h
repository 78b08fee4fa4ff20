//===- Options.h - The command line of parallax-bench -----------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_TOOLS_PARALLAX_BENCH_OPTIONS_H
#define PARALLAX_TOOLS_PARALLAX_BENCH_OPTIONS_H

#include "tools/parallax-bench/Bench.h"

#include <string>
#include <vector>

namespace parallax::tools {

/// As they are given.
struct Options {
  CaseOptions problem;
  std::string list, suite, seed = "1";
  std::string target = "cpu", device = "0", threads = "0", cacheFolder;
  std::string rounds = "11", sampleMs = "20", sets = "0";
  std::string gemmLibrary, gemmCommand;
  std::vector<std::string> peers, listPeers;
  std::string peerTimeout = "120";
  std::vector<std::string> schedules;
  std::string layout = "blhd", pinned, tune;
  std::string csv, json, svg;
  std::string splits = "0";
  bool allowSpills = false, host = false, keep = false, batchInvariant = false,
       candidates = false, noProgrammaticLaunch = false;
};

/// Adds all but the description of the problem's options to `app`.
void addOptions(CLI::App &app, Options &options);

/// How to measure.
Result<BenchOptions> benchOptions(const Options &given);

/// What to measure: a list, a suite, or the options' own problem, which `given`
/// must outlive.
Result<std::vector<ListedProblem>> problemsOf(const Options &given,
                                              Target target, uint64_t seed);

} // namespace parallax::tools

#endif // PARALLAX_TOOLS_PARALLAX_BENCH_OPTIONS_H
