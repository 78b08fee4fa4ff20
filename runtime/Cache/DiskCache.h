//===- DiskCache.h - Artefacts kept between processes -----------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A folder of checksummed files, one an entry, that many processes may use at
// once and any of them may be killed in at any instruction. A cache may always
// forget, so nothing here is an error for the caller: what goes wrong is
// logged, and the caller makes the artefact itself. What a lookup returns is
// byte for byte what was stored for that key.
//
// Readers take no lock: an entry appears whole, by rename, and never changes.
// Writers lock only to agree on what to evict.
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_RUNTIME_CACHE_DISKCACHE_H
#define PARALLAX_RUNTIME_CACHE_DISKCACHE_H

#include "runtime/Cache/CacheKey.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace parallax {

struct DiskCacheOptions {
  /// Created, readable by this user only, when something is first stored.
  /// What is read from it is run: it must be as trusted as the program. Empty:
  /// nothing is found or stored.
  std::string folder;

  /// The entries' sizes are kept below this.
  uint64_t capBytes = uint64_t(1) << 30;

  /// How long a store waits for another process before it gives up.
  std::chrono::milliseconds lockTimeout{1000};

  /// Temporary files older than this belong to writers that were killed.
  std::chrono::seconds temporaryAge{3600};

  /// Called from any thread with what was ignored and why.
  std::function<void(std::string_view message)> onLog;

  /// The steps of a store, in order; called after each, for fault tests.
  enum class Step { Created, HalfWritten, Written, Locked, Renamed };
  std::function<void(Step)> onStep;
};

class DiskCache {
public:
  explicit DiskCache(DiskCacheOptions options) : options(std::move(options)) {}

  /// What was stored for `key`, if it is there and intact. A damaged entry is
  /// deleted.
  std::optional<std::vector<uint8_t>> lookup(const CacheKey &key) const;

  /// Keeps `payload` for `key`, evicting what was used longest ago. Returns
  /// whether it was kept.
  bool store(const CacheKey &key, std::span<const uint8_t> payload) const;

private:
  void log(std::string_view message) const;
  void step(DiskCacheOptions::Step step) const;
  std::string path(std::string_view file) const;
  bool makeFolder() const;
  bool lockFolder(int descriptor) const;
  void tidy(const std::string &justStored) const;

  DiskCacheOptions options;
};

} // namespace parallax

#endif // PARALLAX_RUNTIME_CACHE_DISKCACHE_H
