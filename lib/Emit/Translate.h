//===- Translate.h - From the LLVM dialect to LLVM IR -----------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_EMIT_TRANSLATE_H
#define PARALLAX_EMIT_TRANSLATE_H

#include "parallax/Result.h"

#include <memory>
#include <string>

namespace llvm {
class LLVMContext;
class Module;
class StringRef;
class TargetMachine;
} // namespace llvm
namespace mlir {
class DialectRegistry;
class ModuleOp;
} // namespace mlir

namespace parallax {

/// Adds what translating a module of the LLVM and NVVM dialects needs.
void registerTranslations(mlir::DialectRegistry &registry);

/// The module as LLVM IR. Its context needs `registerTranslations`. Returns
/// CompileFailed for an operation that has no translation, with a diagnostic at
/// the operation.
Result<std::unique_ptr<llvm::Module>>
translateToLLVM(mlir::ModuleOp module, llvm::LLVMContext &context);

/// Runs LLVM's passes for a target, whose data layout and triple the module
/// takes: "default<O3>" or another pipeline in the text of LLVM's `opt`.
void optimize(llvm::Module &module, llvm::TargetMachine &target,
              llvm::StringRef pipeline);

enum class EmittedFile { Assembly, Object };

/// What the target's back end makes of a module. Returns CompileFailed if it
/// can't emit such a file.
Result<std::string> emitFile(llvm::Module &module, llvm::TargetMachine &target,
                             EmittedFile kind);

std::string toText(const llvm::Module &module);

} // namespace parallax

#endif // PARALLAX_EMIT_TRANSLATE_H
