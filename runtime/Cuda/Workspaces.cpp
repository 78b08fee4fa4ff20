//===- Workspaces.cpp - Memory of a stream's launches ---------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Cuda/Workspaces.h"

#include "lib/Data/Workspace.h"
#include "runtime/Cuda/Capture.h"

#include <fmt/format.h>

#include <algorithm>

using namespace parallax;

constexpr unsigned kNonBlocking = 1; ///< CUstream_flags.

Result<void *> Workspaces::find(const Driver &driver, StreamHandle stream,
                                size_t bytes) {
  // A stream that is captured has no id to give, but can't go away.
  unsigned long long streamId = reinterpret_cast<uintptr_t>(stream);
  Result<std::optional<uint64_t>> capture = captureOf(driver, stream);
  if (!capture)
    return capture.error();
  const uint64_t captureId = capture->value_or(0);
  if (!*capture) {
    if (DriverStatus status = driver->streamGetId(stream, &streamId);
        status != 0)
      return driver.error("cuStreamGetId", status);
  }

  std::lock_guard lock(mutex);
  Buffer &buffer = buffers[{streamId, captureId}];
  if (buffer.bytes < bytes) {
    // Twice as large as the last, so that few are replaced.
    Result<Buffer> larger = allocate(driver, std::max(bytes, 2 * buffer.bytes));
    if (!larger)
      return larger.error();
    if (buffer.address)
      replaced.push_back(buffer);
    buffer = *larger;
  }
  return reinterpret_cast<void *>(buffer.address);
}

/// Memory whose tickets are zero, also for a launch that is captured: they are
/// set on a stream of their own, and waited for.
Result<Workspaces::Buffer> Workspaces::allocate(const Driver &driver,
                                                size_t bytes) {
  RelaxedCapture relaxed(driver);
  Buffer buffer = {0, bytes};
  if (DriverStatus status = driver->memoryAllocate(&buffer.address, bytes);
      status != 0)
    return driver.error(
        fmt::format("cuMemAlloc of a workspace of {} bytes", bytes), status);
  StreamHandle stream = nullptr;
  std::string_view call = "cuStreamCreate";
  DriverStatus status = driver->streamCreate(&stream, kNonBlocking);
  if (status == 0) {
    call = "cuMemsetD32Async";
    status =
        driver->memorySet32(buffer.address, 0, Workspace::kTickets, stream);
  }
  if (status == 0) {
    call = "cuStreamSynchronize";
    status = driver->streamSynchronize(stream);
  }
  if (stream)
    driver->streamDestroy(stream);
  if (status == 0)
    return buffer;
  driver->memoryFree(buffer.address);
  return driver.error(call, status);
}

void Workspaces::free(const Driver &driver) {
  std::lock_guard lock(mutex);
  for (const auto &[key, buffer] : buffers)
    if (buffer.address)
      driver->memoryFree(buffer.address);
  for (const Buffer &buffer : replaced)
    driver->memoryFree(buffer.address);
  buffers.clear();
  replaced.clear();
}
