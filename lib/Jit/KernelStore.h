//===- KernelStore.h - Finds or makes kernels -------------------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A kernel is looked for in memory, then on disk, then compiled; then it is
// loaded. However many threads ask, each kernel is made once.
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_JIT_KERNELSTORE_H
#define PARALLAX_JIT_KERNELSTORE_H

#include "lib/Compiler/CpuKernel.h"
#include "lib/Schedule/Schedule.h"
#include "parallax/Jit.h"
#include "runtime/Cache/DiskCache.h"
#include "runtime/Cache/MemoryCache.h"
#include "runtime/Cuda/Kernel.h"

#include <optional>
#include <variant>

namespace parallax {

/// A kernel, ready to launch, and how it came about.
struct LoadedKernel {
  std::variant<Kernel, CpuKernel> kernel;
  KernelSource source;
  std::vector<PhaseTime> times; ///< Empty if a cache answered.

  const KernelImage &image() const;
};

class KernelStore {
public:
  using Compile = std::function<Result<Compilation>(const Problem &,
                                                    const CompileOptions &)>;
  /// `context` is where kernels are loaded, none on the CPU; `compile` makes
  /// them.
  KernelStore(const JitOptions &options, std::optional<Context> context,
              Compile compile = parallax::compile);

  struct Found {
    std::shared_ptr<const LoadedKernel> kernel;
    KernelSource source;
  };
  /// The kernel of a problem that `verifyForLaunch` accepts.
  Result<Found> find(const Problem &problem, const PlanOptions &wanted);

private:
  CacheKey keyOf(const std::string &name) const;
  Result<void> checkCapture(void *stream, const std::string &name) const;
  Result<std::shared_ptr<const LoadedKernel>> create(const Problem &specialized,
                                                     const Schedule &schedule,
                                                     const std::string &name);
  Result<KernelImage> compileImage(const Problem &specialized,
                                   const Schedule &schedule,
                                   std::vector<PhaseTime> &times) const;
  Result<LoadedKernel> load(std::shared_ptr<const KernelImage> image) const;
  Result<Found> accept(const Problem &problem, const Schedule &schedule,
                       Found found) const;
  void log(std::string_view message) const;

  const JitOptions options;
  const std::optional<Context> context;
  const Compile compile;
  const std::string identity; ///< Of compiler and machine.
  const DiskCache disk;
  MemoryCache<LoadedKernel> memory;
};

} // namespace parallax

#endif // PARALLAX_JIT_KERNELSTORE_H
