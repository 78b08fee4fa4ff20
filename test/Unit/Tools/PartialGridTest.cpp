//===- PartialGridTest.cpp - A workspace after half a launch --------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Of a launch that ends in the middle some CTAs have arrived at their tickets.
// The next launch in that workspace is wrong, unless it is cleared first, of
// which the tickets are enough. In the simulator.
//
//===----------------------------------------------------------------------===//

#include "lib/Data/Workspace.h"
#include "lib/Schedule/ChooseSchedule.h"
#include "lib/Simulator/Simulator.h"
#include "parallax/Compiler.h"
#include "tools/Support/Case.h"
#include "tools/Support/Comparison.h"
#include "tools/Support/HostTensor.h"

#include "gtest/gtest.h"

#include <algorithm>
#include <list>

using namespace parallax;
using namespace parallax::tools;
using simulator::Grid;
using simulator::Report;

namespace {

class PartialGridTest : public testing::Test {
protected:
  void SetUp() override {
    Problem base;
    base.kind = ProblemKind::Decode;
    base.headDim = 64;
    Result<Case> made = randomCase(base, {2, 1, 500, 4, 2, 64}, {}, 1);
    ASSERT_TRUE(made) << made.error().message;
    c = *made;
    problem = withDefaultStrides(c.problem);
    // CTAs of a cluster need no tickets.
    Result<Schedule> schedule =
        chooseSchedule(problem, Target::Sm90a, PinnedSchedules(), "cluster=0");
    ASSERT_TRUE(schedule) << schedule.error().message;
    CompileOptions options;
    options.target = Target::Sm90a;
    options.to = "hopper";
    options.schedule = toText(*schedule);
    Result<Compilation> compiled = compile(specialized(problem), options);
    ASSERT_TRUE(compiled) << compiled.error().message;
    Result<simulator::Kernel> parsed =
        simulator::Kernel::parse(compiled->text, "decode");
    ASSERT_TRUE(parsed) << parsed.error().message;
    kernel = *parsed;

    add(Operand::Q, 1, 4, c.inputs.q);
    add(Operand::R, 1, 4, c.inputs.r);
    add(Operand::K, 500, 2, c.inputs.k);
    add(Operand::V, 500, 2, c.inputs.v);
    add(Operand::O, 1, 4, std::vector<float>(2 * 4 * 64));
    Result<simulator::Launch> bound =
        simulator::bind(kernel, problem, pointers, {.splits = 4});
    ASSERT_TRUE(bound) << bound.error().message;
    launch = std::move(*bound);
  }

  void add(Operand operand, int64_t length, int64_t heads,
           const std::vector<float> &values) {
    HostTensor &tensor =
        tensors.emplace_back(2, length, heads, 64, DType::BF16, Layout::BLHD);
    tensor.write(values);
    pointers[size_t(operand)] = tensor.data();
  }

  std::vector<Report> run(const Grid &grid) {
    tensors.back().write(std::vector<float>(2 * 4 * 64, 9));
    return kernel.run(launch.arguments, grid, {}).reports;
  }
  /// Whatever CTAs are left out: those of so many splits run.
  std::vector<Report> runPartly(int64_t splits) {
    Grid grid = launch.grid;
    grid.y = splits;
    return run(grid);
  }

  /// Of o, over its largest element.
  double error() const {
    Comparison comparison;
    for (int64_t row = 0; row < 2 * 4; ++row) {
      const RowResult expected =
          evaluateRow(problem, c.inputs, {row / 4, 0, row % 4});
      for (int64_t d = 0; d < 64; ++d)
        comparison.add(tensors.back().read(row / 4, 0, row % 4, d),
                       expected.o[d]);
    }
    return comparison.maxErrorRatio();
  }

  Case c;
  Problem problem;
  simulator::Kernel kernel;
  std::list<HostTensor> tensors; ///< The last is o.
  std::array<void *, kNumOperands> pointers = {};
  simulator::Launch launch;
};

constexpr double kAllowed = 7e-3;

} // namespace

TEST_F(PartialGridTest, ClearedTicketsMakeTheNextLaunchRight) {
  ASSERT_GT(Workspace::of(problem, 4, 1).bytes, Workspace::kTicketBytes);
  EXPECT_TRUE(run(launch.grid).empty());
  EXPECT_LT(error(), kAllowed);

  for (int64_t splits = 1; splits < launch.grid.y; ++splits) {
    SCOPED_TRACE(splits);
    const std::vector<Report> aborted = runPartly(splits);
    ASSERT_EQ(aborted.size(), 1u);
    EXPECT_EQ(aborted.front().kind, Report::Kind::LeakedArrivals);
    // One that is not the last takes itself for it.
    EXPECT_FALSE(run(launch.grid).empty());
    std::fill_n(launch.workspace.get(), Workspace::kTicketBytes, uint8_t(0));
    const std::vector<Report> reports = run(launch.grid);
    EXPECT_TRUE(reports.empty()) << reports.front().text();
    EXPECT_LT(error(), kAllowed);
  }
}
