//===- Mail.cpp - Registers that cross warpgroups -------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The thread that gets a register has the number in its warpgroup of the one
// that put it. So a register tensor needs no layout in shared memory: each
// thread moves its registers four at a time, and neighbours lie side by side.
// Scalars cross from the producer's thread to all of a warpgroup.
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/HopperToNVVM/Lowering.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;
using namespace parallax::hopper;

namespace {

constexpr int64_t kRegisterSize = 4;

/// Calls `move` with the first register of each group of up to four, how many
/// they are, and the address of this thread's.
void forEachGroup(Emitter &e, const KernelValues &kernel, Value tile,
                  SmemType type, Value stage, int64_t registers,
                  llvm::function_ref<void(int64_t, int64_t, Value)> move) {
  Value base = e.tileAddress(tile, type, stage, Value());
  Value thread = e.bitAnd(kernel.thread, 127);
  for (int64_t first = 0; first < registers; first += 4) {
    int64_t count = std::min<int64_t>(registers - first, 4);
    Value group = e.advance(base, e.mul(thread, count * kRegisterSize));
    move(first, count, e.advance(group, first * kRegisterBytes));
  }
}

struct LowerPut : KernelPattern<PutOp> {
  using KernelPattern::KernelPattern;
  LogicalResult lower(PutOp op, OneToNOpAdaptor adaptor, Emitter &e,
                      ConversionPatternRewriter &rewriter) const override {
    ValueRange registers = adaptor.getValue();
    forEachGroup(e, kernel, one(adaptor.getTile()), op.getTile().getType(),
                 one(adaptor.getStage()), registers.size(),
                 [&](int64_t first, int64_t count, Value address) {
                   Value group = LLVM::PoisonOp::create(
                       e, VectorType::get(count, registers[0].getType()));
                   for (int64_t i = 0; i != count; ++i)
                     group = LLVM::InsertElementOp::create(
                         e, group, registers[first + i], e.i32(i));
                   LLVM::StoreOp::create(e, group, address,
                                         count * kRegisterSize);
                 });
    rewriter.eraseOp(op);
    return success();
  }
};

struct LowerGet : KernelPattern<GetOp> {
  using KernelPattern::KernelPattern;
  LogicalResult lower(GetOp op, OneToNOpAdaptor adaptor, Emitter &e,
                      ConversionPatternRewriter &rewriter) const override {
    RegisterLayout layout =
        getRegisterLayout(cast<RankedTensorType>(op.getType()));
    SmallVector<Value> registers;
    forEachGroup(e, kernel, one(adaptor.getTile()), op.getTile().getType(),
                 one(adaptor.getStage()), layout.count,
                 [&](int64_t, int64_t count, Value address) {
                   Value group = LLVM::LoadOp::create(
                       e, VectorType::get(count, layout.type), address,
                       count * kRegisterSize);
                   for (int64_t i = 0; i != count; ++i)
                     registers.push_back(
                         LLVM::ExtractElementOp::create(e, group, e.i32(i)));
                 });
    rewriter.replaceOpWithMultiple(op, {registers});
    return success();
  }
};

template <typename OpT, typename AdaptorT>
Value addressOfScalar(Emitter &e, OpT op, AdaptorT adaptor) {
  Value stage = e.tileAddress(one(adaptor.getTile()), op.getTile().getType(),
                              one(adaptor.getStage()), Value());
  return e.advance(stage, op.getIndex() * kRegisterSize);
}

struct LowerPutScalar : KernelPattern<PutScalarOp> {
  using KernelPattern::KernelPattern;
  LogicalResult lower(PutScalarOp op, OneToNOpAdaptor adaptor, Emitter &e,
                      ConversionPatternRewriter &rewriter) const override {
    LLVM::StoreOp::create(e, one(adaptor.getValue()),
                          addressOfScalar(e, op, adaptor), kRegisterSize,
                          /*isVolatile=*/true);
    rewriter.eraseOp(op);
    return success();
  }
};

struct LowerGetScalar : KernelPattern<GetScalarOp> {
  using KernelPattern::KernelPattern;
  LogicalResult lower(GetScalarOp op, OneToNOpAdaptor adaptor, Emitter &e,
                      ConversionPatternRewriter &rewriter) const override {
    // Volatile: two reads are not one that is kept.
    rewriter.replaceOp(op, LLVM::LoadOp::create(e, op.getType(),
                                                addressOfScalar(e, op, adaptor),
                                                kRegisterSize,
                                                /*isVolatile=*/true));
    return success();
  }
};

} // namespace

void parallax::hopper::populateMailPatterns(const TypeConverter &converter,
                                            RewritePatternSet &patterns,
                                            const KernelValues &kernel) {
  patterns.add<LowerPut, LowerGet, LowerPutScalar, LowerGetScalar>(
      converter, patterns.getContext(), kernel);
}
