//===- Split.cpp - Programs that share the keys of a tile -----------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Which key tiles a program takes is for the kernel to say (tile.share): it
// depends on what each sequence uses, and on how the kernel is launched.
//
// Each program writes its state. The last to arrive merges all of them, a few
// rows at a time: they lie in memory as a merge's parts do. Where the programs
// of a tile are a cluster, each, also one without keys, gives the others its
// state instead (tile.publish), and merges every so many rows.
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

/// Rows that are merged at a time: as many as there are, up to 4, so that all
/// warps have some of the columns.
static int64_t mergedRows(int64_t rows, int64_t heads) {
  constexpr int64_t few = 8, most = 4;
  return rows > few || heads > most ? most : heads == 3 ? 2 : heads;
}

Meeting::Meeting(func::FuncOp function, int64_t headDim, int64_t packedHeads,
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
  parts.m = add("split_m", {any, 1, any, packedHeads}, f32);
  parts.d1 = add("split_d1", {any, 1, any, packedHeads}, f32);
  parts.d2 = add("split_d2", {any, 1, any, packedHeads}, f32);
  parts.o1 = add("split_o1", {any, 1, any, packedHeads, headDim}, f32);
  parts.o2 = add("split_o2", {any, 1, any, packedHeads, headDim}, f32);
}

Value Split::index(int64_t value) {
  return arith::ConstantIndexOp::create(b, value);
}

Split::Split(ImplicitLocOpBuilder &b, Value begin, Value end, int64_t tileKeys,
             int64_t leastTiles)
    : b(b) {
  auto add = [&](Value x, Value y) -> Value {
    return arith::AddIOp::create(b, x, y);
  };
  auto sub = [&](Value x, Value y) -> Value {
    return arith::SubIOp::create(b, x, y);
  };
  Value size = index(tileKeys);
  Value keys = arith::MaxSIOp::create(b, sub(end, begin), index(0));
  Value tiles = arith::DivUIOp::create(b, add(keys, sub(size, index(1))), size);
  auto share = tile::ShareOp::create(b, tiles, leastTiles);
  part = share.getPart();
  parts = share.getParts();
  slot = share.getSlot();
  ticket = share.getTicket();
  // The last tile's end may be past 2^31, but not past 2^32.
  Value limit = add(begin, keys);
  auto keyOf = [&](Value tile) -> Value {
    Value key = add(begin, arith::MulIOp::create(b, tile, size));
    return arith::MinUIOp::create(b, key, limit);
  };
  first = keyOf(share.getFirst());
  last = keyOf(share.getLast());
}

void Split::storePart(const State &state, const Place &place,
                      const Parts &memory) {
  const Value values[] = {state.o1, state.o2, state.m, state.d1, state.d2};
  Value number = arith::AddIOp::create(b, slot, part);
  for (auto [value, piece] : llvm::zip(values, memory.memory()))
    tile::StoreOp::create(b, value, piece, index(0), place.token, index(0),
                          number, /*row=*/Value(), place.heads,
                          /*rows=*/IntegerAttr());
}

void Split::loopOverRows(Value first, Value count, Value step,
                         llvm::function_ref<void(Value)> body) {
  scf::ForOp::create(b, first, count, step, ValueRange(),
                     [&](OpBuilder &, Location, Value row, ValueRange) {
                       body(row);
                       scf::YieldOp::create(b);
                     });
}

static RankedTensorType rowsOf(ImplicitLocOpBuilder &b,
                               ArrayRef<int64_t> shape) {
  return RankedTensorType::get(shape, b.getF32Type());
}

/// Of all parts, a few rows at a time.
void Split::mergeParts(const Outputs &outputs, Place place, const Parts &memory,
                       Value count) {
  const int64_t columns = cast<MemRefType>(memory.o1.getType()).getDimSize(4);
  const int64_t some = mergedRows(place.rows, place.heads);
  Type row = rowsOf(b, {some}), sums = rowsOf(b, {some, columns});
  loopOverRows(index(0), count, index(some), [&](Value first) {
    place.row = first;
    auto merged = tile::MergePartsOp::create(
        b, row, row, row, sums, sums, memory.m, memory.d1, memory.d2, memory.o1,
        memory.o2, parts, index(0), place.token, index(0), slot, first,
        place.rows, place.heads);
    writeOutputs(b, State::from(merged.getResults()), outputs, place);
  });
}

/// Of what all programs of the cluster have published, this one's rows.
void Split::mergePublished(const State &state, const Outputs &outputs,
                           Place place, Value count, Value programs) {
  const int64_t columns =
      cast<RankedTensorType>(state.o1.getType()).getDimSize(1);
  Type row = rowsOf(b, {1}), sums = rowsOf(b, {1, columns});
  tile::PublishOp::create(b, state.m, state.d1, state.d2, state.o1, state.o2,
                          count, programs);
  loopOverRows(part, count, programs, [&](Value first) {
    place.row = first;
    auto merged = tile::MergePublishedOp::create(b, row, row, row, sums, sums,
                                                 programs, first);
    writeOutputs(b, State::from(merged.getResults()), outputs, place);
  });
}

void Split::finish(const State &state, const Outputs &outputs, Place place,
                   int64_t rows, const Meeting &meeting, Value count,
                   bool mayCluster) {
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
  Place ofRows = place;
  ofRows.rows = rows;
  auto writeAlone = [&] {
    Value isFirst = compare(arith::CmpIPredicate::eq, part, index(0));
    inBranch(isFirst, [&] { writeOutputs(b, state, outputs, place); });
  };
  auto writeShared = [&] {
    Value hasKeys = compare(arith::CmpIPredicate::slt, part, parts);
    inBranch(hasKeys, [&] {
      storePart(state, place, meeting.parts);
      Value isLast = tile::ArriveOp::create(b, b.getI1Type(), meeting.tickets,
                                            ticket, parts);
      inBranch(isLast,
               [&] { mergeParts(outputs, ofRows, meeting.parts, count); });
    });
  };
  // With an else, so that the sums need not live through both.
  auto byTicket = [&] {
    Value isAlone = compare(arith::CmpIPredicate::eq, parts, index(1));
    scf::IfOp::create(b, isAlone, write(writeAlone), write(writeShared));
  };
  if (!mayCluster)
    return byTicket();
  // All programs of a cluster take part, also those without keys: how many have
  // some takes a division, for which the last key would have to wait.
  Value programs = tile::ClusterSizeOp::create(b, b.getIndexType());
  Value isCluster = compare(arith::CmpIPredicate::sgt, programs, index(1));
  auto byCluster = [&] {
    mergePublished(state, outputs, ofRows, count, programs);
  };
  scf::IfOp::create(b, isCluster, write(byCluster), write(byTicket));
}
