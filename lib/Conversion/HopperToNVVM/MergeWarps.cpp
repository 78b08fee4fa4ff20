//===- MergeWarps.cpp - States that warps have become one -----------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each warp writes its rows to shared memory, in the columns' own order, and
// the first reads those of all and weighs them. What lies there is read once
// and no faster by more warps.
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/HopperToNVVM/Lowering.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

#include <limits>

using namespace mlir;
using namespace parallax::hopper;

static Value product(Emitter &e, Value x, Value y) {
  return arith::MulFOp::create(e, x, y, arith::FastMathFlags::contract);
}

Value parallax::hopper::addProduct(Emitter &e, Value sum, Value x, Value y) {
  return arith::AddFOp::create(e, sum, product(e, x, y),
                               arith::FastMathFlags::contract);
}

WarpWeights parallax::hopper::weighWarps(Emitter &e, ArrayRef<Value> m,
                                         ArrayRef<Value> d1,
                                         ArrayRef<Value> d2) {
  Value lowest = e.f32(std::numeric_limits<float>::lowest());
  WarpWeights all = {lowest, e.f32(0), e.f32(0), {}};
  SmallVector<Value> counts;
  for (auto [ofWarp, sum] : llvm::zip_equal(m, d1)) {
    counts.push_back(
        arith::CmpFOp::create(e, arith::CmpFPredicate::OGT, sum, e.f32(0)));
    all.m = arith::MaxNumFOp::create(
        e, all.m, arith::SelectOp::create(e, counts.back(), ofWarp, lowest));
  }
  for (size_t w = 0; w != m.size(); ++w) {
    Value weight = e.intrinsic("llvm.nvvm.ex2.approx.ftz.f32",
                               arith::SubFOp::create(e, m[w], all.m));
    weight = arith::SelectOp::create(e, counts[w], weight, e.f32(0));
    all.weights.push_back(weight);
    all.d1 = addProduct(e, all.d1, d1[w], weight);
    all.d2 = addProduct(e, all.d2, d2[w], weight);
  }
  return all;
}

/// Stores row `row`, of as many as a lane has, of an accumulator. `lane` is the
/// number of those that share the row.
static void storeColumns(Emitter &e, ValueRange registers, int64_t rows,
                         int64_t row, bool areInPairs, Value lane,
                         Value address) {
  // A register for each 8 columns, or two for two of 16 that are neighbours.
  const size_t together = areInPairs ? 2 : 1;
  Value first = e.advance(address, e.mul(lane, 4 * together));
  for (size_t i = 0; i < registers.size() / rows; i += together) {
    SmallVector<Value, 2> values;
    for (size_t n = i; n != i + together; ++n)
      values.push_back(registers[n * rows + row]);
    e.storeVector(values, e.advance(first, 32 * i));
  }
}

void parallax::hopper::writeStates(Emitter &e, const KernelValues &kernel,
                                   const WarpStates &states, Value end) {
  const int64_t rowBytes = crossingBytes(states.columns);
  const int64_t rows = states.m.size(); // Of this lane.
  Value part = e.mul(e.bitAnd(kernel.warp, 3), states.bytesOfWarp);
  Value lane = e.div(kernel.lane, 4);
  Value firstRow = e.mul(e.bitAnd(kernel.lane, 3), rows);
  for (int64_t n = 0; n != rows; ++n) {
    Value row = e.add(firstRow, n);
    Value start = e.add(part, e.mul(row, rowBytes));
    auto write = [&](Emitter &e) {
      for (auto [ring, sums] :
           llvm::zip_equal(states.rings, ArrayRef{states.o1, states.o2}))
        storeColumns(e, sums, rows, n, states.areInPairs, lane,
                     e.advance(ring, start));
      // Of a row, one lane's.
      e.inBranch(e.equal(lane, 0), [&](Emitter &e) {
        Value ofRow[] = {states.m[n], states.d1[n], states.d2[n], e.f32(0)};
        e.storeVector(ofRow, e.advance(e.advance(states.rings[0], start),
                                       4 * states.columns));
      });
    };
    // One branch: predicated stores become as many.
    if (end)
      e.inBranch(e.less(row, end), write);
    else
      write(e);
  }
}

namespace {

struct LowerMergeWarps : KernelPattern<MergeWarpsOp> {
  using KernelPattern::KernelPattern;

  LogicalResult lower(MergeWarpsOp op, OneToNOpAdaptor adaptor, Emitter &e,
                      ConversionPatternRewriter &rewriter) const override {
    const int64_t columns =
        cast<RankedTensorType>(op.getO1().getType()).getDimSize(1);
    const int64_t rowBytes = crossingBytes(columns);
    const int64_t bytesOfWarp = op.getBytes() / kWarps;
    Value warp = e.bitAnd(kernel.warp, 3), thread = e.bitAnd(kernel.lane, 3);
    Value rings[] = {one(adaptor.getFirst()), one(adaptor.getSecond())};
    Value lane = e.div(kernel.lane, 4);
    const int64_t rows = adaptor.getM().size();
    e.warpgroupBarrier(kernel);
    writeStates(e, kernel,
                {adaptor.getM(),
                 adaptor.getD1(),
                 adaptor.getD2(),
                 adaptor.getO1(),
                 adaptor.getO2(),
                 {rings[0], rings[1]},
                 columns,
                 bytesOfWarp,
                 op.areInPairs()});
    e.warpgroupBarrier(kernel);
    Value isFirst = e.equal(warp, 0);

    // The merger's lanes have 8 rows, of which the last may be none.
    Value row = e.mul(e.bitAnd(lane, 4 * rows - 1), rowBytes);
    auto ofWarp = [&](Emitter &e, int64_t ring, int64_t number) {
      return e.advance(e.advance(rings[ring], row), number * bytesOfWarp);
    };
    SmallVector<Value> weights;
    auto merged = inFirst(e, isFirst, 3 + kWarps, [&](Emitter &e) {
      SmallVector<Value> m, d1, d2;
      for (int64_t w = 0; w != kWarps; ++w) {
        SmallVector<Value> values =
            load(e, e.advance(ofWarp(e, 0, w), 4 * columns), 4);
        m.push_back(values[0]);
        d1.push_back(values[1]);
        d2.push_back(values[2]);
      }
      WarpWeights all = weighWarps(e, m, d1, d2);
      SmallVector<Value> values = {all.m, all.d1, all.d2};
      values.append(all.weights);
      return values;
    });
    weights.append(merged.begin() + 3, merged.end());
    // Of 8 rows by four lanes each.
    auto sum = [&](int64_t ring) {
      const int64_t count = columns / 4;
      return inFirst(e, isFirst, count, [&](Emitter &e) {
        SmallVector<Value> sums;
        Value column = e.mul(thread, 8);
        for (int64_t i = 0; i != count; i += 2) {
          Value pair[2];
          for (int64_t w = 0; w != kWarps; ++w) {
            Value ofPart = e.advance(ofWarp(e, ring, w), column);
            SmallVector<Value> values = load(e, e.advance(ofPart, 16 * i), 2);
            for (int64_t n : {0, 1}) {
              pair[n] = w ? addProduct(e, pair[n], values[n], weights[w])
                          : product(e, values[n], weights[w]);
            }
          }
          sums.append({pair[0], pair[1]});
        }
        return sums;
      });
    };
    SmallVector<Value> o1 = sum(0), o2 = sum(1);
    SmallVector<SmallVector<Value>> results = {
        {merged[0]}, {merged[1]}, {merged[2]}, o1, o2};
    rewriter.replaceOpWithMultiple(op, std::move(results));
    return success();
  }

private:
  static SmallVector<Value> load(Emitter &e, Value address, int64_t count) {
    Value vector =
        LLVM::LoadOp::create(e, VectorType::get(count, e.getF32Type()), address,
                             /*alignment=*/4 * count);
    SmallVector<Value> values;
    for (int64_t i = 0; i != count; ++i)
      values.push_back(LLVM::ExtractElementOp::create(e, vector, e.i32(i)));
    return values;
  }

  /// What `body` makes in the first warp; others have zeros.
  static SmallVector<Value>
  inFirst(Emitter &e, Value isFirst, int64_t count,
          llvm::function_ref<SmallVector<Value>(Emitter &)> body) {
    auto branch =
        scf::IfOp::create(e, SmallVector<Type>(count, e.getF32Type()), isFirst,
                          /*withElseRegion=*/true);
    OpBuilder::InsertionGuard guard(e);
    e.setInsertionPointToStart(branch.thenBlock());
    scf::YieldOp::create(e, body(e));
    e.setInsertionPointToStart(branch.elseBlock());
    scf::YieldOp::create(e, SmallVector<Value>(count, e.f32(0)));
    return SmallVector<Value>(branch.getResults());
  }
};

} // namespace

void parallax::hopper::populateMergeWarpsPatterns(
    const TypeConverter &converter, RewritePatternSet &patterns,
    const KernelValues &kernel) {
  patterns.add<LowerMergeWarps>(converter, patterns.getContext(), kernel);
}
