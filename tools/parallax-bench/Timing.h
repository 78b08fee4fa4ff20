//===- Timing.h - Samples of one thing --------------------------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_TOOLS_PARALLAX_BENCH_TIMING_H
#define PARALLAX_TOOLS_PARALLAX_BENCH_TIMING_H

#include <algorithm>
#include <vector>

namespace parallax::tools {

/// Times of the same thing, kept in ascending order.
class Timing {
public:
  void add(double time) {
    samples.insert(std::upper_bound(samples.begin(), samples.end(), time),
                   time);
  }
  bool isEmpty() const { return samples.empty(); }
  /// These are of a timing that is not empty.
  double median() const { return samples[samples.size() / 2]; }
  double least() const { return samples.front(); }
  double most() const { return samples.back(); }

private:
  std::vector<double> samples;
};

} // namespace parallax::tools

#endif // PARALLAX_TOOLS_PARALLAX_BENCH_TIMING_H
