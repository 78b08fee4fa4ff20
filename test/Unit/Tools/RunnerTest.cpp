//===- RunnerTest.cpp - Run a case and judge it ---------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/Runner/Check.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <cmath>

using namespace parallax;
using namespace parallax::tools;
using testing::HasSubstr;

namespace {

Case smallCase(RowOutputs outputs = {}) {
  Problem problem;
  problem.dtype = DType::F32;
  problem.mask = MaskKind::Causal;
  problem.outputs = outputs;
  Result<Case> c = randomCase(problem, {2, 9, 13, 4, 2, 16}, {}, 3);
  EXPECT_TRUE(c) << c.error().message;
  return *c;
}

/// What a perfect kernel writes.
Outputs perfect(const Case &c) {
  Outputs outputs;
  for (const auto &[operand, values] : hostReference(c).values)
    outputs[operand].assign(values.begin(), values.end());
  return outputs;
}

constexpr RowOutputs kAllRows = {true, true, true, true};

} // namespace

TEST(Check, APerfectResultPasses) {
  Case c = smallCase(kAllRows);
  Reference reference = hostReference(c);
  EXPECT_EQ(reference.rows.size(), 2u * 9 * 4);
  EXPECT_EQ(reference.values.size(), 5u);
  auto comparisons = compare(c.problem, perfect(c), reference);
  EXPECT_EQ(comparisons.size(), 5u);
  EXPECT_TRUE(judge(comparisons, defaultTolerance(DType::F32)));
}

TEST(Check, OneWrongElementOfAnyOutputFails) {
  Case c = smallCase(kAllRows);
  Reference reference = hostReference(c);
  for (auto &[operand, values] : perfect(c))
    for (float wrong : {1e6f, std::nanf("")}) {
      Outputs outputs = perfect(c);
      outputs[operand].back() = wrong;
      Result<void> ok = judge(compare(c.problem, outputs, reference),
                              defaultTolerance(DType::F32));
      ASSERT_FALSE(ok);
      EXPECT_THAT(ok.error().message, HasSubstr(toString(operand)));
    }
}

TEST(Check, AFilesOutputIsJudgedAndItsRowsAreEvaluated) {
  Case c = smallCase();
  c.expected.assign(2 * 9 * 4 * 16, 0.0);
  for (RowOutputs outputs : {RowOutputs(), kAllRows}) {
    c.problem.outputs = outputs;
    Reference reference = fileReference(c);
    EXPECT_EQ(reference.source, "file");
    EXPECT_EQ(reference.values[Operand::O], c.expected);
    EXPECT_EQ(reference.values.size(), outputs == kAllRows ? 5u : 1u);
  }
}

TEST(Runner, TheCpuSolvesACaseInEveryLayout) {
  JitOptions options;
  options.target = Target::Cpu;
  Result<Jit> jit = Jit::create(options);
  ASSERT_TRUE(jit) << jit.error().message;
  Case c = smallCase(kAllRows);
  for (Layout layout : {Layout::BLHD, Layout::BHLD, Layout::Sliced}) {
    auto machine = Machine::create(Target::Cpu, 0);
    ASSERT_TRUE(machine) << machine.error().message;
    Result<Runner> runner = Runner::create(**machine, *jit, c, layout);
    ASSERT_TRUE(runner) << runner.error().message;
    Result<std::vector<double>> samples = runner->time(3);
    ASSERT_TRUE(samples) << samples.error().message;
    EXPECT_EQ(samples->size(), 3u);
    ASSERT_TRUE(runner->placeSets(2));
    EXPECT_EQ(runner->sets().size(), 2u);
    Result<Outputs> outputs = runner->outputs();
    ASSERT_TRUE(outputs) << outputs.error().message;
    Result<void> ok = judge(compare(c.problem, *outputs, hostReference(c)),
                            defaultTolerance(DType::F32));
    EXPECT_TRUE(ok) << ok.error().message;
    EXPECT_EQ(runner->evaluate().error().code, ErrorCode::NotFound);
  }
}

// Else a plan that writes nothing would be judged by what another wrote.
TEST(Runner, APlanIsJudgedByWhatItWritesItself) {
  JitOptions options;
  options.target = Target::Cpu;
  Result<Jit> jit = Jit::create(options);
  ASSERT_TRUE(jit) << jit.error().message;
  Problem decode;
  decode.kind = ProblemKind::Decode;
  decode.dtype = DType::F32;
  decode.newLength = 1;
  decode.outputs = kAllRows;
  Result<Case> appending = randomCase(decode, {2, 1, 13, 4, 2, 16}, {}, 3);
  ASSERT_TRUE(appending) << appending.error().message;
  const Prepare nothing = [](const Problem &problem) -> Result<Prepared> {
    Prepared prepared;
    prepared.problem = problem;
    prepared.launch = [](const Arguments &, void *) { return Result<void>(); };
    return prepared;
  };
  for (const Case &c : {smallCase(kAllRows), *appending}) {
    auto machine = Machine::create(Target::Cpu, 0);
    ASSERT_TRUE(machine) << machine.error().message;
    Result<Runner> runner = Runner::create(**machine, *jit, c, Layout::BLHD);
    ASSERT_TRUE(runner) << runner.error().message;
    auto isRight = [&] {
      EXPECT_TRUE(runner->time(1));
      Result<Outputs> outputs = runner->outputs();
      return outputs && judge(compare(c.problem, *outputs, hostReference(c)),
                              defaultTolerance(DType::F32));
    };
    EXPECT_TRUE(isRight());
    ASSERT_TRUE(runner->prepare(nothing));
    EXPECT_FALSE(isRight());
    // What was appended is gone, too.
    EXPECT_EQ(bool(runner->outputs()), !c.problem.newLength);
    ASSERT_TRUE(runner->prepare(prepareBy(*jit)));
    EXPECT_TRUE(isRight());
  }
}
