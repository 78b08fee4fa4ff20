//===- PeelMask.cpp - Full tiles carry no mask ----------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A tile of keys [j, j + N) against query tokens [first, last] is full, its
// mask the identity, iff
//
//   j + N <= length                  (the keys exist)
//   j + N <= first + shift + 1       (causal: the first row sees the last key)
//   j > last + shift - window        (window: the last row sees the first key)
//
// so the full tiles are one interval [left, right) of the loop's n tiles. It is
// the *last* row that decides the left edge of a window: taking the first leaks
// keys. The masked loop runs over [0, left) and then [right, n).
//
//===----------------------------------------------------------------------===//

#include "dialect/Tile/TileDialect.h"
#include "lib/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace parallax {
#define GEN_PASS_DEF_TILEPEELMASK
#include "lib/Transforms/Passes.h.inc"
} // namespace parallax

using namespace mlir;
using namespace parallax;

namespace {

/// The mask of a key loop, if it stands at the loop's induction variable, the
/// loop steps by its columns, and all else it depends on is known outside.
tile::MaskOp findMask(scf::ForOp loop) {
  std::optional<APInt> step = loop.getConstantStep();
  if (!step || loop.getUnsignedCmp())
    return nullptr;
  for (auto mask : loop.getBody()->getOps<tile::MaskOp>()) {
    bool invariant =
        llvm::all_of(ValueRange{mask.getToken(), mask.getLength()},
                     [&](Value v) { return loop.isDefinedOutsideOfLoop(v); });
    for (Value v : {mask.getShift(), mask.getWindow()})
      invariant &= !v || loop.isDefinedOutsideOfLoop(v);
    auto tile = cast<RankedTensorType>(mask.getResult().getType());
    if (invariant && mask.getKey() == loop.getInductionVar() &&
        step->getSExtValue() == tile.getDimSize(1))
      return mask;
  }
  return nullptr;
}

/// Whether the load's rows are the mask's keys, or the first of them, limited
/// to the keys that exist. With a table the limit stays: it says, too, which
/// entries may be looked at ahead of time.
bool loadsKeysOf(tile::LoadOp load, tile::MaskOp mask) {
  return !load.getTable() && load.getLimit() == mask.getLength() &&
         load.getToken() == mask.getKey() && load.getHeads() == 1 &&
         cast<ShapedType>(load.getType()).getDimSize(0) <=
             cast<ShapedType>(mask.getType()).getDimSize(1);
}

/// Copies `loop` with its iterations renumbered: iteration t of [0, count)
/// covers the keys from `keyOf(t)`. Without `keepMask`, `mask` is taken for the
/// identity, and the limit of a load of its keys for no limit.
scf::ForOp cloneLoop(ImplicitLocOpBuilder &b, scf::ForOp loop,
                     tile::MaskOp mask, bool keepMask, Value count,
                     ValueRange initial,
                     llvm::function_ref<Value(Value)> keyOf) {
  Value zero = arith::ConstantIndexOp::create(b, 0);
  Value one = arith::ConstantIndexOp::create(b, 1);
  return scf::ForOp::create(
      b, zero, count, one, initial,
      [&](OpBuilder &, Location, Value t, ValueRange carried) {
        IRMapping map;
        map.map(loop.getInductionVar(), keyOf(t));
        map.map(loop.getRegionIterArgs(), carried);
        for (Operation &op : loop.getBody()->getOperations()) {
          if (&op == mask && !keepMask) {
            map.map(mask.getResult(), map.lookupOrDefault(mask.getSource()));
            continue;
          }
          Operation *copy = b.clone(op, map);
          auto load = dyn_cast<tile::LoadOp>(op);
          if (load && !keepMask && loadsKeysOf(load, mask))
            cast<tile::LoadOp>(copy).getLimitMutable().clear();
        }
      });
}

void peel(scf::ForOp loop, tile::MaskOp mask) {
  ImplicitLocOpBuilder b(loop.getLoc(), loop);
  auto index = [&](int64_t value) {
    return arith::ConstantIndexOp::create(b, value);
  };
  auto tile = cast<RankedTensorType>(mask.getResult().getType());
  int64_t tokens = tile.getDimSize(0) / mask.getHeads();
  Value keys = index(tile.getDimSize(1)), zero = index(0);
  Value begin = loop.getLowerBound();

  auto add = [&](Value x, Value y) -> Value {
    return arith::AddIOp::create(b, x, y);
  };
  auto sub = [&](Value x, Value y) -> Value {
    return arith::SubIOp::create(b, x, y);
  };
  auto min = [&](Value x, Value y) -> Value {
    return arith::MinSIOp::create(b, x, y);
  };
  auto max = [&](Value x, Value y) -> Value {
    return arith::MaxSIOp::create(b, x, y);
  };
  // Sizes are clamped at 0 first, so that unsigned division is exact.
  auto tilesDown = [&](Value size) -> Value {
    return arith::DivUIOp::create(b, max(size, zero), keys);
  };
  auto tilesUp = [&](Value size) -> Value {
    return arith::DivUIOp::create(
        b, add(max(size, zero), index(tile.getDimSize(1) - 1)), keys);
  };

  Value count = tilesUp(sub(loop.getUpperBound(), begin));
  Value left = zero, fullEnd = mask.getLength();
  if (Value shift = mask.getShift()) {
    Value diagonal = add(add(mask.getToken(), shift), index(1));
    fullEnd = min(fullEnd, diagonal);
    if (Value window = mask.getWindow()) {
      Value fullBegin = sub(add(diagonal, index(tokens - 1)), window);
      left = min(tilesUp(sub(fullBegin, begin)), count);
    }
  }
  Value right = min(max(tilesDown(sub(fullEnd, begin)), left), count);
  Value fullCount = sub(right, left);

  auto keyOfTile = [&](Value t) {
    return add(begin, arith::MulIOp::create(b, t, keys));
  };
  OpBuilder::InsertionGuard guard(b);
  auto maskedLoop =
      cloneLoop(b, loop, mask, /*keepMask=*/true, sub(count, fullCount),
                loop.getInitArgs(), [&](Value t) {
                  Value isLeft = arith::CmpIOp::create(
                      b, arith::CmpIPredicate::ult, t, left);
                  Value tileIndex =
                      arith::SelectOp::create(b, isLeft, t, add(t, fullCount));
                  return keyOfTile(tileIndex);
                });
  auto fullLoop = cloneLoop(b, loop, mask, /*keepMask=*/false, fullCount,
                            maskedLoop.getResults(),
                            [&](Value t) { return keyOfTile(add(left, t)); });
  loop.replaceAllUsesWith(fullLoop.getResults());
  loop.erase();
}

struct TilePeelMaskPass : parallax::impl::TilePeelMaskBase<TilePeelMaskPass> {
  void runOnOperation() override {
    SmallVector<std::pair<scf::ForOp, tile::MaskOp>> work;
    getOperation()->walk([&](scf::ForOp loop) {
      if (tile::MaskOp mask = findMask(loop))
        work.push_back({loop, mask});
    });
    for (auto [loop, mask] : work)
      peel(loop, mask);
  }
};

} // namespace
