//===- Lowering.h - A tile program as loops over vectors ------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// How values are held:
// - A tile that is loaded, a product, a reduction, a loop's state and a factor
//   of a product live in scratch memory, as float32 whatever their type says:
//   a value of a 16-bit type is held exactly, rounding happens at `truncf`.
// - Every other tile is an expression that is evaluated where it is used, one
//   vector at a time. So elementwise work costs no memory traffic, the rescaled
//   accumulator is the initial value of the microkernel's registers, and the
//   weights are made, rounded, summed and stored in one walk.
//
// What has to be stored is gathered as long as nothing needs it, so that values
// over the same elements share one walk (`Walk.cpp`) and products with the same
// right side one microkernel (`Matmul.cpp`).
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_LIB_CONVERSION_TILETOVECTOR_LOWERING_H
#define PARALLAX_LIB_CONVERSION_TILETOVECTOR_LOWERING_H

#include "dialect/Tile/TileDialect.h"
#include "lib/Conversion/TileToVector/Emitter.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"

#include <optional>

namespace parallax::tile_to_vector {

using namespace mlir;

/// What the vectors are made for.
struct Machine {
  int64_t lanes;     ///< float32 values in a vector register.
  int64_t registers; ///< Vector registers.

  /// Registers for sums; the rest holds what is multiplied.
  int64_t accumulators() const { return registers - registers / 4; }
};

/// How one microkernel divides a product.
struct Blocking {
  int64_t lanes;   ///< Of a vector of columns.
  int64_t vectors; ///< Vectors of columns in a panel.
  int64_t rows;    ///< Rows of each product.

  int64_t panelColumns() const { return lanes * vectors; }
};

/// A tile of memory: the row i of token `token + i / heads` and head
/// `head + i % heads`, there if its token is below `bound`.
struct TileAccess {
  Value memory, batch, token, head, bound;
  int64_t heads;
  Value table; ///< Of a pool of pages.
  Value part;  ///< Of a memory of several tensors.

  struct Row {
    Value token, head, exists;
    SmallVector<Value, 4> place; ///< In the memory, but for the column.
  };
  /// A row that may not exist, and has no place yet.
  Row row(Emitter &e, Value i) const;
  /// Finds the place of a row that exists.
  void locate(Emitter &e, Row &row) const;
  /// A row with a place. One that doesn't exist has that of one that does: of
  /// the last one or, if there is none at all, the memory's first.
  Row readableRow(Emitter &e, Value i) const;
  /// Asks for `columns` columns of a row that will be read later.
  void prefetch(Emitter &e, Value i, int64_t columns) const;
  /// `lanes` columns of a row with a place, as float32.
  Value read(Emitter &e, const Row &row, Value column, int64_t lanes) const;
  void write(Emitter &e, const Row &row, Value column, Value value) const;
};

/// The right side of products, as panels of `panelColumns` columns (the last
/// one narrower): a panel's rows lie one after the other. Or, for products of
/// so few rows that packing is most of the work, the tile where it lies.
struct Panels {
  Value memory;
  Blocking blocking;
  int64_t inner, columns;
  std::optional<TileAccess> unpacked;
};

/// Where an expression is evaluated: `lanes` columns of a row of a tile, or, if
/// there is no column, `lanes` rows of a row value.
struct Point {
  Value row, column;
  int64_t lanes;
};

/// What is known at a point, or at all points of a row.
struct Known {
  llvm::DenseMap<Value, Value> values;
  /// Of a mask: first and one past the last column that is kept, as vectors.
  llvm::DenseMap<Operation *, std::pair<Value, Value>> bounds;
};

class Lowering {
public:
  Lowering(Emitter &e, Machine machine, ScratchSpace &scratch,
           IRMapping &scalars)
      : e(e), machine(machine), scratch(scratch), scalars(scalars) {}

  /// Lowers all of a block but its terminator, and leaves nothing for later.
  LogicalResult lower(Block &block);

private:
  // Program.cpp: what is stored and when.
  LogicalResult lower(Operation &op);
  LogicalResult lower(scf::ForOp loop);
  void writeState(scf::ForOp loop, ArrayRef<Value> state);
  Value stateBuffer(Value initial);
  void require(Value value);
  void requireBuffer(Value value);
  void flush();
  void storeLater(Value root);
  void productLater(tile::DotOp dot);
  bool needsPendingDot(Value value) const;

  // Walk.cpp
  void flushTiles();
  void flushRows();
  void walkTile(ArrayRef<Value> values, ArrayRef<Value> buffers);
  void walkRows(ArrayRef<Value> values, ArrayRef<Value> buffers);

  // Expression.cpp
  Value evaluate(Value value, const Point &point, Known &known);
  Value evaluateMask(tile::MaskOp mask, const Point &point, Known &known);
  std::pair<Value, Value> maskBounds(tile::MaskOp mask, Value row,
                                     int64_t lanes);
  /// Computes what all points of a row share.
  void hoist(Value value, Value row, int64_t lanes, Known &known);

  // Matmul.cpp
  void flushDots();
  Blocking blocking(int64_t products, int64_t rows, int64_t columns) const;
  void writeBlock(ArrayRef<tile::DotOp> dots, const Panels &panels, Value row,
                  int64_t rows, Value panel, int64_t vectors);

  // Memory.cpp
  LogicalResult lowerLoad(tile::LoadOp load);
  void lowerStore(tile::StoreOp store);
  void lowerAppend(tile::AppendOp append);

  // Pack.cpp
  Panels pack(tile::LoadOp load, tile::DotOp dot);

  // Unpacked.cpp
  void multiplyUnpacked(ArrayRef<tile::DotOp> dots, const Panels &right);

  int64_t lanesFor(int64_t columns) const;
  Value allocate(Value value); ///< Memory for all of a value.
  Value scalar(Value value) { return scalars.lookupOrNull(value); }

  Emitter &e;
  Machine machine;
  ScratchSpace &scratch;
  IRMapping &scalars;

  llvm::DenseMap<Value, Value> buffers; ///< A value's memory, if it has one.
  llvm::DenseMap<Value, Value> inPlace; ///< Memory a product will be put in.
  llvm::DenseMap<Value, Panels> panels; ///< Of a loaded tile.
  SmallVector<Value> pendingTiles;      ///< Same shape, or its reductions.
  SmallVector<Value> pendingRows;
  SmallVector<tile::DotOp> pendingDots; ///< Same right side and rows.
};

TileAccess accessOf(Emitter &e, tile::LoadOp load, const IRMapping &scalars);

/// Whether the op computes each element of its result from the same elements of
/// its operands, in a way that `evaluate` knows.
bool isPointwise(Operation *op);

inline bool isTile(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type && type.getRank() == 2;
}
inline int64_t rowsOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getDimSize(0);
}
inline int64_t columnsOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getDimSize(1);
}

} // namespace parallax::tile_to_vector

#endif // PARALLAX_LIB_CONVERSION_TILETOVECTOR_LOWERING_H
