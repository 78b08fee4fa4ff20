//===- Pack.cpp - The right side of products as panels --------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A tile of values becomes panels row by row; a tile of keys is transposed on
// the way, in blocks of 8 keys by 8 columns. Rows that don't exist are zero, so
// that nothing a cache holds behind its used part is ever multiplied.
//
// A row of a key or value is short and the next one may be pages away, which no
// hardware prefetcher follows. So a tile in a loop asks for the rows of the
// next one, a tile's rows further on.
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/TileToVector/Lowering.h"

using namespace mlir;
using namespace parallax;
using namespace parallax::tile_to_vector;

namespace {

constexpr int64_t kBlock = 8;

/// Writes the packing of one tile.
struct Packer {
  Emitter &e;
  const TileAccess &access;
  const Panels &panels;
  int64_t rowsAhead; ///< To prefetch; 0 for none.

  int64_t panelColumns() const { return panels.blocking.panelColumns(); }
  /// Calls `body` with each panel, its first column and its width.
  void forEachPanel(llvm::function_ref<void(Value, int64_t)> body) {
    int64_t full = panels.columns / panelColumns() * panelColumns();
    e.loop(full, panelColumns(),
           [&](Value column) { body(column, panelColumns()); });
    if (full != panels.columns)
      body(e.index(full), panels.columns - full);
  }
  /// The element at a row and a column of the panel that begins at a column.
  Value position(Value firstColumn, int64_t width, Value row, Value column) {
    Value begin = e.mul(firstColumn, panels.inner);
    return e.add(e.add(begin, e.mul(row, width)), column);
  }

  void prefetch(Value row, int64_t columns) {
    if (rowsAhead)
      access.prefetch(e, e.add(row, rowsAhead), columns);
  }

  void rows();
  void transposed();
  void transposeBlock(Value key, Value column,
                      llvm::function_ref<Value(int64_t)> target);
  void transposeElements();
};

} // namespace

void Packer::rows() {
  int64_t lanes = panels.blocking.lanes;
  e.loop(panels.inner, 1, [&](Value i) {
    prefetch(i, panels.columns);
    TileAccess::Row row = access.row(e, i);
    auto write = [&](llvm::function_ref<Value(Value)> read) {
      forEachPanel([&](Value first, int64_t width) {
        for (int64_t column = 0; column != width; column += lanes)
          e.store(read(e.add(first, column)), panels.memory,
                  position(first, width, i, e.index(column)));
      });
    };
    e.inBranch(
        row.exists,
        [&] {
          access.locate(e, row);
          write(
              [&](Value column) { return access.read(e, row, column, lanes); });
        },
        [&] { write([&](Value) { return e.constant(lanes, 0.0f); }); });
  });
}

/// Three rounds of exchanges: of neighbours, of pairs, of halves. None but the
/// last crosses 128 bits, which is what AVX shuffles are cheap for.
static SmallVector<Value> transpose8x8(Emitter &e, ArrayRef<Value> rows) {
  auto exchange = [&](ArrayRef<Value> from, int64_t distance,
                      ArrayRef<int64_t> low, ArrayRef<int64_t> high) {
    SmallVector<Value> to(kBlock);
    for (int64_t i = 0; i != kBlock; ++i) {
      if (i & distance)
        continue;
      to[i] = e.shuffle(from[i], from[i + distance], low);
      to[i + distance] = e.shuffle(from[i], from[i + distance], high);
    }
    return to;
  };
  auto swapped = exchange(rows, 1, {0, 8, 2, 10, 4, 12, 6, 14},
                          {1, 9, 3, 11, 5, 13, 7, 15});
  swapped = exchange(swapped, 2, {0, 1, 8, 9, 4, 5, 12, 13},
                     {2, 3, 10, 11, 6, 7, 14, 15});
  return exchange(swapped, 4, {0, 1, 2, 3, 8, 9, 10, 11},
                  {4, 5, 6, 7, 12, 13, 14, 15});
}

/// Keys that don't exist are read from one that does and replaced by zero:
/// there is no branch for each row of each block.
void Packer::transposeBlock(Value key, Value column,
                            llvm::function_ref<Value(int64_t)> target) {
  SmallVector<Value> rows;
  for (int64_t i = 0; i != kBlock; ++i) {
    TileAccess::Row row = access.readableRow(e, e.add(key, i));
    Value read = access.read(e, row, column, kBlock);
    rows.push_back(
        arith::SelectOp::create(e, row.exists, read, e.constant(kBlock, 0.0f)));
  }
  for (auto [i, row] : llvm::enumerate(transpose8x8(e, rows)))
    e.store(row, panels.memory, target(i));
}

void Packer::transposed() {
  forEachPanel([&](Value first, int64_t width) {
    e.loop(width, kBlock, [&](Value inPanel) {
      for (int64_t i = 0; i != kBlock; ++i)
        prefetch(e.add(e.add(first, inPanel), i), panels.inner);
      e.loop(panels.inner, kBlock, [&](Value column) {
        transposeBlock(e.add(first, inPanel), column, [&](int64_t i) {
          return position(first, width, e.add(column, i), inPanel);
        });
      });
    });
  });
}

/// For tiles that 8 does not divide.
void Packer::transposeElements() {
  forEachPanel([&](Value first, int64_t width) {
    e.loop(width, 1, [&](Value inPanel) {
      TileAccess::Row row = access.row(e, e.add(first, inPanel));
      e.loop(panels.inner, 1, [&](Value column) {
        Value at = position(first, width, column, inPanel);
        auto write = [&](Value vector) {
          e.storeScalar(vector::ExtractOp::create(e, vector, 0), panels.memory,
                        at);
        };
        e.inBranch(
            row.exists,
            [&] {
              access.locate(e, row);
              write(access.read(e, row, column, 1));
            },
            [&] { write(e.constant(1, 0.0f)); });
      });
    });
  });
}

Panels Lowering::pack(tile::LoadOp load, tile::DotOp dot) {
  bool transpose = dot.getTranspose();
  int64_t products = llvm::count_if(load->getUsers(), [&](Operation *user) {
    auto other = dyn_cast<tile::DotOp>(user);
    return other && other.getRhs() == load.getResult();
  });
  Panels result;
  result.inner = transpose ? columnsOf(load) : rowsOf(load);
  result.columns = transpose ? rowsOf(load) : columnsOf(load);
  result.blocking = blocking(products, rowsOf(dot), result.columns);
  TileAccess access = accessOf(e, load, scalars);
  constexpr int64_t fewRows = 4;
  if (transpose && rowsOf(dot) <= fewRows) {
    result.unpacked = access;
    return result;
  }
  result.memory = scratch.allocate(e, result.inner * result.columns);
  bool isRepeated = load->getParentOfType<scf::ForOp>() != nullptr;
  Packer packer{e, access, result, isRepeated ? rowsOf(load) : 0};
  int64_t lastPanel = result.columns % result.blocking.panelColumns();
  if (!transpose)
    packer.rows();
  else if (result.inner % kBlock || lastPanel % kBlock ||
           result.blocking.panelColumns() % kBlock)
    packer.transposeElements();
  else
    packer.transposed();
  return result;
}
