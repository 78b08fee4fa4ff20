//===- CaseTest.cpp - Problems with their inputs --------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/Support/Case.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <cmath>
#include <cstdlib>

using namespace parallax;
using namespace parallax::tools;
using testing::HasSubstr;

namespace {

Problem decode() {
  Problem problem;
  problem.kind = ProblemKind::Decode;
  problem.mask = MaskKind::Causal;
  return problem;
}

std::string goldenPath(const char *name) {
  const char *data = std::getenv("PARALLAX_TEST_DATA");
  return std::string(data ? data : "") + "/golden/" + name + ".npz";
}

} // namespace

TEST(Case, TakesItsSizesFromTheFile) {
  if (!std::getenv("PARALLAX_TEST_DATA"))
    GTEST_SKIP() << "PARALLAX_TEST_DATA is not set; run through lit";
  auto c = readCase(decode(), goldenPath("spec_decode_q4_d128"));
  ASSERT_TRUE(c) << c.error().message;
  EXPECT_EQ(c->problem.batch, 1);
  EXPECT_EQ(c->problem.queryLength, 4);
  EXPECT_EQ(c->problem.keyLength, 130);
  EXPECT_EQ(c->problem.queryHeads, 4);
  EXPECT_EQ(c->problem.kvHeads, 2);
  EXPECT_EQ(c->problem.headDim, 128);
  EXPECT_EQ(c->inputs.k.size(), 130u * 2 * 128);
  EXPECT_EQ(c->expected.size(), 4u * 4 * 128);
}

TEST(Case, RefusesAWrongProblem) {
  auto c = randomCase(decode(), {1, 1, 8, 3, 2, 64}, {}, 1);
  ASSERT_FALSE(c);
  EXPECT_THAT(c.error().message, HasSubstr("expected"));
  auto lengths = randomCase(decode(), {2, 1, 8, 2, 2, 64}, {3}, 1);
  ASSERT_FALSE(lengths);
  EXPECT_THAT(lengths.error().message, HasSubstr("2 used lengths"));
  EXPECT_EQ(readCase(decode(), "/nowhere.npz").error().code,
            ErrorCode::NotFound);
}

TEST(Case, ASeedMakesTheSameInputsAndPaddingIsNaN) {
  auto a = randomCase(decode(), {2, 1, 4, 2, 1, 8}, {3, 4}, 7);
  auto b = randomCase(decode(), {2, 1, 4, 2, 1, 8}, {3, 4}, 7);
  auto other = randomCase(decode(), {2, 1, 4, 2, 1, 8}, {3, 4}, 8);
  ASSERT_TRUE(a && b && other);
  EXPECT_EQ(a->inputs.q, b->inputs.q);
  EXPECT_NE(a->inputs.q, other->inputs.q);
  for (int64_t i = 0; i < 2 * 4 * 8; ++i)
    EXPECT_EQ(std::isnan(a->inputs.k[i]), i / 8 == 3) << i;
}

TEST(Case, CountsVisiblePairs) {
  Problem problem;
  auto none = randomCase(problem, {2, 3, 5, 2, 1, 8}, {}, 1);
  ASSERT_TRUE(none);
  EXPECT_EQ(visiblePairs(*none), 2 * 3 * 5 * 2);
  problem.mask = MaskKind::Causal;
  auto causal = randomCase(problem, {1, 3, 5, 1, 1, 8}, {}, 1);
  ASSERT_TRUE(causal);
  EXPECT_EQ(visiblePairs(*causal), 3 + 4 + 5);
  problem.window = 2;
  auto window = randomCase(problem, {1, 3, 2, 1, 1, 8}, {}, 1);
  ASSERT_TRUE(window);
  EXPECT_EQ(visiblePairs(*window), 0 + 1 + 2);
}

TEST(Case, ChecksEveryRowOfASmallProblemAndTheLastOfALargeOne) {
  Problem problem;
  problem.batch = 2, problem.queryLength = 3, problem.keyLength = 5;
  problem.queryHeads = problem.kvHeads = 4, problem.headDim = 8;
  auto rows = rowsToCheck(problem);
  ASSERT_EQ(rows.size(), 24u);
  EXPECT_EQ(rows.front().batch + rows.front().token + rows.front().head, 0);

  problem.queryLength = problem.keyLength = 1 << 16;
  problem.headDim = 128;
  rows = rowsToCheck(problem);
  EXPECT_LT(rows.size(), 100u);
  EXPECT_EQ(rows.back().batch, 1);
  EXPECT_EQ(rows.back().token, (1 << 16) - 1);
  EXPECT_EQ(rows.back().head, 3);
}
