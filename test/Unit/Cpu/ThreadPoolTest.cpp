//===- ThreadPoolTest.cpp - Threads that wait for work --------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Cpu/ThreadPool.h"

#include "gtest/gtest.h"

#include <atomic>
#include <barrier>
#include <memory>
#include <set>

using namespace parallax;

namespace {

/// Runs `count` and expects each index once.
void expectEachOnce(ThreadPool &pool, int64_t count, int threads) {
  auto seen = std::make_unique<std::atomic<int>[]>(count);
  pool.run(count, threads, [&](int64_t i) { ++seen[i]; });
  for (int64_t i = 0; i < count; ++i)
    ASSERT_EQ(seen[i], 1) << i;
}

} // namespace

TEST(ThreadPool, RunsEachIndexOnce) {
  ThreadPool pool;
  for (int threads : {0, 1, 2, 7})
    for (int64_t count : {0, 1, 2, 5, 1000})
      expectEachOnce(pool, count, threads);
}

TEST(ThreadPool, OneThreadIsTheCaller) {
  ThreadPool pool;
  pool.run(10, 1, [caller = std::this_thread::get_id()](int64_t) {
    EXPECT_EQ(std::this_thread::get_id(), caller);
  });
}

TEST(ThreadPool, UsesAsManyThreadsAsAreWanted) {
  ThreadPool pool;
  std::barrier all(4); // Passed only if four threads are in it at once.
  std::mutex mutex;
  std::set<std::thread::id> threads;
  pool.run(4, 4, [&](int64_t) {
    all.arrive_and_wait();
    std::lock_guard lock(mutex);
    threads.insert(std::this_thread::get_id());
  });
  EXPECT_EQ(threads.size(), 4u);
}

TEST(ThreadPool, StartsInOrderOnOneThread) {
  ThreadPool pool;
  int64_t next = 0;
  pool.run(100, 1, [&](int64_t i) { EXPECT_EQ(i, next++); });
}

TEST(ThreadPool, ServesManyCallers) {
  ThreadPool pool;
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 8; ++caller)
    callers.emplace_back([&] {
      for (int repeat = 0; repeat < 200; ++repeat)
        expectEachOnce(pool, 1 + repeat % 17, 3);
    });
  for (std::thread &caller : callers)
    caller.join();
}

TEST(ThreadPool, NestsCalls) {
  ThreadPool pool;
  std::atomic<int> calls = 0;
  pool.run(6, 3, [&](int64_t) { pool.run(5, 3, [&](int64_t) { ++calls; }); });
  EXPECT_EQ(calls, 30);
}
