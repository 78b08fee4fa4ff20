//===- Emitter.h - Writes scalar and vector code --------------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_LIB_CONVERSION_TILETOVECTOR_EMITTER_H
#define PARALLAX_LIB_CONVERSION_TILETOVECTOR_EMITTER_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace parallax::tile_to_vector {

using namespace mlir;

/// An op builder with the few shapes of code that the lowering is made of.
class Emitter : public ImplicitLocOpBuilder {
public:
  using ImplicitLocOpBuilder::ImplicitLocOpBuilder;

  // Index arithmetic, folded where it can be.
  Value index(int64_t value);
  Value add(Value x, Value y);
  Value add(Value x, int64_t y) { return y ? add(x, index(y)) : x; }
  Value sub(Value x, Value y) { return createOrFold<arith::SubIOp>(x, y); }
  Value mul(Value x, Value y);
  Value mul(Value x, int64_t y) { return y == 1 ? x : mul(x, index(y)); }
  Value min(Value x, Value y) { return createOrFold<arith::MinSIOp>(x, y); }
  Value max(Value x, Value y) { return createOrFold<arith::MaxSIOp>(x, y); }
  Value less(Value x, Value y);

  /// for (i = 0; i < count; i += step) body(i); one iteration needs no loop.
  void loop(int64_t count, int64_t step, llvm::function_ref<void(Value)> body);
  /// The same with values that the body passes on.
  SmallVector<Value>
  loop(int64_t count, int64_t step, ArrayRef<Value> initial,
       llvm::function_ref<SmallVector<Value>(Value, ValueRange)> body);
  void inBranch(Value condition, llvm::function_ref<void()> then,
                llvm::function_ref<void()> otherwise = nullptr);

  // Vectors.
  VectorType vectorType(int64_t lanes, Type element = {});
  Value constant(int64_t lanes, float value);
  Value constant(int64_t lanes, int32_t value);
  Value splat(Value value, int64_t lanes);
  Value bitcast(Value vector, Type element);
  Value load(Value memory, ValueRange indices, int64_t lanes);
  void store(Value vector, Value memory, ValueRange indices);
  Value loadScalar(Value memory, ValueRange indices);
  void storeScalar(Value value, Value memory, ValueRange indices);
  Value fma(Value x, Value y, Value z);
  Value shuffle(Value x, Value y, ArrayRef<int64_t> mask);

  /// Combines the lanes pairwise, in a fixed order.
  Value combineLanes(Value vector,
                     llvm::function_ref<Value(Value, Value)> combine);
  /// The larger; `y` if one is NaN, so that a NaN that comes as `y` stays for
  /// one step. One instruction where `maximumf` takes four.
  Value larger(Value x, Value y);

  // Functions.cpp: on float32 vectors.
  Value exp2(Value x);
  Value log2(Value x);
  /// To the nearest value of a 16-bit type, ties to even.
  Value round(Value x, Type element);
  /// From a vector of any element type, and back, of values that it holds.
  Value toFloat(Value vector);
  Value fromFloat(Value vector, Type element);
};

/// Hands out parts of the memory that a program works in.
class ScratchSpace {
public:
  ScratchSpace(Value base) : base(base) {}

  /// Memory of float32, aligned to 64 bytes.
  Value allocate(Emitter &e, ArrayRef<int64_t> shape);
  /// How much is in use; `release` gives back what was allocated since.
  int64_t mark() const { return used; }
  void release(int64_t mark) { used = mark; }
  /// The most that was ever in use.
  int64_t bytes() const { return peak; }

private:
  Value base;
  int64_t used = 0, peak = 0;
};

/// A memref at a pointer. Sizes and strides are those of the type or, where it
/// has none, the given ones.
Value memrefAt(ImplicitLocOpBuilder &b, Value pointer, MemRefType type,
               ArrayRef<Value> sizes = {}, ArrayRef<Value> strides = {});

} // namespace parallax::tile_to_vector

#endif // PARALLAX_LIB_CONVERSION_TILETOVECTOR_EMITTER_H
