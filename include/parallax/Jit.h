//===- Jit.h - Solve attention problems -----------------------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   auto jit = parallax::Jit::create({});
//   if (!jit) ...                                // jit.error().message
//   auto plan = jit->plan(problem);              // compiles at most once
//   parallax::Arguments args;
//   args[Operand::Q] = q; ...                    // device or host pointers
//   auto done = plan->launch(args, stream);
//
// A kernel is compiled once for what it specialises on (see `specialized`) and
// kept in memory and on disk; a plan for another batch or length of a known
// kernel costs microseconds. All functions may be called from many threads.
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_JIT_H
#define PARALLAX_JIT_H

#include "parallax/Compiler.h"
#include "parallax/Export.h"
#include "parallax/KernelImage.h"
#include "parallax/Problem.h"
#include "parallax/Result.h"

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace parallax {

/// The pointers of one launch: device pointers on Hopper, host pointers on the
/// CPU. Those of absent outputs are null.
struct Arguments {
  std::array<void *, kNumOperands> pointers = {};
  void *&operator[](Operand operand) {
    return pointers[static_cast<size_t>(operand)];
  }
  void *operator[](Operand operand) const {
    return pointers[static_cast<size_t>(operand)];
  }

  /// Device memory of at least `Plan::workspaceBytes`, at a multiple of 256
  /// bytes, cleared before its first use (`Plan::clearWorkspace`). Any launches
  /// may use it one after the other, none at once; after one that failed, or
  /// another use of the memory, it must be cleared again. Null: memory that the
  /// Jit keeps for each stream, allocated at the first launch on it, or in a
  /// capture.
  void *workspace = nullptr;
  size_t workspaceBytes = 0;
};

struct JitOptions {
  Target target = Target::Sm90a;
  int device = 0; ///< CUDA device, if the calling thread has no context.

  /// Folder of the disk cache; empty: no disk cache.
  std::string cacheFolder;
  uint64_t cacheBytes = uint64_t(1) << 30;

  /// Refuse to compile: a plan for a kernel in no cache is an error.
  bool neverCompile = false;
  /// Called before a kernel is compiled, with its key.
  std::function<void(std::string_view key)> onCompile;
  /// Called with what a cache ignored and why, and for a kernel that was
  /// proposed and spills.
  std::function<void(std::string_view message)> onLog;

  /// Schedules to take in place of those that the heuristic proposes, as
  /// `CompileOptions::pinned`. Those of decodes must be for any batch beside
  /// `batchInvariant`.
  PinnedSchedules pinned;
  /// Replaces fields of every schedule that is pinned or proposed, as
  /// `CompileOptions::schedule` does.
  std::string schedule;
  /// Accept a kernel that spills or that the assembler has serialised also with
  /// a schedule of `schedule`, `pinned` or `PlanOptions`. Where it is what the
  /// heuristic proposes it always is: right, and slower than it should be.
  bool allowSpills = false;
  int cpuThreads = 0; ///< 0: one for each hardware thread.

  /// Decode on Hopper: into how many pieces the keys of a sequence are cut
  /// depends on its length and the cache's only, so that its rows are bitwise
  /// the same whatever else is in the batch. Costs where a batch is large.
  bool batchInvariant = false;
  /// Decode on Hopper: how many CTAs share the keys of a sequence at most; 0:
  /// as many as fill the device.
  int64_t splits = 0;
  /// On Hopper a launch starts while earlier ones of its stream end, prepares
  /// itself, and waits for them before it touches device memory (programmatic
  /// dependent launch; in a graph, programmatic edges). False: it starts when
  /// they are complete.
  bool programmaticLaunch = true;
};

/// Where a kernel came from.
enum class KernelSource { Memory, Disk, Compiled };
PARALLAX_API std::string_view toString(KernelSource source);

/// A problem, ready to launch. Copies share one kernel; a plan outlives its
/// Jit.
class PARALLAX_API Plan {
public:
  /// Starts the problem on `stream` (a CUstream; ignored on the CPU, where the
  /// call returns when the output is written). On Hopper it does not wait or
  /// synchronise, and may be captured in a CUDA graph, which may then run on
  /// any stream. It allocates only where it needs a workspace and was given
  /// none. The graph does not keep the kernel's code: a copy of the plan must
  /// live as long.
  Result<void> launch(const Arguments &arguments, void *stream = nullptr) const;

  /// Of the workspace that a launch needs; 0 if none.
  size_t workspaceBytes() const;
  /// Makes memory of the caller's a workspace that any plan of the device may
  /// use: clears on `stream` the first 256 KiB, in which CTAs count each other.
  /// The rest may hold anything. It does not wait, and may be captured. On the
  /// CPU there is nothing to clear.
  Result<void> clearWorkspace(void *workspace, size_t bytes,
                              void *stream = nullptr) const;
  /// CTAs that share the keys of a sequence at most; 1 on the CPU.
  int64_t splits() const;

  const Problem &problem() const;
  KernelSource source() const;
  /// The kernel's resources, null on the CPU.
  const KernelImage *image() const;
  /// Names tile shape and schedule.
  std::string schedule() const;
  /// The phases of the compilation, empty if a cache answered.
  const std::vector<PhaseTime> &times() const;

  struct State;
  explicit Plan(std::shared_ptr<const State> state) : state(std::move(state)) {}

private:
  std::shared_ptr<const State> state;
};

struct PlanOptions {
  /// Replaces fields of the schedule once more: for who compares schedules.
  std::string_view schedule = {};
  /// The stream that the plan is for: while it is captured in a graph, a kernel
  /// in no cache is an error, as a compilation would hold the capture up.
  std::optional<void *> stream = {};
};

class PARALLAX_API Jit {
public:
  /// Fails with NotFound without a driver or device, or with Unsupported for
  /// one that is too old or no Hopper, if the target is Hopper.
  static Result<Jit> create(JitOptions options);

  /// A plan for `problem`, all of whose sizes are given. Strides that are
  /// absent are those of contiguous (B, L, H, D) tensors.
  Result<Plan> plan(const Problem &problem,
                    const PlanOptions &options = {}) const;

  /// Compiles and loads the kernel of `problem`, whose batch and lengths may be
  /// dynamic, so that no plan for any of them compiles: for a server, before it
  /// serves. That includes schedules that are pinned for some of them. Says
  /// where the kernel came from, of several the one that took longest.
  Result<KernelSource> prepare(const Problem &problem) const;

  struct State;
  explicit Jit(std::shared_ptr<State> state) : state(std::move(state)) {}

private:
  std::shared_ptr<State> state;
};

} // namespace parallax

#endif // PARALLAX_JIT_H
