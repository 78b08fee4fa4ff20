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
    // The stopwatch's stream does not wait for copies on the default one.
    if (Result<void> ok = synchronize(); !ok)
      return ok.error();
    Result<std::unique_ptr<Stopwatch>> watch =
        Stopwatch::create(context.driver());
    if (!watch)
      return watch.error();
    // Warms up, and says how many launches make a sample that the resolution
    // of events (half a microsecond) doesn't blur.
    double once = 0;
    for (int i = 0; i < 3; ++i) {
      Result<double> ms = (*watch)->time(launch);
      if (!ms)
        return ms.error();
      once = *ms;
    }
    const double wanted = std::ceil(1.0 / (once + 1e-4));
    return (*watch)->sample(
        launch, static_cast<int>(std::clamp(wanted, 1.0, 50.0)), repeat);
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
