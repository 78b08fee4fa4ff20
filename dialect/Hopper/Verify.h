//===- Verify.h - Checks that ops of the hopper dialect share ---*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_DIALECT_HOPPER_VERIFY_H
#define PARALLAX_DIALECT_HOPPER_VERIFY_H

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Operation.h"

namespace parallax::hopper {

/// A ring of more than one stage is indexed.
llvm::LogicalResult verifyStage(mlir::Operation *op, int64_t stages,
                                mlir::Value index, llvm::StringRef what);

/// A value's elements are f32, and heads and rows are those of a tile.
llvm::LogicalResult verifyRows(mlir::Operation *op,
                               mlir::RankedTensorType value, int64_t heads,
                               int64_t rows);

} // namespace parallax::hopper

#endif // PARALLAX_DIALECT_HOPPER_VERIFY_H
