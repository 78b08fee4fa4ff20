//===- CudaMachine.cpp - Device memory and CUDA events --------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/Runner/Machine.h"

#include "runtime/Cuda/DeviceBuffer.h"
#include "runtime/Oracle/Oracle.h"

#include <algorithm>
#include <cmath>

namespace parallax::tools {

namespace {

/// Two events around something on the default stream.
class Stopwatch {
public:
  static Result<std::unique_ptr<Stopwatch>> create(const Driver &driver) {
    std::unique_ptr<Stopwatch> watch(new Stopwatch(driver));
    for (EventHandle *event : {&watch->begin, &watch->end})
      if (DriverStatus status = driver->eventCreate(event, 0); status != 0)
        return driver.error("cuEventCreate", status);
    return watch;
  }
  ~Stopwatch() {
    for (EventHandle event : {begin, end})
      if (event)
        driver->eventDestroy(event);
  }

  /// Milliseconds per launch of `count` in a row.
  Result<double> time(const Machine::Launch &launch, int count) {
    if (DriverStatus status = driver->eventRecord(begin, nullptr); status != 0)
      return driver.error("cuEventRecord", status);
    for (int i = 0; i < count; ++i)
      if (Result<void> ok = launch(); !ok)
        return ok.error();
    if (DriverStatus status = driver->eventRecord(end, nullptr); status != 0)
      return driver.error("cuEventRecord", status);
    // What a kernel did wrong is reported here.
    if (DriverStatus status = driver->eventSynchronize(end); status != 0)
      return driver.error("cuEventSynchronize", status);
    float ms = 0;
    if (DriverStatus status = driver->eventElapsed(&ms, begin, end);
        status != 0)
      return driver.error("cuEventElapsedTime", status);
    return ms / count;
  }

private:
  explicit Stopwatch(const Driver &driver) : driver(driver) {}
  const Driver &driver;
  EventHandle begin = nullptr, end = nullptr;
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

  Result<std::vector<double>> time(const Launch &launch, int repeat) override {
    Result<std::unique_ptr<Stopwatch>> watch =
        Stopwatch::create(context.driver());
    if (!watch)
      return watch.error();
    // Warms up, and says how many launches make a sample that the clock's
    // resolution (half a microsecond) and the time to enqueue don't blur.
    double once = 0;
    for (int i = 0; i < 3; ++i) {
      Result<double> ms = (*watch)->time(launch, 1);
      if (!ms)
        return ms.error();
      once = *ms;
    }
    const int count =
        static_cast<int>(std::clamp(std::ceil(1.0 / (once + 1e-4)), 1.0, 50.0));
    std::vector<double> samples;
    for (int i = 0; i < repeat; ++i) {
      Result<double> ms = (*watch)->time(launch, count);
      if (!ms)
        return ms.error();
      samples.push_back(*ms);
    }
    return samples;
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
    return context.driver().check("cuCtxSynchronize",
                                  context.driver()->contextSynchronize());
  }

private:
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
