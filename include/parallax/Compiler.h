//===- Compiler.h - From a problem to code --------------------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The compiler takes a problem, as data or as text of the parallax dialect,
// down through the phases of a target, and can stop at any of them. It needs no
// GPU and no driver. To run a problem, see Jit.h.
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_COMPILER_H
#define PARALLAX_COMPILER_H

#include "parallax/Export.h"
#include "parallax/KernelImage.h"
#include "parallax/PinnedSchedules.h"
#include "parallax/Problem.h"
#include "parallax/Result.h"
#include "parallax/Target.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace parallax {

/// The names of a target's phases in order: "problem", "tile", "vector",
/// "llvm", "object" for the CPU and "problem", "tile", "hopper", "nvvm",
/// "llvm", "ptx", "cubin" for Hopper.
PARALLAX_API std::vector<std::string_view> phases(Target target);

struct CompileOptions {
  Target target = Target::Sm90a;

  /// The phase to stop after; the target's last if empty.
  std::string to;

  /// Where there is one for the problem, it is taken in place of what the
  /// heuristic proposes; see `readPinnedSchedules`.
  PinnedSchedules pinned;

  /// Replaces fields of the schedule that is pinned or proposed, e.g.
  /// "keys=96 stages=2"; the text that `Compilation::schedule` has replaces it
  /// whole.
  std::string schedule;

  /// Called with each phase's name and text when it ends. Text is made only if
  /// this is set; it is empty for phases that make bytes.
  std::function<void(std::string_view phase, std::string_view text)> onPhase;

  /// Accept a kernel that spills or that the assembler has serialised (notes
  /// C75xx). Else these are errors that name the schedule.
  bool allowSpills = false;
};

/// How long a phase took.
struct PhaseTime {
  std::string name;
  double ms = 0;
};

/// What a compilation made.
struct Compilation {
  std::string phase;          ///< Where it stopped.
  std::string text;           ///< MLIR, LLVM IR or PTX, for a text phase.
  std::vector<uint8_t> bytes; ///< The cubin or object file, for a byte phase.
  std::string schedule;       ///< All fields, as `CompileOptions::schedule`.
  std::optional<KernelImage> image; ///< From "ptx" on, on Hopper.
  std::vector<PhaseTime> times;
};

/// Compiles `problem`; its sizes, strides, scale and window may be dynamic.
/// Returns InvalidArgument for a wrong problem, Unsupported for one that the
/// target can't do, CompileFailed with the first diagnostic for the rest, and
/// NotFound if "cubin" is wanted and no assembler was built in.
PARALLAX_API Result<Compilation> compile(const Problem &problem,
                                         const CompileOptions &options);

/// Compiles text that holds one op of the parallax dialect. A schedule that
/// stands in the text is taken in place of a pinned one.
PARALLAX_API Result<Compilation> compileText(std::string_view text,
                                             const CompileOptions &options);

/// The text of the parallax dialect that says `problem`.
PARALLAX_API Result<std::string> problemText(const Problem &problem);

} // namespace parallax

#endif // PARALLAX_COMPILER_H
