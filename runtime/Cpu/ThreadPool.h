//===- ThreadPool.h - Threads that wait for work ----------------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_RUNTIME_CPU_THREADPOOL_H
#define PARALLAX_RUNTIME_CPU_THREADPOOL_H

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace parallax {

/// Threads that help whoever calls `run`. A call needs none of them to make
/// progress, so calls from many threads at once, or from a process that forked,
/// end whatever the helpers do.
class ThreadPool {
public:
  ThreadPool() = default;
  ~ThreadPool();
  ThreadPool(const ThreadPool &) = delete;
  ThreadPool &operator=(const ThreadPool &) = delete;

  /// The process's pool. It is never destroyed: its threads may outlive main.
  static ThreadPool &shared();

  /// Calls `body` once with each of 0 ... count - 1, starting them in this
  /// order, on the calling thread and up to `threads - 1` helpers; 0 threads
  /// are as many as the hardware has. Returns when all have returned. `body`
  /// may not throw, and may call `run`.
  void run(int64_t count, int threads,
           const std::function<void(int64_t)> &body);

private:
  struct Job;
  void help();
  void leave(Job &job);

  std::mutex mutex;
  std::condition_variable wake;
  std::deque<Job *> jobs; ///< Those that take more helpers.
  std::vector<std::thread> helpers;
  bool stops = false;
};

} // namespace parallax

#endif // PARALLAX_RUNTIME_CPU_THREADPOOL_H
