//===- FakeCuda.h - A CUDA driver for tests -------------------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A test double that a program exports itself, so that the runtime finds it
// with dlopen as it finds the real one (DriverOptions::library is empty). It
// records what it is asked and can be told to fail.
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_TEST_UNIT_FAKECUDA_FAKECUDA_H
#define PARALLAX_TEST_UNIT_FAKECUDA_FAKECUDA_H

#include "runtime/Cuda/Driver.h"

#include <array>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace parallax::fake {

/// What cuTensorMapEncodeTiled was given.
struct Encoding {
  void *address;
  int elementType;
  std::vector<uint64_t> sizes, strides;
  std::vector<uint32_t> box, elementStrides;
  int interleave, swizzle, l2Promotion, fill;
};

/// What a launch was given.
struct Launch {
  std::array<unsigned, 3> grid, block;
  unsigned sharedBytes;
  StreamHandle stream;
  ContextHandle context; ///< That was current.
  /// The bytes of each parameter, as many as `parameterBytes` says.
  std::vector<std::vector<uint8_t>> parameters;
  std::array<unsigned, 3> cluster;
  bool isProgrammatic;
};

struct Cuda {
  // What it is.
  int version = 13000;
  int devices = 1;
  int capability = 90;
  int maxSharedBytes = 232448;
  int multiprocessors = 132;
  uint64_t captureId = 0; ///< Of the capture that all streams are in; 0: none.
  std::map<std::string, DriverStatus> failures; ///< By symbol.
  bool refusesCubin = false, refusesPtx = false;
  std::string assemblerLog;
  std::vector<size_t> parameterBytes;
  bool recordsLaunches = true; ///< Off where many threads launch.

  // What it has seen.
  std::mutex mutex;
  std::map<std::string, int> calls; ///< By symbol.
  std::vector<Encoding> encodings;
  std::vector<Launch> launches;
  std::map<int, int> attributes; ///< Of the function.
  int captureMode = 0;
  int captureModeAtLoad = -1;
  int modules = 0, retained = 0;
  std::set<DevicePointer> buffers;
};

/// The driver, as new.
Cuda &reset();
Cuda &cuda();

/// The fake's n-th context.
ContextHandle context(int n);
/// Makes a context current on this thread, as a caller of the runtime would.
void setCurrent(ContextHandle context);
ContextHandle current();

} // namespace parallax::fake

#endif // PARALLAX_TEST_UNIT_FAKECUDA_FAKECUDA_H
