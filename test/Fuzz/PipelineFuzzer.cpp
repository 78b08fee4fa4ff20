//===- PipelineFuzzer.cpp - Text through the parser and the passes --------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Any text must end in a diagnostic or in code, never in a signal: the input is
// parsed and verified, then every pass that applies to its level runs, down to
// NVVM and, from the tile level, to vectors.
//
//===----------------------------------------------------------------------===//

#include "test/Fuzz/Mutator.h"

#include "lib/Conversion/Passes.h"
#include "lib/Pipeline/Register.h"
#include "lib/Transforms/Passes.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"

using namespace mlir;
using namespace parallax;

namespace {

/// Dialects are loaded once: that takes longer than most inputs.
MLIRContext &context() {
  static MLIRContext *instance = [] {
    DialectRegistry registry;
    registerDialects(registry);
    auto *made = new MLIRContext(registry, MLIRContext::Threading::DISABLED);
    made->loadAllAvailableDialects();
    made->getDiagEngine().registerHandler([](Diagnostic &) {});
    return made;
  }();
  return *instance;
}

void run(ModuleOp module, ArrayRef<std::unique_ptr<Pass> (*)()> passes) {
  PassManager manager(module->getContext());
  for (auto make : passes)
    manager.addPass(make());
  (void)manager.run(module);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  // A copy, since the lexer reads the zero after the end.
  const std::string text(reinterpret_cast<const char *>(data), size);
  OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(
      text, ParserConfig(&context(), /*verifyAfterParse=*/true));
  if (!module)
    return 0;
  OwningOpRef<ModuleOp> copy = module->clone();
  run(*module, {[] { return createChooseSchedule(); },
                [] { return createProblemToTile(); },
                [] { return createTilePeelMask(); },
                [] { return createTileOverlapProducts(); },
                [] { return createTileToHopper(); },
                [] { return createHopperDeferRowSums(); },
                [] { return createHopperToNVVM(); }});
  run(*copy, {[] { return createChooseSchedule(); },
              [] { return createProblemToTile(); },
              [] { return createTileToVector(); }});
  return 0;
}

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size,
                                          size_t maxSize, unsigned seed) {
  return fuzz::mutateText(data, size, maxSize, seed);
}
