//===- AssemblerLog.h - What the PTX assembler says -------------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_EMIT_ASSEMBLERLOG_H
#define PARALLAX_EMIT_ASSEMBLERLOG_H

#include "parallax/KernelImage.h"

#include <string_view>

namespace parallax {

/// Reads the verbose log of an assembly of one kernel: registers, spills,
/// static shared memory and every advisory. C75xx are advisories that wgmmas
/// were serialised or setmaxnreg was ignored; the assembler's exit status does
/// not show them.
ResourceReport parseAssemblerLog(std::string_view log);

} // namespace parallax

#endif // PARALLAX_EMIT_ASSEMBLERLOG_H
