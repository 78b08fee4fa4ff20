//===- HopperToNVVM.cpp - A warpgroup program to threads ------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Input: `hopper.kernel` functions. Output: the same as `llvm.func` kernels of
// scalars, for one thread: a register tensor becomes its registers, shared
// memory an address, a role a branch on the warpgroup.
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/HopperToNVVM/Lowering.h"
#include "lib/Conversion/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/SCF/Transforms/Patterns.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/BuiltinOps.h"

namespace parallax {
#define GEN_PASS_DEF_HOPPERTONVVM
#include "lib/Conversion/Passes.h.inc"
} // namespace parallax

using namespace mlir;
using namespace parallax::hopper;

namespace {

/// Register tensors to registers, handles to addresses.
struct RegisterTypeConverter : TypeConverter {
  explicit RegisterTypeConverter(MLIRContext *context) {
    addConversion([](Type type) { return type; });
    addConversion(
        [](RankedTensorType type,
           SmallVectorImpl<Type> &results) -> std::optional<LogicalResult> {
          if (!isRegisterTensor(type))
            return std::nullopt;
          RegisterLayout layout = getRegisterLayout(type);
          results.append(layout.count, layout.type);
          return success();
        });
    constexpr unsigned shared = 3;
    addConversion(
        [=](SmemType) { return LLVM::LLVMPointerType::get(context, shared); });
    addConversion([=](BarrierType) {
      return LLVM::LLVMPointerType::get(context, shared);
    });
    addConversion(
        [=](TensorMapType) { return LLVM::LLVMPointerType::get(context); });
  }
};

struct HopperToNVVMPass : parallax::impl::HopperToNVVMBase<HopperToNVVMPass> {
  using HopperToNVVMBase::HopperToNVVMBase;

  void runOnOperation() override {
    auto kernels = llvm::filter_to_vector(
        getOperation().getOps<func::FuncOp>(),
        [](func::FuncOp op) { return op->hasAttr(kKernelAttr); });
    if (kernels.empty())
      return;
    for (func::FuncOp kernel : kernels)
      if (failed(convert(kernel)))
        return signalPassFailure();
    getOperation()->setAttr(
        LLVM::LLVMDialect::getTargetTripleAttrName(),
        StringAttr::get(&getContext(), "nvptx64-nvidia-cuda"));
    getOperation()->setAttr(
        LLVM::LLVMDialect::getDataLayoutAttrName(),
        StringAttr::get(&getContext(),
                        "e-p6:32:32-i64:64-i128:128-i256:256-v16:16-v32:32-"
                        "n16:32:64"));
  }

  LogicalResult convert(func::FuncOp function) {
    MLIRContext *context = &getContext();
    if (int64_t bytes = KernelLayout::of(function).sharedBytes;
        bytes > kSharedBytesPerCta)
      return function.emitOpError("expected at most ")
             << kSharedBytesPerCta << " bytes of shared memory, got " << bytes;
    RegisterTypeConverter converter(context);
    KernelValues kernel = writePreamble(function);

    RewritePatternSet patterns(context);
    populateAppendPatterns(converter, patterns, kernel);
    populateBarrierPatterns(converter, patterns, kernel);
    populateConvertPatterns(converter, patterns, kernel);
    populateElementwisePatterns(converter, patterns);
    populateGatherPatterns(converter, patterns, kernel);
    populateMatmulPatterns(converter, patterns, kernel);
    populateMailPatterns(converter, patterns, kernel);
    populateMemoryPatterns(converter, patterns, kernel);
    populateMergePatterns(converter, patterns, kernel);
    populateFindPatterns(converter, patterns, kernel);
    populateRegisterPatterns(converter, patterns, kernel);
    populateRolePatterns(converter, patterns, kernel);
    populateRowPatterns(converter, patterns, kernel);
    populateExchangePatterns(converter, patterns, kernel);
    populateMergeWarpsPatterns(converter, patterns, kernel);
    populateWarpPatterns(converter, patterns, kernel);

    ConversionTarget target(*context);
    scf::populateSCFStructuralTypeConversionsAndLegality(converter, patterns,
                                                         target);
    target.addLegalDialect<LLVM::LLVMDialect, NVVM::NVVMDialect>();
    target.addIllegalDialect<HopperDialect, func::FuncDialect,
                             tensor::TensorDialect>();
    target.addDynamicallyLegalDialect<arith::ArithDialect, math::MathDialect>(
        [&](Operation *op) { return converter.isLegal(op); });
    target.addIllegalOp<math::Exp2Op, math::Log2Op>();

    // Nothing is tried twice, so there is nothing to roll back to.
    ConversionConfig config;
    config.allowPatternRollback = false;
    config.foldingMode = DialectConversionFoldingMode::Never;
    return applyPartialConversion(function, target, std::move(patterns),
                                  config);
  }
};

} // namespace
