//===- Context.cpp - Where kernels are loaded and launched ---------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Cuda/Context.h"

#include "runtime/Cuda/Workspaces.h"

#include <fmt/format.h>

#include <charconv>

using namespace parallax;

namespace {

// CUdevice_attribute.
constexpr int kCapabilityMajor = 75, kCapabilityMinor = 76;
constexpr int kMaxSharedBytesOptIn = 97, kMultiprocessors = 16;

Result<Context::Device> describe(const Driver &driver, DeviceHandle handle) {
  Context::Device device;
  device.handle = handle;
  char name[256] = "";
  if (DriverStatus status =
          driver->deviceGetName(name, sizeof(name) - 1, handle);
      status != 0)
    return driver.error("cuDeviceGetName", status);
  device.name = name;
  int major = 0, minor = 0;
  const std::pair<int, int *> attributes[] = {
      {kCapabilityMajor, &major},
      {kCapabilityMinor, &minor},
      {kMaxSharedBytesOptIn, &device.maxSharedBytes},
      {kMultiprocessors, &device.multiprocessors}};
  for (auto [attribute, value] : attributes)
    if (DriverStatus status =
            driver->deviceGetAttribute(value, attribute, handle);
        status != 0)
      return driver.error("cuDeviceGetAttribute", status);
  device.capability = 10 * major + minor;
  return device;
}

/// A current context that is the device's primary one, as most are, is kept as
/// if it had been asked for: who made it current may let it go first.
bool retainIfPrimary(const Driver &driver, ContextHandle current,
                     DeviceHandle device) {
  unsigned flags = 0;
  int isActive = 0;
  ContextHandle primary = nullptr;
  if (driver->primaryContextGetState(device, &flags, &isActive) != 0 ||
      !isActive || driver->primaryContextRetain(&primary, device) != 0)
    return false;
  if (primary == current)
    return true;
  driver->primaryContextRelease(device);
  return false;
}

} // namespace

struct Context::State {
  State(const Driver &driver) : driver(driver) {}
  ~State() {
    // A context of the caller's frees its memory itself, if it is still there.
    if (isRetained && driver->contextPush(handle) == 0) {
      workspaces.free(driver);
      ContextHandle popped;
      driver->contextPop(&popped);
    }
    if (isRetained)
      driver->primaryContextRelease(device.handle);
  }

  Driver driver;
  ContextHandle handle = nullptr;
  uint64_t id = 0;
  bool isRetained = false;
  Device device;
  mutable Workspaces workspaces;
};

Result<Context> Context::acquire(const Driver &driver, int ordinal) {
  auto state = std::make_shared<State>(driver);
  if (DriverStatus status = driver->contextGetCurrent(&state->handle);
      status != 0)
    return driver.error("cuCtxGetCurrent", status);

  DeviceHandle handle = 0;
  if (state->handle) {
    if (DriverStatus status = driver->contextGetDevice(&handle); status != 0)
      return driver.error("cuCtxGetDevice", status);
    state->device.handle = handle;
    state->isRetained = retainIfPrimary(driver, state->handle, handle);
  } else {
    int count = 0;
    if (DriverStatus status = driver->deviceGetCount(&count); status != 0)
      return driver.error("cuDeviceGetCount", status);
    if (ordinal < 0 || ordinal >= count)
      return Error{ErrorCode::NotFound,
                   fmt::format("expected a device in [0, {}], got {}",
                               count - 1, ordinal)};
    if (DriverStatus status = driver->deviceGet(&handle, ordinal); status != 0)
      return driver.error("cuDeviceGet", status);
    if (DriverStatus status =
            driver->primaryContextRetain(&state->handle, handle);
        status != 0)
      return driver.error("cuDevicePrimaryCtxRetain", status);
    state->device.handle = handle;
    state->isRetained = true;
  }
  if (DriverStatus status = driver->contextGetId(state->handle, &state->id);
      status != 0)
    return driver.error("cuCtxGetId", status);
  Result<Device> device = describe(driver, handle);
  if (!device)
    return device.error();
  state->device = std::move(*device);
  return Context(std::move(state));
}

const Driver &Context::driver() const { return state->driver; }
ContextHandle Context::handle() const { return state->handle; }
uint64_t Context::id() const { return state->id; }
const Context::Device &Context::device() const { return state->device; }
Workspaces &Context::workspaces() const { return state->workspaces; }

Result<void> Context::supports(std::string_view target) const {
  constexpr std::string_view prefix = "sm_";
  int wanted = 0;
  const char *end = target.data() + target.size();
  auto parsed =
      target.substr(0, prefix.size()) == prefix
          ? std::from_chars(target.data() + prefix.size(), end, wanted)
          : std::from_chars_result{target.data(), std::errc()};
  std::string_view suffix(parsed.ptr, end - parsed.ptr);
  if (wanted == 0 || (!suffix.empty() && suffix != "a"))
    return Error{ErrorCode::InvalidArgument,
                 fmt::format("expected a target as sm_90a, got '{}'", target)};

  // Code with an "a" runs on its own capability only, other on its major's.
  const int capability = state->device.capability;
  bool runs = suffix == "a"
                  ? capability == wanted
                  : capability / 10 == wanted / 10 && capability >= wanted;
  if (runs)
    return {};
  return Error{ErrorCode::Unsupported,
               fmt::format("expected a device of compute capability {}.{} for "
                           "{}, got {}.{} ({})",
                           wanted / 10, wanted % 10, target, capability / 10,
                           capability % 10, state->device.name)};
}

ContextScope::ContextScope(const Context &context) : driver(context.driver()) {
  ContextHandle current = nullptr;
  if (driver->contextGetCurrent(&current) == 0 && current == context.handle())
    return;
  code = driver->contextPush(context.handle());
  pushed = code == 0;
}

ContextScope::~ContextScope() {
  ContextHandle popped;
  if (pushed)
    driver->contextPop(&popped);
}
