//===- Warps.cpp - Warps that have keys of their own ----------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each warp multiplies by mma.sync, whose B operand is in registers: so
// elements of 8 bits need no other way through shared memory than the one in,
// and of 16 rows that are there none stands for one that is not. ldmatrix reads
// 8 rows of 16 bytes at a time, which the swizzle parts, and gives each lane
// four bytes of a row, or transposed two of each of two rows. Elements of 16
// bits are what a lane needs then. Of 8 bits:
//
// - Scores: a lane's four bytes are neighbours d, 4 t to 4 t + 3 of 16. As the
//   inner dimension may come in any order, they are its two registers of B as
//   they are, if the queries' come so, too.
// - Products by values: a lane has keys 2 t and 2 t + 1, each of columns 2 g
// and
//   2 g + 1. One permutation puts the keys of each column side by side, for two
//   multiplications, of even and of odd columns. Their results are, thread by
//   thread, four neighbours again.
//
// That order, of fours, is `inFours`.
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/HopperToNVVM/Lowering.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace parallax::hopper;

namespace {

constexpr int64_t kChunkBytes = 16, kMatrixRows = 8;
constexpr int64_t kMatrixBytes = kMatrixRows * SmemType::kBlockBytes;
/// Matrices of 8 rows and 16 bytes that one instruction reads.
constexpr int64_t kMatrices = 4;

using Registers = SmallVector<Value, 4>;

class Multiplier {
public:
  Multiplier(Emitter &e, const KernelValues &kernel, Type element,
             SmemType type, Value tile)
      : e(e), element(element), type(type), matrix(e.div(kernel.lane, 8)),
        inEight(e.bitAnd(kernel.lane, 7)), warp(e.bitAnd(kernel.warp, 3)),
        tile(tile) {}

  /// Where this lane's rows and chunks of four matrices begin: `row` of the
  /// warp's, and `chunk` behind the chunk number `first`, in its block.
  Value address(int64_t rows, Value row, Value chunk, int64_t first) {
    constexpr int64_t chunks = SmemType::kBlockBytes / kChunkBytes;
    Value inTile = e.add(e.mul(warp, rows), row);
    Value inBlock = e.bitXor(e.add(chunk, first % chunks), inEight);
    return e.advance(
        e.advance(e.advance(tile, first / chunks * type.getBlockBytes()),
                  e.mul(inTile, SmemType::kBlockBytes)),
        e.mul(inBlock, kChunkBytes));
  }

  /// `sums` + a * b, 16 rows by 8 columns by an inner dimension of 16.
  Registers multiply(ValueRange a, Value b0, Value b1, ValueRange sums) {
    SmallVector<Value> operands(a);
    operands.append({b0, b1});
    llvm::append_range(operands, sums);
    return Registers(e.assembly(
        llvm::formatv("mma.sync.aligned.m16n8k16.row.col.f32.{0}.{0}.f32 "
                      "{{$0, $1, $2, $3}, {{$4, $5, $6, $7}, {{$8, $9}, "
                      "{{$0, $1, $2, $3};",
                      element.isBF16() ? "bf16" : "f16")
            .str(),
        "=f,=f,=f,=f,r,r,r,r,r,r,0,1,2,3", operands,
        SmallVector<Type>(4, e.getF32Type())));
  }

  /// Two of a register's four elements.
  Value low(Value word) { return convertPair(e, word, false, element); }
  Value high(Value word) { return convertPair(e, word, true, element); }

  /// The bytes of two rows, each of two columns, column by column.
  Value byColumns(Value word) {
    Value operands[] = {word, e.i32(0), e.i32(0x3120)};
    return LLVM::CallIntrinsicOp::create(
               e, e.getI32Type(), e.getStringAttr("llvm.nvvm.prmt"), operands)
        .getResult(0);
  }

  bool isWide() const { return type.getElementType() == element; }

  Emitter &e;
  Type element;
  SmemType type;
  Value matrix, inEight; ///< Whose row this lane names, and which.

private:
  Value warp, tile;
};

struct LowerWarpMma : KernelPattern<WarpMmaOp> {
  using KernelPattern::KernelPattern;

  LogicalResult lower(WarpMmaOp op, OneToNOpAdaptor adaptor, Emitter &e,
                      ConversionPatternRewriter &rewriter) const override {
    SmemType b = op.getB().getType();
    Type element = cast<RankedTensorType>(op.getA().getType()).getElementType();
    Multiplier m(e, kernel, element, b,
                 e.tileAddress(one(adaptor.getB()), b, one(adaptor.getBStage()),
                               Value()));
    SmallVector<Value> sums(adaptor.getAccumulator());
    if (sums.empty())
      sums.assign(getRegisterLayout(cast<RankedTensorType>(op.getType())).count,
                  e.f32(0));
    const int64_t rows = b.getRows() / kWarps;
    if (op.getTranspose())
      multiplyKeys(m, rows, adaptor.getA(), sums);
    else
      multiplyValues(m, rows, adaptor.getA(), sums);
    // One lane arrives for all that have read.
    NVVM::SyncWarpOp::create(e, e.i32(-1));
    rewriter.replaceOpWithMultiple(op, {sums});
    return success();
  }

  static void multiplyKeys(Multiplier &m, int64_t rows, ValueRange a,
                           MutableArrayRef<Value> sums) {
    const int64_t steps = a.size() / 4, tiles = rows / kMatrixRows;
    // A matrix has 16 bytes, an inner step 16 elements.
    const int64_t matrices = m.isWide() ? 2 : 1,
                  together = kMatrices / matrices;
    // A multiplication waits for the one before of the same sums: every other
    // step has sums of its own where keys are few or, of 16 bits, registers are
    // not.
    SmallVector<Value> others;
    if (tiles < 4 || !m.isWide())
      others.assign(sums.size(), m.e.f32(0));
    for (int64_t first = 0; first < steps; first += together) {
      Value start = m.address(rows, m.inEight, m.matrix, first * matrices);
      SmallVector<Registers> read;
      for (int64_t tile = 0; tile != tiles; ++tile)
        read.push_back(m.e.loadMatrices(m.e.advance(start, tile * kMatrixBytes),
                                        /*transpose=*/false));
      for (int64_t step = first; step < std::min(first + together, steps);
           ++step)
        for (int64_t tile = 0; tile != tiles; ++tile) {
          ArrayRef<Value> words =
              ArrayRef<Value>(read[tile])
                  .slice((step - first) * matrices, matrices);
          Value b0 = m.isWide() ? words[0] : m.low(words[0]);
          Value b1 = m.isWide() ? words[1] : m.high(words[0]);
          auto own =
              (step % 2 && !others.empty() ? MutableArrayRef<Value>(others)
                                           : sums)
                  .slice(4 * tile, 4);
          llvm::copy(m.multiply(a.slice(4 * step, 4), b0, b1, ValueRange(own)),
                     own.begin());
        }
    }
    for (auto [sum, other] : llvm::zip(sums, others))
      sum = arith::AddFOp::create(m.e, sum, other);
  }

  static void multiplyValues(Multiplier &m, int64_t rows, ValueRange a,
                             MutableArrayRef<Value> sums) {
    const int64_t steps = a.size() / 4;
    const int64_t ofChunk = m.isWide() ? 4 : 8; // Registers.
    const int64_t chunks = sums.size() / ofChunk;
    // Matrices: both halves of 16 keys, then those of the next chunk.
    Value row =
        m.e.add(m.inEight, m.e.mul(m.e.bitAnd(m.matrix, 1), kMatrixRows));
    for (int64_t chunk = 0; chunk < chunks; chunk += 2) {
      Value start = m.address(rows, row, m.e.div(m.matrix, 2), chunk);
      for (int64_t step = 0; step != steps; ++step) {
        Registers read =
            m.e.loadMatrices(m.e.advance(start, step * 2 * kMatrixBytes),
                             /*transpose=*/true);
        for (int64_t i = 0; i != std::min<int64_t>(2, chunks - chunk); ++i) {
          auto own = sums.slice(ofChunk * (chunk + i), ofChunk);
          ValueRange weights = a.slice(4 * step, 4);
          if (m.isWide()) {
            llvm::copy(m.multiply(weights, read[2 * i], read[2 * i + 1],
                                  ValueRange(own)),
                       own.begin());
            continue;
          }
          Value first = m.byColumns(read[2 * i]),
                second = m.byColumns(read[2 * i + 1]);
          // A thread's even columns, and its odd ones, as they lie in `own`.
          auto take = [&](int64_t odd) {
            return Registers{own[odd], own[4 + odd], own[2 + odd],
                             own[6 + odd]};
          };
          auto give = [&](int64_t odd, ArrayRef<Value> results) {
            own[odd] = results[0];
            own[4 + odd] = results[1];
            own[2 + odd] = results[2];
            own[6 + odd] = results[3];
          };
          give(0, m.multiply(weights, m.low(first), m.low(second), take(0)));
          give(1, m.multiply(weights, m.high(first), m.high(second), take(1)));
        }
      }
    }
  }
};

} // namespace

SmallVector<Value>
parallax::hopper::loadQueriesInFours(Emitter &e, const KernelValues &kernel,
                                     Value tile, SmemType type,
                                     int64_t columns) {
  constexpr int64_t steps = SmemType::kBlockColumns / 16;
  Value row = e.div(kernel.lane, 4), thread = e.bitAnd(kernel.lane, 3);
  Value start = e.advance(e.advance(tile, e.mul(row, SmemType::kBlockBytes)),
                          e.mul(e.bitAnd(thread, 1), 8));
  SmallVector<Value> registers;
  for (int64_t step = 0; step != columns / 16; ++step) {
    Value chunk = e.bitXor(e.add(e.div(thread, 2), step % steps * 2), row);
    Value address = e.advance(e.advance(start, e.mul(chunk, kChunkBytes)),
                              step / steps * type.getBlockBytes());
    Value halves[2];
    for (int64_t half : {0, 1})
      halves[half] = LLVM::LoadOp::create(
          e, VectorType::get(2, e.getI32Type()),
          e.advance(address, half * kMatrixBytes), /*alignment=*/8);
    for (int64_t four : {0, 1})
      for (int64_t half : {0, 1})
        registers.push_back(
            LLVM::ExtractElementOp::create(e, halves[half], e.i32(four)));
  }
  return registers;
}

void parallax::hopper::populateWarpPatterns(const TypeConverter &converter,
                                            RewritePatternSet &patterns,
                                            const KernelValues &kernel) {
  patterns.add<LowerWarpMma>(converter, patterns.getContext(), kernel);
}
