//===- Schedule.cpp - How a kernel uses a Hopper SM -----------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Schedule/Schedule.h"

#include "lib/Data/Registers.h"
#include "lib/Schedule/CpuTile.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

using namespace parallax;

/// Rows that a merge's program has: a warp each.
constexpr int64_t kMergedRows = 4;
/// Parts that it reads together.
constexpr int64_t kMergedParts = 8;
/// Keys of the longest sequences that persistent CTAs are faster for.
constexpr int64_t kLongestPersistentKeys = 8192;

/// The widest heads beside whose accumulators so many more keys fit that two
/// tiles need not overlap.
constexpr int64_t kWidestWithoutOverlap = 96;

static int64_t roundUp(int64_t value, int64_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

int64_t Schedule::columns(int64_t headDim) const {
  return roundUp(headDim, 64);
}

int64_t Schedule::outputColumns(int64_t headDim) const {
  return roundUp(headDim, 16);
}

int64_t Schedule::narrowColumns(int64_t headDim) const {
  return roundUp(headDim, 128);
}

int64_t Schedule::inputStages(int64_t headDim) const {
  // Where products are divided, O2 crosses through the keys' ring: nothing of
  // the next tile may come before this one's inputs have gone back.
  return persistent && partition == Partition::Rows &&
                 sharedBytes(headDim, 2) <= mostSharedBytes()
             ? 2
             : 1;
}

int64_t Schedule::sharedBytes(int64_t headDim) const {
  return sharedBytes(headDim, inputStages(headDim));
}

int64_t Schedule::sharedBytes(int64_t headDim, int64_t inputStages) const {
  int64_t inputs = (isStacked() ? 64 : 2 * tile.rows) * columns(headDim) * 2;
  int64_t rings = 2 * productStages() * tile.keys * columns(headDim) * 2;
  if (convertedStages)
    rings += 2 * stages * tile.keys * narrowColumns(headDim);
  // Two messages of weights and factors, and d2. O2 crosses in k's ring, and o
  // is staged in q.
  int64_t row = 1024, mail = 2 * (tile.rows * tile.keys * 2 + row) + row;
  int64_t barriers =
      (persistent ? 2 : 1) * inputStages + 4 * (stages + convertedStages);
  inputs += persistent ? 1024 : 0; // Which tile it is.
  return inputStages * inputs + rings +
         (partition == Partition::Products ? mail : 0) + 8 * barriers;
}

int64_t Schedule::joinedRows(int64_t headDim) const {
  const int64_t row = 4 * (2 * headDim + 4);
  return productStages() * tile.keys * columns(headDim) * 2 / row;
}

int64_t Schedule::mostSharedBytes() const {
  return std::min(kSharedBytesPerCta,
                  kSharedBytesPerSm / ctasPerSm - kReservedSharedBytes);
}

int64_t Schedule::accumulatorRegisters(int64_t headDim) const {
  int64_t output = outputColumns(headDim) / 2, scores = tile.keys / 2;
  // Of each one for both products, and their weights.
  if (isStacked())
    return output + scores + scores / 2;
  // O1, O2, S and T; while P2 is packed, S has become P1's fragments.
  if (partition == Partition::Rows)
    return 2 * output + 2 * scores + scores / 2;
  // O2 and T, and the fragments of P1 that become those of P2, beside those of
  // the tile before if the weights are ahead.
  int64_t fragments = overlap == Overlap::WeightsAhead ? 3 : 2;
  return output + scores + fragments * scores / 2;
}

std::string Schedule::name() const {
  return fmt::format(
      "{}x{}{} {}x{} stages {}", tile.rows, tile.keys,
      tile.packedHeads > 1 ? fmt::format(" pack {}", tile.packedHeads) : "",
      consumers, partition == Partition::Rows ? "rows" : "products", stages);
}

std::span<const ScheduleField> parallax::scheduleFields() {
  static constexpr ScheduleField fields[] = {
      {"rows", [](const Schedule &s) { return s.tile.rows; },
       [](Schedule &s, int64_t v) { s.tile.rows = v; }},
      {"keys", [](const Schedule &s) { return s.tile.keys; },
       [](Schedule &s, int64_t v) { s.tile.keys = v; }},
      {"packed_heads", [](const Schedule &s) { return s.tile.packedHeads; },
       [](Schedule &s, int64_t v) { s.tile.packedHeads = v; }},
      {"consumers", [](const Schedule &s) { return s.consumers; },
       [](Schedule &s, int64_t v) { s.consumers = v; }},
      {"partition", [](const Schedule &s) { return int64_t(s.partition); },
       [](Schedule &s, int64_t v) { s.partition = static_cast<Partition>(v); }},
      {"stages", [](const Schedule &s) { return s.stages; },
       [](Schedule &s, int64_t v) { s.stages = v; }},
      {"converted_stages", [](const Schedule &s) { return s.convertedStages; },
       [](Schedule &s, int64_t v) { s.convertedStages = v; }},
      {"overlap", [](const Schedule &s) { return int64_t(s.overlap); },
       [](Schedule &s, int64_t v) { s.overlap = static_cast<Overlap>(v); }},
      {"ping_pong", [](const Schedule &s) { return int64_t(s.pingPong); },
       [](Schedule &s, int64_t v) { s.pingPong = v; }},
      {"rescale_lag", [](const Schedule &s) { return s.rescaleLag; },
       [](Schedule &s, int64_t v) { s.rescaleLag = v; }},
      {"tensor_sums", [](const Schedule &s) { return int64_t(s.tensorSums); },
       [](Schedule &s, int64_t v) { s.tensorSums = v; }},
      {"split_tiles", [](const Schedule &s) { return s.splitTiles; },
       [](Schedule &s, int64_t v) { s.splitTiles = v; }},
      {"cluster", [](const Schedule &s) { return s.cluster; },
       [](Schedule &s, int64_t v) { s.cluster = v; }},
      {"ctas_per_sm", [](const Schedule &s) { return s.ctasPerSm; },
       [](Schedule &s, int64_t v) { s.ctasPerSm = v; }},
      {"persistent", [](const Schedule &s) { return int64_t(s.persistent); },
       [](Schedule &s, int64_t v) { s.persistent = v; }},
      {"producer_registers",
       [](const Schedule &s) { return s.producerRegisters; },
       [](Schedule &s, int64_t v) { s.producerRegisters = v; }},
      {"consumer_registers",
       [](const Schedule &s) { return s.consumerRegisters; },
       [](Schedule &s, int64_t v) { s.consumerRegisters = v; }},
      {"converter_registers",
       [](const Schedule &s) { return s.converterRegisters; },
       [](Schedule &s, int64_t v) { s.converterRegisters = v; }},
  };
  return fields;
}

std::string parallax::toText(const Schedule &schedule) {
  std::string text;
  for (const ScheduleField &field : scheduleFields())
    text += fmt::format("{}{}={}", text.empty() ? "" : " ", field.name,
                        field.get(schedule));
  return text;
}

/// Sets the field that `word`, "name=value", names.
static Result<void> parseField(std::string_view word, Schedule &schedule) {
  const size_t equals = std::min(word.find('='), word.size());
  const std::string_view name = word.substr(0, equals);
  const std::string_view digits =
      word.substr(std::min(equals + 1, word.size()));
  for (const ScheduleField &field : scheduleFields()) {
    if (field.name != name)
      continue;
    int32_t value = 0;
    const char *end = digits.data() + digits.size();
    auto [stopped, status] = std::from_chars(digits.data(), end, value);
    if (status != std::errc() || stopped != end)
      return Error{ErrorCode::InvalidArgument,
                   fmt::format("expected a number of 32 bits for {} of a "
                               "schedule, got '{}'",
                               name, digits)};
    field.set(schedule, value);
    return {};
  }
  std::string names;
  for (const ScheduleField &field : scheduleFields())
    names += fmt::format("{}{}", names.empty() ? "" : ", ", field.name);
  return Error{ErrorCode::InvalidArgument,
               fmt::format("expected a field of a schedule, one of {}, got "
                           "'{}'",
                           names, name)};
}

Result<Schedule> parallax::parseSchedule(std::string_view text, Schedule base) {
  while (true) {
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    if (text.empty())
      return base;
    const size_t end = std::min(text.find(' '), text.size());
    if (Result<void> ok = parseField(text.substr(0, end), base); !ok)
      return ok.error();
    text.remove_prefix(end);
  }
}

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
  schedule.tile.rows = roundUp(tokens * heads, 8);
}

/// As many stages as fit, at most `stages`.
static void fitStages(const Problem &problem, int64_t stages, Schedule &s) {
  s.stages = stages;
  while (s.stages > 1 && s.sharedBytes(problem.headDim) > s.mostSharedBytes())
    --s.stages;
}

/// The rings of an e4m3 cache. That converters and consumers need not wait for
/// each other is worth more than a third tile under way.
static void fitConvertedStages(const Problem &problem, int64_t stages,
                               Schedule &s) {
  constexpr int64_t enough = 2;
  // O2 crosses through a converted ring of 128 keys.
  if (s.partition == Partition::Products) {
    s.tile.keys = 32;
    s.convertedStages = 4;
    return fitStages(problem, stages, s);
  }
  for (int64_t converted : {2, 1}) {
    s.convertedStages = converted;
    fitStages(problem, stages, s);
    if (s.stages >= enough)
      return;
  }
}

/// What was fastest on an H200 (docs/benchmarks).
static Schedule proposeForHopper(const Problem &problem) {
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
  // A producer that puts a tile together from pages holds some of their
  // numbers, and converters what they convert.
  const bool sharesRegisters =
      converts || (problem.isPaged() && problem.pageSize < schedule.tile.keys);
  if (problem.kind == ProblemKind::Decode) {
    schedule.tile.packedHeads = packedHeads(problem, schedule.tile.rows);
    if (headDim <= 128)
      stack(problem, schedule);
    schedule.splitTiles = 1;
    stages = 4;
    // Parts say nothing of their true maximum.
    if (problem.outputs.rowMax || problem.outputs.d1)
      schedule.rescaleLag = 0;
    // With overlap, the assembler spills a few bytes.
    if (headDim > 192 || (converts && problem.dtype == DType::F16))
      schedule.overlap = Overlap::None;
    // While one CTA computes or starts, the other's copies run.
    if (schedule.consumers == 1 && (schedule.isStacked() || !sharesRegisters)) {
      schedule.ctasPerSm = 2;
      schedule.consumerRegisters = 232;
    }
  }
  if (converts && schedule.consumers == 1 &&
      !(problem.isPaged() && problem.window)) {
    // Four warps of their own convert more than three beside the producer. That
    // takes registers to find pages, and some more to find those of a window.
    schedule.producerRegisters = problem.isPaged() ? 40 : 24;
    schedule.converterRegisters = problem.isPaged() ? 48 : 64;
    if (schedule.isStacked())
      schedule.consumerRegisters = 152;
  } else if (sharesRegisters) {
    // Converters have two groups of rows under way.
    const bool isOne = schedule.consumers == 1;
    schedule.producerRegisters = converts && isOne ? 64 : 56;
    if (!isOne)
      schedule.consumerRegisters = 224;
    else if (schedule.isStacked())
      schedule.consumerRegisters = converts ? 192 : 200;
  }
  if (converts)
    fitConvertedStages(problem, stages, schedule);
  else
    fitStages(problem, stages, schedule);
  // A few CTAs join sooner through a cluster than by a ticket: 0.4 us of 5.
  // Beside converters it was not measured, and takes registers that some lack.
  if (schedule.isStacked() && !converts && !gathersPages(problem) &&
      schedule.splitTiles && schedule.joinedRows(headDim) >= schedule.tile.rows)
    schedule.cluster = kClusterCtas;
  return schedule;
}

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

/// How CTAs share an SM, and the keys of a tile of queries.
static Result<void> verifySharing(const Schedule &s, const Problem &problem) {
  auto refuse = [&](std::string what) {
    return Error{ErrorCode::Unsupported,
                 fmt::format("schedule {}: {}", s.name(), what)};
  };
  // A decode's CTAs append to the cache before their roles start.
  if (s.persistent && (s.splitTiles || problem.kind != ProblemKind::Forward))
    return refuse("expected persistent CTAs in a forward without splits only");
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
  if (const int64_t most = s.joinedRows(problem.headDim);
      s.cluster && most < s.tile.rows)
    return refuse(fmt::format("expected a ring of keys that holds the states "
                              "of {} rows for a cluster, got one for {}",
                              s.tile.rows, most));
  if (s.splitTiles && s.rescaleLag &&
      (problem.outputs.rowMax || problem.outputs.d1))
    return refuse("expected a rescale lag of 0 where splits make row_max or "
                  "d1");
  const bool hasConverters =
      problem.keyDType() != problem.dtype || gathersPages(problem);
  if (s.converterRegisters && !hasConverters)
    return refuse(fmt::format("expected registers of converters for an e4m3 "
                              "cache or small pages only, got {}",
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
  if (s.partition != Partition::Rows && s.partition != Partition::Products)
    return refuse(fmt::format("expected a partition of 0 or 1, got {}",
                              static_cast<int>(s.partition)));
  int64_t rows = s.partition == Partition::Rows ? 64 * s.consumers : 64;
  if (s.isStacked()) {
    const int64_t heads = s.tile.packedHeads;
    if (s.consumers != 1 || s.partition != Partition::Rows || s.pingPong)
      return refuse("expected 1 consumer that divides nothing to have 32 rows "
                    "or fewer");
    if (s.tile.rows < 8 || s.tile.rows % 8 || heads < 1 || heads > 8 ||
        8 % heads)
      return refuse(fmt::format("expected 8, 16, 24, 32 or 64 rows a consumer, "
                                "and 1, 2, 4 or 8 packed heads of 32 rows or "
                                "fewer, got {} and {}",
                                s.tile.rows, heads));
    // 1 and 2 start S of a tile without T.
    if (s.overlap != Overlap::None && s.overlap != Overlap::WeightsAhead)
      return refuse(fmt::format("expected an overlap of 0 or 3 with 32 rows "
                                "or fewer, got {}",
                                static_cast<int>(s.overlap)));
    rows = s.tile.rows;
  }
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
  const bool converts = problem.keyDType() != problem.dtype;
  if (s.convertedStages < 0 || s.convertedStages > 64 ||
      converts != (s.convertedStages > 0))
    return refuse(fmt::format("expected {}, got {}",
                              converts ? "1 to 64 converted stages for an e4m3 "
                                         "cache"
                                       : "no converted stages without an e4m3 "
                                         "cache",
                              s.convertedStages));
  if (int64_t bytes = s.sharedBytes(problem.headDim);
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

Schedule parallax::propose(const Problem &problem, Target target) {
  if (target == Target::Sm90a)
    return proposeForHopper(problem);
  Schedule schedule;
  schedule.tile = proposeForCpu(problem);
  return schedule;
}

Result<void> parallax::verify(const Schedule &schedule, const Problem &problem,
                              Target target) {
  Result<void> ok = target == Target::Sm90a ? verifyForHopper(schedule, problem)
                                            : verifyForCpu(schedule);
  return ok ? verifyLag(schedule, problem) : ok;
}
