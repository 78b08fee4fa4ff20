//===- Identity.cpp - What compiled code depends on -----------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Compiler/Identity.h"

#include "lib/Emit/Assembler.h"
#include "lib/Emit/Cpu.h"

namespace parallax {
extern const char *const kSourceIdentity; // Written by WriteIdentity.cmake.
} // namespace parallax

using namespace parallax;

std::string parallax::compilerIdentity() { return kSourceIdentity; }

std::string parallax::machineIdentity(Target target) {
  if (target == Target::Sm90a)
    return assemblerVersion();
  const CpuTarget host = CpuTarget::host();
  return host.triple + " " + host.cpu + " " + host.features;
}
