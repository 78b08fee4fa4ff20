//===- Barrier.cpp - Barriers to NVVM -------------------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/HopperToNVVM/Lowering.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;
using namespace parallax::hopper;

namespace {

struct LowerBarriers : KernelPattern<BarriersOp> {
  using KernelPattern::KernelPattern;
  LogicalResult lower(BarriersOp op, OneToNOpAdaptor, Emitter &e,
                      ConversionPatternRewriter &rewriter) const override {
    rewriter.replaceOp(
        op, e.advance(kernel.smem, kernel.layout.offsets.lookup(op)));
    return success();
  }
};

struct LowerWait : KernelPattern<WaitOp> {
  using KernelPattern::KernelPattern;
  LogicalResult lower(WaitOp op, OneToNOpAdaptor adaptor, Emitter &e,
                      ConversionPatternRewriter &rewriter) const override {
    BarrierType type = op.getBarrier().getType();
    Value use = one(adaptor.getUse());
    Value address = e.barrierAddress(one(adaptor.getBarrier()), type, use);
    // Completion number use div S - lag; its parity is that of the sum.
    Value parity = e.i32(op.getLag());
    if (use)
      parity = e.bitAnd(e.add(e.div(use, type.getStages()), op.getLag()), 1);
    constexpr int64_t nanoseconds = 10'000'000;
    NVVM::MBarrierTryWaitParityOp::create(e, address, parity,
                                          e.i32(nanoseconds));
    rewriter.eraseOp(op);
    return success();
  }
};

struct LowerExpect : KernelPattern<ExpectOp> {
  using KernelPattern::KernelPattern;
  LogicalResult lower(ExpectOp op, OneToNOpAdaptor adaptor, Emitter &e,
                      ConversionPatternRewriter &rewriter) const override {
    Value address =
        e.barrierAddress(one(adaptor.getBarrier()), op.getBarrier().getType(),
                         one(adaptor.getUse()));
    NVVM::MBarrierArriveExpectTxOp::create(
        e, Type(), address, e.i32(op.getBytes()),
        NVVM::MemScopeKindAttr::get(getContext(), NVVM::MemScopeKind::CTA),
        e.getBoolAttr(false), Value());
    rewriter.eraseOp(op);
    return success();
  }
};

struct LowerArrive : KernelPattern<ArriveOp> {
  using KernelPattern::KernelPattern;
  LogicalResult lower(ArriveOp op, OneToNOpAdaptor adaptor, Emitter &e,
                      ConversionPatternRewriter &rewriter) const override {
    Value address =
        e.barrierAddress(one(adaptor.getBarrier()), op.getBarrier().getType(),
                         one(adaptor.getUse()));
    // A predicate, not a branch: a branch among multiplications in flight
    // makes the assembler serialise them.
    e.assembly("@$1 mbarrier.arrive.shared::cta.b64 _, [$0];", "r,b,~{memory}",
               {LLVM::PtrToIntOp::create(e, e.getI32Type(), address),
                e.equal(kernel.lane, 0)},
               {});
    rewriter.eraseOp(op);
    return success();
  }
};

struct LowerWarpgroupBarrier : KernelPattern<WarpgroupBarrierOp> {
  using KernelPattern::KernelPattern;
  LogicalResult lower(WarpgroupBarrierOp op, OneToNOpAdaptor, Emitter &e,
                      ConversionPatternRewriter &rewriter) const override {
    e.warpgroupBarrier(kernel);
    rewriter.eraseOp(op);
    return success();
  }
};

struct LowerNamedSync : KernelPattern<NamedSyncOp> {
  using KernelPattern::KernelPattern;
  LogicalResult lower(NamedSyncOp op, OneToNOpAdaptor adaptor, Emitter &e,
                      ConversionPatternRewriter &rewriter) const override {
    NVVM::BarrierOp::create(e, TypeRange(), e.add(one(adaptor.getId()), 1),
                            e.i32(op.getThreads()),
                            NVVM::BarrierReductionAttr(), Value());
    rewriter.eraseOp(op);
    return success();
  }
};

struct LowerNamedArrive : KernelPattern<NamedArriveOp> {
  using KernelPattern::KernelPattern;
  LogicalResult lower(NamedArriveOp op, OneToNOpAdaptor adaptor, Emitter &e,
                      ConversionPatternRewriter &rewriter) const override {
    NVVM::BarrierArriveOp::create(e, e.add(one(adaptor.getId()), 1),
                                  e.i32(op.getThreads()));
    rewriter.eraseOp(op);
    return success();
  }
};

} // namespace

void parallax::hopper::populateBarrierPatterns(const TypeConverter &converter,
                                               RewritePatternSet &patterns,
                                               const KernelValues &kernel) {
  patterns.add<LowerBarriers, LowerWait, LowerExpect, LowerArrive,
               LowerWarpgroupBarrier, LowerNamedSync, LowerNamedArrive>(
      converter, patterns.getContext(), kernel);
}
