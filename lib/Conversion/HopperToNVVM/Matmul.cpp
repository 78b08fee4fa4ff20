//===- Matmul.cpp - Warpgroup multiplication to inline PTX ----------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// All k-steps of one multiplication are one inline-assembly block with one
// fence, the accumulator's registers tied to the results: the assembler then
// sees one stage of its pipeline and keeps the accumulator in place.
//
// An operand in shared memory is named by a 64-bit descriptor, of which only
// the low word (address and leading stride, in units of 16 bytes) varies. The
// program computes that word, and the block makes the descriptor of each k-step
// from it: 64-bit values would cost two registers each.
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/HopperToNVVM/Lowering.h"
#include "lib/Data/Registers.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace parallax::hopper;

namespace {

constexpr int64_t kUnit = 16; ///< Bytes that a descriptor counts in.
/// High word: 128-byte swizzle, and 1024 bytes from 8 rows to the next.
constexpr int64_t kDescriptorHigh = (int64_t(1) << 30) | (1024 / kUnit);

/// The low word of the descriptor of a stage.
Value descriptor(Emitter &e, Value base, SmemType type, Value stage, Value row,
                 Value column, int64_t leadingBytes) {
  Value address = LLVM::PtrToIntOp::create(e, e.getI32Type(), base);
  Value word = e.div(e.bitAnd(address, 0x3ffff), kUnit);
  word = arith::OrIOp::create(e, word, e.i32((leadingBytes / kUnit) << 16));
  if (stage && type.getStages() > 1)
    word = e.addScaled(word, e.rem(stage, type.getStages()),
                       type.getStageBytes() / kUnit);
  word = e.addScaled(word, row, 128 / kUnit);
  if (column)
    word = e.add(word, e.div(e.mul(column, type.getRows() * 2), kUnit));
  return word;
}

/// Where k-step `step` of 16 columns starts in a tile whose columns are the
/// inner dimension, in units.
int64_t innerColumns(SmemType type, int64_t step) {
  constexpr int64_t steps = SmemType::kBlockColumns / 16;
  return (step / steps * type.getBlockBytes() + step % steps * 32) / kUnit;
}

/// As `innerColumns`, where its rows are.
int64_t innerRows(int64_t step) { return step * 16 * 128 / kUnit; }

/// Where the columns of the result from `first` on, a multiple of 64, start in
/// b, in units.
int64_t outer(SmemType type, int64_t first, bool transpose) {
  return (transpose ? first * 128
                    : first / SmemType::kBlockColumns * type.getBlockBytes()) /
         kUnit;
}

/// Columns of the result that one instruction makes. The assembler compiles no
/// instruction that, with its operands, takes more registers than a thread is
/// launched with, whatever setmaxnreg gives it.
int64_t columnsTogether(const KernelLayout &layout, int64_t columns) {
  constexpr int64_t others = 30, fewest = 64;
  const int64_t most = parallax::registersAtLaunch(
      layout.threads / parallax::kWarpgroupThreads, layout.ctasPerSm);
  return columns / 2 + others > most ? std::min(columns, fewest) : columns;
}

struct LowerWgmma : KernelPattern<WgmmaOp> {
  using KernelPattern::KernelPattern;

  LogicalResult lower(WgmmaOp op, OneToNOpAdaptor adaptor, Emitter &e,
                      ConversionPatternRewriter &rewriter) const override {
    auto result = cast<RankedTensorType>(op.getType());
    SmemType b = op.getB().getType();
    auto a = dyn_cast<SmemType>(op.getA().getType());
    int64_t n = result.getDimSize(1), count = n / 2;
    int64_t steps = op.getInnerSize() / 16;
    bool transpose = op.getTranspose();
    StringRef element = b.getElementType().isBF16() ? "bf16" : "f16";

    // Operand numbers: the results, then a, then b, then the tied accumulator.
    SmallVector<Value> operands;
    std::string constraints;
    llvm::raw_string_ostream constraint(constraints);
    constraint << "=f";
    for (int64_t i = 1; i < count; ++i)
      constraint << ",=f";
    auto operand = [&](Value value) {
      operands.push_back(value);
      constraint << ",r";
      return count + operands.size() - 1;
    };
    int64_t firstA = count;
    if (a)
      operand(descriptor(e, one(adaptor.getA()), a, one(adaptor.getAStage()),
                         one(adaptor.getRow()), Value(), kUnit));
    else
      for (Value fragment : adaptor.getA().take_front(4 * steps))
        operand(fragment);
    // With b's columns inner the leading stride isn't used; with its rows
    // inner it leads from one block of 64 columns to the next.
    int64_t numberB = operand(descriptor(
        e, one(adaptor.getB()), b, one(adaptor.getBStage()), Value(),
        one(adaptor.getColumn()), transpose ? kUnit : b.getBlockBytes()));
    bool accumulates = !adaptor.getAccumulator().empty();
    if (accumulates)
      for (auto [i, value] : llvm::enumerate(adaptor.getAccumulator())) {
        operands.push_back(value);
        constraint << ',' << i;
      }

    std::string text;
    llvm::raw_string_ostream out(text);
    out << "{\n.reg .pred add, set;\n.reg .b64 da, db;\n.reg .b32 low;\n"
           "setp.ne.b32 add, 1, 0;\nsetp.ne.b32 set, 0, 0;\n"
           "wgmma.fence.sync.aligned;\n";
    auto makeDescriptor = [&](StringRef name, int64_t number, int64_t offset) {
      out << llvm::formatv(
          "add.s32 low, ${0}, {1};\nmov.b64 {2}, {{low, {3}};\n", number,
          offset, name, kDescriptorHigh);
    };
    const int64_t together = columnsTogether(kernel.layout, n);
    auto multiply = [&](int64_t step, int64_t first) {
      const int64_t columns = std::min(together, n - first);
      makeDescriptor("db", numberB,
                     (transpose ? innerColumns(b, step) : innerRows(step)) +
                         outer(b, first, transpose));
      out << llvm::formatv(
          "wgmma.mma_async.sync.aligned.m64n{0}k16.f32.{1}.{1} {{${2}", columns,
          element, first / 2);
      for (int64_t i = 1; i < columns / 2; ++i)
        out << ", $" << first / 2 + i;
      out << "}, ";
      if (a)
        out << "da";
      else
        out << llvm::formatv("{{${0}, ${1}, ${2}, ${3}}", firstA + 4 * step,
                             firstA + 4 * step + 1, firstA + 4 * step + 2,
                             firstA + 4 * step + 3);
      // Scales 1 and 1, then which operands in shared memory are transposed.
      out << ", db, " << (accumulates || step ? "add" : "set") << ", 1, 1, "
          << (a ? "0, " : "") << (transpose ? 0 : 1) << ";\n";
    };
    for (int64_t step = 0; step != steps; ++step) {
      if (a)
        makeDescriptor("da", firstA, innerColumns(a, step));
      for (int64_t first = 0; first < n; first += together)
        multiply(step, first);
    }
    out << "}";
    SmallVector<Type> types(count, e.getF32Type());
    rewriter.replaceOpWithMultiple(
        op, {e.assembly(text, constraints, operands, types)});
    return success();
  }
};

struct LowerCommit : KernelPattern<CommitOp> {
  using KernelPattern::KernelPattern;
  LogicalResult lower(CommitOp op, OneToNOpAdaptor, Emitter &e,
                      ConversionPatternRewriter &rewriter) const override {
    NVVM::WgmmaGroupSyncAlignedOp::create(e);
    rewriter.eraseOp(op);
    return success();
  }
};

struct LowerWaitGroup : KernelPattern<WaitGroupOp> {
  using KernelPattern::KernelPattern;
  LogicalResult lower(WaitGroupOp op, OneToNOpAdaptor adaptor, Emitter &e,
                      ConversionPatternRewriter &rewriter) const override {
    // The registers go through the block, so that nothing can read them
    // before it or use them for something else.
    SmallVector<Value> operands;
    for (ValueRange fragment : adaptor.getFragments())
      llvm::append_range(operands, fragment);
    auto types = llvm::map_to_vector(
        operands, [](Value value) { return value.getType(); });
    SmallVector<std::string> constraints;
    for (Type type : types)
      constraints.push_back(type.isF32() ? "=f" : "=r");
    for (size_t i = 0; i != operands.size(); ++i)
      constraints.push_back(std::to_string(i));
    SmallVector<Value> results = e.assembly(
        llvm::formatv("wgmma.wait_group.sync.aligned {0};", op.getPending())
            .str(),
        llvm::join(constraints, ","), operands, types);

    SmallVector<SmallVector<Value>> fragments;
    ArrayRef<Value> rest = results;
    for (ValueRange fragment : adaptor.getFragments()) {
      fragments.push_back(SmallVector<Value>(rest.take_front(fragment.size())));
      rest = rest.drop_front(fragment.size());
    }
    rewriter.replaceOpWithMultiple(op, std::move(fragments));
    return success();
  }
};

} // namespace

void parallax::hopper::populateMatmulPatterns(const TypeConverter &converter,
                                              RewritePatternSet &patterns,
                                              const KernelValues &kernel) {
  patterns.add<LowerWgmma, LowerCommit, LowerWaitGroup>(
      converter, patterns.getContext(), kernel);
}
