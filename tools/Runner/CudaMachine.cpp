//===- CudaMachine.cpp - Device memory and CUDA events --------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/Runner/Machine.h"

#include "runtime/Cuda/DeviceBuffer.h"
#include "runtime/Oracle/Oracle.h"
#include "runtime/Stream/StreamFloor.h"
#include "tools/Runner/Stopwatch.h"

#include <algorithm>
#include <cmath>

namespace parallax::tools {

namespace {

// CUdevice_attribute.
constexpr int kL2CacheBytes = 38;

/// Launches of one sample: more tell nothing new.
constexpr double kMaxLaunches = 500;

class GraphSampler final : public Sampler {
public:
  /// A graph does not keep the code of its kernels: `kept` does.
  GraphSampler(std::unique_ptr<Stopwatch> watch, double launches,
               std::vector<Machine::Launch> kept)
      : kept(std::move(kept)), watch(std::move(watch)), launches(launches) {}

  Result<double> sample() override {
    Result<double> ms = watch->replay();
    if (!ms)
      return ms.error();
    return *ms / launches;
  }

private:
  std::vector<Machine::Launch> kept;
  std::unique_ptr<Stopwatch> watch;
  double launches;
};

class CudaMachine final : public Machine {
public:
  CudaMachine(const Context &context, bool programmaticLaunch)
      : context(context), scope(this->context),
        programmaticLaunch(programmaticLaunch) {}

  std::string name() const override { return context.device().name; }

  Result<void *> place(void *data, size_t bytes) override {
    Result<DeviceBuffer> buffer = DeviceBuffer::copyOf(context, data, bytes);
    if (!buffer)
      return buffer.error();
    return buffers.emplace_back(std::move(*buffer)).data();
  }

  Result<void> fetch(void *data, void *placed) override {
    for (const DeviceBuffer &buffer : buffers)
      if (buffer.data() == placed)
        return buffer.copyToHost(data);
    return Error{ErrorCode::InvalidArgument,
                 "expected a pointer from place, got another"};
  }

  Result<void> update(const void *data, void *placed) override {
    for (DeviceBuffer &buffer : buffers)
      if (buffer.data() == placed)
        return buffer.copyFromHost(data);
    return Error{ErrorCode::InvalidArgument,
                 "expected a pointer from place, got another"};
  }

  int64_t cacheBytes() const override {
    int bytes = 0;
    if (context.driver()->deviceGetAttribute(&bytes, kL2CacheBytes,
                                             context.device().handle) != 0)
      return 0;
    return bytes;
  }

  Result<std::unique_ptr<Sampler>> sampler(std::vector<Launch> launches,
                                           double ms) override {
    // The stopwatch's stream does not wait for copies on the default one.
    if (Result<void> ok = synchronize(); !ok)
      return ok.error();
    Result<std::unique_ptr<Stopwatch>> watch =
        Stopwatch::create(context.driver());
    if (!watch)
      return watch.error();
    // Warms up, and says how many launches take that long.
    double once = 0;
    for (size_t i = 0; i < std::max<size_t>(3, launches.size()); ++i) {
      Result<double> taken = (*watch)->time(launches[i % launches.size()]);
      if (!taken)
        return taken.error();
      once = *taken;
    }
    const auto each = static_cast<double>(launches.size());
    const auto rounds = static_cast<int64_t>(
        std::clamp(std::ceil(ms / ((once + 1e-4) * each)), 1.0,
                   std::max(1.0, kMaxLaunches / each)));
    if (Result<void> ok = (*watch)->capture(launches, rounds); !ok)
      return ok.error();
    auto sampler = std::make_unique<GraphSampler>(
        std::move(*watch), static_cast<double>(rounds) * each,
        std::move(launches));
    // The first run of a graph uploads it.
    if (Result<double> taken = sampler->sample(); !taken)
      return taken.error();
    return std::unique_ptr<Sampler>(std::move(sampler));
  }

  Result<void> evaluate(const Problem &problem,
                        const Arguments &arguments) override {
    if (Result<void> ok = compile(oracle); !ok)
      return ok;
    if (Result<void> ok = oracle->run(problem, arguments.pointers, nullptr);
        !ok)
      return ok;
    return synchronize();
  }

  Result<std::vector<Launch>> streams(const Problem &problem,
                                      const std::vector<Arguments> &sets,
                                      std::vector<int32_t> lengths,
                                      int64_t splits) override {
    if (Result<void> ok = compile(floor); !ok)
      return ok.error();
    Result<LaunchPlan> plan = floor->plan(problem, splits, programmaticLaunch);
    if (!plan)
      return plan.error();
    Result<void *> placed =
        place(lengths.data(), lengths.size() * sizeof(int32_t));
    if (!placed)
      return placed.error();
    std::vector<Launch> launches;
    for (Arguments arguments : sets) {
      arguments[Operand::UsedLengths] = *placed;
      launches.push_back([plan = *plan, arguments](void *stream) {
        return plan.launch(arguments.pointers, stream);
      });
    }
    return launches;
  }

private:
  /// Makes a companion kernel when it is first asked for.
  template <typename T> Result<void> compile(std::optional<T> &companion) {
    if (companion)
      return {};
    Result<Nvrtc> nvrtc = Nvrtc::load({});
    if (!nvrtc)
      return nvrtc.error();
    Result<T> made = T::create(context, *nvrtc);
    if (!made)
      return made.error();
    companion.emplace(std::move(*made));
    return {};
  }

  Result<void> synchronize() const {
    return context.driver().check("cuCtxSynchronize",
                                  context.driver()->contextSynchronize());
  }

  Context context;
  ContextScope scope; ///< Current from here on, for events and launches.
  std::vector<DeviceBuffer> buffers;
  std::optional<Oracle> oracle;
  std::optional<StreamFloor> floor;
  bool programmaticLaunch; ///< Of the floor's launches.
};

} // namespace

Result<std::unique_ptr<Machine>> createCudaMachine(int device,
                                                   bool programmaticLaunch) {
  Result<Driver> driver = Driver::load();
  if (!driver)
    return driver.error();
  Result<Context> context = Context::acquire(*driver, device);
  if (!context)
    return context.error();
  return std::unique_ptr<Machine>(
      std::make_unique<CudaMachine>(*context, programmaticLaunch));
}

} // namespace parallax::tools
