//===- DriverTest.cpp - Driver, contexts, kernels and buffers -------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Cuda/DeviceBuffer.h"
#include "test/Unit/Runtime/CudaTest.h"

#include <numeric>
#include <optional>
#include <thread>

using namespace parallax;
using testing::HasSubstr;
using testing::Not;

//===----------------------------------------------------------------------===//
// Driver
//===----------------------------------------------------------------------===//

namespace {
struct DriverTest : CudaTest {};

Error loadError(const DriverOptions &options = {.soname = ""}) {
  Result<Driver> loaded = Driver::load(options);
  EXPECT_FALSE(loaded);
  return loaded ? Error() : loaded.error();
}
} // namespace

TEST_F(DriverTest, Loads) { EXPECT_EQ(driver().version(), 13000); }

TEST_F(DriverTest, MissingDriver) {
  Error error = loadError({.soname = "libnowhere.so.1"});
  EXPECT_EQ(error.code, ErrorCode::NotFound);
  EXPECT_THAT(error.message, HasSubstr("expected the NVIDIA driver, got none"));
  EXPECT_THAT(error.message, HasSubstr("libnowhere.so.1"));
}

TEST_F(DriverTest, AnotherLibrary) {
  Error error = loadError({.soname = "libm.so.6"});
  EXPECT_EQ(error.code, ErrorCode::Unsupported);
  EXPECT_THAT(error.message, HasSubstr("libm.so.6"));
  EXPECT_THAT(error.message, HasSubstr("without cuInit"));
}

TEST_F(DriverTest, OldDriver) {
  cuda.version = 12040;
  Error error = loadError();
  EXPECT_EQ(error.code, ErrorCode::Unsupported);
  EXPECT_THAT(error.message, HasSubstr("CUDA 12.8 or newer, got one for 12.4"));
  EXPECT_THAT(error.message, HasSubstr("570"));
  cuda.version = kMinimumDriverVersion;
  driver();
}

TEST_F(DriverTest, NoDevice) {
  cuda.failures["cuInit"] = 100;
  EXPECT_EQ(loadError().code, ErrorCode::NotFound);
  cuda.failures.clear();
  cuda.devices = 0;
  Error error = loadError();
  EXPECT_EQ(error.code, ErrorCode::NotFound);
  EXPECT_THAT(error.message, HasSubstr("expected a CUDA device, got none"));
}

TEST_F(DriverTest, ADriverThatDoesNotStart) {
  cuda.failures["cuInit"] = 999;
  Error error = loadError();
  EXPECT_EQ(error.code, ErrorCode::DriverFailed);
  EXPECT_THAT(error.message, HasSubstr("cuInit"));
  EXPECT_THAT(error.message, HasSubstr("999"));
  cuda.failures.clear();
  cuda.failures["cuDriverGetVersion"] = 1;
  EXPECT_THAT(loadError().message, HasSubstr("CUDA_ERROR_INVALID_VALUE"));
}

// What a kernel did wrong is often told by a later call.
TEST_F(DriverTest, SaysThatADeviceIsLost) {
  for (int status : {700, 702, 715, 719})
    EXPECT_THAT(driver().error("cuLaunchKernel", status).message,
                HasSubstr("only a new process can use the device"));
  for (int status : {1, 2, 600, 701, 720})
    EXPECT_THAT(driver().error("cuLaunchKernel", status).message,
                Not(HasSubstr("new process")));
}

//===----------------------------------------------------------------------===//
// Context
//===----------------------------------------------------------------------===//

namespace {
struct ContextTest : CudaTest {};
} // namespace

TEST_F(ContextTest, RetainsThePrimaryContext) {
  {
    std::optional<Context> original = context();
    Context first = *original;
    original.reset();
    EXPECT_EQ(first.handle(), fake::context(0));
    EXPECT_EQ(cuda.retained, 1);
    EXPECT_EQ(first.device().capability, 90);
    EXPECT_EQ(first.device().name, "Fake H200");
    EXPECT_EQ(fake::current(), nullptr);
  }
  EXPECT_EQ(cuda.retained, 0);
}

TEST_F(ContextTest, PrefersTheCallersContext) {
  fake::setCurrent(fake::context(7));
  Context acquired = context();
  EXPECT_EQ(acquired.handle(), fake::context(7));
  EXPECT_EQ(cuda.retained, 0);
  EXPECT_EQ(cuda.calls["cuDevicePrimaryCtxRetain"], 0);
}

TEST_F(ContextTest, KeepsACurrentPrimaryContextAlive) {
  std::optional<Context> first = context();
  fake::setCurrent(first->handle());
  Context second = context();
  EXPECT_EQ(second.handle(), first->handle());
  first.reset();
  EXPECT_EQ(cuda.retained,
            1); // Else what `second` loads could not be unloaded.
}

TEST_F(ContextTest, LeavesAnothersContextWhenThePrimaryIsActive) {
  Context primary = context();
  fake::setCurrent(fake::context(7));
  Context acquired = context();
  EXPECT_EQ(acquired.handle(), fake::context(7));
  EXPECT_EQ(cuda.retained, 1);
}

TEST_F(ContextTest, NoSuchDevice) {
  cuda.devices = 2;
  for (int ordinal : {-1, 2}) {
    Result<Context> acquired = Context::acquire(driver(), ordinal);
    ASSERT_FALSE(acquired);
    EXPECT_EQ(acquired.error().code, ErrorCode::NotFound);
    EXPECT_THAT(acquired.error().message, HasSubstr("in [0, 1]"));
  }
}

TEST_F(ContextTest, AFailureReleasesWhatWasRetained) {
  cuda.failures["cuDeviceGetAttribute"] = 1;
  EXPECT_FALSE(Context::acquire(driver(), 0));
  EXPECT_EQ(cuda.retained, 0);
}

TEST_F(ContextTest, ScopesNest) {
  Context acquired = context();
  fake::setCurrent(fake::context(5));
  {
    ContextScope outer(acquired);
    EXPECT_EQ(fake::current(), fake::context(0));
    ContextScope inner(acquired);
    EXPECT_EQ(fake::current(), fake::context(0));
    EXPECT_EQ(cuda.calls["cuCtxPushCurrent_v2"], 1);
  }
  EXPECT_EQ(fake::current(), fake::context(5));
}

TEST_F(ContextTest, KnowsWhatRuns) {
  struct {
    int capability;
    const char *target;
    bool runs;
  } cases[] = {{90, "sm_90a", true},   {90, "sm_90", true},
               {90, "sm_80", false},   {80, "sm_90a", false},
               {100, "sm_90a", false}, {100, "sm_90", false},
               {89, "sm_80", true},    {80, "sm_89", false}};
  for (const auto &test : cases) {
    cuda.capability = test.capability;
    Result<void> ok = context().supports(test.target);
    EXPECT_EQ(static_cast<bool>(ok), test.runs)
        << test.capability << " " << test.target;
    if (!ok)
      EXPECT_EQ(ok.error().code, ErrorCode::Unsupported);
  }
  cuda.capability = 80;
  EXPECT_THAT(context().supports("sm_90a").error().message,
              HasSubstr("capability 9.0 for sm_90a, got 8.0 (Fake H200)"));
  for (const char *target : {"", "cpu", "sm_", "sm_90x", "90a", "sm_a"})
    EXPECT_EQ(context().supports(target).error().code,
              ErrorCode::InvalidArgument)
        << target;
}

//===----------------------------------------------------------------------===//
// Kernel
//===----------------------------------------------------------------------===//

namespace {
struct KernelTest : CudaTest {
  Error error(std::shared_ptr<const KernelImage> image) {
    Result<Kernel> loaded = Kernel::load(context(), image);
    EXPECT_FALSE(loaded);
    EXPECT_EQ(cuda.modules, 0);
    EXPECT_EQ(fake::current(), nullptr);
    return loaded ? Error() : loaded.error();
  }
};
} // namespace

TEST_F(KernelTest, IsWhollyLoaded) {
  {
    Kernel loaded = kernel(image());
    EXPECT_FALSE(loaded.fromPtx());
    EXPECT_EQ(cuda.modules, 1);
    EXPECT_EQ(cuda.attributes[8], 200 * 1024);
    EXPECT_EQ(cuda.calls["cuFuncLoad"], 1);
    EXPECT_EQ(fake::current(), nullptr);
  }
  EXPECT_EQ(cuda.modules, 0);
  EXPECT_EQ(cuda.retained, 0);
}

// A thread that captures a stream may still ask for a kernel.
TEST_F(KernelTest, LoadsUnderRelaxedCapture) {
  kernel(image());
  EXPECT_EQ(cuda.captureModeAtLoad, 2);
  EXPECT_EQ(cuda.captureMode, 0);
}

TEST_F(KernelTest, FallsBackToPtx) {
  cuda.refusesCubin = true;
  auto both = image();
  both->ptx = ".version 8.7";
  EXPECT_TRUE(kernel(both).fromPtx());
  both->code.clear();
  EXPECT_TRUE(kernel(both).fromPtx());
}

TEST_F(KernelTest, SaysWhyNothingLoads) {
  cuda.refusesCubin = cuda.refusesPtx = true;
  cuda.assemblerLog = "ptxas fatal: bad\nmore";
  auto both = image();
  both->ptx = ".version 99.0";
  Error e = error(both);
  EXPECT_EQ(e.code, ErrorCode::CompileFailed);
  EXPECT_THAT(e.message, HasSubstr("209"));
  EXPECT_THAT(e.message, HasSubstr("222"));
  EXPECT_THAT(e.message, HasSubstr("ptxas fatal: bad"));
  EXPECT_THAT(e.message, Not(HasSubstr("more")));
}

TEST_F(KernelTest, WrongImages) {
  auto wrong = image();
  wrong->code.clear();
  EXPECT_THAT(error(wrong).message, HasSubstr("got neither"));
  wrong = image();
  wrong->name = "other";
  EXPECT_THAT(error(wrong).message, HasSubstr("'other'"));
  wrong = image();
  wrong->dynamicSharedBytes = 300000;
  EXPECT_THAT(error(wrong).message, HasSubstr("232448"));
  wrong->dynamicSharedBytes = -1;
  EXPECT_EQ(error(wrong).code, ErrorCode::Unsupported);
  wrong = image();
  wrong->target = "cpu";
  EXPECT_EQ(error(wrong).code, ErrorCode::InvalidArgument);
  cuda.capability = 100;
  EXPECT_THAT(error(image()).message, HasSubstr("got 10.0"));
}

TEST_F(KernelTest, DriverFailuresAreErrors) {
  for (const char *symbol :
       {"cuModuleLoadDataEx", "cuModuleGetFunction", "cuFuncSetAttribute",
        "cuFuncLoad", "cuCtxPushCurrent_v2"}) {
    cuda.failures = {{symbol, 1}};
    EXPECT_THAT(error(image()).message, HasSubstr("CUDA_ERROR_INVALID_VALUE"))
        << symbol;
  }
}

//===----------------------------------------------------------------------===//
// DeviceBuffer
//===----------------------------------------------------------------------===//

namespace {
struct DeviceBufferTest : CudaTest {};
} // namespace

TEST_F(DeviceBufferTest, HoldsACopy) {
  std::vector<int> values(100), back(100);
  std::iota(values.begin(), values.end(), 0);
  {
    Result<DeviceBuffer> buffer = DeviceBuffer::copyOf(
        context(), values.data(), values.size() * sizeof(int));
    ASSERT_TRUE(buffer);
    EXPECT_EQ(buffer->size(), 400u);
    ASSERT_TRUE(buffer->copyToHost(back.data()));
    EXPECT_EQ(back, values);

    DeviceBuffer moved = std::move(*buffer);
    Result<DeviceBuffer> other = DeviceBuffer::allocate(context(), 0);
    ASSERT_TRUE(other);
    moved = std::move(*other);
    EXPECT_EQ(moved.size(), 0u);
  }
  EXPECT_TRUE(cuda.buffers.empty());
  EXPECT_EQ(cuda.retained, 0);
}

TEST_F(DeviceBufferTest, OutOfMemory) {
  cuda.failures["cuMemAlloc_v2"] = 2;
  Result<DeviceBuffer> buffer =
      DeviceBuffer::allocate(context(), size_t(1) << 40);
  ASSERT_FALSE(buffer);
  EXPECT_THAT(buffer.error().message, HasSubstr("cuMemAlloc of 1099511627776"));
}
