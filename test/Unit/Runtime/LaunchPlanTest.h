//===- LaunchPlanTest.h - Kernels that the fake driver launches -*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_TEST_UNIT_RUNTIME_LAUNCHPLANTEST_H
#define PARALLAX_TEST_UNIT_RUNTIME_LAUNCHPLANTEST_H

#include "runtime/Cuda/LaunchPlan.h"

#include "test/Unit/Runtime/CudaTest.h"
#include "test/Unit/Runtime/Prefill.h"

#include <cstring>

namespace parallax {

struct LaunchPlanTest : CudaTest {
  LaunchPlanTest() {
    for (size_t i = 0; i < pointers.size(); ++i)
      pointers[i] = pointer(0x10000 * (i + 1));
  }

  /// A kernel with these parameters, of which the fake driver records `bytes`.
  Kernel kernelWith(std::vector<KernelParameter> parameters,
                    std::vector<size_t> bytes, int packedHeads = 1) {
    auto made = image();
    made->parameters = std::move(parameters);
    made->packedHeads = packedHeads;
    cuda.parameterBytes = std::move(bytes);
    return kernel(made);
  }
  LaunchPlan plan(const Problem &p, const Kernel &k) {
    Result<LaunchPlan> made = LaunchPlan::create(p, k);
    EXPECT_TRUE(made) << made.error().message;
    return *made;
  }
  std::string planError(const Problem &p, const Kernel &k) {
    Result<LaunchPlan> made = LaunchPlan::create(p, k);
    EXPECT_FALSE(made);
    return made ? std::string() : made.error().message;
  }
  template <typename T> T parameter(size_t i) {
    T value;
    std::memcpy(&value, cuda.launches.back().parameters.at(i).data(),
                sizeof(T));
    return value;
  }

  LaunchPlan::Pointers pointers;
};

} // namespace parallax

#endif // PARALLAX_TEST_UNIT_RUNTIME_LAUNCHPLANTEST_H
