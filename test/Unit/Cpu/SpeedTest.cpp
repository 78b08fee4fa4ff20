//===- SpeedTest.cpp - How fast the CPU kernels are -----------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Prints, checks nothing, and runs only when asked to:
//
//   CpuTests --gtest_also_run_disabled_tests --gtest_filter='CpuSpeed.*'
//
// Useful operations are 8 D for each pair of a query and a key that it sees.
//
//===----------------------------------------------------------------------===//

#include "test/Unit/Cpu/CpuTest.h"

#include "gtest/gtest.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>

using namespace parallax;
using namespace parallax::test;
using namespace parallax::tools;

static double millisecondsSince(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double, std::milli>(
             std::chrono::steady_clock::now() - start)
      .count();
}

static void measure(const char *name, Problem problem, const Sizes &sizes) {
  Case c = makeCase(problem, sizes);
  const Problem &p = c.problem;
  auto start = std::chrono::steady_clock::now();
  auto image = compileForCpu(p);
  ASSERT_TRUE(image) << image.error().message;
  const double compileMs = millisecondsSince(start);
  start = std::chrono::steady_clock::now();
  auto kernel = CpuKernel::load(std::make_shared<KernelImage>(*image));
  ASSERT_TRUE(kernel) << kernel.error().message;
  fmt::print("{}: {} {}, {} bytes of code, {} of scratch, compiled in {:.0f} "
             "ms, loaded in {:.1f}\n",
             name, toString(p.dtype), image->schedule, image->code.size(),
             image->dynamicSharedBytes, compileMs, millisecondsSince(start));
  std::vector<float> o(p.batch * p.queryLength * p.queryHeads * p.headDim);
  // 16-bit inputs are laid out by the tensors that `run` makes.
  auto tensor = [&](int64_t length, int64_t heads,
                    const std::vector<float> &values) {
    HostTensor t(p.batch, length, heads, p.headDim, p.dtype, Layout::BLHD);
    t.write(values);
    return t;
  };
  HostTensor q = tensor(p.queryLength, p.queryHeads, c.inputs.q);
  HostTensor r = tensor(p.queryLength, p.queryHeads, c.inputs.r);
  HostTensor k = tensor(p.keyLength, p.kvHeads, c.inputs.k);
  HostTensor v = tensor(p.keyLength, p.kvHeads, c.inputs.v);
  std::array<void *, kNumOperands> pointers = {q.data(), r.data(), k.data(),
                                               v.data(), o.data()};
  for (int threads : {1, 0}) {
    double best = 1e30;
    start = std::chrono::steady_clock::now();
    for (int i = 0; i < 5 || (millisecondsSince(start) < 2000 && i < 500);
         ++i) {
      auto begin = std::chrono::steady_clock::now();
      ASSERT_TRUE(kernel->launch(p, pointers, threads));
      best = std::min(best, millisecondsSince(begin));
    }
    const double flops = 8.0 * p.headDim * visiblePairs(c);
    const double cacheBytes = 2.0 * p.batch * p.keyLength * p.kvHeads *
                              p.headDim * sizeInBytes(p.dtype);
    fmt::print("  {} threads: {:.3f} ms, {:.1f} GFLOP/s, keys and values at "
               "{:.2f} GB/s\n",
               threads ? "1" : "all", best, flops / best * 1e-6,
               cacheBytes / best * 1e-6);
  }
}

TEST(CpuSpeed, DISABLED_Forward) {
  Problem problem;
  problem.kind = ProblemKind::Forward;
  problem.dtype = DType::F32;
  problem.mask = MaskKind::Causal;
  measure("causal", problem, {1, 1024, 1024, 8, 8, 128});
  problem.mask = MaskKind::None;
  measure("no mask", problem, {1, 1024, 1024, 8, 8, 128});
  problem.mask = MaskKind::Causal;
  measure("causal", problem, {1, 1024, 1024, 8, 8, 64});
  problem.dtype = DType::BF16;
  measure("causal", problem, {1, 1024, 1024, 8, 8, 128});
  problem.window = 128;
  measure("window 128", problem, {1, 1024, 1024, 8, 8, 128});
}

TEST(CpuSpeed, DISABLED_Decode) {
  Problem problem;
  problem.kind = ProblemKind::Decode;
  problem.mask = MaskKind::Causal;
  for (DType dtype : {DType::F32, DType::BF16}) {
    problem.dtype = dtype;
    measure("1 token", problem, {1, 1, 8192, 8, 8, 128});
    measure("1 token, group 4", problem, {1, 1, 8192, 32, 8, 128});
    measure("4 tokens, group 4", problem, {1, 4, 8192, 32, 8, 128});
  }
}
