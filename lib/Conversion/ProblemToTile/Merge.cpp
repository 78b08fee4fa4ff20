//===- Merge.cpp - States of different keys become one --------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A program owns one tile of rows and walks the parts, some at a time so that
// their loads are under way together:
//
//   m'  = max(m, m_n ...)    a = 2^(m - m')    b_n = 2^(m_n - m')
//   d1  = a d1 + b_n d1_n + ..., and so d2, O1 and O2
//
// where a part whose d1 is not positive is empty: b_n is 0, m' is without m_n,
// and whatever the part holds is replaced by 0, since 0 times a NaN is none. m
// starts at the lowest finite value, as that of a row that has seen no key.
// Behind the last part, the last is read again and counts as empty.
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/ProblemToTile/Outputs.h"

#include "dialect/Tile/TileDialect.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace parallax;
using namespace parallax::problem_to_tile;

namespace {

class MergeWriter {
public:
  MergeWriter(ImplicitLocOpBuilder &b, const Parts &parts, int64_t rows,
              const Place &place)
      : b(b), parts(parts), place(place), rows(rows),
        headDim(cast<MemRefType>(parts.o1.getType()).getDimSize(4)) {}

  State write();

private:
  /// A part's row values, and whether it counts.
  struct Part {
    Value number, m, d1, d2, counts, weight;
  };

  State add(const State &s, Value first);
  Value sum(ArrayRef<Part> some, Value old, Value ours,
            llvm::function_ref<Value(const Part &)> theirs);

  Value index(int64_t value) {
    return arith::ConstantIndexOp::create(b, value);
  }
  Value loadRow(Value memory, Value part) {
    return load(memory, part, RankedTensorType::get({rows}, b.getF32Type()));
  }
  Value loadTile(Value memory, Value part) {
    return load(memory, part,
                RankedTensorType::get({rows, headDim}, b.getF32Type()));
  }
  Value load(Value memory, Value part, Type type) {
    return tile::LoadOp::create(b, type, memory, place.batch, place.token,
                                place.head, /*limit=*/Value(),
                                /*table=*/Value(), part, place.row,
                                place.heads);
  }
  Value exp2OfDifference(Value x, Value y) {
    return math::Exp2Op::create(b, arith::SubFOp::create(b, x, y));
  }
  Value isPositive(Value x) {
    Value zero = fill(b, cast<RankedTensorType>(x.getType()).getShape(), 0);
    return arith::CmpFOp::create(b, arith::CmpFPredicate::OGT, x, zero);
  }

  ImplicitLocOpBuilder &b;
  const Parts &parts;
  const Place &place;
  int64_t rows, headDim;
};

} // namespace

State MergeWriter::write() {
  State initial = State::empty(b, rows, headDim);
  auto loop = scf::ForOp::create(
      b, index(0), parts.count, index(parts.atOnce), initial.values(),
      [&](OpBuilder &, Location, Value first, ValueRange carried) {
        State next = add(State::from(carried), first);
        scf::YieldOp::create(b, next.values());
      });
  return State::from(loop.getResults());
}

/// old * ours + the sum of weight * theirs.
Value MergeWriter::sum(ArrayRef<Part> some, Value old, Value ours,
                       llvm::function_ref<Value(const Part &)> theirs) {
  auto type = cast<RankedTensorType>(ours.getType());
  bool isWide = type.getRank() == 2;
  auto widen = [&](Value row) {
    return isWide ? broadcast(b, row, headDim) : row;
  };
  Value total = arith::MulFOp::create(b, widen(old), ours);
  for (const Part &part : some) {
    Value weighed = arith::MulFOp::create(b, widen(part.weight), theirs(part));
    // A part that doesn't count has a weight of 0, and may hold a NaN.
    Value counts = isWide ? isPositive(widen(part.weight)) : part.counts;
    weighed = arith::SelectOp::create(b, counts, weighed,
                                      fill(b, type.getShape(), 0));
    total = arith::AddFOp::create(b, total, weighed);
  }
  return total;
}

State MergeWriter::add(const State &s, Value first) {
  OpBuilder::InsertionGuard guard(b);
  SmallVector<Part> some;
  Value m = s.m, zero = fill(b, {rows}, 0);
  for (int64_t i = 0; i != parts.atOnce; ++i) {
    Value number = arith::AddIOp::create(b, first, index(i));
    Value exists;
    if (i) {
      exists = arith::CmpIOp::create(b, arith::CmpIPredicate::slt, number,
                                     parts.count);
      Value last = arith::SubIOp::create(b, parts.count, index(1));
      number = arith::MinSIOp::create(b, number, last);
    }
    Part part = {number,
                 loadRow(parts.m, number),
                 loadRow(parts.d1, number),
                 loadRow(parts.d2, number),
                 Value(),
                 Value()};
    if (exists)
      part.d1 = arith::SelectOp::create(b, exists, part.d1, zero);
    some.push_back(part);
  }
  // All loads come first: what follows one needs its value at once.
  SmallVector<Value> o1, o2;
  for (const Part &part : some) {
    o1.push_back(loadTile(parts.o1, part.number));
    o2.push_back(loadTile(parts.o2, part.number));
  }
  for (Part &part : some) {
    part.counts = isPositive(part.d1);
    Value reference = arith::SelectOp::create(b, part.counts, part.m, s.m);
    m = arith::MaximumFOp::create(b, m, reference);
  }
  Value old = exp2OfDifference(s.m, m);
  for (Part &part : some)
    part.weight = arith::SelectOp::create(b, part.counts,
                                          exp2OfDifference(part.m, m), zero);
  auto indexOf = [&](const Part &part) { return &part - some.begin(); };
  return {
      m,
      sum(some, old, s.d1, [](const Part &part) { return part.d1; }),
      sum(some, old, s.d2, [](const Part &part) { return part.d2; }),
      sum(some, old, s.o1, [&](const Part &part) { return o1[indexOf(part)]; }),
      sum(some, old, s.o2, [&](const Part &part) { return o2[indexOf(part)]; }),
      Value()};
}

void problem_to_tile::mergeRows(ImplicitLocOpBuilder &b, const Parts &parts,
                                int64_t rows, const Place &place,
                                const Outputs &outputs) {
  writeOutputs(b, MergeWriter(b, parts, rows, place).write(), outputs, place);
}

void problem_to_tile::writeMerge(ImplicitLocOpBuilder &b, problem::MergeOp op,
                                 const TileShape &tile) {
  auto index = [&](int64_t value) {
    return arith::ConstantIndexOp::create(b, value);
  };
  auto id = tile::ProgramIdOp::create(b);
  Value token = arith::MulIOp::create(b, id.getTile(), index(tile.tokens()));
  Value head = arith::MulIOp::create(b, id.getHead(), index(tile.packedHeads));
  Parts parts = {op.getO1(), op.getO2(),
                 op.getM(),  op.getD1(),
                 op.getD2(), memref::DimOp::create(b, op.getO1(), 0),
                 tile.keys};
  Outputs outputs = {op.getOut(),       Value(),
                     Value(),           op.getTbar(),
                     op.getLogSumExp(), llvm::to_vector(op.getState())};
  mergeRows(b, parts, tile.rows, {id.getBatch(), token, head, tile.packedHeads},
            outputs);
}

SmallVector<std::pair<Value, StringRef>>
problem_to_tile::operandsOf(problem::MergeOp op) {
  Outputs outputs = {op.getOut(),       Value(),
                     Value(),           op.getTbar(),
                     op.getLogSumExp(), llvm::to_vector(op.getState())};
  SmallVector<std::pair<Value, StringRef>> all = {{op.getO1(), "part_o1"},
                                                  {op.getO2(), "part_o2"},
                                                  {op.getM(), "part_m"},
                                                  {op.getD1(), "part_d1"},
                                                  {op.getD2(), "part_d2"}};
  all.append(outputs.named());
  return all;
}
