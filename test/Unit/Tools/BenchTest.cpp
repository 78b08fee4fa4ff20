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

#include <chrono>

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
  Result<double> ms = timeCommand("echo noise; echo ' 2.5 '; echo", 60);
  ASSERT_TRUE(ms) << ms.error().message;
  EXPECT_EQ(*ms, 2.5);
  EXPECT_EQ(*timeCommand("printf 3", 60), 3);
}

TEST(Command, WhatIsNoTimeIsAnError) {
  auto errorOf = [](const char *command) {
    return timeCommand(command, 60).error().message;
  };
  EXPECT_THAT(errorOf("echo fast"), HasSubstr("'fast'"));
  EXPECT_THAT(errorOf("true"), HasSubstr("number"));
  EXPECT_THAT(errorOf("echo -1"), HasSubstr("above 0"));
  EXPECT_THAT(errorOf("echo 1; exit 3"), HasSubstr("3"));
  EXPECT_THAT(errorOf("echo 1; kill -9 $$"), HasSubstr("signal 9"));
}

// What it started is killed, too: the pipe would stay open.
TEST(Command, WhatTakesTooLongIsKilled) {
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_THAT(timeCommand("(sleep 100); echo 1", 0.2).error().message,
              HasSubstr("expected an answer within 0.2 s, got none"));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(50));
}

TEST(Command, AListIsAnsweredLineByLine) {
  const std::vector<Result<double>> times =
      timeList("while read -r problem; do echo; echo \"$problem\"; done",
               {"1", "no window, please", "-2", "3.5"}, 60);
  ASSERT_EQ(times.size(), 4u);
  EXPECT_EQ(*times[0], 1);
  EXPECT_THAT(times[1].error().message, HasSubstr("'no window, please'"));
  EXPECT_THAT(times[2].error().message, HasSubstr("above 0"));
  EXPECT_EQ(*times[3], 3.5);
}

TEST(Command, AListGoesOnBehindWhatItDoesNotSurvive) {
  const std::vector<Result<double>> times =
      timeList("while read -r problem; do case $problem in hang) sleep 100;; "
               "die) exit 7;; esac; echo \"$problem\"; done",
               {"1", "hang", "2", "die", "die", "3"}, 0.5);
  ASSERT_EQ(times.size(), 6u);
  for (auto [index, ms] : {std::pair(0, 1), {2, 2}, {5, 3}}) {
    ASSERT_TRUE(times[index]) << times[index].error().message;
    EXPECT_EQ(*times[index], ms);
  }
  EXPECT_THAT(times[1].error().message, HasSubstr("within 0.5 s"));
  for (int index : {3, 4})
    EXPECT_THAT(times[index].error().message,
                HasSubstr("got the end of its output; expected it to exit with "
                          "0, got 7"));
  EXPECT_TRUE(timeList("true", {}, 1).empty());
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
