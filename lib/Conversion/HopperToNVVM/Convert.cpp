//===- Convert.cpp - Elements of 8 bits to those that are multiplied ------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A warp takes 8 rows and 64 columns at a time, a lane 16 elements of one row:
// one chunk of 16 bytes becomes two. The banks of a swizzled chunk follow from
// its number xor its row. So that 8 lanes that go together never meet in a
// bank, four of them have row r and four row r xor 5: bit 2 of the row parts
// the chunks that are read, whose numbers are those of 64 bytes, and bit 0
// those that are written, which are all even or all odd.
//
// e4m3 to f16 is one instruction for two elements. f16 to bf16 goes through
// f32; all are exact, subnormal numbers and NaN included.
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

constexpr int64_t kGroupRows = 8, kChunkBytes = 16;
constexpr int64_t kGroupBytes = kGroupRows * SmemType::kBlockBytes;
/// That a lane holds at once, of 4 registers each.
constexpr int64_t kChunksTogether = 4;

struct LowerConvert : KernelPattern<ConvertOp> {
  using KernelPattern::KernelPattern;

  /// Where a lane works in each group of rows.
  struct Lane {
    Value row; ///< Of the group.
    SmallVector<Value, 2>
        from;                 ///< Bytes to its chunk in either half of a block.
    SmallVector<Value, 2> to; ///< And to the two that it becomes.
  };
  static Lane makeLane(Emitter &e, const KernelValues &kernel) {
    Lane lane;
    Value chunk = e.bitAnd(kernel.lane, 3);
    Value isOther = e.bitAnd(e.div(kernel.lane, 4), 1);
    lane.row = e.bitXor(e.mul(e.div(kernel.lane, 8), 2), e.mul(isOther, 5));
    auto at = [&](Value number) {
      Value swizzled = e.bitXor(number, lane.row);
      return e.add(e.mul(lane.row, SmemType::kBlockBytes),
                   e.mul(swizzled, kChunkBytes));
    };
    for (int64_t half : {0, 1}) {
      lane.from.push_back(at(e.add(chunk, 4 * half)));
      lane.to.push_back(at(e.add(e.mul(chunk, 2), half)));
    }
    return lane;
  }

  /// A chunk of 16 elements of 8 bits as two of 8 elements.
  static SmallVector<Value, 2> convertChunk(Emitter &e, Value chunk,
                                            Type element) {
    SmallVector<Value, 2> halves;
    for (int64_t half : {0, 1}) {
      Value result =
          LLVM::PoisonOp::create(e, VectorType::get(4, e.getI32Type()));
      for (int64_t i = 0; i != 4; ++i) {
        Value word =
            LLVM::ExtractElementOp::create(e, chunk, e.i32(2 * half + i / 2));
        result = LLVM::InsertElementOp::create(
            e, result, convertPair(e, word, i % 2, element), e.i32(i));
      }
      halves.push_back(result);
    }
    return halves;
  }

  LogicalResult lower(ConvertOp op, OneToNOpAdaptor adaptor, Emitter &e,
                      ConversionPatternRewriter &rewriter) const override {
    SmemType source = op.getSource().getType(),
             target = op.getTarget().getType();
    Value from = e.tileAddress(one(adaptor.getSource()), source,
                               one(adaptor.getSourceStage()), Value());
    Value to = e.tileAddress(one(adaptor.getTarget()), target,
                             one(adaptor.getTargetStage()), Value());
    const Lane lane = makeLane(e, kernel);
    auto forEachTarget =
        [&](Emitter &e, Value group,
            llvm::function_ref<void(int64_t, int64_t, Value)> body) {
          Value rows = e.advance(to, e.mul(group, kGroupBytes));
          for (int64_t block = 0; block != target.getBlocks(); ++block)
            for (int64_t half : {0, 1})
              body(block, half,
                   e.advance(e.advance(rows, lane.to[half]),
                             block * target.getBlockBytes()));
        };
    auto load = [&](Emitter &e, Value group) {
      Value rows = e.advance(from, e.mul(group, kGroupBytes));
      SmallVector<Value> chunks;
      for (int64_t block = 0; block != target.getBlocks(); ++block)
        chunks.push_back(LLVM::LoadOp::create(
            e, VectorType::get(4, e.getI32Type()),
            e.advance(e.advance(rows, lane.from[block % 2]),
                      block / 2 * source.getBlockBytes()),
            /*alignment=*/kChunkBytes));
      return chunks;
    };
    auto convert = [&](Emitter &e, Value group, ArrayRef<Value> chunks) {
      SmallVector<Value, 2> halves;
      forEachTarget(e, group, [&](int64_t block, int64_t half, Value address) {
        if (half == 0)
          halves = convertChunk(e, chunks[block], target.getElementType());
        LLVM::StoreOp::create(e, halves[half], address,
                              /*alignment=*/kChunkBytes);
      });
    };
    // Some groups are read before the first is written, so that their latencies
    // are one.
    const int64_t groups = target.getRows() / kGroupRows;
    const int64_t turns = groups / kernel.converters;
    const int64_t together =
        std::max<int64_t>(kChunksTogether / target.getBlocks(), 1);
    Value warp = e.add(kernel.warp, -kernel.firstConverter);
    auto groupOf = [&](Emitter &e, int64_t turn) {
      return e.add(warp, turn * kernel.converters);
    };
    for (int64_t first = 0; first < turns; first += together) {
      SmallVector<SmallVector<Value>> read;
      for (int64_t i = first; i < std::min(first + together, turns); ++i)
        read.push_back(load(e, groupOf(e, i)));
      for (auto [i, chunks] : llvm::enumerate(read))
        convert(e, groupOf(e, first + i), chunks);
    }
    // Not all warps have one of the rest.
    if (groups % kernel.converters)
      e.inBranch(e.less(groupOf(e, turns), e.i32(groups)), [&](Emitter &e) {
        Value group = groupOf(e, turns);
        convert(e, group, load(e, group));
      });
    if (Value first = one(adaptor.getRow()))
      e.inBranch(e.less(first, e.i32(target.getRows())), [&](Emitter &e) {
        Value zero = arith::ConstantOp::create(
            e, DenseElementsAttr::get(VectorType::get(4, e.getI32Type()), 0));
        auto loop = scf::ForOp::create(e, warp, e.i32(groups),
                                       e.i32(kernel.converters));
        e.setInsertionPoint(loop.getBody()->getTerminator());
        Value group = loop.getInductionVar();
        Value row = e.add(e.mul(group, kGroupRows), lane.row);
        e.inBranch(e.lessOrEqual(first, row), [&](Emitter &e) {
          forEachTarget(e, group, [&](int64_t, int64_t, Value address) {
            LLVM::StoreOp::create(e, zero, address,
                                  /*alignment=*/kChunkBytes);
          });
        });
      });
    e.fenceAsync();
    NVVM::SyncWarpOp::create(e, e.i32(-1));
    rewriter.eraseOp(op);
    return success();
  }
};

} // namespace

Value parallax::hopper::convertPair(Emitter &e, Value bits, bool isHigh,
                                    Type element) {
  if (isHigh)
    bits = arith::ShRUIOp::create(e, bits, e.i32(16));
  bits = arith::TruncIOp::create(e, e.getI16Type(), bits);
  Value pair = LLVM::CallIntrinsicOp::create(
                   e, VectorType::get(2, e.getF16Type()),
                   e.getStringAttr("llvm.nvvm.e4m3x2.to.f16x2.rn"), bits)
                   .getResult(0);
  if (element.isF16())
    return e.bitcast(pair, e.getI32Type());
  auto wide = [&](int64_t i) -> Value {
    Value half = LLVM::ExtractElementOp::create(e, pair, e.i32(i));
    return LLVM::FPExtOp::create(e, e.getF32Type(), half);
  };
  return e.pack(wide(0), wide(1), element);
}

void parallax::hopper::populateConvertPatterns(const TypeConverter &converter,
                                               RewritePatternSet &patterns,
                                               const KernelValues &kernel) {
  patterns.add<LowerConvert>(converter, patterns.getContext(), kernel);
}
