//===- Nvrtc.h - Compiles CUDA C++ at run time ----------------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// NVRTC compiles the CUDA C++ companions in runtime/kernels, never the
// attention kernels themselves. It is found when it is first asked for, so that
// a machine without it lacks the companions and nothing else.
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_RUNTIME_NVRTC_H
#define PARALLAX_RUNTIME_NVRTC_H

#include "parallax/Result.h"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace parallax {

struct NvrtcOptions {
  /// Names or paths to try in order, as dlopen takes them.
  std::vector<std::string> libraries = {"libnvrtc.so.13", "libnvrtc.so.12",
                                        "libnvrtc.so"};
};

/// A loaded NVRTC. Copies share it.
class Nvrtc {
public:
  /// Returns NotFound if no library of the list can be loaded.
  static Result<Nvrtc> load(const NvrtcOptions &options);

  /// Major and minor version.
  std::pair<int, int> version() const;

  /// Compiles `source`, which includes no header, to a cubin for
  /// `architecture`, e.g. "sm_90". `name` stands for the file in diagnostics.
  /// Returns CompileFailed with the first error.
  Result<std::vector<uint8_t>> compile(const std::string &source,
                                       const std::string &name,
                                       const std::string &architecture) const;

  struct State;

private:
  explicit Nvrtc(std::shared_ptr<const State> state)
      : state(std::move(state)) {}
  std::shared_ptr<const State> state;
};

} // namespace parallax

#endif // PARALLAX_RUNTIME_NVRTC_H
