//===- Measurement.h - What a run of a case gave ----------------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_TOOLS_PARALLAX_RUN_MEASUREMENT_H
#define PARALLAX_TOOLS_PARALLAX_RUN_MEASUREMENT_H

#include "tools/Runner/Check.h"

namespace parallax::tools {

/// What is judged, and what is shown.
struct Measurement {
  Case c;
  Target target;
  std::string device;
  Prepared plan;
  double planMs;
  std::vector<double> samples;
  Reference reference;
  std::map<Operand, Comparison> comparisons;

  double ms() const { return samples[samples.size() / 2]; }
  double tflops() const {
    return 8.0 * double(c.problem.headDim) * double(visiblePairs(c)) /
           (ms() * 1e9);
  }
};

void printJson(const Measurement &m, bool passed);
void printTable(const Measurement &m, const Tolerance &tolerance);

} // namespace parallax::tools

#endif // PARALLAX_TOOLS_PARALLAX_RUN_MEASUREMENT_H
