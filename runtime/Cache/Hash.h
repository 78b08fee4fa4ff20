//===- Hash.h - 128-bit content hashes --------------------------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_RUNTIME_CACHE_HASH_H
#define PARALLAX_RUNTIME_CACHE_HASH_H

#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>

namespace parallax {

/// XXH3-128 in its canonical (big-endian) byte order.
using Hash128 = std::array<uint8_t, 16>;

/// The hash of the concatenated pieces. It guards against accidents, not
/// against somebody who writes into the cache on purpose.
Hash128 hash128(std::initializer_list<std::span<const uint8_t>> pieces);

/// 32 lower-case hexadecimal digits.
std::string toHex(const Hash128 &hash);

} // namespace parallax

#endif // PARALLAX_RUNTIME_CACHE_HASH_H
