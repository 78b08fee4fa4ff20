//===- Files.h - Descriptors of files, and all of their bytes ---*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_RUNTIME_CACHE_FILES_H
#define PARALLAX_RUNTIME_CACHE_FILES_H

#include <cerrno>
#include <cstdint>
#include <span>
#include <string>
#include <system_error>

#include <sys/file.h>
#include <unistd.h>

namespace parallax {

/// Closes what it holds.
class Descriptor {
public:
  explicit Descriptor(int value) : value(value) {}
  Descriptor(const Descriptor &) = delete;
  Descriptor &operator=(const Descriptor &) = delete;
  ~Descriptor() {
    if (value >= 0)
      close(value);
  }
  explicit operator bool() const { return value >= 0; }
  int get() const { return value; }

private:
  int value;
};

/// Deletes a temporary file unless it became an entry.
struct TemporaryFile {
  std::string path;
  bool kept = false;
  ~TemporaryFile() {
    if (!kept)
      unlink(path.c_str());
  }
};

/// Unlocks explicitly: closing would leave the lock with a child that was
/// forked meanwhile.
struct Unlocker {
  int descriptor;
  ~Unlocker() { flock(descriptor, LOCK_UN); }
};

/// What errno says.
inline std::string describe(int code) {
  return std::generic_category().message(code);
}

/// False, with errno, unless all of `out` was read.
inline bool readAll(int descriptor, std::span<uint8_t> out) {
  while (!out.empty()) {
    ssize_t got = read(descriptor, out.data(), out.size());
    if (got < 0 && errno == EINTR)
      continue;
    if (got == 0)
      errno = EIO; // Shorter than it said.
    if (got <= 0)
      return false;
    out = out.subspan(got);
  }
  return true;
}

inline bool writeAll(int descriptor, std::span<const uint8_t> in) {
  while (!in.empty()) {
    ssize_t put = write(descriptor, in.data(), in.size());
    if (put < 0 && errno == EINTR)
      continue;
    if (put <= 0)
      return false;
    in = in.subspan(put);
  }
  return true;
}

} // namespace parallax

#endif // PARALLAX_RUNTIME_CACHE_FILES_H
