//===- Register.h - All dialects and passes -------------------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_PIPELINE_REGISTER_H
#define PARALLAX_PIPELINE_REGISTER_H

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace parallax {

/// Adds every dialect that a level of Parallax is written in.
void registerDialects(mlir::DialectRegistry &registry);

/// Registers every pass and the named pipelines with MLIR's command line.
void registerPasses();

} // namespace parallax

#endif // PARALLAX_PIPELINE_REGISTER_H
