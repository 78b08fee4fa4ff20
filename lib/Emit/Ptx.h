//===- Ptx.h - The target of PTX ------------------------------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_EMIT_PTX_H
#define PARALLAX_EMIT_PTX_H

#include <memory>

namespace llvm {
class TargetMachine;
} // namespace llvm

namespace parallax {

/// LLVM's NVPTX target for sm_90a with PTX 8.7, the newest that a driver of
/// CUDA 12.8 takes.
std::unique_ptr<llvm::TargetMachine> createNvptxTarget();

} // namespace parallax

#endif // PARALLAX_EMIT_PTX_H
