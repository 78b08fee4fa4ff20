//===- GridMemoryTest.cpp - Tests of what CTAs know of each other ---------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Simulator/GridMemory.h"

#include <gtest/gtest.h>

using namespace parallax::simulator;

namespace {

struct GridMemoryTest : testing::Test {
  using Kind = GridMemory::Kind;
  static constexpr int32_t kTickets = 1;
  std::vector<uint8_t> rows = std::vector<uint8_t>(1 << 14);
  GridMemory memory;
  Clock clock{3, 1};

  bool races(int64_t cta, Kind kind, int64_t begin, int64_t bytes = 64,
             int role = 1) {
    GridMemory::Store who = {cta, role, 0, ++clock.own(role), kind};
    return memory.access(who, clock, &rows[begin], bytes).has_value();
  }
  bool stores(int64_t cta, int64_t begin, int role = 1) {
    return races(cta, Kind::Store, begin, 64, role);
  }
  bool loads(int64_t cta, int64_t begin, int role = 1) {
    return races(cta, Kind::Load, begin, 64, role);
  }
  /// Of a warpgroup, all of whose threads have met.
  void arrive(int64_t cta, int64_t ticket, bool isLast, int role = 1) {
    clock.synced(role) = clock.own(role);
    memory.arrive({cta, role, 0, 0}, clock, kTickets, ticket, isLast);
  }
};

} // namespace

TEST_F(GridMemoryTest, TheLastAtATicketSeesWhatItReleased) {
  EXPECT_FALSE(stores(0, 0));
  EXPECT_TRUE(loads(1, 0)) << "nobody arrived";
  arrive(0, 7, false);
  EXPECT_TRUE(loads(1, 0)) << "the reader did not arrive";
  arrive(1, 7, true);
  EXPECT_FALSE(loads(1, 0));
  EXPECT_TRUE(loads(2, 0)) << "it is another that was last";
}

TEST_F(GridMemoryTest, AWarpgroupReleasesWhatItKnowsOthersHaveStored) {
  EXPECT_FALSE(stores(0, 0));
  arrive(0, 7, false, 2);
  arrive(1, 7, true, 2);
  EXPECT_TRUE(loads(1, 0, 2)) << "it has not heard that role 1 stored";
  EXPECT_FALSE(stores(0, 64));
  clock.synced(1) = clock.own(1);
  arrive(0, 8, false, 2);
  arrive(1, 8, true, 2);
  EXPECT_FALSE(loads(1, 64, 2));
  EXPECT_TRUE(loads(1, 64)) << "it is another warpgroup that was last";
}

TEST_F(GridMemoryTest, AStoreBehindTheTicketIsNotReleased) {
  arrive(0, 7, false);
  EXPECT_FALSE(stores(0, 0));
  arrive(1, 7, true);
  EXPECT_TRUE(loads(1, 0));
}

TEST_F(GridMemoryTest, AnotherTicketReleasesNothing) {
  EXPECT_FALSE(stores(0, 0));
  arrive(0, 7, false);
  arrive(1, 8, true);
  EXPECT_TRUE(loads(1, 0));
}

TEST_F(GridMemoryTest, ATicketBeginsAnewAfterItsLast) {
  arrive(0, 7, false);
  arrive(1, 7, true);
  EXPECT_FALSE(stores(2, 0));
  arrive(2, 7, false);
  EXPECT_TRUE(loads(1, 0)) << "it was last of the ticket before";
  arrive(3, 7, true);
  EXPECT_FALSE(loads(3, 0));
}

TEST_F(GridMemoryTest, CtasDoNotOverwriteEachOther) {
  EXPECT_FALSE(stores(0, 0));
  EXPECT_FALSE(stores(0, 0)) << "the same threads write it again";
  EXPECT_FALSE(stores(1, 64));
  EXPECT_TRUE(races(1, Kind::Store, 60, 8));
}

TEST_F(GridMemoryTest, ThreadsOfACtaMustHaveMet) {
  EXPECT_FALSE(stores(0, 0));
  EXPECT_TRUE(loads(0, 0));
  EXPECT_TRUE(loads(0, 0, 2));
  clock.synced(1) = clock.own(1);
  EXPECT_FALSE(loads(0, 0));
  EXPECT_FALSE(loads(0, 0, 2));
}

TEST_F(GridMemoryTest, AdditionsRaceWithAllButAdditions) {
  for (Kind other :
       {Kind::Load, Kind::Store, Kind::BulkLoad, Kind::BulkStore}) {
    memory = {};
    EXPECT_FALSE(races(0, Kind::BulkAdd, 0));
    EXPECT_FALSE(races(1, Kind::BulkAdd, 32));
    EXPECT_FALSE(races(0, Kind::BulkAdd, 32, 64, 2));
    EXPECT_FALSE(races(2, other, 96));
    EXPECT_TRUE(races(2, other, 94)) << "the last two bytes";
    memory = {};
    EXPECT_FALSE(races(0, other, 0));
    EXPECT_EQ(races(1, Kind::BulkAdd, 0), GridMemory::isWrite(other));
  }
}

TEST_F(GridMemoryTest, NothingOrdersWhatTmaStores) {
  EXPECT_FALSE(races(0, Kind::BulkStore, 0));
  clock.synced(1) = clock.own(1);
  arrive(0, 7, false);
  arrive(1, 7, true);
  EXPECT_TRUE(loads(0, 0)) << "its reads were waited for, not its writes";
  EXPECT_TRUE(loads(1, 0));
  EXPECT_TRUE(races(0, Kind::BulkStore, 0));
}

TEST_F(GridMemoryTest, APieceMayReachOverPages) {
  EXPECT_FALSE(races(0, Kind::Store, 0, rows.size()));
  for (size_t begin = 0; begin < rows.size(); begin += 64)
    EXPECT_TRUE(loads(1, begin)) << begin;
}

TEST_F(GridMemoryTest, AdditionsLandAndAreUndone) {
  float f32 = 1;
  uint16_t bf16 = 0x3f80;
  memory.add({0, {{&f32, 2.0f}}});
  memory.add({0, {{&f32, 0.5f}}});
  memory.add({1, {{&bf16, 1.0f}}});
  EXPECT_EQ(memory.pending(), 3);
  memory.land(1);
  EXPECT_EQ(f32, 1.5f);
  memory.land(1);
  EXPECT_EQ(bf16, 0x4000);
  memory.land(0);
  EXPECT_EQ(f32, 3.5f);
  EXPECT_EQ(memory.pending(), 0);
  memory.undoAdditions();
  EXPECT_EQ(f32, 1);
  EXPECT_EQ(bf16, 0x3f80);
}

TEST_F(GridMemoryTest, ATicketWhoseLastNeverCameIsALeak) {
  arrive(0, 7, false);
  arrive(1, 7, true);
  EXPECT_FALSE(memory.leak());
  arrive(2, 9, false);
  ASSERT_TRUE(memory.leak());
  EXPECT_EQ(memory.leak()->index, 9);
  EXPECT_EQ(memory.leak()->arrived, 1);
  EXPECT_EQ(memory.leak()->cta, 2);
}
