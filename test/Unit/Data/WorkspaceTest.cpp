//===- WorkspaceTest.cpp - Memory in which CTAs meet ----------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Data/Workspace.h"

#include <gtest/gtest.h>

using namespace parallax;

static Problem decode(int64_t batch, int64_t keys) {
  Problem p;
  p.kind = ProblemKind::Decode;
  p.batch = batch;
  p.queryLength = 1;
  p.keyLength = keys;
  p.queryHeads = p.kvHeads = 8;
  return withDefaultStrides(p);
}

static int64_t splits(const Problem &p, SplitPolicy policy = {}) {
  return chooseSplits(p, 64, p.batch * p.kvHeads, policy);
}

TEST(Workspace, NamesRoundTrip) {
  for (int i = 0; i < kNumWorkspacePieces; ++i) {
    const auto piece = static_cast<WorkspacePiece>(i);
    EXPECT_EQ(parseWorkspacePiece(toString(piece)), piece);
  }
  EXPECT_FALSE(parseWorkspacePiece("state_m"));
}

// Tickets of every launch lie in the same place, so that no launch leaves
// another's at something but zero; the pieces lie one behind the other.
TEST(Workspace, PiecesDontOverlap) {
  const Problem p = decode(3, 5000);
  const Workspace small = Workspace::of(p, 6, 2),
                  large = Workspace::of(p, 120, 4);
  EXPECT_EQ(small.offsets[0], 0);
  EXPECT_EQ(small.offsets[1], Workspace::kTicketBytes);
  EXPECT_EQ(large.offsets[1], Workspace::kTicketBytes);
  const int64_t rows = 120 * 4;
  const int64_t values[] = {rows, rows, rows, rows * 128, rows * 128};
  for (int i = 1; i < kNumWorkspacePieces; ++i) {
    EXPECT_EQ(large.offsets[i] % Workspace::kAlignment, 0);
    const int64_t end =
        i + 1 < kNumWorkspacePieces ? large.offsets[i + 1] : large.bytes;
    EXPECT_GE(end - large.offsets[i], 4 * values[i - 1]) << i;
  }
  EXPECT_EQ(Workspace::of(p, 0, 4).bytes, 0);
}

// Few sequences are cut so that each SM has work, many are not cut.
TEST(Splits, FillTheDevice) {
  EXPECT_EQ(splits(decode(1, 16384)), 16);
  EXPECT_EQ(splits(decode(1, 512)), 8);
  EXPECT_EQ(splits(decode(1, 64)), 1);
  EXPECT_EQ(splits(decode(32, 4096)), 1);
  EXPECT_EQ(splits(decode(64, 4096)), 1);
  EXPECT_GT(splits(decode(8, 8192)), 1);
}

// A cache of half the bytes is streamed in half the time, so that starts and
// joins weigh more.
TEST(Splits, OfNarrowCaches) {
  for (int64_t batch : {1, 2, 4, 8}) {
    Problem p = decode(batch, 8192), narrow = p;
    narrow.cacheDType = DType::E4M3;
    EXPECT_LE(splits(narrow), splits(p));
    EXPECT_GE(splits(narrow), 1);
  }
}

// Ragged lengths are cut more, so that the device can even them out.
TEST(Splits, EvenOutLengths) {
  Problem p = decode(32, 8192);
  const int64_t even = splits(p);
  p.usedLengths = true;
  EXPECT_GT(splits(p), even);
}

// One sequence may use all of its cache: it is cut as if it did.
TEST(Splits, OfOneSequence) {
  for (int64_t keys : {512, 4096, 16384}) {
    Problem p = decode(1, keys);
    const int64_t even = splits(p);
    p.usedLengths = true;
    EXPECT_EQ(splits(p), even) << keys;
  }
}

// A window hides the rest of the cache.
TEST(Splits, OfAWindow) {
  Problem p = decode(1, 65536);
  p.mask = MaskKind::Causal;
  p.window = 256;
  EXPECT_LE(splits(p), 5);
}

// CTAs that share keys are a cluster where there are few, of all, and their
// number is a power of two.
TEST(Splits, AreAClusterWhereTheyAreFew) {
  SplitPolicy policy;
  EXPECT_EQ(chooseCluster(8, 8, policy), 1);
  policy.cluster = 8;
  EXPECT_EQ(chooseCluster(8, 8, policy), 8);
  // Fewer than SMs: not all groups of SMs are a whole number of clusters.
  EXPECT_EQ(chooseCluster(8, 15, policy), 8);
  EXPECT_EQ(chooseCluster(8, 16, policy), 1);
  EXPECT_EQ(chooseCluster(4, 30, policy), 4);
  EXPECT_EQ(chooseCluster(4, 31, policy), 1);
  EXPECT_EQ(chooseCluster(16, 8, policy), 1);
  EXPECT_EQ(chooseCluster(6, 8, policy), 1);
  EXPECT_EQ(chooseCluster(1, 8, policy), 1);
  policy.batchInvariant = true;
  EXPECT_EQ(chooseCluster(8, 8, policy), 1);
}

TEST(Splits, AreTheSameInEveryBatch) {
  SplitPolicy policy;
  policy.batchInvariant = true;
  EXPECT_EQ(splits(decode(1, 16384), policy), 32);
  EXPECT_EQ(splits(decode(64, 16384), policy), 32);
  EXPECT_EQ(splits(decode(64, 100), policy), 1);
}

TEST(Splits, AreAtMostWhatIsAskedFor) {
  SplitPolicy policy;
  policy.splits = 5;
  EXPECT_EQ(splits(decode(1, 16384), policy), 5);
  EXPECT_EQ(splits(decode(1, 128), policy), 2);
  EXPECT_EQ(chooseSplits(decode(1, 16384), /*splitKeys=*/0, 8, policy), 1);
  EXPECT_EQ(chooseSplits(decode(1, 128), 64, Workspace::kTickets + 1, policy),
            1);
}
