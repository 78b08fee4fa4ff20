//===- PassList.h - From vectors to the LLVM dialect ----------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_LIB_CONVERSION_TILETOVECTOR_PASSLIST_H
#define PARALLAX_LIB_CONVERSION_TILETOVECTOR_PASSLIST_H

namespace mlir {
class OpPassManager;
} // namespace mlir

namespace parallax {

/// The passes that take what `tile-to-vector` leaves (vector, scf, arith,
/// memref and llvm) to the LLVM dialect alone.
void addVectorToLLVMPasses(mlir::OpPassManager &passes);

} // namespace parallax

#endif // PARALLAX_LIB_CONVERSION_TILETOVECTOR_PASSLIST_H
