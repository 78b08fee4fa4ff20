//===- ProblemDialect.h - The problem dialect -----------------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_DIALECT_PROBLEM_PROBLEMDIALECT_H
#define PARALLAX_DIALECT_PROBLEM_PROBLEMDIALECT_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "dialect/Problem/ProblemDialect.h.inc"
#include "dialect/Problem/ProblemEnums.h.inc"
#define GET_OP_CLASSES
#include "dialect/Problem/ProblemOps.h.inc"

#endif // PARALLAX_DIALECT_PROBLEM_PROBLEMDIALECT_H
