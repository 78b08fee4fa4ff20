//===- CacheKey.cpp - What a cached artefact was made from ----------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Cache/CacheKey.h"

#include "runtime/Cache/Hash.h"

#include <algorithm>

using namespace parallax;

/// Keeps '=' and line ends for the text's own structure.
static void appendEscaped(std::string &out, const std::string &text) {
  for (char c : text) {
    switch (c) {
    case '\\':
      out += "\\\\";
      break;
    case '=':
      out += "\\=";
      break;
    case '\n':
      out += "\\n";
      break;
    default:
      out += c;
    }
  }
}

CacheKey::CacheKey(std::vector<CacheKeyField> fields) {
  std::sort(fields.begin(), fields.end());
  for (const CacheKeyField &field : fields) {
    appendEscaped(canonical, field.name);
    canonical += '=';
    appendEscaped(canonical, field.value);
    canonical += '\n';
  }
  digest = toHex(hash128({{reinterpret_cast<const uint8_t *>(canonical.data()),
                           canonical.size()}}));
}
