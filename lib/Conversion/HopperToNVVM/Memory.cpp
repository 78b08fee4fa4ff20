//===- Memory.cpp - Shared memory and TMA to NVVM -------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/HopperToNVVM/Lowering.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace parallax::hopper;

namespace {

struct LowerAlloc : KernelPattern<AllocOp> {
  using KernelPattern::KernelPattern;
  LogicalResult lower(AllocOp op, OneToNOpAdaptor, Emitter &e,
                      ConversionPatternRewriter &rewriter) const override {
    rewriter.replaceOp(
        op, e.advance(kernel.smem, kernel.layout.offsets.lookup(op)));
    return success();
  }
};

struct LowerTmaLoad : KernelPattern<TmaLoadOp> {
  using KernelPattern::KernelPattern;
  LogicalResult lower(TmaLoadOp op, OneToNOpAdaptor adaptor, Emitter &e,
                      ConversionPatternRewriter &rewriter) const override {
    SmemType type = op.getTile().getType();
    Value tile = e.tileAddress(one(adaptor.getTile()), type,
                               one(adaptor.getStage()), one(adaptor.getRow()));
    Value barrier =
        e.barrierAddress(one(adaptor.getBarrier()), op.getBarrier().getType(),
                         one(adaptor.getUse()));
    auto mode =
        NVVM::TMALoadModeAttr::get(getContext(), NVVM::TMALoadMode::TILE);
    int64_t blocks = op.getLoadedColumns() / type.getBlockColumns();
    for (int64_t block = 0; block != blocks; ++block) {
      Value column =
          e.add(one(adaptor.getColumn()), block * type.getBlockColumns());
      Value coordinates[] = {column, one(adaptor.getHead()),
                             one(adaptor.getToken()), one(adaptor.getBatch())};
      NVVM::CpAsyncBulkTensorGlobalToSharedClusterOp::create(
          e, e.advance(tile, block * type.getBlockBytes()),
          one(adaptor.getMap()), coordinates, barrier, ValueRange(), Value(),
          Value(), mode, e.getBoolAttr(true), NVVM::CTAGroupKindAttr(),
          Value());
    }
    rewriter.eraseOp(op);
    return success();
  }
};

struct LowerTmaStore : KernelPattern<TmaStoreOp> {
  using KernelPattern::KernelPattern;
  LogicalResult lower(TmaStoreOp op, OneToNOpAdaptor adaptor, Emitter &e,
                      ConversionPatternRewriter &rewriter) const override {
    SmemType type = op.getTile().getType();
    Value tile = e.tileAddress(one(adaptor.getTile()), type,
                               one(adaptor.getStage()), one(adaptor.getRow()));
    auto mode =
        NVVM::TMAStoreModeAttr::get(getContext(), NVVM::TMAStoreMode::TILE);
    auto add =
        NVVM::TMAReduxKindAttr::get(getContext(), NVVM::TMAReduxKind::ADD);
    int64_t blocks = op.getStoredColumns() / type.getBlockColumns();
    Value firstWarp = e.equal(e.bitAnd(kernel.warp, 3), 0);
    e.inElectedThread(firstWarp, [&](Emitter &e) {
      for (int64_t block = 0; block != blocks; ++block) {
        Value column =
            e.add(one(adaptor.getColumn()), block * type.getBlockColumns());
        Value coordinates[] = {column, one(adaptor.getHead()),
                               one(adaptor.getToken()),
                               one(adaptor.getBatch())};
        Value from = e.advance(tile, block * type.getBlockBytes());
        if (op.getAdd())
          NVVM::CpAsyncBulkTensorReduceOp::create(e, one(adaptor.getMap()),
                                                  from, add, mode, coordinates,
                                                  /*l2CacheHint=*/Value());
        else
          NVVM::CpAsyncBulkTensorSharedCTAToGlobalOp::create(
              e, one(adaptor.getMap()), from, coordinates, Value(), mode,
              Value());
      }
      NVVM::CpAsyncBulkCommitGroupOp::create(e);
      NVVM::CpAsyncBulkWaitGroupOp::create(e, e.getI32IntegerAttr(0),
                                           /*read=*/e.getUnitAttr());
    });
    rewriter.eraseOp(op);
    return success();
  }
};

/// What stmatrix and ldmatrix move at once: 16 rows x 16 columns of a warp.
/// Lane l gives the address of row l mod 16 in the left (l < 16) or right 8
/// columns.
class MatrixAddress {
public:
  MatrixAddress(Emitter &e, const KernelValues &kernel, Value tile,
                SmemType type)
      : type(type), inEight(e.bitAnd(kernel.lane, 7)),
        right(e.div(kernel.lane, 16)) {
    Value row =
        e.add(e.mul(e.bitAnd(kernel.warp, 3), 16), e.bitAnd(kernel.lane, 15));
    rowAddress = e.advance(tile, e.mul(row, 128));
  }

  /// Of 16 columns.
  Value of(Emitter &e, int64_t columns) const {
    constexpr int64_t groups = SmemType::kBlockColumns / 16;
    Value chunk = e.bitXor(e.add(right, 2 * (columns % groups)), inEight);
    return e.advance(e.advance(rowAddress, e.mul(chunk, 16)),
                     columns / groups * type.getBlockBytes());
  }

private:
  SmemType type;
  Value inEight, right, rowAddress;
};

struct LowerStoreFragment : KernelPattern<StoreFragmentOp> {
  using KernelPattern::KernelPattern;
  LogicalResult lower(StoreFragmentOp op, OneToNOpAdaptor adaptor, Emitter &e,
                      ConversionPatternRewriter &rewriter) const override {
    SmemType type = op.getTile().getType();
    ValueRange registers = adaptor.getValue();
    Value tile =
        e.tileAddress(one(adaptor.getTile()), type, one(adaptor.getStage()),
                      one(adaptor.getRow()), one(adaptor.getColumn()));
    if (type.getElementType().isF32()) {
      storePairs(e, tile, type, registers);
      rewriter.eraseOp(op);
      return success();
    }
    MatrixAddress address(e, kernel, tile, type);
    int64_t columnsOf8 = registers.size() / 4;
    for (int64_t j = 0; j < columnsOf8; j += 2) {
      SmallVector<Value> packed;
      for (int64_t column = j; column < std::min(j + 2, columnsOf8); ++column)
        for (int64_t half : {0, 2})
          packed.push_back(e.pack(registers[4 * column + half],
                                  registers[4 * column + half + 1],
                                  type.getElementType()));
      NVVM::StMatrixOp::create(
          e, address.of(e, j / 2), packed,
          NVVM::MMALayoutAttr::get(getContext(), NVVM::MMALayout::row),
          NVVM::LdStMatrixShapeAttr::get(getContext(), 8, 8),
          NVVM::LdStMatrixEltTypeAttr::get(getContext(),
                                           NVVM::LdStMatrixEltType::B16));
    }
    rewriter.eraseOp(op);
    return success();
  }

  /// Each thread stores the pairs of neighbours that it holds, 8 bytes each:
  /// half of the 16 that the swizzle moves. Two neighbouring rows meet in the
  /// same banks, so that a warp takes twice the turns that it could.
  void storePairs(Emitter &e, Value tile, SmemType type,
                  ValueRange registers) const {
    Value inEight = e.div(kernel.lane, 4);
    Value pair = e.bitAnd(kernel.lane, 3);
    Value base = e.advance(
        e.advance(tile, e.mul(e.firstRow(kernel), SmemType::kBlockBytes)),
        e.mul(e.bitAnd(pair, 1), 8));
    const int64_t groups = type.getBlockColumns() / 8; // Of 8 columns.
    const int64_t count = registers.size() / 4;
    for (int64_t j = 0; j != count; ++j) {
      Value chunk = e.bitXor(e.add(e.div(pair, 2), j % groups * 2), inEight);
      Value address = e.advance(base, e.mul(chunk, 16));
      for (int64_t half : {0, 1}) {
        Value both =
            LLVM::PoisonOp::create(e, VectorType::get(2, e.getF32Type()));
        for (int64_t n : {0, 1})
          both = LLVM::InsertElementOp::create(
              e, both, registers[4 * j + 2 * half + n], e.i32(n));
        // The other half is 8 rows further, where the swizzle is the same.
        const int64_t bytes = j / groups * type.getBlockBytes() +
                              half * 8 * SmemType::kBlockBytes;
        LLVM::StoreOp::create(e, both, e.advance(address, bytes),
                              /*alignment=*/8);
      }
    }
  }
};

struct LowerLoadFragment : KernelPattern<LoadFragmentOp> {
  using KernelPattern::KernelPattern;
  LogicalResult lower(LoadFragmentOp op, OneToNOpAdaptor adaptor, Emitter &e,
                      ConversionPatternRewriter &rewriter) const override {
    // Warps whose rows aren't given read them all the same: there is memory.
    SmemType type = op.getTile().getType();
    Value tile = e.tileAddress(one(adaptor.getTile()), type,
                               one(adaptor.getStage()), one(adaptor.getRow()));
    auto fragment = cast<RankedTensorType>(op.getType());
    if (isPerWarp(fragment)) {
      rewriter.replaceOpWithMultiple(
          op, {loadQueriesOfWarps(e, kernel, tile, type, fragment,
                                  op.getInFours())});
      return success();
    }
    MatrixAddress address(e, kernel, tile, type);
    const int64_t columns = fragment.getDimSize(1);
    SmallVector<Value> registers;
    for (int64_t j = 0; j != columns / 16; ++j)
      registers.append(e.loadMatrices(address.of(e, j), /*transpose=*/false));
    rewriter.replaceOpWithMultiple(op, {registers});
    return success();
  }
};

struct LowerZeroRows : KernelPattern<ZeroRowsOp> {
  using KernelPattern::KernelPattern;
  LogicalResult lower(ZeroRowsOp op, OneToNOpAdaptor adaptor, Emitter &e,
                      ConversionPatternRewriter &rewriter) const override {
    SmemType type = op.getTile().getType();
    Value first = one(adaptor.getRow());
    e.inBranch(e.less(first, e.i32(type.getRows())), [&](Emitter &e) {
      // The swizzle stays inside a row, so whole rows can ignore it.
      Value tile = e.tileAddress(one(adaptor.getTile()), type,
                                 one(adaptor.getStage()), Value());
      Value thread = e.bitAnd(kernel.thread, 127);
      Value zero = arith::ConstantOp::create(
          e, DenseElementsAttr::get(VectorType::get(4, e.getI32Type()), 0));
      first = arith::MaxSIOp::create(e, first, e.i32(0));
      Value begin = e.add(e.mul(first, 128), e.mul(thread, 16));
      auto loop = scf::ForOp::create(e, begin, e.i32(type.getBlockBytes()),
                                     e.i32(128 * 16));
      {
        OpBuilder::InsertionGuard guard(e);
        e.setInsertionPoint(loop.getBody()->getTerminator());
        Value address = e.advance(tile, loop.getInductionVar());
        for (int64_t block = 0; block != type.getBlocks(); ++block)
          LLVM::StoreOp::create(
              e, zero, e.advance(address, block * type.getBlockBytes()),
              /*alignment=*/16);
      }
      e.fenceAsync();
      e.warpgroupBarrier(kernel);
    });
    rewriter.eraseOp(op);
    return success();
  }
};

struct LowerFenceAsync : KernelPattern<FenceAsyncOp> {
  using KernelPattern::KernelPattern;
  LogicalResult lower(FenceAsyncOp op, OneToNOpAdaptor, Emitter &e,
                      ConversionPatternRewriter &rewriter) const override {
    e.fenceAsync();
    rewriter.eraseOp(op);
    return success();
  }
};

struct LowerLoadScalar : KernelPattern<LoadScalarOp> {
  using KernelPattern::KernelPattern;
  LogicalResult lower(LoadScalarOp op, OneToNOpAdaptor adaptor, Emitter &e,
                      ConversionPatternRewriter &rewriter) const override {
    Type type = op.getType();
    Value pointer = one(adaptor.getPointer());
    Value address = LLVM::GEPOp::create(e, pointer.getType(), type, pointer,
                                        LLVM::GEPArg(one(adaptor.getIndex())));
    // Not invariant: an earlier launch may still write while this one waits.
    rewriter.replaceOpWithNewOp<LLVM::LoadOp>(op, type, address);
    return success();
  }
};

} // namespace

void parallax::hopper::populateMemoryPatterns(const TypeConverter &converter,
                                              RewritePatternSet &patterns,
                                              const KernelValues &kernel) {
  patterns
      .add<LowerAlloc, LowerTmaLoad, LowerTmaStore, LowerStoreFragment,
           LowerLoadFragment, LowerZeroRows, LowerFenceAsync, LowerLoadScalar>(
          converter, patterns.getContext(), kernel);
}
