//===- MemoryCacheTest.cpp - Eviction and single flight -------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Cache/MemoryCache.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <latch>
#include <stdexcept>
#include <thread>
#include <vector>

using namespace parallax;
using namespace std::chrono_literals;

using IntCache = MemoryCache<int>;

static auto make(int value) {
  return [=]() -> Result<IntCache::Pointer> {
    return std::make_shared<const int>(value);
  };
}

static auto fail(std::string message) {
  return [=]() -> Result<IntCache::Pointer> {
    return Error{ErrorCode::CompileFailed, message};
  };
}

TEST(MemoryCache, createsOnce) {
  IntCache cache(4);
  EXPECT_EQ(cache.lookup("a"), nullptr);
  auto first = cache.getOrCreate("a", make(1));
  auto second = cache.getOrCreate("a", make(2));
  ASSERT_TRUE(first && second);
  EXPECT_EQ(*first, *second);
  EXPECT_EQ(cache.lookup("a"), *first);
}

TEST(MemoryCache, dropsTheLeastRecentlyUsed) {
  IntCache cache(3);
  for (std::string key : {"a", "b", "c"})
    ASSERT_TRUE(cache.getOrCreate(key, make(1)));
  ASSERT_NE(cache.lookup("a"), nullptr);
  ASSERT_TRUE(cache.getOrCreate("b", fail("is there")));
  ASSERT_TRUE(cache.getOrCreate("d", make(1)));
  EXPECT_EQ(cache.size(), 3u);
  EXPECT_EQ(cache.lookup("c"), nullptr);
  for (std::string key : {"a", "b", "d"})
    EXPECT_NE(cache.lookup(key), nullptr) << key;
}

TEST(MemoryCache, droppedValuesLiveOn) {
  IntCache cache(1);
  auto held = cache.getOrCreate("a", make(7));
  ASSERT_TRUE(cache.getOrCreate("b", make(8)));
  EXPECT_EQ(cache.lookup("a"), nullptr);
  EXPECT_EQ(**held, 7);
  cache.clear();
  EXPECT_EQ(cache.size(), 0u);
}

TEST(MemoryCache, keepsNothingUnderACapOfZero) {
  IntCache cache(0);
  auto value = cache.getOrCreate("a", make(7));
  EXPECT_EQ(**value, 7);
  EXPECT_EQ(cache.size(), 0u);
}

TEST(MemoryCache, destroysWithoutTheLock) {
  struct Probe {
    MemoryCache<Probe> *cache;
    ~Probe() { cache->lookup("x"); } // Deadlocks if the lock is held.
  };
  MemoryCache<Probe> cache(1);
  auto make = [&]() -> Result<std::shared_ptr<const Probe>> {
    return std::make_shared<const Probe>(&cache);
  };
  for (std::string key : {"a", "b", "c"})
    ASSERT_TRUE(cache.getOrCreate(key, make));
  cache.clear();
}

TEST(MemoryCache, oneFlightForSixteenThreads) {
  IntCache cache(100);
  for (int round = 0; round < 20; ++round) {
    std::atomic<int> calls = 0;
    std::latch start(16);
    std::vector<IntCache::Pointer> values(16);
    std::vector<std::thread> threads;
    threads.reserve(16);
    for (int i = 0; i < 16; ++i)
      threads.emplace_back([&, i] {
        start.arrive_and_wait();
        values[i] = *cache.getOrCreate(std::to_string(round), [&] {
          ++calls;
          std::this_thread::sleep_for(2ms);
          return make(round)();
        });
      });
    for (std::thread &thread : threads)
      thread.join();
    EXPECT_EQ(calls, 1);
    for (const IntCache::Pointer &value : values)
      EXPECT_EQ(value, values[0]);
  }
}

TEST(MemoryCache, differentKeysDoNotWait) {
  IntCache cache(100);
  // Each creation ends only when all have begun.
  std::latch together(8);
  std::vector<std::thread> threads;
  threads.reserve(8);
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&, i] {
      EXPECT_TRUE(cache.getOrCreate(std::to_string(i), [&] {
        together.arrive_and_wait();
        return make(i)();
      }));
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(cache.size(), 8u);
}

TEST(MemoryCache, errorsReachAllWaitersAndAreNotKept) {
  IntCache cache(4);
  std::atomic<int> calls = 0, errors = 0, entered = 0;
  std::vector<std::thread> threads;
  threads.reserve(16);
  for (int i = 0; i < 16; ++i)
    threads.emplace_back([&] {
      ++entered;
      auto value = cache.getOrCreate("a", [&] {
        ++calls;
        while (entered < 16)
          std::this_thread::yield();
        std::this_thread::sleep_for(50ms);
        return fail("expected a kernel, got none")();
      });
      if (!value && value.error().message == "expected a kernel, got none")
        ++errors;
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(errors, 16);
  EXPECT_LT(calls, 16); // One, unless a thread slept through the flight.
  auto retried = cache.getOrCreate("a", make(5));
  ASSERT_TRUE(retried);
  EXPECT_EQ(**retried, 5);
}

TEST(MemoryCache, creationMayAskForAnotherKey) {
  IntCache cache(4);
  auto outer = cache.getOrCreate("outer", [&]() -> Result<IntCache::Pointer> {
    auto inner = cache.getOrCreate("inner", make(20));
    return std::make_shared<const int>(**inner + 1);
  });
  ASSERT_TRUE(outer);
  EXPECT_EQ(**outer, 21);
  EXPECT_EQ(cache.size(), 2u);
}

TEST(MemoryCache, refusesACircleInOneThread) {
  IntCache cache(4);
  auto value =
      cache.getOrCreate("a", [&] { return cache.getOrCreate("a", make(1)); });
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().code, ErrorCode::InvalidArgument);
  EXPECT_NE(value.error().message.find("circle"), std::string::npos);
  EXPECT_TRUE(cache.getOrCreate("a", make(1)));
}

TEST(MemoryCache, refusesACircleThroughTwoThreads) {
  IntCache cache(4);
  std::latch both(2);
  auto ask = [&](std::string mine, std::string theirs) {
    return cache.getOrCreate(mine, [&, theirs] {
      both.arrive_and_wait();
      return cache.getOrCreate(theirs, make(1));
    });
  };
  bool other = true;
  std::thread thread([&] { other = bool(ask("b", "a")); });
  bool mine = bool(ask("a", "b"));
  thread.join();
  // Which of the two closes the circle is a race; the error ends both.
  EXPECT_FALSE(mine);
  EXPECT_FALSE(other);
  EXPECT_EQ(cache.size(), 0u);
}

TEST(MemoryCache, anExceptionEndsTheFlight) {
  IntCache cache(4);
  std::atomic<bool> flying = false;
  std::thread thread([&] {
    EXPECT_THROW((void)cache.getOrCreate("a",
                                         [&]() -> Result<IntCache::Pointer> {
                                           flying = true;
                                           std::this_thread::sleep_for(50ms);
                                           throw std::runtime_error("callback");
                                         }),
                 std::runtime_error);
  });
  while (!flying)
    std::this_thread::yield();
  auto waited = cache.getOrCreate("a", make(1));
  thread.join();
  if (!waited)
    EXPECT_NE(waited.error().message.find("exception"), std::string::npos);
  EXPECT_TRUE(cache.getOrCreate("a", make(1)));
}
