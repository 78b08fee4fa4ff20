//===- ScheduleTest.cpp - Schedules as data -------------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/Unit/Schedule/Problems.h"

#include <fmt/format.h>

using namespace parallax;
using namespace parallax::schedule_test;
using testing::HasSubstr;

namespace {

/// A schedule whose fields all differ from the default's.
Schedule unusual() {
  Schedule s;
  s.tile = {192, 48, 3};
  s.consumers = 3;
  s.partition = Partition::Products;
  s.stages = 5;
  s.convertedStages = 2;
  s.overlap = Overlap::RoundingFirst;
  s.pingPong = true;
  s.rescaleLag = 7;
  s.tensorSums = true;
  s.producerRegisters = 40;
  s.converterRegisters = 48;
  s.consumerRegisters = 232;
  return s;
}

const Wrong kWrong[] = {
    {[](Schedule &s) { s.consumers = 0; }, "1 to 3 consumers, got 0"},
    {[](Schedule &s) { s.consumers = 4; }, "1 to 3 consumers, got 4"},
    {[](Schedule &s) { s.tile.rows = 64; }, "expected 128 rows"},
    {[](Schedule &s) { s.consumers = 1; }, "expected 64 rows"},
    {[](Schedule &s) { s.partition = Partition::Products; },
     "expected 64 rows"},
    {[](Schedule &s) { s.partition = static_cast<Partition>(3); },
     "partition of 0 to 2, got 3"},
    {[](Schedule &s) { s.partition = Partition::Keys; },
     "expected 4 or 8 rows and a multiple of 64 keys"},
    {[](Schedule &s) {
       s.partition = Partition::Products;
       s.tile.rows = 64;
       s.consumers = 3;
     },
     "to divide products, got 3"},
    {[](Schedule &s) {
       s.partition = Partition::Products;
       s.tile.rows = 64;
       s.pingPong = true;
     },
     "to divide products, got 2 that do"},
    {[](Schedule &s) {
       s.partition = Partition::Products;
       s.tile.rows = 64;
       s.stages = 1;
     },
     "at least 128 keys, through which O2 crosses, got 64"},
    {[](Schedule &s) { s.tile.keys = 0; }, "in [16, 256], got 0"},
    {[](Schedule &s) { s.tile.keys = 40; }, "multiple of 16"},
    {[](Schedule &s) { s.tile.keys = 272; }, "in [16, 256], got 272"},
    {[](Schedule &s) { s.tile.packedHeads = 0; }, "packed heads, got 0"},
    {[](Schedule &s) { s.tile.packedHeads = 65; }, "packed heads, got 65"},
    {[](Schedule &s) { s.tile.packedHeads = 2; }, "in a tile of 64 rows"},
    {[](Schedule &s) { s.stages = 0; }, "at least 1 stage"},
    {[](Schedule &s) { s.stages = 20; }, "at most 232448 bytes"},
    {[](Schedule &s) { s.tile.keys = 256; }, "16 more registers to fit 240"},
    {[](Schedule &s) { s.consumerRegisters = 64; }, "to fit 64"},
    {[](Schedule &s) { s.consumerRegisters = 256; },
     "at most 504 registers over the warpgroups of each of 1 CTAs an SM, got "
     "24 + 2 * 256"},
    {[](Schedule &s) { s.consumerRegisters = 236; }, "8 in [24, 256], got 236"},
    {[](Schedule &s) { s.producerRegisters = 16; }, "8 in [24, 256], got 16"},
    {[](Schedule &s) { s.producerRegisters = -8; }, "8 in [24, 256], got -8"},
    {[](Schedule &s) { s.converterRegisters = 16; }, "8 in [24, 256], got 16"},
    {[](Schedule &s) { s.converterRegisters = 24; },
     "registers of converters for an e4m3 cache, small pages, or persistent "
     "CTAs that share keys only, got 24"},
    {[](Schedule &s) { s.overlap = static_cast<Overlap>(4); },
     "overlap of 0 to 3, got 4"},
    {[](Schedule &s) { s.overlap = static_cast<Overlap>(-1); }, "got -1"},
    {[](Schedule &s) {
       s.consumers = 1;
       s.tile.rows = 64;
       s.pingPong = true;
     },
     "2 consumers to take turns, got 1"},
    {[](Schedule &s) { s.splitTiles = -1; }, "0 to 1024 tiles of keys, got -1"},
    {[](Schedule &s) { s.splitTiles = 1025; }, "got 1025"},
    {[](Schedule &s) { s.ctasPerSm = 0; }, "1 to 4 CTAs an SM, got 0"},
    {[](Schedule &s) { s.ctasPerSm = 5; }, "got 5"},
    // Two of them have neither the registers nor the shared memory.
    {[](Schedule &s) { s.ctasPerSm = 2; }, "of each of 2 CTAs"},
    {[](Schedule &s) {
       s.ctasPerSm = 2;
       s.consumers = 1;
       s.tile.rows = 64;
       s.stages = 7;
     },
     "at most 115712 bytes"},
    {[](Schedule &s) {
       s.persistent = true;
       s.splitTiles = 1;
       s.cluster = 8;
     },
     "persistent CTAs that share keys to be in no cluster"},
    {[](Schedule &s) {
       s.persistent = true;
       s.splitTiles = 1;
       s.partition = Partition::Products;
       s.tile.rows = 64;
     },
     "and divide no products"},
    {[](Schedule &s) { s.rescaleLag = -1; }, "rescale lag of 0 to 16"},
    {[](Schedule &s) { s.rescaleLag = 17; }, "got 17"},
};

} // namespace

TEST(Schedule, TextRoundTrips) {
  for (const Schedule &s : {Schedule(), unusual()}) {
    Result<Schedule> parsed = parseSchedule(toText(s), Schedule());
    ASSERT_TRUE(parsed) << parsed.error().message;
    EXPECT_EQ(*parsed, s);
  }
  EXPECT_EQ(toText(unusual()),
            "rows=192 keys=48 packed_heads=3 consumers=3 partition=1 stages=5 "
            "converted_stages=2 "
            "overlap=2 ping_pong=1 rescale_lag=7 tensor_sums=1 "
            "queries_in_registers=0 split_tiles=0 "
            "cluster=0 ctas_per_sm=1 persistent=0 producer_registers=40 "
            "consumer_registers=232 converter_registers=48");
}

TEST(Schedule, FieldsThatTextLeavesOutAreTheBases) {
  Result<Schedule> parsed = parseSchedule("  keys=96   stages=1 ", unusual());
  ASSERT_TRUE(parsed);
  Schedule expected = unusual();
  expected.tile.keys = 96;
  expected.stages = 1;
  EXPECT_EQ(*parsed, expected);
  for (const char *nothing : {"", "   "})
    EXPECT_EQ(*parseSchedule(nothing, unusual()), unusual());
  // The last of a name counts.
  EXPECT_EQ(parseSchedule("keys=96 keys=16", Schedule())->tile.keys, 16);
}

// A field with more than 32 bits must not become another that is right.
TEST(Schedule, WrongTextGetsAClearError) {
  const std::pair<const char *, const char *> wrong[] = {
      {"colour=3", "one of rows, keys, packed_heads, consumers"},
      {"colour=3", "got 'colour'"},
      {"keys=96,stages=2", "for keys of a schedule, got '96,stages=2'"},
      {"keys=many", "expected a number of 32 bits for keys"},
      {"keys=", "got ''"},
      {"keys", "got ''"},
      {"keys=9x", "got '9x'"},
      {"keys= 9", "got ''"},
      {"=9", "got ''"},
      {"overlap=4294967297", "for overlap of a schedule, got '4294967297'"},
      {"stages=4611686018427387904", "got '4611686018427387904'"},
      {"stages=99999999999999999999", "got '99999999999999999999'"},
  };
  for (auto [text, says] : wrong) {
    SCOPED_TRACE(text);
    Result<Schedule> parsed = parseSchedule(text, Schedule());
    ASSERT_FALSE(parsed);
    EXPECT_EQ(parsed.error().code, ErrorCode::InvalidArgument);
    EXPECT_THAT(parsed.error().message, HasSubstr(says));
  }
}

TEST(Schedule, TheMachinesLimitsAreVerified) {
  Schedule right;
  right.tile = {128, 64, 1};
  const Problem p = problem(DType::BF16, 64);
  ASSERT_TRUE(verify(right, p, Target::Sm90a));
  for (const Wrong &wrong : kWrong) {
    Schedule s = right;
    wrong.spoil(s);
    SCOPED_TRACE(toText(s));
    expectRefused(verify(s, p, Target::Sm90a), wrong.says);
  }
}

TEST(Schedule, TheProblemsSizesAreVerified) {
  Schedule s;
  s.tile = {64, 64, 8};
  s.consumers = 1;
  Problem p = problem(DType::BF16, 64);
  p.queryHeads = 32, p.kvHeads = 4;
  EXPECT_TRUE(verify(s, p, Target::Sm90a));
  p.kvHeads = 8;
  expectRefused(verify(s, p, Target::Sm90a), "the group of 4 heads, got 8");
  p.kvHeads = 4;
  p.dtype = DType::F32;
  expectRefused(verify(s, p, Target::Sm90a), "use the cpu target");
  EXPECT_TRUE(verify(s, p, Target::Cpu));

  s.partition = Partition::Products;
  expectRefused(verify(s, p, Target::Cpu), "partition of 0 on the cpu, got 1");
}

// CTAs of a cluster share keys, and join through the ring that held them.
TEST(Schedule, ClustersAreVerified) {
  Problem p = problem(DType::BF16, 128);
  p.kind = ProblemKind::Decode;
  p.queryLength = 1;
  p.batch = 1, p.keyLength = 4096, p.queryHeads = p.kvHeads = 8;
  const Schedule proposed = propose(p, Target::Sm90a);
  Schedule s = proposed;
  ASSERT_TRUE(s.isStacked() && s.splitTiles);
  EXPECT_EQ(s.cluster, kClusterCtas);
  EXPECT_TRUE(verify(s, p, Target::Sm90a));
  s.cluster = 9;
  expectRefused(verify(s, p, Target::Sm90a), "clusters of 0 to 8 CTAs, got 9");
  s.cluster = 8;
  s.splitTiles = 0;
  expectRefused(verify(s, p, Target::Sm90a), "CTAs that share keys");
  s = proposed;
  // Of 4 rows of each of 4 warps; and a place for each row and CTA.
  EXPECT_EQ(s.mergedBytes(128), 4 * 4 * 544);
  EXPECT_EQ(s.inboxBytes(128), 12 * 1024);
  s.tile.rows = 8;
  s.tile.keys = 64;
  s.stages = 1;
  expectRefused(verify(s, p, Target::Sm90a),
                "a ring of at least 17408 bytes, through which states are "
                "merged, got 16384");
  s = proposed;
  s.cluster = 0;
  EXPECT_EQ(s.inboxBytes(128), 0);
  EXPECT_EQ(proposed.sharedBytes(128) - s.sharedBytes(128), 12 * 1024 + 8);
}

// A tile of 64 rows of q and r is a quarter of its columns in registers, which
// O of wide heads doesn't leave.
TEST(Schedule, RegistersOfQueriesAreVerified) {
  Problem p = problem(DType::BF16, 128);
  p.kind = ProblemKind::Decode;
  p.queryLength = 1;
  Schedule s = propose(p, Target::Sm90a);
  ASSERT_TRUE(s.isStacked());
  s.queriesInRegisters = false;
  const int64_t without = s.accumulatorRegisters(128);
  s.queriesInRegisters = true;
  EXPECT_EQ(s.accumulatorRegisters(128), without + 32);
  EXPECT_TRUE(verify(s, p, Target::Sm90a));
  s.consumerRegisters = 152;
  expectRefused(verify(s, p, Target::Sm90a), "to fit 152, got 160");
  Schedule wide = s;
  wide.consumerRegisters = 232;
  wide.stages = 1;
  wide.tile.keys = 64;
  wide.cluster = 0;
  expectRefused(verify(wide, problem(DType::BF16, 256), Target::Sm90a),
                "to fit 232, got 256");

  Schedule rows;
  rows.tile = {128, 64, 1};
  rows.queriesInRegisters = true;
  expectRefused(verify(rows, problem(DType::BF16, 64), Target::Sm90a),
                "queries in registers of 32 rows or fewer");
}

// 2^16 is no number of float16.
TEST(Schedule, WeightsOfALagAreNumbersOfTheType) {
  Schedule s;
  s.tile = {128, 64, 1};
  for (auto [dtype, most] : {std::pair(DType::BF16, 16), {DType::F16, 15}}) {
    s.rescaleLag = most;
    EXPECT_TRUE(verify(s, problem(dtype, 64), Target::Sm90a));
    EXPECT_TRUE(verify(s, problem(dtype, 64), Target::Cpu));
    s.rescaleLag = most + 1;
    const std::string says = fmt::format("0 to {} powers of two", most);
    expectRefused(verify(s, problem(dtype, 64), Target::Sm90a), says.c_str());
    expectRefused(verify(s, problem(dtype, 64), Target::Cpu), says.c_str());
  }
}

TEST(Schedule, TheCpuHasATileOnly) {
  const Problem p = problem(DType::F32, 64);
  Schedule s;
  s.consumers = s.stages = 100;
  s.tile = {48, 40, 5};
  EXPECT_TRUE(verify(s, p, Target::Cpu));
  for (TileShape tile : {TileShape{0, 64, 1},
                         {1025, 64, 1},
                         {64, 0, 1},
                         TileShape{64, 1025, 1},
                         {64, 64, 0},
                         {64, 64, 65}}) {
    s.tile = tile;
    expectRefused(verify(s, p, Target::Cpu), "expected a tile of 1 to 1024");
  }
}

TEST(Schedule, SharedMemoryIsCounted) {
  Schedule s;
  s.tile = {128, 64, 1};
  s.stages = 2;
  // q and r; two stages of k and v; barriers.
  EXPECT_EQ(s.sharedBytes(128), 2 * 32768 + 2 * 2 * 16384 + 8 * 9);
  // q and r twice, where that fits; each has a barrier more, and
  // says which tile it is.
  s.persistent = true;
  EXPECT_EQ(s.inputStages(128), 2);
  EXPECT_EQ(s.sharedBytes(128),
            2 * (2 * 32768 + 1024) + 2 * 2 * 16384 + 8 * 12);
  // Another one says that parts are stored, where another warpgroup joins them.
  s.splitTiles = 1;
  s.converterRegisters = 24;
  EXPECT_TRUE(s.hasJoiners());
  EXPECT_EQ(s.sharedBytes(128),
            2 * (2 * 32768 + 1024) + 2 * 2 * 16384 + 8 * 14);
  s.splitTiles = s.converterRegisters = 0;
  s.stages = 4;
  EXPECT_EQ(s.inputStages(128), 1);
  EXPECT_EQ(s.sharedBytes(128), 2 * 32768 + 1024 + 2 * 4 * 16384 + 8 * 18);
  s.stages = 2;
  s.persistent = false;
  // Products: two messages of P1 and its factors, and d2.
  s.partition = Partition::Products;
  s.tile.rows = 64;
  EXPECT_EQ(s.sharedBytes(136), 2 * 64 * 192 * 2 + 2 * 2 * 64 * 192 * 2 +
                                    2 * (64 * 64 * 2 + 1024) + 1024 + 72);
}

// Narrow heads leave registers for more keys of wider tiles.
TEST(Schedule, AccumulatorsHaveTheColumnsThatOutputsHave) {
  Schedule s;
  s.tile = {128, 96, 1};
  // O1 and O2, S and T, and P.
  EXPECT_EQ(s.accumulatorRegisters(96), 2 * 48 + 2 * 48 + 24);
  EXPECT_EQ(s.accumulatorRegisters(72), 2 * 40 + 2 * 48 + 24);
  EXPECT_TRUE(verify(s, problem(DType::BF16, 96), Target::Sm90a));
  expectRefused(verify(s, problem(DType::BF16, 104), Target::Sm90a),
                "accumulators and 16 more registers to fit 240, got 248");
}

TEST(Schedule, NamesAreShort) {
  Schedule s;
  s.tile = {128, 64, 1};
  EXPECT_EQ(s.name(), "128x64 2xrows stages 2");
  EXPECT_EQ(unusual().name(), "192x48 pack 3 3xproducts stages 5");
}

TEST(Schedule, PackedHeadsDivideTheGroup) {
  Problem p;
  EXPECT_EQ(packedHeads(p, 64), 1); // Heads that are not known.
  for (auto [heads, expected] :
       {std::pair(1, 1), {5, 5}, {64, 64}, {71, 1}, {72, 36}, {128, 64}}) {
    p.kvHeads = 3;
    p.queryHeads = 3 * heads;
    EXPECT_EQ(packedHeads(p, 64), expected) << heads;
  }
}
