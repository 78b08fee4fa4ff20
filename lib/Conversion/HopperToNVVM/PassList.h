//===- PassList.h - From L3 to the LLVM dialect -----------------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_LIB_CONVERSION_HOPPERTONVVM_PASSLIST_H
#define PARALLAX_LIB_CONVERSION_HOPPERTONVVM_PASSLIST_H

namespace mlir {
class OpPassManager;
} // namespace mlir

namespace parallax {

/// The passes that take what `hopper-to-nvvm` leaves (nvvm, llvm, scf, arith
/// and math on scalars) to the LLVM and NVVM dialects alone.
void addNVVMToLLVMPasses(mlir::OpPassManager &passes);

} // namespace parallax

#endif // PARALLAX_LIB_CONVERSION_HOPPERTONVVM_PASSLIST_H
