//===- CudaMachine.cpp - Device memory and CUDA events --------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/Runner/Machine.h"

#include "runtime/Cuda/DeviceBuffer.h"
#include "runtime/Oracle/Oracle.h"
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
  GraphSampler(std::unique_ptr<Stopwatch> watch, double launches)
      : watch(std::move(watch)), launches(launches) {}

  Result<double> sample() override {
    Result<double> ms = watch->replay();
    if (!ms)
      return ms.error();
    return *ms / launches;
  }

private:
  std::unique_ptr<Stopwatch> watch;
  double launches;
};

class CudaMachine final : public Machine {
public:
  explicit CudaMachine(const Context &context)
      : context(context), scope(this->context) {}

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
        std::move(*watch), static_cast<double>(rounds) * each);
    // The first run of a graph uploads it.
    if (Result<double> taken = sampler->sample(); !taken)
      return taken.error();
    return std::unique_ptr<Sampler>(std::move(sampler));
  }

  Result<void> evaluate(const Problem &problem,
                        const Arguments &arguments) override {
    Result<Nvrtc> nvrtc = Nvrtc::load({});
    if (!nvrtc)
      return nvrtc.error();
    Result<Oracle> oracle = Oracle::create(context, *nvrtc);
    if (!oracle)
      return oracle.error();
    if (Result<void> ok = oracle->run(problem, arguments.pointers, nullptr);
        !ok)
      return ok;
    return synchronize();
  }

private:
  Result<void> synchronize() const {
    return context.driver().check("cuCtxSynchronize",
                                  context.driver()->contextSynchronize());
  }

  Context context;
  ContextScope scope; ///< Current from here on, for events and launches.
  std::vector<DeviceBuffer> buffers;
};

} // namespace

Result<std::unique_ptr<Machine>> createCudaMachine(int device) {
  Result<Driver> driver = Driver::load();
  if (!driver)
    return driver.error();
  Result<Context> context = Context::acquire(*driver, device);
  if (!context)
    return context.error();
  return std::unique_ptr<Machine>(std::make_unique<CudaMachine>(*context));
}

} // namespace parallax::tools
