//===- CudaTest.h - What tests of the CUDA runtime share ------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_TEST_UNIT_RUNTIME_CUDATEST_H
#define PARALLAX_TEST_UNIT_RUNTIME_CUDATEST_H

#include "runtime/Cuda/Kernel.h"
#include "test/Unit/FakeCuda/FakeCuda.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace parallax {

/// A test with a fake driver, as new.
class CudaTest : public testing::Test {
protected:
  CudaTest() : cuda(fake::reset()) {}

  Driver driver() {
    Result<Driver> loaded = Driver::load({.soname = ""});
    EXPECT_TRUE(loaded) << loaded.error().message;
    return *loaded;
  }
  Context context() {
    Result<Context> acquired = Context::acquire(driver(), 0);
    EXPECT_TRUE(acquired) << acquired.error().message;
    return *acquired;
  }
  static std::shared_ptr<KernelImage> image() {
    auto image = std::make_shared<KernelImage>();
    image->name = "kernel";
    image->target = "sm_90a";
    image->code = {0x7f, 'E', 'L', 'F'};
    image->threads = 384;
    image->dynamicSharedBytes = 200 * 1024;
    image->tileTokens = 128;
    return image;
  }
  Kernel kernel(std::shared_ptr<const KernelImage> image) {
    Result<Kernel> loaded = Kernel::load(context(), image);
    EXPECT_TRUE(loaded) << loaded.error().message;
    return *loaded;
  }

  fake::Cuda &cuda;
};

} // namespace parallax

#endif // PARALLAX_TEST_UNIT_RUNTIME_CUDATEST_H
