//===- solve.cpp - Solve one attention problem on the CPU -----------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include <parallax/Jit.h>

#include <cmath>
#include <cstdio>
#include <random>
#include <vector>

int main() {
  // A causal forward over 2 sequences of 100 tokens, 4 query heads sharing 2
  // key heads. What is not said has its default: contiguous (B, L, H, D), and
  // a scale of 1/sqrt(head dimension).
  parallax::Problem problem;
  problem.dtype = parallax::DType::F32;
  problem.mask = parallax::MaskKind::Causal;
  problem.batch = 2;
  problem.queryLength = problem.keyLength = 100;
  problem.queryHeads = 4;
  problem.kvHeads = 2;
  problem.headDim = 64;

  parallax::JitOptions options;
  options.target = parallax::Target::Cpu;
  auto jit = parallax::Jit::create(options);
  if (!jit) {
    std::fprintf(stderr, "error: %s\n", jit.error().message.c_str());
    return 1;
  }
  auto plan = jit->plan(problem); // Compiles at most once.
  if (!plan) {
    std::fprintf(stderr, "error: %s\n", plan.error().message.c_str());
    return 1;
  }

  const size_t queries = 2 * 100 * 4 * 64, keys = 2 * 100 * 2 * 64;
  std::vector<float> q(queries), r(queries), k(keys), v(keys), o(queries);
  std::mt19937 engine(1);
  std::normal_distribution<float> normal;
  for (auto *tensor : {&q, &r, &k, &v})
    for (float &value : *tensor)
      value = normal(engine);

  parallax::Arguments arguments;
  arguments[parallax::Operand::Q] = q.data();
  arguments[parallax::Operand::R] = r.data();
  arguments[parallax::Operand::K] = k.data();
  arguments[parallax::Operand::V] = v.data();
  arguments[parallax::Operand::O] = o.data();
  auto done = plan->launch(arguments);
  if (!done) {
    std::fprintf(stderr, "error: %s\n", done.error().message.c_str());
    return 1;
  }

  // The first query sees one key, so its output is that key's value.
  float error = 0;
  for (int d = 0; d < 64; ++d)
    error = std::fmax(error, std::fabs(o[d] - v[d]));
  std::printf("solved by %s; error of the first row %g\n",
              plan->schedule().c_str(), error);
  return error < 1e-4 ? 0 : 1;
}
