//===- Comparison.cpp - How far two results are apart ---------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/Support/Comparison.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace parallax::tools {

void Comparison::add(double got, double expected) {
  ++values;
  if (got == expected || (std::isnan(got) && std::isnan(expected))) {
    if (std::isfinite(expected)) {
      maxExpected = std::max(maxExpected, std::abs(expected));
      squaredExpected += expected * expected;
    }
    return;
  }
  double error = std::abs(got - expected);
  if (!std::isfinite(error)) {
    maxError = squaredError = std::numeric_limits<double>::infinity();
    return;
  }
  maxError = std::max(maxError, error);
  maxExpected = std::max(maxExpected, std::abs(expected));
  squaredError += error * error;
  squaredExpected += expected * expected;
}

static double ratio(double error, double expected) {
  return error == 0 ? 0 : error / expected;
}

double Comparison::maxErrorRatio() const {
  return ratio(maxError, maxExpected);
}

double Comparison::rmsRatio() const {
  return std::sqrt(ratio(squaredError, squaredExpected));
}

Tolerance defaultTolerance(DType dtype) {
  switch (dtype) {
  case DType::F32:
    return {2e-5, 1e-5};
  case DType::BF16:
    return {7e-3, 3e-3};
  case DType::E4M3: // Of no output.
    break;
  case DType::F16:
    return {2e-3, 8e-4}; // Small weights are subnormal: 6.4e-4 is reached.
  }
  return {0, 0};
}

} // namespace parallax::tools
