//===- Emitter.cpp - Writes the scalar program ----------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/HopperToNVVM/Lowering.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace parallax::hopper;

Value Emitter::i32(int64_t value) {
  return arith::ConstantIntOp::create(*this, value, 32);
}
Value Emitter::i64(int64_t value) {
  return arith::ConstantIntOp::create(*this, value, 64);
}
Value Emitter::f32(float value) {
  return arith::ConstantOp::create(*this, getF32FloatAttr(value));
}
Value Emitter::add(Value lhs, Value rhs) {
  return arith::AddIOp::create(*this, lhs, rhs);
}
Value Emitter::sub(Value lhs, Value rhs) {
  return arith::SubIOp::create(*this, lhs, rhs);
}
Value Emitter::mul(Value lhs, int64_t rhs) {
  return rhs == 1 ? lhs : arith::MulIOp::create(*this, lhs, i32(rhs));
}
Value Emitter::div(Value lhs, int64_t rhs) {
  return rhs == 1 ? lhs : arith::DivUIOp::create(*this, lhs, i32(rhs));
}
Value Emitter::rem(Value lhs, int64_t rhs) {
  return arith::RemUIOp::create(*this, lhs, i32(rhs));
}

Value Emitter::divSmall(Value lhs, Value rhs) {
  // With a half more than the dividend the quotient is at least 0.5 / rhs from
  // where it changes, and wrong by a 2^-21 of itself at most.
  auto toFloat = [&](Value x) -> Value {
    return arith::UIToFPOp::create(*this, getF32Type(), x);
  };
  Value inverse = intrinsic("llvm.nvvm.rcp.approx.ftz.f", toFloat(rhs));
  Value more = arith::AddFOp::create(*this, toFloat(lhs), f32(0.5));
  return arith::FPToUIOp::create(*this, getI32Type(),
                                 arith::MulFOp::create(*this, more, inverse));
}
SmallVector<Value> Emitter::loadFour(Value address) {
  return assembly("ld.shared.v4.f32 {$0, $1, $2, $3}, [$4];",
                  "=f,=f,=f,=f,r,~{memory}", {address},
                  SmallVector<Type>(4, getF32Type()));
}
Value Emitter::bitAnd(Value lhs, int64_t rhs) {
  return arith::AndIOp::create(*this, lhs, i32(rhs));
}
Value Emitter::bitXor(Value lhs, Value rhs) {
  return arith::XOrIOp::create(*this, lhs, rhs);
}
Value Emitter::equal(Value lhs, int64_t rhs) {
  return arith::CmpIOp::create(*this, arith::CmpIPredicate::eq, lhs, i32(rhs));
}
Value Emitter::less(Value lhs, Value rhs) {
  return arith::CmpIOp::create(*this, arith::CmpIPredicate::slt, lhs, rhs);
}

Value Emitter::lessOrEqual(Value lhs, Value rhs) {
  return arith::CmpIOp::create(*this, arith::CmpIPredicate::sle, lhs, rhs);
}

Value Emitter::permute(Value first, Value second, int64_t selector) {
  Value operands[] = {first, second, i32(selector)};
  return LLVM::CallIntrinsicOp::create(
             *this, getI32Type(), getStringAttr("llvm.nvvm.prmt"), operands)
      .getResult(0);
}

Value Emitter::bitcast(Value value, Type type) {
  return LLVM::BitcastOp::create(*this, type, value);
}
Value Emitter::advance(Value pointer, Value bytes) {
  return LLVM::GEPOp::create(*this, pointer.getType(), getI8Type(), pointer,
                             LLVM::GEPArg(bytes));
}
Value Emitter::advance(Value pointer, int64_t bytes) {
  if (!bytes)
    return pointer;
  return LLVM::GEPOp::create(*this, pointer.getType(), getI8Type(), pointer,
                             LLVM::GEPArg(static_cast<int32_t>(bytes)));
}

Value Emitter::pack(Value low, Value high, Type element) {
  auto type = VectorType::get(2, element);
  auto nearest =
      NVVM::FPRoundingModeAttr::get(getContext(), NVVM::FPRoundingMode::RN);
  Value pair;
  if (element.isBF16())
    pair = NVVM::ConvertF32x2ToBF16x2Op::create(*this, type, high, low, Value(),
                                                nearest);
  else
    pair = NVVM::ConvertF32x2ToF16x2Op::create(*this, type, high, low, Value(),
                                               nearest);
  return bitcast(pair, getI32Type());
}

Value Emitter::intrinsic(StringRef name, Value argument) {
  return LLVM::CallIntrinsicOp::create(*this, argument.getType(),
                                       getStringAttr(name),
                                       ValueRange(argument))
      .getResult(0);
}

SmallVector<Value> Emitter::assembly(StringRef text, StringRef constraints,
                                     ValueRange operands, TypeRange results) {
  Type type = LLVM::LLVMVoidType::get(getContext());
  if (results.size() == 1)
    type = results.front();
  else if (results.size() > 1)
    type = LLVM::LLVMStructType::getLiteral(getContext(),
                                            llvm::to_vector(results));
  auto op = LLVM::InlineAsmOp::create(
      *this, results.empty() ? TypeRange() : TypeRange(type), operands,
      getStringAttr(text), getStringAttr(constraints),
      /*has_side_effects=*/getUnitAttr(), /*is_align_stack=*/UnitAttr(),
      LLVM::TailCallKindAttr::get(getContext(),
                                  LLVM::tailcallkind::TailCallKind::None),
      LLVM::AsmDialectAttr::get(getContext(), LLVM::AsmDialect::AD_ATT),
      /*operand_attrs=*/ArrayAttr());
  if (results.size() <= 1)
    return llvm::to_vector_of<Value>(op->getResults());
  SmallVector<Value> values;
  for (size_t i = 0; i != results.size(); ++i)
    values.push_back(LLVM::ExtractValueOp::create(*this, op->getResult(0),
                                                  ArrayRef<int64_t>(i)));
  return values;
}

Value Emitter::tileAddress(Value base, SmemType type, Value stage, Value row,
                           Value column) {
  Value address = base;
  if (stage && type.getStages() > 1)
    address = advance(address,
                      mul(rem(stage, type.getStages()), type.getStageBytes()));
  if (row)
    address = advance(address, mul(row, 128));
  if (column) // From one block of columns to the next.
    address =
        advance(address, mul(column, type.getRows() * type.getElementBytes()));
  return address;
}

Value Emitter::barrierAddress(Value base, BarrierType type, Value use) {
  if (!use || type.getStages() == 1)
    return base;
  return advance(base, mul(rem(use, type.getStages()), 8));
}

static Value shuffle(Emitter &e, Value value, Value lane, NVVM::ShflKind kind) {
  // The end of the warp that is read from.
  const int64_t clamp = kind == NVVM::ShflKind::up ? 0 : 31;
  return NVVM::ShflOp::create(
      e, value.getType(), e.i32(-1), value, lane, e.i32(clamp),
      NVVM::ShflKindAttr::get(e.getContext(), kind), UnitAttr());
}

Value Emitter::ofLane(Value value, Value lane) {
  return shuffle(*this, value, lane, NVVM::ShflKind::idx);
}
Value Emitter::ofLaneAcross(Value value, int64_t mask) {
  return shuffle(*this, value, i32(mask), NVVM::ShflKind::bfly);
}
Value Emitter::ofLaneBelow(Value value, int64_t distance) {
  return shuffle(*this, value, i32(distance), NVVM::ShflKind::up);
}

void Emitter::storeVector(ValueRange values, Value address) {
  auto type = VectorType::get(values.size(), values.front().getType());
  Value vector = LLVM::PoisonOp::create(*this, type);
  for (auto [i, value] : llvm::enumerate(values))
    vector = LLVM::InsertElementOp::create(*this, vector, value, i32(i));
  LLVM::StoreOp::create(*this, vector, address, values.size() * 4);
}

SmallVector<Value, 4> Emitter::loadMatrices(Value address, bool transpose) {
  constexpr int64_t count = 4;
  Value four = NVVM::LdMatrixOp::create(
      *this,
      LLVM::LLVMStructType::getLiteral(getContext(),
                                       SmallVector<Type>(count, getI32Type())),
      address, count, transpose ? NVVM::MMALayout::col : NVVM::MMALayout::row,
      NVVM::LdStMatrixShapeAttr::get(getContext(), 8, 8),
      NVVM::LdStMatrixEltType::B16);
  SmallVector<Value, 4> registers;
  for (int64_t i = 0; i != count; ++i)
    registers.push_back(LLVM::ExtractValueOp::create(*this, four, i));
  return registers;
}

void Emitter::inBranch(Value condition,
                       llvm::function_ref<void(Emitter &)> body) {
  auto branch = scf::IfOp::create(*this, condition, /*withElseRegion=*/false);
  OpBuilder::InsertionGuard guard(*this);
  setInsertionPoint(branch.thenBlock()->getTerminator());
  body(*this);
}

void Emitter::inElectedThread(Value condition,
                              llvm::function_ref<void(Emitter &)> body) {
  // Not condition && elect: elect.sync needs the whole warp.
  inBranch(condition, [&](Emitter &e) {
    Value elected = NVVM::ElectSyncOp::create(e, e.getI1Type(), Value());
    e.inBranch(elected, body);
  });
}

Value Emitter::firstRow(const KernelValues &kernel, int64_t rows) {
  return add(mul(bitAnd(kernel.warp, 3), rows), div(kernel.lane, 4));
}

void Emitter::warpgroupBarrier(const KernelValues &kernel) {
  // Barrier 0 is the CTA's, 1 to 7 are the program's, 8 on the warpgroups'.
  NVVM::BarrierOp::create(*this, TypeRange(), add(kernel.warpgroup, 7),
                          i32(128), NVVM::BarrierReductionAttr(), Value());
}

void Emitter::fenceAsync() {
  NVVM::FenceProxyOp::create(
      *this,
      NVVM::ProxyKindAttr::get(getContext(), NVVM::ProxyKind::async_shared),
      NVVM::SharedSpaceAttr::get(getContext(), NVVM::SharedSpace::shared_cta));
}
