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
// shared memory first, so that a thread can weigh four columns of all warps and
// send them: of one row 64 threads do, where four lanes hold it.
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

/// The state of rows in shared memory: parts, of so many rows.
struct Parts {
  Value first; ///< Address.
  int64_t parts, rows, columns;

  int64_t rowBytes() const { return partBytes(columns); }
  int64_t bytes() const { return rows * rowBytes(); } ///< Of a part.
};

struct LowerSendRows : KernelPattern<SendRowsOp> {
  using KernelPattern::KernelPattern;

  LogicalResult lower(SendRowsOp op, OneToNOpAdaptor adaptor, Emitter &e,
                      ConversionPatternRewriter &rewriter) const override {
    Value tile = one(adaptor.getTile());
    const Parts ring = {addressOf(e, tile), op.getParts(),
                        static_cast<int64_t>(op.getMost()), op.getColumns()};
    e.warpgroupBarrier(kernel);
    if (op.getPerWarp()) {
      Value warp = e.bitAnd(kernel.warp, 3);
      write(e, adaptor, op.areInFours(), e.div(kernel.lane, 4),
            e.advance(tile, e.mul(warp, ring.bytes())), ring);
    } else {
      // As accumulators of 32 rows have them: 8 a warp.
      write(e, adaptor, /*areInFours=*/false, e.firstRow(kernel, 8), tile,
            ring);
    }
    e.warpgroupBarrier(kernel);
    send(e, adaptor, ring);
    rewriter.eraseOp(op);
    return success();
  }

private:
  /// Writes this lane's columns of its row, and the first lane of a row its m,
  /// d1 and d2.
  void write(Emitter &e, OneToNOpAdaptor adaptor, bool areInFours, Value row,
             Value part, const Parts &ring) const;
  void send(Emitter &e, OneToNOpAdaptor adaptor, const Parts &ring) const;
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

void LowerSendRows::write(Emitter &e, OneToNOpAdaptor adaptor, bool areInFours,
                          Value row, Value part, const Parts &ring) const {
  // Neighbours of a thread.
  const int64_t together = areInFours ? 4 : 2;
  Value start = e.advance(part, e.mul(row, ring.rowBytes()));
  Value lane = e.bitAnd(kernel.lane, 3);
  Value first = e.advance(start, e.mul(lane, 4 * together));
  // One branch: predicated stores become as many.
  e.inBranch(e.less(row, one(adaptor.getRows())), [&](Emitter &e) {
    for (auto [sum, registers] : llvm::enumerate(
             SmallVector<ValueRange>{adaptor.getO1(), adaptor.getO2()}))
      for (size_t i = 0; i < registers.size(); i += together)
        e.storeVector(registers.slice(i, together),
                      e.advance(first, 16 * i + 4 * ring.columns * sum));
    e.inBranch(e.equal(lane, 0), [&](Emitter &e) {
      Value ofRow[] = {one(adaptor.getM()), one(adaptor.getD1()),
                       one(adaptor.getD2()), e.f32(0)};
      e.storeVector(ofRow, e.advance(start, 8 * ring.columns));
    });
  });
}

void LowerSendRows::send(Emitter &e, OneToNOpAdaptor adaptor,
                         const Parts &ring) const {
  const int64_t fours = ring.columns / 2; // O1's and O2's of a row.
  Value inbox = addressOf(e, one(adaptor.getInbox()));
  Value barrier = addressOf(e, one(adaptor.getBarrier()));
  Value count = one(adaptor.getCount()), rank = rankOf(e);
  Value thread = e.bitAnd(kernel.thread, kThreads - 1);
  Value end = e.mul(one(adaptor.getRows()), fours);
  auto loop = scf::ForOp::create(e, thread, end, e.i32(kThreads));
  OpBuilder::InsertionGuard guard(e);
  e.setInsertionPoint(loop.getBody()->getTerminator());
  Value row = e.div(loop.getInductionVar(), fours);
  Value four = e.rem(loop.getInductionVar(), fours);
  Value start = e.addScaled(ring.first, row, ring.rowBytes());

  SmallVector<SmallVector<Value>> sums;
  SmallVector<Value> m, d1, d2;
  for (int64_t part = 0; part != ring.parts; ++part) {
    Value ofPart = e.add(start, part * ring.bytes());
    SmallVector<Value> ofRow = e.loadFour(e.add(ofPart, 8 * ring.columns));
    m.push_back(ofRow[0]);
    d1.push_back(ofRow[1]);
    d2.push_back(ofRow[2]);
    sums.push_back(e.loadFour(e.addScaled(ofPart, four, 16)));
  }
  SmallVector<Value> ofRow = {m[0], d1[0], d2[0], e.f32(0)}, columns = sums[0];
  if (ring.parts > 1) {
    WarpWeights all = weighWarps(e, m, d1, d2);
    ofRow = {all.m, all.d1, all.d2, e.f32(0)};
    columns.assign(4, e.f32(0));
    for (auto [weight, values] : llvm::zip_equal(all.weights, sums))
      for (auto [sum, value] : llvm::zip_equal(columns, values))
        sum = addProduct(e, sum, value, weight);
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
  Value theirs = ofCta(e.addScaled(inbox, slot, ring.rowBytes()), cta);
  Value theirBarrier = ofCta(barrier, cta);
  sendFour(e, e.addScaled(theirs, four, 16), theirBarrier, columns);
  e.inBranch(e.equal(four, 0), [&](Emitter &e) {
    sendFour(e, e.add(theirs, 8 * ring.columns), theirBarrier, ofRow);
  });
}

void parallax::hopper::populateExchangePatterns(const TypeConverter &converter,
                                                RewritePatternSet &patterns,
                                                const KernelValues &kernel) {
  patterns
      .add<LowerSendRows, LowerAwaitRows, LowerClusterArrive, LowerClusterWait>(
          converter, patterns.getContext(), kernel);
}
