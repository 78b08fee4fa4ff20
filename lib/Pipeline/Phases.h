//===- Phases.h - The way from a problem to code ----------------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The only list of phases and passes. The compiler, every tool and every test
// walk it, stopped at a phase.
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_PIPELINE_PHASES_H
#define PARALLAX_PIPELINE_PHASES_H

#include "parallax/Target.h"

#include <span>
#include <string>
#include <string_view>

namespace mlir {
class OpPassManager;
} // namespace mlir

namespace parallax {

struct PipelineOptions {
  Target target = Target::Sm90a;
  std::string schedule; ///< Fields that override the heuristic's.
};

/// What a phase's result is.
enum class PhaseForm { Mlir, LlvmIr, Ptx, Code };

struct Phase {
  std::string_view name;
  PhaseForm form;
  /// The passes that lead there from the phase before, none where it has no
  /// more MLIR.
  void (*addPasses)(mlir::OpPassManager &passes,
                    const PipelineOptions &options) = nullptr;
};

/// The phases of a target, in order.
std::span<const Phase> phasesOf(Target target);

/// Registers `--to-PHASE` pipelines with MLIR's command line, each all passes
/// from L1 to the phase.
void registerPhasePipelines();

} // namespace parallax

#endif // PARALLAX_PIPELINE_PHASES_H
