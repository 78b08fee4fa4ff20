//===- DeviceBuffer.cpp - Device memory for tools and tests --------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Cuda/DeviceBuffer.h"

#include <fmt/format.h>

using namespace parallax;

Result<DeviceBuffer> DeviceBuffer::allocate(const Context &context,
                                            size_t bytes) {
  ContextScope scope(context);
  if (Result<void> ok = scope.status(); !ok)
    return ok.error();
  DevicePointer address = 0;
  // The driver refuses to allocate nothing.
  DriverStatus status =
      context.driver()->memoryAllocate(&address, bytes ? bytes : 1);
  if (status != 0)
    return context.driver().error(fmt::format("cuMemAlloc of {} bytes", bytes),
                                  status);
  return DeviceBuffer(context, address, bytes);
}

Result<DeviceBuffer> DeviceBuffer::copyOf(const Context &context,
                                          const void *data, size_t bytes) {
  Result<DeviceBuffer> buffer = allocate(context, bytes);
  if (buffer)
    if (Result<void> ok = buffer->copyFromHost(data); !ok)
      return ok.error();
  return buffer;
}

DeviceBuffer &DeviceBuffer::operator=(DeviceBuffer &&other) noexcept {
  std::swap(context, other.context);
  std::swap(address, other.address);
  std::swap(bytes, other.bytes);
  return *this;
}

DeviceBuffer::~DeviceBuffer() {
  if (!address)
    return;
  ContextScope scope(context);
  if (scope.status())
    context.driver()->memoryFree(address);
}

Result<void> DeviceBuffer::copyFromHost(const void *source) {
  ContextScope scope(context);
  if (Result<void> ok = scope.status(); !ok || bytes == 0)
    return ok;
  return context.driver().check(
      "cuMemcpyHtoD", context.driver()->copyToDevice(address, source, bytes));
}

Result<void> DeviceBuffer::copyToHost(void *target) const {
  ContextScope scope(context);
  if (Result<void> ok = scope.status(); !ok || bytes == 0)
    return ok;
  return context.driver().check(
      "cuMemcpyDtoH", context.driver()->copyToHost(target, address, bytes));
}
