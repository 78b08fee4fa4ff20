//===- CandidatesTest.cpp - Schedules worth timing ---------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Schedule/Candidates.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <algorithm>

using namespace parallax;
using testing::Contains;
using testing::Not;

namespace {

Problem problem(ProblemKind kind, DType dtype, int64_t headDim) {
  Problem p;
  p.kind = kind;
  p.dtype = dtype;
  p.headDim = headDim;
  if (kind == ProblemKind::Merge)
    return p;
  p.mask = MaskKind::Causal;
  p.queryHeads = 32, p.kvHeads = 8;
  return p;
}

/// What `change` makes of the proposal for `p`.
std::string changed(const Problem &p, Target target, const char *change) {
  Result<Schedule> schedule = parseSchedule(change, propose(p, target));
  EXPECT_TRUE(schedule) << change;
  return toText(*schedule);
}

std::vector<std::string> texts(const Problem &p, Target target) {
  std::vector<std::string> texts;
  for (const Schedule &schedule : candidates(p, target))
    texts.push_back(toText(schedule));
  return texts;
}

} // namespace

TEST(Candidates, AreTheProposalAndOthersThatVerify) {
  for (Target target : {Target::Sm90a, Target::Cpu})
    for (ProblemKind kind :
         {ProblemKind::Forward, ProblemKind::Decode, ProblemKind::Merge})
      for (DType dtype : {DType::BF16, DType::F16})
        for (int64_t headDim = 8; headDim <= 256; headDim += 8)
          for (int64_t pageSize : {0, 16, 256}) {
            Problem p = problem(kind, dtype, headDim);
            if (kind == ProblemKind::Decode)
              p.pageSize = pageSize;
            const std::vector<Schedule> found = candidates(p, target);
            ASSERT_FALSE(found.empty());
            EXPECT_EQ(found.front(), propose(p, target));
            EXPECT_LE(found.size(), kMostCandidates);
            for (size_t i = 0; i < found.size(); ++i) {
              Result<void> ok = verify(found[i], p, target);
              EXPECT_TRUE(ok) << ok.error().message;
              EXPECT_EQ(std::count(found.begin(), found.end(), found[i]), 1)
                  << toText(found[i]);
            }
            if (target == Target::Sm90a && kind == ProblemKind::Merge)
              EXPECT_EQ(found.size(), 1u);
            else
              EXPECT_GE(found.size(), 4u) << toString(kind) << " " << headDim;
          }
}

// Those that benchmarks have compared by hand so far.
TEST(Candidates, AreInTheNeighbourhood) {
  const Problem forward = problem(ProblemKind::Forward, DType::BF16, 128);
  const std::vector<std::string> found = texts(forward, Target::Sm90a);
  for (const char *text :
       {"overlap=1", "ping_pong=0", "overlap=0 ping_pong=0", "keys=48",
        "keys=48 overlap=0 ping_pong=0",
        "rows=64 consumers=1 ping_pong=0 consumer_registers=248",
        "persistent=0", "persistent=0 ping_pong=0"})
    EXPECT_THAT(found, Contains(changed(forward, Target::Sm90a, text))) << text;

  const Problem narrowForward = problem(ProblemKind::Forward, DType::BF16, 64);
  EXPECT_THAT(texts(narrowForward, Target::Sm90a),
              Contains(changed(narrowForward, Target::Sm90a, "tensor_sums=0")));

  const Problem decode = problem(ProblemKind::Decode, DType::BF16, 128);
  const std::vector<std::string> decodes = texts(decode, Target::Sm90a);
  for (const char *text :
       {"split_tiles=4", "ctas_per_sm=1 consumer_registers=248", "overlap=1"})
    EXPECT_THAT(decodes, Contains(changed(decode, Target::Sm90a, text)))
        << text;

  // One token of four heads is stacked in 8 rows.
  Problem one = decode;
  one.queryLength = 1;
  for (const char *text :
       {"rows=8 packed_heads=4", "rows=64 stages=2 cluster=0",
        "keys=96 stages=2", "overlap=3",
        "persistent=1 cluster=0 producer_registers=40 "
        "consumer_registers=216"})
    EXPECT_THAT(texts(one, Target::Sm90a),
                Contains(changed(one, Target::Sm90a, text)))
        << text;

  EXPECT_THAT(texts(one, Target::Sm90a),
              Contains(changed(one, Target::Sm90a, "queries_in_registers=1")));

  // Keys that are dealt are joined by a warpgroup beside one consumer, if the
  // CTA has the SM to itself.
  Problem dealt = one;
  dealt.batch = 32;
  dealt.queryHeads = 32;
  dealt.kvHeads = 8;
  dealt.keyLength = 8192;
  dealt.usedLengths = true;
  ASSERT_TRUE(propose(dealt, Target::Sm90a).hasJoiners());
  for (const char *text :
       {"persistent=0 converter_registers=0 consumer_registers=248",
        "ctas_per_sm=2 converter_registers=0 consumer_registers=216",
        "keys=96 stages=2"})
    EXPECT_THAT(texts(dealt, Target::Sm90a),
                Contains(changed(dealt, Target::Sm90a, text)))
        << text;

  // Three CTAs of 256 threads are launched with 80 registers a thread each.
  Problem narrow = problem(ProblemKind::Decode, DType::BF16, 64);
  narrow.queryLength = 1;
  EXPECT_THAT(texts(narrow, Target::Sm90a),
              Contains(changed(narrow, Target::Sm90a,
                               "ctas_per_sm=3 consumer_registers=136")));

  // Converters are three warps beside the producer, or four of their own.
  Problem converted = one;
  converted.cacheDType = DType::E4M3;
  converted.queryLength = 4;
  Problem gathered = one;
  gathered.pageSize = 1;
  EXPECT_THAT(texts(converted, Target::Sm90a),
              Contains(changed(converted, Target::Sm90a,
                               "producer_registers=64 converter_registers=0 "
                               "consumer_registers=192")));
  EXPECT_THAT(
      texts(converted, Target::Sm90a),
      Contains(changed(converted, Target::Sm90a, "queries_in_registers=0")));
  // Warps with keys of their own, of 4 rows, have none; whoever else does.
  Problem few = converted;
  few.queryLength = 1;
  const std::vector<std::string> ofFew = texts(few, Target::Sm90a);
  for (const char *text :
       {"ctas_per_sm=3 stages=2 consumer_registers=128", "keys=64",
        "partition=0 rows=8 keys=64 stages=2 converted_stages=2 "
        "producer_registers=24 converter_registers=56 "
        "consumer_registers=160"})
    EXPECT_THAT(ofFew, Contains(changed(few, Target::Sm90a, text))) << text;
  // Who has no keys of its own gives registers to consumers.
  few.cacheDType.reset();
  few.batch = 1, few.keyLength = 512;
  EXPECT_THAT(texts(few, Target::Sm90a),
              Contains(changed(few, Target::Sm90a,
                               "partition=0 rows=8 producer_registers=24 "
                               "consumer_registers=232")));
  EXPECT_THAT(texts(gathered, Target::Sm90a),
              Contains(changed(gathered, Target::Sm90a,
                               "producer_registers=24 converter_registers=64 "
                               "consumer_registers=152")));

  const Problem onCpu = problem(ProblemKind::Forward, DType::F32, 64);
  EXPECT_THAT(texts(onCpu, Target::Cpu),
              Contains(changed(onCpu, Target::Cpu, "rows=72 keys=128")));
}

// How far weights may grow is not for a tuner to decide.
TEST(Candidates, LeaveTheLagAlone) {
  for (DType dtype : {DType::BF16, DType::F16}) {
    const Problem p = problem(ProblemKind::Forward, dtype, 128);
    for (const Schedule &s : candidates(p, Target::Sm90a))
      EXPECT_EQ(s.rescaleLag, propose(p, Target::Sm90a).rescaleLag);
  }
}
