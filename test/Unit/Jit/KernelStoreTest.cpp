//===- KernelStoreTest.cpp - When kernels are made ------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Jit/KernelStore.h"

#include "test/Unit/Runtime/CudaTest.h"

using namespace parallax;
using testing::HasSubstr;

namespace {

class KernelStoreTest : public CudaTest {
protected:
  KernelStoreTest() {
    problem.kind = ProblemKind::Decode;
    problem.batch = 2;
    problem.queryLength = 1;
    problem.keyLength = 512;
    problem.queryHeads = problem.kvHeads = 8;
    problem.headDim = 64;
    problem = withDefaultStrides(problem);
  }

  JitOptions options() {
    JitOptions options;
    options.onCompile = [this](std::string_view) { ++compiled; };
    return options;
  }
  Result<KernelStore::Found> find(std::optional<void *> stream) {
    return store.find(problem, {.stream = stream});
  }

  Problem problem;
  int compiled = 0;
  KernelStore store{options(), context()};
};

/// Of an assembler that spills whatever it is given.
class SpillingKernelTest : public KernelStoreTest {
protected:
  KernelStore storeOf(JitOptions options) {
    options.onLog = [this](std::string_view text) {
      logged.emplace_back(text);
    };
    return KernelStore(options, context(),
                       [](const Problem &problem, const CompileOptions &how) {
                         Result<Compilation> made = compile(problem, how);
                         if (made)
                           made->image->resources.spillStores = 8;
                         return made;
                       });
  }

  std::vector<std::string> logged;
};

} // namespace

TEST_F(KernelStoreTest, DoesNotCompileForACapturedStream) {
  void *stream = &cuda;
  cuda.captureId = 7;
  Result<KernelStore::Found> found = find(stream);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::NotFound);
  EXPECT_THAT(found.error().message,
              HasSubstr("expected a compiled kernel for a stream that is "
                        "captured, got none for: decode bf16 d64"));
  EXPECT_THAT(found.error().message, HasSubstr("call Jit::prepare"));
  EXPECT_EQ(compiled, 0);

  cuda.captureId = 0;
  found = find(stream);
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->source, KernelSource::Compiled);
  EXPECT_EQ(compiled, 1);

  cuda.captureId = 8;
  found = find(stream);
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->source, KernelSource::Memory);
}

TEST_F(KernelStoreTest, CompilesInACaptureForNoStreamInParticular) {
  cuda.captureId = 7;
  Result<KernelStore::Found> found = find(std::nullopt);
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(compiled, 1);
}

TEST_F(KernelStoreTest, SaysThatAStreamIsNone) {
  cuda.failures["cuStreamGetCaptureInfo_v2"] = 400;
  Result<KernelStore::Found> found = find(&cuda);
  ASSERT_FALSE(found);
  EXPECT_THAT(found.error().message, HasSubstr("cuStreamGetCaptureInfo"));
  EXPECT_EQ(compiled, 0);
}

TEST_F(SpillingKernelTest, TakesWhatIsProposedAndSaysSo) {
  KernelStore spilling = storeOf(options());
  Result<KernelStore::Found> found = spilling.find(problem, {});
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->source, KernelSource::Compiled);
  ASSERT_EQ(logged.size(), 1u);
  EXPECT_THAT(logged[0], HasSubstr("parallax_decode_bf16_d64 is right, but "
                                   "slower than it should be: schedule "));
  EXPECT_THAT(logged[0],
              HasSubstr("expected no spills, got 8 bytes stored and 0 loaded"));

  found = spilling.find(problem, {});
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->source, KernelSource::Memory);
  EXPECT_EQ(logged.size(), 1u);
}

TEST_F(SpillingKernelTest, RefusesWhatSomebodyChose) {
  KernelStore spilling = storeOf(options());
  const PlanOptions chosen = {.schedule = "stages=2"};
  // The second time it is in memory.
  for (int i = 0; i < 2; ++i) {
    Result<KernelStore::Found> found = spilling.find(problem, chosen);
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, ErrorCode::CompileFailed);
    EXPECT_THAT(found.error().message,
                HasSubstr("stages=2 converted_stages=0"));
    EXPECT_THAT(found.error().message, HasSubstr("expected no spills, got 8"));
  }
  EXPECT_EQ(compiled, 1);
  EXPECT_TRUE(logged.empty());
}

TEST_F(SpillingKernelTest, TakesWhatSomebodyAllowed) {
  JitOptions allowing = options();
  allowing.allowSpills = true;
  KernelStore spilling = storeOf(allowing);
  Result<KernelStore::Found> found =
      spilling.find(problem, {.schedule = "stages=2"});
  EXPECT_TRUE(found) << found.error().message;
  EXPECT_TRUE(logged.empty());
}
