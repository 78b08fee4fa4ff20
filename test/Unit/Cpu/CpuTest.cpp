//===- CpuTest.cpp - Compiles and runs problems on the CPU ----------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/Unit/Cpu/CpuTest.h"

#include "lib/Conversion/Passes.h"
#include "lib/Emit/Cpu.h"
#include "lib/Emit/DescribeKernel.h"
#include "lib/Emit/Translate.h"
#include "lib/Pipeline/Phases.h"
#include "lib/Pipeline/Register.h"
#include "lib/Schedule/CpuTile.h"
#include "parallax/Compiler.h"
#include "tools/Support/Pages.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Target/TargetMachine.h"

#include "gtest/gtest.h"

#include <cmath>

using namespace parallax;
using namespace parallax::tools;

Result<KernelImage> test::compileForCpu(const Problem &problem) {
  CompileOptions options;
  options.target = Target::Cpu;
  Result<Compilation> compiled = compile(problem, options);
  if (!compiled)
    return compiled.error();
  return std::move(*compiled->image);
}

Result<KernelImage> test::compileForVectors(const Problem &problem,
                                            int64_t lanes, int64_t registers) {
  mlir::DialectRegistry registry;
  registerDialects(registry);
  registerTranslations(registry);
  mlir::MLIRContext context(registry, mlir::MLIRContext::Threading::DISABLED);
  auto text = problemText(problem);
  if (!text)
    return text.error();
  auto module = mlir::parseSourceString<mlir::ModuleOp>(*text, &context);
  mlir::PassManager passes(&context);
  for (const Phase &phase : phasesOf(Target::Cpu)) {
    if (phase.name == "vector")
      passes.addPass(createTileToVector({lanes, registers}));
    else if (phase.addPasses)
      phase.addPasses(passes, {Target::Cpu, ""});
  }
  if (!module || mlir::failed(passes.run(*module)))
    return Error{ErrorCode::CompileFailed, "expected the passes to succeed"};
  auto image = describeCpuKernel(*module, proposeForCpu(problem));
  llvm::LLVMContext llvmContext;
  auto translated = translateToLLVM(*module, llvmContext);
  if (!image || !translated)
    return image ? translated.error() : image.error();
  const CpuTarget target = CpuTarget::host();
  auto machine = target.createTargetMachine();
  optimizeForCpu(**translated, target, *machine);
  auto object = emitFile(**translated, *machine, EmittedFile::Object);
  if (!object)
    return object.error();
  image->code.assign(object->begin(), object->end());
  return image;
}

Result<test::Outputs> test::run(const CpuKernel &kernel, const Case &c,
                                Layout layout, int threads) {
  Problem p = c.problem;
  auto tensor = [&](int64_t length, int64_t heads,
                    const std::vector<float> *values) {
    HostTensor result(p.batch, length, heads, p.headDim, p.dtype, layout);
    if (values)
      result.write(*values);
    return result;
  };
  HostTensor q = tensor(p.queryLength, p.queryHeads, &c.inputs.q);
  HostTensor r = tensor(p.queryLength, p.queryHeads, &c.inputs.r);
  CacheTensors cache = placeCache(p, c.inputs, layout);
  const size_t rows = p.batch * p.queryLength * p.queryHeads;
  const std::vector<float> blank(rows, NAN), wide(rows * p.headDim, NAN);
  Outputs out = {tensor(p.queryLength, p.queryHeads, nullptr),
                 blank,
                 blank,
                 blank,
                 blank,
                 wide,
                 wide,
                 blank,
                 blank,
                 blank};
  HostTensor newK(p.batch, p.newLength.value_or(0), p.kvHeads, p.headDim,
                  p.keyDType(), layout);
  HostTensor newV = newK;
  newK.write(c.inputs.newK);
  newV.write(c.inputs.newV);
  p.q = q.strides(), p.r = r.strides();
  if (p.newLength)
    p.newK = newK.strides(), p.newV = newV.strides();
  p.o = out.o.strides();
  std::vector<int32_t> lengths = c.inputs.usedLengths;
  std::array<void *, kNumOperands> pointers = {q.data(),
                                               r.data(),
                                               cache.k.data(),
                                               cache.v.data(),
                                               out.o.data(),
                                               lengths.data(),
                                               out.rowMax.data(),
                                               out.d1.data(),
                                               out.tbar.data(),
                                               out.logSumExp.data(),
                                               cache.blockTable.data(),
                                               out.o1.data(),
                                               out.o2.data(),
                                               out.m.data(),
                                               out.stateD1.data(),
                                               out.stateD2.data()};
  // Both are read only.
  for (auto [operand, scales] : {std::pair(Operand::KScale, &c.inputs.keyScale),
                                 {Operand::VScale, &c.inputs.valueScale}})
    pointers[static_cast<size_t>(operand)] =
        const_cast<float *>(scales->data());
  pointers[static_cast<size_t>(Operand::NewK)] = newK.data();
  pointers[static_cast<size_t>(Operand::NewV)] = newV.data();
  if (Result<void> ok = kernel.launch(p, pointers, threads); !ok)
    return ok.error();
  const CacheTensors after = placeCache(p, appended(p, c.inputs), layout);
  EXPECT_TRUE(cache.k == after.k && cache.v == after.v)
      << "the cache holds other bytes than the new ones";
  return out;
}

void test::expectRight(const Case &c, Layout layout, bool isStatic) {
  Problem kernelProblem = specialized(c.problem);
  // Packing wants to know the group; sizes of a decode are known early, too.
  if (isStatic) {
    kernelProblem = c.problem;
    auto strides = [&](int64_t length, int64_t heads) {
      return HostTensor(1, length, heads, kernelProblem.headDim,
                        kernelProblem.dtype, layout)
          .strides();
    };
    const Problem &p = c.problem;
    kernelProblem.q = kernelProblem.r = kernelProblem.o =
        strides(p.queryLength, p.queryHeads);
    kernelProblem.k = kernelProblem.v =
        strides(p.isPaged() ? p.pageSize : p.keyLength, p.kvHeads);
  } else if (c.problem.kind == ProblemKind::Decode) {
    kernelProblem.queryHeads = c.problem.queryHeads;
    kernelProblem.kvHeads = c.problem.kvHeads;
    kernelProblem.queryLength = c.problem.queryLength;
  }
  auto image = compileForCpu(kernelProblem);
  ASSERT_TRUE(image) << image.error().message;
  expectRightOf(*image, c, layout);
}

void test::expectRightOf(const KernelImage &image, const Case &c,
                         Layout layout) {
  auto kernel = CpuKernel::load(std::make_shared<KernelImage>(image));
  ASSERT_TRUE(kernel) << kernel.error().message;
  auto out = run(*kernel, c, layout, 2);
  ASSERT_TRUE(out) << out.error().message;
  EXPECT_TRUE(out->o.paddingIsIntact());

  const Problem &p = c.problem;
  Comparison o, rowMax, d1, tbar, logSumExp, o1, o2, d2;
  for (const Row &row : rowsToCheck(p)) {
    RowResult expected = evaluateRow(p, c.inputs, row);
    for (int64_t d = 0; d != p.headDim; ++d)
      o.add(out->o.read(row.batch, row.token, row.head, d), expected.o[d]);
    const size_t at =
        (row.batch * p.queryLength + row.token) * p.queryHeads + row.head;
    if (p.outputs.rowMax)
      rowMax.add(out->rowMax[at], expected.rowMax);
    if (p.outputs.d1)
      d1.add(out->d1[at], expected.d1);
    if (p.outputs.tbar)
      tbar.add(out->tbar[at], expected.tbar);
    if (p.outputs.logSumExp)
      logSumExp.add(out->logSumExp[at], expected.logSumExp);
    if (!p.state)
      continue;
    // Whatever the reference is: without a lag it is the rounded maximum.
    const double factor =
        expected.d1 > 0 ? std::exp2(out->m[at] - expected.state.m) : 1;
    EXPECT_EQ(out->stateD1[at] > 0, expected.d1 > 0);
    d2.add(out->stateD2[at] * factor, expected.state.d2);
    for (int64_t d = 0; d != p.headDim; ++d) {
      o1.add(out->o1[at * p.headDim + d] * factor, expected.state.o1[d]);
      o2.add(out->o2[at * p.headDim + d] * factor, expected.state.o2[d]);
    }
  }
  const Tolerance tolerance = defaultTolerance(p.dtype);
  EXPECT_LE(o.maxErrorRatio(), tolerance.maxErrorRatio);
  EXPECT_LE(o.rmsRatio(), tolerance.rmsRatio);
  for (const auto &[name, comparison] :
       {std::pair<const char *, const Comparison &>{"row max", rowMax},
        {"d1", d1},
        {"tbar", tbar},
        {"state o1", o1},
        {"state o2", o2},
        {"state d2", d2},
        {"log sum exp", logSumExp}})
    EXPECT_LE(comparison.maxErrorRatio(), tolerance.maxErrorRatio) << name;
}

Case test::makeCase(Problem problem, const Sizes &sizes,
                    std::vector<int32_t> usedLengths, uint64_t seed) {
  auto c = randomCase(problem, sizes, std::move(usedLengths), seed);
  EXPECT_TRUE(c) << c.error().message;
  return *c;
}
