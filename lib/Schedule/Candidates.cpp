//===- Candidates.cpp - Schedules worth timing ----------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A schedule is a handful of decisions: how consumers divide the work, keys of
// a tile, depth of the rings, overlap and turns, splits, CTAs an SM, whether
// they take tiles in turn, and what sums weights. A change makes one of them
// otherwise, and `settle` makes what follows from it (rows, registers, a ring
// that still fits) right again. Candidates are the proposal with one change or
// with two of different decisions: good schedules are near, and each costs a
// compilation. Rescaling is left as proposed, since a lag is a matter of range,
// too.
//
//===----------------------------------------------------------------------===//

#include "lib/Schedule/Candidates.h"

#include "lib/Data/Registers.h"

#include <algorithm>
#include <functional>

using namespace parallax;

namespace {

struct Change {
  int decision; ///< Two changes of the same one undo each other.
  std::function<void(Schedule &)> make;
};

/// Collects changes, decision by decision.
class Changes {
public:
  void nextDecision() { ++decision; }
  void add(std::function<void(Schedule &)> make) {
    list.push_back({decision, std::move(make)});
  }

  std::vector<Change> list;

private:
  int decision = 0;
};

/// Registers a thread of a consumer may have beside the producer's.
int64_t mostConsumerRegisters(const Schedule &s) {
  const int64_t left = registersOfCta(s.warpgroups(), s.ctasPerSm) -
                       s.producerRegisters - s.converterRegisters;
  return std::min(kMostThreadRegisters, left / s.consumers / 8 * 8);
}

/// Of a producer that gives registers to consumers.
constexpr int64_t kMostProducerRegisters = 72;

/// Makes right what follows from the decisions.
void settle(Schedule &s, const Problem &problem) {
  const bool byRows = s.partition != Partition::Products;
  const bool converts = problem.keyDType() != problem.dtype;
  if (s.hasWarpKeys()) {
    s.queriesInRegisters = true;
    s.overlap = Overlap::None;
    s.convertedStages = s.converterRegisters = 0;
    s.producerRegisters = problem.isPaged() ? 40 : 32;
    s.tile.keys = (s.tile.keys + 63) / 64 * 64;
  } else if (converts && !s.convertedStages) {
    // What has no warps with keys of their own needs converters.
    s.convertedStages = 2;
    s.converterRegisters = problem.isPaged() ? 48 : 56;
    s.producerRegisters = problem.isPaged() ? 56 : 24;
  } else if (s.producerRegisters > kMostProducerRegisters) {
    // Warps with keys of their own keep what they have at launch.
    s.producerRegisters = problem.isPaged() ? 56 : 24;
  }
  // Keys are dealt, where one role finds them.
  if (problem.kind == ProblemKind::Decode)
    s.persistent = s.persistent && s.partition == Partition::Rows &&
                   s.splitTiles && !converts && !problem.newLength &&
                   !gathersPages(problem);
  if (s.persistent && s.splitTiles) {
    s.cluster = 0;
    s.producerRegisters = std::max<int64_t>(s.producerRegisters, 40);
    // What has no registers for another warpgroup joins by consumers.
    const bool isAlone = s.ctasPerSm == 1 && s.consumers == 1;
    s.converterRegisters = isAlone ? kJoinerRegisters : 0;
  } else if (!converts && !gathersPages(problem)) {
    s.converterRegisters = 0;
  }
  if (!byRows || s.consumers > 1 || !s.isStacked())
    s.tile.rows = byRows ? 64 * s.consumers : 64;
  if (s.tile.rows > 64)
    s.tile.packedHeads = 1;
  if (!byRows || s.consumers != 2)
    s.pingPong = false;
  // S and T are one.
  if (s.isStacked() && s.overlap != Overlap::WeightsAhead)
    s.overlap = Overlap::None;
  if (!s.isStacked() || !s.splitTiles)
    s.cluster = 0;
  if (!s.isStacked())
    s.queriesInRegisters = false;
  // Converters give a few registers for them.
  constexpr int64_t others = 16, fewest = 40;
  while (s.queriesInRegisters && s.converterRegisters > fewest &&
         s.accumulatorRegisters(problem.headDim) + others >
             mostConsumerRegisters(s))
    s.converterRegisters -= 8;
  // The producer counts tiles.
  if (!byRows && s.persistent)
    s.producerRegisters = std::max<int64_t>(s.producerRegisters, 32);
  s.consumerRegisters = mostConsumerRegisters(s);
  // As proposed.
  if (s.keepsRegisters())
    s.producerRegisters = s.consumerRegisters =
        registersAtLaunch(s.warpgroups(), s.ctasPerSm);
  // O2 crosses through a ring of 128 keys.
  int64_t &crossed = s.convertedStages ? s.convertedStages : s.stages;
  while (!byRows && crossed * s.tile.keys < 128)
    ++crossed;
  while (s.stages > 1 &&
         s.sharedBytes(problem.headDim, sizeInBytes(problem.keyDType())) >
             s.mostSharedBytes())
    --s.stages;
}

/// A decode's tile has few rows that are there: one of 64 with as many heads as
/// fit, for one consumer or for two, or a stacked one.
void addRolesOfDecode(const Problem &problem, Changes &changes) {
  for (Partition partition : {Partition::Rows, Partition::Products})
    changes.add([partition, heads = packedHeads(problem, 64)](Schedule &s) {
      s.partition = partition;
      s.consumers = partition == Partition::Rows ? 1 : 2;
      s.tile.rows = 64;
      s.tile.packedHeads = heads;
    });
  int64_t heads = packedHeads(problem, 8);
  while (8 % heads)
    heads = packedHeads(problem, heads - 1);
  const int64_t tokens =
      problem.queryLength == kDynamic ? 16 : problem.queryLength;
  for (Partition partition : {Partition::Rows, Partition::Keys}) {
    const int64_t rows = stackedRows(tokens * heads, partition);
    if (rows > 32)
      continue;
    changes.add([partition, rows, heads](Schedule &s) {
      s.partition = partition;
      s.consumers = 1;
      s.tile.rows = rows;
      s.tile.packedHeads = heads;
    });
  }
}

void addRolesOfForward(Changes &changes) {
  for (int64_t consumers : {1, 2, 3})
    changes.add([consumers](Schedule &s) {
      s.partition = Partition::Rows;
      s.consumers = consumers;
    });
  changes.add([](Schedule &s) {
    s.partition = Partition::Products;
    s.consumers = 2;
  });
}

std::vector<Change> changesForHopper(const Problem &problem) {
  const bool isDecode = problem.kind == ProblemKind::Decode;
  Changes changes;
  if (isDecode)
    addRolesOfDecode(problem, changes);
  else
    addRolesOfForward(changes);
  changes.nextDecision();
  for (int64_t keys : {32, 48, 64, 80, 96, 112, 128, 160, 192})
    changes.add([keys](Schedule &s) { s.tile.keys = keys; });
  changes.nextDecision();
  for (int64_t stages : {2, 3, 4, 6})
    changes.add([stages](Schedule &s) { s.stages = stages; });
  changes.nextDecision();
  if (problem.keyDType() != problem.dtype)
    for (int64_t stages : {1, 2, 4})
      changes.add([stages](Schedule &s) { s.convertedStages = stages; });
  changes.nextDecision();
  // Three warps beside the producer, or a warpgroup.
  if (problem.keyDType() != problem.dtype || gathersPages(problem))
    for (auto [producer, converters] : {std::pair(64, 0), {24, 64}})
      changes.add([producer, converters](Schedule &s) {
        s.producerRegisters = producer;
        s.converterRegisters = converters;
      });
  changes.nextDecision();
  for (Overlap overlap : {Overlap::None, Overlap::ScoresFirst,
                          Overlap::RoundingFirst, Overlap::WeightsAhead})
    for (bool pingPong : {false, true})
      changes.add([=](Schedule &s) {
        s.overlap = overlap;
        s.pingPong = pingPong;
      });
  changes.nextDecision();
  for (int64_t ctas : {1, 2, 3})
    changes.add([ctas](Schedule &s) { s.ctasPerSm = ctas; });
  changes.nextDecision();
  for (bool persistent : {false, true})
    changes.add([persistent](Schedule &s) { s.persistent = persistent; });
  changes.nextDecision();
  // Wider heads have no registers for it.
  if (!isDecode && problem.headDim <= 96)
    for (bool tensorSums : {false, true})
      changes.add([tensorSums](Schedule &s) { s.tensorSums = tensorSums; });
  changes.nextDecision();
  if (isDecode)
    for (int64_t tiles : {0, 1, 2, 4, 8})
      changes.add([tiles](Schedule &s) { s.splitTiles = tiles; });
  changes.nextDecision();
  if (isDecode)
    for (int64_t ctas : {int64_t(0), kClusterCtas})
      changes.add([ctas](Schedule &s) { s.cluster = ctas; });
  changes.nextDecision();
  if (isDecode)
    for (bool inRegisters : {false, true})
      changes.add(
          [inRegisters](Schedule &s) { s.queriesInRegisters = inRegisters; });
  return std::move(changes.list);
}

std::vector<Change> changesForCpu(const Problem &problem,
                                  const TileShape &proposed) {
  Changes changes;
  if (problem.kind == ProblemKind::Merge) {
    for (int64_t rows : {1, 4, 8, 16, 32})
      changes.add([rows](Schedule &s) { s.tile.rows = rows; });
    return std::move(changes.list);
  }
  // Tiles whose rows are few tokens of all heads have what there is; fewer
  // heads of them are more programs.
  if (proposed.packedHeads > 1) {
    for (int64_t heads = 1; heads < proposed.packedHeads; ++heads)
      if (proposed.packedHeads % heads == 0)
        changes.add([heads, tokens = proposed.tokens()](Schedule &s) {
          s.tile.packedHeads = heads;
          s.tile.rows = heads * tokens;
        });
  } else {
    for (int64_t rows : {12, 24, 36, 48, 72, 96})
      changes.add([rows](Schedule &s) { s.tile.rows = rows; });
  }
  changes.nextDecision();
  for (int64_t keys : {32, 64, 96, 128, 192, 256})
    changes.add([keys](Schedule &s) { s.tile.keys = keys; });
  return std::move(changes.list);
}

} // namespace

std::vector<Schedule> parallax::candidates(const Problem &problem,
                                           Target target) {
  const Schedule proposed = propose(problem, target);
  std::vector<Schedule> found = {proposed};
  const bool onHopper = target == Target::Sm90a;
  // A merge on Hopper has nothing to decide.
  if (onHopper && problem.kind == ProblemKind::Merge)
    return found;
  const std::vector<Change> changes =
      onHopper ? changesForHopper(problem)
               : changesForCpu(problem, proposed.tile);
  auto consider = [&](Schedule schedule) {
    if (onHopper)
      settle(schedule, problem);
    if (found.size() < kMostCandidates && verify(schedule, problem, target) &&
        std::find(found.begin(), found.end(), schedule) == found.end())
      found.push_back(schedule);
  };
  for (const Change &change : changes) {
    Schedule schedule = proposed;
    change.make(schedule);
    consider(schedule);
  }
  for (size_t first = 0; first < changes.size(); ++first)
    for (size_t second = first + 1; second < changes.size(); ++second) {
      if (changes[first].decision == changes[second].decision)
        continue;
      Schedule schedule = proposed;
      changes[first].make(schedule);
      changes[second].make(schedule);
      consider(schedule);
    }
  return found;
}
