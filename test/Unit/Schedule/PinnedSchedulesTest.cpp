//===- PinnedSchedulesTest.cpp - Files of schedules --------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Schedule/ChooseSchedule.h"
#include "lib/Schedule/ProblemKey.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <fmt/format.h>

using namespace parallax;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

namespace {

Problem keyed(const std::string &key) {
  Result<Problem> problem = parseProblemKey(key);
  EXPECT_TRUE(problem) << key << ": " << problem.error().message;
  return problem ? *problem : Problem();
}

constexpr const char *kForward =
    "op=forward dtype=bf16 mask=causal head_dim=128";

/// The text of a file with one entry.
std::string fileOf(const std::string &problem, const std::string &schedule,
                   const std::string &more = "") {
  return fmt::format("{{\"parallax_schedules\": 1, \"schedules\": [\n"
                     "{{\"target\": \"sm_90a\", \"problem\": \"{}\",\n"
                     "\"schedule\": \"{}\"{}}}]}}",
                     problem, schedule, more);
}

PinnedSchedule entry(const std::string &key, const char *schedule,
                     Target target = Target::Sm90a) {
  PinnedSchedule pinned;
  pinned.target = target;
  pinned.problem = keyed(key);
  pinned.schedule = schedule;
  return pinned;
}

} // namespace

TEST(ProblemKey, RoundTrips) {
  for (const char *key :
       {kForward,
        "op=forward dtype=f16 mask=none head_dim=64 batch=2 q_len=3 "
        "k_len=4 q_heads=6 kv_heads=2",
        "op=decode dtype=bf16 mask=causal head_dim=128 batch=8 q_len=1 "
        "k_len=4096 q_heads=32 kv_heads=8 window=37 new_len=1 page_size=16 "
        "used_lengths=1 outputs=row_max,d1,tbar,log_sum_exp,state,no_o",
        "op=decode dtype=bf16 mask=causal head_dim=128 window=any new_len=any",
        "op=merge dtype=bf16 mask=none head_dim=128 batch=1 q_len=1 q_heads=8 "
        "parts=3 outputs=log_sum_exp"})
    EXPECT_EQ(problemKey(keyed(key)), key);
  EXPECT_EQ(problemKey(keyed("")), problemKey(Problem()));
}

TEST(ProblemKey, StridesScaleAndPoolsDontCount) {
  Problem p = keyed("op=decode dtype=bf16 mask=none head_dim=128 batch=2 "
                    "q_len=1 k_len=64 q_heads=2 kv_heads=2 page_size=16");
  const std::string key = problemKey(p);
  p.scale = 0.5;
  p.pages = 99;
  p.blockTableStride = 8;
  p.q = {1024, 512, 128};
  EXPECT_EQ(problemKey(p), key);
  EXPECT_TRUE(sizesGivenBy(keyed(key), p));
}

TEST(ProblemKey, WrongKeysGetAClearError) {
  const std::pair<const char *, const char *> wrong[] = {
      {"op=backward", "one of forward, decode, merge, got 'backward'"},
      {"batch=0", "expected batch of a problem to be an integer in [1, "
                  "2147483647], got '0'"},
      {"batch=2147483648", "got '2147483648'"},
      {"batch=-1", "got '-1'"},
      {"batch=", "got ''"},
      {"batch", "got ''"},
      {"window=all mask=causal", "got 'all'"},
      {"colour=3", "expected a field of a problem, NAME=VALUE with a name "
                   "among op, dtype"},
      {"colour=3", "got 'colour=3'"},
      {"used_lengths=0", "got 'used_lengths=0'"},
      {"outputs=d1,d2", "got 'd2'"},
      {"outputs=", "got ''"},
      {"batch=2 batch=3", "expected each field of a problem once, got batch "
                          "twice"},
      {"head_dim=7", "got 7"},
      {"q_heads=3 kv_heads=2", "got 3 and 2"},
      {"window=3", "expected a causal mask"}};
  for (auto [key, says] : wrong) {
    Result<Problem> problem = parseProblemKey(key);
    ASSERT_FALSE(problem) << key;
    EXPECT_EQ(problem.error().code, ErrorCode::InvalidArgument);
    EXPECT_THAT(problem.error().message, HasSubstr(says)) << key;
  }
}

TEST(ProblemKey, APatternFitsWhatHasItsSizes) {
  const std::string sized =
      std::string(kForward) + " batch=2 q_len=8 k_len=8 window=4";
  const std::tuple<std::string, int> fitting[] = {
      {sized, 4},
      {std::string(kForward) + " window=any", 0},
      {std::string(kForward) + " window=4", 1},
      {std::string(kForward) + " batch=2 window=any", 1}};
  for (const auto &[pattern, given] : fitting)
    EXPECT_EQ(sizesGivenBy(keyed(pattern), keyed(sized)), given) << pattern;
  for (const char *other :
       {" batch=3 window=any", "", " batch=2", " window=5",
        " q_heads=2 kv_heads=2 window=any", " outputs=d1 window=any"})
    EXPECT_FALSE(
        sizesGivenBy(keyed(kForward + std::string(other)), keyed(sized)))
        << other;
}

TEST(ProblemKey, NarrowingTakesTheSizesThatAreMissing) {
  const std::string dynamic =
      "op=decode dtype=bf16 mask=none head_dim=128 q_heads=8 kv_heads=8";
  EXPECT_EQ(problemKey(*narrowed(keyed(dynamic), keyed(dynamic + " batch=4"))),
            problemKey(keyed(dynamic + " batch=4")));
  EXPECT_FALSE(narrowed(keyed(dynamic),
                        keyed("op=decode dtype=bf16 mask=none head_dim=128 "
                              "q_heads=4 kv_heads=4")));
  EXPECT_FALSE(narrowed(keyed(dynamic), keyed(kForward)));
}

TEST(PinnedSchedules, TheEntryWithMostSizesIsFound) {
  PinnedSchedules pinned;
  const std::string key = kForward;
  pinned.put(entry(key, "stages=1"));
  pinned.put(entry(key + " batch=2 k_len=8", "stages=2"));
  pinned.put(entry(key + " batch=2", "stages=3"));
  pinned.put(entry(key + " k_len=8", "stages=4"));
  pinned.put(entry(key + " batch=2 k_len=9", "keys=16", Target::Cpu));
  auto found = [&](const std::string &sizes, Target target = Target::Sm90a) {
    const PinnedSchedule *entry = pinned.find(keyed(key + sizes), target);
    return entry ? entry->schedule : "none";
  };
  EXPECT_EQ(found(" batch=1 k_len=7"), "stages=1");
  EXPECT_EQ(found(" batch=2 k_len=8"), "stages=2");
  EXPECT_EQ(found(" batch=2 k_len=9"), "stages=3");
  EXPECT_EQ(found(" batch=3 k_len=8"), "stages=4");
  EXPECT_EQ(found(" batch=2 k_len=9", Target::Cpu), "keys=16");
  EXPECT_EQ(found(" batch=2 k_len=8", Target::Cpu), "none");
  EXPECT_EQ(found(" outputs=d1"), "none");
  // Of equals the first.
  pinned.put(entry(key + " q_len=8", "stages=5"));
  EXPECT_EQ(found(" batch=2 q_len=8 k_len=9"), "stages=3");
  // One for the same problem replaces the other in its place.
  pinned.put(entry(key + " batch=2", "stages=6"));
  EXPECT_EQ(pinned.entries.size(), 6u);
  EXPECT_EQ(found(" batch=2 q_len=8 k_len=9"), "stages=6");
}

TEST(PinnedSchedules, TextRoundTrips) {
  PinnedSchedules pinned;
  pinned.put(entry(std::string(kForward) + " batch=2", "keys=48"));
  PinnedSchedule &first = pinned.entries.front();
  first.ms = 0.25;
  first.speedup = 1.5;
  first.device = "a \"card\"";
  first.version = "0.1.0";
  pinned.put(entry("op=forward dtype=f32 mask=none head_dim=64",
                   "rows=24 keys=32", Target::Cpu));
  Result<PinnedSchedules> again = parsePinnedSchedules(toJson(pinned), "file");
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->file, "file");
  ASSERT_EQ(again->entries.size(), 2u);
  for (size_t i = 0; i < 2; ++i) {
    const PinnedSchedule &a = pinned.entries[i], &b = again->entries[i];
    EXPECT_EQ(a.target, b.target);
    EXPECT_EQ(a.problem, b.problem);
    EXPECT_EQ(a.schedule, b.schedule);
    EXPECT_EQ(a.ms, b.ms);
    EXPECT_EQ(a.speedup, b.speedup);
    EXPECT_EQ(a.device, b.device);
    EXPECT_EQ(a.version, b.version);
  }
  EXPECT_EQ(toJson(*again), toJson(pinned));
}

TEST(PinnedSchedules, WhatIsMalformedNamesFileAndEntry) {
  const std::string key = kForward;
  const std::pair<std::string, const char *> wrong[] = {
      {"", "t.json: expected JSON, got a parse error at line 1"},
      {"{\n  what", "got a parse error at line 2, column 3"},
      {"[]", "t.json: expected an object with \"parallax_schedules\": 1 and an "
             "array \"schedules\", as parallax-bench --tune writes it, got []"},
      {R"({"parallax_schedules": 2, "schedules": []})", "t.json: expected an"},
      {R"({"parallax_schedules": 1, "schedules": {}})", "t.json: expected an"},
      {R"({"parallax_schedules": 1, "schedules": [7]})",
       "t.json: entry 1: expected an object, got 7"},
      {R"({"parallax_schedules": 1, "schedules": [{}]})",
       "t.json: entry 1: expected a string 'problem', got none"},
      {R"({"parallax_schedules": 1, "schedules": [{"problem": ""}]})",
       "t.json: entry 1: expected a string 'target', got none"},
      {fileOf("colour=3", "keys=48"), "t.json: entry 1 (colour=3): expected a "
                                      "field of a problem"},
      {fileOf(key, "colour=3"),
       "causal head_dim=128): expected a field of a schedule"},
      {fileOf(key, "keys=7"), "expected keys to be a multiple of 16"},
      {fileOf(key, "keys=128"), "expected accumulators"},
      {fileOf("dtype=f32", "keys=16"), "use the cpu target"},
      {fileOf(key, "keys=48", ", \"ms\": -1"), "of 0 or more for 'ms', got -1"},
      {fileOf(key, "keys=48", ", \"ms\": \"x\""), "got \"x\""},
      {fileOf(key, "keys=48", ", \"device\": 1"),
       "expected a string 'device', got 1"},
      {fileOf(key, "keys=48", ", \"colour\": 1"),
       "expected fields among target, problem, schedule, ms, speedup, device, "
       "version, got 'colour'"},
      {fileOf(key, "keys=48", R"(}, {"target": "sm_90a", "schedule": "",
              "problem": "head_dim=128 mask=causal")"),
       "t.json: entry 2 (head_dim=128 mask=causal): expected one entry a "
       "problem and target, got another"},
      {fileOf(key, "keys=48", R"(}, {"target": "gpu", "schedule": "",
              "problem": "")"),
       "t.json: entry 2: expected target to be one of"}};
  for (const auto &[text, says] : wrong) {
    Result<PinnedSchedules> pinned = parsePinnedSchedules(text, "t.json");
    ASSERT_FALSE(pinned) << text;
    EXPECT_THAT(pinned.error().message, HasSubstr(says)) << text;
    EXPECT_THAT(pinned.error().message, Not(HasSubstr("\n")));
  }
  EXPECT_EQ(readPinnedSchedules("/nowhere/t.json").error().code,
            ErrorCode::NotFound);
  EXPECT_EQ(readPinnedSchedules("/").error().code, ErrorCode::IoFailed);
}

TEST(ChooseSchedule, APinnedOneStandsInForTheProposal) {
  Result<PinnedSchedules> pinned = parsePinnedSchedules(
      fileOf(std::string(kForward) + " batch=2", "keys=48 stages=3"), "t.json");
  ASSERT_TRUE(pinned) << pinned.error().message;
  const Problem some = keyed(std::string(kForward) + " batch=2 k_len=8");
  const Problem other = keyed(std::string(kForward) + " batch=3 k_len=8");
  auto choose = [&](const Problem &problem, const char *overrides) {
    Result<Schedule> schedule =
        chooseSchedule(problem, Target::Sm90a, *pinned, overrides);
    EXPECT_TRUE(schedule) << schedule.error().message;
    return *schedule;
  };
  Schedule expected = propose(some, Target::Sm90a);
  EXPECT_EQ(choose(other, ""), expected);
  expected.tile.keys = 48;
  expected.stages = 3;
  EXPECT_EQ(choose(some, ""), expected);
  expected.stages = 2;
  EXPECT_EQ(choose(some, "stages=2"), expected);
  EXPECT_FALSE(chooseSchedule(some, Target::Sm90a, *pinned, "keys=7"));
}

// Of heads that an entry leaves open it can't be known before.
TEST(ChooseSchedule, WhatDoesNotFitTheVeryProblemNamesFileAndEntry) {
  const std::string key = "op=decode dtype=bf16 mask=none head_dim=128";
  Result<PinnedSchedules> pinned =
      parsePinnedSchedules(fileOf(key, "packed_heads=4"), "t.json");
  ASSERT_TRUE(pinned) << pinned.error().message;
  EXPECT_TRUE(chooseSchedule(keyed(key + " q_heads=8 kv_heads=2"),
                             Target::Sm90a, *pinned, ""));
  Result<Schedule> wrong = chooseSchedule(keyed(key + " q_heads=6 kv_heads=2"),
                                          Target::Sm90a, *pinned, "");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, ErrorCode::Unsupported);
  EXPECT_THAT(wrong.error().message,
              AllOf(HasSubstr("t.json: entry 1 (" + key + "): schedule "),
                    HasSubstr("divide the group of 3 heads, got 4")));
}
