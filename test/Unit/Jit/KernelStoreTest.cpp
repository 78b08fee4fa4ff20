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
