//===- Append.cpp - Rows from global memory to global memory --------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The threads of the CTA take the 16 bytes of all rows in turn, or 8 where rows
// are not of whole 16: what lies behind a row is not ours. Each orders its own
// writes before the asynchronous proxy; the barrier before the roles extends
// that to the producer's copies.
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

struct LowerAppend : KernelPattern<AppendOp> {
  using KernelPattern::KernelPattern;

  static Value wide(Emitter &e, Value value) {
    return arith::ExtSIOp::create(e, e.getI64Type(), value);
  }
  /// base + index * stride, of 64 bits.
  static Value at(Emitter &e, Value base, Value index, Value stride) {
    return arith::AddIOp::create(
        e, base, arith::MulIOp::create(e, wide(e, index), stride));
  }
  /// The address of a chunk of `columns` elements.
  static Value address(Emitter &e, Value pointer, Value element, Value chunk,
                       int64_t columns) {
    Value index =
        arith::AddIOp::create(e, element, wide(e, e.mul(chunk, columns)));
    return LLVM::GEPOp::create(e, pointer.getType(), e.getI16Type(), pointer,
                               LLVM::GEPArg(index));
  }

  LogicalResult lower(AppendOp op, OneToNOpAdaptor adaptor, Emitter &e,
                      ConversionPatternRewriter &rewriter) const override {
    const int64_t columns = op.getColumns() % 8 ? 4 : 8;
    const int64_t chunks = op.getColumns() / columns, bytes = 2 * columns;
    auto loop = scf::ForOp::create(e, kernel.thread,
                                   e.mul(one(adaptor.getCount()), chunks),
                                   e.i32(kernel.layout.threads));
    {
      OpBuilder::InsertionGuard guard(e);
      e.setInsertionPoint(loop.getBody()->getTerminator());
      Value row = e.div(loop.getInductionVar(), chunks);
      Value chunk = e.rem(loop.getInductionVar(), chunks);
      Value position = e.add(one(adaptor.getFirst()), row);
      Value exists =
          arith::AndIOp::create(e, e.lessOrEqual(e.i32(0), position),
                                e.less(position, one(adaptor.getLimit())));
      e.inBranch(exists, [&](Emitter &e) {
        Value from = at(e, one(adaptor.getSourceBase()), row,
                        one(adaptor.getSourceStride()));
        Value to = one(adaptor.getTargetBase());
        if (op.getTable()) {
          const int64_t size = *op.getSize();
          Value table = one(adaptor.getTable());
          Value index = e.add(one(adaptor.getRow()), e.div(position, size));
          Value entry = LLVM::GEPOp::create(e, table.getType(), e.getI32Type(),
                                            table, LLVM::GEPArg(index));
          Value page = LLVM::LoadOp::create(e, e.getI32Type(), entry);
          to = at(e, to, page, one(adaptor.getPageStride()));
          position = e.rem(position, size);
        }
        to = at(e, to, position, one(adaptor.getTargetStride()));
        Value bits = LLVM::LoadOp::create(
            e, VectorType::get(bytes / 4, e.getI32Type()),
            address(e, one(adaptor.getSource()), from, chunk, columns),
            /*alignment=*/bytes);
        LLVM::StoreOp::create(
            e, bits, address(e, one(adaptor.getTarget()), to, chunk, columns),
            /*alignment=*/bytes);
      });
    }
    NVVM::FenceProxyOp::create(
        e,
        NVVM::ProxyKindAttr::get(getContext(), NVVM::ProxyKind::async_global),
        NVVM::SharedSpaceAttr());
    rewriter.eraseOp(op);
    return success();
  }
};

} // namespace

void parallax::hopper::populateAppendPatterns(const TypeConverter &converter,
                                              RewritePatternSet &patterns,
                                              const KernelValues &kernel) {
  patterns.add<LowerAppend>(converter, patterns.getContext(), kernel);
}
