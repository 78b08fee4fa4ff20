//===- KernelStore.cpp - Finds or makes kernels ---------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Jit/KernelStore.h"

#include "lib/Compiler/Identity.h"
#include "lib/Compiler/Resources.h"
#include "lib/Schedule/ChooseSchedule.h"
#include "runtime/Cuda/Capture.h"

#include <fmt/format.h>

using namespace parallax;

namespace {

/// Kernels kept in memory: all dtypes, head dimensions and masks of a process
/// are far fewer.
constexpr size_t kMaxKernels = 4096;

/// Names a kernel by all that it specialises on: what `specialized` leaves of
/// the problem, and the schedule.
std::string kernelName(const Problem &p, const Schedule &schedule) {
  return fmt::format(
      "{} {} d{} {}{}{}{}{}{}{}{}{}{}{}{}{}{}{} {}", toString(p.kind),
      toString(p.dtype), p.headDim, toString(p.mask),
      specialized(p).anyScale ? " any_scale" : "",
      p.cacheDType ? fmt::format(" cache {}", toString(*p.cacheDType)) : "",
      p.keyScale ? " k_scale" : "", p.valueScale ? " v_scale" : "",
      p.window ? " window" : "", p.usedLengths ? " used_lengths" : "",
      p.isPaged() ? fmt::format(" page{}", p.pageSize) : "",
      p.newLength ? " append" : "", p.outputs.rowMax ? " row_max" : "",
      p.outputs.d1 ? " d1" : "", p.outputs.tbar ? " tbar" : "",
      p.outputs.logSumExp ? " log_sum_exp" : "", p.state ? " state" : "",
      p.writesOutput ? "" : " no_o", toText(schedule));
}

DiskCacheOptions diskOptions(const JitOptions &options) {
  DiskCacheOptions disk;
  disk.folder = options.cacheFolder;
  disk.capBytes = options.cacheBytes;
  disk.onLog = options.onLog;
  return disk;
}

} // namespace

const KernelImage &LoadedKernel::image() const {
  return std::visit(
      [](const auto &loaded) -> const KernelImage & { return loaded.image(); },
      kernel);
}

KernelStore::KernelStore(const JitOptions &options,
                         std::optional<Context> context, Compile compile)
    : options(options), context(std::move(context)),
      compile(std::move(compile)),
      identity(compilerIdentity() + " " + machineIdentity(options.target)),
      disk(diskOptions(options)), memory(kMaxKernels) {}

/// Whether a launch says how many CTAs share keys.
static bool fixesSplits(const JitOptions &options) {
  return options.batchInvariant || options.splits;
}

void KernelStore::log(std::string_view message) const {
  if (options.onLog)
    options.onLog(message);
}

Result<KernelStore::Found> KernelStore::find(const Problem &problem,
                                             const PlanOptions &wanted) {
  // Of a field that is named twice the last counts.
  const Result<Schedule> schedule =
      chooseSchedule(problem, options.target, options.pinned,
                     fmt::format("{} {}", options.schedule, wanted.schedule),
                     fixesSplits(options));
  if (!schedule)
    return schedule.error();
  const std::string name = kernelName(problem, *schedule);
  if (auto kernel = memory.lookup(name))
    return accept(problem, *schedule,
                  {std::move(kernel), KernelSource::Memory});
  if (wanted.stream)
    if (Result<void> ok = checkCapture(*wanted.stream, name); !ok)
      return ok.error();
  bool created = false;
  auto kernel = memory.getOrCreate(name, [&] {
    created = true;
    return create(specialized(problem), *schedule, name);
  });
  if (!kernel)
    return kernel.error();
  return accept(problem, *schedule,
                {*kernel, created ? (*kernel)->source : KernelSource::Memory});
}

/// Refuses what spills with a schedule that somebody chose: another is easily
/// chosen. Who takes what is proposed has not asked for any schedule, and a
/// kernel that is right is better than none.
Result<KernelStore::Found> KernelStore::accept(const Problem &problem,
                                               const Schedule &schedule,
                                               Found found) const {
  if (options.allowSpills)
    return found;
  const KernelImage &image = found.kernel->image();
  Result<void> ok = checkResources(image);
  if (ok)
    return found;
  if (schedule != propose(problem, options.target, fixesSplits(options)))
    return ok.error();
  if (found.source != KernelSource::Memory)
    log(fmt::format("{} is right, but slower than it should be: {}", image.name,
                    ok.error().message));
  return found;
}

CacheKey KernelStore::keyOf(const std::string &name) const {
  return CacheKey({{"kernel", name},
                   {"target", std::string(toString(options.target))},
                   {"compiler", identity}});
}

/// Whether a kernel that is not in memory may be made for `stream`. Asked here
/// and not in `create`, whose error every thread gets that waits for the
/// kernel.
Result<void> KernelStore::checkCapture(void *stream,
                                       const std::string &name) const {
  if (!context)
    return {};
  ContextScope scope(*context);
  if (Result<void> ok = scope.status(); !ok)
    return ok.error();
  Result<std::optional<uint64_t>> capture =
      captureOf(context->driver(), static_cast<StreamHandle>(stream));
  if (!capture)
    return capture.error();
  if (!*capture || disk.lookup(keyOf(name)))
    return {};
  return Error{ErrorCode::NotFound,
               fmt::format("expected a compiled kernel for a stream that is "
                           "captured, got none for: {}; call Jit::prepare or "
                           "Jit::plan before the capture begins",
                           name)};
}

Result<std::shared_ptr<const LoadedKernel>>
KernelStore::create(const Problem &problem, const Schedule &schedule,
                    const std::string &name) {
  const CacheKey key = keyOf(name);
  auto finish = [&](KernelImage image, KernelSource source,
                    std::vector<PhaseTime> times)
      -> Result<std::shared_ptr<const LoadedKernel>> {
    Result<LoadedKernel> loaded =
        load(std::make_shared<const KernelImage>(std::move(image)));
    if (!loaded)
      return loaded.error();
    loaded->source = source;
    loaded->times = std::move(times);
    return std::make_shared<const LoadedKernel>(std::move(*loaded));
  };

  if (auto bytes = disk.lookup(key)) {
    Result<KernelImage> image =
        KernelImage::deserialize(bytes->data(), bytes->size());
    if (image)
      if (auto kernel = finish(std::move(*image), KernelSource::Disk, {}))
        return kernel;
    log(fmt::format("expected a kernel that loads in the disk cache, got one "
                    "that does not; compiling {}",
                    name));
  }
  if (options.neverCompile)
    return Error{ErrorCode::NotFound,
                 fmt::format("expected a compiled kernel in a cache, as this "
                             "Jit never compiles, got none for: {}",
                             name)};
  if (options.onCompile)
    options.onCompile(name);
  std::vector<PhaseTime> times;
  Result<KernelImage> image = compileImage(problem, schedule, times);
  if (!image)
    return image.error();
  disk.store(key, image->serialize());
  return finish(std::move(*image), KernelSource::Compiled, std::move(times));
}

Result<KernelImage>
KernelStore::compileImage(const Problem &problem, const Schedule &schedule,
                          std::vector<PhaseTime> &times) const {
  CompileOptions compiling;
  compiling.target = options.target;
  compiling.schedule = toText(schedule);
  compiling.allowSpills = true; // Who asks for the kernel decides: `accept`.
  Result<Compilation> compiled = compile(problem, compiling);
  if (!compiled && compiled.error().code == ErrorCode::NotFound) {
    log(compiled.error().message);
    compiling.to = "ptx"; // The driver assembles it.
    compiled = compile(problem, compiling);
  }
  if (!compiled)
    return compiled.error();
  times = std::move(compiled->times);
  return std::move(*compiled->image);
}

Result<LoadedKernel>
KernelStore::load(std::shared_ptr<const KernelImage> image) const {
  if (options.target == Target::Cpu) {
    Result<CpuKernel> kernel = CpuKernel::load(std::move(image));
    if (!kernel)
      return kernel.error();
    return LoadedKernel{std::move(*kernel), KernelSource::Memory, {}};
  }
  Result<Kernel> kernel = Kernel::load(*context, std::move(image));
  if (!kernel)
    return kernel.error();
  return LoadedKernel{std::move(*kernel), KernelSource::Memory, {}};
}
