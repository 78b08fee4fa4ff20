//===- NvrtcTest.cpp - Compiles CUDA C++ at run time ----------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Nvrtc/Nvrtc.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace parallax;
using testing::HasSubstr;

TEST(Nvrtc, IsMissedWithAReason) {
  NvrtcOptions options;
  options.libraries = {"libnvrtc.so.0", "/nowhere/libnvrtc.so"};
  Result<Nvrtc> nvrtc = Nvrtc::load(options);
  ASSERT_FALSE(nvrtc);
  EXPECT_EQ(nvrtc.error().code, ErrorCode::NotFound);
  EXPECT_THAT(nvrtc.error().message, HasSubstr("expected NVRTC"));
  EXPECT_THAT(nvrtc.error().message, HasSubstr("libnvrtc.so.0"));
  EXPECT_THAT(nvrtc.error().message, HasSubstr("/nowhere/libnvrtc.so"));
}

// A library that loads but is another.
TEST(Nvrtc, RefusesAnotherLibrary) {
  NvrtcOptions options;
  options.libraries = {"libm.so.6"};
  Result<Nvrtc> nvrtc = Nvrtc::load(options);
  ASSERT_FALSE(nvrtc);
  EXPECT_THAT(nvrtc.error().message,
              HasSubstr("libm.so.6 has no nvrtcVersion"));
}

class WithNvrtc : public testing::Test {
protected:
  void SetUp() override {
    Result<Nvrtc> loaded = Nvrtc::load({});
    if (!loaded)
      GTEST_SKIP() << loaded.error().message;
    nvrtc = *loaded;
  }
  std::optional<Nvrtc> nvrtc;
};

TEST_F(WithNvrtc, MakesACubin) {
  EXPECT_GE(nvrtc->version().first, 12);
  auto cubin = nvrtc->compile(
      "extern \"C\" __global__ void f(int *x) { *x = 1; }", "f.cu", "sm_90");
  ASSERT_TRUE(cubin) << cubin.error().message;
  ASSERT_GT(cubin->size(), 4u);
  EXPECT_EQ(std::string(cubin->begin(), cubin->begin() + 4), "\x7f"
                                                             "ELF");
}

TEST_F(WithNvrtc, NamesTheFirstError) {
  auto cubin = nvrtc->compile("__global__ void f() {\n  int x = y;\n}\n",
                              "wrong.cu", "sm_90");
  ASSERT_FALSE(cubin);
  EXPECT_EQ(cubin.error().code, ErrorCode::CompileFailed);
  EXPECT_THAT(cubin.error().message, HasSubstr("wrong.cu(2)"));
  EXPECT_THAT(cubin.error().message, HasSubstr("\"y\" is undefined"));
  EXPECT_EQ(cubin.error().message.find('\n'), std::string::npos);
}

TEST_F(WithNvrtc, SaysWhenThereIsNoMachineCode) {
  auto cubin = nvrtc->compile("__global__ void f() {}", "f.cu", "compute_90");
  ASSERT_FALSE(cubin);
  EXPECT_THAT(cubin.error().message, HasSubstr("compute_90"));
  EXPECT_FALSE(nvrtc->compile("__global__ void f() {}", "f.cu", "sm_1"));
}
