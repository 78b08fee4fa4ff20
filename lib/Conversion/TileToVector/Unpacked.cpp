//===- Unpacked.cpp - Products of few rows with keys as they lie ----------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A decode multiplies each key with one to four rows of q and of r: to
// transpose the keys first would cost several times the products. Here the
// lanes run along the inner dimension, a key is read once for all rows, and a
// sum's lanes are added up at its end.
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/TileToVector/Lowering.h"

using namespace mlir;
using namespace parallax;
using namespace parallax::tile_to_vector;

void Lowering::multiplyUnpacked(ArrayRef<tile::DotOp> dots,
                                const Panels &right) {
  const TileAccess &access = *right.unpacked;
  tile::DotOp first = dots.front();
  int64_t rows = rowsOf(first), lanes = lanesFor(right.inner);
  int64_t sumsPerKey = rows * static_cast<int64_t>(dots.size());
  int64_t keys = std::clamp<int64_t>(machine.accumulators() / sumsPerKey, 1, 4);
  while (right.columns % keys)
    --keys;

  e.loop(right.columns, keys, [&](Value firstKey) {
    SmallVector<TileAccess::Row> keyRows;
    for (int64_t k = 0; k != keys; ++k) {
      Value key = e.add(firstKey, k);
      keyRows.push_back(access.readableRow(e, key));
      access.prefetch(e, e.add(key, right.columns), right.inner);
    }
    SmallVector<Value> initial(sumsPerKey * keys, e.constant(lanes, 0.0f));
    SmallVector<Value> sums = e.loop(
        right.inner, lanes, initial, [&](Value column, ValueRange carried) {
          SmallVector<Value> read, next(carried);
          for (const TileAccess::Row &row : keyRows)
            read.push_back(access.read(e, row, column, lanes));
          auto *sum = next.begin();
          for (tile::DotOp dot : dots)
            for (int64_t r = 0; r != rows; ++r) {
              Value left = e.load(buffers.lookup(dot.getLhs()),
                                  {e.index(r), column}, lanes);
              for (Value key : read) {
                *sum = e.fma(left, key, *sum);
                ++sum;
              }
            }
          return next;
        });

    auto *sum = sums.begin();
    auto plus = [&](Value x, Value y) -> Value {
      return arith::AddFOp::create(e, x, y);
    };
    Value zero = arith::ConstantOp::create(e, e.getF32FloatAttr(0));
    for (tile::DotOp dot : dots)
      for (int64_t r = 0; r != rows; ++r)
        for (int64_t k = 0; k != keys; ++k) {
          Value product = e.combineLanes(*sum++, plus);
          product =
              arith::SelectOp::create(e, keyRows[k].exists, product, zero);
          Known known;
          Value row = e.index(r), key = e.add(firstKey, k);
          Value start = vector::ExtractOp::create(
              e, evaluate(dot.getAccumulator(), {row, key, 1}, known), 0);
          e.storeScalar(plus(start, product), buffers.lookup(dot), {row, key});
        }
  });
}
