//===- Cta.h - One CTA in one order -----------------------------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Role 0 is the producer's thread, role n is consumer warpgroup n - 1, and the
// one behind them the converters' warps. A step
// is one op that others can see; the scheduler picks, from the seed, whose step
// is next, or which copy or multiplication lands. The first report ends the
// run.
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_SIMULATOR_CTA_H
#define PARALLAX_SIMULATOR_CTA_H

#include "lib/Simulator/GridMemory.h"
#include "lib/Simulator/Memory.h"
#include "lib/Simulator/Race.h"
#include "lib/Simulator/Tensor.h"
#include "lib/Simulator/Trace.h"

#include <deque>

namespace parallax::simulator {

/// A small deterministic generator (splitmix64).
class Random {
public:
  explicit Random(uint64_t seed) : state(seed) {}
  uint64_t next() {
    uint64_t z = state += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  int64_t below(int64_t bound) { return static_cast<int64_t>(next() % bound); }
  bool oneIn(int64_t bound) { return below(bound) == 0; }

private:
  uint64_t state;
};

/// An mbarrier, with the number of its phase, of which hardware has a parity.
struct Barrier {
  int64_t count = 0;
  uint32_t phase = 0;  ///< The current one: so many are complete.
  int64_t arrived = 0; ///< In the current phase.
  int64_t bytes = 0;   ///< Expected minus landed.
  Clock arriving, released;
  int completedBy = 0; ///< The role, and the step.
  int64_t completedAt = 0;
};

struct NamedBarrier {
  int64_t threads = 0, arrived = 0;
  uint64_t generation = 0;
  uint32_t came = 0; ///< Bit r: role r, in this generation.
  Clock arriving, released;
};

/// A multiplication between its issue and its wait.
struct Multiplication {
  const Instruction *instruction;
  TensorRef a, accumulator, result;
  int64_t baseA = 0, rowA = 0, baseB = 0, columnB = 0;
  int64_t group;
  std::vector<int32_t> accesses;
  bool isDone = false;
};

struct Role {
  int index = 0;
  const std::vector<Instruction> *list = nullptr;
  int32_t at = 0;
  bool isEnded = false;
  std::vector<int64_t> scalars;
  std::vector<TensorRef> tensors;
  Clock clock;

  int64_t waitsBarrier = -1; ///< Of all barriers; -1: none.
  int64_t waitsPhase = 0;
  int64_t waitsNamed = -1;
  uint64_t waitsGeneration = 0;
  bool knowsPeers = false; ///< That other CTAs of the cluster run.
  bool hasAwaited = false; ///< Earlier launches.

  std::deque<std::shared_ptr<Multiplication>> inFlight; ///< By group.
  int64_t openGroup = 0, retiredGroups = 0;
  /// Not yet read; `adds` to what is in memory.
  struct BulkStore {
    Box box;
    bool adds;
  };
  std::vector<BulkStore> stores;
  int64_t since = 0; ///< The step it waits from.
};

/// What threads copy from pages; those of a warp arrive when theirs has landed.
struct Gathered {
  const Tile *tile;
  int64_t base; ///< Of the stage.
  int64_t columns;
  std::vector<const uint16_t *> rows; ///< In memory; null: zeros.
  std::vector<int64_t> left;          ///< Copies of each warp.
};

/// A copy to shared memory that has not landed.
struct Copy {
  Box box;
  int64_t barrier, bytes;
  int32_t access, op;
  std::shared_ptr<Gathered> gathered;
  int64_t row = 0, column = 0; ///< Of 8 rows and a block that are gathered.
  /// What another CTA sends, in place of a box, and where to.
  std::vector<float> sent = {};
  int64_t offset = 0;
};

class Cluster;

/// Which CTA of the grid it is, and of its cluster.
struct CtaPlace {
  int64_t number; ///< Of all.
  std::array<int64_t, 3> index;
  int64_t rank;
};

class Cta {
public:
  /// `grid` is what the CTAs of one order share.
  Cta(const Program &program, const std::vector<Argument> &arguments,
      GridMemory &grid, Cluster &cluster, const CtaPlace &place, int64_t order,
      const Options &options);

  /// Runs to the end, or until it waits for others of its cluster; a report if
  /// something is wrong.
  std::optional<Report> run();
  /// Why it never went on.
  Report deadlock();
  int64_t steps() const { return step; }
  int64_t number() const { return cta; }
  const Trace &trace() const { return events; }

  // What the cluster asks.
  bool hasEnded() const;
  /// Whether anything happened in the last run.
  bool wentOn() const { return hasGoneOn; }

private:
  // Cta.cpp: who is next.
  void redraw();
  bool canRun(const Role &role) const;
  void pick();
  void land(size_t copy);
  void checkExit();
  void reportDeadlock();
  Report &report(Report::Kind kind, int role, int32_t op, std::string detail);
  std::string barrierName(int64_t barrier) const;
  std::string roleName(int role) const;
  bool isConverter(int role) const { return role == 1 + program.consumers; }
  void report(const RaceDetector::Conflict &conflict, const Role &role,
              int32_t op, const std::string &what);

  // Values.cpp: ops that only compute.
  void compute(Role &role, const Instruction &i);
  void computeTensor(Role &role, const Instruction &i);
  const Tensor *read(Role &role, int32_t slot, const Instruction &i);
  TensorRef make(Role &role, const Instruction &i);
  int64_t scalar(const Role &role, int32_t slot, int64_t otherwise = 0) const {
    return slot < 0 ? otherwise : role.scalars[slot];
  }

  // Steps.cpp: ops that others can see.
  void advance(Role &role); ///< One step, and what it computes before it.
  void perform(Role &role, const Instruction &i);
  void wait(Role &role, const Instruction &i);
  void arrive(Role &role, int64_t barrier, int64_t arrivals, int64_t bytes,
              int32_t op);
  void complete(int64_t barrier, int role);
  void named(Role &role, const Instruction &i, bool waits);
  void meet(Role &role);
  void tmaLoad(Role &role, const Instruction &i);
  void tmaStore(Role &role, const Instruction &i);
  void finishStores(Role &role);
  void landAdditions();
  void storeFragment(Role &role, const Instruction &i);
  void loadFragment(Role &role, const Instruction &i);
  void put(Role &role, const Instruction &i);
  void get(Role &role, const Instruction &i);
  void putScalar(Role &role, const Instruction &i);
  void getScalar(Role &role, const Instruction &i);
  void zeroRows(Role &role, const Instruction &i);
  void convert(Role &role, const Instruction &i);
  void gather(Role &role, const Instruction &i);
  void landGathered(const Copy &copy);
  void arriveGathered(int64_t barrier, int32_t op);
  void loadEntries(Role &role, const Instruction &i);
  void append(Role &role, const Instruction &i);
  void storeRows(Role &role, const Instruction &i);
  void loadRows(Role &role, const Instruction &i);
  void arriveLast(Role &role, const Instruction &i);
  void mergeRows(Role &role, const Instruction &i);
  void sendRows(Role &role, const Instruction &i);
  void awaitRows(Role &role, const Instruction &i);
  void mergeReceived(Role &role, const Instruction &i);
  void warpMma(Role &role, const Instruction &i);
  void mergeWarps(Role &role, const Instruction &i);
  const float *readRow(const Role &role, const Instruction &i, int32_t map,
                       int64_t element, int64_t columns);
  void crossThrough(Role &role, const Instruction &i, int64_t bytes);
  std::vector<float> stateOf(const Role &role, const Instruction &i,
                             int64_t row, int64_t warps) const;
  std::optional<RaceDetector::Conflict> receive(int64_t from,
                                                const Instruction &i,
                                                int64_t row,
                                                std::vector<float> state);
  Clock newClock() const;
  std::optional<int64_t> rowOf(const Role &role, const Instruction &i,
                               int64_t row) const;
  void *elements(const Role &role, const Instruction &i, int64_t element,
                 int64_t count);
  bool accessGlobal(const Role &role, const Instruction &i,
                    GridMemory::Kind kind, const void *memory, int64_t bytes);
  bool accessBox(const Role &role, const Instruction &i, GridMemory::Kind kind,
                 const Box &box);
  uint16_t *appended(const Role &role, const Instruction &i, int32_t argument,
                     int64_t element);
  void issue(Role &role, const Instruction &i);
  void waitGroup(Role &role, const Instruction &i);
  void multiplyNow(Multiplication &multiplication);
  int64_t barrierOf(const Role &role, const Instruction &i, int32_t slot,
                    uint32_t &phase);
  int64_t stageBase(const Role &role, const Tile &tile, int32_t slot) const;
  bool isInside(const Role &role, const Instruction &i, const Tile &tile,
                int64_t row, int64_t rows, int64_t column, int64_t columns);
  void access(Role &role, Access::Kind kind, const Region &region,
              const Instruction &i, const std::string &what,
              int64_t barrier = -1, int64_t row = 0, int64_t rows = 0,
              uint32_t phase = 0);

  const Program &program;
  const std::vector<Argument> &arguments;
  GridMemory &grid;
  Cluster &cluster;
  const CtaPlace place;
  const int64_t cta, order;
  const Options &options;
  Random random;
  std::vector<Role> roles;
  std::vector<Barrier> barriers;
  std::array<NamedBarrier, 16> named_;
  SharedMemory memory;
  RaceDetector races;
  std::vector<Copy> copies;
  std::vector<std::shared_ptr<Multiplication>> pending;
  std::optional<Report> found;
  bool isBlocked = false; ///< By others of the cluster.
  bool hasGoneOn = false;
  Trace events;
  int64_t step = 0;

  // How this order favours whom, until it is drawn anew.
  int64_t redrawAt = 0;
  int64_t landOneIn = 1;     ///< 0: only when nobody can run.
  int64_t multiplyOneIn = 1; ///< 0: at the wait.
  bool isStrict = false;
  std::vector<int64_t> weights;
};

} // namespace parallax::simulator

#endif // PARALLAX_SIMULATOR_CTA_H
