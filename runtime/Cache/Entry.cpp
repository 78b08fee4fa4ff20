//===- Entry.cpp - The file format of the disk cache ----------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Cache/Entry.h"

#include "runtime/Cache/Hash.h"

#include <fmt/format.h>

#include <algorithm>

using namespace parallax;

static constexpr std::string_view magic = "PLXCACHE";
static constexpr size_t versionOffset = 8;
static constexpr size_t keyLengthOffset = 12;
static constexpr size_t payloadLengthOffset = 16;
static constexpr size_t checksumOffset = 24;
static constexpr size_t headSize = checksumOffset + sizeof(Hash128);

static std::span<const uint8_t> asBytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t *>(text.data()), text.size()};
}

template <typename T> static void writeInteger(uint8_t *out, T value) {
  for (size_t i = 0; i < sizeof(T); ++i)
    out[i] = static_cast<uint8_t>(value >> (8 * i));
}

template <typename T> static T readInteger(const uint8_t *in) {
  T value = 0;
  for (size_t i = 0; i < sizeof(T); ++i)
    value |= static_cast<T>(in[i]) << (8 * i);
  return value;
}

std::vector<uint8_t> parallax::entryHead(std::string_view key,
                                         std::span<const uint8_t> payload) {
  std::vector<uint8_t> head(headSize);
  std::copy(magic.begin(), magic.end(), head.begin());
  writeInteger<uint32_t>(&head[versionOffset], kEntryVersion);
  writeInteger<uint32_t>(&head[keyLengthOffset], key.size());
  writeInteger<uint64_t>(&head[payloadLengthOffset], payload.size());
  Hash128 checksum =
      hash128({std::span(head).first(checksumOffset), asBytes(key), payload});
  std::copy(checksum.begin(), checksum.end(), head.begin() + checksumOffset);
  head.insert(head.end(), key.begin(), key.end());
  return head;
}

EntryState parallax::readEntry(std::span<const uint8_t> bytes,
                               std::string_view key,
                               std::span<const uint8_t> &payload,
                               std::string &reason) {
  if (bytes.size() < headSize) {
    reason = fmt::format("expected at least {} bytes, got {}", headSize,
                         bytes.size());
    return EntryState::Damaged;
  }
  if (!std::equal(magic.begin(), magic.end(), bytes.begin())) {
    reason = fmt::format("expected it to start with {}", magic);
    return EntryState::Damaged;
  }
  // Nothing after the version may be looked at before it is known.
  auto version = readInteger<uint32_t>(&bytes[versionOffset]);
  if (version != kEntryVersion) {
    reason = fmt::format("expected version {}, got {}", kEntryVersion, version);
    return EntryState::AnotherVersion;
  }
  uint64_t keyLength = readInteger<uint32_t>(&bytes[keyLengthOffset]);
  auto payloadLength = readInteger<uint64_t>(&bytes[payloadLengthOffset]);
  std::span<const uint8_t> rest = bytes.subspan(headSize);
  if (keyLength > rest.size() || payloadLength != rest.size() - keyLength) {
    reason = fmt::format("expected {} + {} + {} bytes, got {}", headSize,
                         keyLength, payloadLength, bytes.size());
    return EntryState::Damaged;
  }
  Hash128 expected = hash128({bytes.first(checksumOffset), rest});
  Hash128 found;
  std::copy_n(&bytes[checksumOffset], found.size(), found.begin());
  if (found != expected) {
    reason = fmt::format("expected checksum {}, got {}", toHex(expected),
                         toHex(found));
    return EntryState::Damaged;
  }
  std::span<const uint8_t> storedKey = rest.first(keyLength);
  if (!std::equal(storedKey.begin(), storedKey.end(), asBytes(key).begin(),
                  asBytes(key).end())) {
    reason = "expected the key asked for, got another of the same name";
    return EntryState::AnotherKey;
  }
  payload = rest.subspan(keyLength);
  return EntryState::Valid;
}
