//===- CommandLineTest.cpp - Options of the tools -------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/CommandLine/ProblemOptions.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <fstream>

using namespace parallax;
using namespace parallax::tools;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

Result<Problem> parse(std::vector<const char *> arguments) {
  CLI::App app;
  ProblemOptions options;
  options.addKind(app);
  options.addSizes(app);
  arguments.insert(arguments.begin(), "tool");
  app.parse(static_cast<int>(arguments.size()), arguments.data());
  return options.problem();
}

int run(std::vector<const char *> arguments, const Result<void> &result) {
  auto app = makeApp("tool", "Does nothing.", "");
  arguments.insert(arguments.begin(), "tool");
  return runTool(*app, static_cast<int>(arguments.size()),
                 const_cast<char **>(arguments.data()), [&] { return result; });
}

} // namespace

TEST(CommandLine, NothingGivenIsTheDefaultProblem) {
  Result<Problem> problem = parse({});
  ASSERT_TRUE(problem) << problem.error().message;
  EXPECT_EQ(*problem, Problem());
}

TEST(CommandLine, EveryOptionReachesTheProblem) {
  Result<Problem> problem =
      parse({"--op",       "decode", "--dtype",   "f16",
             "--mask",     "causal", "--window",  "9",
             "--scale",    "-0.5",   "--outputs", "d1,log_sum_exp",
             "--head-dim", "64",     "--q-heads", "8",
             "--kv-heads", "2",      "--batch",   "3",
             "--q-len",    "4",      "--k-len",   "77"});
  ASSERT_TRUE(problem) << problem.error().message;
  EXPECT_EQ(problem->kind, ProblemKind::Decode);
  EXPECT_EQ(problem->dtype, DType::F16);
  EXPECT_EQ(problem->mask, MaskKind::Causal);
  EXPECT_EQ(problem->window, 9);
  EXPECT_EQ(problem->scale, -0.5);
  EXPECT_FALSE(problem->outputs.rowMax || problem->outputs.tbar);
  EXPECT_TRUE(problem->outputs.d1 && problem->outputs.logSumExp);
  EXPECT_EQ(problem->headDim, 64);
  EXPECT_EQ(problem->queryHeads, 8);
  EXPECT_EQ(problem->kvHeads, 2);
  EXPECT_EQ(problem->batch, 3);
  EXPECT_EQ(problem->queryLength, 4);
  EXPECT_EQ(problem->keyLength, 77);
}

TEST(CommandLine, OnlyTheWordMakesAWindowDynamic) {
  Result<Problem> problem = parse({"--window", "dynamic"});
  ASSERT_TRUE(problem) << problem.error().message;
  EXPECT_EQ(problem->window, kDynamic);
  Result<Problem> number = parse({"--window", "-1"});
  ASSERT_FALSE(number);
  EXPECT_THAT(number.error().message, HasSubstr("got '-1'"));
}

TEST(CommandLine, SplitsListsAndKeepsEmptyItems) {
  EXPECT_THAT(splitList(""), IsEmpty());
  EXPECT_THAT(splitList("a"), ElementsAre("a"));
  EXPECT_THAT(splitList("a,,b,"), ElementsAre("a", "", "b", ""));
}

TEST(CommandLine, ParsesWholeNumbersOnly) {
  EXPECT_EQ(*parseInteger("--n", "7", 1, 7), 7);
  for (const char *text : {"", "8", "0", "7.0", "7 ", " 7", "0x7", "seven"})
    EXPECT_FALSE(parseInteger("--n", text, 1, 7)) << text;
  EXPECT_EQ(*parseNumber("--x", "-2.5e-1"), -0.25);
  for (const char *text : {"", "1e", "1 2", "x"})
    EXPECT_FALSE(parseNumber("--x", text)) << text;
}

TEST(CommandLine, AnErrorIsOneLineAndStatusOne) {
  testing::internal::CaptureStderr();
  EXPECT_EQ(run({}, Error{ErrorCode::IoFailed, "Expected this,\ngot that.\n"}),
            1);
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "tool: error: expected this, got that\n");
  testing::internal::CaptureStderr();
  EXPECT_EQ(run({"--what"}, {}), 1);
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "tool: error: expected an option of --help, got: --what\n");
  EXPECT_EQ(run({}, {}), 0);
}

TEST(CommandLine, WhatWasThrownIsAnErrorToo) {
  auto app = makeApp("tool", "", "");
  const char *arguments[] = {"tool"};
  testing::internal::CaptureStderr();
  EXPECT_EQ(runTool(*app, 1, const_cast<char **>(arguments),
                    []() -> Result<void> { throw std::bad_alloc(); }),
            1);
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "tool: error: expected enough memory, got none\n");
}

TEST(CommandLine, FilesAreReadAndWrittenByteForByte) {
  const std::string path = testing::TempDir() + "parallax-tool-test";
  const std::string bytes("a\0\r\n\xff", 5);
  ASSERT_TRUE(writeFile(path, bytes));
  EXPECT_EQ(*readFile(path), bytes);
  std::remove(path.c_str());
  EXPECT_EQ(readFile(path).error().code, ErrorCode::NotFound);
  EXPECT_EQ(readFile("/").error().code, ErrorCode::IoFailed);
}
