//===- TileDialect.cpp - The tile dialect ---------------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialect/Tile/TileDialect.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "llvm/ADT/StringSwitch.h"

#include <limits>

using namespace mlir;
using namespace parallax::tile;

#include "dialect/Tile/TileDialect.cpp.inc"
#include "dialect/Tile/TileEnums.cpp.inc"
#define GET_OP_CLASSES
#include "dialect/Tile/TileOps.cpp.inc"

void TileDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "dialect/Tile/TileOps.cpp.inc"
      >();
}

bool parallax::tile::isTile(Type type, int64_t rank) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor && tensor.getRank() == rank && tensor.hasStaticShape() &&
         !llvm::is_contained(tensor.getShape(), 0) && !tensor.getEncoding();
}

LogicalResult TileDialect::verifyOperationAttribute(Operation *op,
                                                    NamedAttribute attribute) {
  if (attribute.getName() == kParametersAttr ||
      attribute.getName() == kScratchBytesAttr)
    return success();
  if (attribute.getName() != kKernelAttr)
    return op->emitError("expected no attribute of this dialect but '")
           << kKernelAttr << "', got '" << attribute.getName().getValue()
           << "'";
  // Of any dialect: the attribute outlives the lowering to another function.
  auto function = dyn_cast<FunctionOpInterface>(op);
  if (!function || function.isExternal())
    return op->emitError("expected '")
           << kKernelAttr << "' on a function with a body";
  if (!isa<UnitAttr>(attribute.getValue()))
    return op->emitError("expected '")
           << kKernelAttr << "' to be a unit attribute, got "
           << attribute.getValue();
  return success();
}

LogicalResult TileDialect::verifyRegionArgAttribute(Operation *op, unsigned,
                                                    unsigned,
                                                    NamedAttribute attribute) {
  if (attribute.getName() != kOperandAttr)
    return op->emitError("expected no argument attribute of this dialect but '")
           << kOperandAttr << "', got '" << attribute.getName().getValue()
           << "'";
  auto name = dyn_cast<StringAttr>(attribute.getValue());
  bool known =
      name && llvm::StringSwitch<bool>(name.getValue())
                  .Cases({"q", "r", "k", "v", "o", "used_lengths"}, true)
                  .Cases({"block_table", "state_o1", "state_o2"}, true)
                  .Cases({"state_m", "state_d1", "state_d2"}, true)
                  .Cases({"part_o1", "part_o2", "part_m"}, true)
                  .Cases({"part_d1", "part_d2", "new_k", "new_v"}, true)
                  .Cases({"k_scale", "v_scale"}, true)
                  .Cases({"row_max", "d1", "tbar", "log_sum_exp"}, true)
                  .Cases({"scale", "window", "tickets", "split_m"}, true)
                  .Cases({"split_d1", "split_d2", "split_o1"}, true)
                  .Case("split_o2", true)
                  .Default(false);
  if (!known)
    return op->emitError("expected '")
           << kOperandAttr << "' to be the name of an operand, got "
           << attribute.getValue();
  return success();
}

static LogicalResult verifyHeads(Operation *op, int64_t heads, int64_t rows) {
  if (heads < 1 || heads > rows)
    return op->emitOpError("expected heads in [1, ")
           << rows << "], the tile's rows, got " << heads;
  return success();
}

/// Constraints (C1) to (C5) of tile.load and tile.store. (C6) is their types'.
static LogicalResult verifyAccess(Operation *op, MemRefType memory,
                                  RankedTensorType tile, int64_t heads,
                                  bool hasPart, int64_t rows) {
  const bool converts = isa<LoadOp>(op) && tile.getRank() == 2 &&
                        isa<Float8E4M3FNType>(memory.getElementType());
  if (tile.getElementType() != memory.getElementType() && !converts)
    return op->emitOpError("expected the memory's element type ")
           << memory.getElementType() << ", got " << tile.getElementType();
  if (int64_t rank = tile.getRank() + 2 + hasPart; rank != memory.getRank())
    return op->emitOpError("expected memory of rank ")
           << rank << " for a tile of rank " << tile.getRank()
           << (hasPart ? " of a part" : "") << ", got " << memory.getRank();
  if (tile.getRank() == 2) {
    int64_t columns = memory.getShape().back();
    if (tile.getDimSize(1) != columns)
      return op->emitOpError("expected as many columns as the memory's last "
                             "dimension, ")
             << (ShapedType::isDynamic(columns) ? "?" : Twine(columns))
             << ", got " << tile.getDimSize(1);
    SmallVector<int64_t> strides;
    int64_t offset;
    if (failed(memory.getStridesAndOffset(strides, offset)) ||
        strides.back() != 1)
      return op->emitOpError("expected a last stride of 1, got ") << memory;
  }
  return verifyHeads(op, heads, rows);
}

/// Constraints (C7) and (C8) of tile.load, (C2) of tile.append.
static LogicalResult verifyPages(Operation *op, MemRefType pool,
                                 MemRefType table) {
  constexpr int64_t mostTokens = 256;
  if (pool.getRank() != 4)
    return op->emitOpError("expected a pool of rank 4 beside a table, got ")
           << pool.getRank();
  int64_t pageSize = pool.getDimSize(1);
  if (ShapedType::isDynamic(pageSize) || pageSize < 1 ||
      pageSize > mostTokens || !llvm::isPowerOf2_64(pageSize))
    return op->emitOpError("expected a static page size that is a power of two "
                           "in [1, ")
           << mostTokens << "], got "
           << (ShapedType::isDynamic(pageSize) ? Twine("?") : Twine(pageSize));
  SmallVector<int64_t> strides;
  int64_t offset;
  if (failed(table.getStridesAndOffset(strides, offset)) || strides.back() != 1)
    return op->emitOpError("expected a table with a last stride of 1, got ")
           << table;
  return success();
}

LogicalResult LoadOp::verify() {
  auto memory = cast<MemRefType>(getMemory().getType());
  auto tile = cast<RankedTensorType>(getResult().getType());
  int64_t rows =
      getRow() ? std::numeric_limits<int64_t>::max() : tile.getDimSize(0);
  if (failed(
          verifyAccess(*this, memory, tile, getHeads(), bool(getPart()), rows)))
    return failure();
  if (getTable() && getPart())
    return emitOpError("expected a table or a part, got both");
  if (getRow() && !getPart())
    return emitOpError("expected a part beside a row, got none");
  return getTable() ? verifyPages(*this, memory,
                                  cast<MemRefType>(getTable().getType()))
                    : success();
}

LogicalResult StoreOp::verify() {
  if (bool(getRow()) != getRows().has_value())
    return emitOpError("expected the rows of the larger tile beside a row");
  auto tile = cast<RankedTensorType>(getValue().getType());
  return verifyAccess(*this, cast<MemRefType>(getMemory().getType()), tile,
                      getHeads(), bool(getPart()),
                      getRows().value_or(tile.getDimSize(0)));
}

LogicalResult AppendOp::verify() {
  auto source = cast<MemRefType>(getSource().getType());
  auto memory = cast<MemRefType>(getMemory().getType());
  if (source.getElementType() != memory.getElementType())
    return emitOpError("expected the memory's element type ")
           << memory.getElementType() << ", got " << source.getElementType();
  if (source.isDynamicDim(3) || source.getDimSize(3) != memory.getDimSize(3))
    return emitOpError("expected one static last dimension, got ")
           << source << " and " << memory;
  for (MemRefType type : {source, memory}) {
    SmallVector<int64_t> strides;
    int64_t offset;
    if (failed(type.getStridesAndOffset(strides, offset)) ||
        strides.back() != 1)
      return emitOpError("expected a last stride of 1, got ") << type;
  }
  return getTable() ? verifyPages(*this, memory,
                                  cast<MemRefType>(getTable().getType()))
                    : success();
}

LogicalResult DotOp::verify() {
  auto lhs = cast<RankedTensorType>(getLhs().getType());
  auto rhs = cast<RankedTensorType>(getRhs().getType());
  auto result = cast<RankedTensorType>(getResult().getType());
  if (lhs.getElementType() != rhs.getElementType())
    return emitOpError("expected operands of one element type, got ")
           << lhs.getElementType() << " and " << rhs.getElementType();
  int64_t inner = getTranspose() ? 1 : 0, outer = 1 - inner;
  if (lhs.getDimSize(1) != rhs.getDimSize(inner))
    return emitOpError("expected inner dimensions that agree, got ")
           << lhs.getDimSize(1) << " and " << rhs.getDimSize(inner);
  if (result.getDimSize(0) != lhs.getDimSize(0) ||
      result.getDimSize(1) != rhs.getDimSize(outer))
    return emitOpError("expected an accumulator of shape ")
           << lhs.getDimSize(0) << "x" << rhs.getDimSize(outer) << ", got "
           << result.getDimSize(0) << "x" << result.getDimSize(1);
  return success();
}

static LogicalResult verifyRowOf(Operation *op, Type row, Type tile) {
  int64_t got = cast<RankedTensorType>(row).getDimSize(0);
  int64_t want = cast<RankedTensorType>(tile).getDimSize(0);
  if (got != want)
    return op->emitOpError("expected one element a row of the tile, ")
           << want << ", got " << got;
  return success();
}

LogicalResult ReduceOp::verify() {
  return verifyRowOf(*this, getResult().getType(), getSource().getType());
}

LogicalResult BroadcastOp::verify() {
  return verifyRowOf(*this, getSource().getType(), getResult().getType());
}

LogicalResult MaskOp::verify() {
  if (getWindow() && !getShift())
    return emitOpError("expected causal beside a window, got a window alone");
  return verifyHeads(
      *this, getHeads(),
      cast<RankedTensorType>(getResult().getType()).getDimSize(0));
}

LogicalResult HandoverOp::verify() {
  int64_t from = getFrom(), to = getTo();
  if (from == to || from < 0 || to < 0)
    return emitOpError("expected two different consumers, got ")
           << from << " and " << to;
  return success();
}

//===----------------------------------------------------------------------===//
// Programs that share keys
//===----------------------------------------------------------------------===//

LogicalResult ShareOp::verify() {
  if (int64_t least = getLeast(); least < 1) // (C1)
    return emitOpError("expected shares of at least 1 tile, got ") << least;
  return success();
}

LogicalResult PublishOp::verify() {
  return verifyRowOf(*this, getM().getType(), getO1().getType()); // (C1)
}

LogicalResult MergePublishedOp::verify() {
  if (failed(verifyRowOf(*this, getM().getType(), getO1().getType())))
    return failure();
  if (int64_t rows = cast<ShapedType>(getM().getType()).getDimSize(0);
      rows != 1) // (C1)
    return emitOpError("expected one row, got ") << rows;
  return success();
}

LogicalResult MergePartsOp::verify() {
  if (failed(verifyRowOf(*this, getM().getType(), getO1().getType()))) // (C1)
    return failure();
  auto sums = cast<RankedTensorType>(getO1().getType());
  auto memory = cast<MemRefType>(getPartO1().getType());
  if (memory.getDimSize(4) != sums.getDimSize(1)) // (C2)
    return emitOpError("expected sums of as many columns as their memory, got ")
           << sums << " and " << memory;
  return verifyHeads(*this, getHeads(), getRows()); // (C3)
}
