//===- ProblemDialect.cpp - The problem dialect ---------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialect/Problem/ProblemDialect.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/OpImplementation.h"

using namespace mlir;
using namespace parallax::problem;

#include "dialect/Problem/ProblemDialect.cpp.inc"
#include "dialect/Problem/ProblemEnums.cpp.inc"
#define GET_OP_CLASSES
#include "dialect/Problem/ProblemOps.cpp.inc"

void ProblemDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "dialect/Problem/ProblemOps.cpp.inc"
      >();
}
