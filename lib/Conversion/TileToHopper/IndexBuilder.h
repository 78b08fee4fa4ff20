//===- IndexBuilder.h - Arithmetic on sizes ---------------------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_CONVERSION_TILETOHOPPER_INDEXBUILDER_H
#define PARALLAX_CONVERSION_TILETOHOPPER_INDEXBUILDER_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace parallax::tile_to_hopper {

/// Writes arithmetic on i32 that isn't negative.
struct IndexBuilder {
  using Value = mlir::Value;

  mlir::ImplicitLocOpBuilder &b;

  Value of(int32_t value) {
    return mlir::arith::ConstantIntOp::create(b, value, 32);
  }
  Value add(Value x, Value y) { return mlir::arith::AddIOp::create(b, x, y); }
  Value sub(Value x, Value y) { return mlir::arith::SubIOp::create(b, x, y); }
  Value mul(Value x, Value y) { return mlir::arith::MulIOp::create(b, x, y); }
  Value div(Value x, Value y) { return mlir::arith::DivUIOp::create(b, x, y); }
  Value rem(Value x, Value y) { return mlir::arith::RemUIOp::create(b, x, y); }
  Value min(Value x, Value y) { return mlir::arith::MinUIOp::create(b, x, y); }
  Value max(Value x, Value y) { return mlir::arith::MaxUIOp::create(b, x, y); }
  Value select(Value condition, Value x, Value y) {
    return mlir::arith::SelectOp::create(b, condition, x, y);
  }
  Value divideUp(Value x, Value y) { return div(sub(add(x, y), of(1)), y); }
};

} // namespace parallax::tile_to_hopper

#endif // PARALLAX_CONVERSION_TILETOHOPPER_INDEXBUILDER_H
