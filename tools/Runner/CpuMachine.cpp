//===- CpuMachine.cpp - Host memory and the steady clock ------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/Runner/Machine.h"

#include <chrono>
#include <fmt/format.h>
#include <thread>

namespace parallax::tools {

namespace {

class CpuSampler final : public Sampler {
public:
  explicit CpuSampler(std::vector<Machine::Launch> launches)
      : launches(std::move(launches)) {}

  Result<double> sample() override {
    auto begin = std::chrono::steady_clock::now();
    for (const Machine::Launch &launch : launches)
      if (Result<void> ok = launch(nullptr); !ok)
        return ok.error();
    std::chrono::duration<double, std::milli> taken =
        std::chrono::steady_clock::now() - begin;
    return taken.count() / double(launches.size());
  }

private:
  std::vector<Machine::Launch> launches;
};

class CpuMachine final : public Machine {
public:
  std::string name() const override {
    return fmt::format("CPU, {} hardware threads",
                       std::thread::hardware_concurrency());
  }
  Result<void *> place(void *data, size_t) override { return data; }
  Result<void> fetch(void *, void *) override { return {}; }
  Result<void> update(const void *, void *) override { return {}; }

  int64_t cacheBytes() const override { return 0; }

  Result<std::unique_ptr<Sampler>> sampler(std::vector<Launch> launches,
                                           double) override {
    auto sampler = std::make_unique<CpuSampler>(std::move(launches));
    // The first launch touches memory for the first time.
    if (Result<double> ms = sampler->sample(); !ms)
      return ms.error();
    return std::unique_ptr<Sampler>(std::move(sampler));
  }

  Result<void> evaluate(const Problem &, const Arguments &) override {
    return Error{ErrorCode::NotFound,
                 "expected a CUDA device for the on-device oracle, got the "
                 "CPU"};
  }

  Result<std::vector<Launch>> streams(const Problem &,
                                      const std::vector<Arguments> &,
                                      std::vector<int32_t>, int64_t) override {
    return Error{ErrorCode::NotFound,
                 "expected a CUDA device for the streaming floor, got the CPU"};
  }
};

} // namespace

std::unique_ptr<Machine> createCpuMachine() {
  return std::make_unique<CpuMachine>();
}

} // namespace parallax::tools
