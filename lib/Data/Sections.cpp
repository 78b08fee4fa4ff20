//===- Sections.cpp - The order of tiles that CTAs take in turn -----------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Data/Sections.h"

#include <algorithm>

using namespace parallax;

int64_t parallax::sectionBatches(const Problem &problem) {
  // Of 50 MiB, which queries and outputs pass through, too.
  constexpr int64_t cached = 32 << 20, elementBytes = 2;
  const int64_t batch = std::max<int64_t>(problem.batch, 1);
  const int64_t tokenBytes =
      2 * problem.kvHeads * problem.headDim * elementBytes;
  const int64_t tokens = cached / std::max<int64_t>(tokenBytes, 1);
  const int64_t most = std::clamp<int64_t>(
      tokens / std::max<int64_t>(problem.keyLength, 1), 1, batch);
  // As many in each section as may be.
  const int64_t sections = (batch + most - 1) / most;
  return (batch + sections - 1) / sections;
}
