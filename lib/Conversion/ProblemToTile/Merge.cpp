//===- Merge.cpp - States of different keys become one --------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A program owns one tile of rows and walks the parts:
//
//   m'  = max(m, m_n)    a = 2^(m - m')    b = 2^(m_n - m')
//   d1  = a d1 + b d1_n, and so d2, O1 and O2
//
// where a part whose d1 is not positive is empty: b is 0, m' is m, and whatever
// the part holds is replaced by 0, since 0 times a NaN is none. m starts at the
// lowest finite value, as that of a row that has seen no key.
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
  State add(const State &s, Value part);

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
  Value isPositive(Value x) {
    Value zero = fill(b, cast<RankedTensorType>(x.getType()).getShape(), 0);
    return arith::CmpFOp::create(b, arith::CmpFPredicate::OGT, x, zero);
  }
  Value exp2OfDifference(Value x, Value y) {
    return math::Exp2Op::create(b, arith::SubFOp::create(b, x, y));
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
      b, index(0), parts.count, index(1), initial.values(),
      [&](OpBuilder &, Location, Value part, ValueRange carried) {
        State next = add(State::from(carried), part);
        scf::YieldOp::create(b, next.values());
      });
  return State::from(loop.getResults());
}

State MergeWriter::add(const State &s, Value part) {
  OpBuilder::InsertionGuard guard(b);
  Value d1 = loadRow(parts.d1, part), d2 = loadRow(parts.d2, part);
  Value partM = loadRow(parts.m, part);
  Value zero = fill(b, {rows}, 0);
  Value counts = isPositive(d1);
  partM = arith::SelectOp::create(b, counts, partM, s.m);
  Value m = arith::MaximumFOp::create(b, s.m, partM);
  Value old = exp2OfDifference(s.m, m);
  Value factor =
      arith::SelectOp::create(b, counts, exp2OfDifference(partM, m), zero);
  auto sum = [&](Value ours, Value theirs) -> Value {
    theirs = arith::SelectOp::create(
        b, counts, arith::MulFOp::create(b, factor, theirs), zero);
    return arith::AddFOp::create(b, arith::MulFOp::create(b, old, ours),
                                 theirs);
  };
  Value wideOld = broadcast(b, old, headDim);
  Value wideFactor = broadcast(b, factor, headDim);
  Value wideCounts = isPositive(broadcast(b, d1, headDim));
  Value wideZero = fill(b, {rows, headDim}, 0);
  auto wideSum = [&](Value ours, Value memory) -> Value {
    Value theirs = arith::MulFOp::create(b, wideFactor, loadTile(memory, part));
    theirs = arith::SelectOp::create(b, wideCounts, theirs, wideZero);
    return arith::AddFOp::create(b, arith::MulFOp::create(b, wideOld, ours),
                                 theirs);
  };
  return {m,
          sum(s.d1, d1),
          sum(s.d2, d2),
          wideSum(s.o1, parts.o1),
          wideSum(s.o2, parts.o2),
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
  Parts parts = {op.getO1(), op.getO2(), op.getM(), op.getD1(), op.getD2(),
                 memref::DimOp::create(b, op.getO1(), 0)};
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
