//===- Driver.h - The CUDA driver, found at run time ------------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// libcuda.so.1 comes with the NVIDIA driver and is found with dlopen, so that
// Parallax builds, installs and runs on the CPU without anything of CUDA. The
// few types of its binary interface that are used are declared here.
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_RUNTIME_CUDA_DRIVER_H
#define PARALLAX_RUNTIME_CUDA_DRIVER_H

#include "parallax/Result.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace parallax {

using DriverStatus = int; ///< A CUresult: 0 is success.
using DeviceHandle = int;
using DevicePointer = uint64_t;
using ContextHandle = struct OpaqueContext *;
using ModuleHandle = struct OpaqueModule *;
using FunctionHandle = struct OpaqueFunction *;
using StreamHandle = struct OpaqueStream *;
using EventHandle = struct OpaqueEvent *;
using GraphHandle = struct OpaqueGraph *;
using ExecutableGraphHandle = struct OpaqueExecutableGraph *;

/// A CUtensorMap: what a TMA operation copies from or to, opaque.
struct alignas(64) TensorMap {
  uint64_t words[16];
};

/// A CUlaunchAttribute; the value's other bytes are those of larger kinds.
struct LaunchAttribute {
  static constexpr int32_t kClusterDimension = 4;
  static constexpr int32_t kProgrammaticStreamSerialization = 6;
  int32_t id;
  int32_t padding;
  /// Of a cluster: its sizes in x, y and z; else whether it is so.
  uint32_t value[16];
};

/// A CUlaunchConfig.
struct LaunchConfiguration {
  uint32_t grid[3], block[3], sharedBytes;
  StreamHandle stream;
  const LaunchAttribute *attributes;
  uint32_t attributeCount;
};

struct DriverFunctions {
#define PARALLAX_DRIVER_SYMBOL(name, symbol, parameters)                       \
  DriverStatus(*name) parameters;
#include "runtime/Cuda/DriverSymbols.def"
};

/// The oldest driver that takes our PTX (8.7): CUDA 12.8, the 570 series.
inline constexpr int kMinimumDriverVersion = 12080;

struct DriverOptions {
  /// As dlopen takes it; empty: the program itself, for a test double.
  std::string soname = "libcuda.so.1";
};

/// A loaded and initialised driver. Copies share it.
class Driver {
public:
  /// Returns NotFound if there is no driver or no device, Unsupported for a
  /// driver that is too old, DriverFailed if it does not start.
  static Result<Driver> load(const DriverOptions &options = {});

  /// 1000 * major + 10 * minor, of the CUDA it supports.
  int version() const;

  const DriverFunctions *operator->() const;

  /// Success, or an error that names `call`.
  Result<void> check(std::string_view call, DriverStatus status) const {
    if (status == 0) [[likely]]
      return {};
    return error(call, status);
  }
  Error error(std::string_view call, DriverStatus status) const;

private:
  struct State;
  explicit Driver(std::shared_ptr<const State> state)
      : state(std::move(state)) {}
  std::shared_ptr<const State> state;
};

} // namespace parallax

#endif // PARALLAX_RUNTIME_CUDA_DRIVER_H
