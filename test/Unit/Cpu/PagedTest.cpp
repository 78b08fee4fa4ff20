//===- PagedTest.cpp - Decodes against pages on the CPU -------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Cases have pages in random order, shared between sequences, garbage in the
// table and NaN in the pool wherever no used length reaches.
//
//===----------------------------------------------------------------------===//

#include "test/Unit/Cpu/CpuTest.h"
#include "tools/Support/Pages.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <span>
#include <sys/mman.h>
#include <unistd.h>

using namespace parallax;
using namespace parallax::test;
using namespace parallax::tools;
using testing::HasSubstr;

namespace {

Problem paged(int64_t pageSize, DType dtype = DType::F32) {
  Problem problem;
  problem.kind = ProblemKind::Decode;
  problem.dtype = dtype;
  problem.mask = MaskKind::Causal;
  problem.pageSize = pageSize;
  return problem;
}

} // namespace

TEST(CpuPaged, EveryPageSize) {
  for (int64_t pageSize : {1, 2, 4, 8, 16, 32, 64, 128, 256})
    for (int64_t tokens : {1, 3}) {
      SCOPED_TRACE(testing::Message() << pageSize << " x " << tokens);
      Problem problem = paged(pageSize, DType::BF16);
      problem.outputs = {true, true, true, true};
      expectRight(makeCase(problem, {6, tokens, 256, 4, 2, 64},
                           {1, 256, 77, 64, 0, 129}));
    }
}

// Full rows of the table, windows, many rows a tile, odd head dimensions.
TEST(CpuPaged, Shapes) {
  for (DType dtype : {DType::F32, DType::F16}) {
    expectRight(makeCase(paged(16, dtype), {2, 5, 208, 6, 2, 128}));
    expectRight(makeCase(paged(32, dtype), {2, 16, 96, 5, 1, 40}, {90, 41}));
    Problem window = paged(8, dtype);
    window.window = 37;
    expectRight(makeCase(window, {3, 2, 160, 2, 2, 64}, {150, -4, 1000000}));
    Problem all = paged(128, dtype);
    all.mask = MaskKind::None;
    expectRight(makeCase(all, {2, 7, 256, 8, 4, 72}, {200, 3}));
  }
}

TEST(CpuPaged, Layouts) {
  for (Layout layout : {Layout::BLHD, Layout::BHLD, Layout::Sliced})
    for (bool isStatic : {false, true})
      expectRight(
          makeCase(paged(16, DType::BF16), {3, 2, 80, 6, 2, 96}, {80, 41, 13}),
          layout, isStatic);
}

namespace {

/// A case whose keys and values lie page by page in one tensor.
struct Interleaved {
  Case c = makeCase(paged(16), {2, 1, 64, 2, 2, 32}, {50, 17});
  HostTensor q{2, 1, 2, 32, DType::F32, Layout::BLHD};
  HostTensor r = q, o = q;
  std::vector<float> pool;
  Problem p = c.problem;

  Interleaved() {
    q.write(c.inputs.q);
    r.write(c.inputs.r);
    const std::vector<float> k = toPool(p, c.inputs, c.inputs.k);
    const std::vector<float> v = toPool(p, c.inputs, c.inputs.v);
    const auto page = p.pageSize * p.kvHeads * p.headDim;
    for (int64_t i = 0; i < p.pages; ++i) {
      pool.insert(pool.end(), &k[i * page], &k[i * page] + page);
      pool.insert(pool.end(), &v[i * page], &v[i * page] + page);
    }
    p.k = Strides::blhd(p.pageSize, p.kvHeads, p.headDim);
    p.k.batch *= 2;
    p.v = p.k;
  }
  Result<void> launch() {
    auto image = compileForCpu(specialized(p));
    if (!image)
      return image.error();
    auto kernel = CpuKernel::load(std::make_shared<KernelImage>(*image));
    if (!kernel)
      return kernel.error();
    std::array<void *, kNumOperands> pointers = {};
    auto set = [&](Operand operand, void *pointer) {
      pointers[static_cast<size_t>(operand)] = pointer;
    };
    set(Operand::Q, q.data());
    set(Operand::R, r.data());
    set(Operand::K, pool.data());
    set(Operand::V, pool.data() + p.k.batch / 2);
    set(Operand::O, o.data());
    set(Operand::UsedLengths, c.inputs.usedLengths.data());
    set(Operand::BlockTable, c.inputs.blockTable.data());
    return kernel->launch(p, pointers, 1);
  }
};

} // namespace

TEST(CpuPaged, KeysAndValuesInOnePool) {
  Interleaved test;
  auto ok = test.launch();
  ASSERT_TRUE(ok) << ok.error().message;
  Comparison o;
  for (const Row &row : rowsToCheck(test.c.problem)) {
    RowResult expected = evaluateRow(test.c.problem, test.c.inputs, row);
    for (int64_t d = 0; d != test.p.headDim; ++d)
      o.add(test.o.read(row.batch, row.token, row.head, d), expected.o[d]);
  }
  EXPECT_LE(o.maxErrorRatio(), 2e-5);
}

namespace {

/// A table whose row ends where memory does that nobody may read.
class GuardedTable {
public:
  explicit GuardedTable(std::span<const int32_t> entries) {
    const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
    const size_t bytes = (entries.size_bytes() + page - 1) / page * page;
    size = bytes + page;
    memory = static_cast<char *>(mmap(nullptr, size, PROT_READ | PROT_WRITE,
                                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    first = reinterpret_cast<int32_t *>(memory + bytes - entries.size_bytes());
    std::copy(entries.begin(), entries.end(), first);
    mprotect(memory + bytes, page, PROT_NONE);
  }
  GuardedTable(const GuardedTable &) = delete;
  ~GuardedTable() { munmap(memory, size); }
  int32_t *data() { return first; }

private:
  char *memory;
  size_t size;
  int32_t *first;
};

} // namespace

// Entries past the last used page are never read: here that would be a fault.
TEST(CpuPaged, NoEntryPastTheUsedLength) {
  for (int64_t pageSize : {1, 4, 64})
    for (int32_t used : {1, 63, 64, 65, 200, 256})
      for (int64_t tokens : {1, 9}) {
        SCOPED_TRACE(testing::Message() << pageSize << " " << used);
        Case c = makeCase(paged(pageSize), {1, tokens, 256, 4, 2, 32}, {used});
        Problem p = c.problem;
        const auto entries =
            static_cast<size_t>((used + pageSize - 1) / pageSize);
        GuardedTable table(std::span(c.inputs.blockTable).first(entries));
        CacheTensors cache = placeCache(p, c.inputs, Layout::BLHD);
        HostTensor q(1, tokens, 4, 32, DType::F32, Layout::BLHD);
        HostTensor r = q, o = q;
        q.write(c.inputs.q);
        r.write(c.inputs.r);
        std::array<void *, kNumOperands> pointers = {
            q.data(),       r.data(), cache.k.data(),
            cache.v.data(), o.data(), c.inputs.usedLengths.data()};
        pointers[static_cast<size_t>(Operand::BlockTable)] = table.data();
        Problem known = specialized(p);
        known.queryLength = tokens;
        auto image = compileForCpu(known);
        ASSERT_TRUE(image) << image.error().message;
        auto kernel = CpuKernel::load(std::make_shared<KernelImage>(*image));
        ASSERT_TRUE(kernel) << kernel.error().message;
        auto ok = kernel->launch(p, pointers, 1);
        ASSERT_TRUE(ok) << ok.error().message;
        Comparison all;
        for (const Row &row : rowsToCheck(p)) {
          RowResult expected = evaluateRow(p, c.inputs, row);
          for (int64_t d = 0; d != p.headDim; ++d)
            all.add(o.read(row.batch, row.token, row.head, d), expected.o[d]);
        }
        EXPECT_LE(all.maxErrorRatio(), 2e-5);
      }
}

// The entries that are used are checked, those past them never looked at.
TEST(CpuPaged, EntriesThatNameNoPage) {
  for (int32_t page : {-1, 11, 1 << 30}) {
    Interleaved test;
    ASSERT_EQ(test.p.pages, 11);
    test.c.inputs.blockTable[5] = page;
    auto ok = test.launch();
    ASSERT_FALSE(ok);
    EXPECT_EQ(ok.error().code, ErrorCode::InvalidArgument);
    EXPECT_THAT(ok.error().message,
                HasSubstr("expected entries of block_table in [0, 11), got " +
                          std::to_string(page) + " for page 1 of sequence 1"));
    test.c.inputs.usedLengths[1] = 16;
    ok = test.launch();
    EXPECT_TRUE(ok) << ok.error().message;
  }
}
