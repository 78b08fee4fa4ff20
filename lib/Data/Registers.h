//===- Registers.h - What a CTA is launched with ----------------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_DATA_REGISTERS_H
#define PARALLAX_DATA_REGISTERS_H

#include <algorithm>
#include <cstdint>

namespace parallax {

inline constexpr int64_t kWarpgroupThreads = 128;

/// The most of a thread, which can name 255, in the eights of setmaxnreg.
inline constexpr int64_t kMostThreadRegisters = 248;

/// Registers of a thread at launch where `ctasPerSm` CTAs of so many warpgroups
/// share an SM's 65536.
constexpr int64_t registersAtLaunch(int64_t warpgroups, int64_t ctasPerSm) {
  const int64_t threads = kWarpgroupThreads * warpgroups * ctasPerSm;
  return std::min<int64_t>(65536 / threads / 8 * 8, 256);
}

/// The most that a thread of each warpgroup may have, summed over warpgroups.
/// setmaxnreg only moves registers within a CTA: it waits forever for more than
/// the CTA was launched with, also where the SM has some left.
constexpr int64_t registersOfCta(int64_t warpgroups, int64_t ctasPerSm) {
  return warpgroups * registersAtLaunch(warpgroups, ctasPerSm);
}

} // namespace parallax

#endif // PARALLAX_DATA_REGISTERS_H
