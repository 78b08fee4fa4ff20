//===- HostCaches.cpp - What a known kernel costs -------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Cache/DiskCache.h"
#include "tools/parallax-bench/HostCosts.h"

#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>

namespace parallax::tools {

namespace {

/// A folder that goes with its owner.
class ScratchFolder {
public:
  ScratchFolder() {
    std::error_code failed;
    path =
        std::filesystem::temp_directory_path(failed) / "parallax-bench-XXXXXX";
    if (!::mkdtemp(path.data()))
      path.clear();
  }
  ~ScratchFolder() {
    std::error_code ignored;
    if (!path.empty())
      std::filesystem::remove_all(path, ignored);
  }
  ScratchFolder(const ScratchFolder &) = delete;

  std::string path; ///< Empty if there is none.
};

/// Times `jit.plan(problem)`, whose kernel is to come from `source`.
Result<double> timePlan(const Jit &jit, const Problem &problem,
                        KernelSource source) {
  const auto begin = std::chrono::steady_clock::now();
  Result<Plan> plan = jit.plan(problem);
  const std::chrono::duration<double, std::milli> taken =
      std::chrono::steady_clock::now() - begin;
  if (!plan)
    return plan.error();
  if (plan->source() != source)
    return Error{ErrorCode::NotFound,
                 fmt::format("expected a kernel from {}, got one from {}",
                             toString(source), toString(plan->source()))};
  return taken.count();
}

Result<void> measure(const JitOptions &options, const Problem &problem,
                     int repeats, HostCost &disk, HostCost &plan) {
  Result<Jit> first = Jit::create(options);
  if (!first)
    return first.error();
  if (Result<Plan> made = first->plan(problem); !made)
    return made.error();
  for (int i = 0; i < 2 * repeats; ++i) {
    Result<Jit> jit = Jit::create(options);
    if (!jit)
      return jit.error();
    Result<double> ms = timePlan(*jit, problem, KernelSource::Disk);
    if (!ms)
      return ms.error();
    disk.time.add(*ms);
  }
  for (int i = 1; i <= 20 * repeats; ++i) {
    Problem longer = problem;
    longer.keyLength += i;
    Result<double> ms = timePlan(*first, longer, KernelSource::Memory);
    if (!ms)
      return ms.error();
    plan.time.add(1000 * *ms);
  }
  return {};
}

/// The part of the disk cache alone, which needs no device.
Result<void> measureRead(const HostOptions &options, const std::string &folder,
                         HostCost &cost) {
  Result<Compilation> compiled = compileAsJit(options);
  if (!compiled)
    return compiled.error();
  DiskCacheOptions diskOptions;
  diskOptions.folder = folder;
  const DiskCache cache(diskOptions);
  const CacheKey key({{"kernel", compiled->schedule}});
  cache.store(key, compiled->image->serialize());
  for (int i = 0; i < 2 * options.repeats; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    auto bytes = cache.lookup(key);
    if (!bytes)
      return Error{ErrorCode::NotFound,
                   "expected an entry in the disk cache, got none"};
    Result<KernelImage> image =
        KernelImage::deserialize(bytes->data(), bytes->size());
    const std::chrono::duration<double, std::milli> taken =
        std::chrono::steady_clock::now() - begin;
    if (!image)
      return image.error();
    cost.time.add(taken.count());
  }
  return {};
}

} // namespace

std::vector<HostCost> measureCaches(const HostOptions &options) {
  HostCost read = {"a kernel from disk, read", "ms", {}, ""};
  HostCost disk = {"a kernel from disk, launchable", "ms", {}, ""};
  HostCost plan = {"a plan for another length", "us", {}, ""};
  ScratchFolder folder;
  JitOptions jitOptions;
  jitOptions.target = options.target;
  jitOptions.device = options.device;
  jitOptions.schedule = options.schedule;
  jitOptions.cacheFolder = folder.path;
  Result<void> ok =
      folder.path.empty()
          ? Error{ErrorCode::IoFailed, "expected a temporary folder, got none"}
          : measure(jitOptions, options.problem, options.repeats, disk, plan);
  if (!ok)
    disk.absent = plan.absent = ok.error().message;
  ok = measureRead(options, folder.path, read);
  if (!ok)
    read.absent = ok.error().message;
  return {read, disk, plan};
}

} // namespace parallax::tools
