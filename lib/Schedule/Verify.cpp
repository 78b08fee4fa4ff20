//===- Verify.cpp - Which schedules the machine can run -------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Schedule/Schedule.h"

#include "lib/Data/Registers.h"
#include "lib/Schedule/MergeTile.h"

#include <fmt/format.h>

#include <algorithm>

using namespace parallax;

/// A merge's rows go from memory to registers and back.
static Result<void> verifyMergeForHopper(const Schedule &s) {
  if (s.tile.rows == kMergedRows && s.tile.packedHeads == 1 &&
      s.consumers == 1 && s.partition == Partition::Rows && !s.splitTiles &&
      !s.persistent)
    return {};
  return Error{ErrorCode::Unsupported,
               fmt::format("schedule {}: expected a merge of {} rows by 1 "
                           "consumer, without packed heads and splits",
                           s.name(), kMergedRows)};
}

bool parallax::gathersPages(const Problem &problem) {
  return problem.isPaged() && problem.keyDType() == problem.dtype &&
         problem.pageSize <= kMostGatheredTokens;
}

/// Warps that have keys of their own.
static Result<void> verifyWarpKeys(const Schedule &s, const Problem &problem) {
  auto refuse = [&](std::string what) {
    return Error{ErrorCode::Unsupported,
                 fmt::format("schedule {}: {}", s.name(), what)};
  };
  if (problem.headDim > 128 || gathersPages(problem))
    return refuse("expected a head dimension of at most 128, and pages of more "
                  "than 8 tokens or an e4m3 cache, to divide keys");
  if ((s.tile.rows != 4 && s.tile.rows != 8) || s.tile.keys % 64)
    return refuse(
        fmt::format("expected 4 or 8 rows and a multiple of 64 keys to "
                    "divide keys, got {} and {}",
                    s.tile.rows, s.tile.keys));
  if (s.overlap != Overlap::None || !s.queriesInRegisters || s.tensorSums ||
      s.convertedStages || s.converterRegisters)
    return refuse("expected queries in registers, and neither overlap, sums by "
                  "tensor cores nor converters to divide keys");
  if (s.rescaleLag && (problem.outputs.rowMax || problem.outputs.d1))
    return refuse("expected a rescale lag of 0 where row_max or d1 is made and "
                  "keys are divided");
  return {};
}

/// How CTAs share an SM, and the keys of a tile of queries.
static Result<void> verifySharing(const Schedule &s, const Problem &problem) {
  auto refuse = [&](std::string what) {
    return Error{ErrorCode::Unsupported,
                 fmt::format("schedule {}: {}", s.name(), what)};
  };
  if (s.persistent && s.splitTiles) {
    // Before the roles start a CTA appends to the cache of one sequence and
    // reads scales of one head; other roles than the producer don't walk the
    // sequences; and warps and divided products meet in the keys' ring, which
    // the next sequence fills.
    if (problem.newLength || gathersPages(problem) ||
        problem.keyDType() != problem.dtype)
      return refuse("expected persistent CTAs that share keys of a cache that "
                    "is neither e4m3, appended to, nor in pages of 8 tokens or "
                    "fewer");
    if (s.cluster || s.partition != Partition::Rows)
      return refuse("expected persistent CTAs that share keys to be in no "
                    "cluster and divide no products");
  } else if (s.persistent && problem.kind != ProblemKind::Forward) {
    return refuse("expected persistent CTAs of a decode to share keys, got "
                  "split_tiles=0");
  }
  if (s.splitTiles < 0 || s.splitTiles > 1024)
    return refuse(fmt::format("expected splits of 0 to 1024 tiles of keys, got "
                              "{}",
                              s.splitTiles));
  if (s.cluster < 0 || s.cluster > kClusterCtas)
    return refuse(fmt::format("expected clusters of 0 to {} CTAs, got {}",
                              kClusterCtas, s.cluster));
  if (s.cluster && (!s.splitTiles || !s.isStacked()))
    return refuse(
        "expected clusters of CTAs that share keys, and of 32 rows or "
        "fewer");
  const int64_t ring =
      s.ringBytes(problem.headDim, sizeInBytes(problem.keyDType()));
  if (const int64_t merged = s.mergedBytes(problem.headDim); ring < merged)
    return refuse(fmt::format("expected a ring of at least {} bytes, "
                              "through which states are merged, got {}",
                              merged, ring));
  if (s.splitTiles && s.rescaleLag &&
      (problem.outputs.rowMax || problem.outputs.d1))
    return refuse("expected a rescale lag of 0 where splits make row_max or "
                  "d1");
  const bool hasConverters =
      (problem.keyDType() != problem.dtype && !s.hasWarpKeys()) ||
      gathersPages(problem);
  if (s.converterRegisters && !hasConverters && !s.hasJoiners())
    return refuse(fmt::format("expected registers of converters for an e4m3 "
                              "cache, small pages, or persistent CTAs that "
                              "share keys only, got {}",
                              s.converterRegisters));
  if (const int64_t most = registersOfCta(s.warpgroups(), s.ctasPerSm);
      s.registers() > most)
    return refuse(fmt::format(
        "expected at most {} registers over the warpgroups of each of {} CTAs "
        "an SM, got {} + {} * {}{}",
        most, s.ctasPerSm, s.producerRegisters, s.consumers,
        s.consumerRegisters,
        s.converterRegisters ? fmt::format(" + {}", s.converterRegisters)
                             : ""));
  return {};
}

static Result<void> verifyForHopper(const Schedule &s, const Problem &problem) {
  if (problem.kind == ProblemKind::Merge)
    return verifyMergeForHopper(s);
  if (problem.dtype == DType::F32)
    return Error{ErrorCode::Unsupported,
                 "expected dtype bf16 or f16 on sm_90a, got f32; use the cpu "
                 "target for float32"};
  auto refuse = [&](std::string what) {
    return Error{ErrorCode::Unsupported,
                 fmt::format("schedule {}: {}", s.name(), what)};
  };
  if (s.ctasPerSm < 1 || s.ctasPerSm > 4)
    return refuse(
        fmt::format("expected 1 to 4 CTAs an SM, got {}", s.ctasPerSm));
  if (s.partition < Partition::Rows || s.partition > Partition::Keys)
    return refuse(fmt::format("expected a partition of 0 to 2, got {}",
                              static_cast<int>(s.partition)));
  if (s.hasWarpKeys())
    if (Result<void> ok = verifyWarpKeys(s, problem); !ok)
      return ok;
  int64_t rows = s.partition == Partition::Rows ? 64 * s.consumers : 64;
  if (s.isStacked()) {
    const int64_t heads = s.tile.packedHeads;
    if (s.consumers != 1 || s.partition == Partition::Products || s.pingPong)
      return refuse("expected 1 consumer that divides no rows to have 32 rows "
                    "or fewer");
    const int64_t together = s.stackedRows();
    if ((!s.hasWarpKeys() && (s.tile.rows < 8 || s.tile.rows % 8)) ||
        heads < 1 || heads > together || together % heads)
      return refuse(fmt::format("expected 8, 16, 24, 32 or 64 rows a consumer, "
                                "or 4 of divided keys, and packed heads that "
                                "divide {}, got {} and {}",
                                together, s.tile.rows, heads));
    // 1 and 2 start S of a tile without T.
    if (s.overlap != Overlap::None && s.overlap != Overlap::WeightsAhead)
      return refuse(fmt::format("expected an overlap of 0 or 3 with 32 rows "
                                "or fewer, got {}",
                                static_cast<int>(s.overlap)));
    rows = s.tile.rows;
  }
  if (s.queriesInRegisters && !s.isStacked())
    return refuse("expected queries in registers of 32 rows or fewer only");
  if (s.consumers < 1 || s.consumers > 3)
    return refuse(
        fmt::format("expected 1 to 3 consumers, got {}", s.consumers));
  if (s.tile.rows != rows)
    return refuse(fmt::format("expected {} rows, 64 a consumer that divides "
                              "rows, got {}",
                              rows, s.tile.rows));
  if (s.tile.keys < 16 || s.tile.keys > 256 || s.tile.keys % 16)
    return refuse(
        fmt::format("expected keys to be a multiple of 16 in [16, 256], got {}",
                    s.tile.keys));
  if (problem.isPaged() && s.tile.keys % problem.pageSize &&
      problem.pageSize % s.tile.keys)
    return refuse(
        fmt::format("expected tiles of whole pages or part of one, of "
                    "{} tokens, got {} keys",
                    problem.pageSize, s.tile.keys));
  if (s.tile.packedHeads < 1 || s.tile.packedHeads > 64)
    return refuse(fmt::format("expected 1 to 64 packed heads, got {}",
                              s.tile.packedHeads));
  if (s.tile.packedHeads > 1 && rows > 64)
    return refuse(fmt::format(
        "expected packed heads in a tile of 64 rows, got one of {}", rows));
  if (problem.queryHeads != kDynamic && problem.kvHeads != kDynamic &&
      problem.queryHeads / problem.kvHeads % s.tile.packedHeads)
    return refuse(fmt::format("expected packed heads that divide the group of "
                              "{} heads, got {}",
                              problem.queryHeads / problem.kvHeads,
                              s.tile.packedHeads));
  if (s.partition == Partition::Products) {
    if (s.consumers != 2 || s.pingPong)
      return refuse(fmt::format("expected 2 consumers that take no turns to "
                                "divide products, got {}{}",
                                s.consumers, s.pingPong ? " that do" : ""));
    if (s.productStages() * s.tile.keys < 128)
      return refuse(fmt::format("expected a ring of at least 128 keys, through "
                                "which O2 crosses, got {}",
                                s.productStages() * s.tile.keys));
  }
  const bool converts = problem.keyDType() != problem.dtype && !s.hasWarpKeys();
  if (s.convertedStages < 0 || s.convertedStages > 64 ||
      converts != (s.convertedStages > 0))
    return refuse(fmt::format("expected {}, got {}",
                              converts ? "1 to 64 converted stages for an e4m3 "
                                         "cache"
                                       : "no converted stages without an e4m3 "
                                         "cache",
                              s.convertedStages));
  if (int64_t bytes =
          s.sharedBytes(problem.headDim, sizeInBytes(problem.keyDType()));
      s.stages < 1 || bytes > s.mostSharedBytes())
    return refuse(fmt::format("expected at least 1 stage and at most {} bytes "
                              "of shared memory, got {} and {}",
                              s.mostSharedBytes(), s.stages, bytes));
  if (int64_t registers = s.accumulatorRegisters(problem.headDim) + 16;
      registers > s.consumerRegisters)
    return refuse(fmt::format("expected accumulators and 16 more registers to "
                              "fit {}, got {}",
                              s.consumerRegisters, registers));
  if (s.overlap < Overlap::None || s.overlap > Overlap::WeightsAhead)
    return refuse(fmt::format("expected an overlap of 0 to 3, got {}",
                              static_cast<int>(s.overlap)));
  if (s.pingPong && s.consumers != 2)
    return refuse(
        fmt::format("expected 2 consumers to take turns, got {}", s.consumers));
  constexpr int64_t fewest = 24;
  for (int64_t registers :
       {s.producerRegisters, s.consumerRegisters,
        s.converterRegisters ? s.converterRegisters : fewest})
    if (registers < fewest || registers > 256 || registers % 8)
      return refuse(fmt::format("expected registers that are a multiple of 8 "
                                "in [24, 256], got {}",
                                registers));
  return verifySharing(s, problem);
}

static Result<void> verifyForCpu(const Schedule &s) {
  if (s.splitTiles)
    return Error{ErrorCode::Unsupported,
                 fmt::format("expected no splits on the cpu, got some of {} "
                             "tiles",
                             s.splitTiles)};
  if (s.partition != Partition::Rows)
    return Error{ErrorCode::Unsupported,
                 fmt::format("expected a partition of 0 on the cpu, got {}",
                             static_cast<int>(s.partition))};
  constexpr int64_t most = 1024;
  const TileShape &tile = s.tile;
  if (tile.rows < 1 || tile.rows > most || tile.keys < 1 || tile.keys > most ||
      tile.packedHeads < 1 || tile.packedHeads > tile.rows)
    return Error{ErrorCode::Unsupported,
                 fmt::format("expected a tile of 1 to {} rows and keys whose "
                             "rows hold the packed heads, got {} rows, {} keys "
                             "and {} packed heads",
                             most, tile.rows, tile.keys, tile.packedHeads)};
  return {};
}

/// Weights may be as large as two to the power of the lag.
static Result<void> verifyLag(const Schedule &s, const Problem &problem) {
  const int64_t most = problem.dtype == DType::F16 ? 15 : 16;
  if (s.rescaleLag < 0 || s.rescaleLag > most)
    return Error{ErrorCode::Unsupported,
                 fmt::format("schedule {}: expected a rescale lag of 0 to {} "
                             "powers of two, got {}",
                             s.name(), most, s.rescaleLag)};
  return {};
}

Result<void> parallax::verify(const Schedule &schedule, const Problem &problem,
                              Target target) {
  Result<void> ok = target == Target::Sm90a ? verifyForHopper(schedule, problem)
                                            : verifyForCpu(schedule);
  return ok ? verifyLag(schedule, problem) : ok;
}
