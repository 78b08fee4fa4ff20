//===- Elementwise.cpp - Elementwise work to one op a register ------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/HopperToNVVM/Lowering.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace parallax::hopper;

namespace {

/// Any elementwise op on register tensors: the same op on each register.
struct LowerElementwise : ConversionPattern {
  LowerElementwise(const TypeConverter &converter, MLIRContext *context)
      : ConversionPattern(converter, MatchAnyOpTypeTag(), /*benefit=*/1,
                          context) {}

  LogicalResult
  matchAndRewrite(Operation *op, ArrayRef<ValueRange> operands,
                  ConversionPatternRewriter &rewriter) const override {
    if (!op->hasTrait<OpTrait::Elementwise>() || op->getNumResults() != 1)
      return failure();
    auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType());
    if (!type || !isRegisterTensor(type))
      return failure();
    RegisterLayout layout = getRegisterLayout(type);
    // A packed register holds two elements, so that no op on elements is one on
    // it; and an op between encodings would have to move elements.
    if (layout.type != type.getElementType())
      return rewriter.notifyMatchFailure(op, "expected no packed elements");
    for (Type operand : op->getOperandTypes())
      if (auto tensor = dyn_cast<RankedTensorType>(operand);
          tensor && tensor.getEncoding() != type.getEncoding())
        return rewriter.notifyMatchFailure(op, "expected one encoding");
    SmallVector<NamedAttribute> attributes = contracted(op);
    SmallVector<Value> results;
    for (int64_t i = 0; i != layout.count; ++i) {
      // A scalar operand, such as select's condition, is the same for all.
      auto scalars = llvm::map_to_vector(operands, [&](ValueRange registers) {
        return registers[registers.size() == 1 ? 0 : i];
      });
      results.push_back(rewriter
                            .create(op->getLoc(), op->getName().getIdentifier(),
                                    scalars, layout.type, attributes)
                            ->getResult(0));
    }
    rewriter.replaceOpWithMultiple(op, {results});
    return success();
  }

  /// The op's attributes, with leave to fuse a product and a sum.
  static SmallVector<NamedAttribute> contracted(Operation *op) {
    NamedAttrList attributes(op->getAttrs());
    if (isa<arith::AddFOp, arith::SubFOp, arith::MulFOp>(op)) {
      auto flags = cast<arith::ArithFastMathInterface>(op)
                       .getFastMathFlagsAttr()
                       .getValue();
      attributes.set("fastmath", arith::FastMathFlagsAttr::get(
                                     op->getContext(),
                                     flags | arith::FastMathFlags::contract));
    }
    return llvm::to_vector(attributes.getAttrs());
  }
};

/// A function that the hardware approximates in one instruction.
template <typename OpT> struct LowerApproximate : OpConversionPattern<OpT> {
  LowerApproximate(const TypeConverter &converter, MLIRContext *context,
                   StringRef intrinsic)
      : OpConversionPattern<OpT>(converter, context, /*benefit=*/2),
        intrinsic(intrinsic) {}

  LogicalResult
  matchAndRewrite(OpT op,
                  typename OpConversionPattern<OpT>::OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    if (!getElementTypeOrSelf(op.getType()).isF32())
      return rewriter.notifyMatchFailure(op, "expected f32");
    Emitter e(op.getLoc(), rewriter);
    SmallVector<Value> results;
    for (Value x : adaptor.getOperand())
      results.push_back(e.intrinsic(intrinsic, x));
    rewriter.replaceOpWithMultiple(op, {results});
    return success();
  }

  StringRef intrinsic;
};

struct LowerDivide : OpConversionPattern<arith::DivFOp> {
  LowerDivide(const TypeConverter &converter, MLIRContext *context)
      : OpConversionPattern(converter, context, /*benefit=*/2) {}

  LogicalResult
  matchAndRewrite(arith::DivFOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    if (!getElementTypeOrSelf(op.getType()).isF32())
      return rewriter.notifyMatchFailure(op, "expected f32");
    Emitter e(op.getLoc(), rewriter);
    SmallVector<Value> results;
    for (auto [x, y] : llvm::zip_equal(adaptor.getLhs(), adaptor.getRhs())) {
      Value inverse = e.intrinsic("llvm.nvvm.rcp.approx.ftz.f", y);
      results.push_back(arith::MulFOp::create(e, x, inverse));
    }
    rewriter.replaceOpWithMultiple(op, {results});
    return success();
  }
};

/// One value in all registers.
/// Whether a register holds two elements.
bool isPacked(RankedTensorType type) {
  return getRegisterLayout(type).type != type.getElementType();
}

struct LowerConstant : OpConversionPattern<arith::ConstantOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult
  matchAndRewrite(arith::ConstantOp op, OneToNOpAdaptor,
                  ConversionPatternRewriter &rewriter) const override {
    auto splat = dyn_cast<SplatElementsAttr>(op.getValue());
    if (!splat || !isRegisterTensor(op.getType()))
      return rewriter.notifyMatchFailure(op, "expected one value for all");
    auto type = cast<RankedTensorType>(op.getType());
    RegisterLayout layout = getRegisterLayout(type);
    auto element = splat.getSplatValue<TypedAttr>();
    if (isPacked(type)) {
      // Two copies of its bits in each register.
      APInt bits = cast<FloatAttr>(element).getValue().bitcastToAPInt();
      element = IntegerAttr::get(layout.type, bits.concat(bits));
    }
    Value value = arith::ConstantOp::create(rewriter, op.getLoc(), element);
    rewriter.replaceOpWithMultiple(op,
                                   {SmallVector<Value>(layout.count, value)});
    return success();
  }
};

struct LowerSplat : OpConversionPattern<tensor::SplatOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult
  matchAndRewrite(tensor::SplatOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    auto type = cast<RankedTensorType>(op.getType());
    if (!isRegisterTensor(type) || isPacked(type))
      return rewriter.notifyMatchFailure(op, "expected no packed elements");
    rewriter.replaceOpWithMultiple(
        op, {SmallVector<Value>(getRegisterLayout(type).count,
                                one(adaptor.getInput()))});
    return success();
  }
};

} // namespace

void parallax::hopper::populateElementwisePatterns(
    const TypeConverter &converter, RewritePatternSet &patterns) {
  MLIRContext *context = patterns.getContext();
  patterns.add<LowerElementwise, LowerDivide, LowerConstant, LowerSplat>(
      converter, context);
  patterns.add<LowerApproximate<math::Exp2Op>>(converter, context,
                                               "llvm.nvvm.ex2.approx.ftz.f32");
  patterns.add<LowerApproximate<math::Log2Op>>(converter, context,
                                               "llvm.nvvm.lg2.approx.ftz.f");
}
