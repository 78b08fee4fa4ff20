//===- CpuLaunch.h - Runs a kernel on the host's threads --------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_RUNTIME_CPU_CPULAUNCH_H
#define PARALLAX_RUNTIME_CPU_CPULAUNCH_H

#include "parallax/KernelImage.h"

#include <array>
#include <cstdint>

namespace parallax {

/// What an image for the CPU exports: computes one tile of the grid. There is a
/// slot of 8 bytes for each of the image's parameters; `scratch` has
/// `dynamicSharedBytes` bytes, aligned to 64.
using CpuEntry = void (*)(const uint64_t *arguments, void *scratch,
                          int64_t tile, int64_t head, int64_t batch);

/// Computes all of `problem` and returns when it is written. Strides that are
/// absent are those of contiguous (B, L, H, D) tensors. Returns InvalidArgument
/// for a problem that lacks something or does not fit the kernel, and for a
/// pointer that is null or misaligned. 0 threads: one for each of the host's.
Result<void> launchOnCpu(const KernelImage &image, CpuEntry entry,
                         const Problem &problem,
                         const std::array<void *, kNumOperands> &pointers,
                         int threads);

} // namespace parallax

#endif // PARALLAX_RUNTIME_CPU_CPULAUNCH_H
