//===- ReportTest.cpp - What a compilation cost and gave ------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "parallax/Report.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace parallax;
using testing::HasSubstr;

TEST(Report, WithoutAKernelHasNone) {
  Report report;
  report.target = "cpu";
  report.schedule = "none";
  EXPECT_EQ(toJson(report), R"({
  "target": "cpu",
  "schedule": "none",
  "cache": "compiled",
  "kernels": [],
  "stages_ms": {}
}
)");
}

TEST(Report, NamesResourcesAndTimesInOrder) {
  KernelImage image;
  image.name = "forward";
  image.resources = {168, 8, 16, 1024, {"C7510: \"quoted\""}};
  const std::vector<PhaseTime> times = {{"tile", 1.5}, {"hopper", 2}};
  Report report;
  report.cache = "disk";
  report.image = &image;
  report.times = &times;
  const std::string json = toJson(report);
  EXPECT_THAT(json, HasSubstr(R"("cache": "disk")"));
  EXPECT_THAT(json, HasSubstr(R"(      "name": "forward",
      "registers": 168,
      "spill_stores": 8,
      "spill_loads": 16,
      "shared_bytes": 1024,
      "notes": [
        "C7510: \"quoted\""
      ])"));
  EXPECT_THAT(json, HasSubstr(R"("stages_ms": {
    "tile": 1.5,
    "hopper": 2.0
  })"));
}

TEST(Report, TakesTextThatIsNoUtf8) {
  KernelImage image;
  image.resources.notes = {"\xff"};
  Report report;
  report.image = &image;
  EXPECT_THAT(toJson(report), HasSubstr("\xef\xbf\xbd"));
}
