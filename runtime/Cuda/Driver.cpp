//===- Driver.cpp - The CUDA driver, found at run time -------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Cuda/Driver.h"

#include <fmt/format.h>

#include <dlfcn.h>

using namespace parallax;

namespace {

constexpr DriverStatus kNoDevice = 100;

/// Whether each later call fails alike, in a new context too: what a kernel
/// did, such as an access to memory that is not there (700).
bool endsProcess(DriverStatus status) {
  constexpr DriverStatus timeout = 702, assertion = 710;
  return status == 700 || status == timeout || status == assertion ||
         (status >= 714 && status <= 719);
}

std::string versionText(int version) {
  return fmt::format("{}.{}", version / 1000, version % 1000 / 10);
}

template <typename Function>
bool resolve(void *library, const char *symbol, Function &function) {
  function = reinterpret_cast<Function>(dlsym(library, symbol));
  return function != nullptr;
}

} // namespace

// The driver is never unloaded: it has threads and handlers of its own.
struct Driver::State {
  DriverFunctions functions = {};
  int version = 0;
  DriverStatus (*getErrorName)(DriverStatus, const char **) = nullptr;
  DriverStatus (*getErrorString)(DriverStatus, const char **) = nullptr;

  Error error(std::string_view call, DriverStatus status) const {
    const char *name = nullptr, *text = nullptr;
    if (getErrorName(status, &name) != 0 || !name)
      name = "an unknown error";
    if (getErrorString(status, &text) != 0 || !text)
      text = "no description";
    return {ErrorCode::DriverFailed,
            fmt::format("expected {} to succeed, got {} ({}): {}{}", call, name,
                        status, text,
                        endsProcess(status)
                            ? "; a kernel failed, this one or an earlier, and "
                              "only a new process can use the device again"
                            : "")};
  }

  /// The name of a symbol that the library lacks, or null.
  const char *resolveAll(void *library) {
#define PARALLAX_DRIVER_SYMBOL(name, symbol, parameters)                       \
  if (!resolve(library, #symbol, functions.name))                              \
    return #symbol;
#include "runtime/Cuda/DriverSymbols.def"
    return nullptr;
  }
};

Result<Driver> Driver::load(const DriverOptions &options) {
  const std::string name =
      options.soname.empty() ? "this program" : options.soname;
  void *library =
      dlopen(options.soname.empty() ? nullptr : options.soname.c_str(),
             RTLD_NOW | RTLD_LOCAL);
  if (!library)
    return Error{
        ErrorCode::NotFound,
        fmt::format("expected the NVIDIA driver, got none: {}; install "
                    "it, or use the target cpu",
                    dlerror())};
  auto missing = [&](const char *symbol) {
    return Error{ErrorCode::Unsupported,
                 fmt::format("expected {} to be a CUDA driver, got one without "
                             "{}",
                             name, symbol)};
  };

  auto state = std::make_shared<State>();
  DriverStatus (*init)(unsigned flags);
  DriverStatus (*getVersion)(int *version);
  if (!resolve(library, "cuInit", init))
    return missing("cuInit");
  if (!resolve(library, "cuDriverGetVersion", getVersion))
    return missing("cuDriverGetVersion");
  if (!resolve(library, "cuGetErrorName", state->getErrorName))
    return missing("cuGetErrorName");
  if (!resolve(library, "cuGetErrorString", state->getErrorString))
    return missing("cuGetErrorString");

  // An old driver lacks symbols: say that it is old, not what it lacks.
  if (DriverStatus status = getVersion(&state->version); status != 0)
    return state->error("cuDriverGetVersion", status);
  if (state->version < kMinimumDriverVersion)
    return Error{ErrorCode::Unsupported,
                 fmt::format("expected a driver for CUDA {} or newer, got one "
                             "for {}; update the NVIDIA driver to 570 or newer",
                             versionText(kMinimumDriverVersion),
                             versionText(state->version))};
  if (const char *symbol = state->resolveAll(library))
    return missing(symbol);

  DriverStatus status = init(0);
  int devices = 0;
  if (status == 0)
    status = state->functions.deviceGetCount(&devices);
  if (status == kNoDevice || (status == 0 && devices == 0))
    return Error{ErrorCode::NotFound,
                 "expected a CUDA device, got none; use the target cpu"};
  if (status != 0)
    return state->error("cuInit", status);
  return Driver(std::move(state));
}

int Driver::version() const { return state->version; }

const DriverFunctions *Driver::operator->() const { return &state->functions; }

Error Driver::error(std::string_view call, DriverStatus status) const {
  return state->error(call, status);
}
