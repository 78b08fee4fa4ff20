//===- StateTest.cpp - States and their merge on the CPU ------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A cache is cut into parts, each is attended to on its own, and the merged
// states must be what attention over the whole cache is.
//
//===----------------------------------------------------------------------===//

#include "parallax/Compiler.h"
#include "test/Unit/Cpu/CpuTest.h"

#include "gtest/gtest.h"

#include <cmath>
#include <limits>

using namespace parallax;
using namespace parallax::test;
using namespace parallax::tools;

namespace {

using Pointers = std::array<void *, kNumOperands>;

void set(Pointers &pointers, Operand operand, void *pointer) {
  pointers[static_cast<size_t>(operand)] = pointer;
}

/// Compiles the kernel that `problem` needs, and runs it.
void solve(const Problem &problem, const Pointers &pointers,
           const std::string &schedule = "") {
  CompileOptions options;
  options.target = Target::Cpu;
  options.schedule = schedule;
  auto compiled = compile(specialized(problem), options);
  ASSERT_TRUE(compiled) << compiled.error().message;
  auto kernel =
      CpuKernel::load(std::make_shared<KernelImage>(*compiled->image));
  ASSERT_TRUE(kernel) << kernel.error().message;
  auto ok = kernel->launch(problem, pointers, 2);
  ASSERT_TRUE(ok) << ok.error().message;
}

/// States of `parts` parts of the queries of a problem.
struct States {
  States(const Problem &p, int64_t parts)
      : rows(p.batch * p.queryLength * p.queryHeads), width(rows * p.headDim),
        o1(parts * width, NAN), o2(o1), m(parts * rows, NAN), d1(m), d2(m) {}

  void point(Pointers &pointers, Operand first, int64_t part = 0) {
    float *tensors[] = {&o1[part * width], &o2[part * width], &m[part * rows],
                        &d1[part * rows], &d2[part * rows]};
    for (float *tensor : tensors) {
      set(pointers, first, tensor);
      first = static_cast<Operand>(static_cast<int>(first) + 1);
    }
  }

  int64_t rows, width;
  std::vector<float> o1, o2, m, d1, d2;
};

/// A decode or forward of float32 whose keys are cut at `cuts`.
struct Cut {
  Cut(const Case &c, std::vector<int64_t> cuts, std::string schedule = "")
      : c(c), cuts(std::move(cuts)), schedule(std::move(schedule)),
        states(c.problem, this->cuts.size() - 1) {
    for (size_t part = 0; part + 1 < this->cuts.size(); ++part)
      attend(part);
  }

  /// The state of keys [cuts[part], cuts[part + 1]).
  void attend(size_t part) {
    const int64_t begin = cuts[part], length = cuts[part + 1] - begin;
    const bool isLast = part + 2 == cuts.size();
    Problem p = withDefaultStrides(c.problem);
    p.state = true;
    p.writesOutput = false;
    p.outputs = {};
    p.keyLength = std::max<int64_t>(length, 1);
    if (!isLast)
      p.mask = MaskKind::None; // The diagonal lies in the last one.
    std::vector<int32_t> used = c.inputs.usedLengths;
    if (used.empty() && length == 0)
      used.assign(p.batch, 0);
    for (int32_t &n : used)
      n = static_cast<int32_t>(std::clamp<int64_t>(n - begin, 0, length));
    p.usedLengths = !used.empty();
    Pointers pointers = {};
    const int64_t offset = begin * p.k.length;
    set(pointers, Operand::Q, const_cast<float *>(c.inputs.q.data()));
    set(pointers, Operand::R, const_cast<float *>(c.inputs.r.data()));
    set(pointers, Operand::K, const_cast<float *>(&c.inputs.k[offset]));
    set(pointers, Operand::V, const_cast<float *>(&c.inputs.v[offset]));
    set(pointers, Operand::UsedLengths, used.data());
    states.point(pointers, Operand::StateO1, part);
    solve(p, pointers, schedule);
  }

  /// Merges the states and expects what the oracle says of the whole.
  void expectMerged() {
    Problem p;
    p.kind = ProblemKind::Merge;
    p.dtype = c.problem.dtype;
    p.batch = c.problem.batch;
    p.queryLength = c.problem.queryLength;
    p.queryHeads = c.problem.queryHeads;
    p.headDim = c.problem.headDim;
    p.parts = static_cast<int64_t>(cuts.size()) - 1;
    p.outputs.tbar = p.outputs.logSumExp = true;
    std::vector<float> o(states.width, NAN), tbar(states.rows, NAN),
        logSumExp(tbar);
    Pointers pointers = {};
    states.point(pointers, Operand::PartO1);
    set(pointers, Operand::O, o.data());
    set(pointers, Operand::TBar, tbar.data());
    set(pointers, Operand::LogSumExp, logSumExp.data());
    solve(p, pointers);
    Comparison ofO, ofTBar, ofLogSumExp;
    for (int64_t row = 0; row != states.rows; ++row) {
      const RowResult expected =
          evaluateRow(c.problem, c.inputs,
                      {row / p.queryHeads / p.queryLength,
                       row / p.queryHeads % p.queryLength, row % p.queryHeads});
      for (int64_t d = 0; d != p.headDim; ++d)
        ofO.add(o[row * p.headDim + d], expected.o[d]);
      ofTBar.add(tbar[row], expected.tbar);
      ofLogSumExp.add(logSumExp[row], expected.logSumExp);
    }
    EXPECT_LE(ofO.maxErrorRatio(), 2e-5);
    EXPECT_LE(ofTBar.maxErrorRatio(), 2e-5);
    EXPECT_LE(ofLogSumExp.maxErrorRatio(), 2e-5);
  }

  Case c;
  std::vector<int64_t> cuts;
  std::string schedule;
  States states;
};

Problem decode(MaskKind mask = MaskKind::None) {
  Problem problem;
  problem.kind = ProblemKind::Decode;
  problem.dtype = DType::F32;
  problem.mask = mask;
  return problem;
}

} // namespace

TEST(CpuState, PartsOfACacheMerge) {
  Case c = makeCase(decode(), {1, 2, 300, 6, 2, 64});
  Cut(c, {0, 300}).expectMerged();
  Cut(c, {0, 100, 260, 300}).expectMerged();
  Cut(c, {0, 1, 2, 3, 150, 299, 300}).expectMerged();
}

// The parts end where each sequence does; those behind are empty.
TEST(CpuState, UsedLengthsAndEmptyParts) {
  Case c = makeCase(decode(), {1, 1, 200, 4, 4, 40}, {77});
  Cut(c, {0, 64, 64, 128, 200}).expectMerged();
  c = makeCase(decode(), {1, 3, 200, 4, 1, 40}, {0});
  Cut(c, {0, 64, 200}).expectMerged(); // Zeros and -infinity.
}

// Every token sees a shared prefix, and itself and those before in what
// follows.
TEST(CpuState, APrefixAndACausalRest) {
  Cut(makeCase(decode(MaskKind::Causal), {1, 5, 150, 4, 2, 64}), {0, 100, 150})
      .expectMerged();
  Problem forward;
  forward.dtype = DType::F32;
  forward.mask = MaskKind::Causal;
  Cut(makeCase(forward, {1, 60, 160, 2, 1, 32}), {0, 33, 100, 160})
      .expectMerged();
}

// Maxima of parts that are hundreds of powers of two apart, both ways.
TEST(CpuState, LargeLogits) {
  Problem problem = decode();
  for (double scale : {-30.0, 30.0}) {
    problem.scale = scale;
    Cut(makeCase(problem, {1, 1, 130, 2, 2, 64}), {0, 7, 64, 130})
        .expectMerged();
  }
}

// The reference lags behind the maximum: any one will do.
TEST(CpuState, AReferenceThatIsNotTheMaximum) {
  Problem problem = decode();
  problem.scale = 1.5;
  Case c = makeCase(problem, {1, 1, 260, 2, 2, 64});
  Cut exact(c, {0, 130, 260}), lags(c, {0, 130, 260}, "keys=8 rescale_lag=16");
  EXPECT_NE(exact.states.m, lags.states.m);
  lags.expectMerged();
}

// Merging in two steps is merging at once; what an empty part holds besides its
// d1 does not count.
TEST(CpuState, MergesOfMerges) {
  Cut cut(makeCase(decode(), {1, 2, 200, 3, 1, 48}), {0, 50, 120, 200});
  Problem p;
  p.kind = ProblemKind::Merge;
  p.batch = 1, p.queryLength = 2, p.queryHeads = 3, p.headDim = 48;
  p.parts = 2;
  p.state = true;
  p.writesOutput = false;
  Pointers pointers = {};
  States first(p, 1);
  cut.states.point(pointers, Operand::PartO1);
  first.point(pointers, Operand::StateO1);
  solve(p, pointers);
  States &all = cut.states;
  std::copy(first.o1.begin(), first.o1.end(), all.o1.begin());
  std::copy(first.o2.begin(), first.o2.end(), all.o2.begin());
  std::copy(first.m.begin(), first.m.end(), all.m.begin());
  std::copy(first.d1.begin(), first.d1.end(), all.d1.begin());
  std::copy(first.d2.begin(), first.d2.end(), all.d2.begin());
  for (int64_t i = 0; i != all.rows; ++i) {
    all.d1[all.rows + i] = 0;
    all.d2[all.rows + i] = NAN;
    all.m[all.rows + i] = i % 2 ? -std::numeric_limits<float>::infinity() : NAN;
  }
  for (int64_t i = 0; i != all.width; ++i)
    all.o1[all.width + i] = all.o2[all.width + i] = NAN;
  cut.expectMerged();
}

// A state in 16 bits is of the same weights as o.
TEST(CpuState, BesideO) {
  for (DType dtype : {DType::BF16, DType::F16, DType::F32}) {
    Problem problem = decode(MaskKind::Causal);
    problem.dtype = dtype;
    problem.state = true;
    expectRight(makeCase(problem, {2, 3, 150, 6, 2, 64}, {150, 2}));
  }
}
