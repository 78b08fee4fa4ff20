//===- Split.cpp - Programs that share the keys of a tile -----------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Programs 0, 1, ... of a tile take equal shares of its key tiles, in order,
// of at least so many. A share depends on what the sequence uses, so that short
// ones are cut into few and long ones into many, and those left over do
// nothing. Where a launch has a program for each smallest share, shares are
// that size whatever the batch: a row's sums are then always the same.
//
// Each program writes its state. The last to arrive merges all of them, in
// order, a few rows at a time: they lie in memory as a merge's parts do.
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/ProblemToTile/Split.h"

#include "dialect/Tile/TileDialect.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace parallax;
using namespace parallax::problem_to_tile;

/// Rows that are merged at a time: a warp each.
constexpr int64_t kMergedRows = 4;
/// Parts of them that are read together: memory takes as long for all. A wide
/// row takes twice the registers.
static int64_t partsAtOnce(int64_t headDim) { return headDim > 128 ? 8 : 16; }

Meeting::Meeting(func::FuncOp function, int64_t headDim,
                 SmallVectorImpl<std::pair<Value, StringRef>> &operands) {
  MLIRContext *context = function.getContext();
  Type f32 = Float32Type::get(context);
  constexpr int64_t any = ShapedType::kDynamic;
  auto add = [&](StringRef name, ArrayRef<int64_t> shape, Type element) {
    unsigned position = function.getNumArguments();
    LogicalResult inserted =
        function.insertArgument(position, MemRefType::get(shape, element),
                                DictionaryAttr(), function.getLoc());
    assert(succeeded(inserted) && "appending an argument can't fail");
    (void)inserted;
    Value argument = function.getArgument(position);
    operands.push_back({argument, name});
    return argument;
  };
  tickets = add("tickets", {any}, IntegerType::get(context, 32));
  parts.m = add("split_m", {any, any, any, any}, f32);
  parts.d1 = add("split_d1", {any, any, any, any}, f32);
  parts.d2 = add("split_d2", {any, any, any, any}, f32);
  parts.o1 = add("split_o1", {any, any, any, any, headDim}, f32);
  parts.o2 = add("split_o2", {any, any, any, any, headDim}, f32);
}

Value Split::index(int64_t value) {
  return arith::ConstantIndexOp::create(b, value);
}

Split::Split(ImplicitLocOpBuilder &b, Value begin, Value end, int64_t tileKeys,
             int64_t leastTiles)
    : b(b) {
  auto min = [&](Value x, Value y) -> Value {
    return arith::MinSIOp::create(b, x, y);
  };
  auto max = [&](Value x, Value y) -> Value {
    return arith::MaxSIOp::create(b, x, y);
  };
  auto add = [&](Value x, Value y) -> Value {
    return arith::AddIOp::create(b, x, y);
  };
  auto divideUp = [&](Value x, Value y) -> Value {
    Value sum = arith::SubIOp::create(b, add(x, y), index(1));
    return arith::DivUIOp::create(b, sum, y);
  };
  auto id = tile::SplitOp::create(b);
  split = id.getSplit();
  Value keys = max(arith::SubIOp::create(b, end, begin), index(0));
  Value tiles = divideUp(keys, index(tileKeys));
  Value share = max(divideUp(tiles, id.getSplits()), index(leastTiles));
  sharers = max(divideUp(tiles, share), index(1));
  Value shareKeys = arith::MulIOp::create(b, share, index(tileKeys));
  // A program without keys begins at the end: its first key may be past 2^31.
  Value number = min(split, sharers);
  first = min(add(begin, arith::MulIOp::create(b, number, shareKeys)), end);
  last = min(add(first, shareKeys), end);
}

void Split::storePart(const State &state, const Place &place,
                      const Parts &parts) {
  const Value values[] = {state.o1, state.o2, state.m, state.d1, state.d2};
  for (auto [value, memory] : llvm::zip(values, parts.memory()))
    tile::StoreOp::create(b, value, memory, place.batch, place.token,
                          place.head, split, /*row=*/Value(), place.heads,
                          /*rows=*/IntegerAttr());
}

void Split::finish(const State &state, const Outputs &outputs, Place place,
                   int64_t rows, const Meeting &meeting, Value count) {
  auto compare = [&](arith::CmpIPredicate predicate, Value x, Value y) {
    return arith::CmpIOp::create(b, predicate, x, y);
  };
  using Body = llvm::function_ref<void()>;
  auto write = [&](Body body) {
    return [this, body](OpBuilder &, Location) {
      body();
      scf::YieldOp::create(b);
    };
  };
  auto inBranch = [&](Value condition, Body body) {
    scf::IfOp::create(b, condition, write(body));
  };
  auto merge = [&] {
    Parts parts = meeting.parts;
    parts.count = sharers;
    parts.atOnce =
        partsAtOnce(cast<MemRefType>(parts.o1.getType()).getDimSize(4));
    scf::ForOp::create(b, index(0), count, index(kMergedRows), ValueRange(),
                       [&](OpBuilder &, Location, Value row, ValueRange) {
                         place.row = row;
                         place.rows = rows;
                         mergeRows(b, parts, kMergedRows, place, outputs);
                         scf::YieldOp::create(b);
                       });
  };
  auto writeAlone = [&] {
    Value isFirst = compare(arith::CmpIPredicate::eq, split, index(0));
    inBranch(isFirst, [&] { writeOutputs(b, state, outputs, place); });
  };
  auto writeShared = [&] {
    Value hasKeys = compare(arith::CmpIPredicate::slt, split, sharers);
    inBranch(hasKeys, [&] {
      storePart(state, place, meeting.parts);
      Value isLast =
          tile::ArriveOp::create(b, b.getI1Type(), meeting.tickets, sharers);
      inBranch(isLast, merge);
    });
  };
  // With an else, so that the sums need not live through both.
  Value isAlone = compare(arith::CmpIPredicate::eq, sharers, index(1));
  scf::IfOp::create(b, isAlone, write(writeAlone), write(writeShared));
}
