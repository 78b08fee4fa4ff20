//===- CacheKey.h - What a cached artefact was made from --------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_RUNTIME_CACHE_CACHEKEY_H
#define PARALLAX_RUNTIME_CACHE_CACHEKEY_H

#include <string>
#include <vector>

namespace parallax {

/// One thing an artefact depends on. Values are contents or versions, never
/// paths or times: equal inputs on two machines have equal keys.
struct CacheKeyField {
  std::string name;
  std::string value;

  auto operator<=>(const CacheKeyField &) const = default;
};

/// The canonical text of a set of fields, and a short name made from it.
class CacheKey {
public:
  /// The order of the fields does not matter; different fields have different
  /// texts, whatever characters they hold.
  explicit CacheKey(std::vector<CacheKeyField> fields);

  /// A line "name=value" for each field, sorted.
  const std::string &text() const { return canonical; }

  /// 32 hexadecimal digits, the XXH3-128 of the text. Names may collide,
  /// texts do not: who finds something by name compares the text.
  const std::string &name() const { return digest; }

private:
  std::string canonical;
  std::string digest;
};

} // namespace parallax

#endif // PARALLAX_RUNTIME_CACHE_CACHEKEY_H
