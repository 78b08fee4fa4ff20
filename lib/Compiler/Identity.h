//===- Identity.h - What compiled code depends on ---------------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_COMPILER_IDENTITY_H
#define PARALLAX_COMPILER_IDENTITY_H

#include "parallax/Target.h"

#include <string>

namespace parallax {

/// A hash of the compiler's sources and LLVM's version. Two builds that make
/// the same code have the same.
std::string compilerIdentity();

/// Names what turns a target's last text into code: the PTX assembler and its
/// version, or this machine's processor and its features.
std::string machineIdentity(Target target);

} // namespace parallax

#endif // PARALLAX_COMPILER_IDENTITY_H
