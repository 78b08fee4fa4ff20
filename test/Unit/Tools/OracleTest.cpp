//===- OracleTest.cpp - The definition, in float64 ------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/Support/Oracle.h"

#include "tools/Support/Comparison.h"
#include "tools/Support/Npz.h"

#include "gtest/gtest.h"

#include <cmath>
#include <cstdlib>
#include <filesystem>

using namespace parallax;
using namespace parallax::tools;

namespace {

Problem small(int64_t queries, int64_t keys) {
  Problem problem;
  problem.dtype = DType::F32;
  problem.batch = problem.queryHeads = problem.kvHeads = 1;
  problem.queryLength = queries;
  problem.keyLength = keys;
  problem.headDim = 8;
  problem.scale = 0.5;
  return problem;
}

std::vector<float> filled(int64_t size, float from, float step) {
  std::vector<float> values(size);
  for (int64_t i = 0; i < size; ++i)
    values[i] = from + step * static_cast<float>(i % 13);
  return values;
}

Inputs inputsOf(const Problem &p) {
  int64_t q = p.batch * p.queryLength * p.queryHeads * p.headDim;
  int64_t k = p.batch * p.keyLength * p.kvHeads * p.headDim;
  return {filled(q, -0.5f, 0.1f),
          filled(q, 0.3f, -0.05f),
          filled(k, 0.7f, -0.125f),
          filled(k, -1, 0.25f),
          {}};
}

} // namespace

// One key has all the weight: o1 = v, o2 = t v and d2/d1 = t, so o = v.
TEST(Oracle, OneKeyGivesItsValue) {
  Problem problem = small(1, 1);
  Inputs inputs = inputsOf(problem);
  RowResult row = evaluateRow(problem, inputs, {0, 0, 0});
  for (int64_t d = 0; d < 8; ++d)
    EXPECT_NEAR(row.o[d], inputs.v[d], 1e-12);
  EXPECT_EQ(row.d1, 1);
  EXPECT_DOUBLE_EQ(row.logSumExp, row.rowMax);
}

// With r = 0 it is softmax attention, and tbar is 0.
TEST(Oracle, ZeroRIsSoftmaxAttention) {
  Problem problem = small(1, 2);
  Inputs inputs = inputsOf(problem);
  inputs.r.assign(8, 0);
  double s[2] = {};
  for (int64_t j = 0; j < 2; ++j)
    for (int64_t d = 0; d < 8; ++d)
      s[j] += 0.5 * inputs.q[d] * inputs.k[j * 8 + d];
  double weight = 1 / (1 + std::exp(s[1] - s[0]));
  RowResult row = evaluateRow(problem, inputs, {0, 0, 0});
  for (int64_t d = 0; d < 8; ++d)
    EXPECT_NEAR(row.o[d], weight * inputs.v[d] + (1 - weight) * inputs.v[8 + d],
                1e-12);
  EXPECT_EQ(row.tbar, 0);
  EXPECT_NEAR(row.logSumExp, std::log(std::exp(s[0]) + std::exp(s[1])), 1e-12);
}

// Masked, cut short by a window or by the used length: the result is that of
// the keys which are left, alone.
TEST(Oracle, MasksAreTheSameAsFewerKeys) {
  Problem problem = small(3, 7);
  Inputs inputs = inputsOf(problem);
  problem.mask = MaskKind::Causal;
  problem.window = 4;
  // Row 1 of 3 over 7 keys sees up to key 5, and from key 2.
  RowResult row = evaluateRow(problem, inputs, {0, 1, 0});

  Problem few = small(3, 4);
  Inputs cut = inputs;
  cut.k.assign(inputs.k.begin() + 2 * 8, inputs.k.begin() + 6 * 8);
  cut.v.assign(inputs.v.begin() + 2 * 8, inputs.v.begin() + 6 * 8);
  EXPECT_EQ(row.o, evaluateRow(few, cut, {0, 1, 0}).o);

  Problem decode = small(3, 7);
  decode.mask = MaskKind::Causal;
  inputs.usedLengths = {5};
  few.keyLength = 5;
  few.mask = MaskKind::Causal;
  EXPECT_EQ(evaluateRow(decode, inputs, {0, 2, 0}).o,
            evaluateRow(few, inputs, {0, 2, 0}).o);
}

TEST(Oracle, ARowThatSeesNoKeyIsZero) {
  Problem problem = small(5, 2);
  problem.mask = MaskKind::Causal;
  RowResult row = evaluateRow(problem, inputsOf(problem), {0, 0, 0});
  EXPECT_EQ(row.o, std::vector<double>(8));
  EXPECT_EQ(row.logSumExp, -std::numeric_limits<double>::infinity());
  EXPECT_EQ(row.d1, 0);
}

// The golden cases come from the public package's own float64 reference.
TEST(Oracle, AgreesWithTheGoldenCases) {
  const char *data = std::getenv("PARALLAX_TEST_DATA");
  if (!data)
    GTEST_SKIP() << "PARALLAX_TEST_DATA is not set; run through lit";
  struct Golden {
    const char *name;
    MaskKind mask;
    std::optional<int64_t> window;
    std::optional<double> scale;
  };
  const Golden cases[] = {
      {"prefill_gqa3_d64_tail", MaskKind::Causal, {}, {}},
      {"prefill_full_d32", MaskKind::None, {}, {}},
      {"extend_bottom_right", MaskKind::Causal, {}, {}},
      {"window50_tile_straddle", MaskKind::Causal, 50, {}},
      {"decode_window", MaskKind::Causal, 37, {}},
      {"large_logits", MaskKind::Causal, {}, 3.0},
      {"negative_scale", MaskKind::Causal, {}, -0.25},
  };
  for (const Golden &golden : cases) {
    SCOPED_TRACE(golden.name);
    auto arrays = readNpz(std::string(data) + "/golden/" + golden.name + ".npz",
                          {"q", "r", "k", "v", "o"});
    ASSERT_TRUE(arrays) << arrays.error().message;
    auto floats = [&](const char *name) {
      const std::vector<double> &values = arrays->at(name).values;
      return std::vector<float>(values.begin(), values.end());
    };
    const auto &q = arrays->at("q").shape, &k = arrays->at("k").shape;
    Problem problem;
    problem.mask = golden.mask;
    problem.window = golden.window;
    problem.scale = golden.scale;
    problem.batch = q[0], problem.queryLength = q[1];
    problem.queryHeads = q[2], problem.headDim = q[3];
    problem.keyLength = k[1], problem.kvHeads = k[2];
    Inputs inputs{floats("q"), floats("r"), floats("k"), floats("v"), {}};

    Comparison comparison;
    const double *expected = arrays->at("o").values.data();
    for (int64_t b = 0; b < q[0]; ++b)
      for (int64_t i = 0; i < q[1]; ++i)
        for (int64_t h = 0; h < q[2]; ++h)
          for (double value : evaluateRow(problem, inputs, {b, i, h}).o)
            comparison.add(value, *expected++);
    // They are stored as float32.
    EXPECT_LT(comparison.maxErrorRatio(), 1e-6);
  }
}
