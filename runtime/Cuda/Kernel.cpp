//===- Kernel.cpp - A kernel image, loaded -------------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Cuda/Kernel.h"

#include "runtime/Cuda/Capture.h"

#include <fmt/format.h>

#include <array>

using namespace parallax;

namespace {

// CUjit_option and CUfunction_attribute.
constexpr int kJitErrorLog = 5, kJitErrorLogBytes = 6;
constexpr int kMaxDynamicSharedBytes = 8;

/// The first line of what the driver's assembler wrote.
std::string firstLine(std::string_view log) {
  log = log.substr(0, log.find('\n'));
  return log.empty() ? std::string() : fmt::format(": {}", log);
}

Result<ModuleHandle> loadModule(const Driver &driver, std::string_view what,
                                const void *code) {
  std::array<char, 4096> log = {};
  int options[] = {kJitErrorLog, kJitErrorLogBytes};
  void *values[] = {log.data(), reinterpret_cast<void *>(log.size() - 1)};
  ModuleHandle module = nullptr;
  DriverStatus status =
      driver->moduleLoad(&module, code, std::size(options), options, values);
  if (status == 0)
    return module;
  return Error{ErrorCode::CompileFailed,
               fmt::format("{} of the kernel: {}{}", what,
                           driver.error("cuModuleLoadDataEx", status).message,
                           firstLine(log.data()))};
}

} // namespace

struct Kernel::State {
  State(const Context &context, std::shared_ptr<const KernelImage> image)
      : context(context), image(std::move(image)) {}
  ~State() {
    if (!module)
      return;
    ContextScope scope(context);
    if (scope.status())
      context.driver()->moduleUnload(module);
  }

  Context context;
  std::shared_ptr<const KernelImage> image;
  ModuleHandle module = nullptr;
  FunctionHandle function = nullptr;
  bool fromPtx = false;
};

Result<Kernel> Kernel::load(const Context &context,
                            std::shared_ptr<const KernelImage> image) {
  if (Result<void> ok = context.supports(image->target); !ok)
    return ok.error();
  const int available = context.device().maxSharedBytes;
  if (image->dynamicSharedBytes < 0 || image->dynamicSharedBytes > available)
    return Error{ErrorCode::Unsupported,
                 fmt::format("expected a kernel of at most {} bytes of shared "
                             "memory, got {}",
                             available, image->dynamicSharedBytes)};
  if (image->code.empty() && image->ptx.empty())
    return Error{ErrorCode::InvalidArgument,
                 "expected a kernel image with cubin or PTX, got neither"};

  const Driver &driver = context.driver();
  ContextScope scope(context);
  if (Result<void> ok = scope.status(); !ok)
    return ok.error();
  RelaxedCapture relaxed(driver);

  auto state = std::make_shared<State>(context, image);
  std::string reason;
  if (!image->code.empty()) {
    Result<ModuleHandle> module =
        loadModule(driver, "cubin", image->code.data());
    if (module)
      state->module = *module;
    else
      reason = module.error().message;
  }
  if (!state->module && !image->ptx.empty()) {
    Result<ModuleHandle> module = loadModule(driver, "PTX", image->ptx.c_str());
    if (module)
      state->module = *module;
    else
      reason += (reason.empty() ? "" : "; ") + module.error().message;
    state->fromPtx = true;
  }
  if (!state->module)
    return Error{ErrorCode::CompileFailed, reason};

  if (DriverStatus status = driver->moduleGetFunction(
          &state->function, state->module, image->name.c_str());
      status != 0)
    return driver.error(fmt::format("cuModuleGetFunction of '{}'", image->name),
                        status);
  if (DriverStatus status = driver->functionSetAttribute(
          state->function, kMaxDynamicSharedBytes, image->dynamicSharedBytes);
      status != 0)
    return driver.error("cuFuncSetAttribute", status);
  // Else the first launch would load it, which a capture forbids.
  if (DriverStatus status = driver->functionLoad(state->function); status != 0)
    return driver.error("cuFuncLoad", status);
  return Kernel(std::move(state));
}

const Context &Kernel::context() const { return state->context; }
const KernelImage &Kernel::image() const { return *state->image; }
FunctionHandle Kernel::function() const { return state->function; }
bool Kernel::fromPtx() const { return state->fromPtx; }
