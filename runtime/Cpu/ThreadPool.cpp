//===- ThreadPool.cpp - Threads that wait for work ------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A job is an atomic counter that its caller and its helpers draw from. It
// stands in the queue while it takes helpers; the caller takes it out when the
// counter is exhausted, and waits for the helpers that joined.
//
//===----------------------------------------------------------------------===//

#include "runtime/Cpu/ThreadPool.h"

#include <algorithm>
#include <atomic>

using namespace parallax;

struct ThreadPool::Job {
  const std::function<void(int64_t)> &body;
  int64_t count;
  std::atomic<int64_t> next = 0;

  // Under the pool's mutex.
  int64_t wanted; ///< Helpers that may still join.
  int64_t active = 0;
  std::condition_variable done;

  Job(const std::function<void(int64_t)> &body, int64_t count, int64_t wanted)
      : body(body), count(count), wanted(wanted) {}

  void work() {
    for (int64_t i; (i = next.fetch_add(1, std::memory_order_relaxed)) < count;)
      body(i);
  }
};

ThreadPool::~ThreadPool() {
  {
    std::lock_guard lock(mutex);
    stops = true;
  }
  wake.notify_all();
  for (std::thread &helper : helpers)
    helper.join();
}

ThreadPool &ThreadPool::shared() {
  static ThreadPool *pool = new ThreadPool;
  return *pool;
}

void ThreadPool::leave(Job &job) {
  auto it = std::find(jobs.begin(), jobs.end(), &job);
  if (it != jobs.end())
    jobs.erase(it);
}

void ThreadPool::help() {
  std::unique_lock lock(mutex);
  while (true) {
    wake.wait(lock, [&] { return stops || !jobs.empty(); });
    if (stops)
      return;
    Job &job = *jobs.front();
    ++job.active;
    if (--job.wanted == 0)
      jobs.pop_front();
    lock.unlock();
    job.work();
    lock.lock();
    // The counter is exhausted: nobody else needs to join.
    leave(job);
    if (--job.active == 0)
      job.done.notify_one();
  }
}

void ThreadPool::run(int64_t count, int threads,
                     const std::function<void(int64_t)> &body) {
  constexpr int64_t maxThreads = 1024;
  int64_t wanted =
      threads > 0 ? threads
                  : std::max<int64_t>(std::thread::hardware_concurrency(), 1);
  wanted = std::min({wanted, count, maxThreads}) - 1;
  Job job(body, count, wanted);
  if (wanted <= 0) {
    job.work();
    return;
  }
  {
    std::lock_guard lock(mutex);
    while (static_cast<int64_t>(helpers.size()) < wanted)
      helpers.emplace_back([this] { help(); });
    jobs.push_back(&job);
  }
  wake.notify_all();
  job.work();
  std::unique_lock lock(mutex);
  leave(job);
  job.done.wait(lock, [&] { return job.active == 0; });
}
