//===- Measurement.cpp - What a run of a case gave ------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/parallax-run/Measurement.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace parallax::tools {

void printJson(const Measurement &m, bool passed) {
  using Json = nlohmann::ordered_json;
  auto errors = [](const Comparison &comparison) {
    return Json{{"max_abs_error", comparison.maxAbsError()},
                {"max_error_ratio", comparison.maxErrorRatio()},
                {"rms_ratio", comparison.rmsRatio()}};
  };
  // Of o, or what there is instead.
  Json json = errors(m.comparisons.begin()->second);
  json["ms"] = m.ms();
  json["tflops"] = m.tflops();
  json["schedule"] = m.plan.schedule;
  json["source"] = m.plan.source;
  json["compile_ms"] = m.planMs;
  json["registers"] = m.plan.registers ? Json(*m.plan.registers) : Json();
  json["device"] = m.device;
  json["reference"] = m.reference.source;
  json["checked_rows"] = m.reference.rows.size();
  json["passed"] = passed;
  for (const auto &[operand, comparison] : m.comparisons)
    if (operand != m.comparisons.begin()->first)
      json["outputs"][std::string(toString(operand))] = errors(comparison);
  fmt::print("{}\n", json.dump(2, ' ', false, Json::error_handler_t::replace));
}

void printTable(const Measurement &m, const Tolerance &tolerance) {
  const Problem &p = m.c.problem;
  auto line = [](std::string_view name, const std::string &value) {
    fmt::print("{:<12} {}\n", name, value);
  };
  std::string mask(toString(p.mask));
  if (p.window)
    mask += fmt::format(", window {}", *p.window);
  if (p.keyDType() != p.dtype)
    mask += fmt::format(", {} cache", toString(p.keyDType()));
  if (p.isPaged())
    mask += fmt::format(", pages of {}", p.pageSize);
  if (p.newLength)
    mask += fmt::format(", {} appended", *p.newLength);
  line("problem",
       p.kind == ProblemKind::Merge
           ? fmt::format("merge {}, {} parts of {}x{} heads {}, D {}",
                         toString(p.dtype), p.parts, p.batch, p.queryLength,
                         p.queryHeads, p.headDim)
           : fmt::format("{} {}, {}x{}x{} heads {}/{}, D {}, {}",
                         toString(p.kind), toString(p.dtype), p.batch,
                         p.queryLength, p.keyLength, p.queryHeads, p.kvHeads,
                         p.headDim, mask));
  line("device", m.device);
  line("schedule", m.plan.schedule);
  std::string kernel = fmt::format("{}, {:.1f} ms", m.plan.source, m.planMs);
  if (m.plan.registers)
    kernel += fmt::format(", {} registers", *m.plan.registers);
  line("kernel", kernel);
  line("time", fmt::format("{:.4g} ms (median of {}; {:.4g} to {:.4g}), {:.4g} "
                           "TFLOP/s",
                           m.ms(), m.samples.size(), m.samples.front(),
                           m.samples.back(), m.tflops()));
  line("reference", fmt::format("{}, {} of {} rows", m.reference.source,
                                m.reference.rows.size(),
                                p.batch * p.queryLength * p.queryHeads));
  fmt::print("\n{:<12} {:>12} {:>12} {:>12}\n", "output", "max error",
             "over max", "rms ratio");
  for (const auto &[operand, comparison] : m.comparisons)
    fmt::print("{:<12} {:>12.3g} {:>12.3g} {:>12.3g}\n", toString(operand),
               comparison.maxAbsError(), comparison.maxErrorRatio(),
               comparison.rmsRatio());
  fmt::print("{:<12} {:>12} {:>12.3g} {:>12.3g}\n", "allowed", "",
             tolerance.maxErrorRatio, tolerance.rmsRatio);
}

} // namespace parallax::tools
