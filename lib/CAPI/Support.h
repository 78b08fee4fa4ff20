//===- Support.h - From C to C++ and back -----------------------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The boundary: structs of any known size come in, and no exception goes out.
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_LIB_CAPI_SUPPORT_H
#define PARALLAX_LIB_CAPI_SUPPORT_H

#include "parallax-c/Parallax.h"
#include "parallax/Compiler.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <string>
#include <string_view>

namespace parallax::capi {

/// Remembers `message` for plxLastError; truncates rather than throw.
void setLastError(std::string_view message) noexcept;

plx_status toStatus(ErrorCode code);
Error wrong(std::string message);
/// "expected NAME, got NULL".
Error isNull(std::string_view name);
Error badStructSize(std::string_view name, size_t least, size_t got);

/// Runs `body`, which returns Result<void>, and turns whatever comes of it into
/// a status and a message.
template <typename Body> plx_status guarded(Body &&body) noexcept {
  setLastError("");
  try {
    Result<void> ok = body();
    if (ok)
      return PLX_OK;
    setLastError(ok.error().message);
    return toStatus(ok.error().code);
  } catch (const std::bad_alloc &) {
    setLastError("expected enough memory, got none");
    return PLX_OUT_OF_MEMORY;
  } catch (const std::exception &error) {
    setLastError(error.what());
    return PLX_INTERNAL;
  } catch (...) {
    setLastError("expected no exception, got one of unknown type");
    return PLX_INTERNAL;
  }
}

/// The caller's struct as this library knows it: fields that are missing have
/// the values of `defaults`, fields that are unknown must be zero. The first
/// version of the struct had `firstSize` bytes, which are always there.
template <typename T>
Result<T> readStruct(std::string_view name, const T *given, T defaults,
                     size_t firstSize = sizeof(T)) {
  constexpr size_t mostThatIsNoGarbage = 4096;
  if (!given)
    return isNull(name);
  const size_t size = given->struct_size;
  if (size < firstSize || size > mostThatIsNoGarbage)
    return badStructSize(name, firstSize, size);
  std::memcpy(&defaults, given, std::min(size, sizeof(T)));
  const auto *bytes = reinterpret_cast<const unsigned char *>(given);
  if (size > sizeof(T) &&
      std::any_of(bytes + sizeof(T), bytes + size,
                  [](unsigned char byte) { return byte != 0; }))
    return Error{ErrorCode::Unsupported,
                 "expected fields of " + std::string(name) +
                     " that this version knows, got newer ones"};
  return defaults;
}

Result<Target> readTarget(int32_t target);
Result<Problem> readProblem(const plx_problem *problem);
/// Of the file, if one is named.
Result<PinnedSchedules> readPinned(const char *file);

} // namespace parallax::capi

#endif // PARALLAX_LIB_CAPI_SUPPORT_H
