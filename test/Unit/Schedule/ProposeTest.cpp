//===- ProposeTest.cpp - The schedules that problems get ------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/Unit/Schedule/Problems.h"

using namespace parallax;
using namespace parallax::schedule_test;

// What is proposed can run, whatever the problem, also with a text between.
TEST(Propose, ProposalsAreAccepted) {
  for (Target target : {Target::Sm90a, Target::Cpu})
    for (ProblemKind kind : {ProblemKind::Forward, ProblemKind::Decode})
      for (DType dtype : {DType::BF16, DType::F16, DType::F32})
        for (int64_t headDim = 8; headDim <= 256; headDim += 8)
          for (MaskKind mask : {MaskKind::None, MaskKind::Causal})
            for (int64_t group : {0, 1, 2, 3, 5, 7, 8, 12, 16, 64, 71, 128})
              for (int64_t length : {kDynamic, int64_t(1), int64_t(16)}) {
                if (target == Target::Sm90a && dtype == DType::F32)
                  continue;
                Problem p = problem(dtype, headDim);
                p.kind = kind;
                p.mask = mask;
                p.queryLength = length;
                if (group) // Else heads that are not known.
                  p.kvHeads = 2, p.queryHeads = 2 * group;
                const Schedule s = propose(p, target);
                Result<void> ok = verify(s, p, target);
                ASSERT_TRUE(ok) << headDim << ": " << ok.error().message;
                ASSERT_EQ(*parseSchedule(toText(s), Schedule()), s);
              }
}

// A tile is whole pages or part of one. Producers of small pages have registers
// for their numbers.
TEST(Propose, Pages) {
  for (int64_t headDim : {64, 128, 256})
    for (int64_t pageSize = 1; pageSize <= 256; pageSize *= 2) {
      Problem p = problem(DType::BF16, headDim);
      p.kind = ProblemKind::Decode;
      p.pageSize = pageSize;
      const Schedule s = propose(p, Target::Sm90a);
      Result<void> ok = verify(s, p, Target::Sm90a);
      ASSERT_TRUE(ok) << headDim << ": " << ok.error().message;
      EXPECT_EQ(s.producerRegisters > 24, pageSize < 64);
    }
  Problem p = problem(DType::BF16, 64);
  p.kind = ProblemKind::Decode;
  p.pageSize = 64;
  Schedule s = propose(p, Target::Sm90a);
  s.tile.keys = 96;
  expectRefused(verify(s, p, Target::Sm90a),
                "expected tiles of whole pages or part of one, of 64 tokens, "
                "got 96 keys");
  p.pageSize = 32;
  EXPECT_TRUE(verify(s, p, Target::Sm90a));
}

// What is read in one type and multiplied in another has a ring of each, and
// whoever converts has registers.
TEST(Propose, NarrowCaches) {
  for (DType dtype : {DType::BF16, DType::F16})
    for (int64_t headDim = 8; headDim <= 256; headDim += 8)
      for (int64_t group : {1, 4, 5, 16, 64})
        for (int64_t pageSize : {0, 1, 16, 64, 256}) {
          Problem p = problem(dtype, headDim);
          p.kind = ProblemKind::Decode;
          p.cacheDType = DType::E4M3;
          p.kvHeads = 2, p.queryHeads = 2 * group;
          p.queryLength = 1;
          p.pageSize = pageSize;
          const Schedule s = propose(p, Target::Sm90a);
          Result<void> ok = verify(s, p, Target::Sm90a);
          ASSERT_TRUE(ok) << headDim << ": " << ok.error().message;
          // One token of up to 8 heads: each warp has keys of its own.
          const bool isFew = headDim <= 128 && group != 5 && group <= 8;
          EXPECT_EQ(s.hasWarpKeys(), isFew);
          EXPECT_EQ(s.convertedStages == 0, isFew);
          if (!isFew || p.isPaged()) {
            EXPECT_GE(std::max(s.producerRegisters, s.converterRegisters),
                      isFew ? 40 : 48);
          }
          // A warpgroup converts for one consumer.
          EXPECT_EQ(s.converterRegisters > 0, s.consumers == 1 && !isFew);
          EXPECT_EQ(s.queriesInRegisters,
                    isFew || (s.isStacked() && !p.isPaged() && headDim > 64 &&
                              dtype == DType::BF16));
          p.mask = MaskKind::Causal;
          p.window = 100;
          const Schedule ofWindow = propose(p, Target::Sm90a);
          EXPECT_TRUE(verify(ofWindow, p, Target::Sm90a));
          // Pages of a window are found with more registers.
          EXPECT_EQ(ofWindow.converterRegisters > 0,
                    s.consumers == 1 && !pageSize && !isFew);
          EXPECT_GE(s.productStages(), 2);
        }
  Problem p = problem(DType::BF16, 128);
  p.kind = ProblemKind::Decode;
  p.cacheDType = DType::E4M3;
  p.queryLength = 16;
  Schedule s = propose(p, Target::Sm90a);
  const int64_t narrow = s.sharedBytes(128);
  ++s.stages;
  EXPECT_EQ(s.sharedBytes(128) - narrow, 2 * 64 * 128 + 2 * 2 * 8);
  s.convertedStages = 0;
  expectRefused(verify(s, p, Target::Sm90a),
                "expected 1 to 64 converted stages for an e4m3 cache, got 0");
  p.cacheDType.reset();
  EXPECT_EQ(propose(p, Target::Sm90a).convertedStages, 0);
  s = propose(p, Target::Sm90a);
  s.convertedStages = 2;
  expectRefused(verify(s, p, Target::Sm90a),
                "expected no converted stages without an e4m3 cache, got 2");
}

// Constraints of keys that warps divide.
TEST(Propose, WarpKeys) {
  Problem p = problem(DType::BF16, 128);
  p.kind = ProblemKind::Decode;
  p.cacheDType = DType::E4M3;
  p.queryLength = 1;
  p.queryHeads = 8, p.kvHeads = 2;
  Schedule proposed = propose(p, Target::Sm90a);
  EXPECT_TRUE(proposed.hasWarpKeys());
  EXPECT_EQ(proposed.tile.keys, 128);
  // q and r, 4 rows each; k and v as they come; a barrier for the inputs.
  EXPECT_EQ(proposed.tile.rows, 4);
  EXPECT_EQ(proposed.sharedBytes(128, /*keyBytes=*/1),
            8 * 128 * 2 + 2 * 3 * (128 * 128 + 2 * 8) + 8);
  // Two tokens of four heads are 8.
  p.queryLength = 2;
  EXPECT_EQ(propose(p, Target::Sm90a).tile.rows, 8);
  p.queryLength = 1;
  // Tiles are smaller if keys are few, or in small pages.
  p.pageSize = 16;
  EXPECT_EQ(propose(p, Target::Sm90a).tile.keys, 128);
  p.pageSize = 8;
  EXPECT_EQ(propose(p, Target::Sm90a).tile.keys, 64);
  p.pageSize = 0, p.keyLength = 1024;
  proposed = propose(p, Target::Sm90a);
  EXPECT_EQ(proposed.tile.keys, 64);
  EXPECT_EQ(proposed.stages, 6);
  const Wrong wrong[] = {
      {[](Schedule &s) { s.tile.rows = 16; }, "expected 4 or 8 rows"},
      {[](Schedule &s) { s.tile.keys = 32; }, "a multiple of 64 keys"},
      {[](Schedule &s) { s.overlap = Overlap::WeightsAhead; },
       "neither overlap"},
      {[](Schedule &s) { s.queriesInRegisters = false; }, "in registers"},
      {[](Schedule &s) { s.tensorSums = true; }, "sums by tensor cores"},
      {[](Schedule &s) { s.convertedStages = 2; }, "converters"},
      {[](Schedule &s) { s.converterRegisters = 24; }, "converters"},
      {[](Schedule &s) { s.consumers = 2; }, "1 consumer that divides no rows"},
      {[](Schedule &s) { s.stages = 1; },
       "a ring of at least 8704 bytes, through which states are merged, got "
       "8192"},
  };
  for (const Wrong &each : wrong) {
    Schedule s = proposed;
    each.spoil(s);
    expectRefused(verify(s, p, Target::Sm90a), each.says);
  }
  // Their maxima are only references, unless these never lag behind.
  p.outputs.rowMax = true;
  expectRefused(verify(proposed, p, Target::Sm90a), "rescale lag of 0");
  EXPECT_TRUE(verify(propose(p, Target::Sm90a), p, Target::Sm90a));
  p.outputs.rowMax = false;
  // Wider heads and more rows have none.
  p.headDim = 136;
  EXPECT_FALSE(propose(p, Target::Sm90a).hasWarpKeys());
  expectRefused(verify(proposed, p, Target::Sm90a), "at most 128");
  p.headDim = 128, p.queryLength = 3;
  EXPECT_FALSE(propose(p, Target::Sm90a).hasWarpKeys());
}

/// A decode of 8 key heads of 4 query heads, and what is proposed for it.
static Problem decodeOf(int64_t batch, int64_t keys, bool usedLengths) {
  Problem p = problem(DType::BF16, 128);
  p.kind = ProblemKind::Decode;
  p.batch = batch;
  p.queryLength = 1;
  p.keyLength = keys;
  p.queryHeads = 32;
  p.kvHeads = 8;
  p.usedLengths = usedLengths;
  return p;
}

// Caches of 16 bits have them where tiles of queries are few: their CTAs, one
// an SM, join through clusters.
TEST(Propose, WarpKeysOfFewSequences) {
  Problem p = decodeOf(kDynamic, 4096, /*usedLengths=*/false);
  EXPECT_FALSE(propose(p, Target::Sm90a).hasWarpKeys());
  p.batch = 7;
  Schedule s = propose(p, Target::Sm90a);
  EXPECT_TRUE(s.hasWarpKeys());
  EXPECT_EQ(s.cluster, kClusterCtas);
  EXPECT_EQ(s.ctasPerSm, 1);
  // Nobody gives registers away.
  EXPECT_EQ(s.producerRegisters, 256);
  EXPECT_EQ(s.consumerRegisters, 256);
  EXPECT_EQ(s.overlap, Overlap::None);
  EXPECT_EQ(s.tile.keys, 128);
  EXPECT_EQ(s.stages, 2);
  EXPECT_TRUE(verify(s, p, Target::Sm90a));
  // q and r; k and v; what others send, of 4 rows; barriers.
  EXPECT_EQ(s.sharedBytes(128),
            8 * 128 * 2 + 2 * 2 * (128 * 256 + 2 * 8) + 12 * 1024 + 8 + 8);
  // Few keys leave room for the next launch's CTAs.
  struct Expected {
    int64_t batch, keys, ofTile, stages, ctasPerSm;
  };
  for (const Expected &e : {Expected{7, 1024, 128, 1, 2},
                            {7, 1025, 128, 2, 1},
                            {7, 8192, 128, 2, 1},
                            {7, 8193, 64, 3, 2},
                            {2, 1024, 128, 1, 2},
                            {2, 1025, 64, 3, 2},
                            {2, 2048, 64, 3, 2},
                            {2, 2049, 128, 2, 1},
                            {1, 4096, 64, 3, 2},
                            {1, 4097, 128, 2, 1},
                            {3, 2048, 128, 2, 1}}) {
    p.batch = e.batch, p.keyLength = e.keys;
    s = propose(p, Target::Sm90a);
    EXPECT_EQ(s.tile.keys, e.ofTile) << e.batch << " x " << e.keys;
    EXPECT_EQ(s.stages, e.stages) << e.batch << " x " << e.keys;
    EXPECT_EQ(s.ctasPerSm, e.ctasPerSm) << e.batch << " x " << e.keys;
    EXPECT_EQ(s.consumerRegisters, 256 / e.ctasPerSm);
    EXPECT_TRUE(verify(s, p, Target::Sm90a));
  }
  // Eight rows need more registers than a thread has at launch.
  p.batch = 1, p.keyLength = 512, p.queryHeads = 64;
  s = propose(p, Target::Sm90a);
  EXPECT_EQ(s.tile.rows, 8);
  EXPECT_EQ(s.stages, 1);
  EXPECT_EQ(s.producerRegisters, 32);
  EXPECT_EQ(s.consumerRegisters, 224);
  EXPECT_TRUE(verify(s, p, Target::Sm90a));
  // And more memory for states.
  p.keyLength = 16384;
  s = propose(p, Target::Sm90a);
  EXPECT_EQ(s.tile.keys, 128);
  EXPECT_EQ(s.stages, 2);
  EXPECT_EQ(s.ctasPerSm, 1);
  p.batch = 7, p.queryHeads = 32, p.keyLength = 512;
  // Small pages are gathered by other warps.
  p.pageSize = 16;
  EXPECT_TRUE(propose(p, Target::Sm90a).hasWarpKeys());
  p.pageSize = 8;
  EXPECT_FALSE(propose(p, Target::Sm90a).hasWarpKeys());
  expectRefused(verify(s, p, Target::Sm90a), "pages of more than 8 tokens");
  p.pageSize = 0, p.batch = 8;
  EXPECT_FALSE(propose(p, Target::Sm90a).hasWarpKeys());
  EXPECT_EQ(propose(p, Target::Sm90a).cluster, 0);
  // Sequences that differ have CTAs of many shares.
  p.batch = 7, p.usedLengths = true;
  EXPECT_FALSE(propose(p, Target::Sm90a).hasWarpKeys());
  p.batch = 1;
  EXPECT_TRUE(propose(p, Target::Sm90a).hasWarpKeys());
  // More rows than 8 are for the warpgroup to multiply.
  p.batch = 7, p.usedLengths = false, p.queryLength = 3;
  s = propose(p, Target::Sm90a);
  EXPECT_FALSE(s.hasWarpKeys());
  EXPECT_EQ(s.cluster, kClusterCtas);
  EXPECT_TRUE(verify(s, p, Target::Sm90a));
  p.queryLength = 1, p.cacheDType = DType::E4M3;
  s = propose(p, Target::Sm90a);
  EXPECT_EQ(s.cluster, kClusterCtas);
  EXPECT_TRUE(verify(s, p, Target::Sm90a));
}

// Keys are dealt where sequences differ, or don't fill the card evenly, and
// each SM has much to read; not where a launch is to say how many CTAs share
// them.
TEST(Propose, KeysAreDealtWhereTheyAreManyAndUneven) {
  auto deals = [](const Problem &p, bool fixedSplits = false) {
    return propose(p, Target::Sm90a, fixedSplits).persistent;
  };
  EXPECT_TRUE(deals(decodeOf(32, 8192, true)));
  EXPECT_TRUE(propose(decodeOf(32, 8192, true), Target::Sm90a).hasJoiners());
  EXPECT_FALSE(deals(decodeOf(32, 8192, true), /*fixedSplits=*/true));
  EXPECT_FALSE(deals(decodeOf(32, 8192, false)));
  EXPECT_TRUE(deals(decodeOf(20, 4096, false)));
  EXPECT_TRUE(deals(decodeOf(40, 4096, false)));
  EXPECT_FALSE(deals(decodeOf(1, 16384, true)));
  EXPECT_FALSE(deals(decodeOf(32, 512, true)));
  EXPECT_FALSE(deals(decodeOf(kDynamic, 8192, true)));
  Problem p = decodeOf(32, 8192, true);
  p.pageSize = 64;
  EXPECT_FALSE(deals(p));
  p = decodeOf(32, 8192, true);
  p.newLength = 1;
  EXPECT_FALSE(deals(p));
}

// Who prepares a family of problems has all schedules that are proposed for it.
TEST(Propose, ExamplesHaveAllSchedules) {
  auto has = [](const Problem &family, const Problem &member) {
    for (const Problem &example : examplesOf(family))
      if (propose(example, Target::Sm90a) == propose(member, Target::Sm90a))
        return true;
    return false;
  };
  for (bool usedLengths : {false, true})
    for (int64_t batch : {1, 2, 3, 5, 7, 20, 32, 40, 64, 500})
      for (int64_t keys :
           {100, 1024, 1025, 2048, 2049, 4096, 4097, 8192, 8193, 100000}) {
        SCOPED_TRACE(testing::Message() << batch << " of " << keys);
        const Problem member = decodeOf(batch, keys, usedLengths);
        EXPECT_TRUE(has(decodeOf(kDynamic, kDynamic, usedLengths), member));
        EXPECT_TRUE(has(decodeOf(kDynamic, keys, usedLengths), member));
        // So many heads that one sequence of them fills the card.
        Problem wide = member, anyBatch = decodeOf(kDynamic, keys, usedLengths);
        for (Problem *p : {&wide, &anyBatch})
          p->queryHeads = p->kvHeads = 300;
        EXPECT_TRUE(has(anyBatch, wide));
        EXPECT_TRUE(has(member, member));
        Problem narrow = member,
                anyKeys = decodeOf(batch, kDynamic, usedLengths);
        narrow.cacheDType = anyKeys.cacheDType = DType::E4M3;
        narrow.queryHeads = anyKeys.queryHeads = 8;
        EXPECT_TRUE(has(anyKeys, narrow));
      }
  Problem forward = problem(DType::BF16, 128), any = forward;
  forward.keyLength = 1 << 20;
  any.keyLength = kDynamic;
  EXPECT_TRUE(has(any, forward));
}

// Some kinds of caches are for one role to find, before the roles start.
TEST(Propose, DealtKeysAreOfOneRole) {
  const Problem plain = decodeOf(32, 8192, true);
  const Schedule s = propose(plain, Target::Sm90a);
  ASSERT_TRUE(s.persistent);
  for (int64_t headDim : {8, 64, 72, 128})
    for (int64_t tokens : {1, 3, 8}) {
      SCOPED_TRACE(testing::Message() << headDim << " " << tokens);
      Problem p = plain;
      p.headDim = headDim;
      p.queryLength = tokens;
      const Schedule proposed = propose(p, Target::Sm90a);
      EXPECT_TRUE(proposed.persistent);
      Result<void> ok = verify(proposed, p, Target::Sm90a);
      EXPECT_TRUE(ok) << ok.error().message;
    }
  Problem appended = plain, gathered = plain;
  appended.newLength = 1;
  gathered.pageSize = 8;
  for (const Problem &p : {appended, gathered})
    expectRefused(verify(s, p, Target::Sm90a),
                  "neither e4m3, appended to, nor in pages of 8 tokens");
  Schedule whole = s;
  whole.splitTiles = 0;
  expectRefused(verify(whole, plain, Target::Sm90a),
                "persistent CTAs of a decode to share keys");
}
