//===- Register.cpp - All dialects and passes -----------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Pipeline/Register.h"

#include "dialect/Hopper/HopperDialect.h"
#include "dialect/Problem/ProblemDialect.h"
#include "dialect/Tile/TileDialect.h"
#include "lib/Conversion/Passes.h"
#include "lib/Emit/Translate.h"
#include "lib/Pipeline/Phases.h"
#include "lib/Simulator/Passes.h"
#include "lib/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/Transforms/Passes.h"

void parallax::registerDialects(mlir::DialectRegistry &registry) {
  registry
      .insert<hopper::HopperDialect, problem::ProblemDialect, tile::TileDialect,
              mlir::arith::ArithDialect, mlir::cf::ControlFlowDialect,
              mlir::func::FuncDialect, mlir::LLVM::LLVMDialect,
              mlir::NVVM::NVVMDialect, mlir::math::MathDialect,
              mlir::memref::MemRefDialect, mlir::scf::SCFDialect,
              mlir::tensor::TensorDialect, mlir::vector::VectorDialect>();
  registerTranslations(registry);
}

void parallax::registerPasses() {
  registerParallaxConversionPasses();
  registerParallaxTransformsPasses();
  registerPhasePipelines();
  registerParallaxSimulatorPasses();
  mlir::registerCanonicalizer();
  mlir::registerCSE();
}
