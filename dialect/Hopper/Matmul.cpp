//===- Matmul.cpp - Asynchronous warpgroup multiplication -----------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialect/Hopper/HopperDialect.h"
#include "dialect/Hopper/Verify.h"

using namespace mlir;
using namespace parallax::hopper;

namespace {
/// The A operand, whether it lies in shared memory or in registers.
struct OperandAShape {
  Type element;
  int64_t columns;

  explicit OperandAShape(Type type) {
    if (auto tile = dyn_cast<SmemType>(type)) {
      element = tile.getElementType();
      columns = tile.getColumns();
      return;
    }
    auto fragment = cast<RankedTensorType>(type);
    element = fragment.getElementType();
    columns = fragment.getDimSize(1);
  }
};
} // namespace

int64_t WgmmaOp::getInnerSize() {
  return getInner().value_or(OperandAShape(getA().getType()).columns);
}

LogicalResult WgmmaOp::verify() {
  OperandAShape a(getA().getType());
  SmemType b = getB().getType();
  auto result = cast<RankedTensorType>(getResult().getType());
  if (a.element != b.getElementType()) // (C1)
    return emitOpError("expected operands of one element type, got ")
           << a.element << " and " << b.getElementType();
  int64_t n = result.getDimSize(1);
  if (!result.getElementType().isF32() || n > 256 ||
      result.getDimSize(0) != kRows) // (C2)
    return emitOpError("expected a result 64xN of f32, N at most 256, got ")
           << result;
  int64_t bInner = getTranspose() ? b.getColumns() : b.getRows();
  int64_t bOuter = getTranspose() ? b.getRows() : b.getColumns();
  int64_t inner = getInnerSize(), most = std::min(a.columns, bInner);
  if (inner < 16 || inner % 16 || inner > most) // (C3)
    return emitOpError("expected an inner size that is a multiple of 16, at "
                       "most ")
           << most << ", got " << inner;
  if (n > bOuter) // (C4)
    return emitOpError("expected at most ")
           << bOuter << " result columns, got " << n;
  if (auto tile = dyn_cast<SmemType>(getA().getType())) { // (C5)
    if (failed(verifyStage(*this, tile.getStages(), getAStage(), "a")))
      return failure();
    const int64_t rows = getOnly().value_or(kRows);
    if (tile.getRows() < rows) // (C7)
      return emitOpError("expected a of at least ")
             << rows << " rows, got " << tile.getRows();
  } else if (cast<RankedTensorType>(getA().getType()).getDimSize(0) !=
             kRows) { // (C7)
    return emitOpError("expected a of ")
           << kRows << " rows, got " << getA().getType();
  } else if (getAStage() || getRow()) {
    return emitOpError("expected no stage and no row for a fragment");
  }
  if (std::optional<int64_t> only = getOnly();
      only && (*only < 8 || *only > kRows || *only % 8 ||
               !isa<SmemType>(getA().getType()))) // (C8)
    return emitOpError("expected only a multiple of 8 in [8, 64] rows of a in "
                       "shared memory, got ")
           << *only;
  if (getTranspose() && getColumn()) // (C6)
    return emitOpError("expected no columns of a transposed b");
  return verifyStage(*this, b.getStages(), getBStage(), "b");
}

LogicalResult WarpMmaOp::verify() {
  SmemType b = getB().getType();
  auto a = cast<RankedTensorType>(getA().getType());
  auto result = cast<RankedTensorType>(getResult().getType());
  const bool fitsA =
      b.getElementType() == a.getElementType() ||
      (isa<Float8E4M3FNType>(b.getElementType()) && b.getBlocks() == 1);
  if (!fitsA || b.getRows() % kRows) // (C1)
    return emitOpError(
               "expected b of a's type, or of f8E4M3FN and one block of "
               "columns, and a multiple of 64 rows, got ")
           << b;
  const int64_t rows = b.getRows() / kWarps, n = result.getDimSize(1);
  const bool fits =
      getTranspose() ? n == rows : n % 16 == 0 && n <= b.getColumns();
  if (!result.getElementType().isF32() || !fits) // (C2)
    return emitOpError("expected a result of f32, its columns ")
           << (getTranspose() ? "" : "a multiple of 16, at most ")
           << (getTranspose() ? rows : b.getColumns()) << ", got " << result;
  const int64_t inner = a.getDimSize(1);
  if (a.getDimSize(0) != result.getDimSize(0) ||
      (getTranspose() ? inner > b.getColumns() : inner != rows)) // (C3)
    return emitOpError("expected a of ")
           << result.getDimSize(0) << " rows and "
           << (getTranspose() ? "at most " : "")
           << (getTranspose() ? b.getColumns() : rows) << " columns, got " << a;
  return verifyStage(*this, b.getStages(), getBStage(), "b"); // (C4)
}

LogicalResult WaitGroupOp::inferReturnTypes(MLIRContext *,
                                            std::optional<Location>,
                                            ValueRange operands, DictionaryAttr,
                                            OpaqueProperties, RegionRange,
                                            SmallVectorImpl<Type> &results) {
  llvm::append_range(results, operands.getTypes());
  return success();
}

LogicalResult WaitGroupOp::verify() {
  if (getPending() > 7) // (C1)
    return emitOpError("expected pending in [0, 7], got ")
           << int64_t(getPending());
  for (Type type : getOperandTypes()) // (C2)
    if (auto tensor = cast<RankedTensorType>(type);
        isa<AccAttr>(tensor.getEncoding()) && !tensor.getElementType().isF32())
      return emitOpError("expected accumulators of f32, got ") << type;
  return success();
}
