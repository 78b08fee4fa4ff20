//===- OracleKernelTest.cpp - The on-device oracle, run on the host -------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The CUDA source is compiled here as C++: a block is a team of host threads
// that meet in a barrier, shared memory is static. So its arithmetic and its
// synchronisation are checked without a card.
//
//===----------------------------------------------------------------------===//

#include "tools/Support/Case.h"
#include "tools/Support/Comparison.h"
#include "tools/Support/Pages.h"

#include "gtest/gtest.h"

#include <barrier>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <thread>

namespace cuda {

constexpr unsigned kTeam = 4;
std::barrier<> team(kTeam);

struct Index {
  unsigned x;
};
thread_local Index threadIdx, blockIdx;
constexpr Index blockDim{kTeam};

// NOLINTBEGIN(readability-identifier-naming): CUDA's own names.
void __syncthreads() { team.arrive_and_wait(); }
float __uint_as_float(unsigned bits) { return std::bit_cast<float>(bits); }
// NOLINTEND(readability-identifier-naming)

#define __device__
#define __global__
#define __shared__ static
#include "runtime/kernels/oracle.cu"
#undef __device__
#undef __global__
#undef __shared__

void launch(unsigned grid, const OracleParameters &parameters) {
  std::vector<std::thread> threads;
  threads.reserve(kTeam);
  for (unsigned thread = 0; thread < kTeam; ++thread)
    threads.emplace_back([&, thread] {
      threadIdx.x = thread;
      for (blockIdx.x = 0; blockIdx.x < grid; ++blockIdx.x) {
        parallax_oracle(parameters);
        __syncthreads(); // Blocks share nothing on a card.
      }
    });
  for (std::thread &thread : threads)
    thread.join();
}

} // namespace cuda

using namespace parallax;
using namespace parallax::tools;

namespace {

int elementType(DType dtype) {
  return dtype == DType::F32    ? cuda::OracleF32
         : dtype == DType::BF16 ? cuda::OracleBF16
         : dtype == DType::E4M3 ? cuda::OracleE4M3
                                : cuda::OracleF16;
}

/// What a kernel wrote, and that part of its parameters.
struct Written {
  explicit Written(const Problem &p, cuda::OracleParameters &parameters)
      : rows(p.batch * p.queryLength * p.queryHeads), o(rows * p.headDim, NAN),
        o1(o), o2(o), rowMax(rows, NAN), d1(rowMax), tbar(rowMax),
        logSumExp(rowMax), m(rowMax), stateD1(rowMax), stateD2(rowMax) {
    parameters.o = o.data();
    parameters.rowMax = rowMax.data();
    parameters.d1 = d1.data();
    parameters.tbar = tbar.data();
    parameters.logSumExp = logSumExp.data();
    parameters.stateO1 = o1.data();
    parameters.stateO2 = o2.data();
    parameters.stateM = m.data();
    parameters.stateD1 = stateD1.data();
    parameters.stateD2 = stateD2.data();
    parameters.batch = static_cast<int>(p.batch);
    parameters.queryLength = static_cast<int>(p.queryLength);
    parameters.queryHeads = static_cast<int>(p.queryHeads);
    parameters.headDim = static_cast<int>(p.headDim);
  }
  void expectRight(const Case &c) const;

  int64_t rows;
  std::vector<float> o, o1, o2, rowMax, d1, tbar, logSumExp, m, stateD1,
      stateD2;
};

void Written::expectRight(const Case &c) const {
  const Problem &p = c.problem;
  Comparison comparison, o1Comparison, o2Comparison;
  for (int64_t row = 0; row < rows; ++row) {
    const RowResult expected =
        evaluateRow(p, c.inputs,
                    {row / p.queryHeads / p.queryLength,
                     row / p.queryHeads % p.queryLength, row % p.queryHeads});
    for (int64_t d = 0; d < p.headDim; ++d) {
      comparison.add(o[row * p.headDim + d], expected.o[d]);
      o1Comparison.add(o1[row * p.headDim + d], expected.state.o1[d]);
      o2Comparison.add(o2[row * p.headDim + d], expected.state.o2[d]);
    }
    EXPECT_FLOAT_EQ(rowMax[row], expected.rowMax);
    EXPECT_FLOAT_EQ(d1[row], expected.d1);
    EXPECT_NEAR(tbar[row], expected.tbar,
                1e-6 + 1e-6 * std::abs(expected.tbar));
    EXPECT_FLOAT_EQ(logSumExp[row], expected.logSumExp);
    EXPECT_FLOAT_EQ(stateD1[row], expected.state.d1);
    EXPECT_NEAR(stateD2[row], expected.state.d2,
                1e-5 + 1e-5 * std::abs(expected.state.d2));
    if (expected.d1 > 0)
      EXPECT_FLOAT_EQ(m[row], expected.state.m);
    else
      EXPECT_EQ(m[row], std::numeric_limits<float>::lowest());
  }
  EXPECT_LT(comparison.maxErrorRatio(), 1e-6);
  EXPECT_LT(o1Comparison.maxErrorRatio(), 1e-6);
  EXPECT_LT(o2Comparison.maxErrorRatio(), 1e-6);
}

/// Two launches, as where one grid can't hold all rows.
void launchHalves(int64_t rows, cuda::OracleParameters parameters) {
  const int64_t half = rows / 2;
  cuda::launch(half, parameters);
  parameters.firstRow = half;
  cuda::launch(rows - half, parameters);
}

/// Runs the kernel on `c` in `layout` and expects what the host's oracle says.
void check(const Case &c, Layout layout) {
  Problem p = c.problem;
  auto tensor = [&](const std::vector<float> &values, int64_t length,
                    int64_t heads, DType dtype) {
    HostTensor result(p.batch, length, heads, p.headDim, dtype, layout);
    result.write(values);
    return result;
  };
  HostTensor q = tensor(c.inputs.q, p.queryLength, p.queryHeads, p.dtype);
  HostTensor r = tensor(c.inputs.r, p.queryLength, p.queryHeads, p.dtype);
  CacheTensors cache = placeCache(p, c.inputs, layout);
  auto argument = [](HostTensor &t) {
    const Strides &s = t.strides();
    return cuda::OracleTensor{t.data(), s.batch, s.length, s.head};
  };

  cuda::OracleParameters parameters = {};
  Written written(p, parameters);
  parameters.q = argument(q);
  parameters.r = argument(r);
  parameters.k = argument(cache.k);
  parameters.v = argument(cache.v);
  // What they replace in the cache is NaN.
  HostTensor newK =
      tensor(c.inputs.newK, p.newLength.value_or(0), p.kvHeads, p.keyDType());
  HostTensor newV =
      tensor(c.inputs.newV, p.newLength.value_or(0), p.kvHeads, p.keyDType());
  parameters.newK = argument(newK);
  parameters.newV = argument(newV);
  parameters.newLength = static_cast<int>(p.newLength.value_or(0));
  if (!c.inputs.usedLengths.empty())
    parameters.usedLengths = c.inputs.usedLengths.data();
  if (p.isPaged())
    parameters.blockTable = cache.blockTable.data();
  parameters.blockTableStride = p.blockTableStride;
  parameters.pageSize = static_cast<int>(p.pageSize);
  parameters.scale = static_cast<float>(p.effectiveScale());
  parameters.keyLength = static_cast<int>(p.keyLength);
  parameters.kvHeads = static_cast<int>(p.kvHeads);
  parameters.elementType = elementType(p.dtype);
  parameters.keyElementType = elementType(p.keyDType());
  if (p.keyScale)
    parameters.keyScale = c.inputs.keyScale.data();
  if (p.valueScale)
    parameters.valueScale = c.inputs.valueScale.data();
  parameters.keyScaleStride = p.keyScaleStride;
  parameters.valueScaleStride = p.valueScaleStride;
  parameters.causal = p.mask == MaskKind::Causal;
  parameters.window = static_cast<int>(p.window.value_or(0));
  launchHalves(written.rows, parameters);
  written.expectRight(c);
}

} // namespace

// Some parts are empty and hold garbage, of some rows all.
TEST(OracleKernel, MergesStates) {
  Problem p;
  p.kind = ProblemKind::Merge;
  p.parts = 6;
  p.state = true;
  Result<Case> c = randomCase(p, {2, 3, kDynamic, 5, kDynamic, 24}, {}, 3);
  ASSERT_TRUE(c) << c.error().message;
  cuda::OracleParameters parameters = {};
  Written written(c->problem, parameters);
  const Parts &parts = c->inputs.parts;
  parameters.partO1 = parts.o1.data();
  parameters.partO2 = parts.o2.data();
  parameters.partM = parts.m.data();
  parameters.partD1 = parts.d1.data();
  parameters.partD2 = parts.d2.data();
  parameters.parts = 6;
  launchHalves(written.rows, parameters);
  written.expectRight(*c);
}

TEST(OracleKernel, AgreesWithTheHostsOracle) {
  struct {
    const char *what;
    Sizes sizes; // batch, query length, key length, query heads, kv heads, D
    DType dtype;
    MaskKind mask;
    std::optional<int64_t> window;
    std::optional<double> scale;
    std::vector<int32_t> used;
    Layout layout;
    int64_t pageSize = 0;
    std::optional<int64_t> newLength = {};
    std::optional<int64_t> scaleStride = {}; // Of an e4m3 cache.
  } cases[] = {
      {"float32, no mask",
       {2, 5, 9, 2, 2, 16},
       DType::F32,
       MaskKind::None,
       {},
       {},
       {},
       Layout::BLHD},
      {"bf16, causal, groups of 3",
       {1, 17, 17, 6, 2, 24},
       DType::BF16,
       MaskKind::Causal,
       {},
       {},
       {},
       Layout::BHLD},
      {"f16, window",
       {1, 19, 33, 2, 1, 64},
       DType::F16,
       MaskKind::Causal,
       7,
       {},
       {},
       Layout::Sliced},
      {"window of one key",
       {1, 6, 6, 1, 1, 8},
       DType::F32,
       MaskKind::Causal,
       1,
       {},
       {},
       Layout::BLHD},
      {"rows that see no key",
       {1, 9, 4, 1, 1, 8},
       DType::BF16,
       MaskKind::Causal,
       {},
       {},
       {},
       Layout::BLHD},
      {"negative scale",
       {1, 3, 21, 1, 1, 256},
       DType::F16,
       MaskKind::None,
       {},
       -0.7,
       {},
       Layout::Sliced},
      {"used lengths, NaN behind them",
       {3, 2, 40, 5, 1, 40},
       DType::BF16,
       MaskKind::Causal,
       11,
       {},
       {40, 13, 1},
       Layout::BHLD},
      {"pages, garbage in the table",
       {3, 2, 40, 4, 2, 24},
       DType::BF16,
       MaskKind::Causal,
       {},
       {},
       {40, 13, 1},
       Layout::Sliced,
       8},
      {"new tokens, in pages",
       {3, 2, 40, 4, 2, 24},
       DType::BF16,
       MaskKind::Causal,
       {},
       {},
       {40, 13, 1},
       Layout::BHLD,
       4,
       3},
      {"a scale for each head",
       {3, 2, 40, 6, 3, 24},
       DType::BF16,
       MaskKind::Causal,
       {},
       {},
       {40, 13, 1},
       Layout::Sliced,
       0,
       {},
       1},
      {"a scale for all heads, pages, new tokens",
       {3, 2, 40, 4, 2, 32},
       DType::F16,
       MaskKind::Causal,
       {},
       {},
       {40, 13, 1},
       Layout::BHLD,
       8,
       2,
       0},
  };
  uint64_t seed = 1;
  for (const auto &test : cases) {
    SCOPED_TRACE(test.what);
    Problem problem;
    problem.kind =
        test.used.empty() ? ProblemKind::Forward : ProblemKind::Decode;
    problem.dtype = test.dtype;
    problem.mask = test.mask;
    problem.window = test.window;
    problem.scale = test.scale;
    problem.usedLengths = !test.used.empty();
    problem.pageSize = test.pageSize;
    problem.newLength = test.newLength;
    if (test.scaleStride) {
      problem.cacheDType = DType::E4M3;
      problem.keyScale = problem.valueScale = true;
      problem.keyScaleStride = problem.valueScaleStride = *test.scaleStride;
    }
    Result<Case> c = randomCase(problem, test.sizes, test.used, seed++);
    ASSERT_TRUE(c) << c.error().message;
    check(*c, test.layout);
  }
}

// Every float16 there is, through a value that comes out as it went in.
TEST(OracleKernel, WidensEveryHalf) {
  for (unsigned bits = 0; bits < 0x10000; ++bits) {
    _Float16 half = std::bit_cast<_Float16>(static_cast<uint16_t>(bits));
    double expected = static_cast<float>(half);
    double got = cuda::widenHalf(static_cast<unsigned short>(bits));
    if (std::isnan(expected))
      ASSERT_TRUE(std::isnan(got)) << bits;
    else
      ASSERT_EQ(got, expected) << bits;
  }
}

TEST(OracleKernel, AgreesWithAGoldenCase) {
  const char *data = std::getenv("PARALLAX_TEST_DATA");
  if (!data)
    GTEST_SKIP() << "PARALLAX_TEST_DATA is not set; run through lit";
  Problem problem;
  problem.mask = MaskKind::Causal;
  problem.dtype = DType::F32;
  problem.scale = -0.25;
  Result<Case> c =
      readCase(problem, std::string(data) + "/golden/negative_scale.npz");
  ASSERT_TRUE(c) << c.error().message;
  check(*c, Layout::BLHD);
}
