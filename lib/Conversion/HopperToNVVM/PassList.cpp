//===- PassList.cpp - From L3 to the LLVM dialect -------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/HopperToNVVM/PassList.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

void parallax::addNVVMToLLVMPasses(mlir::OpPassManager &passes) {
  // From the bottom up, which visits the thousands of operations on registers
  // four times as fast as from the top down, to the same result.
  mlir::GreedyRewriteConfig config;
  config.setUseTopDownTraversal(false);
  passes.addPass(mlir::createCanonicalizerPass(config));
  passes.addPass(mlir::createCSEPass());
  passes.addPass(mlir::createSCFToControlFlowPass());
  passes.addPass(mlir::createConvertNVVMToLLVMPass());
  passes.addPass(mlir::createConvertMathToLLVMPass());
  passes.addPass(mlir::createArithToLLVMConversionPass());
  passes.addPass(mlir::createConvertControlFlowToLLVMPass());
  passes.addPass(mlir::createReconcileUnrealizedCastsPass());
}
