//===- LargeOffsetTest.cpp - Tensors that 32 bits can't reach across ------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Few elements, but more than 2^31 apart: memory that is never touched is never
// there, so this needs addresses and no memory.
//
//===----------------------------------------------------------------------===//

#include "parallax/Jit.h"

#include "gtest/gtest.h"

#include <random>
#include <sys/mman.h>
#include <vector>

using namespace parallax;

namespace {

/// Zeroed floats that have memory only where they are written.
class Sparse {
public:
  explicit Sparse(int64_t elements)
      : bytes(elements * sizeof(float)),
        address(mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)) {}
  ~Sparse() {
    if (isThere())
      munmap(address, bytes);
  }
  Sparse(const Sparse &) = delete;
  bool isThere() const { return address != MAP_FAILED; }
  float *data() { return static_cast<float *>(address); }

private:
  size_t bytes;
  void *address;
};

constexpr int64_t kBatch = 2, kLength = 5, kHeads = 2, kDim = 16;
constexpr int64_t kCount = kBatch * kLength * kHeads * kDim;
constexpr int64_t kFar = (int64_t(1) << 31) + 64;

int64_t offset(const Strides &s, int64_t n) {
  const int64_t row = n / kDim;
  return row / kHeads / kLength * s.batch + row / kHeads % kLength * s.length +
         row % kHeads * s.head + n % kDim;
}

/// Solves one problem with every tensor laid out by `strides`.
std::vector<float> solve(const Strides &strides) {
  Problem problem;
  problem.dtype = DType::F32;
  problem.mask = MaskKind::Causal;
  problem.batch = kBatch;
  problem.queryLength = problem.keyLength = kLength;
  problem.queryHeads = problem.kvHeads = kHeads;
  problem.headDim = kDim;
  problem.q = problem.r = problem.k = problem.v = problem.o = strides;

  const int64_t span = offset(strides, kCount - 1) + 64;
  Sparse q(span), r(span), k(span), v(span), o(span);
  std::mt19937 engine(1);
  std::normal_distribution<float> normal;
  Arguments arguments;
  for (auto [operand, tensor] : {std::pair(Operand::Q, &q),
                                 {Operand::R, &r},
                                 {Operand::K, &k},
                                 {Operand::V, &v},
                                 {Operand::O, &o}}) {
    if (!tensor->isThere())
      return {};
    for (int64_t n = 0; n < kCount; ++n)
      tensor->data()[offset(strides, n)] = normal(engine);
    arguments[operand] = tensor->data();
  }
  JitOptions options;
  options.target = Target::Cpu;
  Result<Jit> jit = Jit::create(options);
  EXPECT_TRUE(jit) << jit.error().message;
  Result<Plan> plan = jit->plan(problem);
  if (!plan) {
    ADD_FAILURE() << plan.error().message;
    return {};
  }
  Result<void> ok = plan->launch(arguments);
  EXPECT_TRUE(ok) << ok.error().message;
  std::vector<float> result(kCount);
  for (int64_t n = 0; n < kCount; ++n)
    result[n] = o.data()[offset(strides, n)];
  return result;
}

} // namespace

TEST(LargeOffset, EveryDimensionMayBeFar) {
  const std::vector<float> near = solve(Strides::blhd(kLength, kHeads, kDim));
  ASSERT_EQ(near.size(), size_t(kCount));
  EXPECT_NE(near.front(), 0);
  const Strides far[] = {{kFar, kHeads * kDim, kDim},
                         {kHeads * kDim, kFar, kDim},
                         {kLength * kDim, kDim, kFar}};
  for (const Strides &strides : far) {
    const std::vector<float> result = solve(strides);
    if (result.empty() && !HasFailure())
      GTEST_SKIP() << "no address space of " << 5 * kLength * kFar * 4
                   << " bytes";
    EXPECT_EQ(result, near) << strides.batch << ' ' << strides.length;
  }
}
