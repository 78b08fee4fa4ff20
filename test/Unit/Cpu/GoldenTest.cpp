//===- GoldenTest.cpp - The golden cases on the CPU -----------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/Unit/Cpu/CpuTest.h"

#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"

#include "gtest/gtest.h"

#include <cstdlib>

using namespace parallax;
using namespace parallax::test;
using namespace parallax::tools;

/// Runs a case against the output that its file holds.
static void expectGolden(const llvm::json::Object &entry, DType dtype,
                         const std::string &folder) {
  const std::string name = entry.getString("name")->str();
  SCOPED_TRACE(name + " " + std::string(toString(dtype)));
  Problem problem;
  const bool isDecode = llvm::StringRef(name).contains("decode");
  problem.kind = isDecode ? ProblemKind::Decode : ProblemKind::Forward;
  problem.dtype = dtype;
  problem.mask =
      *entry.getBoolean("causal") ? MaskKind::Causal : MaskKind::None;
  if (int64_t window = *entry.getInteger("window"); window > 0)
    problem.window = window;
  problem.scale = *entry.getNumber("scale");
  auto c = readCase(problem, folder + "/" + name + ".npz");
  ASSERT_TRUE(c) << c.error().message;

  auto image = compileForCpu(c->problem);
  ASSERT_TRUE(image) << image.error().message;
  auto kernel = CpuKernel::load(std::make_shared<KernelImage>(*image));
  ASSERT_TRUE(kernel) << kernel.error().message;
  auto out = run(*kernel, *c, Layout::BLHD, 0);
  ASSERT_TRUE(out) << out.error().message;
  const Problem &p = c->problem;
  Comparison o;
  const double *expected = c->expected.data();
  for (int64_t b = 0; b != p.batch; ++b)
    for (int64_t i = 0; i != p.queryLength; ++i)
      for (int64_t h = 0; h != p.queryHeads; ++h)
        for (int64_t d = 0; d != p.headDim; ++d)
          o.add(out->o.read(b, i, h, d), *expected++);
  EXPECT_EQ(o.count(), static_cast<int64_t>(c->expected.size()));
  EXPECT_LE(o.maxErrorRatio(), defaultTolerance(dtype).maxErrorRatio);
  EXPECT_LE(o.rmsRatio(), defaultTolerance(dtype).rmsRatio);
}

TEST(CpuGolden, EveryCase) {
  const char *data = std::getenv("PARALLAX_TEST_DATA");
  if (!data)
    GTEST_SKIP() << "PARALLAX_TEST_DATA is not set; run through lit";
  const std::string folder = std::string(data) + "/golden";
  auto file = llvm::MemoryBuffer::getFile(folder + "/index.json");
  ASSERT_TRUE(file);
  auto index = llvm::json::parse((*file)->getBuffer());
  ASSERT_TRUE(static_cast<bool>(index));
  ASSERT_EQ(index->getAsArray()->size(), 13u);
  for (const llvm::json::Value &entry : *index->getAsArray())
    for (DType dtype : {DType::F32, DType::BF16})
      expectGolden(*entry.getAsObject(), dtype, folder);
}
