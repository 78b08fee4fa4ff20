//===- MemoryCache.h - Shared values, each created once ---------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A least-recently-used cache whose values are created on demand. However many
// threads ask for a key, one creates it and the others wait for what it gets:
// a single flight. No lock is held while a value is created or destroyed, so
// creating one may use the cache, the compiler and the driver.
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_RUNTIME_CACHE_MEMORYCACHE_H
#define PARALLAX_RUNTIME_CACHE_MEMORYCACHE_H

#include "parallax/Result.h"

#include <cassert>
#include <condition_variable>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <utility>

namespace parallax {

template <typename T> class MemoryCache {
public:
  using Pointer = std::shared_ptr<const T>;

  /// Keeps at most `maxEntries` values. A value that is dropped lives on for
  /// those who hold it. Values in the making do not count.
  explicit MemoryCache(size_t maxEntries) : maxEntries(maxEntries) {}
  MemoryCache(const MemoryCache &) = delete;
  MemoryCache &operator=(const MemoryCache &) = delete;

  /// The value of `key`, or null.
  Pointer lookup(std::string_view key) {
    std::lock_guard lock(mutex);
    return touch(key);
  }

  /// The value of `key`, from `create() -> Result<Pointer>` (never null) if
  /// there is none. An error goes to everyone who waited for this flight and
  /// is not kept: the next call tries again. `create` may ask for other keys;
  /// if it asks, through whichever threads of this cache, for what waits for
  /// it, the call that closes the circle is refused.
  template <typename Create>
  Result<Pointer> getOrCreate(std::string_view key, Create &&create) {
    std::unique_lock lock(mutex);
    if (Pointer found = touch(key))
      return found;

    std::string name(key);
    if (auto it = flights.find(name); it != flights.end()) {
      std::shared_ptr<Flight> flight = it->second;
      if (waitsForThisThread(*flight))
        return Error{ErrorCode::InvalidArgument,
                     "expected the creation of a cached value not to depend "
                     "on itself, got a circle through: " +
                         name};
      waiting[std::this_thread::get_id()] = flight.get();
      flight->landed.wait(lock, [&] { return flight->outcome.has_value(); });
      waiting.erase(std::this_thread::get_id());
      return *flight->outcome;
    }

    auto flight = std::make_shared<Flight>();
    flights.emplace(name, flight);
    lock.unlock();
    Landing landing{*this, name, *flight,
                    Error{ErrorCode::CompileFailed,
                          "expected a cached value, got an exception in "
                          "another thread that was creating it"}};
    landing.outcome = std::forward<Create>(create)();
    return landing.outcome;
  }

  size_t size() {
    std::lock_guard lock(mutex);
    return index.size();
  }

  void clear() {
    std::list<Entry> dropped; // Destroyed after the lock is released.
    std::lock_guard lock(mutex);
    index.clear();
    dropped.swap(entries);
  }

private:
  struct Entry {
    std::string key;
    Pointer value;
  };

  struct Flight {
    std::thread::id owner = std::this_thread::get_id();
    std::condition_variable landed;
    std::optional<Result<Pointer>> outcome;
  };

  /// Ends a flight, also when `create` unwinds (our code does not throw, the
  /// callbacks it runs may): nobody waits for ever.
  struct Landing {
    MemoryCache &cache;
    const std::string &key;
    Flight &flight;
    Result<Pointer> outcome;
    ~Landing() { cache.land(key, flight, outcome); }
  };

  Pointer touch(std::string_view key) {
    auto it = index.find(key);
    if (it == index.end())
      return nullptr;
    entries.splice(entries.begin(), entries, it->second);
    return it->second->value;
  }

  /// Follows who waits for whom; called with the lock held.
  bool waitsForThisThread(const Flight &flight) const {
    const Flight *next = &flight;
    while (true) {
      if (next->owner == std::this_thread::get_id())
        return true;
      auto it = waiting.find(next->owner);
      // A landed flight is waited for no longer, its waiter only has not
      // woken up yet.
      if (it == waiting.end() || it->second->outcome)
        return false;
      next = it->second;
    }
  }

  void land(const std::string &key, Flight &flight,
            const Result<Pointer> &outcome) {
    std::list<Entry> dropped; // Destroyed after the lock is released.
    std::lock_guard lock(mutex);
    flight.outcome = outcome;
    flight.landed.notify_all();
    if (outcome) {
      assert(*outcome && "expected a value or an error, got null");
      entries.push_front({key, *outcome});
      index.emplace(entries.front().key, entries.begin());
    }
    while (entries.size() > maxEntries) {
      index.erase(entries.back().key);
      dropped.splice(dropped.end(), entries, std::prev(entries.end()));
    }
    flights.erase(key);
  }

  std::mutex mutex;
  const size_t maxEntries;
  std::list<Entry> entries; ///< Most recently used first.
  std::unordered_map<std::string_view, typename std::list<Entry>::iterator>
      index;
  std::unordered_map<std::string, std::shared_ptr<Flight>> flights;
  std::unordered_map<std::thread::id, const Flight *> waiting;
};

} // namespace parallax

#endif // PARALLAX_RUNTIME_CACHE_MEMORYCACHE_H
