//===- Register.cpp - Work on register tensors to scalars -----------------===//
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
#include "llvm/Support/FormatVariadic.h"

#include <limits>

using namespace mlir;
using namespace parallax::hopper;

namespace {

/// Which elements a thread's registers of an accumulator hold. Of 64 rows it
/// has two, 8 rows apart, of 32 it has one, and two columns of each side by
/// side. Of those that each warp has of its own it has one to four that are
/// neighbours.
struct ThreadRows {
  explicit ThreadRows(Type type)
      : perWarp(isPerWarp(type)),
        count(cast<RankedTensorType>(type).getDimSize(0) /
              (perWarp ? 16 : 32)) {}

  /// The row of this thread's, and the column without the lane's part, that a
  /// register holds.
  int64_t rowOf(int64_t i) const { return perWarp ? i % count : i / 2 % count; }
  int64_t columnOf(int64_t i) const {
    return perWarp ? i / count * 8 : i / (2 * count) * 8 + i % 2;
  }
  /// The lane's part of the column, in the tile.
  Value laneColumn(Emitter &e, const KernelValues &kernel) const {
    return perWarp ? e.div(kernel.lane, 4) : e.mul(e.bitAnd(kernel.lane, 3), 2);
  }
  /// The first of this thread's rows in the tile, and from one to the next.
  Value firstRow(Emitter &e, const KernelValues &kernel) const {
    return perWarp ? e.mul(e.bitAnd(kernel.lane, 3), count)
                   : e.firstRow(kernel, 8 * count);
  }
  int64_t stride() const { return perWarp ? 1 : 8; }
  /// By how much the numbers of lanes differ that share a row.
  ArrayRef<int64_t> lanes() const {
    static constexpr int64_t ofWarp[] = {4, 8, 16}, ofGroup[] = {1, 2};
    return perWarp ? ArrayRef(ofWarp) : ArrayRef(ofGroup);
  }

  bool perWarp;
  int64_t count; ///< Of rows.
};

bool isAcc(Type type) {
  return isa<AccAttr>(cast<RankedTensorType>(type).getEncoding());
}

/// Registers of a tile that lie side by side in what two are stacked to.
size_t stackedRun(Type type) { return isAcc(type) && !isPerWarp(type) ? 2 : 1; }

/// Weights of each warp as an operand: of each pair of rows one of the first
/// and one of the second, 8 keys in a matrix that is transposed on the way.
SmallVector<Value> stackWeights(Emitter &e, int64_t rows, ValueRange first,
                                ValueRange second) {
  SmallVector<Value> all;
  for (size_t step = 0; step != first.size() / rows; ++step)
    for (int64_t row = 0; row != rows; ++row)
      for (int64_t half : {0, 1}) {
        // Two of an accumulator's are in a register.
        const int64_t number = (2 * step + half) * rows + row;
        Value pair = e.permute(first[number / 2], second[number / 2],
                               number % 2 ? 0x7632 : 0x5410);
        all.append(e.assembly("movmatrix.sync.aligned.m8n8.trans.b16 $0, $1;",
                              "=r,r", pair, e.getI32Type()));
      }
  return all;
}

/// Two tiles are side by side in a tile of both, a register of each in turn, or
/// of an accumulator two.
struct LowerStack : KernelPattern<StackOp> {
  using KernelPattern::KernelPattern;
  LogicalResult lower(StackOp op, OneToNOpAdaptor adaptor, Emitter &e,
                      ConversionPatternRewriter &rewriter) const override {
    auto type = cast<RankedTensorType>(op.getFirst().getType());
    if (isPerWarp(type) && type.getElementTypeBitWidth() == 16) {
      rewriter.replaceOpWithMultiple(
          op, {stackWeights(e, ThreadRows(type).count, adaptor.getFirst(),
                            adaptor.getSecond())});
      return success();
    }
    const size_t run = stackedRun(type);
    SmallVector<Value> all;
    for (size_t i = 0; i < adaptor.getFirst().size(); i += run) {
      llvm::append_range(all, adaptor.getFirst().slice(i, run));
      llvm::append_range(all, adaptor.getSecond().slice(i, run));
    }
    rewriter.replaceOpWithMultiple(op, {all});
    return success();
  }
};

struct LowerUnstack : KernelPattern<UnstackOp> {
  using KernelPattern::KernelPattern;
  LogicalResult lower(UnstackOp op, OneToNOpAdaptor adaptor, Emitter &,
                      ConversionPatternRewriter &rewriter) const override {
    const size_t run = stackedRun(op.getSource().getType());
    SmallVector<SmallVector<Value>> halves(2);
    for (auto [i, value] : llvm::enumerate(adaptor.getSource()))
      halves[i / run % 2].push_back(value);
    rewriter.replaceOpWithMultiple(op, std::move(halves));
    return success();
  }
};

struct LowerPack : KernelPattern<PackOp> {
  using KernelPattern::KernelPattern;
  LogicalResult lower(PackOp op, OneToNOpAdaptor adaptor, Emitter &e,
                      ConversionPatternRewriter &rewriter) const override {
    Type element = cast<RankedTensorType>(op.getType()).getElementType();
    ValueRange source = adaptor.getSource();
    SmallVector<Value> packed;
    for (size_t i = 0; i < source.size(); i += 2)
      packed.push_back(e.pack(source[i], source[i + 1], element));
    rewriter.replaceOpWithMultiple(op, {packed});
    return success();
  }
};

struct LowerUnpack : KernelPattern<UnpackOp> {
  using KernelPattern::KernelPattern;
  LogicalResult lower(UnpackOp op, OneToNOpAdaptor adaptor, Emitter &e,
                      ConversionPatternRewriter &rewriter) const override {
    auto type = cast<RankedTensorType>(op.getSource().getType());
    Type f32 = e.getF32Type();
    SmallVector<Value> results;
    for (Value packed : adaptor.getSource()) {
      if (type.getElementType().isBF16()) { // The upper half of an f32.
        results.push_back(
            e.bitcast(arith::ShLIOp::create(e, packed, e.i32(16)), f32));
        results.push_back(e.bitcast(e.bitAnd(packed, ~int64_t(0xffff)), f32));
        continue;
      }
      Value pair = e.bitcast(packed, VectorType::get(2, e.getF16Type()));
      for (int64_t i : {0, 1}) {
        Value half = LLVM::ExtractElementOp::create(e, pair, e.i32(i));
        results.push_back(arith::ExtFOp::create(e, f32, half));
      }
    }
    rewriter.replaceOpWithMultiple(op, {results});
    return success();
  }
};

/// The sum of a fragment's rows: for each 16 columns a product by a matrix of
/// ones. All columns of the result are the sum, so that each lane has that of
/// its rows, across lanes too. Even and odd products are two chains.
SmallVector<Value> sumFragment(Emitter &e, RankedTensorType type,
                               ValueRange registers) {
  const bool isBF16 = type.getElementType().isBF16();
  const int64_t halves = ThreadRows(type).count;
  // A step has two registers of each half: of the first 8 columns, of the last.
  const int64_t step = 2 * halves;
  Value ones = e.i32(isBF16 ? 0x3f803f80 : 0x3c003c00), none = e.i32(0);
  const std::string text =
      llvm::formatv("mma.sync.aligned.m16n8k16.row.col.f32.{0}.{0}.f32 "
                    "{{$0, $1, $2, $3}, {{$4, $5, $6, $7}, {{$8, $8}, "
                    "{{$9, $10, $11, $12};",
                    isBF16 ? "bf16" : "f16");
  SmallVector<Type> types(4, e.getF32Type());
  SmallVector<Value> chains[2];
  for (size_t at = 0; at < registers.size(); at += step) {
    SmallVector<Value> &chain = chains[at / step % 2];
    if (chain.empty())
      chain.assign(4, e.f32(0));
    SmallVector<Value> operands;
    for (int64_t columns : {0, 1})
      for (int64_t half : {0, 1})
        operands.push_back(
            half < halves ? registers[at + columns * halves + half] : none);
    operands.push_back(ones);
    llvm::append_range(operands, chain);
    chain = e.assembly(text, "=f,=f,=f,=f,r,r,r,r,r,0,1,2,3", operands, types);
  }
  SmallVector<Value> sums;
  for (int64_t half = 0; half != halves; ++half) {
    Value sum = chains[0][2 * half];
    if (!chains[1].empty())
      sum = arith::AddFOp::create(e, sum, chains[1][2 * half],
                                  arith::FastMathFlags::contract);
    sums.push_back(sum);
  }
  return sums;
}

struct LowerReduce : KernelPattern<ReduceOp> {
  using KernelPattern::KernelPattern;
  LogicalResult lower(ReduceOp op, OneToNOpAdaptor adaptor, Emitter &e,
                      ConversionPatternRewriter &rewriter) const override {
    if (auto type = cast<RankedTensorType>(op.getSource().getType());
        isa<OperandAAttr>(type.getEncoding())) {
      rewriter.replaceOpWithMultiple(
          op, {sumFragment(e, type, adaptor.getSource())});
      return success();
    }
    auto combine = [&](Value x, Value y) -> Value {
      if (op.getKind() == ReduceKind::Max)
        return arith::MaxNumFOp::create(e, x, y);
      return arith::AddFOp::create(e, x, y, arith::FastMathFlags::contract);
    };
    bool toRow =
        isa<RowAttr>(cast<RankedTensorType>(op.getType()).getEncoding());

    // Even and odd columns are two chains: half the latency, no more registers.
    SmallVector<Value> rows;
    ValueRange source = adaptor.getSource();
    const ThreadRows ofThread(op.getSource().getType());
    if (isAcc(op.getSource().getType())) {
      for (int64_t row = 0; row != ofThread.count; ++row) {
        Value chains[2];
        int64_t turn = 0;
        for (auto [i, value] : llvm::enumerate(source))
          if (ofThread.rowOf(i) == row) {
            Value &chain = chains[turn++ % 2];
            chain = chain ? combine(chain, value) : value;
          }
        rows.push_back(combine(chains[0], chains[1]));
      }
    } else {
      llvm::append_range(rows, source);
    }
    if (toRow)
      for (Value &row : rows)
        for (int64_t distance : ofThread.lanes())
          row = combine(row, e.ofLaneAcross(row, distance));
    rewriter.replaceOpWithMultiple(op, {rows});
    return success();
  }
};

struct LowerBroadcast : KernelPattern<BroadcastOp> {
  using KernelPattern::KernelPattern;
  LogicalResult lower(BroadcastOp op, OneToNOpAdaptor adaptor, Emitter &,
                      ConversionPatternRewriter &rewriter) const override {
    auto type = cast<RankedTensorType>(op.getType());
    SmallVector<Value> results(adaptor.getSource());
    if (isa<LanesAttr>(type.getEncoding())) {
      results.assign(getRegisterLayout(type).count, results.front());
    } else if (isa<AccAttr>(type.getEncoding())) {
      results.clear();
      for (int64_t i = 0, count = getRegisterLayout(type).count; i != count;
           ++i)
        results.push_back(adaptor.getSource()[ThreadRows(type).rowOf(i)]);
    }
    rewriter.replaceOpWithMultiple(op, {results});
    return success();
  }
};

Value either(Emitter &e, Value x, Value y) {
  return x ? arith::OrIOp::create(e, x, y) : y;
}

/// Replaces registers by what `change` makes of them, in warps where
/// `condition` holds in any lane: the vote makes the branch uniform.
SmallVector<Value> ifAnyLane(Emitter &e, Value condition, ValueRange registers,
                             llvm::function_ref<Value(int64_t, Value)> change) {
  Value any = NVVM::VoteSyncOp::create(e, e.getI1Type(), e.i32(-1), condition,
                                       NVVM::VoteSyncKind::any);
  auto branch = scf::IfOp::create(e, registers.getTypes(), any,
                                  /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(e);
  e.setInsertionPointToStart(branch.thenBlock());
  SmallVector<Value> changed;
  for (auto [i, value] : llvm::enumerate(registers))
    changed.push_back(change(i, value));
  scf::YieldOp::create(e, changed);
  e.setInsertionPointToStart(branch.elseBlock());
  scf::YieldOp::create(e, registers);
  return SmallVector<Value>(branch.getResults());
}

struct LowerRescale : KernelPattern<RescaleOp> {
  using KernelPattern::KernelPattern;
  LogicalResult lower(RescaleOp op, OneToNOpAdaptor adaptor, Emitter &e,
                      ConversionPatternRewriter &rewriter) const override {
    Value changes;
    for (Value factor : adaptor.getFactor())
      changes = either(e, changes,
                       arith::CmpFOp::create(e, arith::CmpFPredicate::UNE,
                                             factor, e.f32(1)));
    const ThreadRows rows(op.getType());
    SmallVector<Value> results =
        ifAnyLane(e, changes, adaptor.getSource(), [&](int64_t i, Value value) {
          return arith::MulFOp::create(e, value,
                                       adaptor.getFactor()[rows.rowOf(i)]);
        });
    rewriter.replaceOpWithMultiple(op, {results});
    return success();
  }
};

struct LowerMask : KernelPattern<MaskOp> {
  using KernelPattern::KernelPattern;
  LogicalResult lower(MaskOp op, OneToNOpAdaptor adaptor, Emitter &e,
                      ConversionPatternRewriter &rewriter) const override {
    // Kept: above <= column < below, both relative to this thread's first
    // column of the tile, so that each element compares with a constant.
    Value shift = one(adaptor.getShift()), window = one(adaptor.getWindow());
    const ThreadRows rows(op.getType());
    Value firstKey = e.add(one(adaptor.getKey()), rows.laneColumn(e, kernel));
    const int64_t columns = cast<RankedTensorType>(op.getType()).getDimSize(1);
    if (rows.perWarp)
      firstKey = e.addScaled(firstKey, e.bitAnd(kernel.warp, 3), columns);
    Value firstRow = e.add(rows.firstRow(e, kernel), one(adaptor.getRow()));
    SmallVector<Value, 4> below(rows.count), above(rows.count);
    for (int64_t row = 0; row != rows.count; ++row) {
      below[row] = e.sub(one(adaptor.getLength()), firstKey);
      if (!shift)
        continue;
      Value inTile = e.add(firstRow, rows.stride() * row);
      Value token =
          e.add(one(adaptor.getToken()), e.div(inTile, op.getHeads()));
      Value diagonal = e.add(e.sub(e.add(token, shift), firstKey), 1);
      below[row] = arith::MinSIOp::create(e, below[row], diagonal);
      if (window)
        above[row] = e.sub(diagonal, window);
    }
    // A warp whose elements are all kept, as in most tiles, skips the rest.
    int64_t last = rows.columnOf(adaptor.getSource().size() - 1);
    Value hides;
    for (int64_t row = 0; row != rows.count; ++row) {
      hides = either(e, hides, e.lessOrEqual(below[row], e.i32(last)));
      if (window)
        hides = either(e, hides, e.less(e.i32(0), above[row]));
    }
    Value hidden = e.f32(-std::numeric_limits<float>::infinity());
    SmallVector<Value> results =
        ifAnyLane(e, hides, adaptor.getSource(), [&](int64_t i, Value value) {
          Value column = e.i32(rows.columnOf(i));
          Value kept = e.less(column, below[rows.rowOf(i)]);
          if (window)
            kept = arith::AndIOp::create(
                e, kept, e.lessOrEqual(above[rows.rowOf(i)], column));
          return arith::SelectOp::create(e, kept, value, hidden);
        });
    rewriter.replaceOpWithMultiple(op, {results});
    return success();
  }
};

} // namespace

void parallax::hopper::populateRegisterPatterns(const TypeConverter &converter,
                                                RewritePatternSet &patterns,
                                                const KernelValues &kernel) {
  patterns.add<LowerStack, LowerUnstack, LowerPack, LowerUnpack, LowerReduce,
               LowerBroadcast, LowerRescale, LowerMask>(
      converter, patterns.getContext(), kernel);
}
