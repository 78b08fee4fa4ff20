//===- Role.cpp - Roles to branches ---------------------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/HopperToNVVM/Lowering.h"
#include "lib/Data/Registers.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace parallax::hopper;

/// The dynamic shared memory of a CTA, one symbol for all kernels of a module.
static constexpr llvm::StringLiteral kSharedMemory = "hopper_shared_memory";

static Value addressOfSharedMemory(Emitter &e, ModuleOp module) {
  constexpr unsigned space = 3;
  if (!module.lookupSymbol(kSharedMemory)) {
    OpBuilder::InsertionGuard guard(e);
    e.setInsertionPointToStart(module.getBody());
    auto type = LLVM::LLVMArrayType::get(e.getI8Type(), 0);
    LLVM::GlobalOp::create(e, type, /*isConstant=*/false,
                           LLVM::Linkage::External, kSharedMemory, Attribute(),
                           /*alignment=*/1024, space);
  }
  return LLVM::AddressOfOp::create(
      e, LLVM::LLVMPointerType::get(e.getContext(), space), kSharedMemory);
}

KernelValues parallax::hopper::writePreamble(func::FuncOp function) {
  KernelValues kernel;
  kernel.layout = KernelLayout::of(function);
  Block &body = function.getBody().front();
  Emitter e(function.getLoc(), function.getContext());
  e.setInsertionPointToStart(&body);

  kernel.smem = addressOfSharedMemory(e, function->getParentOfType<ModuleOp>());
  kernel.thread = NVVM::ThreadIdXOp::create(
      e, e.getI32Type(),
      LLVM::ConstantRangeAttr::get(e.getContext(), 32, 0,
                                   kernel.layout.threads));
  kernel.lane = e.bitAnd(kernel.thread, 31);
  // The shuffle tells the assembler that all lanes agree.
  kernel.warp = NVVM::ShflOp::create(
      e, e.getI32Type(), e.i32(-1), e.div(kernel.thread, 32), e.i32(0),
      e.i32(31), NVVM::ShflKindAttr::get(e.getContext(), NVVM::ShflKind::idx),
      UnitAttr());
  kernel.warpgroup = e.div(kernel.warp, 4);

  auto roles = *body.getOps<RolesOp>().begin();
  kernel.converters = roles.getConverterWarps();
  kernel.consumerRegisters = roles.getConsumerRegisters();
  kernel.firstConverter = roles.hasConverterWarpgroup() ? 4 : 1;
  kernel.allWait = !body.getOps<AppendOp>().empty() ||
                   (roles.hasConverters() && !roles.hasConverterWarpgroup());
  // One thread prepares the barriers, before anything else but the loads that
  // say what the CTA is for.
  if (auto finds = body.getOps<FindOp>(); !finds.empty())
    e.setInsertionPoint(*finds.begin());
  e.inBranch(e.equal(kernel.thread, 0), [&](Emitter &e) {
    kernel.first = e.getInsertionBlock();
    for (auto barriers : body.getOps<BarriersOp>())
      for (int64_t i = 0; i != barriers.getResult().getType().getStages(); ++i)
        NVVM::MBarrierInitOp::create(
            e, e.advance(kernel.smem, kernel.layout.offsets[barriers] + 8 * i),
            e.i32(barriers.getCount()), Value());
    NVVM::FenceMbarrierInitOp::create(e);
  });
  return kernel;
}

namespace {

struct LowerRoles : KernelPattern<RolesOp> {
  using KernelPattern::KernelPattern;
  LogicalResult lower(RolesOp op, OneToNOpAdaptor, Emitter &e,
                      ConversionPatternRewriter &rewriter) const override {
    // What is appended is copied by all, and with converters beside the
    // producer all warps have a role. Else the producer's warp, which has
    // prepared the barriers itself, starts its copies while others wait.
    if (kernel.allWait)
      NVVM::BarrierOp::create(e);
    const bool goesOn = !kernel.allWait;
    auto waitForBarriers = [&](Emitter &e) {
      if (goesOn)
        NVVM::BarrierOp::create(e, TypeRange(), e.i32(0), waitingThreads(e),
                                NVVM::BarrierReductionAttr(), Value());
    };
    Value isProducer = e.equal(kernel.warpgroup, 0);
    auto branch = scf::IfOp::create(e, isProducer, /*withElseRegion=*/true);

    e.setInsertionPoint(branch.thenBlock()->getTerminator());
    if (goesOn)
      e.inBranch(e.equal(kernel.warp, 0), [&](Emitter &e) {
        NVVM::SyncWarpOp::create(e, e.i32(-1));
        NVVM::BarrierArriveOp::create(e, e.i32(0), waitingThreads(e));
      });
    setRegisters(e, op.getProducerRegisters(), kernel.layout);
    e.inElectedThread(e.equal(kernel.warp, 0), [&](Emitter &e) {
      inlineRole(op.getProducerBlock(), e, rewriter, {});
    });
    if (op.hasConverters() && !op.hasConverterWarpgroup())
      e.inBranch(e.lessOrEqual(e.i32(1), kernel.warp), [&](Emitter &e) {
        inlineRole(op.getConverterBlock(), e, rewriter, {});
      });

    e.setInsertionPoint(branch.elseBlock()->getTerminator());
    int64_t firstConsumer = 1;
    if (op.hasConverterWarpgroup()) {
      Value isConverter = e.equal(kernel.warpgroup, firstConsumer++);
      branch = scf::IfOp::create(e, isConverter, /*withElseRegion=*/true);
      e.setInsertionPoint(branch.thenBlock()->getTerminator());
      setRegisters(e, *op.getConverterRegisters(), kernel.layout);
      waitForBarriers(e);
      inlineRole(op.getConverterBlock(), e, rewriter, {});
      e.setInsertionPoint(branch.elseBlock()->getTerminator());
    }
    setRegisters(e, op.getConsumerRegisters(), kernel.layout);
    waitForBarriers(e);
    inlineRole(op.getConsumerBlock(), e, rewriter,
               e.add(kernel.warpgroup, -firstConsumer));
    rewriter.eraseOp(op);
    return success();
  }

  /// Threads of warps that have a role: not those beside the producer's.
  Value waitingThreads(Emitter &e) const {
    constexpr int64_t warpThreads = 32;
    return e.i32(kernel.layout.threads - kConverterWarps * warpThreads);
  }

  static void setRegisters(Emitter &e, int64_t registers,
                           const KernelLayout &layout) {
    const int64_t atLaunch = parallax::registersAtLaunch(
        layout.threads / parallax::kWarpgroupThreads, layout.ctasPerSm);
    if (registers == atLaunch)
      return;
    auto action = registers < atLaunch ? NVVM::SetMaxRegisterAction::decrease
                                       : NVVM::SetMaxRegisterAction::increase;
    NVVM::SetMaxRegisterOp::create(
        e, e.getI32IntegerAttr(registers),
        NVVM::SetMaxRegisterActionAttr::get(e.getContext(), action));
  }

  static void inlineRole(Block &role, Emitter &e,
                         ConversionPatternRewriter &rewriter,
                         ValueRange arguments) {
    rewriter.eraseOp(role.getTerminator());
    rewriter.inlineBlockBefore(&role, e.getInsertionBlock(),
                               e.getInsertionPoint(), arguments);
  }
};

struct LowerAwaitGrids : KernelPattern<AwaitGridsOp> {
  using KernelPattern::KernelPattern;
  LogicalResult lower(AwaitGridsOp op, OneToNOpAdaptor, Emitter &e,
                      ConversionPatternRewriter &rewriter) const override {
    NVVM::GriddepcontrolOp::create(e, NVVM::GridDepActionKind::wait);
    rewriter.eraseOp(op);
    return success();
  }
};

struct LowerLaunchDependents : KernelPattern<LaunchDependentsOp> {
  using KernelPattern::KernelPattern;
  LogicalResult lower(LaunchDependentsOp op, OneToNOpAdaptor, Emitter &e,
                      ConversionPatternRewriter &rewriter) const override {
    NVVM::GriddepcontrolOp::create(e,
                                   NVVM::GridDepActionKind::launch_dependents);
    rewriter.eraseOp(op);
    return success();
  }
};

struct LowerCtaId : KernelPattern<CtaIdOp> {
  using KernelPattern::KernelPattern;
  LogicalResult lower(CtaIdOp op, OneToNOpAdaptor, Emitter &e,
                      ConversionPatternRewriter &rewriter) const override {
    Type type = e.getI32Type();
    rewriter.replaceOp(
        op, op.getDim() == 0   ? Value(NVVM::BlockIdXOp::create(e, type))
            : op.getDim() == 1 ? Value(NVVM::BlockIdYOp::create(e, type))
                               : Value(NVVM::BlockIdZOp::create(e, type)));
    return success();
  }
};

struct LowerDivide : KernelPattern<DivideOp> {
  using KernelPattern::KernelPattern;
  LogicalResult lower(DivideOp op, OneToNOpAdaptor adaptor, Emitter &e,
                      ConversionPatternRewriter &rewriter) const override {
    Value reciprocal = one(adaptor.getReciprocal());
    auto narrow = [&](Value wide) -> Value {
      return arith::TruncIOp::create(e, e.getI32Type(), wide);
    };
    auto highHalf = [&](Value wide) {
      return narrow(arith::ShRUIOp::create(e, wide, e.i64(32)));
    };
    auto extend = [&](Value word) -> Value {
      return arith::ExtUIOp::create(e, e.getI64Type(), word);
    };
    Value twice =
        arith::ShLIOp::create(e, one(adaptor.getDividend()), e.i32(1));
    Value product =
        arith::MulIOp::create(e, extend(twice), extend(narrow(reciprocal)));
    rewriter.replaceOpWithNewOp<arith::ShRUIOp>(op, highHalf(product),
                                                highHalf(reciprocal));
    return success();
  }
};

/// The kernel itself, with what the assembler must know of it.
struct LowerKernel : KernelPattern<func::FuncOp> {
  using KernelPattern::KernelPattern;
  LogicalResult lower(func::FuncOp op, OneToNOpAdaptor, Emitter &e,
                      ConversionPatternRewriter &rewriter) const override {
    const TypeConverter &converter = *getTypeConverter();
    TypeConverter::SignatureConversion signature(op.getNumArguments());
    if (failed(
            converter.convertSignatureArgs(op.getArgumentTypes(), signature)))
      return failure();
    auto type = LLVM::LLVMFunctionType::get(
        LLVM::LLVMVoidType::get(getContext()), signature.getConvertedTypes());
    auto kernelOp = LLVM::LLVMFuncOp::create(e, op.getName(), type);
    rewriter.inlineRegionBefore(op.getBody(), kernelOp.getBody(),
                                kernelOp.end());
    rewriter.applySignatureConversion(&kernelOp.getBody().front(), signature,
                                      &converter);
    for (auto [index, argument] : llvm::enumerate(op.getArgumentTypes()))
      if (isa<TensorMapType>(argument))
        passByValue(kernelOp, index, op->hasAttr(kClusterAttr), e);
    kernelOp->setAttr(NVVM::NVVMDialect::getKernelFuncAttrName(),
                      e.getUnitAttr());
    // Without it setmaxnreg has no effect.
    kernelOp->setAttr(NVVM::NVVMDialect::getReqntidAttrName(),
                      e.getDenseI32ArrayAttr(
                          {static_cast<int32_t>(kernel.layout.threads), 1, 1}));
    kernelOp->setAttr(NVVM::NVVMDialect::getMinctasmAttrName(),
                      e.getI32IntegerAttr(kernel.layout.ctasPerSm));
    kernelOp.setPassthroughAttr(e.getArrayAttr(e.getStrArrayAttr(
        {"denormal-fp-math-f32", "preserve-sign,preserve-sign"})));
    rewriter.eraseOp(op);
    return success();
  }

  /// Makes an argument a tensor map that stays in the parameter space, and
  /// fetches it early, where that is before its first use.
  void passByValue(LLVM::LLVMFuncOp function, unsigned index, bool isUsedAtOnce,
                   Emitter &e) const {
    auto type = LLVM::LLVMArrayType::get(e.getI8Type(), 128);
    function.setArgAttr(index, LLVM::LLVMDialect::getByValAttrName(),
                        TypeAttr::get(type));
    function.setArgAttr(index, LLVM::LLVMDialect::getAlignAttrName(),
                        e.getI64IntegerAttr(64));
    function.setArgAttr(index, NVVM::NVVMDialect::getGridConstantAttrName(),
                        e.getUnitAttr());
    if (isUsedAtOnce)
      return;
    OpBuilder::InsertionGuard guard(e);
    e.setInsertionPointToStart(kernel.first);
    NVVM::PrefetchOp::create(e, NVVM::PrefetchCacheLevelAttr(),
                             NVVM::CacheEvictionPriorityAttr(),
                             function.getArgument(index), Value(),
                             /*tensormap=*/e.getUnitAttr());
  }
};

struct LowerReturn : KernelPattern<func::ReturnOp> {
  using KernelPattern::KernelPattern;
  LogicalResult lower(func::ReturnOp op, OneToNOpAdaptor, Emitter &,
                      ConversionPatternRewriter &rewriter) const override {
    rewriter.replaceOpWithNewOp<LLVM::ReturnOp>(op, ValueRange());
    return success();
  }
};

} // namespace

void parallax::hopper::populateRolePatterns(const TypeConverter &converter,
                                            RewritePatternSet &patterns,
                                            const KernelValues &kernel) {
  patterns.add<LowerRoles, LowerAwaitGrids, LowerLaunchDependents, LowerCtaId,
               LowerDivide, LowerKernel, LowerReturn>(
      converter, patterns.getContext(), kernel);
}
