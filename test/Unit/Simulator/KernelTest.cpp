//===- KernelTest.cpp - Tests of the simulator's interface ----------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Simulator/Simulator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace parallax;
using namespace parallax::simulator;
using testing::HasSubstr;

namespace {

/// o = a * transpose(a) of one 64x64 tile; `wait` stands before the product.
std::string square(const std::string &wait) {
  return R"(
func.func @square(%a: !hopper.tensor_map, %o: !hopper.tensor_map)
    attributes {hopper.kernel} {
  %c0 = arith.constant 0 : i32
  %tile = hopper.alloc : !hopper.smem<64x64xbf16>
  %out = hopper.alloc : !hopper.smem<64x64xbf16>
  %full = hopper.barriers count 1 : !hopper.barrier<1>
  hopper.roles producer registers(24) {
    hopper.expect %full, 8192 : !hopper.barrier<1>
    hopper.tma_load %a[%c0, %c0, %c0, %c0], %tile, %full box [1, 64]
        : !hopper.smem<64x64xbf16>, !hopper.barrier<1>
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
)" + wait +
         R"(
    %s = hopper.wgmma %tile, %tile transpose
        : !hopper.smem<64x64xbf16>, !hopper.smem<64x64xbf16>
        -> tensor<64x64xf32, #hopper.acc>
    hopper.commit
    %t = hopper.wait_group pending 0 %s : tensor<64x64xf32, #hopper.acc>
    hopper.store_fragment %t, %out
        : tensor<64x64xf32, #hopper.acc>, !hopper.smem<64x64xbf16>
    hopper.fence_async
    hopper.warpgroup_barrier
    hopper.tma_store %out, %o[%c0, %c0, %c0, %c0] box [1, 64]
        : !hopper.smem<64x64xbf16>
  }
  return
})";
}

struct Square {
  std::vector<uint16_t> a, o;
  std::vector<Argument> arguments;

  Square() : a(64 * 64), o(64 * 64), arguments(2) {
    for (int i = 0; i < 64; ++i)
      a[i * 64 + i] = i % 2 ? 0x4000 : 0x3f80; // 2 or 1 on the diagonal.
    arguments[0].pointer = a.data();
    arguments[1].pointer = o.data();
    for (Argument &argument : arguments) {
      argument.sizes = {64, 1, 64, 1};
      argument.strides = {1, 64, 64, 0};
    }
  }
};

constexpr const char *kWait = "hopper.wait %full : !hopper.barrier<1>";

} // namespace

TEST(KernelTest, MultipliesInEveryOrder) {
  Result<Kernel> kernel = Kernel::parse(square(kWait), "square");
  ASSERT_TRUE(kernel) << kernel.error().message;
  for (uint64_t seed = 0; seed < 5; ++seed) {
    Square problem;
    Options options;
    options.seed = seed;
    options.orders = 10;
    Outcome outcome = kernel->run(problem.arguments, {1}, options);
    ASSERT_TRUE(outcome.reports.empty()) << outcome.reports.front().text();
    for (int i = 0; i < 64; ++i)
      for (int j = 0; j < 64; ++j)
        EXPECT_EQ(problem.o[i * 64 + j], i != j ? 0 : i % 2 ? 0x4080 : 0x3f80);
  }
}

TEST(KernelTest, ReportsNameWhatRaces) {
  Result<Kernel> kernel = Kernel::parse(square(""), "square");
  ASSERT_TRUE(kernel) << kernel.error().message;
  Square problem;
  Options options;
  options.orders = 20;
  Outcome outcome = kernel->run(problem.arguments, {1}, options);
  ASSERT_FALSE(outcome.reports.empty());
  for (const Report &report : outcome.reports) {
    EXPECT_EQ(report.kind, Report::Kind::ReadBeforeLanding);
    EXPECT_EQ(report.role, "consumer 0");
    EXPECT_EQ(report.op, "hopper.wgmma");
    EXPECT_EQ(report.location, "square:15:10");
  }
  EXPECT_THAT(outcome.reports.front().text(), HasSubstr("read before landing"));
}

TEST(KernelTest, TheSameSeedGivesTheSameRun) {
  Result<Kernel> kernel = Kernel::parse(square(kWait), "square");
  ASSERT_TRUE(kernel) << kernel.error().message;
  Options options;
  options.trace = true;
  Square one, two;
  const std::string trace = kernel->run(one.arguments, {1}, options).trace;
  EXPECT_EQ(trace, kernel->run(two.arguments, {1}, options).trace);
  EXPECT_THAT(trace, HasSubstr("hopper.wgmma"));
}

TEST(KernelTest, RefusesWhatIsNoKernel) {
  EXPECT_FALSE(Kernel::parse("func.func @f() { return }", "f"));
  EXPECT_FALSE(Kernel::parse("nonsense", "f"));
}
