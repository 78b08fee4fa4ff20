//===- Emitter.cpp - Writes scalar and vector code ------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/TileToVector/Emitter.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace parallax::tile_to_vector;

Value Emitter::index(int64_t value) {
  return arith::ConstantIndexOp::create(*this, value);
}

Value Emitter::add(Value x, Value y) {
  return createOrFold<arith::AddIOp>(x, y);
}

Value Emitter::mul(Value x, Value y) {
  return createOrFold<arith::MulIOp>(x, y);
}

Value Emitter::less(Value x, Value y) {
  return createOrFold<arith::CmpIOp>(arith::CmpIPredicate::slt, x, y);
}

void Emitter::loop(int64_t count, int64_t step,
                   llvm::function_ref<void(Value)> body) {
  loop(count, step, {}, [&](Value i, ValueRange) {
    body(i);
    return SmallVector<Value>();
  });
}

SmallVector<Value>
Emitter::loop(int64_t count, int64_t step, ArrayRef<Value> initial,
              llvm::function_ref<SmallVector<Value>(Value, ValueRange)> body) {
  if (count <= 0)
    return SmallVector<Value>(initial);
  if (count <= step)
    return body(index(0), initial);
  OpBuilder::InsertionGuard guard(*this);
  auto loop = scf::ForOp::create(
      *this, index(0), index(count), index(step), initial,
      [&](OpBuilder &nested, Location, Value i, ValueRange carried) {
        setInsertionPointToEnd(nested.getInsertionBlock());
        scf::YieldOp::create(*this, body(i, carried));
      });
  return SmallVector<Value>(loop.getResults());
}

void Emitter::inBranch(Value condition, llvm::function_ref<void()> then,
                       llvm::function_ref<void()> otherwise) {
  OpBuilder::InsertionGuard guard(*this);
  auto branch =
      scf::IfOp::create(*this, condition, static_cast<bool>(otherwise));
  setInsertionPointToStart(branch.thenBlock());
  then();
  if (!otherwise)
    return;
  setInsertionPointToStart(branch.elseBlock());
  otherwise();
}

VectorType Emitter::vectorType(int64_t lanes, Type element) {
  return VectorType::get(lanes, element ? element : getF32Type());
}

Value Emitter::constant(int64_t lanes, float value) {
  return arith::ConstantOp::create(
      *this, DenseElementsAttr::get(vectorType(lanes), value));
}

Value Emitter::constant(int64_t lanes, int32_t value) {
  return arith::ConstantOp::create(
      *this, DenseElementsAttr::get(vectorType(lanes, getI32Type()), value));
}

Value Emitter::splat(Value value, int64_t lanes) {
  return vector::BroadcastOp::create(*this, vectorType(lanes, value.getType()),
                                     value);
}

Value Emitter::bitcast(Value vector, Type element) {
  auto type = cast<VectorType>(vector.getType());
  return arith::BitcastOp::create(*this, type.clone(element), vector);
}

Value Emitter::load(Value memory, ValueRange indices, int64_t lanes) {
  Type element = cast<MemRefType>(memory.getType()).getElementType();
  return vector::LoadOp::create(*this, vectorType(lanes, element), memory,
                                indices);
}

void Emitter::store(Value vector, Value memory, ValueRange indices) {
  vector::StoreOp::create(*this, vector, memory, indices);
}

Value Emitter::loadScalar(Value memory, ValueRange indices) {
  return memref::LoadOp::create(*this, memory, indices);
}

void Emitter::storeScalar(Value value, Value memory, ValueRange indices) {
  memref::StoreOp::create(*this, value, memory, indices);
}

Value Emitter::fma(Value x, Value y, Value z) {
  return vector::FMAOp::create(*this, x, y, z);
}

Value Emitter::shuffle(Value x, Value y, ArrayRef<int64_t> mask) {
  return vector::ShuffleOp::create(*this, x, y, mask);
}

Value Emitter::combineLanes(Value vector,
                            llvm::function_ref<Value(Value, Value)> combine) {
  int64_t lanes = cast<VectorType>(vector.getType()).getNumElements();
  for (; lanes > 1; lanes /= 2) {
    auto half = llvm::to_vector(llvm::seq<int64_t>(0, lanes));
    auto all = ArrayRef<int64_t>(half);
    vector = combine(shuffle(vector, vector, all.take_front(lanes / 2)),
                     shuffle(vector, vector, all.drop_front(lanes / 2)));
  }
  return vector::ExtractOp::create(*this, vector, 0);
}

Value Emitter::larger(Value x, Value y) {
  Value isX = arith::CmpFOp::create(*this, arith::CmpFPredicate::OGT, x, y);
  return arith::SelectOp::create(*this, isX, x, y);
}

Value ScratchSpace::allocate(Emitter &e, ArrayRef<int64_t> shape) {
  constexpr int64_t alignment = 64;
  OpBuilder::InsertionGuard guard(e);
  e.setInsertionPointAfterValue(base);
  Value pointer =
      LLVM::GEPOp::create(e, base.getType(), e.getI8Type(), base,
                          ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(used)});
  auto type = MemRefType::get(shape, e.getF32Type());
  used += llvm::alignTo(type.getNumElements() * 4, alignment);
  peak = std::max(peak, used);
  return memrefAt(e, pointer, type);
}

Value parallax::tile_to_vector::memrefAt(ImplicitLocOpBuilder &b, Value pointer,
                                         MemRefType type, ArrayRef<Value> sizes,
                                         ArrayRef<Value> strides) {
  Type i64 = b.getI64Type();
  auto dimensions = LLVM::LLVMArrayType::get(i64, type.getRank());
  auto structType = LLVM::LLVMStructType::getLiteral(
      b.getContext(),
      {pointer.getType(), pointer.getType(), i64, dimensions, dimensions});
  auto constant = [&](int64_t value) -> Value {
    return LLVM::ConstantOp::create(b, i64, b.getI64IntegerAttr(value));
  };
  Value descriptor = LLVM::PoisonOp::create(b, structType);
  auto insert = [&](Value value, ArrayRef<int64_t> position) {
    descriptor = LLVM::InsertValueOp::create(b, descriptor, value, position);
  };
  insert(pointer, {0});
  insert(pointer, {1});
  insert(constant(0), {2});

  SmallVector<int64_t> staticStrides;
  int64_t offset;
  LogicalResult strided = type.getStridesAndOffset(staticStrides, offset);
  assert(succeeded(strided) && "expected a strided memref");
  (void)strided;
  for (int64_t d = 0; d != type.getRank(); ++d) {
    bool isDynamic = type.isDynamicDim(d);
    insert(isDynamic ? sizes[d] : constant(type.getDimSize(d)), {3, d});
    isDynamic = ShapedType::isDynamic(staticStrides[d]);
    insert(isDynamic ? strides[d] : constant(staticStrides[d]), {4, d});
  }
  return UnrealizedConversionCastOp::create(b, TypeRange{type}, descriptor)
      .getResult(0);
}
