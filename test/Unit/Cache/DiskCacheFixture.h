//===- DiskCacheFixture.h - A folder, its cache and its log -----*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_TEST_UNIT_CACHE_DISKCACHEFIXTURE_H
#define PARALLAX_TEST_UNIT_CACHE_DISKCACHEFIXTURE_H

#include "runtime/Cache/DiskCache.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <mutex>
#include <string>
#include <vector>

namespace parallax {

using Bytes = std::vector<uint8_t>;

class DiskCacheFixture : public testing::Test {
protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "parallax-cache-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    root = pattern;
    options.folder = root / "cache";
    options.onLog = [this](std::string_view message) {
      std::lock_guard lock(logMutex);
      logged += message;
      logged += '\n';
    };
  }
  void TearDown() override { std::filesystem::remove_all(root); }

  DiskCache cache() const { return DiskCache(options); }

  static CacheKey key(std::string value) {
    return CacheKey({{"kernel", std::move(value)}});
  }
  std::filesystem::path entry(const CacheKey &key) const {
    return std::filesystem::path(options.folder) / (key.name() + ".entry");
  }

  static Bytes read(const std::filesystem::path &path) {
    std::ifstream file(path, std::ios::binary);
    return Bytes(std::istreambuf_iterator<char>(file), {});
  }
  static void write(const std::filesystem::path &path, const Bytes &bytes) {
    std::ofstream file(path, std::ios::binary);
    file.write(reinterpret_cast<const char *>(bytes.data()), bytes.size());
  }

  /// Files of the folder whose name holds `part`.
  size_t count(std::string_view part) const {
    size_t found = 0;
    for (const auto &item : std::filesystem::directory_iterator(options.folder))
      found += item.path().filename().string().find(part) != std::string::npos;
    return found;
  }

  bool saw(std::string_view text) const {
    return logged.find(text) != std::string::npos;
  }

  std::filesystem::path root;
  DiskCacheOptions options;
  std::mutex logMutex;
  std::string logged;
};

} // namespace parallax

#endif // PARALLAX_TEST_UNIT_CACHE_DISKCACHEFIXTURE_H
