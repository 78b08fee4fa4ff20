//===- MergeTile.h - The tile of a merge ------------------------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_SCHEDULE_MERGETILE_H
#define PARALLAX_SCHEDULE_MERGETILE_H

#include <cstdint>

namespace parallax {

/// Rows that a merge's program has: a warp each.
inline constexpr int64_t kMergedRows = 4;
/// Parts that it reads together.
inline constexpr int64_t kMergedParts = 8;

} // namespace parallax

#endif // PARALLAX_SCHEDULE_MERGETILE_H
