//===- Simulator.h - Runs an L3 kernel on the CPU ---------------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Executes a kernel of the hopper dialect with real data, and judges whether
// its synchronisation would hold on the hardware whatever the timing:
//
// - The producer and each consumer warpgroup is a role. Roles are stepped in an
//   order that a seed draws; asynchronous copies and multiplications land as
//   early or as late as their barriers and waits allow.
// - Independently of that order, vector clocks decide whether each access to
//   shared memory is ordered after those it conflicts with. So most races are
//   found in every order, and orders matter for deadlocks and phases.
//
// It is deterministic: the same kernel, arguments and options give the same
// bytes and reports. docs/simulator.md says what is modelled and what is not.
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_SIMULATOR_SIMULATOR_H
#define PARALLAX_SIMULATOR_SIMULATOR_H

#include "parallax/KernelImage.h"

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace mlir {
class Operation;
} // namespace mlir
namespace mlir::func {
class FuncOp;
} // namespace mlir::func

namespace parallax::simulator {

struct Program;

/// What a kernel gets for one parameter.
struct Argument {
  int64_t scalar = 0;      ///< An integer, or the bits of an f32.
  void *pointer = nullptr; ///< Of a pointer or a tensor map.
  int64_t bytes = 0;       ///< Of a pointer: what it may reach.
  /// Of a tensor map: (head dimension, heads, length, batch).
  std::array<int64_t, 4> sizes = {};
  std::array<int64_t, 4> strides = {}; ///< In elements.
};

/// One thing that would go wrong on the hardware.
struct Report {
  enum class Kind {
    ReadBeforeLanding,      ///< A read that is not ordered after the write.
    OverwriteBeforeRelease, ///< A write not ordered after reads or writes.
    MissingProxyFence,      ///< Between st.shared and TMA or wgmma.
    UseInFlight,            ///< Of registers that wgmma still uses.
    PhaseAliasing,          ///< A parity can't tell the phase waited for.
    Deadlock,
    TooManyArrivals,
    LeakedArrivals, ///< Arrivals or bytes are pending at exit.
    InFlightAtExit, ///< A copy or a multiplication.
    NamedBarrier,   ///< Its id or its thread counts are wrong.
    OverCommitment, ///< Of registers or shared memory.
    OutOfBounds,
    StepLimit,
    AbsentPeer,    ///< A CTA that is sent to may not run yet, or not any more.
    UnawaitedGrid, ///< Device memory that earlier launches may still use.
  };
  Kind kind;
  std::string role;     ///< "producer", "consumer 0", ...
  std::string op;       ///< What it was doing, "hopper.wgmma".
  std::string location; ///< Where that is written, "input:31:7".
  std::string barrier;  ///< "%33[2]"; empty if none is concerned.
  std::string phase;    ///< "waits for phase 3, which is now phase 1".
  std::string other;    ///< The op it races with, its role and location.
  std::string detail;   ///< One line more, or the wait graph.
  int64_t cta = 0;
  int64_t order = 0;
  /// Of `Kernel::op`; -1 where there is none.
  int32_t opIndex = -1, otherIndex = -1;

  std::string text() const;
};
std::string_view toString(Report::Kind kind);

struct Options {
  uint64_t seed = 1;
  int64_t orders = 1;      ///< In how many orders every CTA is run.
  int64_t steps = 4 << 20; ///< Of a CTA before it counts as endless.
  bool trace = false;
};

/// The CTAs of a launch. A cluster's follow each other in y.
struct Grid {
  int64_t x = 1, y = 1, z = 1;
  int64_t cluster = 1; ///< CTAs of each.
  int64_t ctas() const { return x * y * z; }
};

struct Outcome {
  std::vector<Report> reports; ///< One a CTA at most, no repeats.
  int64_t steps = 0;
  std::string trace; ///< Events for a browser's trace viewer, as JSON.
};

/// A kernel that was compiled for the simulator.
class Kernel {
public:
  /// Fails with Unsupported for an op that the simulator does not know.
  static Result<Kernel> create(mlir::func::FuncOp function);
  /// Of the one kernel of a module's text.
  static Result<Kernel> parse(std::string_view text, std::string_view name);

  const std::vector<KernelParameter> &parameters() const;
  int32_t tileTokens() const;
  int32_t packedHeads() const;
  int32_t splitKeys() const;
  int32_t persistentCtas() const;
  int32_t cluster() const;
  /// The op that a report's index means, while the function it was compiled
  /// from lives.
  mlir::Operation *op(int32_t index) const;

  /// Runs all CTAs, one after the other but for those of a cluster, in
  /// `options.orders` orders or up to the first in which something is wrong.
  Outcome run(const std::vector<Argument> &arguments, const Grid &grid,
              const Options &options) const;

private:
  std::shared_ptr<const Program> program;
};

/// What a launch passes for `problem`, whose strides are given, and the grid.
struct Launch {
  std::vector<Argument> arguments;
  Grid grid;
  std::unique_ptr<uint8_t[]> workspace; ///< That arguments point into.
};
/// How CTAs share the keys of a tile of queries (see SplitPolicy), or the
/// tiles.
struct Sharing {
  int64_t splits = 0;
  bool batchInvariant = false;
  /// CTAs of a persistent kernel; 0: so few that some take three tiles. Its
  /// batches are of two sections.
  int64_t ctas = 0;
};
Result<Launch> bind(const Kernel &kernel, const Problem &problem,
                    const std::array<void *, kNumOperands> &pointers,
                    const Sharing &sharing = {});

} // namespace parallax::simulator

#endif // PARALLAX_SIMULATOR_SIMULATOR_H
