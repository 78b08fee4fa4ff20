//===- Propose.cpp - The schedule to take for a problem -------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Schedule/Schedule.h"

#include "lib/Data/Registers.h"
#include "lib/Schedule/CpuTile.h"
#include "lib/Schedule/MergeTile.h"

#include <algorithm>
#include <optional>
#include <ranges>
#include <set>

using namespace parallax;

/// Keys of the longest sequences that persistent CTAs are faster for.
constexpr int64_t kLongestPersistentKeys = 8192;
/// The widest heads beside whose accumulators so many more keys fit that two
/// tiles need not overlap.
constexpr int64_t kWidestWithoutOverlap = 96;

/// Keys of 8 bits of sequences so short that their tiles, of warps with keys of
/// their own, are better small where CTAs are many.
constexpr int64_t kFewKeys = 1024;
/// Keys of 8 bits that half of the SMs convert in time.
constexpr int64_t kMostNarrowKeys = 8192;
/// Keys of all stages of the rings of such warps, if they fit.
constexpr int64_t kWarpStageKeys = 384;
/// Tiles of queries that are few: each has a cluster of two CTAs or more.
constexpr int64_t kMostFewPrograms = 60;
/// Tiles of keys, and stages of them, of a CTA.
struct Ring {
  int64_t keys, stages;
};
/// Of which two fit an SM: of clusters of at most so many tiles of queries and
/// keys, the first that holds; and of more keys than were measured to come from
/// an L2 cache (of 8 heads, D = 128).
constexpr struct {
  int64_t programs, keys;
  Ring ring;
} kFewOfClusters[] = {{kMostFewPrograms, 1024, {128, 1}},
                      {16, 2048, {64, 3}},
                      {8, 4096, {64, 3}}};
constexpr int64_t kMostCachedKeys = 8192;
constexpr Ring kManyOfClusters = {64, 3};
/// Of one that is alone on an SM.
constexpr Ring kAlone = {128, 2};

int64_t parallax::packedHeads(const Problem &problem, int64_t rows) {
  if (problem.queryHeads == kDynamic || problem.kvHeads == kDynamic)
    return 1;
  int64_t group = problem.queryHeads / problem.kvHeads;
  int64_t packed = std::min(group, rows);
  while (group % packed)
    --packed;
  return packed;
}

/// Whether overlapped bf16 kernels of 64 keys keep all in registers: with these
/// outputs alone under a causal mask the assembler spills one
/// (test/Pipeline/no-spills.test).
static bool fitsOverlap(const Problem &problem) {
  const RowOutputs &outputs = problem.outputs;
  if (problem.state)
    return false;
  return problem.mask == MaskKind::None || outputs.rowMax || outputs.d1 ||
         !(outputs.tbar || outputs.logSumExp);
}

/// Stacks a decode's tile if its rows fill groups of 8 and are few.
static void stack(const Problem &problem, Schedule &schedule) {
  const int64_t heads = packedHeads(problem, 8);
  const bool packsAll = schedule.tile.packedHeads <= 8;
  const int64_t tokens =
      problem.queryLength == kDynamic ? 16 : problem.queryLength;
  if (!packsAll || 8 % heads || tokens * heads > 32)
    return;
  schedule.tile.packedHeads = heads;
  schedule.tile.rows = stackedRows(tokens * heads, schedule.partition);
}

/// Whether tiles of queries are so few that each can be taken by a cluster of
/// two CTAs or more, one an SM, at the same time. Then what counts is how soon
/// the last key is done with. Where sequences differ, more CTAs share the work
/// more evenly.
static bool areFew(const Problem &problem, const Schedule &s) {
  if (problem.usedLengths && problem.batch != 1)
    return false;
  // Conversion takes its time, of which half of the SMs have not enough.
  if (problem.keyDType() != problem.dtype &&
      (problem.keyLength == kDynamic || problem.keyLength > kMostNarrowKeys))
    return false;
  return problem.batch != kDynamic && problem.queryHeads != kDynamic &&
         problem.batch * problem.queryHeads <=
             kMostFewPrograms * s.tile.packedHeads;
}

/// Whether a producer has many copies to start for a tile of keys.
static bool hasSmallPages(const Problem &problem) {
  return problem.isPaged() && problem.pageSize <= kMostGatheredTokens;
}

/// Lets each warp of the consumer of few rows have keys of its own. A
/// multiplication by a warpgroup has 64 rows, of which 16 count. Of an e4m3
/// cache it reads what converters have written: that is most of what shared
/// memory has to do, and it is the limit. Of others it is slower than a warp's,
/// which counts where memory is not the limit.
static void divideKeys(const Problem &problem, Schedule &s) {
  const bool areNarrow = problem.keyDType() != problem.dtype;
  if (problem.headDim > 128 || s.tile.rows != 8 ||
      (!areNarrow && (!areFew(problem, s) || gathersPages(problem))))
    return;
  s.partition = Partition::Keys;
  s.tile.rows =
      stackedRows(problem.queryLength * s.tile.packedHeads, s.partition);
  s.queriesInRegisters = true;
  // Twice the keys take 2 to 8 % less time, but a producer many copies where
  // pages are small, and few keys more of it.
  const bool isShort =
      problem.keyLength != kDynamic && problem.keyLength <= kFewKeys;
  s.tile.keys = isShort || hasSmallPages(problem) ? 64 : 128;
}

/// As many stages as fit, at most `stages`.
static void fitStages(const Problem &problem, int64_t stages, Schedule &s) {
  s.stages = stages;
  while (s.stages > 1 &&
         s.sharedBytes(problem.headDim, sizeInBytes(problem.keyDType())) >
             s.mostSharedBytes())
    --s.stages;
}

/// The ring of a cluster's CTA that leaves room for another, if that is faster.
static std::optional<Ring> ringWithRoom(const Problem &problem,
                                        const Schedule &s) {
  if (problem.keyDType() != problem.dtype) {
    const int64_t keys = hasSmallPages(problem) ? 64 : 128;
    return Ring{keys, kWarpStageKeys / keys};
  }
  if (problem.keyLength == kDynamic)
    return std::nullopt;
  const int64_t programs =
      problem.batch * problem.queryHeads / s.tile.packedHeads;
  std::optional<Ring> ring;
  if (problem.keyLength > kMostCachedKeys)
    ring = kManyOfClusters;
  for (const auto &few : std::views::reverse(kFewOfClusters))
    if (programs <= few.programs && problem.keyLength <= few.keys)
      ring = few.ring;
  // Of eight rows there are not registers enough for pages beside another CTA,
  // nor memory for three stages beside states.
  if (ring && s.tile.rows == 8 && (problem.isPaged() || ring->stages > 1))
    return std::nullopt;
  return ring;
}

/// How the CTAs of clusters whose warps have keys of their own use an SM. Where
/// two fit, the next launch's start beside this one's and are ready when it
/// ends, which saves half a microsecond and more. Of one tile each, they need
/// one stage; else 96 KB under way are worth the room where the keys come from
/// memory, and 128 KB without room where there are more of them to multiply.
static void shareSm(const Problem &problem, Schedule &s) {
  const std::optional<Ring> withRoom = ringWithRoom(problem, s);
  const Ring ring = withRoom.value_or(kAlone);
  s.ctasPerSm = withRoom ? 2 : 1;
  s.tile.keys = ring.keys;
  fitStages(problem, ring.stages, s);
  // Nobody has to give any away.
  if (s.keepsRegisters())
    s.producerRegisters = s.consumerRegisters =
        registersAtLaunch(s.warpgroups(), s.ctasPerSm);
}

/// Whether consumers beside converters have no registers for scores of 32 keys:
/// those of the widest heads, if rows are found by division and have both of
/// these outputs (test/Pipeline/no-spills.test).
static bool needsFewKeys(const Problem &problem, const Schedule &s) {
  const int64_t heads = s.tile.packedHeads;
  return problem.headDim > 240 && (heads & (heads - 1)) &&
         problem.outputs.tbar && problem.outputs.logSumExp;
}

/// The rings of an e4m3 cache. That converters and consumers need not wait for
/// each other is worth more than a third tile under way.
static void fitConvertedStages(const Problem &problem, int64_t stages,
                               Schedule &s) {
  constexpr int64_t enough = 2;
  // O2 crosses through a converted ring of 128 keys.
  if (s.partition == Partition::Products) {
    s.tile.keys = needsFewKeys(problem, s) ? 16 : 32;
    s.convertedStages = 128 / s.tile.keys;
    return fitStages(problem, stages, s);
  }
  for (int64_t converted : {2, 1}) {
    s.convertedStages = converted;
    fitStages(problem, stages, s);
    if (s.stages >= enough)
      return;
  }
}

/// Whether the producer's warpgroup needs more registers than usual: one that
/// puts a tile together from pages holds some of their numbers, and converters
/// beside it have two groups of rows under way.
static bool sharesRegisters(const Problem &problem, const Schedule &s) {
  return problem.keyDType() != problem.dtype ||
         (problem.isPaged() && problem.pageSize < s.tile.keys);
}

/// Divides the registers of a warpgroup's threads among the roles, where there
/// are more than a producer and its consumers.
static void divideRegisters(const Problem &problem, Schedule &s) {
  const bool converts = problem.keyDType() != problem.dtype;
  const bool isOne = s.consumers == 1, isPaged = problem.isPaged();
  // One consumer that has an SM's CTA to itself may have all that a thread can.
  const int64_t most = kMostThreadRegisters;
  auto divide = [&s](int64_t producer, int64_t consumer, int64_t converter) {
    s.producerRegisters = producer;
    s.consumerRegisters = consumer;
    s.converterRegisters = converter;
  };
  // A producer that puts tiles together from pages holds some of their numbers.
  if (s.hasWarpKeys())
    return isPaged ? divide(40, 216, 0) : divide(32, 224, 0);
  // Four warps of their own convert more than three beside the producer. That
  // takes registers to find pages, and some more to find those of a window.
  if (converts && isOne && !(isPaged && problem.window)) {
    if (!s.isStacked())
      return isPaged ? divide(48, most, 48) : divide(24, most, 64);
    // What all roles know of a sequence is theirs to keep, too.
    if (isPaged)
      return divide(48, 136, 56);
    // Shared memory has an eighth less to move then: 4 % of the time, where it
    // was measured. Converters have registers for two groups of rows still.
    s.queriesInRegisters = problem.headDim > 64 && problem.dtype == DType::BF16;
    return s.queriesInRegisters ? divide(24, 160, 56) : divide(24, 152, 64);
  }
  if (!sharesRegisters(problem, s))
    return;
  if (isOne)
    return divide(converts ? 64 : 56,
                  !s.isStacked() ? most
                  : converts     ? 192
                                 : 200,
                  0);
  // Warps that gather wide rows, or copy them from small pages and convert
  // them, need more than 56, and consumers of the widest converted rows more
  // than 216 (with all outputs).
  const bool copiesRows = isPaged && problem.pageSize <= kMostGatheredTokens;
  if (copiesRows && (!converts || problem.headDim <= 192))
    return divide(72, 216, 0);
  divide(56, 224, 0);
}

/// Whether CTAs that stay, one an SM, are faster than a CTA for each share of
/// keys: where sequences differ, or are of a number that leaves SMs without
/// work at the end, and each SM has enough to read for what is computed first,
/// a microsecond, and few sequences, since each takes time to end that nothing
/// else on the SM hides. In pages they are not (docs/benchmarks/tried.md), and
/// what a window leaves of the keys was not measured.
static bool dealsKeys(const Problem &problem, const Schedule &s) {
  constexpr int64_t multiprocessors = 132, fewestPrograms = 64;
  constexpr int64_t mostPrograms = 4 * multiprocessors;
  constexpr int64_t fewestTiles = 32 * multiprocessors;
  if (!s.isStacked() || problem.isPaged() || problem.newLength ||
      problem.keyDType() != problem.dtype || problem.window ||
      problem.batch == kDynamic || problem.kvHeads == kDynamic ||
      problem.queryHeads == kDynamic || problem.keyLength == kDynamic)
    return false;
  const int64_t programs =
      problem.batch * problem.queryHeads / s.tile.packedHeads;
  if (programs * (problem.keyLength / s.tile.keys) < fewestTiles ||
      programs > mostPrograms)
    return false;
  if (problem.usedLengths)
    return programs >= fewestPrograms;
  // Else a CTA for each sequence and head, two an SM, are the best if they fill
  // the card, and few can be split so that they do.
  const int64_t ctas = 2 * multiprocessors;
  const int64_t places = (programs + ctas - 1) / ctas * ctas;
  return programs > multiprocessors && 10 * programs < 9 * places;
}

static void dealKeys(const Problem &problem, Schedule &s) {
  constexpr int64_t bytesUnderWay = 96 << 10; // More make it slower.
  s.persistent = true;
  s.ctasPerSm = 1;
  s.cluster = 0;
  s.overlap = Overlap::None;
  s.stages = bytesUnderWay / (2 * s.tile.keys * s.columns(problem.headDim) * 2);
  s.producerRegisters = 40;
  s.consumerRegisters = 240;
  s.converterRegisters = kJoinerRegisters;
}

/// What was fastest on an H200 (docs/benchmarks).
static Schedule proposeForHopper(const Problem &problem, bool fixedSplits) {
  Schedule schedule;
  if (problem.kind == ProblemKind::Merge) {
    schedule.tile = {kMergedRows, kMergedParts, 1};
    schedule.consumers = 1;
    return schedule;
  }
  int64_t headDim = problem.headDim, stages = 3;
  if (headDim > 128) {
    schedule.partition = Partition::Products;
    const bool isLong = headDim > 192 || problem.kind == ProblemKind::Decode;
    schedule.tile = {64, isLong ? 64 : 96, 1};
    // Elsewhere the assembler serialises weights that are made ahead (C7513).
    schedule.overlap =
        problem.dtype == DType::BF16 && problem.kind == ProblemKind::Forward
            ? Overlap::WeightsAhead
            : Overlap::ScoresFirst;
  } else if (problem.kind == ProblemKind::Decode) {
    schedule.consumers = 1;
    schedule.tile = {64, 64, 1};
  } else if (headDim > 64 && headDim <= kWidestWithoutOverlap) {
    schedule.tile = {128, 96, 1};
  } else if (headDim > 64) {
    // 64 keys need every register; fp16's unpacking needs a few more.
    schedule.tile = {128, problem.dtype == DType::BF16 ? 64 : 48, 1};
    if (problem.dtype != DType::BF16 || fitsOverlap(problem)) {
      schedule.overlap = Overlap::RoundingFirst;
      schedule.pingPong = true;
      stages = 2;
    }
  } else {
    // Nothing of a warpgroup's own is in flight while it takes exponentials, so
    // that tensor cores sum its weights as soon as they are asked to.
    schedule.tile = {128, 128, 1};
    schedule.tensorSums = true;
  }
  // Launching a CTA, its barriers and its first copies take about 2 us, and its
  // last output another one: where there are more tiles than SMs, each but the
  // first of a CTA hides its start behind the one before. Where there are not,
  // a launch starts a CTA a tile, as without. The count of tiles takes a
  // register, which wide heads have only if little else is asked for
  // (test/Pipeline/no-spills.test); and of their tiles the long have little to
  // hide, while CTAs that the card starts one after another share them more
  // evenly among SMs that are not equally fast.
  // Divided products would hide less, since nothing of the next tile comes
  // before the last output has left, and their producer has no register for it.
  schedule.persistent =
      problem.kind == ProblemKind::Forward &&
      schedule.partition == Partition::Rows &&
      (headDim <= kWidestWithoutOverlap ||
       (problem.keyLength <= kLongestPersistentKeys && !problem.window &&
        !problem.state &&
        !(problem.dtype == DType::BF16 && problem.outputs.logSumExp)));
  // Weights of 16-bit floats must not overflow once r.k has multiplied them.
  schedule.rescaleLag = problem.dtype == DType::BF16 ? 8 : 0;
  const bool converts = problem.keyDType() != problem.dtype;
  if (problem.kind == ProblemKind::Decode) {
    schedule.tile.packedHeads = packedHeads(problem, schedule.tile.rows);
    if (headDim <= 128)
      stack(problem, schedule);
    divideKeys(problem, schedule);
    schedule.splitTiles = 1;
    stages = 4;
    // Parts say nothing of their true maximum.
    if (problem.outputs.rowMax || problem.outputs.d1)
      schedule.rescaleLag = 0;
    // With overlap, the assembler spills a few bytes.
    if (headDim > 192 || (converts && problem.dtype == DType::F16))
      schedule.overlap = Overlap::None;
    // A few tiles of a CTA take 3 % less; for many, memory decides. Where the
    // last rows of a tile become zero first, the assembler serialises (C7513),
    // and pages and appends take a register too many.
    if (schedule.isStacked() && !schedule.hasWarpKeys() &&
        problem.dtype == DType::BF16 && !converts && !problem.isPaged() &&
        !problem.usedLengths && !problem.newLength)
      schedule.overlap = Overlap::WeightsAhead;
    // While one CTA computes or starts, the other's copies run.
    if (schedule.consumers == 1 &&
        (schedule.isStacked() || !sharesRegisters(problem, schedule))) {
      schedule.ctasPerSm = 2;
      schedule.consumerRegisters = 232;
    }
  }
  divideRegisters(problem, schedule);
  // CTAs that are fewer than SMs join through clusters: 4096 keys of 8 heads
  // take 1.0 us less so than by tickets, and several tokens more. Others need
  // the memory for keys.
  if (schedule.isStacked() && schedule.splitTiles &&
      (schedule.hasWarpKeys() || !(converts || gathersPages(problem))) &&
      areFew(problem, schedule))
    schedule.cluster = kClusterCtas;
  if (schedule.hasWarpKeys() && schedule.cluster)
    shareSm(problem, schedule);
  else if (schedule.hasWarpKeys())
    fitStages(problem, kWarpStageKeys / schedule.tile.keys, schedule);
  else if (converts)
    fitConvertedStages(problem, stages, schedule);
  else
    fitStages(problem, stages, schedule);
  // The states of many rows leave no memory for two tiles.
  if (schedule.cluster && !schedule.hasWarpKeys() && schedule.stages < 2) {
    schedule.cluster = 0;
    fitStages(problem, stages, schedule);
  }
  if (problem.kind == ProblemKind::Decode && !fixedSplits &&
      dealsKeys(problem, schedule))
    dealKeys(problem, schedule);
  return schedule;
}

std::vector<Problem> parallax::examplesOf(const Problem &problem) {
  constexpr int64_t longest = 1 << 30, mostBatches = 4096;
  std::vector<Problem> examples;
  auto add = [&](int64_t batch) {
    examples.push_back(problem);
    examples.back().batch = batch;
    if (problem.keyLength != kDynamic || problem.kind == ProblemKind::Merge)
      return;
    // Tiles of warps that have keys of their own depend on them, too.
    std::set<int64_t> lengths = {kFewKeys, kMostNarrowKeys, kMostCachedKeys,
                                 longest};
    for (const auto &few : kFewOfClusters)
      lengths.insert(few.keys);
    for (int64_t keys : lengths) {
      examples.push_back(examples.back());
      examples.back().keyLength = keys;
    }
  };
  add(problem.batch);
  if (problem.kind != ProblemKind::Decode || problem.batch != kDynamic)
    return examples;
  // Some fill a card, some don't.
  for (int64_t power = 1; power <= mostBatches; power *= 2)
    for (int64_t batch : {power, 3 * power})
      add(batch);
  return examples;
}

Schedule parallax::propose(const Problem &problem, Target target,
                           bool fixedSplits) {
  if (target == Target::Sm90a)
    return proposeForHopper(problem, fixedSplits);
  Schedule schedule;
  schedule.tile = proposeForCpu(problem);
  return schedule;
}
