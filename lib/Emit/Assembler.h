//===- Assembler.h - From PTX to a cubin ------------------------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// nvPTXCompiler is linked in if the build found it. It needs no GPU and no
// driver, and unlike nvJitLink it keeps setmaxnreg.
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_EMIT_ASSEMBLER_H
#define PARALLAX_EMIT_ASSEMBLER_H

#include "parallax/KernelImage.h"
#include "parallax/Result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace parallax {

struct Cubin {
  std::vector<uint8_t> bytes;
  ResourceReport resources; ///< `sharedBytes` is static shared memory only.
};

/// Names the assembler and its version, e.g. "nvPTXCompiler 13.0", or "none":
/// a part of every cache key.
std::string assemblerVersion();

/// Assembles PTX that holds one kernel. Returns NotFound if no assembler was
/// built in, CompileFailed with the assembler's first message if it refuses.
Result<Cubin> assemble(const std::string &ptx, std::string_view target);

} // namespace parallax

#endif // PARALLAX_EMIT_ASSEMBLER_H
