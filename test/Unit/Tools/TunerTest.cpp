//===- TunerTest.cpp - Tuning, and what comes of it -----------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/parallax-bench/Tuner.h"

#include "lib/Schedule/Candidates.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <filesystem>
#include <fstream>
#include <unistd.h>

using namespace parallax;
using namespace parallax::tools;
using testing::HasSubstr;

namespace {

constexpr const char *kSmall = "--k-len 40 --q-heads 2 --head-dim 16 --dtype "
                               "f32\n";
constexpr const char *kDecode = "--op decode --k-len 50 --q-heads 4 --kv-heads "
                                "2 --head-dim 16 --dtype f32 --new-len 1\n";

PinnedSchedule pin(Target target, const Problem &problem,
                   const char *schedule) {
  PinnedSchedule pinned;
  pinned.target = target;
  pinned.problem = problem;
  pinned.schedule = schedule;
  return pinned;
}

/// A folder that goes with the test, and a Jit for the CPU.
class TunerTest : public testing::Test {
protected:
  void SetUp() override {
    folder = std::filesystem::temp_directory_path() /
             ("parallax-tuner-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder);
    options.bench.rounds = 2;
    options.file = folder / "tuned.json";
    options.onTuned = [this](const Tuned &tuned) {
      this->tuned.push_back(tuned);
    };
    options.onNote = [this](const std::string &note) { notes.push_back(note); };
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  Result<Jit> makeJit(const PinnedSchedules &pinned = {}) {
    JitOptions jit;
    jit.target = Target::Cpu;
    jit.pinned = pinned;
    jit.cacheFolder = folder / "cache";
    jit.neverCompile = neverCompile;
    jit.onCompile = [this](std::string_view) { ++compiled; };
    return Jit::create(jit);
  }
  Result<void> tuneList(const std::string &list) {
    Result<Jit> jit = makeJit();
    if (!jit)
      return jit.error();
    auto problems = parseList(list, "list", 1);
    if (!problems)
      return problems.error();
    return tune(options, *jit, *problems);
  }
  Problem problemOf(const std::string &list) {
    return *parseList(list, "list", 1)->front()->sizedProblem(1);
  }

  std::filesystem::path folder;
  TuneOptions options;
  std::vector<Tuned> tuned;
  std::vector<std::string> notes;
  std::atomic<int> compiled = 0;
  bool neverCompile = false;
};

} // namespace

TEST_F(TunerTest, WritesAWorkingScheduleForEachProblem) {
  Result<void> done = tuneList(std::string(kSmall) + kDecode);
  ASSERT_TRUE(done) << done.error().message;
  Result<PinnedSchedules> pinned = readPinnedSchedules(options.file);
  ASSERT_TRUE(pinned) << pinned.error().message;
  ASSERT_EQ(pinned->entries.size(), 2u);
  ASSERT_EQ(tuned.size(), 2u);
  for (const char *list : {kSmall, kDecode}) {
    const PinnedSchedule *entry = pinned->find(problemOf(list), Target::Cpu);
    ASSERT_TRUE(entry) << list;
    EXPECT_GT(entry->ms, 0);
    // The proposal has none over itself, and nothing slower replaces it.
    EXPECT_GE(entry->speedup, 1);
    EXPECT_THAT(entry->device, HasSubstr("CPU"));
    EXPECT_FALSE(entry->version.empty());
  }
  for (const Tuned &one : tuned) {
    EXPECT_GT(one.timed, 3u);
    EXPECT_LE(one.timed, one.candidates);
    EXPECT_EQ(one.change.empty(), one.pinned.speedup == 1);
  }
}

TEST_F(TunerTest, KeepsWhatTheFileHolds) {
  PinnedSchedules before;
  before.put(pin(Target::Sm90a, Problem(), "stages=1"));
  before.put(pin(Target::Cpu, problemOf(kSmall), "rows=3 keys=16"));
  std::ofstream(options.file) << toJson(before);
  options.keep = true;
  ASSERT_TRUE(tuneList(std::string(kSmall) + kDecode));
  EXPECT_EQ(tuned.size(), 1u);
  EXPECT_THAT(notes, testing::Contains(HasSubstr("kept")));
  Result<PinnedSchedules> after = readPinnedSchedules(options.file);
  ASSERT_TRUE(after) << after.error().message;
  ASSERT_EQ(after->entries.size(), 3u);
  EXPECT_EQ(after->entries[1].schedule, "rows=3 keys=16");

  options.keep = false;
  ASSERT_TRUE(tuneList(kSmall));
  after = readPinnedSchedules(options.file);
  ASSERT_TRUE(after) << after.error().message;
  ASSERT_EQ(after->entries.size(), 3u);
  EXPECT_EQ(after->entries[0].schedule, "stages=1");
  EXPECT_EQ(after->entries[1].schedule, tuned.back().pinned.schedule);
}

TEST_F(TunerTest, AnInterruptKeepsWhatIsDone) {
  options.isInterrupted = [this] { return tuned.size() == 1; };
  Result<void> done = tuneList(std::string(kSmall) + kDecode);
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().message,
              HasSubstr("tuned.json holds the 1 that are done"));
  EXPECT_EQ(readPinnedSchedules(options.file)->entries.size(), 1u);
  // Nothing was found yet, and the file is there.
  options.isInterrupted = [] { return true; };
  options.file = folder / "other.json";
  EXPECT_FALSE(tuneList(kSmall));
  EXPECT_TRUE(readPinnedSchedules(options.file)->entries.empty());
}

TEST_F(TunerTest, AFileThatIsWrongOrCantBeWrittenIsToldAtOnce) {
  std::ofstream(options.file) << "[]";
  EXPECT_THAT(tuneList(kSmall).error().message, HasSubstr("tuned.json: exp"));
  options.file = folder / "nowhere" / "tuned.json";
  EXPECT_THAT(tuneList(kSmall).error().message, HasSubstr("to write"));
  EXPECT_EQ(compiled, 0);
}

TEST_F(TunerTest, WhatDoesNotCompileIsSkipped) {
  ASSERT_TRUE(makeJit()->plan(problemOf(kDecode)));
  neverCompile = true;
  Result<void> done = tuneList(std::string(kSmall) + kDecode);
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().message, HasSubstr("a schedule that works, got "
                                              "none"));
  EXPECT_THAT(done.error().message, HasSubstr("never compiles"));
  // The other problem's proposal was in the cache.
  ASSERT_EQ(tuned.size(), 1u);
  EXPECT_EQ(tuned.front().timed, 1u);
  EXPECT_EQ(tuned.front().change, "");
  EXPECT_THAT(notes, testing::Contains(HasSubstr("skipped the proposal: ")));
}

TEST_F(TunerTest, ThePinnedScheduleIsCompiledAndCachedAsSuch) {
  const Problem problem = problemOf(kSmall);
  PinnedSchedules pinned;
  pinned.put(pin(Target::Cpu, problem, "rows=6 keys=16"));
  auto planOf = [&](const PinnedSchedules &pinned) {
    Result<Jit> jit = makeJit(pinned);
    EXPECT_TRUE(jit);
    Result<Plan> plan = jit->plan(problem);
    EXPECT_TRUE(plan) << plan.error().message;
    return *plan;
  };
  EXPECT_EQ(planOf({}).source(), KernelSource::Compiled);
  // Not the other one of the folder.
  Plan plan = planOf(pinned);
  EXPECT_EQ(plan.source(), KernelSource::Compiled);
  EXPECT_THAT(plan.schedule(), HasSubstr("rows=6 keys=16"));
  plan = planOf(pinned);
  EXPECT_EQ(plan.source(), KernelSource::Disk);
  EXPECT_THAT(plan.schedule(), HasSubstr("rows=6 keys=16"));
  EXPECT_EQ(compiled, 2);
}

TEST_F(TunerTest, PreparingAheadCompilesWhatIsPinned) {
  PinnedSchedules pinned;
  pinned.put(pin(Target::Cpu, problemOf(kSmall), "rows=6 keys=16"));
  Result<Jit> jit = makeJit(pinned);
  ASSERT_TRUE(jit) << jit.error().message;
  Problem any = specialized(problemOf(kSmall));
  ASSERT_TRUE(jit->prepare(any));
  EXPECT_EQ(compiled, 2);
  EXPECT_EQ(jit->plan(problemOf(kSmall))->source(), KernelSource::Memory);
  EXPECT_EQ(compiled, 2);
}

TEST_F(TunerTest, BatchInvarianceNeedsSchedulesForAnyBatch) {
  JitOptions options;
  options.target = Target::Cpu;
  options.batchInvariant = true;
  options.pinned.file = "t.json";
  Problem any = specialized(problemOf(kDecode)), batch = any, length = any;
  batch.batch = 2;
  length.keyLength = 8;
  auto createWith = [&](const Problem &problem, Target target) {
    options.pinned.entries = {pin(target, problem, "keys=16")};
    return Jit::create(options);
  };
  EXPECT_TRUE(createWith(any, Target::Cpu));
  EXPECT_TRUE(createWith(length, Target::Cpu));
  EXPECT_TRUE(createWith(batch, Target::Sm90a));
  EXPECT_TRUE(createWith(problemOf(kSmall), Target::Cpu));
  EXPECT_THAT(createWith(batch, Target::Cpu).error().message,
              HasSubstr("t.json: expected schedules of decodes for any batch "
                        "beside batch invariance"));
}

TEST_F(TunerTest, APlanTakesFieldsOfItsOwn) {
  Result<Jit> jit = makeJit();
  ASSERT_TRUE(jit) << jit.error().message;
  Result<Plan> plan = jit->plan(problemOf(kSmall), {.schedule = "rows=9"});
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_THAT(plan->schedule(), HasSubstr("rows=9 keys=64"));
  EXPECT_THAT(
      jit->plan(problemOf(kSmall), {.schedule = "rows=0"}).error().message,
      HasSubstr("got 0 rows"));
}
