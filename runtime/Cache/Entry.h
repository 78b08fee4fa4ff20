//===- Entry.h - The file format of the disk cache --------------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   offset  size
//        0     8  "PLXCACHE"
//        8     4  format version
//       12     4  length of the key text, k
//       16     8  length of the payload, p
//       24    16  XXH3-128 of bytes 0 to 23, the key text and the payload
//       40     k  key text
//   40 + k     p  payload
//
// Integers are little-endian. Nothing follows the payload.
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_RUNTIME_CACHE_ENTRY_H
#define PARALLAX_RUNTIME_CACHE_ENTRY_H

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace parallax {

inline constexpr uint32_t kEntryVersion = 1;

/// What reading an entry found.
enum class EntryState {
  Valid,
  Damaged,        ///< No prefix of it can be trusted: delete it.
  AnotherVersion, ///< Written by another release, whose it stays.
  AnotherKey,     ///< Intact, but two keys share the name.
};

/// The bytes of an entry in front of its payload.
std::vector<uint8_t> entryHead(std::string_view key,
                               std::span<const uint8_t> payload);

/// What the bytes of a file are. If they are a valid entry of `key`,
/// `payload` is where its payload lies in them, else `reason` says why not.
EntryState readEntry(std::span<const uint8_t> bytes, std::string_view key,
                     std::span<const uint8_t> &payload, std::string &reason);

} // namespace parallax

#endif // PARALLAX_RUNTIME_CACHE_ENTRY_H
