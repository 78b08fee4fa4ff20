//===- Resources.h - What a kernel should not need --------------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_COMPILER_RESOURCES_H
#define PARALLAX_COMPILER_RESOURCES_H

#include "parallax/KernelImage.h"
#include "parallax/Result.h"

namespace parallax {

/// CompileFailed, naming the schedule, for a kernel that spills or whose
/// multiplications the assembler serialised: it is right and slow, and somebody
/// should choose another schedule.
Result<void> checkResources(const KernelImage &image);

} // namespace parallax

#endif // PARALLAX_COMPILER_RESOURCES_H
