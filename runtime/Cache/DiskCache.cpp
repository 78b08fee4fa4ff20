//===- DiskCache.cpp - Artefacts kept between processes -------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Cache/DiskCache.h"

#include "runtime/Cache/Entry.h"
#include "runtime/Cache/Files.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <ctime>
#include <thread>

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace parallax;

static constexpr std::string_view entrySuffix = ".entry";
static constexpr std::string_view temporaryPrefix = "parallax-tmp-";
static constexpr std::string_view lockName = "lock";
static constexpr size_t nameDigits = 32;

/// Whether a file of the folder is an entry. Only those are ever evicted, so
/// naming the wrong folder costs nobody their files.
static bool isEntry(std::string_view file) {
  return file.size() == nameDigits + entrySuffix.size() &&
         file.ends_with(entrySuffix) &&
         file.find_first_not_of("0123456789abcdef") == nameDigits;
}

static std::string entryFile(const CacheKey &key) {
  return key.name() + std::string(entrySuffix);
}

void DiskCache::log(std::string_view message) const {
  if (options.onLog)
    options.onLog(message);
}

void DiskCache::step(DiskCacheOptions::Step step) const {
  if (options.onStep)
    options.onStep(step);
}

std::string DiskCache::path(std::string_view file) const {
  return fmt::format("{}/{}", options.folder, file);
}

std::optional<std::vector<uint8_t>>
DiskCache::lookup(const CacheKey &key) const {
  if (options.folder.empty())
    return std::nullopt;
  std::string entry = path(entryFile(key));
  auto ignore = [&](std::string_view reason) {
    log(fmt::format("ignored cache entry {}: {}", entry, reason));
    return std::nullopt;
  };

  // A pipe planted here must not block us.
  Descriptor file(open(entry.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file) {
    if (errno == ENOENT)
      return std::nullopt;
    return ignore(describe(errno));
  }
  struct stat status;
  if (fstat(file.get(), &status) != 0)
    return ignore(describe(errno));
  if (!S_ISREG(status.st_mode))
    return ignore("expected a file");
  // Also bounds what a damaged file can make us allocate.
  if (static_cast<uint64_t>(status.st_size) > options.capBytes)
    return ignore(fmt::format("expected at most {} bytes, the cache's cap, got "
                              "{}",
                              options.capBytes, status.st_size));

  std::vector<uint8_t> bytes(status.st_size);
  if (!readAll(file.get(), bytes))
    return ignore(describe(errno));
  std::span<const uint8_t> payload;
  std::string reason;
  switch (readEntry(bytes, key.text(), payload, reason)) {
  case EntryState::Valid:
    break;
  case EntryState::Damaged:
    // If another process has just replaced it, its work is lost, no more.
    unlink(entry.c_str());
    return ignore(reason);
  case EntryState::AnotherVersion:
  case EntryState::AnotherKey:
    return ignore(reason);
  }

  // Eviction goes by this time. A read-only folder refuses, and evicts
  // nothing either.
  futimens(file.get(), nullptr);
  bytes.erase(bytes.begin(), bytes.end() - payload.size());
  return bytes;
}

/// Creates a folder and those above it.
bool DiskCache::makeFolder() const {
  const std::string &folder = options.folder;
  for (size_t end = 1; end <= folder.size(); ++end) {
    if (end != folder.size() && folder[end] != '/')
      continue;
    if (mkdir(folder.substr(0, end).c_str(), 0700) == 0)
      continue;
    // A folder above may be unwritable as long as it is there.
    int code = errno;
    struct stat status;
    if (stat(folder.substr(0, end).c_str(), &status) == 0 &&
        S_ISDIR(status.st_mode))
      continue;
    errno = code == EEXIST ? ENOTDIR : code;
    return false;
  }
  return true;
}

/// Tries until the time is up. The kernel drops the lock of a holder that
/// dies; one that hangs costs us the time-out.
bool DiskCache::lockFolder(int descriptor) const {
  using namespace std::chrono;
  auto deadline = steady_clock::now() + options.lockTimeout;
  nanoseconds pause = milliseconds(1);
  while (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR)
      return false;
    nanoseconds left = deadline - steady_clock::now();
    if (left <= nanoseconds(0)) {
      errno = ETIMEDOUT;
      return false;
    }
    std::this_thread::sleep_for(std::min(pause, left));
    pause = std::min<nanoseconds>(2 * pause, milliseconds(16));
  }
  return true;
}

/// Brings the entries below the cap, and removes what killed writers left.
void DiskCache::tidy(const std::string &justStored) const {
  struct Found {
    int64_t seconds;
    int64_t nanoseconds;
    std::string file;
    uint64_t size;
    auto operator<=>(const Found &) const = default;
  };
  DIR *folder = opendir(options.folder.c_str());
  if (!folder)
    return log(
        fmt::format("cannot list {}: {}", options.folder, describe(errno)));
  std::vector<Found> entries;
  uint64_t total = 0;
  while (dirent *item = readdir(folder)) {
    std::string file = item->d_name;
    bool temporary = file.starts_with(temporaryPrefix);
    struct stat status;
    if ((!temporary && !isEntry(file)) ||
        fstatat(dirfd(folder), item->d_name, &status, AT_SYMLINK_NOFOLLOW) !=
            0 ||
        !S_ISREG(status.st_mode))
      continue;
    if (!temporary) {
      total += status.st_size;
      if (file != justStored)
        entries.push_back({status.st_mtim.tv_sec, status.st_mtim.tv_nsec, file,
                           static_cast<uint64_t>(status.st_size)});
    } else if (time(nullptr) - status.st_mtim.tv_sec >
               options.temporaryAge.count()) {
      unlinkat(dirfd(folder), item->d_name, 0);
      log(fmt::format("removed {}, left by a writer that was killed",
                      path(file)));
    }
  }
  std::sort(entries.begin(), entries.end());
  for (const Found &entry : entries) {
    if (total <= options.capBytes)
      break;
    if (unlinkat(dirfd(folder), entry.file.c_str(), 0) == 0) {
      total -= entry.size;
      log(fmt::format("evicted {} to stay below {} bytes", path(entry.file),
                      options.capBytes));
    }
  }
  closedir(folder);
}

bool DiskCache::store(const CacheKey &key,
                      std::span<const uint8_t> payload) const {
  using Step = DiskCacheOptions::Step;
  if (options.folder.empty())
    return false;
  std::string entry = path(entryFile(key));
  auto giveUp = [&](std::string_view reason) {
    log(fmt::format("did not store cache entry {}: {}", entry, reason));
    return false;
  };

  std::vector<uint8_t> head = entryHead(key.text(), payload);
  if (head.size() + payload.size() > options.capBytes)
    return giveUp(fmt::format("expected at most {} bytes, the cache's cap, "
                              "got {}",
                              options.capBytes, head.size() + payload.size()));
  if (!makeFolder())
    return giveUp(describe(errno));

  TemporaryFile temporary{path(std::string(temporaryPrefix) + "XXXXXX")};
  Descriptor file(mkostemp(temporary.path.data(), O_CLOEXEC));
  if (!file) {
    temporary.kept = true; // There is none.
    return giveUp(describe(errno));
  }
  step(Step::Created);
  if (!writeAll(file.get(), head))
    return giveUp(describe(errno));
  step(Step::HalfWritten);
  // A file system may accept the bytes and fail to keep them.
  if (!writeAll(file.get(), payload) || fsync(file.get()) != 0)
    return giveUp(describe(errno));
  step(Step::Written);

  Descriptor lock(
      open(path(lockName).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock)
    return giveUp(
        fmt::format("cannot open {}: {}", path(lockName), describe(errno)));
  if (!lockFolder(lock.get()))
    return giveUp(
        fmt::format("cannot lock {}: {}", path(lockName), describe(errno)));
  Unlocker unlocker{lock.get()};
  step(Step::Locked);
  if (rename(temporary.path.c_str(), entry.c_str()) != 0)
    return giveUp(describe(errno));
  temporary.kept = true;
  step(Step::Renamed);
  tidy(entryFile(key));
  return true;
}
