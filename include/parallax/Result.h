//===- Result.h - A value or one clear error ------------------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every fallible function of the public API returns Result<T>: a value, or an
// Error whose message says what was expected, what came, and what to do.
// Nothing in Parallax throws.
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_RESULT_H
#define PARALLAX_RESULT_H

#include <cassert>
#include <string>
#include <utility>
#include <variant>

namespace parallax {

/// What kind of failure an Error describes. Callers that react to a failure
/// (retry, fall back to another target) switch on this, never on the text.
enum class ErrorCode {
  InvalidArgument, ///< The problem or a launch argument is wrong.
  Unsupported,     ///< Well formed, but this target or schedule can't do it.
  NotFound,        ///< A file, symbol, device or library is missing.
  CompileFailed,   ///< A phase, the assembler or a resource check failed.
  DriverFailed,    ///< The CUDA driver reported an error.
  IoFailed,        ///< Reading or writing a file failed.
};

/// One failure. The message is lower case, without a full stop, in the form
/// "expected X, got Y".
struct [[nodiscard]] Error {
  ErrorCode code = ErrorCode::InvalidArgument;
  std::string message;
};

/// A T or an Error.
template <typename T> class [[nodiscard]] Result {
public:
  Result(T value) : storage(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : storage(std::in_place_index<1>, std::move(error)) {}

  explicit operator bool() const { return storage.index() == 0; }

  T &operator*() & {
    assert(*this && "no value: check the Result first");
    return std::get<0>(storage);
  }
  const T &operator*() const & {
    assert(*this && "no value: check the Result first");
    return std::get<0>(storage);
  }
  T &&operator*() && {
    assert(*this && "no value: check the Result first");
    return std::get<0>(std::move(storage));
  }
  T *operator->() { return &**this; }
  const T *operator->() const { return &**this; }

  const Error &error() const {
    assert(!*this && "no error: the Result holds a value");
    return std::get<1>(storage);
  }

private:
  std::variant<T, Error> storage;
};

/// Success, or an Error.
template <> class [[nodiscard]] Result<void> {
public:
  Result() = default;
  Result(Error error) : failure(std::move(error)), failed(true) {}

  explicit operator bool() const { return !failed; }
  const Error &error() const {
    assert(failed && "no error: the Result holds success");
    return failure;
  }

private:
  Error failure;
  bool failed = false;
};

} // namespace parallax

#endif // PARALLAX_RESULT_H
