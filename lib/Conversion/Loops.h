//===- Loops.h - What becomes of loops --------------------------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_CONVERSION_LOOPS_H
#define PARALLAX_CONVERSION_LOOPS_H

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace parallax {

/// Asks LLVM and the assembler not to unroll a loop.
inline void keepRolled(mlir::scf::ForOp loop) {
  mlir::MLIRContext *context = loop.getContext();
  auto unroll = mlir::LLVM::LoopUnrollAttr::get(
      context, /*disable=*/mlir::BoolAttr::get(context, true), {}, {}, {}, {},
      {}, {});
  loop->setAttr("loop_annotation", mlir::LLVM::LoopAnnotationAttr::get(
                                       context, {}, {}, {}, unroll, {}, {}, {},
                                       {}, {}, {}, {}, {}, {}, {}, {}));
}

} // namespace parallax

#endif // PARALLAX_CONVERSION_LOOPS_H
