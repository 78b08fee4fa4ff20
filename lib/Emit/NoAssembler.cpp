//===- NoAssembler.cpp - A build without a PTX assembler ------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Emit/Assembler.h"

using namespace parallax;

std::string parallax::assemblerVersion() { return "none"; }

Result<Cubin> parallax::assemble(const std::string &, std::string_view) {
  return Error{ErrorCode::NotFound,
               "expected a PTX assembler, got a build without one; run "
               "scripts/setup and build again, or stop at ptx and let the "
               "driver assemble it"};
}
