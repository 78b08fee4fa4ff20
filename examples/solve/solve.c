//===- solve.c - The same from C ------------------------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include <parallax-c/Parallax.h>

#include <stdio.h>

enum { L = 8, D = 16 };

int main(void) {
  plx_problem problem = PLX_PROBLEM_INIT;
  plx_jit_options options = PLX_JIT_OPTIONS_INIT;
  plx_jit *jit = NULL;
  plx_plan *plan = NULL;
  static float q[L][D], r[L][D], k[L][D], v[L][D], o[L][D];
  void *pointers[PLX_OPERAND_COUNT] = {q, r, k, v, o};

  if (plxAbiVersion() != PLX_ABI_VERSION)
    return 1;
  problem.dtype = PLX_DTYPE_F32;
  problem.batch = problem.query_heads = problem.kv_heads = 1;
  problem.query_length = problem.key_length = L;
  problem.head_dim = D;
  for (int i = 0; i < L; ++i)
    v[i][0] = (float)i;

  options.target = PLX_TARGET_CPU;
  if (plxJitCreate(&options, &jit) != PLX_OK ||
      plxPlanCreate(jit, &problem, &plan) != PLX_OK ||
      plxPlanLaunch(plan, pointers, PLX_OPERAND_COUNT, NULL) != PLX_OK) {
    fprintf(stderr, "error: %s\n", plxLastError());
    return 1;
  }
  /* Every weight is the same, so the output is the mean of the values. */
  printf("mean %g\n", o[0][0]);
  plxPlanDestroy(plan);
  plxJitDestroy(jit);
  return 0;
}
