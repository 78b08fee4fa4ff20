//===- HostCostsTest.cpp - What parallax-bench --host compiles ------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/parallax-bench/HostCosts.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace parallax;
using namespace parallax::tools;
using testing::HasSubstr;
using testing::StartsWith;

namespace {

HostOptions small(const char *schedule) {
  HostOptions options;
  options.problem.batch = options.problem.queryHeads = 1;
  options.problem.kvHeads = 1;
  options.problem.queryLength = options.problem.keyLength = 16;
  options.schedule = schedule;
  options.repeats = 1;
  return options;
}

} // namespace

TEST(HostCosts, CompilesTheScheduleThatIsGiven) {
  Result<Compilation> compiled = compileAsJit(small("rows=24 keys=32"));
  ASSERT_TRUE(compiled) << compiled.error().message;
  EXPECT_THAT(compiled->schedule, StartsWith("rows=24 keys=32"));
  EXPECT_NE(compiled->schedule, compileAsJit(small(""))->schedule);
}

TEST(HostCosts, MeasuresNoOtherScheduleThanTheGiven) {
  for (const HostCost &cost : measureCaches(small("rows=0"))) {
    EXPECT_TRUE(cost.time.isEmpty()) << cost.name;
    EXPECT_THAT(cost.absent, HasSubstr("1 to 1024 rows")) << cost.name;
  }
}
