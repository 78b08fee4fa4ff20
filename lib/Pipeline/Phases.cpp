//===- Phases.cpp - The way from a problem to code ------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Pipeline/Phases.h"

#include "lib/Conversion/HopperToNVVM/PassList.h"
#include "lib/Conversion/Passes.h"
#include "lib/Conversion/TileToVector/PassList.h"
#include "lib/Emit/Cpu.h"
#include "lib/Transforms/Passes.h"

#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassOptions.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace parallax;

namespace {

void clean(OpPassManager &passes) {
  passes.addPass(createCanonicalizerPass());
  passes.addPass(createCSEPass());
}

void toProblem(OpPassManager &passes, const PipelineOptions &options) {
  passes.addPass(createChooseSchedule(
      {std::string(toString(options.target)), options.schedule}));
}

void toTile(OpPassManager &passes, const PipelineOptions &options) {
  passes.addPass(createProblemToTile());
  clean(passes);
  // A warp of Hopper skips a mask that hides nothing; a second loop would cost
  // a third of the compile time.
  if (options.target == Target::Cpu)
    passes.addPass(createTilePeelMask());
  else
    passes.addPass(createTileOverlapProducts());
  clean(passes);
}

void toHopper(OpPassManager &passes, const PipelineOptions &) {
  passes.addPass(createTileToHopper());
  clean(passes);
  passes.addPass(createHopperDeferRowSums());
  passes.addPass(createHopperAwaitGrids());
}

void toNvvm(OpPassManager &passes, const PipelineOptions &) {
  passes.addPass(createHopperToNVVM());
  addNVVMToLLVMPasses(passes);
}

void toVector(OpPassManager &passes, const PipelineOptions &) {
  const CpuTarget host = CpuTarget::host();
  passes.addPass(createTileToVector({host.lanes(), host.registers()}));
}

void toLlvmDialect(OpPassManager &passes, const PipelineOptions &) {
  addVectorToLLVMPasses(passes);
}

constexpr Phase kCpuPhases[] = {
    {"problem", PhaseForm::Mlir, toProblem},
    {"tile", PhaseForm::Mlir, toTile},
    {"vector", PhaseForm::Mlir, toVector},
    {"llvm", PhaseForm::LlvmIr, toLlvmDialect},
    {"object", PhaseForm::Code},
};

constexpr Phase kHopperPhases[] = {
    {"problem", PhaseForm::Mlir, toProblem},
    {"tile", PhaseForm::Mlir, toTile},
    {"hopper", PhaseForm::Mlir, toHopper},
    {"nvvm", PhaseForm::Mlir, toNvvm},
    {"llvm", PhaseForm::LlvmIr},
    {"ptx", PhaseForm::Ptx},
    {"cubin", PhaseForm::Code},
};

/// The options of a pipeline on the command line.
struct CommandLineOptions : PassPipelineOptions<CommandLineOptions> {
  PassOptions::Option<std::string> target{*this, "target",
                                          llvm::cl::desc("sm_90a or cpu"),
                                          llvm::cl::init("sm_90a")};
  PassOptions::Option<std::string> schedule{
      *this, "schedule", llvm::cl::desc("fields of the schedule to replace")};
};

/// Adds the passes up to a phase, or those of the whole target if it lacks the
/// phase. A wrong target's name is left to choose-schedule, which refuses it.
void addPassesTo(std::string_view phase, OpPassManager &passes,
                 const CommandLineOptions &commandLine) {
  PipelineOptions options;
  options.schedule = commandLine.schedule;
  Result<Target> target =
      parseTarget(std::string_view(commandLine.target.getValue()));
  if (!target) {
    passes.addPass(
        createChooseSchedule({commandLine.target, commandLine.schedule}));
    return;
  }
  options.target = *target;
  for (const Phase &step : phasesOf(*target)) {
    if (step.form != PhaseForm::Mlir)
      return;
    step.addPasses(passes, options);
    if (step.name == phase)
      return;
  }
}

} // namespace

std::span<const Phase> parallax::phasesOf(Target target) {
  if (target == Target::Cpu)
    return kCpuPhases;
  return kHopperPhases;
}

void parallax::registerPhasePipelines() {
  auto add = [](std::string_view name) {
    PassPipelineRegistration<CommandLineOptions>(
        ("to-" + StringRef(name)).str(),
        ("all passes from the problem to phase '" + StringRef(name) + "'")
            .str(),
        [name](OpPassManager &passes, const CommandLineOptions &options) {
          addPassesTo(name, passes, options);
        });
  };
  for (const Phase &phase : kHopperPhases)
    if (phase.form == PhaseForm::Mlir)
      add(phase.name);
  add("vector");
}
