//===- Matmul.cpp - Products as register-blocked microkernels -------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Products with the same right side (Q K' and R K', P1 V and P2 V) are one
// microkernel: a block of `rows` rows of each and one panel of columns, whose
// accumulators stay in registers over the whole inner dimension. A step loads
// one row of the panel and broadcasts one element of each left row. With 16
// registers of 8 lanes that is 3 rows of 2 products by 16 columns: 12
// accumulators, 8 loads for 12 multiply-adds.
//
// Panels are the outer loop: a panel stays in the first cache while the rows
// pass.
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/TileToVector/Lowering.h"

using namespace mlir;
using namespace parallax;
using namespace parallax::tile_to_vector;

Blocking Lowering::blocking(int64_t products, int64_t rows,
                            int64_t columns) const {
  int64_t accumulators = machine.accumulators();
  Blocking result;
  result.lanes = lanesFor(columns);
  result.vectors = 2;
  result.rows = std::max<int64_t>(accumulators / (2 * products), 1);
  if (rows < result.rows) {
    result.rows = rows;
    result.vectors =
        std::clamp<int64_t>(accumulators / (rows * products), 1, 4);
  }
  result.vectors = std::min(result.vectors, columns / result.lanes);
  return result;
}

void Lowering::writeBlock(ArrayRef<tile::DotOp> dots, const Panels &panels,
                          Value row, int64_t rows, Value panel,
                          int64_t vectors) {
  int64_t lanes = panels.blocking.lanes;
  Value column = e.mul(panel, panels.blocking.panelColumns());
  struct Target {
    tile::DotOp dot;
    Value row, column;
  };
  SmallVector<Target> targets;
  SmallVector<Value> initial;
  for (tile::DotOp dot : dots) {
    for (int64_t r = 0; r != rows; ++r) {
      Known inRow;
      Value i = e.add(row, r);
      hoist(dot.getAccumulator(), i, lanes, inRow);
      for (int64_t v = 0; v != vectors; ++v) {
        Known known = inRow;
        Value j = e.add(column, v * lanes);
        targets.push_back({dot, i, j});
        initial.push_back(evaluate(dot.getAccumulator(), {i, j, lanes}, known));
      }
    }
  }

  int64_t unroll = 4;
  while (panels.inner % unroll)
    unroll /= 2;
  Value panelBase = e.mul(column, panels.inner);
  SmallVector<Value> sums =
      e.loop(panels.inner, unroll, initial, [&](Value k, ValueRange carried) {
        SmallVector<Value> sums(carried);
        Value base = e.add(panelBase, e.mul(k, vectors * lanes));
        for (int64_t u = 0; u != unroll; ++u) {
          SmallVector<Value> right;
          for (int64_t v = 0; v != vectors; ++v)
            right.push_back(e.load(
                panels.memory, e.add(base, (u * vectors + v) * lanes), lanes));
          Value inner = e.add(k, u);
          for (size_t t = 0; t != targets.size(); t += vectors) {
            Value left =
                e.splat(e.loadScalar(buffers.lookup(targets[t].dot.getLhs()),
                                     {targets[t].row, inner}),
                        lanes);
            for (int64_t v = 0; v != vectors; ++v)
              sums[t + v] = e.fma(left, right[v], sums[t + v]);
          }
        }
        return sums;
      });
  for (auto [target, sum] : llvm::zip_equal(targets, sums))
    e.store(sum, buffers.lookup(target.dot), {target.row, target.column});
}

void Lowering::flushDots() {
  SmallVector<tile::DotOp> dots = std::exchange(pendingDots, {});
  if (dots.empty())
    return;
  for (tile::DotOp dot : dots) {
    requireBuffer(dot.getLhs());
    require(dot.getAccumulator());
  }
  for (tile::DotOp dot : dots) {
    Value memory = inPlace.lookup(dot);
    buffers[dot] = memory ? memory : allocate(dot);
  }

  const Panels &right = panels.find(dots.front().getRhs())->second;
  if (right.unpacked)
    return multiplyUnpacked(dots, right);
  const Blocking &blocking = right.blocking;
  int64_t rows = rowsOf(dots.front()), fullRows = rows - rows % blocking.rows;
  auto writePanel = [&](Value panel, int64_t vectors) {
    e.loop(fullRows, blocking.rows, [&](Value row) {
      writeBlock(dots, right, row, blocking.rows, panel, vectors);
    });
    if (rows != fullRows)
      writeBlock(dots, right, e.index(fullRows), rows - fullRows, panel,
                 vectors);
  };
  int64_t fullPanels = right.columns / blocking.panelColumns();
  int64_t rest = right.columns % blocking.panelColumns();
  e.loop(fullPanels, 1,
         [&](Value panel) { writePanel(panel, blocking.vectors); });
  if (rest)
    writePanel(e.index(fullPanels), rest / blocking.lanes);
}
