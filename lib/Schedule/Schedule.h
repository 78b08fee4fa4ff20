//===- Schedule.h - How a kernel uses a Hopper SM -------------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A schedule is data. `propose` picks one from a problem, `verify` accepts or
// refuses it against the machine's limits, and one lowering obeys it.
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_SCHEDULE_SCHEDULE_H
#define PARALLAX_SCHEDULE_SCHEDULE_H

#include "lib/Schedule/TileShape.h"
#include "parallax/Problem.h"
#include "parallax/Result.h"
#include "parallax/Target.h"

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace parallax {

/// What the consumer warpgroups of a CTA divide among themselves.
enum class Partition {
  Rows,     ///< Each has 64 rows of the query tile.
  Products, ///< Two have the same 64 rows: the first computes S, the weights
            ///< and O1, the second T and O2 from the weights that it is handed.
            ///< For head dimensions whose accumulators don't fit one
            ///< warpgroup's registers.
  Keys,     ///< Each warp of one consumer has a quarter of a tile's keys, and
            ///< the same 4 or 8 rows of q and of r, so that few rows are
            ///< multiplied that are not there. It reads keys and values of
            ///< e4m3 as they are, so that nothing is converted in shared
            ///< memory.
};

/// Whether a key loop starts the scores of the next tile before it multiplies
/// this tile's weights (tile-overlap-products).
enum class Overlap {
  None,
  ScoresFirst,   ///< Before the weights are rounded, too.
  RoundingFirst, ///< After that: the multiplications of a turn are together.
  WeightsAhead,  ///< All scores of the next tile; its weights are rounded while
                 ///< this tile's products run.
};

struct Schedule {
  TileShape tile;
  int64_t consumers = 2;
  Partition partition = Partition::Rows;
  int64_t stages = 2; ///< Depth of the key and value rings.
  /// Of the rings that keys and values of an e4m3 cache are converted to, in
  /// which products read them; `stages` is then that of the rings before; 0:
  /// nothing is converted in shared memory.
  int64_t convertedStages = 0;
  Overlap overlap = Overlap::None;
  bool pingPong = false; ///< Two consumers take turns: while one multiplies the
                         ///< other takes exponentials.
  /// Powers of two by which a row's largest weight may exceed 1 before the
  /// row's sums and accumulators are rescaled to its new maximum; 0: never.
  int64_t rescaleLag = 0;
  /// Whether rows of weights are summed by tensor cores, as a product by ones,
  /// and not by each lane: fewer instructions, more registers.
  bool tensorSums = false;
  /// Whether a consumer reads a stacked tile of q and r once, into registers,
  /// and not anew from shared memory with every tile of keys.
  bool queriesInRegisters = false;
  /// Where CTAs share the keys of a tile of queries: the fewest tiles of keys
  /// of one; 0: one CTA takes all. How many share is for a launch to say.
  int64_t splitTiles = 0;
  /// The most CTAs that share keys and are started as a cluster, and join
  /// through each other's shared memory; 0: none. Whether they are is for a
  /// launch to say.
  int64_t cluster = 0;
  int64_t ctasPerSm = 1; ///< That registers and shared memory leave room for.
  /// Whether a launch starts only as many CTAs as fit the card, each of which
  /// takes tiles of queries in turn: the copies of the next tile run while the
  /// one before ends. Where CTAs share keys (`splitTiles`), each takes an equal
  /// piece of the keys of all tiles of queries together.
  bool persistent = false;
  int64_t producerRegisters = 24;
  int64_t consumerRegisters = 240;
  /// Of converters that are a warpgroup of their own; 0: they are the three
  /// warps beside the producer, if there are some. Where persistent CTAs share
  /// keys, of the warpgroup that joins them; 0: consumers do.
  int64_t converterRegisters = 0;

  bool operator==(const Schedule &) const = default;

  /// Whether a tile of at most 32 rows is stacked with itself: 8 rows of q and
  /// 8 of r in turn, or 4, so that one multiplication makes S and T, and one O1
  /// and O2.
  bool isStacked() const { return tile.rows <= 32; }
  /// Of each in turn.
  int64_t stackedRows() const { return std::min<int64_t>(tile.rows, 8); }
  /// Whether each warp has keys of its own.
  bool hasWarpKeys() const { return partition == Partition::Keys; }
  /// Whether no thread of a cluster's CTA needs more registers than at launch:
  /// it is alone on an SM, or has few rows and is one of two.
  bool keepsRegisters() const {
    const int64_t most = tile.rows < 8 ? 2 : 1;
    return hasWarpKeys() && cluster && ctasPerSm <= most;
  }
  /// Whether a warpgroup of its own joins the keys that persistent CTAs share,
  /// while consumers go on: it is where else converters are.
  bool hasJoiners() const {
    return persistent && splitTiles && converterRegisters;
  }
  /// Bytes of the ring of keys that products read, and of that of values.
  /// Elements of the cache have `keyBytes`, here and below.
  int64_t ringBytes(int64_t headDim, int64_t keyBytes = 2) const;
  /// What the states of a tile take of each ring, through which those of warps
  /// become one, or go to other CTAs of a cluster; 0 if none do. O1 is in the
  /// keys', O2 in the values'.
  int64_t mergedBytes(int64_t headDim) const;
  /// Columns of a shared-memory tile of q, r, k, v or o.
  int64_t columns(int64_t headDim) const;
  /// Columns of an accumulator of o.
  int64_t outputColumns(int64_t headDim) const;
  /// Columns of a tile of e4m3.
  int64_t narrowColumns(int64_t headDim) const;
  /// Depth of the rings that products read.
  int64_t productStages() const {
    return convertedStages ? convertedStages : stages;
  }
  /// Buffers of q and r: two where a CTA has tiles to come and the second fits.
  int64_t inputStages(int64_t headDim) const;
  /// Bytes of shared memory, barriers included, of a kernel with products.
  int64_t sharedBytes(int64_t headDim, int64_t keyBytes = 2) const;
  /// The most that leave room for `ctasPerSm` CTAs.
  int64_t mostSharedBytes() const;
  /// Registers a consumer thread holds in its accumulators and fragments.
  int64_t accumulatorRegisters(int64_t headDim) const;
  /// Warpgroups of a CTA, and what their threads have together.
  int64_t warpgroups() const {
    return 1 + consumers + (converterRegisters > 0);
  }
  int64_t registers() const {
    return producerRegisters + converterRegisters +
           consumers * consumerRegisters;
  }
  /// Bytes of the memory to which the CTAs of a cluster send the states of rows
  /// that one of them merges; 0 without clusters.
  int64_t inboxBytes(int64_t headDim) const;
  /// A short text that names the schedule in reports and errors.
  std::string name() const;

private:
  int64_t bytesWith(int64_t inputStages, int64_t headDim,
                    int64_t keyBytes) const;
};

/// The fields of a schedule as integers, by name, in the order they are
/// printed: the one list that text and attributes are made from.
struct ScheduleField {
  std::string_view name;
  int64_t (*get)(const Schedule &schedule);
  void (*set)(Schedule &schedule, int64_t value);
};
std::span<const ScheduleField> scheduleFields();

/// A schedule as text, "rows=128 keys=64 ...", that `parseSchedule` reads.
std::string toText(const Schedule &schedule);

/// `base` with the fields that `text` names. Returns InvalidArgument for a name
/// that is no field or a value that is no number.
Result<Schedule> parseSchedule(std::string_view text, Schedule base);

/// Shared memory on sm_90, bytes: of one CTA, of an SM, and what each CTA takes
/// besides its own.
inline constexpr int64_t kSharedBytesPerCta = 232448;
inline constexpr int64_t kSharedBytesPerSm = 233472;
inline constexpr int64_t kReservedSharedBytes = 1024;

/// Tokens of pages that are so small that threads copy them, row by row: copies
/// by TMA start one after another, and would be too many.
inline constexpr int64_t kMostGatheredTokens = 8;
/// Whether a kernel's keys and values come so.
bool gathersPages(const Problem &problem);
/// The most CTAs of a cluster that every card can start.
inline constexpr int64_t kClusterCtas = 8;
/// Registers that the warpgroup which joins shared keys needs (test/Pipeline).
inline constexpr int64_t kJoinerRegisters = 224;

/// Picks a schedule for `problem`, which may have dynamic sizes. The CPU uses
/// its tile only. With `fixedSplits` a launch must be able to say how many CTAs
/// share the keys of a tile of queries.
Schedule propose(const Problem &problem, Target target,
                 bool fixedSplits = false);

/// Problems that `problem`, which may have dynamic sizes, stands for, such that
/// every schedule that is proposed for one of those is for one of these.
std::vector<Problem> examplesOf(const Problem &problem);

/// Rows of a stacked tile that has `rows`: groups of 8, or 4 where they are few
/// and each warp has keys of its own.
inline int64_t stackedRows(int64_t rows, Partition partition) {
  return partition == Partition::Keys && rows <= 4 ? 4 : (rows + 7) / 8 * 8;
}

/// The most query heads of one key head that fit a tile of `rows` rows and
/// divide the group; 1 unless both head counts are known.
int64_t packedHeads(const Problem &problem, int64_t rows);

/// Accepts a schedule that the target can run for this problem, else returns
/// Unsupported naming the schedule.
Result<void> verify(const Schedule &schedule, const Problem &problem,
                    Target target);

} // namespace parallax

#endif // PARALLAX_SCHEDULE_SCHEDULE_H
