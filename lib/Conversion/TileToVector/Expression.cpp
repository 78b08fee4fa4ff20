//===- Expression.cpp - Evaluates tiles a vector at a time ----------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Values of a 16-bit type are evaluated as the float32 that they are. All that
// depends on the row only (broadcasts, a mask's bounds) is computed before the
// walk along the row: LLVM can't move it there itself, since it can't know that
// what the walk stores is not what the row values are read from.
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/TileToVector/Lowering.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/TypeUtilities.h"

#include <limits>

using namespace mlir;
using namespace parallax;
using namespace parallax::tile_to_vector;

bool parallax::tile_to_vector::isPointwise(Operation *op) {
  if (isa<tile::MaskOp, tile::BroadcastOp, tensor::SplatOp, arith::TruncFOp,
          arith::ExtFOp>(op))
    return true;
  if (auto constant = dyn_cast<arith::ConstantOp>(op))
    return isa<SplatElementsAttr>(constant.getValue());
  if (!isa<arith::AddFOp, arith::SubFOp, arith::MulFOp, arith::DivFOp,
           arith::NegFOp, arith::MaximumFOp, arith::MinimumFOp, arith::CmpFOp,
           arith::SelectOp, math::Exp2Op, math::Log2Op>(op))
    return false;
  // Arithmetic in 16 bits would have to round after each operation.
  return llvm::all_of(op->getOperands(), [](Value v) {
    Type element = getElementTypeOrSelf(v.getType());
    return element.isF32() || element.isInteger(1);
  });
}

Value Lowering::evaluate(Value value, const Point &point, Known &known) {
  if (Value result = known.values.lookup(value))
    return result;
  auto remember = [&](Value result) {
    known.values[value] = result;
    return result;
  };
  if (Value memory = buffers.lookup(value)) {
    SmallVector<Value> indices = {point.row};
    if (point.column)
      indices.push_back(point.column);
    return remember(e.load(memory, indices, point.lanes));
  }

  Operation *op = value.getDefiningOp();
  if (auto constant = dyn_cast<arith::ConstantOp>(op)) {
    auto splat = cast<SplatElementsAttr>(constant.getValue());
    Type element = splat.getElementType();
    if (element.isFloat())
      return remember(e.constant(
          point.lanes, splat.getSplatValue<APFloat>().convertToFloat()));
    return remember(arith::ConstantOp::create(
        e, DenseElementsAttr::get(e.vectorType(point.lanes, element),
                                  splat.getSplatValue<Attribute>())));
  }
  if (auto splat = dyn_cast<tensor::SplatOp>(op))
    return remember(e.splat(scalar(splat.getInput()), point.lanes));
  if (auto broadcast = dyn_cast<tile::BroadcastOp>(op)) {
    Value element =
        e.loadScalar(buffers.lookup(broadcast.getSource()), point.row);
    return remember(e.splat(element, point.lanes));
  }
  if (auto mask = dyn_cast<tile::MaskOp>(op))
    return remember(evaluateMask(mask, point, known));

  SmallVector<Value> operands;
  for (Value operand : op->getOperands())
    operands.push_back(isa<RankedTensorType>(operand.getType())
                           ? evaluate(operand, point, known)
                           : scalar(operand));
  if (isa<arith::ExtFOp>(op))
    return remember(operands[0]);
  if (isa<arith::TruncFOp>(op))
    return remember(
        e.round(operands[0], getElementTypeOrSelf(value.getType())));
  if (isa<math::Exp2Op>(op))
    return remember(e.exp2(operands[0]));
  if (isa<math::Log2Op>(op))
    return remember(e.log2(operands[0]));
  Type element = getElementTypeOrSelf(value.getType());
  return remember(e.create(e.getLoc(), op->getName().getIdentifier(), operands,
                           TypeRange{e.vectorType(point.lanes, element)},
                           op->getAttrs())
                      ->getResult(0));
}

std::pair<Value, Value> Lowering::maskBounds(tile::MaskOp mask, Value row,
                                             int64_t lanes) {
  Value width = e.index(columnsOf(mask.getResult())), zero = e.index(0);
  Value key = scalar(mask.getKey());
  auto column = [&](Value bound) {
    Value inTile = e.max(e.min(e.sub(bound, key), width), zero);
    return e.splat(arith::IndexCastOp::create(e, e.getI32Type(), inTile),
                   lanes);
  };
  Value end = scalar(mask.getLength()), begin;
  if (mask.getShift()) {
    int64_t heads = mask.getHeads();
    Value token =
        heads == 1 ? row : e.createOrFold<arith::DivUIOp>(row, e.index(heads));
    token = e.add(scalar(mask.getToken()), token);
    Value diagonal = e.add(e.add(token, scalar(mask.getShift())), 1);
    end = e.min(end, diagonal);
    if (mask.getWindow())
      begin = e.sub(diagonal, scalar(mask.getWindow()));
  }
  return {begin ? column(begin) : Value(), column(end)};
}

Value Lowering::evaluateMask(tile::MaskOp mask, const Point &point,
                             Known &known) {
  Value source = evaluate(mask.getSource(), point, known);
  auto it = known.bounds.find(mask);
  auto [begin, end] = it != known.bounds.end()
                          ? it->second
                          : maskBounds(mask, point.row, point.lanes);
  auto lane = llvm::to_vector(llvm::seq<int32_t>(0, point.lanes));
  Value lanes = arith::ConstantOp::create(
      e, DenseElementsAttr::get(e.vectorType(point.lanes, e.getI32Type()),
                                ArrayRef<int32_t>(lane)));
  Value first = arith::IndexCastOp::create(e, e.getI32Type(), point.column);
  Value column = arith::AddIOp::create(e, e.splat(first, point.lanes), lanes);
  Value keep = arith::CmpIOp::create(e, arith::CmpIPredicate::slt, column, end);
  if (begin)
    keep = arith::AndIOp::create(
        e, keep,
        arith::CmpIOp::create(e, arith::CmpIPredicate::sge, column, begin));
  Value nothing =
      e.constant(point.lanes, -std::numeric_limits<float>::infinity());
  return arith::SelectOp::create(e, keep, source, nothing);
}

void Lowering::hoist(Value value, Value row, int64_t lanes, Known &known) {
  if (buffers.contains(value) || known.values.contains(value))
    return;
  Operation *op = value.getDefiningOp();
  if (isa<tile::BroadcastOp, tensor::SplatOp>(op)) {
    evaluate(value, {row, Value(), lanes}, known);
    return;
  }
  if (auto mask = dyn_cast<tile::MaskOp>(op))
    known.bounds.try_emplace(mask, maskBounds(mask, row, lanes));
  for (Value operand : op->getOperands())
    if (isTile(operand))
      hoist(operand, row, lanes, known);
}
