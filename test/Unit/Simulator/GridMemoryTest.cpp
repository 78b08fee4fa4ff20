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
  static constexpr int32_t kRows = 0, kTickets = 1;
  GridMemory memory;
  Clock clock{3, 1};

  bool races(int64_t cta, bool writes, int64_t begin, int64_t bytes = 64,
             int role = 1) {
    GridMemory::Store who = {cta, role, 0, ++clock.own(role)};
    return memory.access(who, clock, writes, kRows, begin, bytes).has_value();
  }
  bool stores(int64_t cta, int64_t begin, int role = 1) {
    return races(cta, true, begin, 64, role);
  }
  bool loads(int64_t cta, int64_t begin, int role = 1) {
    return races(cta, false, begin, 64, role);
  }
  void arrive(int64_t cta, int64_t ticket, bool isLast) {
    memory.arrive({cta, 1, 0, 0}, kTickets, ticket, isLast);
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
  EXPECT_TRUE(races(1, true, 60, 8));
}

TEST_F(GridMemoryTest, ThreadsOfACtaMustHaveMet) {
  EXPECT_FALSE(stores(0, 0));
  EXPECT_TRUE(loads(0, 0));
  EXPECT_TRUE(loads(0, 0, 2));
  clock.synced(1) = clock.own(1);
  EXPECT_FALSE(loads(0, 0));
  EXPECT_FALSE(loads(0, 0, 2));
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
