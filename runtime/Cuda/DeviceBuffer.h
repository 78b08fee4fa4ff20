//===- DeviceBuffer.h - Device memory for tools and tests -------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_RUNTIME_CUDA_DEVICEBUFFER_H
#define PARALLAX_RUNTIME_CUDA_DEVICEBUFFER_H

#include "runtime/Cuda/Context.h"

#include <utility>

namespace parallax {

/// Memory of a context's device, freed with the buffer. Copies to and from it
/// wait until they are done. A launch never needs one.
class DeviceBuffer {
public:
  static Result<DeviceBuffer> allocate(const Context &context, size_t bytes);
  /// A buffer that holds what stands at `data`.
  static Result<DeviceBuffer> copyOf(const Context &context, const void *data,
                                     size_t bytes);

  DeviceBuffer(DeviceBuffer &&other) noexcept
      : context(other.context), address(std::exchange(other.address, 0)),
        bytes(other.bytes) {}
  DeviceBuffer &operator=(DeviceBuffer &&other) noexcept;
  ~DeviceBuffer();

  void *data() const { return reinterpret_cast<void *>(address); }
  size_t size() const { return bytes; }

  /// The buffer's bytes from and to host memory.
  Result<void> copyFromHost(const void *source);
  Result<void> copyToHost(void *target) const;

private:
  DeviceBuffer(const Context &context, DevicePointer address, size_t bytes)
      : context(context), address(address), bytes(bytes) {}

  Context context;
  DevicePointer address;
  size_t bytes;
};

} // namespace parallax

#endif // PARALLAX_RUNTIME_CUDA_DEVICEBUFFER_H
