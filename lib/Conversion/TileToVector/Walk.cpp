//===- Walk.cpp - Stores expressions --------------------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A walk evaluates several expressions at each point of one shape and stores
// them, or combines them along the row. All are evaluated before any is stored,
// so that a walk may overwrite what it reads.
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/TileToVector/Lowering.h"

#include <limits>

using namespace mlir;
using namespace parallax;
using namespace parallax::tile_to_vector;

int64_t Lowering::lanesFor(int64_t columns) const {
  int64_t lanes = machine.lanes;
  while (columns % lanes)
    lanes /= 2;
  return lanes;
}

/// Row values are padded to whole vectors; the padding is computed but never
/// read as a row.
Value Lowering::allocate(Value value) {
  if (isTile(value))
    return scratch.allocate(e, {rowsOf(value), columnsOf(value)});
  int64_t rows = llvm::alignTo(rowsOf(value), machine.lanes);
  return scratch.allocate(e, rows);
}

void Lowering::walkTile(ArrayRef<Value> values, ArrayRef<Value> memories) {
  if (values.empty())
    return;
  int64_t columns = columnsOf(values.front());
  int64_t lanes = lanesFor(columns);
  e.loop(rowsOf(values.front()), 1, [&](Value row) {
    Known inRow;
    for (Value value : values)
      hoist(value, row, lanes, inRow);
    e.loop(columns, lanes, [&](Value column) {
      Known known = inRow;
      SmallVector<Value> results;
      for (Value value : values)
        results.push_back(evaluate(value, {row, column, lanes}, known));
      for (auto [result, memory] : llvm::zip_equal(results, memories))
        e.store(result, memory, {row, column});
    });
  });
}

void Lowering::walkRows(ArrayRef<Value> values, ArrayRef<Value> memories) {
  if (values.empty())
    return;
  int64_t lanes = machine.lanes;
  e.loop(llvm::alignTo(rowsOf(values.front()), lanes), lanes, [&](Value row) {
    Known known;
    SmallVector<Value> results;
    for (Value value : values)
      results.push_back(evaluate(value, {row, Value(), lanes}, known));
    for (auto [result, memory] : llvm::zip_equal(results, memories))
      e.store(result, memory, row);
  });
}

void Lowering::flushRows() {
  SmallVector<Value> roots = std::exchange(pendingRows, {});
  if (roots.empty())
    return;
  for (Value root : roots)
    for (Value operand : root.getDefiningOp()->getOperands())
      require(operand);
  // Roots may be expressions of one another, so they get their memory after the
  // walk.
  SmallVector<Value> memories;
  for (Value root : roots)
    memories.push_back(allocate(root));
  walkRows(roots, memories);
  for (auto [root, memory] : llvm::zip_equal(roots, memories))
    buffers[root] = memory;
}

namespace {

/// A reduction in the making: one vector of partial results a row.
struct Partial {
  Value result, source, memory;
  bool isMax;

  Value initial(Emitter &e, int64_t lanes) const {
    return e.constant(lanes,
                      isMax ? -std::numeric_limits<float>::infinity() : 0.0f);
  }
  Value combine(Emitter &e, Value sum, Value next) const {
    return isMax ? e.larger(sum, next)
                 : arith::AddFOp::create(e, sum, next).getResult();
  }
};

} // namespace

void Lowering::flushTiles() {
  SmallVector<Value> roots = std::exchange(pendingTiles, {});
  if (roots.empty())
    return;
  SmallVector<Value> stored, memories, allValues;
  SmallVector<Partial> partials;
  for (Value root : roots) {
    if (auto reduce = root.getDefiningOp<tile::ReduceOp>()) {
      partials.push_back({root, reduce.getSource(), allocate(root),
                          reduce.getKind() == tile::ReduceKind::Max});
      allValues.push_back(reduce.getSource());
    } else {
      stored.push_back(root);
      allValues.push_back(root);
    }
  }
  int64_t columns = columnsOf(allValues.front());
  int64_t lanes = lanesFor(columns);
  for (Value root : stored)
    memories.push_back(allocate(root));

  e.loop(rowsOf(allValues.front()), 1, [&](Value row) {
    Known inRow;
    for (Value value : allValues)
      hoist(value, row, lanes, inRow);
    SmallVector<Value> initial;
    for (const Partial &partial : partials)
      initial.push_back(partial.initial(e, lanes));
    SmallVector<Value> sums =
        e.loop(columns, lanes, initial, [&](Value column, ValueRange carried) {
          Known known = inRow;
          Point point = {row, column, lanes};
          for (auto [value, memory] : llvm::zip_equal(stored, memories))
            e.store(evaluate(value, point, known), memory, {row, column});
          SmallVector<Value> next;
          for (auto [partial, sum] : llvm::zip_equal(partials, carried)) {
            Value source = evaluate(partial.source, point, known);
            next.push_back(partial.combine(e, sum, source));
          }
          return next;
        });
    for (auto [partial, sum] : llvm::zip_equal(partials, sums)) {
      Value total = e.combineLanes(
          sum, [&](Value x, Value y) { return partial.combine(e, x, y); });
      e.storeScalar(total, partial.memory, row);
    }
  });
  for (auto [root, memory] : llvm::zip_equal(stored, memories))
    buffers[root] = memory;
  for (const Partial &partial : partials)
    buffers[partial.result] = partial.memory;
}
