//===- Hash.cpp - 128-bit content hashes ----------------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Cache/Hash.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>

using namespace parallax;

Hash128
parallax::hash128(std::initializer_list<std::span<const uint8_t>> pieces) {
  XXH3_state_t state;
  XXH3_INITSTATE(&state);
  XXH3_128bits_reset(&state);
  for (std::span<const uint8_t> piece : pieces)
    if (!piece.empty())
      XXH3_128bits_update(&state, piece.data(), piece.size());
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(&state));
  Hash128 hash;
  static_assert(sizeof(canonical.digest) == sizeof(hash));
  std::copy(std::begin(canonical.digest), std::end(canonical.digest),
            hash.begin());
  return hash;
}

std::string parallax::toHex(const Hash128 &hash) {
  constexpr char digits[] = "0123456789abcdef";
  std::string text;
  text.reserve(2 * hash.size());
  for (uint8_t byte : hash) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}
