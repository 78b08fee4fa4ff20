//===- Context.h - Where kernels are loaded and launched --------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_RUNTIME_CUDA_CONTEXT_H
#define PARALLAX_RUNTIME_CUDA_CONTEXT_H

#include "runtime/Cuda/Driver.h"

namespace parallax {

class Workspaces;

/// A CUDA context. Copies share it.
class Context {
public:
  /// The calling thread's current context, else the primary context of device
  /// `ordinal`, which is retained as long as a copy lives. A context that the
  /// caller made must outlive what is loaded into it.
  static Result<Context> acquire(const Driver &driver, int ordinal);

  const Driver &driver() const;
  ContextHandle handle() const;
  /// Unlike the handle never used again by another context.
  uint64_t id() const;

  struct Device {
    DeviceHandle handle = 0;
    std::string name;
    int capability = 0;     ///< 10 * major + minor.
    int maxSharedBytes = 0; ///< Per CTA.
    int multiprocessors = 0;
  };
  const Device &device() const;

  /// Whether code for `target`, e.g. "sm_90a", runs here; Unsupported if not.
  Result<void> supports(std::string_view target) const;

  /// The workspaces of its streams.
  Workspaces &workspaces() const;

  struct State;

private:
  explicit Context(std::shared_ptr<const State> state)
      : state(std::move(state)) {}
  std::shared_ptr<const State> state;
};

/// Makes a context current on this thread while in scope, if it is not.
class ContextScope {
public:
  explicit ContextScope(const Context &context);
  ~ContextScope();
  ContextScope(const ContextScope &) = delete;
  ContextScope &operator=(const ContextScope &) = delete;

  /// DriverFailed if the context could not be made current.
  Result<void> status() const { return driver.check("cuCtxPushCurrent", code); }

private:
  const Driver &driver;
  bool pushed = false;
  DriverStatus code = 0;
};

} // namespace parallax

#endif // PARALLAX_RUNTIME_CUDA_CONTEXT_H
