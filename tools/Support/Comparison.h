//===- Comparison.h - How far two results are apart ----------- -*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_TOOLS_SUPPORT_COMPARISON_H
#define PARALLAX_TOOLS_SUPPORT_COMPARISON_H

#include "parallax/Problem.h"

#include <cstdint>

namespace parallax::tools {

/// Gathers the distance between a result and its reference, value by value.
class Comparison {
public:
  void add(double got, double expected);

  int64_t count() const { return values; }

  /// Largest |got - expected|. A NaN or infinity that only one side has counts
  /// as infinitely far.
  double maxAbsError() const { return maxError; }

  /// maxAbsError over the largest |expected|.
  double maxErrorRatio() const;

  /// sqrt(sum (got - expected)^2 / sum expected^2).
  double rmsRatio() const;

private:
  int64_t values = 0;
  double maxError = 0, maxExpected = 0, squaredError = 0, squaredExpected = 0;
};

/// What is allowed of o. The largest error hides in one element and the root
/// mean square in none, so both are judged.
struct Tolerance {
  double maxErrorRatio, rmsRatio;
};

/// What kernels that sum their weights after rounding them stay below; bf16 and
/// fp16 are dominated by the rounding of o and of the weights.
Tolerance defaultTolerance(DType dtype);

} // namespace parallax::tools

#endif // PARALLAX_TOOLS_SUPPORT_COMPARISON_H
