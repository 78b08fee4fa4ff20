//===- Check.cpp - Judges what a kernel wrote -----------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/Runner/Check.h"

#include "lib/Data/OperandShape.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <thread>

namespace parallax::tools {

static std::vector<Row> allRows(const Problem &p) {
  std::vector<Row> rows;
  rows.reserve(p.batch * p.queryLength * p.queryHeads);
  for (int64_t b = 0; b < p.batch; ++b)
    for (int64_t i = 0; i < p.queryLength; ++i)
      for (int64_t h = 0; h < p.queryHeads; ++h)
        rows.push_back({b, i, h});
  return rows;
}

Reference hostReference(const Case &c) {
  Reference reference;
  reference.source = "host";
  reference.rows = rowsToCheck(c.problem);
  const size_t count = reference.rows.size();
  std::vector<RowResult> results(count);
  const size_t workers = std::max(1u, std::thread::hardware_concurrency());
  {
    std::vector<std::jthread> threads;
    threads.reserve(workers);
    for (size_t worker = 0; worker < workers; ++worker)
      threads.emplace_back([&, worker] {
        // Later rows see more keys, so the shares are interleaved.
        for (size_t n = worker; n < count; n += workers)
          results[n] = evaluateRow(c.problem, c.inputs, reference.rows[n]);
      });
  }
  using Field = double RowResult::*;
  using StateField = double RowState::*;
  auto add = [&](Operand operand, auto &&valuesOf) {
    if (!hasOperand(c.problem, operand))
      return;
    std::vector<double> &to = reference.values[operand];
    for (const RowResult &row : results) {
      const auto values = valuesOf(row);
      to.insert(to.end(), std::begin(values), std::end(values));
    }
  };
  auto one = [](double value) { return std::array{value}; };
  add(Operand::O, [](const RowResult &row) { return row.o; });
  for (auto [operand, field] :
       {std::pair<Operand, Field>{Operand::RowMax, &RowResult::rowMax},
        {Operand::D1, &RowResult::d1},
        {Operand::TBar, &RowResult::tbar},
        {Operand::LogSumExp, &RowResult::logSumExp}})
    add(operand, [&](const RowResult &row) { return one(row.*field); });
  add(Operand::StateO1, [](const RowResult &row) { return row.state.o1; });
  add(Operand::StateO2, [](const RowResult &row) { return row.state.o2; });
  for (auto [operand, field] :
       {std::pair<Operand, StateField>{Operand::StateM, &RowState::m},
        {Operand::StateD1, &RowState::d1},
        {Operand::StateD2, &RowState::d2}})
    add(operand, [&](const RowResult &row) { return one(row.state.*field); });
  normalizeState(reference.values);
  return reference;
}

Reference fileReference(const Case &c) {
  Reference reference;
  if (c.problem.outputs == RowOutputs() && !c.problem.state) {
    reference.rows = allRows(c.problem);
    reference.values[Operand::O] = c.expected;
  } else {
    reference = hostReference(c);
    const Problem &p = c.problem;
    auto to = reference.values[Operand::O].begin();
    for (const Row &row : reference.rows) {
      int64_t index = (row.batch * p.queryLength + row.token) * p.queryHeads;
      to = std::copy_n(c.expected.begin() + (index + row.head) * p.headDim,
                       p.headDim, to);
    }
  }
  reference.source = "file";
  return reference;
}

Reference deviceReference(const Problem &problem, const Outputs &outputs) {
  Reference reference;
  reference.source = "device";
  reference.rows = allRows(problem);
  for (const auto &[operand, values] : outputs)
    reference.values[operand].assign(values.begin(), values.end());
  return reference;
}

Result<Reference> makeReference(const Case &c, Runner &runner) {
  if (!c.expected.empty() && c.problem.writesOutput)
    return fileReference(c);
  Result<Outputs> evaluated = runner.evaluate();
  if (evaluated) {
    // Its output was NaN before it ran: two that wrote nothing would agree.
    const std::vector<float> &any = evaluated->begin()->second;
    if (std::any_of(any.begin(), any.end(),
                    [](float x) { return std::isnan(x); }))
      return Error{ErrorCode::DriverFailed,
                   "expected the on-device oracle to write numbers, got NaN"};
    return deviceReference(c.problem, *evaluated);
  }
  // On the CPU, or without NVRTC, the host does it.
  if (evaluated.error().code == ErrorCode::NotFound)
    return hostReference(c);
  return evaluated.error();
}

std::map<Operand, Comparison> compare(const Problem &p, const Outputs &outputs,
                                      const Reference &reference) {
  std::map<Operand, Comparison> comparisons;
  for (const auto &[operand, values] : outputs) {
    const int64_t width = widthOf(p, operand);
    Comparison &comparison = comparisons[operand];
    const double *expected = reference.values.at(operand).data();
    for (const Row &row : reference.rows) {
      const float *got =
          values.data() +
          ((row.batch * p.queryLength + row.token) * p.queryHeads + row.head) *
              width;
      for (int64_t d = 0; d < width; ++d)
        comparison.add(got[d], *expected++);
    }
  }
  return comparisons;
}

Result<void> judge(const std::map<Operand, Comparison> &comparisons,
                   const Tolerance &tolerance) {
  for (const auto &[operand, comparison] : comparisons) {
    // Not <=: a ratio may be NaN.
    if (!(comparison.maxErrorRatio() <= tolerance.maxErrorRatio))
      return Error{ErrorCode::InvalidArgument,
                   fmt::format("expected {} within {:.2g} of its largest "
                               "element, got an error of {:.2g}",
                               toString(operand), tolerance.maxErrorRatio,
                               comparison.maxErrorRatio())};
    if (!(comparison.rmsRatio() <= tolerance.rmsRatio))
      return Error{ErrorCode::InvalidArgument,
                   fmt::format("expected {} within an rms ratio of {:.2g}, got "
                               "{:.2g}",
                               toString(operand), tolerance.rmsRatio,
                               comparison.rmsRatio())};
  }
  return {};
}

} // namespace parallax::tools
