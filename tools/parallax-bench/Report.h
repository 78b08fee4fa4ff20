//===- Report.h - What was measured -----------------------------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_TOOLS_PARALLAX_BENCH_REPORT_H
#define PARALLAX_TOOLS_PARALLAX_BENCH_REPORT_H

#include "parallax/Problem.h"
#include "tools/parallax-bench/Timing.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace parallax::tools {

/// A problem and how fast a schedule solves it. Times are milliseconds a
/// launch.
struct BenchRow {
  std::string title; ///< For people.
  std::string flags; ///< For tools.
  Problem problem;
  double flops = 0;      ///< Useful ones: those of pairs that the mask leaves.
  double bytes = 0;      ///< Each input read and each output written once.
  double cacheBytes = 0; ///< Decode: of the keys and values that are seen.

  std::string failure; ///< Why it was not timed; empty: it was.
  std::string given;   ///< Fields of the schedule that the caller replaced.
  std::string schedule;
  std::string checkedBy; ///< Reference::source.
  double maxErrorRatio = 0, rmsRatio = 0;
  int64_t sets = 1; ///< Of tensors, taken in turn.
  Timing time;
  Timing floor;                        ///< Decode: of reading the cache only.
  std::map<std::string, double> peers; ///< By name, of those that ran.

  bool isDecode() const { return problem.kind == ProblemKind::Decode; }
  double tflops() const { return flops / (time.median() * 1e9); }
  /// Decode: of the cache.
  double terabytes() const { return cacheBytes / (time.median() * 1e9); }
  double intensity() const { return flops / bytes; }
};

/// Something that limits kernels, measured in the same rounds.
struct Ceiling {
  std::string name;
  double work = 0;    ///< Operations or bytes of one launch.
  std::string absent; ///< Why there is none; empty: there is.
  Timing time;

  /// TFLOP/s or TB/s.
  double rate() const { return work / (time.median() * 1e9); }
};

struct BenchReport {
  std::string device;
  int64_t rounds = 0;
  std::string layout = "blhd";
  bool comparesSchedules = false; ///< A problem has several rows.
  Ceiling gemm, stream;
  std::vector<BenchRow> rows;
  std::vector<std::string> peers; ///< Their names.
  std::vector<std::string> notes; ///< What went wrong without being our fault.

  /// What a row reaches of its limit: the GEMM's rate, or for a decode the
  /// streaming floor. None without a time or a limit.
  std::optional<double> ratio(const BenchRow &row) const;
};

/// For people.
std::string toTable(const BenchReport &report);
/// A header and a line a row.
std::string toCsv(const BenchReport &report);
/// All of it.
std::string toJson(const BenchReport &report);
/// A roofline: useful TFLOP/s over arithmetic intensity, below the ceilings.
std::string toSvg(const BenchReport &report);

} // namespace parallax::tools

#endif // PARALLAX_TOOLS_PARALLAX_BENCH_REPORT_H
