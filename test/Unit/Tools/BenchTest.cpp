//===- BenchTest.cpp - Lists, peers and reports of parallax-bench ---------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/parallax-bench/Command.h"
#include "tools/parallax-bench/Report.h"
#include "tools/parallax-bench/Suite.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace parallax;
using namespace parallax::tools;
using testing::HasSubstr;
using testing::Not;

namespace {

/// A forward and a decode at half of their limits, and one that was wrong.
BenchReport sampleReport() {
  BenchReport report;
  report.device = "<a & b>";
  report.rounds = 3;
  report.peers = {"other"};
  report.gemm.name = "product";
  report.gemm.work = 1e12;
  report.gemm.time.add(2);
  report.stream.absent = "none today";
  BenchRow forward;
  forward.title = "forward";
  forward.flags = "--op forward --used-lengths 1,2";
  forward.flops = 1e12;
  forward.bytes = 1e9;
  for (double ms : {5.0, 4.0, 3.0})
    forward.time.add(ms);
  forward.peers["other"] = 8;
  BenchRow decode = forward;
  decode.title = "decode";
  decode.problem.kind = ProblemKind::Decode;
  decode.cacheBytes = 4e9;
  decode.floor.add(2);
  decode.peers.clear();
  BenchRow failed;
  failed.title = "failed";
  failed.failure = "expected \"right\", got wrong";
  report.rows = {forward, decode, failed};
  return report;
}

} // namespace

TEST(Suite, EveryBuiltInOneIsAListOfProblems) {
  for (const char *name : {"forward", "decode", "cpu", "smoke"}) {
    Result<std::string_view> text = suiteText(name);
    ASSERT_TRUE(text) << text.error().message;
    auto problems = parseList(*text, name, 1);
    ASSERT_TRUE(problems) << problems.error().message;
    EXPECT_GE(problems->size(), 3u);
  }
}

TEST(Suite, TheFlagsOfAProblemMeanTheSameProblem) {
  auto problems = parseList("--op decode --batch 2 --k-len 90 --q-heads 6 "
                            "--kv-heads 2 --mask causal --window 7 --q-len 3 "
                            "--scale -0.5 --outputs d1,log_sum_exp "
                            "--used-lengths random --head-dim 40\n"
                            "--k-len 12 --dtype f32",
                            "list", 5);
  ASSERT_TRUE(problems) << problems.error().message;
  for (const ListedProblem &problem : *problems) {
    Result<Case> c = problem->randomCase(5);
    ASSERT_TRUE(c) << c.error().message;
    auto again = parseList(toFlags(*c), "flags", 1);
    ASSERT_TRUE(again) << again.error().message;
    Result<Case> same = again->front()->randomCase(1);
    ASSERT_TRUE(same) << same.error().message;
    EXPECT_EQ(same->problem, c->problem);
    EXPECT_EQ(same->inputs.usedLengths, c->inputs.usedLengths);
  }
}

TEST(Command, TheLastLineIsTheTime) {
  Result<double> ms = timeCommand("echo noise; echo ' 2.5 '; echo");
  ASSERT_TRUE(ms) << ms.error().message;
  EXPECT_EQ(*ms, 2.5);
}

TEST(Command, WhatIsNoTimeIsAnError) {
  EXPECT_THAT(timeCommand("echo fast").error().message, HasSubstr("'fast'"));
  EXPECT_THAT(timeCommand("true").error().message, HasSubstr("number"));
  EXPECT_THAT(timeCommand("echo -1").error().message, HasSubstr("above 0"));
  EXPECT_THAT(timeCommand("echo 1; exit 3").error().message, HasSubstr("3"));
  EXPECT_THAT(timeCommand("echo 1; kill -9 $$").error().message,
              HasSubstr("signal 9"));
}

TEST(Report, RatiosAreOfTheOwnLimit) {
  BenchReport report = sampleReport();
  EXPECT_DOUBLE_EQ(*report.ratio(report.rows[0]), 0.5);
  EXPECT_DOUBLE_EQ(*report.ratio(report.rows[1]), 0.5);
  EXPECT_FALSE(report.ratio(report.rows[2]));
  report.gemm.time = Timing();
  report.rows[1].floor = Timing();
  EXPECT_FALSE(report.ratio(report.rows[0]));
  EXPECT_FALSE(report.ratio(report.rows[1]));
}

TEST(Report, TheTableSaysWhatIsMissing) {
  const std::string table = toTable(sampleReport());
  EXPECT_THAT(table, HasSubstr("GEMM: product, 500 TFLOP/s"));
  EXPECT_THAT(table, HasSubstr("no stream reference: none today"));
  EXPECT_THAT(table, HasSubstr("250 TFLOP/s"));
  EXPECT_THAT(table, HasSubstr("1.000 TB/s"));
  EXPECT_THAT(table, HasSubstr("got wrong"));
}

TEST(Report, CsvQuotesAndLeavesOut) {
  const std::string csv = toCsv(sampleReport());
  EXPECT_THAT(csv, HasSubstr("sets,error,other_ms\nforward,\"--op forward "
                             "--used-lengths 1,2\",,4.0,3.0,5.0,250.0,,gemm,"
                             "0.5,0.0,0.0,1,,8.0\n"));
  EXPECT_THAT(csv, HasSubstr("\nfailed,,,,,,,,,,,,,\"expected \"\"right\"\", "
                             "got wrong\",\n"));
}

TEST(Report, ThePictureIsEscapedAndHasADotForWhatWasTimed) {
  const std::string svg = toSvg(sampleReport());
  EXPECT_THAT(svg, HasSubstr("&lt;a &amp; b&gt;"));
  EXPECT_THAT(svg, HasSubstr("failed: not timed"));
  size_t dots = 0;
  for (size_t at = 0; (at = svg.find("<circle", at)) != std::string::npos; ++at)
    ++dots;
  EXPECT_EQ(dots, 2u);
  EXPECT_THAT(toSvg(BenchReport()), Not(HasSubstr("nan")));
}
