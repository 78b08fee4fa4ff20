//===- VerifyProblemTest.cpp - Problems that are right, and wrong ---------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/Unit/Data/Problems.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <functional>
#include <limits>

using namespace parallax;
using namespace parallax::test;
using testing::HasSubstr;

namespace {

constexpr int64_t kHuge = int64_t(1) << 40;

/// What is done to a right problem, and the error that must come of it.
struct Wrong {
  const char *name;
  Problem (*base)();
  std::function<void(Problem &)> spoil;
  std::vector<const char *> says;
};

const Wrong kWrong[] = {
    {"no batch",
     prefill,
     [](Problem &p) { p.batch = 0; },
     {"batch", "[1, 2147483647]", "got 0"}},
    {"negative query length",
     prefill,
     [](Problem &p) { p.queryLength = -5; },
     {"query length", "got -5"}},
    {"pages in a forward",
     prefill,
     [](Problem &p) { p.pageSize = p.pages = p.blockTableStride = 4; },
     {"no pages in a forward", "size of 4", "use decode"}},
    {"page size 0 beside pages",
     paged,
     [](Problem &p) { p.pageSize = 0; },
     {"a page size beside pages", "40 pages"}},
    {"page size 48",
     paged,
     [](Problem &p) { p.pageSize = 48; },
     {"power of two in [1, 256]", "got 48"}},
    {"page size 512",
     paged,
     [](Problem &p) { p.pageSize = 512; },
     {"[1, 256]", "got 512"}},
    {"negative page size",
     paged,
     [](Problem &p) { p.pageSize = -16; },
     {"[1, 256]", "got -16"}},
    {"no pages",
     paged,
     [](Problem &p) { p.pages = 0; },
     {"pages in [1, 2147483647]", "got 0"}},
    {"unknown pages",
     paged,
     [](Problem &p) { p.pages = kDynamic; },
     {"pages to be given for a launch"}},
    {"keys that end in a page",
     paged,
     [](Problem &p) { p.keyLength = 100; },
     {"whole pages", "multiple of 16", "got 100", "used lengths"}},
    {"negative stride of pages",
     paged,
     [](Problem &p) { p.k.batch = -4; },
     {"page stride of k", "got -4"}},
    {"negative stride of the table",
     paged,
     [](Problem &p) { p.blockTableStride = -8; },
     {"row stride of block_table", "got -8"}},
    {"unknown stride of the table",
     paged,
     [](Problem &p) { p.blockTableStride = kDynamic; },
     {"row stride of block_table", "for a launch"}},
    {"a table past all memory",
     paged,
     [](Problem &p) { p.blockTableStride = int64_t(1) << 30; },
     {"block_table", "2^31"}},
    {"new keys in a forward",
     prefill,
     [](Problem &p) {
       p.newLength = 1;
       p.newK = p.newV = p.k;
     },
     {"no new keys in a forward", "use decode"}},
    {"new keys in a merge",
     merge,
     [](Problem &p) {
       p.newLength = 1;
       p.newK = p.newV = {0, 0, 0};
     },
     {"no new keys in a merge"}},
    {"no new keys",
     decode,
     [](Problem &p) {
       p.newLength = 0;
       p.newK = p.newV = {0, 0, 0};
     },
     {"new length in [1, 2147483647]", "got 0"}},
    {"more new keys than the cache has",
     decode,
     [](Problem &p) {
       p.newLength = 101;
       p = withDefaultStrides(p);
     },
     {"at most the cache's 100", "got 101"}},
    {"unknown new keys",
     decode,
     [](Problem &p) { p.newLength = kDynamic; },
     {"new length to be given for a launch"}},
    {"new keys of unknown strides",
     decode,
     [](Problem &p) { p.newLength = 2; },
     {"strides of new_k"}},
    {"an append to a cache that repeats itself",
     decode,
     [](Problem &p) {
       p.newLength = 2;
       p = withDefaultStrides(p);
       p.v.batch = 0;
     },
     {"expected v without overlap", "batch stride"}},
    {"no output",
     prefill,
     [](Problem &p) { p.writesOutput = false; },
     {"expected an output, got none"}},
    {"parts in a decode",
     decode,
     [](Problem &p) { p.parts = 2; },
     {"no parts in a decode", "got 2", "use merge"}},
    {"no parts", merge, [](Problem &p) { p.parts = 0; }, {"parts", "got 0"}},
    {"unknown parts",
     merge,
     [](Problem &p) { p.parts = kDynamic; },
     {"parts to be given for a launch"}},
    {"keys in a merge",
     merge,
     [](Problem &p) { p.keyLength = 9; },
     {"no keys, mask, window and scale in a merge"}},
    {"key heads in a merge",
     merge,
     [](Problem &p) { p.kvHeads = 2; },
     {"no keys, mask, window and scale in a merge"}},
    {"a mask in a merge",
     merge,
     [](Problem &p) { p.mask = MaskKind::Causal; },
     {"no keys, mask, window and scale in a merge"}},
    {"a scale in a merge",
     merge,
     [](Problem &p) { p.scale = 1; },
     {"no keys, mask, window and scale in a merge"}},
    {"pages in a merge",
     merge,
     [](Problem &p) { p.pageSize = p.pages = p.blockTableStride = 4; },
     {"no pages in a merge"}},
    {"the maximum of a merge",
     merge,
     [](Problem &p) { p.outputs.rowMax = true; },
     {"no row_max and d1 of a merge"}},
    {"states past all memory",
     merge,
     [](Problem &p) { p.parts = p.batch = p.queryLength = 1 << 30; },
     {"states that span less than 2^63 bytes"}},
    {"no keys",
     prefill,
     [](Problem &p) { p.keyLength = 0; },
     {"key length", "got 0"}},
    {"too many keys",
     prefill,
     [](Problem &p) { p.keyLength = kHuge; },
     {"key length", "got 1099511627776"}},
    {"no query heads",
     prefill,
     [](Problem &p) { p.queryHeads = 0; },
     {"query heads", "got 0"}},
    {"no key heads",
     prefill,
     [](Problem &p) { p.kvHeads = 0; },
     {"key heads", "got 0"}},
    {"heads that don't divide",
     prefill,
     [](Problem &p) { p.kvHeads = 4; },
     {"multiple of key heads", "got 6 and 4"}},
    {"fewer query than key heads",
     prefill,
     [](Problem &p) { p.queryHeads = 1; },
     {"got 1 and 2"}},
    {"head dimension 7",
     prefill,
     [](Problem &p) { p.headDim = 7; },
     {"multiple of 8", "got 7"}},
    {"head dimension 264",
     prefill,
     [](Problem &p) { p.headDim = 264; },
     {"[8, 256]", "got 264"}},
    {"head dimension 0", prefill, [](Problem &p) { p.headDim = 0; }, {"got 0"}},
    {"negative head dimension",
     prefill,
     [](Problem &p) { p.headDim = -8; },
     {"got -8"}},
    {"dynamic head dimension",
     prefill,
     [](Problem &p) { p.headDim = kDynamic; },
     {"head dimension"}},
    {"window 0",
     prefill,
     [](Problem &p) { p.window = 0; },
     {"window in [1,", "got 0"}},
    {"negative window", prefill, [](Problem &p) { p.window = -7; }, {"got -7"}},
    {"huge window",
     prefill,
     [](Problem &p) { p.window = kHuge; },
     {"got 1099511627776"}},
    {"window without causal",
     prefill,
     [](Problem &p) {
       p.window = 8;
       p.mask = MaskKind::None;
     },
     {"causal", "got none"}},
    {"NaN scale",
     prefill,
     [](Problem &p) { p.scale = NAN; },
     {"finite", "got nan"}},
    {"infinite scale",
     prefill,
     [](Problem &p) { p.scale = -INFINITY; },
     {"finite", "got -inf"}},
    {"a scale that float32 lacks",
     prefill,
     [](Problem &p) { p.scale = 1e39; },
     {"float32", "got 1e+39"}},
    {"17 query tokens in a decode",
     decode,
     [](Problem &p) { p.queryLength = 17; },
     {"1 to 16 query tokens", "got 17", "use forward"}},
    {"used lengths in a forward",
     prefill,
     [](Problem &p) { p.usedLengths = true; },
     {"used lengths", "use decode"}},
    {"negative stride of an input",
     prefill,
     [](Problem &p) { p.k.length = -128; },
     {"length stride of k", "got -128"}},
    {"negative stride of the output",
     prefill,
     [](Problem &p) { p.o.head = -64; },
     {"heads stride of o", "got -64"}},
    {"output heads on top of each other",
     prefill,
     [](Problem &p) { p.o.head = 32; },
     {"o without overlap", "at least 64", "got 32"}},
    {"output batches on top of each other",
     prefill,
     [](Problem &p) { p.o.batch = 0; },
     {"o without overlap", "got 0"}},
    {"output batches that interleave",
     prefill,
     [](Problem &p) { p.o.batch -= 1; },
     {"o without overlap", "batch stride of at least 38400", "got 38399"}},
    {"an input past 2^63 bytes",
     prefill,
     [](Problem &p) { p.v.length = kHuge * (1 << 20); },
     {"v", "2^63 bytes", "length stride"}},
    {"an output past 2^63 bytes",
     prefill,
     [](Problem &p) { p.o.batch = int64_t(1) << 62; },
     {"o", "2^63 bytes", "batch stride"}},
    {"a stride of 2^63 - 1",
     prefill,
     [](Problem &p) { p.q.batch = std::numeric_limits<int64_t>::max(); },
     {"q", "2^63 bytes"}},
    {"no such kind",
     prefill,
     [](Problem &p) { p.kind = static_cast<ProblemKind>(7); },
     {"kind"}},
    {"no such dtype",
     prefill,
     [](Problem &p) { p.dtype = static_cast<DType>(7); },
     {"dtype"}},
    {"a cache of another type",
     decode,
     [](Problem &p) { p.cacheDType = DType::F16; },
     {"k and v of bf16", "or e4m3", "got f16"}},
    {"queries of e4m3",
     decode,
     [](Problem &p) { p.dtype = DType::E4M3; },
     {"dtype f32, bf16 or f16", "got e4m3", "only a cache"}},
    {"e4m3 in a forward",
     prefill,
     [](Problem &p) { p.cacheDType = DType::E4M3; },
     {"in a forward", "got e4m3", "use decode"}},
    {"no such cache type",
     decode,
     [](Problem &p) { p.cacheDType = static_cast<DType>(9); },
     {"cache dtype", "got 9"}},
    {"a scale of bf16 keys",
     decode,
     [](Problem &p) { p.keyScale = true, p.keyScaleStride = 1; },
     {"no k_scale", "bf16"}},
    {"a stride without a scale",
     scaled,
     [](Problem &p) { p.valueScale = false; },
     {"stride of v_scale only beside v_scale", "got 1"}},
    {"scales that lie backwards",
     scaled,
     [](Problem &p) { p.keyScaleStride = -4; },
     {"stride of k_scale", "got -4"}},
    {"scales past 2^31",
     scaled,
     [](Problem &p) { p.valueScaleStride = kHuge; },
     {"stride of v_scale", "2^31"}},
    {"no such mask",
     prefill,
     [](Problem &p) { p.mask = static_cast<MaskKind>(7); },
     {"mask"}},
};

} // namespace

TEST(VerifyProblem, RightOnesAreAccepted) {
  for (const Problem &p : {prefill(), decode()}) {
    Result<void> ok = verifyForLaunch(p);
    EXPECT_TRUE(ok) << ok.error().message;
  }
}

TEST(VerifyProblem, EachWrongOneGetsAClearError) {
  for (const Wrong &wrong : kWrong) {
    SCOPED_TRACE(wrong.name);
    Problem p = wrong.base();
    wrong.spoil(p);
    Result<void> ok = verifyForLaunch(p);
    if (ok) {
      ADD_FAILURE() << "expected an error";
      continue;
    }
    EXPECT_EQ(ok.error().code, ErrorCode::InvalidArgument);
    const std::string &message = ok.error().message;
    EXPECT_EQ(message.rfind("expected ", 0), 0u) << message;
    EXPECT_EQ(message.find('\n'), std::string::npos);
    EXPECT_NE(message.back(), '.');
    for (const char *part : wrong.says)
      EXPECT_THAT(message, HasSubstr(part));
  }
}

TEST(VerifyProblem, EveryHeadDimensionUpTo256) {
  for (int64_t d = 8; d <= 256; d += 8) {
    Problem p;
    p.headDim = d;
    EXPECT_TRUE(verify(p)) << d;
  }
}

TEST(VerifyProblem, EveryGroupSize) {
  for (int64_t ratio = 1; ratio <= 71; ++ratio) {
    Problem p;
    p.queryHeads = 3 * ratio;
    p.kvHeads = 3;
    EXPECT_TRUE(verify(p)) << ratio;
  }
}

// A kernel may leave all of it open, a launch nothing.
TEST(VerifyProblem, DynamicIsForCompilingOnly) {
  Problem open;
  open.mask = MaskKind::Causal;
  open.window = kDynamic;
  EXPECT_TRUE(verify(open));
  EXPECT_FALSE(verifyForLaunch(open));

  using Spoil = void (*)(Problem &);
  const std::pair<const char *, Spoil> dynamic[] = {
      {"batch", [](Problem &p) { p.batch = kDynamic; }},
      {"query length", [](Problem &p) { p.queryLength = kDynamic; }},
      {"key length", [](Problem &p) { p.keyLength = kDynamic; }},
      {"query heads", [](Problem &p) { p.queryHeads = kDynamic; }},
      {"key heads", [](Problem &p) { p.kvHeads = kDynamic; }},
      {"window", [](Problem &p) { p.window = kDynamic; }},
      {"strides of q", [](Problem &p) { p.q.batch = kDynamic; }},
      {"strides of r", [](Problem &p) { p.r.length = kDynamic; }},
      {"strides of k", [](Problem &p) { p.k.head = kDynamic; }},
      {"strides of v", [](Problem &p) { p.v = Strides(); }},
      {"strides of o", [](Problem &p) { p.o.head = kDynamic; }},
  };
  for (auto [name, spoil] : dynamic) {
    SCOPED_TRACE(name);
    Problem p = prefill();
    spoil(p);
    EXPECT_TRUE(verify(p));
    Result<void> ok = verifyForLaunch(p);
    ASSERT_FALSE(ok);
    EXPECT_THAT(ok.error().message, HasSubstr(name));
  }
}

TEST(VerifyProblem, InputsMayRepeatAndOverlap) {
  Problem p = prefill();
  p.k.batch = p.v.batch = 0; // One cache for every sequence.
  p.r.length = 0;            // One r for every token.
  p.q.head = 8;              // Heads that share elements.
  EXPECT_TRUE(verifyForLaunch(p));
}

TEST(VerifyProblem, AnOutputMayLieInAnyOrder) {
  Problem p = prefill();
  p.o = Strides::bhld(p.queryLength, p.queryHeads, p.headDim);
  EXPECT_TRUE(verifyForLaunch(p));
  p.o = {6 * 64, 2 * 6 * 64, 64}; // (length, batch, heads).
  EXPECT_TRUE(verifyForLaunch(p));
  p.o = {3 * 100 * 384, 3 * 384, 64}; // A slice of a projection.
  EXPECT_TRUE(verifyForLaunch(p));
}

// What is repeated once has no stride to speak of.
TEST(VerifyProblem, ADimensionOfOneMayHaveAnyStride) {
  Problem p = prefill();
  p.batch = 1;
  for (int64_t stride :
       {int64_t(0), int64_t(3), std::numeric_limits<int64_t>::max()}) {
    p.q.batch = p.o.batch = stride;
    EXPECT_TRUE(verifyForLaunch(p)) << stride;
  }
}

TEST(VerifyProblem, MayHoldMoreThan2To31Elements) {
  Problem p = prefill();
  p.batch = 128;
  p.queryLength = p.keyLength = 1 << 20;
  p.q = p.r = p.k = p.v = p.o = Strides();
  EXPECT_TRUE(verifyForLaunch(withDefaultStrides(p)));
}

// Sizes whose product overflows: an error, not a stride that wrapped around.
TEST(VerifyProblem, TheLargestSizesAreRefusedNotWrapped) {
  Problem p;
  p.batch = p.queryLength = p.keyLength = p.queryHeads = p.kvHeads =
      std::numeric_limits<int32_t>::max();
  p.headDim = 256;
  Result<void> ok = verifyForLaunch(withDefaultStrides(p));
  ASSERT_FALSE(ok);
  EXPECT_THAT(ok.error().message, HasSubstr("2^63 bytes"));
}
