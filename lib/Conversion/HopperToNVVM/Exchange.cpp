//===- Exchange.cpp - CTAs of a cluster send each other states ------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a CTA sends it stores into another's shared memory by st.async, which
// counts the bytes at that CTA's barrier. So nobody fences, asks or comes back:
// a state is there one way after it was made. Each warp writes its rows to
// shared memory first, so that a thread can weigh four columns of O1 and O2 of
// all warps and send them: of one row as many threads do as a warp has, where
// four or eight lanes hold it.
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/HopperToNVVM/Lowering.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace parallax::hopper;

namespace {

constexpr int64_t kThreads = 128; ///< Of a warpgroup.

Value addressOf(Emitter &e, Value pointer) {
  return LLVM::PtrToIntOp::create(e, e.getI32Type(), pointer);
}

Value rankOf(Emitter &e) { return NVVM::ClusterId::create(e, e.getI32Type()); }

/// The state of rows in shared memory: O1 and what is one value a row in the
/// first ring, O2 in the second.
struct Parts {
  Value rings[2];
  int64_t parts, columns;
  int64_t bytes; ///< From a part to the next.

  int64_t rowBytes() const { return crossingBytes(columns); }
};

struct LowerSendRows : KernelPattern<SendRowsOp> {
  using KernelPattern::KernelPattern;

  LogicalResult lower(SendRowsOp op, OneToNOpAdaptor adaptor, Emitter &e,
                      ConversionPatternRewriter &rewriter) const override {
    const Parts parts = {{one(adaptor.getFirst()), one(adaptor.getSecond())},
                         op.getParts(),
                         op.getColumns(),
                         op.getBytes() / op.getParts()};
    e.warpgroupBarrier(kernel);
    if (parts.parts > 1)
      writeStates(e, kernel,
                  {adaptor.getM(),
                   adaptor.getD1(),
                   adaptor.getD2(),
                   adaptor.getO1(),
                   adaptor.getO2(),
                   {parts.rings[0], parts.rings[1]},
                   parts.columns,
                   parts.bytes,
                   op.areInPairs()},
                  one(adaptor.getRows()));
    else
      writeRow(e, adaptor, parts);
    e.warpgroupBarrier(kernel);
    send(e, adaptor, parts);
    rewriter.eraseOp(op);
    return success();
  }

private:
  /// Writes this lane's columns of its row, and the first lane of a row its m,
  /// d1 and d2.
  void writeRow(Emitter &e, OneToNOpAdaptor adaptor, const Parts &parts) const;
  void send(Emitter &e, OneToNOpAdaptor adaptor, const Parts &parts) const;
};

struct LowerAwaitRows : KernelPattern<AwaitRowsOp> {
  using KernelPattern::KernelPattern;

  LogicalResult lower(AwaitRowsOp op, OneToNOpAdaptor adaptor, Emitter &e,
                      ConversionPatternRewriter &rewriter) const override {
    Value barrier = addressOf(e, one(adaptor.getBarrier()));
    Value count = one(adaptor.getCount());
    // Rows rank, rank + count, ... below `rows`.
    Value own = arith::SubIOp::create(e, one(adaptor.getRows()), rankOf(e));
    own = arith::MaxSIOp::create(e, own, e.i32(0));
    own = e.divSmall(e.add(e.add(own, count), -1), count);
    Value bytes =
        e.mul(arith::MulIOp::create(e, own, count), partBytes(op.getColumns()));
    Value isFirst = e.equal(e.bitAnd(kernel.thread, kThreads - 1), 0);
    e.inBranch(isFirst, [&](Emitter &e) {
      e.assembly("mbarrier.arrive.expect_tx.shared::cta.b64 _, [$0], $1;",
                 "r,r,~{memory}", {barrier, bytes}, TypeRange());
    });
    // What was sent lies in this CTA's memory: its scope does.
    e.assembly("{\n.reg .pred done;\nwait:\n"
               "mbarrier.try_wait.parity.shared::cta.b64 done, [$0], 0;\n"
               "@!done bra wait;\n}",
               "r,~{memory}", {barrier}, TypeRange());
    rewriter.eraseOp(op);
    return success();
  }
};

struct LowerClusterArrive : KernelPattern<ClusterArriveOp> {
  using KernelPattern::KernelPattern;
  LogicalResult lower(ClusterArriveOp op, OneToNOpAdaptor, Emitter &e,
                      ConversionPatternRewriter &rewriter) const override {
    // The fence behind the barriers' initialisation is the cluster's. One
    // thread comes later than its warp, so that they are not aligned.
    NVVM::ClusterArriveRelaxedOp::create(e, UnitAttr());
    rewriter.eraseOp(op);
    return success();
  }
};

struct LowerClusterWait : KernelPattern<ClusterWaitOp> {
  using KernelPattern::KernelPattern;
  LogicalResult lower(ClusterWaitOp op, OneToNOpAdaptor, Emitter &e,
                      ConversionPatternRewriter &rewriter) const override {
    NVVM::ClusterWaitOp::create(e, e.getUnitAttr());
    rewriter.eraseOp(op);
    return success();
  }
};

/// Stores to another CTA's memory, whose barrier counts the bytes.
void sendFour(Emitter &e, Value address, Value barrier, ValueRange values) {
  SmallVector<Value> operands = {address, barrier};
  llvm::append_range(operands, values);
  e.assembly("st.async.shared::cluster.mbarrier::complete_tx::bytes.v4.f32 "
             "[$0], {$2, $3, $4, $5}, [$1];",
             "r,r,f,f,f,f,~{memory}", operands, TypeRange());
}

} // namespace

void LowerSendRows::writeRow(Emitter &e, OneToNOpAdaptor adaptor,
                             const Parts &parts) const {
  // As accumulators of 32 rows have them: 8 a warp, a row in four lanes.
  Value row = e.firstRow(kernel, 8), lane = e.bitAnd(kernel.lane, 3);
  Value start = e.mul(row, parts.rowBytes());
  ValueRange sums[] = {adaptor.getO1(), adaptor.getO2()};
  // One branch: predicated stores become as many.
  e.inBranch(e.less(row, one(adaptor.getRows())), [&](Emitter &e) {
    for (auto [ring, registers] : llvm::zip_equal(parts.rings, sums)) {
      Value first = e.advance(e.advance(ring, start), e.mul(lane, 8));
      for (size_t i = 0; i < registers.size(); i += 2)
        e.storeVector(registers.slice(i, 2), e.advance(first, 16 * i));
    }
    e.inBranch(e.equal(lane, 0), [&](Emitter &e) {
      Value ofRow[] = {one(adaptor.getM()), one(adaptor.getD1()),
                       one(adaptor.getD2()), e.f32(0)};
      e.storeVector(ofRow, e.advance(e.advance(parts.rings[0], start),
                                     4 * parts.columns));
    });
  });
}

void LowerSendRows::send(Emitter &e, OneToNOpAdaptor adaptor,
                         const Parts &parts) const {
  const int64_t fours = parts.columns / 4;
  Value inbox = addressOf(e, one(adaptor.getInbox()));
  Value barrier = addressOf(e, one(adaptor.getBarrier()));
  Value rings[] = {addressOf(e, parts.rings[0]), addressOf(e, parts.rings[1])};
  Value count = one(adaptor.getCount()), rank = rankOf(e);
  Value thread = e.bitAnd(kernel.thread, kThreads - 1);
  Value end = e.mul(one(adaptor.getRows()), fours);
  auto loop = scf::ForOp::create(e, thread, end, e.i32(kThreads));
  OpBuilder::InsertionGuard guard(e);
  e.setInsertionPoint(loop.getBody()->getTerminator());
  Value row = e.div(loop.getInductionVar(), fours);
  Value four = e.rem(loop.getInductionVar(), fours);

  SmallVector<Value> m, d1, d2;
  SmallVector<SmallVector<Value>> sums[2];
  for (int64_t part = 0; part != parts.parts; ++part)
    for (int64_t n : {0, 1}) {
      Value start = e.add(e.addScaled(rings[n], row, parts.rowBytes()),
                          part * parts.bytes);
      sums[n].push_back(e.loadFour(e.addScaled(start, four, 16)));
      if (n)
        continue;
      SmallVector<Value> ofRow = e.loadFour(e.add(start, 4 * parts.columns));
      m.push_back(ofRow[0]);
      d1.push_back(ofRow[1]);
      d2.push_back(ofRow[2]);
    }
  SmallVector<Value> ofRow = {m[0], d1[0], d2[0], e.f32(0)};
  SmallVector<Value> columns[] = {sums[0][0], sums[1][0]};
  if (parts.parts > 1) {
    WarpWeights all = weighWarps(e, m, d1, d2);
    ofRow = {all.m, all.d1, all.d2, e.f32(0)};
    for (int64_t n : {0, 1}) {
      columns[n].assign(4, e.f32(0));
      for (auto [weight, values] : llvm::zip_equal(all.weights, sums[n]))
        for (auto [sum, value] : llvm::zip_equal(columns[n], values))
          sum = addProduct(e, sum, value, weight);
    }
  }

  auto ofCta = [&](Value address, Value cta) {
    return e
        .assembly("mapa.shared::cluster.u32 $0, $1, $2;", "=r,r,r",
                  {address, cta}, e.getI32Type())
        .front();
  };
  Value round = e.divSmall(row, count);
  Value cta =
      arith::SubIOp::create(e, row, arith::MulIOp::create(e, round, count));
  Value slot = e.add(arith::MulIOp::create(e, round, count), rank);
  Value theirs = ofCta(e.addScaled(inbox, slot, partBytes(parts.columns)), cta);
  Value theirBarrier = ofCta(barrier, cta);
  Value first = e.addScaled(theirs, four, 16);
  for (int64_t n : {0, 1})
    sendFour(e, e.add(first, 4 * parts.columns * n), theirBarrier, columns[n]);
  e.inBranch(e.equal(four, 0), [&](Emitter &e) {
    sendFour(e, e.add(theirs, 8 * parts.columns), theirBarrier, ofRow);
  });
}

void parallax::hopper::populateExchangePatterns(const TypeConverter &converter,
                                                RewritePatternSet &patterns,
                                                const KernelValues &kernel) {
  patterns
      .add<LowerSendRows, LowerAwaitRows, LowerClusterArrive, LowerClusterWait>(
          converter, patterns.getContext(), kernel);
}
