//===- Oracle.h - The definition, evaluated on the device -----*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a kernel's output is compared with where the host would take too long:
// runtime/kernels/oracle.cu, compiled by NVRTC when an oracle is made.
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_RUNTIME_ORACLE_ORACLE_H
#define PARALLAX_RUNTIME_ORACLE_ORACLE_H

#include "runtime/Cuda/LaunchPlan.h"
#include "runtime/Nvrtc/Nvrtc.h"

namespace parallax {

/// The CUDA C++ text of the oracle, with nothing left to include.
extern const char *const kOracleSource;

class Oracle {
public:
  /// Compiles and loads the oracle for the context's device.
  static Result<Oracle> create(const Context &context, const Nvrtc &nvrtc);

  /// Solves `problem` on `stream`. The pointers are those of a launch, but for
  /// o, which is float32 and contiguous (batch, length, heads, head dimension)
  /// whatever the problem's o is.
  Result<void> run(const Problem &problem, const LaunchPlan::Pointers &pointers,
                   void *stream) const;

private:
  explicit Oracle(const Kernel &kernel) : kernel(kernel) {}
  Kernel kernel;
};

} // namespace parallax

#endif // PARALLAX_RUNTIME_ORACLE_ORACLE_H
