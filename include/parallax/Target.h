//===- Target.h - What code is made for -------------------------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_TARGET_H
#define PARALLAX_TARGET_H

#include "parallax/Export.h"
#include "parallax/Result.h"

#include <string_view>

namespace parallax {

enum class Target {
  Cpu,   ///< This machine's processor, in process.
  Sm90a, ///< Hopper: H100, H200.
};

/// "cpu" or "sm_90a".
PARALLAX_API std::string_view toString(Target target);
/// Returns InvalidArgument for another name.
PARALLAX_API Result<Target> parseTarget(std::string_view text);

} // namespace parallax

#endif // PARALLAX_TARGET_H
