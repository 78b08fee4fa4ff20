//===- Memory.cpp - Shared memory and TMA ---------------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialect/Hopper/HopperDialect.h"
#include "dialect/Hopper/Verify.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

#include <limits>

using namespace mlir;
using namespace parallax::hopper;

void AllocOp::getEffects(
    SmallVectorImpl<MemoryEffects::EffectInstance> &effects) {
  effects.emplace_back(MemoryEffects::Allocate::get(),
                       cast<OpResult>(getResult()));
}

LogicalResult parallax::hopper::verifyStage(Operation *op, int64_t stages,
                                            Value index, StringRef what) {
  if (stages > 1 && !index)
    return op->emitOpError("expected an index into ")
           << what << " of " << stages << " stages";
  return success();
}

/// The sizes that a kernel's parameter `map` is encoded with, if it is one:
/// [columns, heads, tokens, batch].
static DenseI64ArrayAttr encodedBox(Value map) {
  auto argument = dyn_cast<BlockArgument>(map);
  if (!argument)
    return {};
  auto kernel = dyn_cast<func::FuncOp>(argument.getOwner()->getParentOp());
  if (!kernel)
    return {};
  auto fields = kernel.getArgAttrOfType<DictionaryAttr>(argument.getArgNumber(),
                                                        kParameterAttr);
  return fields ? fields.getAs<DenseI64ArrayAttr>("box") : DenseI64ArrayAttr();
}

/// Constraints (C1) to (C4) of hopper.tma_load.
static LogicalResult verifyBox(Operation *op, Value map, SmemType tile,
                               Value stage, ArrayRef<int64_t> box,
                               int64_t columns) {
  if (box.size() != 2)
    return op->emitOpError("expected a box of [heads, tokens], got ")
           << box.size() << " sizes";
  for (int64_t size : box)
    if (size < 1 || size > 256)
      return op->emitOpError("expected box sizes in [1, 256], got ") << size;
  if (box[0] * box[1] > tile.getRows())
    return op->emitOpError("expected a box of at most the tile's ")
           << tile.getRows() << " rows, got " << box[0] * box[1];
  // The instruction moves what the map says, the barrier waits for what the
  // operation says.
  if (DenseI64ArrayAttr encoded = encodedBox(map);
      encoded && encoded.size() == 4) {
    if (encoded.asArrayRef().slice(1, 2) != box)
      return op->emitOpError("expected the box of its tensor map, [")
             << encoded[1] << ", " << encoded[2] << "], got [" << box << "]";
    if (encoded[0] != tile.getBlockColumns())
      return op->emitOpError("expected a tensor map of a block's ")
             << tile.getBlockColumns() << " columns, got " << encoded[0];
  }
  if (columns < 1 || columns % tile.getBlockColumns() ||
      columns > tile.getColumns())
    return op->emitOpError("expected columns that are a multiple of ")
           << tile.getBlockColumns() << ", at most the tile's "
           << tile.getColumns() << ", got " << columns;
  return verifyStage(op, tile.getStages(), stage, "a ring of tiles");
}

LogicalResult TmaLoadOp::verify() {
  if (failed(verifyBox(*this, getMap(), getTile().getType(), getStage(),
                       getBox(), getLoadedColumns())))
    return failure();
  return verifyStage(*this, getBarrier().getType().getStages(), getUse(),
                     "a ring of barriers");
}

LogicalResult TmaStoreOp::verify() {
  return verifyBox(*this, getMap(), getTile().getType(), getStage(), getBox(),
                   getStoredColumns());
}

LogicalResult StoreFragmentOp::verify() {
  auto value = cast<RankedTensorType>(getValue().getType());
  SmemType tile = getTile().getType();
  if (!value.getElementType().isF32())
    return emitOpError("expected an f32 value, got ") << value;
  if (value.getDimSize(0) != kRows || value.getDimSize(0) > tile.getRows() ||
      value.getDimSize(1) > tile.getColumns())
    return emitOpError("expected a value of at most ")
           << tile.getRows() << "x" << tile.getColumns() << ", got " << value;
  return verifyStage(*this, tile.getStages(), getStage(), "a ring of tiles");
}

LogicalResult LoadFragmentOp::verify() {
  auto result = cast<RankedTensorType>(getType());
  SmemType tile = getTile().getType();
  if (result.getElementType() != tile.getElementType()) // (C1)
    return emitOpError("expected a fragment of ")
           << tile.getElementType() << ", got " << result;
  const bool perWarp = isPerWarp(result);
  const int64_t rows =
      perWarp ? result.getDimSize(0) / kWarps : getOnly().value_or(kRows);
  if ((!perWarp && result.getDimSize(0) != kRows) || tile.getRows() < rows ||
      result.getDimSize(1) > tile.getColumns()) // (C2)
    return emitOpError("expected a fragment of ")
           << kRows << " rows, or per_warp, of a tile of at least " << rows
           << "x" << result.getDimSize(1) << ", got " << result << " of "
           << tile;
  if (perWarp && getOnly()) // (C5)
    return emitOpError("expected all rows of each warp, got only ")
           << *getOnly();
  if (getInFours() && !perWarp) // (C5)
    return emitOpError("expected in_fours of what is per_warp only");
  if (std::optional<int64_t> only = getOnly();
      only && (*only < 8 || *only > kRows || *only % 8)) // (C4)
    return emitOpError("expected only a multiple of 8 in [8, 64] rows, got ")
           << *only;
  return verifyStage(*this, tile.getStages(), getStage(), "a ring of tiles");
}

/// Constraints (C1) and (C2) of hopper.put.
static LogicalResult verifyMail(Operation *op, RankedTensorType value,
                                SmemType tile, Value stage) {
  Type element = value.getElementType();
  if (!element.isF32() && !element.isBF16() && !element.isF16())
    return op->emitOpError("expected elements of f32, bf16 or f16, got ")
           << element;
  int64_t bytes = getRegisterLayout(value).count * kRegisterBytes;
  int64_t room = stage ? tile.getStageBytes() : tile.getBytes();
  if (bytes > room)
    return op->emitOpError("expected a value of at most ")
           << room << " bytes, got " << value << " of " << bytes;
  return success();
}

LogicalResult PutOp::verify() {
  return verifyMail(*this, cast<RankedTensorType>(getValue().getType()),
                    getTile().getType(), getStage());
}

LogicalResult GetOp::verify() {
  return verifyMail(*this, cast<RankedTensorType>(getType()),
                    getTile().getType(), getStage());
}

/// Constraints (C1) and (C2) of hopper.put_scalar.
static LogicalResult verifyScalar(Operation *op, SmemType tile, Value stage,
                                  int64_t index) {
  constexpr int64_t bytes = 4;
  if (index < 0 || index >= tile.getStageBytes() / bytes)
    return op->emitOpError("expected a place in [0, ")
           << tile.getStageBytes() / bytes << "), got " << index;
  return verifyStage(op, tile.getStages(), stage, "a ring of tiles");
}

LogicalResult PutScalarOp::verify() {
  return verifyScalar(*this, getTile().getType(), getStage(), getIndex());
}

LogicalResult GetScalarOp::verify() {
  return verifyScalar(*this, getTile().getType(), getStage(), getIndex());
}

LogicalResult ZeroRowsOp::verify() {
  return verifyStage(*this, getTile().getType().getStages(), getStage(),
                     "a ring of tiles");
}

LogicalResult ConvertOp::verify() {
  SmemType source = getSource().getType(), target = getTarget().getType();
  if (!isa<Float8E4M3FNType>(source.getElementType())) // (C1)
    return emitOpError("expected a source of f8E4M3FN, got ") << source;
  if (source.getRows() != target.getRows() ||
      source.getColumns() < target.getColumns()) // (C2)
    return emitOpError("expected a target of ")
           << source.getRows() << " rows and at most " << source.getColumns()
           << " columns, got " << target;
  if (failed(verifyStage(*this, source.getStages(), getSourceStage(),
                         "a ring of sources")))
    return failure();
  return verifyStage(*this, target.getStages(), getTargetStage(),
                     "a ring of targets");
}

static LogicalResult verifyPageSize(Operation *op, int64_t size) {
  if (size < 1 || size > 256 || !llvm::isPowerOf2_64(size))
    return op->emitOpError("expected a page size that is a power of two in [1, "
                           "256], got ")
           << size;
  return success();
}

LogicalResult LoadEntriesOp::verify() {
  return verifyPageSize(*this, getSize()); // (C1)
}

LogicalResult GatherOp::verify() {
  SmemType tile = getTile().getType();
  const int64_t columns = getColumns();
  if (columns < 8 || columns % 8 || columns > tile.getColumns()) // (C1)
    return emitOpError("expected columns that are a positive multiple of 8, at "
                       "most ")
           << tile.getColumns() << ", got " << columns;
  auto entries = cast<RankedTensorType>(getEntries().getType());
  if (entries.getDimSize(0) != tile.getRows()) // (C2)
    return emitOpError("expected entries of the tile's ")
           << tile.getRows() << " rows, got " << entries;
  if (failed(verifyStage(*this, tile.getStages(), getStage(),
                         "a ring of tiles")) ||
      failed(verifyStage(*this, getBarrier().getType().getStages(), getUse(),
                         "a ring of barriers"))) // (C3)
    return failure();
  return verifyPageSize(*this, getSize()); // (C4)
}

/// Constraints (C1) and (C2) of hopper.store_rows.
LogicalResult parallax::hopper::verifyRows(Operation *op,
                                           RankedTensorType value,
                                           int64_t heads, int64_t rows) {
  if (!value.getElementType().isF32())
    return op->emitOpError("expected an f32 value, got ") << value;
  if (heads < 1 || heads > kMaxPackedHeads || rows < heads ||
      rows > std::numeric_limits<int32_t>::max())
    return op->emitOpError("expected 1 <= heads <= ")
           << kMaxPackedHeads << " and heads <= rows < 2^31, got heads "
           << heads << " and rows " << rows;
  return success();
}

LogicalResult StoreRowsOp::verify() {
  auto value = cast<RankedTensorType>(getValue().getType());
  if (failed(verifyRows(*this, value, getHeads(), getRows())))
    return failure();
  if (std::optional<int64_t> columns = getColumns();
      columns && (!isa<AccAttr>(value.getEncoding()) || *columns < 8 ||
                  *columns % 8 || *columns > value.getDimSize(1))) // (C3)
    return emitOpError("expected columns that are a multiple of 8, of an "
                       "accumulator of at least as many, got ")
           << *columns << " of " << value;
  if (std::optional<Type> element = getElement();
      element && (value.getRank() != 2 ||
                  (!element->isBF16() && !element->isF16()))) // (C4)
    return emitOpError("expected to round a tile to bf16 or f16, got ")
           << value << " as " << *element;
  return success();
}

LogicalResult LoadRowsOp::verify() {
  return verifyRows(*this, cast<RankedTensorType>(getType()), getHeads(),
                    getRows());
}

LogicalResult AppendOp::verify() {
  int64_t columns = getColumns();
  if (columns < 4 || columns % 4) // (C1)
    return emitOpError("expected columns that are a positive multiple of 4, "
                       "got ")
           << columns;
  if (bool(getTable()) != getSize().has_value() ||
      bool(getTable()) != bool(getRow()) ||
      bool(getTable()) != bool(getPageStride())) // (C2)
    return emitOpError("expected pages with a row, a stride and a size, got "
                       "some of them");
  return verifyPageSize(*this, getSize().value_or(1)); // (C2)
}
