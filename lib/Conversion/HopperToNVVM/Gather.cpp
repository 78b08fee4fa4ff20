//===- Gather.cpp - Rows of pages to shared memory ------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A warp takes 8 rows at a time, in two steps of 4: 8 lanes copy the 128 bytes
// of a block's row, 16 bytes each, which is a line of memory. So a lane needs
// the page of two rows in each group, and reads those entries by itself; lanes
// that read the same one do that together.
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/HopperToNVVM/Lowering.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace parallax::hopper;

namespace {

constexpr int64_t kGroupRows = 8, kStepRows = 4, kSteps = 2;
constexpr int64_t kChunkBytes = 16, kChunkColumns = 8;

/// Groups of rows that the first converter warp takes.
int64_t turns(const KernelValues &kernel, int64_t rows) {
  return llvm::divideCeil(rows / kGroupRows, kernel.converters);
}

/// The first row of the group that this warp takes in a turn.
Value firstRow(Emitter &e, const KernelValues &kernel, int64_t turn) {
  Value group =
      e.add(kernel.warp, turn * kernel.converters - kernel.firstConverter);
  return e.mul(group, kGroupRows);
}

/// The row of its group that this lane copies in a step.
Value rowInGroup(Emitter &e, const KernelValues &kernel, int64_t step) {
  return e.add(e.div(kernel.lane, kChunkColumns), step * kStepRows);
}

Value maxOf0(Emitter &e, Value value) {
  return arith::MaxSIOp::create(e, value, e.i32(0));
}

struct LowerLoadEntries : KernelPattern<LoadEntriesOp> {
  using KernelPattern::KernelPattern;
  LogicalResult lower(LoadEntriesOp op, OneToNOpAdaptor adaptor, Emitter &e,
                      ConversionPatternRewriter &rewriter) const override {
    auto type = cast<RankedTensorType>(op.getType());
    const int64_t rows = type.getDimSize(0);
    Value table = one(adaptor.getTable()), limit = one(adaptor.getLimit());
    Value shift = e.i32(llvm::Log2_64(op.getSize()));
    // Rounds down: there is no last page of no tokens.
    Value last = arith::ShRSIOp::create(e, e.add(limit, -1), shift);
    SmallVector<Value> entries;
    for (int64_t turn = 0; turn != turns(kernel, rows); ++turn)
      for (int64_t step = 0; step != kSteps; ++step) {
        Value token =
            e.add(e.add(one(adaptor.getToken()), firstRow(e, kernel, turn)),
                  rowInGroup(e, kernel, step));
        Value page = arith::ShRUIOp::create(e, token, shift);
        // Without an entry of its own, another is there to be read.
        Value index = maxOf0(e, arith::MinSIOp::create(e, page, last));
        Value address = LLVM::GEPOp::create(
            e, table.getType(), e.getI32Type(), table,
            LLVM::GEPArg(e.add(one(adaptor.getRow()), index)));
        Value entry = LLVM::LoadOp::create(e, e.getI32Type(), address);
        entries.push_back(
            arith::SelectOp::create(e, e.less(token, limit), entry, e.i32(-1)));
      }
    // More warps hold fewer.
    entries.resize(getRegisterLayout(type).count, e.i32(-1));
    rewriter.replaceOpWithMultiple(op, {entries});
    return success();
  }
};

struct LowerGather : KernelPattern<GatherOp> {
  using KernelPattern::KernelPattern;

  static Value wide(Emitter &e, Value value) {
    return arith::ExtSIOp::create(e, e.getI64Type(), value);
  }
  static Value scaled(Emitter &e, Value index, Value stride) {
    return arith::MulIOp::create(e, wide(e, index), stride);
  }

  LogicalResult lower(GatherOp op, OneToNOpAdaptor adaptor, Emitter &e,
                      ConversionPatternRewriter &rewriter) const override {
    SmemType type = op.getTile().getType();
    const int64_t groups = type.getRows() / kGroupRows;
    ValueRange entries = adaptor.getEntries();
    Value tile = e.tileAddress(one(adaptor.getTile()), type,
                               one(adaptor.getStage()), Value());
    Value chunk = e.bitAnd(kernel.lane, kChunkColumns - 1);
    Value source =
        e.advance(LLVM::GEPOp::create(e, one(adaptor.getSource()).getType(),
                                      e.getI16Type(), one(adaptor.getSource()),
                                      LLVM::GEPArg(one(adaptor.getBase()))),
                  e.mul(chunk, kChunkBytes));
    auto copyGroup = [&](Emitter &e, int64_t turn, Value firstRow) {
      for (int64_t step = 0; step != kSteps; ++step) {
        Value inGroup = rowInGroup(e, kernel, step);
        Value row = e.add(firstRow, inGroup);
        Value page = entries[kSteps * turn + step];
        Value token =
            e.bitAnd(e.add(one(adaptor.getToken()), row), op.getSize() - 1);
        Value element = arith::AddIOp::create(
            e, scaled(e, maxOf0(e, page), one(adaptor.getPageStride())),
            scaled(e, token, one(adaptor.getTokenStride())));
        Value from = LLVM::GEPOp::create(e, source.getType(), e.getI16Type(),
                                         source, LLVM::GEPArg(element));
        Value to = e.advance(
            tile, e.add(e.mul(row, SmemType::kBlockBytes),
                        e.mul(e.bitXor(chunk, inGroup), kChunkBytes)));
        Value exists = e.lessOrEqual(e.i32(0), page);
        for (int64_t block = 0; block != type.getBlocks(); ++block) {
          // Zeros stand for the rest of 16 bytes.
          const int64_t columns =
              op.getColumns() - block * SmemType::kBlockColumns;
          Value copies = exists;
          if (columns < SmemType::kBlockColumns)
            copies = arith::AndIOp::create(
                e, exists, e.less(chunk, e.i32(columns / kChunkColumns)));
          Value bytes =
              arith::SelectOp::create(e, copies, e.i32(kChunkBytes), e.i32(0));
          NVVM::CpAsyncOp::create(
              e, e.advance(to, block * type.getBlockBytes()),
              e.advance(from, block * SmemType::kBlockBytes), kChunkBytes,
              NVVM::LoadCacheModifierKind::CG, bytes);
        }
      }
    };
    for (int64_t turn = 0; turn != turns(kernel, type.getRows()); ++turn) {
      Value first = firstRow(e, kernel, turn);
      if ((turn + 1) * kernel.converters <= groups) {
        copyGroup(e, turn, first);
        continue;
      }
      e.inBranch(e.less(first, e.i32(type.getRows())),
                 [&](Emitter &e) { copyGroup(e, turn, first); });
    }
    NVVM::CpAsyncMBarrierArriveOp::create(
        e,
        e.barrierAddress(one(adaptor.getBarrier()), op.getBarrier().getType(),
                         one(adaptor.getUse())),
        /*noinc=*/true);
    rewriter.eraseOp(op);
    return success();
  }
};

} // namespace

void parallax::hopper::populateGatherPatterns(const TypeConverter &converter,
                                              RewritePatternSet &patterns,
                                              const KernelValues &kernel) {
  patterns.add<LowerLoadEntries, LowerGather>(converter, patterns.getContext(),
                                              kernel);
}
