//===- ProblemData.h - Between problems as data and as ops ------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_DIALECT_PROBLEM_PROBLEMDATA_H
#define PARALLAX_DIALECT_PROBLEM_PROBLEMDATA_H

#include "parallax/Problem.h"

#include "llvm/ADT/SmallVector.h"

namespace mlir {
class MLIRContext;
class ModuleOp;
class Operation;
template <typename OpTy> class OwningOpRef;
namespace func {
class FuncOp;
} // namespace func
} // namespace mlir

namespace parallax::problem {

/// The name of a problem's kernel, e.g. "parallax_forward_bf16_d128_causal".
std::string kernelName(const Problem &problem);

/// A module of one function that holds `problem`. Dynamic sizes and strides
/// become `?`; an absent scale and a dynamic window become arguments. The
/// problem has passed `parallax::verify`.
mlir::OwningOpRef<mlir::ModuleOp> buildProblem(mlir::MLIRContext &context,
                                               const Problem &problem);

/// The attention ops of a function.
llvm::SmallVector<mlir::Operation *, 1>
findProblems(mlir::func::FuncOp function);

/// What an attention op that verifies says: `buildProblem` backwards. A scale
/// that is no constant is absent.
Problem readProblem(mlir::Operation *op);

} // namespace parallax::problem

#endif // PARALLAX_DIALECT_PROBLEM_PROBLEMDATA_H
