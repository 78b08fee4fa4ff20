//===- Capture.h - Streams that become graphs -----------------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_RUNTIME_CUDA_CAPTURE_H
#define PARALLAX_RUNTIME_CUDA_CAPTURE_H

#include "runtime/Cuda/Driver.h"

#include <optional>

namespace parallax {

/// The id of the capture that `stream` is in, of the current context; none if
/// it is in none.
Result<std::optional<uint64_t>> captureOf(const Driver &driver,
                                          StreamHandle stream);

/// While in scope, calls that allocate do not spoil a capture of this thread.
class RelaxedCapture {
public:
  explicit RelaxedCapture(const Driver &driver) : driver(driver) {
    changed = driver->exchangeCaptureMode(&mode) == 0;
  }
  ~RelaxedCapture() {
    if (changed)
      driver->exchangeCaptureMode(&mode);
  }
  RelaxedCapture(const RelaxedCapture &) = delete;
  RelaxedCapture &operator=(const RelaxedCapture &) = delete;

private:
  const Driver &driver;
  int mode = 2; ///< CU_STREAM_CAPTURE_MODE_RELAXED, then what it was.
  bool changed;
};

} // namespace parallax

#endif // PARALLAX_RUNTIME_CUDA_CAPTURE_H
