//===- Register.cpp - Work on register tensors ----------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialect/Hopper/HopperDialect.h"

using namespace mlir;
using namespace parallax::hopper;

static RankedTensorType typeOf(Value value) {
  return cast<RankedTensorType>(value.getType());
}

static LogicalResult verifyShapes(Operation *op, Value source, Value result) {
  if (typeOf(source).getShape() != typeOf(result).getShape())
    return op->emitOpError("expected shapes that agree, got ")
           << source.getType() << " and " << result.getType();
  return success();
}

/// Constraint (C1) of hopper.stack.
static LogicalResult verifyStack(Operation *op, Value half, Value whole) {
  RankedTensorType small = typeOf(half), large = typeOf(whole);
  Attribute encoding = small.getEncoding();
  if (auto acc = dyn_cast<AccAttr>(encoding);
      acc && small.getElementTypeBitWidth() == 16)
    encoding = OperandAAttr::get(op->getContext(), acc.getPerWarp());
  const int64_t rows = small.getDimSize(0);
  auto wanted = RankedTensorType::get({2 * rows, small.getDimSize(1)},
                                      small.getElementType(), encoding);
  if (rows <= kRows / 2 && large == wanted)
    return success();
  return op->emitOpError("expected tiles of 32 and 64 rows, or half as many if "
                         "they are per_warp, that agree in the rest, got ")
         << small << " and " << large;
}

static LogicalResult verifyWarpsAgree(Operation *op, Value source,
                                      Value result) {
  if (isPerWarp(source.getType()) == isPerWarp(result.getType()))
    return success();
  return op->emitOpError("expected both or neither to be per_warp, got ")
         << source.getType() << " and " << result.getType();
}

LogicalResult StackOp::verify() {
  return verifyStack(*this, getFirst(), getResult());
}

LogicalResult UnstackOp::verify() {
  return verifyStack(*this, getFirst(), getSource());
}

static LogicalResult verifyRowsAgree(Operation *op, Value source,
                                     Value result) {
  if (typeOf(source).getDimSize(0) == typeOf(result).getDimSize(0))
    return verifyWarpsAgree(op, source, result);
  return op->emitOpError("expected as many rows, got ")
         << source.getType() << " and " << result.getType();
}

/// Constraint (C1) of hopper.pack.
static LogicalResult verifyPack(Operation *op, Value wide, Value packed) {
  if (failed(verifyShapes(op, wide, packed)))
    return failure();
  if (typeOf(wide).getElementType().isF32() &&
      typeOf(packed).getElementTypeBitWidth() == 16)
    return verifyWarpsAgree(op, wide, packed);
  return op->emitOpError("expected f32 and 16-bit elements, got ")
         << wide.getType() << " and " << packed.getType();
}

LogicalResult PackOp::verify() {
  return verifyPack(*this, getSource(), getResult());
}

LogicalResult UnpackOp::verify() {
  return verifyPack(*this, getResult(), getSource());
}

LogicalResult ReduceOp::verify() {
  const bool ofFragment = isa<OperandAAttr>(typeOf(getSource()).getEncoding());
  for (Value value : {getSource(), getResult()}) // (C1)
    if (!typeOf(value).getElementType().isF32() &&
        !(ofFragment && value == getSource()))
      return emitOpError("expected f32, got ") << value.getType();
  if (ofFragment && (getKind() != ReduceKind::Add ||
                     !isa<RowAttr>(typeOf(getResult()).getEncoding()))) // (C3)
    return emitOpError("expected to add a fragment up to row, got ")
           << stringifyReduceKind(getKind()) << " to " << getResult().getType();
  if (isa<RowPartialAttr>(typeOf(getSource()).getEncoding()) &&
      isa<RowPartialAttr>(typeOf(getResult()).getEncoding()))
    return emitOpError("expected to reduce row_partial to row, got ")
           << getResult().getType();
  return verifyRowsAgree(*this, getSource(), getResult());
}

LogicalResult BroadcastOp::verify() {
  if (typeOf(getSource()).getElementType() !=
      typeOf(getResult()).getElementType())
    return emitOpError("expected one element type, got ")
           << getSource().getType() << " and " << getResult().getType();
  if (isa<LanesAttr>(typeOf(getSource()).getEncoding()) !=
      isa<LanesAttr>(typeOf(getResult()).getEncoding()))
    return emitOpError("expected both or neither to be lanes, got ")
           << getSource().getType() << " and " << getResult().getType();
  return verifyRowsAgree(*this, getSource(), getResult());
}

LogicalResult RescaleOp::verify() {
  for (Value value : {getSource(), getFactor()}) // (C1)
    if (!typeOf(value).getElementType().isF32())
      return emitOpError("expected f32, got ") << value.getType();
  return verifyRowsAgree(*this, getSource(), getFactor());
}

LogicalResult MaskOp::verify() {
  if (getHeads() < 1 || getHeads() > kMaxPackedHeads) // (C1)
    return emitOpError("expected heads in [1, ")
           << kMaxPackedHeads << "], got " << int64_t(getHeads());
  if (getWindow() && !getShift()) // (C2)
    return emitOpError("expected causal beside a window, got a window alone");
  if (!typeOf(getSource()).getElementType().isF32()) // (C3)
    return emitOpError("expected an f32 source, got ") << getSource().getType();
  return success();
}
