//===- DeviceTest.cpp - The runtime on a real card ------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a fake driver can't answer: that the real one takes our tensor maps, and
// that the oracle is right where it runs. Skipped without a card.
//
//===----------------------------------------------------------------------===//

#include "runtime/Cuda/DeviceBuffer.h"
#include "runtime/Cuda/TensorMapShape.h"
#include "runtime/Oracle/Oracle.h"
#include "tools/Support/Case.h"
#include "tools/Support/Comparison.h"
#include "tools/Support/HostTensor.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <optional>

using namespace parallax;
using namespace parallax::tools;

namespace {

class DeviceTest : public testing::Test {
protected:
  void SetUp() override {
    Result<Driver> driver = Driver::load();
    if (!driver)
      GTEST_SKIP() << driver.error().message;
    Result<Context> acquired = Context::acquire(*driver, 0);
    ASSERT_TRUE(acquired) << acquired.error().message;
    context = *acquired;
    if (Result<void> ok = context->supports("sm_90a"); !ok)
      GTEST_SKIP() << ok.error().message;
  }

  /// A buffer that lives as long as the test.
  void *upload(const void *data, size_t bytes) {
    Result<DeviceBuffer> buffer = DeviceBuffer::copyOf(*context, data, bytes);
    if (!buffer) {
      ADD_FAILURE() << buffer.error().message;
      return nullptr;
    }
    return buffers.emplace_back(std::move(*buffer)).data();
  }

  std::optional<Context> context;
  std::vector<DeviceBuffer> buffers;
};

struct OnDevice {
  const char *what;
  Sizes sizes; // batch, query length, key length, query heads, kv heads, D
  DType dtype;
  MaskKind mask;
  std::optional<int64_t> window;
  std::optional<double> scale;
  std::vector<int32_t> used;
  Layout layout;
};

} // namespace

TEST_F(DeviceTest, TakesTheMapsOfEveryHeadDimensionAndLayout) {
  char byte = 0;
  void *address = upload(&byte, 1);
  ContextScope scope(*context);
  for (int64_t headDim = 8; headDim <= 256; headDim += 8)
    for (int64_t batch : {1, 3})
      for (int64_t length : {1, 77, 1 << 28}) // Strides below 2^40 bytes.
        for (int64_t heads : {1, 5}) {
          Problem p;
          p.headDim = headDim;
          p.batch = batch;
          p.queryLength = p.keyLength = length;
          p.queryHeads = p.kvHeads = heads;
          const Strides strides[] = {Strides::blhd(length, heads, headDim),
                                     Strides::bhld(length, heads, headDim),
                                     {0, heads * headDim, headDim},
                                     {batch == 1 ? 3 : length * heads * headDim,
                                      length == 1 ? 5 : heads * headDim,
                                      heads == 1 ? 7 : headDim}};
          for (const Strides &s : strides) {
            p.k = s;
            KernelParameter parameter = {KernelParameter::Kind::TensorMap,
                                         Operand::K,
                                         0,
                                         {64, 1, 64, 1}};
            Result<TensorMapShape> shape = TensorMapShape::create(p, parameter);
            ASSERT_TRUE(shape) << shape.error().message;
            TensorMap map;
            Result<void> ok = shape->encode(context->driver(), address, map);
            EXPECT_TRUE(ok) << ok.error().message;
          }
        }
}

TEST_F(DeviceTest, TheOracleAgreesWithTheHosts) {
  Result<Nvrtc> nvrtc = Nvrtc::load({});
  if (!nvrtc)
    GTEST_SKIP() << nvrtc.error().message;
  Result<Oracle> oracle = Oracle::create(*context, *nvrtc);
  ASSERT_TRUE(oracle) << oracle.error().message;

  const OnDevice cases[] = {
      {"float32",
       {2, 65, 190, 2, 2, 16},
       DType::F32,
       MaskKind::None,
       {},
       {},
       {},
       Layout::BLHD},
      {"bf16, causal, groups",
       {1, 150, 300, 6, 2, 128},
       DType::BF16,
       MaskKind::Causal,
       {},
       {},
       {},
       Layout::BHLD},
      {"f16, window",
       {1, 190, 333, 2, 1, 64},
       DType::F16,
       MaskKind::Causal,
       130,
       -0.7,
       {},
       Layout::Sliced},
      {"used lengths, NaN behind them",
       {3, 4, 400, 5, 1, 256},
       DType::BF16,
       MaskKind::Causal,
       {},
       {},
       {400, 129, 1},
       Layout::BLHD},
  };
  uint64_t seed = 1;
  for (const OnDevice &test : cases) {
    SCOPED_TRACE(test.what);
    Problem base;
    base.kind = test.used.empty() ? ProblemKind::Forward : ProblemKind::Decode;
    base.dtype = test.dtype;
    base.mask = test.mask;
    base.window = test.window;
    base.scale = test.scale;
    base.usedLengths = !test.used.empty();
    base.outputs.logSumExp = true;
    Result<Case> c = randomCase(base, test.sizes, test.used, seed++);
    ASSERT_TRUE(c) << c.error().message;
    Problem p = c->problem;

    LaunchPlan::Pointers pointers = {};
    auto add = [&](Operand operand, Strides &strides,
                   const std::vector<float> &values, int64_t length,
                   int64_t heads) {
      HostTensor tensor(p.batch, length, heads, p.headDim, p.dtype,
                        test.layout);
      tensor.write(values);
      strides = tensor.strides();
      pointers[size_t(operand)] = upload(tensor.data(), tensor.size());
    };
    add(Operand::Q, p.q, c->inputs.q, p.queryLength, p.queryHeads);
    add(Operand::R, p.r, c->inputs.r, p.queryLength, p.queryHeads);
    add(Operand::K, p.k, c->inputs.k, p.keyLength, p.kvHeads);
    add(Operand::V, p.v, c->inputs.v, p.keyLength, p.kvHeads);
    pointers[size_t(Operand::UsedLengths)] =
        upload(c->inputs.usedLengths.data(),
               c->inputs.usedLengths.size() * sizeof(int32_t));
    const int64_t rows = p.batch * p.queryLength * p.queryHeads;
    std::vector<float> o(rows * p.headDim), logSumExp(rows);
    pointers[size_t(Operand::LogSumExp)] =
        upload(logSumExp.data(), rows * sizeof(float));
    pointers[size_t(Operand::O)] = upload(o.data(), o.size() * sizeof(float));

    Result<void> ok = oracle->run(p, pointers, nullptr);
    ASSERT_TRUE(ok) << ok.error().message;
    ASSERT_TRUE(buffers[buffers.size() - 2].copyToHost(logSumExp.data()));
    ASSERT_TRUE(buffers.back().copyToHost(o.data()));
    Comparison comparison;
    for (int64_t row = 0; row < rows; ++row) {
      RowResult expected =
          evaluateRow(p, c->inputs,
                      {row / p.queryHeads / p.queryLength,
                       row / p.queryHeads % p.queryLength, row % p.queryHeads});
      for (int64_t d = 0; d < p.headDim; ++d)
        comparison.add(o[row * p.headDim + d], expected.o[d]);
      EXPECT_FLOAT_EQ(logSumExp[row], expected.logSumExp);
    }
    EXPECT_LT(comparison.maxErrorRatio(), 1e-6);
  }
}
