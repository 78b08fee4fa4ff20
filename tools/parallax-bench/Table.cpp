//===- Table.cpp - What was measured, for people --------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Schedule/Schedule.h"
#include "tools/parallax-bench/Report.h"

#include <fmt/format.h>

namespace parallax::tools {

std::optional<double> BenchReport::ratio(const BenchRow &row) const {
  if (row.time.isEmpty())
    return std::nullopt;
  if (!row.isDecode())
    return gemm.time.isEmpty() ? std::nullopt
                               : std::optional(row.tflops() / gemm.rate());
  return row.floor.isEmpty()
             ? std::nullopt
             : std::optional(row.floor.median() / row.time.median());
}

namespace {

/// Columns as wide as their widest cell; the first two and a last one that has
/// no heading start at the left.
std::string layOut(const std::vector<std::vector<std::string>> &lines) {
  std::vector<size_t> widths;
  for (const auto &line : lines)
    for (size_t i = 0; i < line.size(); ++i) {
      widths.resize(std::max(widths.size(), i + 1));
      widths[i] = std::max(widths[i], line[i].size());
    }
  std::string text;
  for (const auto &line : lines) {
    std::string shown;
    for (size_t i = 0; i < line.size(); ++i)
      shown += i < 2 ? fmt::format("{:<{}}  ", line[i], widths[i])
                     : fmt::format("{:>{}}  ", line[i], widths[i]);
    shown.erase(shown.find_last_not_of(' ') + 1);
    text += shown + "\n";
  }
  return text;
}

/// A schedule's name in place of all its fields.
std::string shortened(const std::string &schedule) {
  Result<Schedule> parsed = parseSchedule(schedule, Schedule());
  return parsed ? parsed->name() : schedule;
}

std::vector<std::string> cellsOf(const BenchReport &report,
                                 const BenchRow &row) {
  // What was given tells rows of the same problem apart.
  std::vector<std::string> cells = {row.title, !report.comparesSchedules
                                                   ? shortened(row.schedule)
                                               : row.given.empty() ? "as chosen"
                                                                   : row.given};
  if (row.time.isEmpty()) {
    cells.back() = report.comparesSchedules && !row.given.empty()
                       ? fmt::format("{}: {}", row.given, row.failure)
                       : row.failure;
    return cells;
  }
  cells.push_back(fmt::format("{:.4g}", row.time.median()));
  cells.push_back(
      fmt::format("{:.4g}-{:.4g}", row.time.least(), row.time.most()));
  cells.push_back(row.isDecode() ? fmt::format("{:.3f} TB/s", row.terabytes())
                                 : fmt::format("{:.4g} TFLOP/s", row.tflops()));
  std::optional<double> ratio = report.ratio(row);
  cells.push_back(ratio ? fmt::format("{:.3f}", *ratio) : "-");
  cells.push_back(fmt::format("{:.1e}", row.maxErrorRatio));
  cells.push_back(fmt::format("{:.1e}", row.rmsRatio));
  for (const std::string &peer : report.peers) {
    auto found = row.peers.find(peer);
    cells.push_back(
        found == row.peers.end() ? "-" : fmt::format("{:.4g}", found->second));
  }
  return cells;
}

std::string describe(const char *what, const char *unit,
                     const Ceiling &ceiling) {
  if (ceiling.time.isEmpty())
    return fmt::format("no {} reference: {}\n", what, ceiling.absent);
  return fmt::format("{}: {}, {:.4g} {} ({:.4g} ms, {:.4g}-{:.4g})\n", what,
                     ceiling.name, ceiling.rate(), unit, ceiling.time.median(),
                     ceiling.time.least(), ceiling.time.most());
}

} // namespace

std::string toTable(const BenchReport &report) {
  std::vector<std::vector<std::string>> lines = {
      {"problem (BxHxLxD)", "schedule", "ms", "least-most", "useful",
       "of limit", "max err", "rms err"}};
  for (const std::string &peer : report.peers)
    lines.front().push_back(peer + " ms");
  for (const BenchRow &row : report.rows)
    lines.push_back(cellsOf(report, row));
  std::string text =
      fmt::format("device: {}\n{}{}\n{}\n", report.device,
                  describe("GEMM", "TFLOP/s", report.gemm),
                  describe("stream", "TB/s", report.stream), layOut(lines));
  text += fmt::format(
      "Medians of {} rounds over all problems. The limit is the GEMM's rate; "
      "for a decode, the\ntime to read its cache. Errors are over max|o| and "
      "by the root mean square.\n",
      report.rounds);
  for (const std::string &note : report.notes)
    text += fmt::format("note: {}\n", note);
  return text;
}

} // namespace parallax::tools
