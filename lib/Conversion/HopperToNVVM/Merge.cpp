//===- Merge.cpp - States of rows become one ------------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a merger costs is the way to memory and back, once: so the loads of all
// parts, of up to 32 at a time, come before anything that waits for one. Lane n
// of each warp reads m, d1 and d2 of part n, and the weights are made in all
// lanes at once. Of O1 and O2 the lanes that hold the same columns read
// different parts, and are added up at the end. Few parts are merged by code
// for a few: what a load that is not done would have brought still takes a warp
// as long to weigh.
//
// A load of a part that is not there is not done, and leaves 0. What CTAs of a
// cluster have sent is near and of known number: see mergeSent.
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/HopperToNVVM/Lowering.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/Support/FormatVariadic.h"

#include <limits>

using namespace mlir;
using namespace parallax::hopper;

namespace {

Value wide(Emitter &e, Value x) {
  return arith::ExtSIOp::create(e, e.getI64Type(), x);
}
Value bit(Emitter &e, Value condition) {
  return arith::ExtUIOp::create(e, e.getI32Type(), condition);
}

/// Of all lanes whose numbers differ in bits from `first` to `end` / 2.
template <typename OpT>
Value combine(Emitter &e, Value value, int64_t first, int64_t end) {
  for (int64_t distance = first; distance < end; distance *= 2)
    value = OpT::create(e, value, e.ofLaneAcross(value, distance));
  return value;
}

/// What a load leaves if it is not done, and the load.
SmallVector<Value> loadIf(Emitter &e, Value exists, Value address,
                          int64_t count) {
  std::string zeros, results, constraints;
  for (int64_t i = 0; i != count; ++i) {
    zeros += llvm::formatv("mov.f32 ${0}, 0f00000000;\n", i).str();
    results += llvm::formatv("{0}${1}", i ? ", " : "", i).str();
    constraints += "=f,";
  }
  std::string vector = count > 1 ? "v4." : "";
  return e.assembly(
      llvm::formatv("{{\n.reg .pred exists;\nsetp.ne.u32 exists, ${0}, 0;\n{1}"
                    "@exists ld.global.{2}f32 {{{3}}, [${4}];\n}",
                    count + 1, zeros, vector, results, count)
          .str(),
      constraints + "l,r,~{memory}", {address, bit(e, exists)},
      SmallVector<Type>(count, e.getF32Type()));
}

/// A state of a row, of the columns of a lane.
struct LaneState {
  Value m, d1, d2;
  SmallVector<Value> sums; ///< O1's, then O2's.

  SmallVector<Value> values() const {
    SmallVector<Value> all = {m, d1, d2};
    all.append(sums);
    return all;
  }
  static LaneState from(ValueRange values) {
    return {values[0], values[1], values[2],
            SmallVector<Value>(values.drop_front(3))};
  }
};

/// Merges the parts of the rows that lie as `layout` says, in global memory.
class Merger {
public:
  template <typename AdaptorT>
  Merger(MergeRowsOp op, AdaptorT adaptor, Emitter &e,
         const KernelValues &kernel, LaneLayout layout, int64_t columns)
      : e(e), kernel(kernel), layout(layout), columns(columns),
        count(one(adaptor.getCount())),
        rows{one(adaptor.getPartM()), one(adaptor.getPartD1()),
             one(adaptor.getPartD2())},
        sums{one(adaptor.getPartO1()), one(adaptor.getPartO2())},
        partStride(one(adaptor.getPartStride())) {
    Value first = one(adaptor.getRow());
    Value row = e.add(first, laneRow(e, kernel, layout));
    auto tokenOf = [&](Value row) {
      return e.add(one(adaptor.getToken()), e.div(row, op.getHeads()));
    };
    Value exists =
        arith::AndIOp::create(e, e.less(row, e.i32(op.getRows())),
                              e.less(tokenOf(row), one(adaptor.getLength())));
    if (op.getM().getType().getDimSize(0) > 1)
      row = arith::SelectOp::create(e, exists, row, first);
    Value ofToken = arith::MulIOp::create(e, wide(e, tokenOf(row)),
                                          one(adaptor.getTokenStride()));
    base = arith::AddIOp::create(e, one(adaptor.getBase()), ofToken);
    if (op.getHeads() != 1)
      base = arith::AddIOp::create(e, base, wide(e, e.rem(row, op.getHeads())));
  }

  LaneState merge() { return finish(mergeFrom(2)); }

private:
  /// The most that are read at once.
  int64_t mostTogether() const {
    // Of a lane, of O1, under way together: of O1 and O2, 128 registers if
    // there are so many beside what else lives.
    constexpr int64_t others = 72;
    const bool hasMany = kernel.consumerRegisters >= 2 * 4 * 16 + others;
    const int64_t loads =
        std::max<int64_t>((hasMany ? 16 : 8) / layout.fours, 1);
    return std::min<int64_t>(32, loads * layout.copies);
  }
  /// Of any number, by code for `few` if they are no more, else for more.
  LaneState mergeFrom(int64_t few) {
    const int64_t most = mostTogether();
    if (few < most) {
      auto branch = scf::IfOp::create(
          e, e.lessOrEqual(count, e.i32(few)),
          [&](OpBuilder &, Location) {
            scf::YieldOp::create(e, turn(nothing(), e.i32(0), few).values());
          },
          [&](OpBuilder &, Location) {
            scf::YieldOp::create(e, mergeFrom(4 * few).values());
          });
      return LaneState::from(branch.getResults());
    }
    auto loop = scf::ForOp::create(
        e, e.i32(0), count, e.i32(most), nothing().values(),
        [&](OpBuilder &, Location, Value first, ValueRange carried) {
          scf::YieldOp::create(
              e, turn(LaneState::from(carried), first, most).values());
        });
    return LaneState::from(loop.getResults());
  }
  LaneState nothing() {
    Value zero = e.f32(0);
    return {e.f32(std::numeric_limits<float>::lowest()), zero, zero,
            SmallVector<Value>(2 * 4 * layout.fours, zero)};
  }
  LaneState turn(const LaneState &old, Value first, int64_t most);
  LaneState finish(LaneState state) {
    for (Value &sum : state.sums)
      sum = combine<arith::AddFOp>(e, sum, layout.lanes, 32);
    return state;
  }
  Value exp2OfDifference(Value x, Value y) {
    return e.intrinsic("llvm.nvvm.ex2.approx.ftz.f32",
                       arith::SubFOp::create(e, x, y));
  }
  Value select(Value condition, Value x, Value y) {
    return arith::SelectOp::create(e, condition, x, y);
  }
  Value mul(Value x, Value y) { return arith::MulFOp::create(e, x, y); }
  Value fma(Value x, Value y, Value z) {
    return LLVM::FMAOp::create(e, x, y, z);
  }

  /// m, d1 and d2 of a part.
  SmallVector<Value> loadRow(Value part, Value exists) {
    SmallVector<Value> values;
    Value element = rowOf(part);
    for (Value pointer : rows)
      values.append(loadIf(e, exists, at(pointer, element), 1));
    return values;
  }
  /// Four columns of O1 (0) or O2 (1).
  SmallVector<Value> loadFour(int64_t sum, Value part, Value exists,
                              Value column) {
    Value element = arith::AddIOp::create(
        e, arith::MulIOp::create(e, rowOf(part), e.i64(columns)),
        wide(e, column));
    return loadIf(e, exists, at(sums[sum], element), 4);
  }
  Value rowOf(Value part) {
    return arith::AddIOp::create(
        e, base, arith::MulIOp::create(e, wide(e, part), partStride));
  }
  Value at(Value pointer, Value element) {
    return LLVM::GEPOp::create(e, pointer.getType(), e.getF32Type(), pointer,
                               LLVM::GEPArg(element));
  }

  Emitter &e;
  const KernelValues &kernel;
  const LaneLayout layout;
  const int64_t columns;
  Value count;
  Value rows[3], sums[2], partStride, base;
};

LaneState Merger::turn(const LaneState &old, Value first, int64_t most) {
  Value part = e.add(first, e.bitAnd(kernel.lane, most - 1));
  SmallVector<Value> row = loadRow(part, e.less(part, count));
  // Lanes that hold the same columns take different parts.
  const int64_t turns = std::max<int64_t>(most / layout.copies, 1);
  Value copy = e.div(kernel.lane, layout.lanes);
  SmallVector<SmallVector<Value>> loads;
  for (int64_t i = 0; i != turns; ++i) {
    Value number = e.add(e.add(first, copy), i * layout.copies);
    Value exists = e.less(number, count);
    if (layout.copies > most)
      exists = arith::AndIOp::create(e, exists, e.less(copy, e.i32(most)));
    SmallVector<Value> &values = loads.emplace_back();
    for (int64_t sum : {0, 1})
      for (int64_t four = 0; four != layout.fours; ++four) {
        Value column = laneColumn(e, kernel, layout, four);
        Value isInside = layout.stride() * layout.fours == columns
                             ? exists
                             : arith::AndIOp::create(
                                   e, exists, e.less(column, e.i32(columns)));
        values.append(loadFour(sum, number, isInside, column));
      }
  }

  Value zero = e.f32(0);
  Value counts =
      arith::CmpFOp::create(e, arith::CmpFPredicate::OGT, row[1], zero);
  LaneState state;
  state.m = arith::MaximumFOp::create(
      e, old.m,
      combine<arith::MaximumFOp>(e, select(counts, row[0], old.m), 1, most));
  Value weight = select(counts, exp2OfDifference(row[0], state.m), zero);
  Value ours = exp2OfDifference(old.m, state.m);
  auto sum = [&](Value before, Value theirs) {
    Value weighed = select(counts, mul(weight, theirs), zero);
    return fma(before, ours, combine<arith::AddFOp>(e, weighed, 1, most));
  };
  state.d1 = sum(old.d1, row[1]);
  state.d2 = sum(old.d2, row[2]);
  for (Value before : old.sums)
    state.sums.push_back(mul(before, ours));
  for (auto [i, values] : llvm::enumerate(loads)) {
    Value number = e.add(copy, i * layout.copies);
    Value theirs = e.ofLane(weight, number);
    // A weight of 0 may stand beside a NaN.
    Value isPositive =
        arith::CmpFOp::create(e, arith::CmpFPredicate::OGT, theirs, zero);
    for (auto [total, value] : llvm::zip_equal(state.sums, values))
      total = select(isPositive, fma(theirs, value, total), total);
  }
  return state;
}

/// Merges what so many CTAs of the cluster have sent, from `address` on, of the
/// columns of a lane. Each instruction is executed once and fetched for that,
/// so each lane weighs all parts itself: there are fewer that way than with
/// exchanges between lanes, and no check that a part exists.
LaneState mergeSent(Emitter &e, const KernelValues &kernel, LaneLayout layout,
                    int64_t columns, int64_t sentColumns, Value address,
                    int64_t parts) {
  auto ofPart = [&](Value start, int64_t part, int64_t offset) {
    return e.loadFour(e.add(start, part * partBytes(sentColumns) + offset));
  };
  SmallVector<Value> m, d1, d2;
  for (int64_t part = 0; part != parts; ++part) {
    SmallVector<Value> ofRow = ofPart(address, part, 8 * sentColumns);
    m.push_back(ofRow[0]);
    d1.push_back(ofRow[1]);
    d2.push_back(ofRow[2]);
  }
  WarpWeights all = weighWarps(e, m, d1, d2);
  LaneState state = {all.m, all.d1, all.d2, {}};
  for (int64_t sum : {0, 1})
    for (int64_t four = 0; four != layout.fours; ++four) {
      Value column = laneColumn(e, kernel, layout, four);
      if (layout.stride() * layout.fours != columns) // Nobody needs others.
        column = arith::SelectOp::create(e, e.less(column, e.i32(columns)),
                                         column, e.i32(0));
      Value start = e.addScaled(address, column, 4);
      SmallVector<Value> totals(4, e.f32(0));
      for (auto [part, weight] : llvm::enumerate(all.weights))
        for (auto [total, value] : llvm::zip_equal(
                 totals, ofPart(start, part, 4 * sentColumns * sum)))
          total = addProduct(e, total, value, weight);
      state.sums.append(totals);
    }
  return state;
}

/// Of `count` CTAs, a power of two from `few` on, by code for as many.
LaneState mergeReceived(Emitter &e, const KernelValues &kernel,
                        LaneLayout layout, int64_t columns, int64_t sentColumns,
                        Value count, Value address, int64_t few = 2) {
  auto merge = [&](int64_t parts) {
    return mergeSent(e, kernel, layout, columns, sentColumns, address, parts);
  };
  if (few == kClusterCtas)
    return merge(few);
  auto branch = scf::IfOp::create(
      e, e.equal(count, few),
      [&](OpBuilder &, Location) {
        scf::YieldOp::create(e, merge(few).values());
      },
      [&](OpBuilder &, Location) {
        scf::YieldOp::create(e,
                             mergeReceived(e, kernel, layout, columns,
                                           sentColumns, count, address, 2 * few)
                                 .values());
      });
  return LaneState::from(branch.getResults());
}

/// Replaces a merger's results.
void replace(Operation *op, const LaneState &state,
             ConversionPatternRewriter &rewriter) {
  ArrayRef<Value> sums = state.sums;
  const size_t half = sums.size() / 2;
  rewriter.replaceOpWithMultiple(
      op,
      SmallVector<SmallVector<Value>>{{state.m},
                                      {state.d1},
                                      {state.d2},
                                      llvm::to_vector(sums.take_front(half)),
                                      llvm::to_vector(sums.drop_front(half))});
}

struct LowerMergeRows : KernelPattern<MergeRowsOp> {
  using KernelPattern::KernelPattern;
  LogicalResult lower(MergeRowsOp op, OneToNOpAdaptor adaptor, Emitter &e,
                      ConversionPatternRewriter &rewriter) const override {
    auto type = cast<RankedTensorType>(op.getO1().getType());
    const int64_t columns = type.getDimSize(1);
    Merger merger(op, adaptor, e, kernel,
                  LaneLayout::of(type.getDimSize(0), columns), columns);
    replace(op, merger.merge(), rewriter);
    return success();
  }
};

struct LowerMergeReceived : KernelPattern<MergeReceivedOp> {
  using KernelPattern::KernelPattern;
  LogicalResult lower(MergeReceivedOp op, OneToNOpAdaptor adaptor, Emitter &e,
                      ConversionPatternRewriter &rewriter) const override {
    auto type = cast<RankedTensorType>(op.getO1().getType());
    const int64_t columns = type.getDimSize(1);
    // The row's first slot of the inbox.
    Value row = one(adaptor.getRow()), count = one(adaptor.getCount());
    Value first = arith::MulIOp::create(e, e.divSmall(row, count), count);
    Value inbox =
        LLVM::PtrToIntOp::create(e, e.getI32Type(), one(adaptor.getInbox()));
    const int64_t sentColumns = op.getSentColumns();
    replace(op,
            mergeReceived(e, kernel, LaneLayout::of(1, columns), columns,
                          sentColumns, count,
                          e.addScaled(inbox, first, partBytes(sentColumns))),
            rewriter);
    return success();
  }
};

} // namespace

void parallax::hopper::populateMergePatterns(const TypeConverter &converter,
                                             RewritePatternSet &patterns,
                                             const KernelValues &kernel) {
  patterns.add<LowerMergeRows, LowerMergeReceived>(
      converter, patterns.getContext(), kernel);
}
