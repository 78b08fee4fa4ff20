//===- RaceTest.cpp - Tests of the race detector --------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Simulator/Race.h"

#include <gtest/gtest.h>

using namespace parallax::simulator;

namespace {

using Kind = Access::Kind;

struct RaceTest : testing::Test {
  RaceDetector races{4};
  Clock producer{3, 1}, first{3, 1}, second{3, 1};
  const Region all = {0, 4, 1, 0};

  std::optional<RaceDetector::Conflict> add(Kind kind, int role, Clock &clock,
                                            int64_t row = 0) {
    Access access;
    access.kind = kind;
    access.role = role;
    access.op = 0;
    access.epoch = ++clock.own(role);
    access.barrier = kind == Kind::TmaLoad ? 0 : -1;
    access.row = row;
    return races.add(access, all, clock);
  }
  /// The copy lands in phase `phase`, which both consumers wait for.
  void land(uint32_t phase) {
    races[races.last()].isDone = true;
    races[races.last()].phase = phase;
    first.phases(0) = second.phases(0) = phase + 1;
  }
  void meet(int role, Clock &clock) { clock.synced(role) = clock.own(role); }
};

} // namespace

TEST_F(RaceTest, AReadNeedsTheBarrierOfItsCopy) {
  EXPECT_FALSE(add(Kind::TmaLoad, 0, producer));
  EXPECT_EQ(add(Kind::Wgmma, 1, first)->kind, Report::Kind::ReadBeforeLanding);
  races[0].isDone = true;
  EXPECT_EQ(add(Kind::Wgmma, 1, first)->kind, Report::Kind::ReadBeforeLanding);
  first.phases(0) = 1;
  EXPECT_FALSE(add(Kind::Wgmma, 1, first));
  EXPECT_EQ(add(Kind::Wgmma, 2, second)->kind, Report::Kind::ReadBeforeLanding);
}

TEST_F(RaceTest, AnOverwriteNeedsEveryReadersRelease) {
  EXPECT_FALSE(add(Kind::TmaLoad, 0, producer));
  land(0);
  EXPECT_FALSE(add(Kind::Wgmma, 1, first));
  EXPECT_FALSE(add(Kind::Wgmma, 2, second));
  for (int32_t read : {1, 2}) {
    races[read].isDone = true;
    races[read].doneEpoch = 5;
  }
  first.own(1) = second.own(2) = 5;
  producer.join(first);
  RaceDetector copy = races;
  auto conflict = add(Kind::TmaLoad, 0, producer);
  ASSERT_TRUE(conflict);
  EXPECT_EQ(conflict->kind, Report::Kind::OverwriteBeforeRelease);
  EXPECT_EQ(conflict->other, 2);
  races = copy;
  producer.join(second);
  EXPECT_FALSE(add(Kind::TmaLoad, 0, producer));
}

TEST_F(RaceTest, APlainStoreNeedsFenceThenBarrier) {
  EXPECT_FALSE(add(Kind::Store, 1, first));
  EXPECT_EQ(add(Kind::TmaStore, 1, first)->kind,
            Report::Kind::ReadBeforeLanding);
  meet(1, first);
  EXPECT_EQ(add(Kind::TmaStore, 1, first)->kind,
            Report::Kind::MissingProxyFence);
  races.fence(1, ++first.own(1));
  EXPECT_EQ(add(Kind::TmaStore, 1, first)->kind,
            Report::Kind::MissingProxyFence)
      << "no barrier follows the fence";
  meet(1, first);
  EXPECT_FALSE(add(Kind::TmaStore, 1, first));
}

TEST_F(RaceTest, EqualZerosDoNotRace) {
  EXPECT_FALSE(add(Kind::TmaLoad, 0, producer));
  land(0);
  EXPECT_FALSE(add(Kind::Zero, 1, first, 5));
  races.fence(1, first.own(1));
  meet(1, first);
  EXPECT_FALSE(add(Kind::Wgmma, 1, first));
  // The other warpgroup does not know of it, and writes the same.
  EXPECT_FALSE(add(Kind::Zero, 2, second, 5));
  EXPECT_TRUE(add(Kind::Zero, 2, second, 3)) << "these are other rows";
}

TEST_F(RaceTest, AMessageIsPutThenGotThenPut) {
  EXPECT_FALSE(add(Kind::Store, 1, first));
  second.join(first);
  EXPECT_EQ(add(Kind::Load, 2, second)->kind, Report::Kind::ReadBeforeLanding)
      << "the threads that put have not met";
  meet(1, first);
  second.join(first);
  // Threads see the stores of threads without a fence.
  EXPECT_FALSE(add(Kind::Load, 2, second));
  first.join(second);
  RaceDetector copy = races;
  auto conflict = add(Kind::Store, 1, first);
  ASSERT_TRUE(conflict) << "the threads that got have not met";
  EXPECT_EQ(conflict->kind, Report::Kind::OverwriteBeforeRelease);
  races = copy;
  meet(2, second);
  first.join(second);
  EXPECT_FALSE(add(Kind::Store, 1, first));
}
