//===- Capture.cpp - Streams that become graphs ---------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Cuda/Capture.h"

using namespace parallax;

Result<std::optional<uint64_t>> parallax::captureOf(const Driver &driver,
                                                    StreamHandle stream) {
  constexpr int kActive = 1; // CUstreamCaptureStatus
  int status = 0;
  uint64_t id = 0;
  if (DriverStatus failure = driver->streamGetCaptureInfo(
          stream, &status, &id, nullptr, nullptr, nullptr);
      failure != 0)
    return driver.error("cuStreamGetCaptureInfo", failure);
  return status == kActive ? std::optional(id) : std::nullopt;
}
