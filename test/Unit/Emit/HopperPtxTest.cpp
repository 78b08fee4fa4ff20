//===- HopperPtxTest.cpp - PTX of operations that no schedule makes -------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Emit/Assembler.h"
#include "lib/Emit/Ptx.h"
#include "lib/Emit/Translate.h"
#include "lib/Pipeline/Phases.h"
#include "lib/Pipeline/Register.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Target/TargetMachine.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace parallax;
using testing::HasSubstr;

/// The PTX of a kernel's text in the hopper dialect; empty if it has an error.
static std::string ptxOf(llvm::StringRef kernel) {
  mlir::DialectRegistry registry;
  registerDialects(registry);
  mlir::MLIRContext context(registry, mlir::MLIRContext::Threading::DISABLED);
  auto module = mlir::parseSourceString<mlir::ModuleOp>(
      kernel, mlir::ParserConfig(&context));
  if (!module)
    return {};
  mlir::PassManager passes(&context);
  for (const Phase &phase : phasesOf(Target::Sm90a))
    if (phase.name == "nvvm")
      phase.addPasses(passes, {Target::Sm90a, ""});
  if (failed(passes.run(*module)))
    return {};
  llvm::LLVMContext llvmContext;
  auto llvmModule = translateToLLVM(*module, llvmContext);
  if (!llvmModule)
    return {};
  auto machine = createNvptxTarget();
  optimize(**llvmModule, *machine, "default<O3>");
  auto ptx = emitFile(**llvmModule, *machine, EmittedFile::Assembly);
  return ptx ? *ptx : std::string();
}

TEST(HopperPtx, AddsToGlobalMemory) {
  for (const char *element : {"f32", "bf16", "f16"}) {
    const std::string tile =
        std::string("!hopper.smem<64x128x") + element + ">";
    const std::string ptx = ptxOf(
        R"(func.func @add(%map: !hopper.tensor_map, %n: i32, %f: f32)
    attributes {hopper.kernel} {
  %tile = hopper.alloc : )" +
        tile +
        R"(
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %x = tensor.splat %f : tensor<64x128xf32, #hopper.acc>
    hopper.store_fragment %x, %tile : tensor<64x128xf32, #hopper.acc>, )" +
        tile + R"(
    hopper.fence_async
    hopper.warpgroup_barrier
    hopper.tma_store %tile, %map[%n, %n, %n, %n] box [1, 64] add : )" +
        tile + "\n  }\n  return\n}");
    EXPECT_THAT(ptx, HasSubstr("cp.reduce.async.bulk.tensor.4d.global.shared::"
                               "cta.add.tile.bulk_group"));
    EXPECT_THAT(ptx, HasSubstr("cp.async.bulk.commit_group"));
    EXPECT_THAT(ptx, HasSubstr("cp.async.bulk.wait_group.read"));
    Result<Cubin> cubin = assemble(ptx, "sm_90a");
    if (!cubin && cubin.error().code == ErrorCode::NotFound)
      continue; // Built without an assembler.
    ASSERT_TRUE(cubin) << cubin.error().message;
    EXPECT_EQ(cubin->resources.spillStores, 0);
  }
}
