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

class CpuMachine final : public Machine {
public:
  std::string name() const override {
    return fmt::format("CPU, {} hardware threads",
                       std::thread::hardware_concurrency());
  }
  Result<void *> place(void *data, size_t) override { return data; }
  Result<void> fetch(void *, void *) override { return {}; }

  Result<std::vector<double>> time(const Launch &launch, int repeat) override {
    std::vector<double> samples;
    // The first launch touches memory for the first time.
    for (int i = -1; i < repeat; ++i) {
      auto begin = std::chrono::steady_clock::now();
      if (Result<void> ok = launch(nullptr); !ok)
        return ok.error();
      std::chrono::duration<double, std::milli> taken =
          std::chrono::steady_clock::now() - begin;
      if (i >= 0)
        samples.push_back(taken.count());
    }
    return samples;
  }

  Result<void> evaluate(const Problem &, const Arguments &) override {
    return Error{ErrorCode::NotFound,
                 "expected a CUDA device for the on-device oracle, got the "
                 "CPU"};
  }
};

} // namespace

std::unique_ptr<Machine> createCpuMachine() {
  return std::make_unique<CpuMachine>();
}

} // namespace parallax::tools
