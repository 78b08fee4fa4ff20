//===- DiskCacheFaultTest.cpp - Damage, crashes, full disks, locks --------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/Unit/Cache/DiskCacheFixture.h"

#include <chrono>
#include <csignal>

#include <fcntl.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace parallax;
using Step = DiskCacheOptions::Step;

namespace {

class DiskCacheFaultTest : public DiskCacheFixture {
protected:
  /// Runs `body` in a child, which exits with what it returns; -signal if it
  /// was killed.
  template <typename Body> static int inChild(Body body) {
    return wait(start(body));
  }
  template <typename Body> static pid_t start(Body body) {
    pid_t child = fork();
    if (child == 0)
      _exit(body());
    return child;
  }
  static int wait(pid_t child) {
    int status = 0;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
  }

  /// A lookup of `bytes` in place of the entry of `a` finds nothing, says why
  /// and lets the entry be replaced.
  void expectIgnored(const Bytes &bytes) {
    write(entry(key("a")), bytes);
    logged.clear();
    ASSERT_EQ(cache().lookup(key("a")), std::nullopt);
    ASSERT_TRUE(saw("ignored cache entry"));
  }

  const Bytes payload = {1, 2, 3, 4, 5, 250, 251, 252};
};

} // namespace

TEST_F(DiskCacheFaultTest, ignoresAFlippedBit) {
  ASSERT_TRUE(cache().store(key("a"), payload));
  const Bytes good = read(entry(key("a")));
  for (size_t i = 0; i < good.size(); ++i)
    for (int mask : {0x01, 0x80, 0xff}) {
      Bytes bad = good;
      bad[i] ^= mask;
      ASSERT_NO_FATAL_FAILURE(expectIgnored(bad)) << i;
    }
  ASSERT_TRUE(cache().store(key("a"), payload));
  EXPECT_EQ(cache().lookup(key("a")), payload);
}

TEST_F(DiskCacheFaultTest, ignoresAnotherLength) {
  ASSERT_TRUE(cache().store(key("a"), payload));
  const Bytes good = read(entry(key("a")));
  for (size_t size = 0; size < good.size(); ++size) {
    ASSERT_NO_FATAL_FAILURE(
        expectIgnored(Bytes(good.begin(), good.begin() + size)))
        << size;
    EXPECT_FALSE(std::filesystem::exists(entry(key("a")))) << size;
  }
  Bytes longer = good;
  longer.push_back(0);
  expectIgnored(longer);
  // A tail of zeros is what a crash of the machine leaves.
  for (size_t size = 0; size < good.size(); ++size) {
    Bytes zeros(good.begin(), good.begin() + size);
    zeros.resize(good.size());
    if (zeros != good)
      ASSERT_NO_FATAL_FAILURE(expectIgnored(zeros)) << size;
  }
}

TEST_F(DiskCacheFaultTest, ignoresAnotherVersionAndLeavesIt) {
  ASSERT_TRUE(cache().store(key("a"), payload));
  Bytes other = read(entry(key("a")));
  ++other[8];
  expectIgnored(other);
  EXPECT_TRUE(saw("expected version 1, got 2"));
  EXPECT_EQ(read(entry(key("a"))), other);
  EXPECT_TRUE(cache().store(key("a"), payload));
  EXPECT_EQ(cache().lookup(key("a")), payload);
}

TEST_F(DiskCacheFaultTest, ignoresAnotherKeyOfTheSameName) {
  ASSERT_TRUE(cache().store(key("b"), payload));
  expectIgnored(read(entry(key("b"))));
  EXPECT_TRUE(saw("expected the key asked for"));
}

TEST_F(DiskCacheFaultTest, ignoresWhatIsNoFile) {
  ASSERT_TRUE(cache().store(key("a"), payload));
  std::filesystem::remove(entry(key("a")));
  ASSERT_EQ(mkfifo(entry(key("a")).c_str(), 0600), 0);
  EXPECT_EQ(cache().lookup(key("a")), std::nullopt);
  std::filesystem::remove(entry(key("a")));
  std::filesystem::create_directory(entry(key("a")));
  EXPECT_EQ(cache().lookup(key("a")), std::nullopt);
  EXPECT_FALSE(cache().store(key("a"), payload));
  EXPECT_EQ(count("tmp"), 0u);
}

TEST_F(DiskCacheFaultTest, doesNotReadMoreThanTheCap) {
  ASSERT_TRUE(cache().store(key("a"), payload));
  std::filesystem::resize_file(entry(key("a")), uint64_t(1) << 40);
  EXPECT_EQ(cache().lookup(key("a")), std::nullopt);
  EXPECT_TRUE(saw("expected at most"));
  EXPECT_TRUE(cache().store(key("a"), payload));
  EXPECT_EQ(cache().lookup(key("a")), payload);
}

TEST_F(DiskCacheFaultTest, survivesAKilledWriter) {
  const Bytes old = {9};
  for (Step fatal : {Step::Created, Step::HalfWritten, Step::Written,
                     Step::Locked, Step::Renamed}) {
    ASSERT_TRUE(cache().store(key("a"), old));
    int status = inChild([&] {
      options.onStep = [&](Step step) {
        if (step == fatal)
          raise(SIGKILL);
      };
      return cache().store(key("a"), payload);
    });
    ASSERT_EQ(status, -SIGKILL);
    EXPECT_EQ(cache().lookup(key("a")), fatal == Step::Renamed ? payload : old);
    // The lock went with its holder.
    EXPECT_TRUE(cache().store(key("b"), payload));
  }
  EXPECT_EQ(count("tmp"), 4u);
  options.temporaryAge = std::chrono::seconds(-1);
  EXPECT_TRUE(cache().store(key("b"), payload));
  EXPECT_EQ(count("tmp"), 0u);
}

TEST_F(DiskCacheFaultTest, thirtyTwoProcessesShareOneFolder) {
  // The cap holds about half of the entries, so all evict as well.
  constexpr int keys = 12, size = 20'000;
  options.capBytes = keys * size / 2;
  options.lockTimeout = std::chrono::seconds(10);
  auto contents = [](int i) {
    Bytes bytes(size);
    for (int j = 0; j < size; ++j)
      bytes[j] = (i + 1) * (j + 7) >> 2;
    return bytes;
  };
  std::vector<pid_t> children;
  children.reserve(32);
  for (int process = 0; process < 32; ++process)
    children.push_back(start([&] {
      int hits = 0, stores = 0;
      for (int i = 0; i < 10; ++i) {
        int which = (process * 5 + i * 7) % keys;
        if (auto found = cache().lookup(key(std::to_string(which)))) {
          if (*found != contents(which))
            return 1;
          ++hits;
        } else {
          stores += cache().store(key(std::to_string(which)), contents(which));
        }
      }
      return hits + stores == 10 ? 0 : 2;
    }));
  for (pid_t child : children)
    EXPECT_EQ(wait(child), 0);
  uint64_t total = 0;
  for (const auto &item : std::filesystem::directory_iterator(options.folder))
    total += item.file_size();
  EXPECT_LE(total, options.capBytes);
  EXPECT_GE(count(".entry"), 4u);
  EXPECT_EQ(count("tmp"), 0u);
}

TEST_F(DiskCacheFaultTest, goesOnUnderAFolderThatIsAFile) {
  write(root / "file", {1});
  for (const auto &folder : {root / "file", root / "file" / "cache"}) {
    options.folder = folder;
    logged.clear();
    EXPECT_FALSE(cache().store(key("a"), payload));
    EXPECT_EQ(cache().lookup(key("a")), std::nullopt);
    EXPECT_TRUE(saw("did not store")) << logged;
    EXPECT_TRUE(saw("Not a directory")) << logged;
  }
}

TEST_F(DiskCacheFaultTest, readsAReadOnlyFolder) {
  ASSERT_TRUE(cache().store(key("a"), payload));
  int status = inChild([&] {
    // Modes do not stop root, a read-only mount does; both for either user.
    chmod(options.folder.c_str(), 0500);
    const char *folder = options.folder.c_str();
    bool mounted =
        unshare(CLONE_NEWNS) == 0 &&
        mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
        mount(folder, folder, nullptr, MS_BIND, nullptr) == 0 &&
        mount(nullptr, folder, nullptr, MS_BIND | MS_REMOUNT | MS_RDONLY,
              nullptr) == 0;
    if (!mounted && geteuid() == 0)
      return 77;
    if (cache().lookup(key("a")) != payload)
      return 1;
    if (cache().store(key("b"), payload) || !saw("did not store"))
      return 2;
    return cache().lookup(key("b")) ? 3 : 0;
  });
  chmod(options.folder.c_str(), 0700);
  if (status == 77)
    GTEST_SKIP() << "root may not mount here, and ignores modes";
  EXPECT_EQ(status, 0);
}

TEST_F(DiskCacheFaultTest, goesOnOnAFullDisk) {
  ASSERT_TRUE(cache().store(key("a"), payload));
  int status = inChild([&] {
    signal(SIGXFSZ, SIG_IGN);
    rlimit limit{1000, 1000};
    setrlimit(RLIMIT_FSIZE, &limit);
    if (cache().store(key("b"), Bytes(5000)) || !saw("did not store"))
      return 1;
    if (count("tmp") != 0 || cache().lookup(key("b")))
      return 2;
    return cache().lookup(key("a")) == payload ? 0 : 3;
  });
  EXPECT_EQ(status, 0);
}

TEST_F(DiskCacheFaultTest, goesOnWithoutSpace) {
  int status = inChild([&] {
    std::filesystem::create_directory(options.folder);
    if (unshare(CLONE_NEWNS) != 0 ||
        mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        mount("none", options.folder.c_str(), "tmpfs", 0, "size=64k") != 0)
      return 77;
    int stored = 0;
    for (int i = 0; i < 10; ++i)
      stored += cache().store(key(std::to_string(i)), Bytes(20'000, i));
    if (stored == 0 || stored > 3 || !saw("No space left on device"))
      return 1;
    for (int i = 0; i < 10; ++i)
      if (auto found = cache().lookup(key(std::to_string(i))))
        if (--stored, *found != Bytes(20'000, i))
          return 2;
    return stored == 0 && count("tmp") == 0 ? 0 : 3;
  });
  if (status == 77)
    GTEST_SKIP() << "this user may not mount";
  EXPECT_EQ(status, 0);
}

TEST_F(DiskCacheFaultTest, givesUpOnAHeldLock) {
  ASSERT_TRUE(cache().store(key("a"), payload));
  auto lock = std::filesystem::path(options.folder) / "lock";
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  pid_t holder = start([&] {
    int file = open(lock.c_str(), O_RDWR);
    flock(file, LOCK_EX);
    [[maybe_unused]] auto told = ::write(ready[1], "x", 1);
    pause();
    return 0;
  });
  char byte;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);

  options.lockTimeout = std::chrono::milliseconds(100);
  auto begin = std::chrono::steady_clock::now();
  EXPECT_FALSE(cache().store(key("b"), payload));
  auto waited = std::chrono::steady_clock::now() - begin;
  EXPECT_GE(waited, std::chrono::milliseconds(100));
  EXPECT_LT(waited, std::chrono::seconds(5));
  EXPECT_TRUE(saw("cannot lock")) << logged;
  EXPECT_EQ(count("tmp"), 0u);
  // Readers need no lock.
  EXPECT_EQ(cache().lookup(key("a")), payload);

  kill(holder, SIGKILL);
  EXPECT_EQ(wait(holder), -SIGKILL);
  EXPECT_TRUE(cache().store(key("b"), payload));
  close(ready[0]);
  close(ready[1]);
}

TEST_F(DiskCacheFaultTest, doesNotLeaveTheLockWithAChild) {
  pid_t child = -1;
  options.onStep = [&](Step step) {
    if (step == Step::Locked)
      child = start([] {
        pause();
        return 0;
      });
  };
  EXPECT_TRUE(cache().store(key("a"), payload));
  options.onStep = nullptr;
  options.lockTimeout = std::chrono::milliseconds(200);
  EXPECT_TRUE(cache().store(key("b"), payload)) << logged;
  kill(child, SIGKILL);
  EXPECT_EQ(wait(child), -SIGKILL);
}

TEST_F(DiskCacheFaultTest, survivesALostFolder) {
  DiskCache kept = cache();
  ASSERT_TRUE(kept.store(key("a"), payload));
  std::filesystem::remove_all(options.folder);
  EXPECT_EQ(kept.lookup(key("a")), std::nullopt);
  EXPECT_TRUE(kept.store(key("a"), payload));
  EXPECT_EQ(kept.lookup(key("a")), payload);
}
