//===- capi-test.c - The C interface, used from C11 -----------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Good and bad paths of every function. Prints one line a group that passed,
// and stops at the first check that fails.
//
//===----------------------------------------------------------------------===//

#include "parallax-c/Parallax.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition)                                                       \
  do {                                                                         \
    if (!(condition)) {                                                        \
      printf("%s:%d: expected %s; last error: '%s'\n", __FILE__, __LINE__,     \
             #condition, plxLastError());                                      \
      exit(1);                                                                 \
    }                                                                          \
  } while (0)

/* The call failed with `status`, and its message has `text` in it. */
#define CHECK_FAILS(call, status, text)                                        \
  do {                                                                         \
    plx_status got = (call);                                                   \
    if (got != (status) || !strstr(plxLastError(), text)) {                    \
      printf("%s:%d: expected %s '%s', got %s '%s'\n", __FILE__, __LINE__,     \
             plxStatusName(status), text, plxStatusName(got), plxLastError()); \
      exit(1);                                                                 \
    }                                                                          \
  } while (0)

static void testVersion(void) {
  CHECK(plxAbiVersion() == PLX_ABI_VERSION);
  CHECK(strchr(plxVersion(), '.'));
  for (plx_status status = PLX_OK; status <= PLX_INTERNAL; ++status)
    CHECK(strcmp(plxStatusName(status), "unknown status") != 0);
  CHECK(strcmp(plxStatusName(-1), "unknown status") == 0);
  CHECK(strcmp(plxStatusName(1000), "unknown status") == 0);
  puts("version");
}

static void testNull(void) {
  plx_problem problem = PLX_PROBLEM_INIT;
  plx_compilation *compilation = (plx_compilation *)&problem;
  plx_jit *jit = (plx_jit *)&problem;
  plx_plan *plan = (plx_plan *)&problem;
  void *pointers[PLX_OPERAND_COUNT] = {0};
  size_t length = 1;

  CHECK_FAILS(plxProblemInit(NULL, sizeof(problem)), PLX_INVALID_ARGUMENT,
              "expected problem, got NULL");
  CHECK_FAILS(plxProblemVerify(NULL), PLX_INVALID_ARGUMENT, "problem");
  CHECK_FAILS(plxCompile(NULL, NULL, &compilation), PLX_INVALID_ARGUMENT,
              "problem");
  CHECK(compilation == NULL);
  CHECK_FAILS(plxCompile(&problem, NULL, NULL), PLX_INVALID_ARGUMENT, "out");
  CHECK_FAILS(plxCompileText(NULL, 0, NULL, &compilation), PLX_INVALID_ARGUMENT,
              "text");
  CHECK_FAILS(plxCompileText("", 0, NULL, NULL), PLX_INVALID_ARGUMENT, "out");
  CHECK_FAILS(plxJitCreate(NULL, NULL), PLX_INVALID_ARGUMENT, "out");
  CHECK_FAILS(plxPlanCreateFor(NULL, &problem, NULL, &plan),
              PLX_INVALID_ARGUMENT, "expected");
  CHECK_FAILS(plxPlanCreate(NULL, &problem, &plan), PLX_INVALID_ARGUMENT,
              "jit");
  CHECK(plan == NULL);
  CHECK_FAILS(plxPlanLaunch(NULL, pointers, PLX_OPERAND_COUNT, NULL),
              PLX_INVALID_ARGUMENT, "plan");
  CHECK_FAILS(plxPlanClearWorkspace(NULL, NULL, 0, NULL), PLX_INVALID_ARGUMENT,
              "plan");

  plxCompilationDestroy(NULL);
  plxJitDestroy(NULL);
  plxPlanDestroy(NULL);
  CHECK(!*plxCompilationPhase(NULL) && !*plxCompilationReport(NULL));
  CHECK(!*plxCompilationResult(NULL, &length) && length == 0);
  CHECK(!*plxCompilationResult(NULL, NULL));
  CHECK(!*plxPlanSource(NULL) && !*plxPlanReport(NULL));
  (void)jit;
  puts("null");
}

static void testStructSize(void) {
  struct {
    plx_problem problem;
    int64_t newer;
  } newer = {PLX_PROBLEM_INIT, 0};
  plx_problem filled;
  plx_problem macro = PLX_PROBLEM_INIT;
  plx_compile_options options = PLX_COMPILE_OPTIONS_INIT;
  plx_jit_options jitOptions = PLX_JIT_OPTIONS_INIT;
  plx_compilation *compilation;
  plx_jit *jit;

  newer.problem.struct_size = sizeof(newer);
  CHECK(plxProblemVerify(&newer.problem) == PLX_OK);
  CHECK(!*plxLastError());
  newer.newer = 1;
  CHECK_FAILS(plxProblemVerify(&newer.problem), PLX_UNSUPPORTED, "newer");
  /* A program of the first version, whose struct ended before the pages. */
  macro.page_size = macro.pages = 1000;
  macro.struct_size = offsetof(plx_problem, page_size);
  CHECK(plxProblemVerify(&macro) == PLX_OK);
  macro.struct_size -= 8;
  CHECK_FAILS(plxProblemVerify(&macro), PLX_INVALID_ARGUMENT, "struct_size");
  macro.struct_size = sizeof(macro);
  macro.page_size = macro.pages = 0;
  newer.problem.struct_size = 0;
  CHECK_FAILS(plxProblemVerify(&newer.problem), PLX_INVALID_ARGUMENT,
              "struct_size of problem");
  newer.problem.struct_size = 0xdeadbeef;
  CHECK_FAILS(plxProblemVerify(&newer.problem), PLX_INVALID_ARGUMENT,
              "struct_size of problem");
  options.struct_size = 4;
  CHECK_FAILS(plxCompile(&macro, &options, &compilation), PLX_INVALID_ARGUMENT,
              "struct_size of options");
  jitOptions.struct_size = 4;
  CHECK_FAILS(plxJitCreate(&jitOptions, &jit), PLX_INVALID_ARGUMENT,
              "struct_size of options");

  memset(&filled, 0x5a, sizeof(filled));
  CHECK(plxProblemInit(&filled, sizeof(filled)) == PLX_OK);
  CHECK(plxProblemVerify(&filled) == PLX_OK);
  CHECK(filled.head_dim == macro.head_dim && filled.batch == PLX_DYNAMIC);
  CHECK(filled.o.head == PLX_DYNAMIC && filled.dtype == PLX_DTYPE_BF16);
  puts("struct size");
}

/* A small problem that is right. */
static plx_problem smallProblem(void) {
  plx_problem p = PLX_PROBLEM_INIT;
  p.dtype = PLX_DTYPE_F32;
  p.mask = PLX_MASK_CAUSAL;
  p.batch = p.query_heads = p.kv_heads = 2;
  p.query_length = p.key_length = 4;
  p.head_dim = 16;
  return p;
}

#define CHECK_WRONG(change, text)                                              \
  do {                                                                         \
    plx_problem p = smallProblem();                                            \
    CHECK(plxProblemVerify(&p) == PLX_OK);                                     \
    change;                                                                    \
    CHECK_FAILS(plxProblemVerify(&p), PLX_INVALID_ARGUMENT, text);             \
  } while (0)

static void testWrongProblems(void) {
  CHECK_WRONG(p.query_heads = 3, "multiple of key heads, got 3 and 2");
  CHECK_WRONG(p.head_dim = 7, "got 7");
  CHECK_WRONG(p.head_dim = 264, "got 264");
  CHECK_WRONG(p.head_dim = PLX_DYNAMIC, "got -1");
  CHECK_WRONG((p.has_window = 1, p.window = 0), "window in [1, 2147483647]");
  CHECK_WRONG((p.has_window = 1, p.window = 4, p.mask = PLX_MASK_NONE),
              "causal");
  CHECK_WRONG((p.has_scale = 1, p.scale = NAN), "finite float32 scale");
  CHECK_WRONG((p.has_scale = 1, p.scale = 1e39), "finite float32 scale");
  CHECK_WRONG(p.key_length = 0, "key length in [1, 2147483647], got 0");
  CHECK_WRONG(p.batch = (int64_t)1 << 31, "got 2147483648");
  CHECK_WRONG(p.q.head = -16, "got -16");
  CHECK_WRONG((p.o.head = 16, p.o.length = 16, p.o.batch = 128),
              "without overlap");
  CHECK_WRONG(p.kind = 7, "kind");
  CHECK_WRONG(p.dtype = -3, "dtype");
  CHECK_WRONG(p.mask = 2, "mask");
  CHECK_WRONG(p.outputs = 64, "outputs");
  CHECK_WRONG((p.kind = PLX_KIND_DECODE, p.query_length = 17), "got 17");
  CHECK_WRONG(p.used_lengths = 1, "used lengths");
  CHECK_WRONG(p.page_size = 16, "no pages in a forward");
  CHECK_WRONG(p.new_length = 1, "no new keys in a forward");
  CHECK_WRONG(p.parts = 3, "no parts in a forward");
  CHECK_WRONG(p.outputs = PLX_OUTPUT_OMIT_O, "an output, got none");
  CHECK_WRONG(p.kind = PLX_KIND_MERGE, "no keys, mask");
  CHECK_WRONG(p.pages = 3, "a page size beside pages");
  CHECK_WRONG((p.kind = PLX_KIND_DECODE, p.page_size = 3), "got 3");
  CHECK_WRONG(p.has_e4m3_cache = 1, "in a forward, got e4m3");
  CHECK_WRONG((p.kind = PLX_KIND_DECODE, p.has_k_scale = 1), "no k_scale");
  CHECK_WRONG((p.kind = PLX_KIND_DECODE, p.has_e4m3_cache = 1,
               p.has_v_scale = 1, p.v_scale_stride = -2),
              "stride of v_scale");
  puts("wrong problems");
}

static void count(void *user, const char *phase, const char *text,
                  size_t length) {
  if (*phase && strlen(text) == length)
    ++*(int *)user;
}

static void testCompile(void) {
  plx_problem problem = PLX_PROBLEM_INIT;
  plx_compile_options options = PLX_COMPILE_OPTIONS_INIT;
  plx_compilation *compilation = NULL, *again = NULL;
  const char *text;
  size_t length;
  int phases = 0;

  options.to = "tile";
  options.on_phase = count;
  options.user = &phases;
  CHECK(plxCompile(&problem, &options, &compilation) == PLX_OK);
  CHECK(compilation && !*plxLastError());
  CHECK(phases == 2);
  CHECK(strcmp(plxCompilationPhase(compilation), "tile") == 0);
  text = plxCompilationResult(compilation, &length);
  CHECK(length > 0 && strlen(text) == length);
  CHECK(strstr(plxCompilationReport(compilation), "\"stages_ms\""));
  CHECK(strstr(plxCompilationReport(compilation), "\"sm_90a\""));
  plxCompilationDestroy(compilation);

  /* What one call wrote as text, another reads. */
  options.to = "problem";
  CHECK(plxCompile(&problem, &options, &compilation) == PLX_OK);
  text = plxCompilationResult(compilation, &length);
  options.target = PLX_TARGET_CPU;
  options.to = "tile";
  CHECK(plxCompileText(text, length, &options, &again) == PLX_OK);
  CHECK(strstr(plxCompilationReport(again), "\"cpu\""));
  plxCompilationDestroy(again);
  plxCompilationDestroy(compilation);

  options.to = "nonsense";
  CHECK_FAILS(plxCompile(&problem, &options, &compilation),
              PLX_INVALID_ARGUMENT, "nonsense");
  CHECK(compilation == NULL);
  options.target = 9;
  CHECK_FAILS(plxCompile(&problem, &options, &compilation),
              PLX_INVALID_ARGUMENT, "target");
  options.target = PLX_TARGET_CPU;
  options.to = "tile";
  CHECK(plxCompileText("not mlir", 8, &options, &compilation) != PLX_OK);
  CHECK(compilation == NULL && *plxLastError());
  problem.head_dim = 7;
  CHECK_FAILS(plxCompile(&problem, &options, &compilation),
              PLX_INVALID_ARGUMENT, "got 7");
  puts("compile");
}

static void compiles(void *user, const char *key) {
  if (*key)
    ++*(int *)user;
}

/* With equal keys every weight is the same, so o is the mean of the values
 * seen, whatever r is. */
static void testSolve(void) {
  enum { B = 2, L = 4, H = 2, D = 16, Count = B * L * H * D };
  static _Alignas(64) float q[Count], r[Count], k[Count], v[Count], o[Count],
      max[B * L * H];
  void *pointers[PLX_OPERAND_COUNT] = {q, r, k, v, o};
  plx_jit_options options = PLX_JIT_OPTIONS_INIT;
  plx_problem problem = smallProblem();
  plx_problem wrong = smallProblem();
  plx_jit *jit = NULL;
  plx_plan *plan = NULL, *second = NULL;
  int compiled = 0;

  for (int i = 0; i < Count; ++i) {
    q[i] = r[i] = 0.25f, k[i] = 1, o[i] = NAN;
    v[i] = (float)(i / (H * D) % L);
  }
  options.target = PLX_TARGET_CPU;
  options.cpu_threads = -1;
  CHECK_FAILS(plxJitCreate(&options, &jit), PLX_INVALID_ARGUMENT,
              "cpu_threads");
  options.cpu_threads = 2;
  options.on_compile = compiles;
  options.user = &compiled;
  CHECK(plxJitCreate(&options, &jit) == PLX_OK);

  problem.outputs = PLX_OUTPUT_ROW_MAX;
  pointers[PLX_OPERAND_ROW_MAX] = max;
  CHECK(plxPlanCreate(jit, &problem, &plan) == PLX_OK);
  CHECK(compiled == 1 && strcmp(plxPlanSource(plan), "compiled") == 0);
  CHECK(strstr(plxPlanReport(plan), "\"cache\": \"compiled\""));
  CHECK(plxPlanCreateFor(jit, &problem, NULL, &second) == PLX_OK);
  CHECK(compiled == 1 && strcmp(plxPlanSource(second), "memory") == 0);
  plxPlanDestroy(second);

  wrong.key_length = 0;
  CHECK_FAILS(plxPlanCreate(jit, &wrong, &second), PLX_INVALID_ARGUMENT,
              "key length");
  wrong.key_length = PLX_DYNAMIC;
  CHECK_FAILS(plxPlanCreate(jit, &wrong, &second), PLX_INVALID_ARGUMENT,
              "key length");
  CHECK(second == NULL);

  /* The plan outlives its jit. */
  plxJitDestroy(jit);
  CHECK(plxPlanLaunch(plan, pointers, PLX_OPERAND_COUNT, NULL) == PLX_OK);
  for (int i = 0; i < Count; ++i)
    CHECK(fabsf(o[i] - (float)(i / (H * D) % L) / 2) < 1e-5f);
  for (int i = 0; i < B * L * H; ++i)
    CHECK(fabsf(max[i] - 1) < 1e-5f);

  // A processor's CTAs don't meet.
  CHECK(plxPlanWorkspaceBytes(plan) == 0);
  CHECK(plxPlanClearWorkspace(plan, NULL, 0, NULL) == PLX_OK);
  CHECK_FAILS(plxPlanLaunch(plan, NULL, 0, NULL), PLX_INVALID_ARGUMENT,
              "pointers");
  CHECK_FAILS(plxPlanLaunch(plan, pointers, PLX_OPERAND_COUNT + 1, NULL),
              PLX_INVALID_ARGUMENT, "expected at most");
  CHECK_FAILS(plxPlanLaunch(plan, pointers, 3, NULL), PLX_INVALID_ARGUMENT,
              "v");
  pointers[PLX_OPERAND_ROW_MAX] = NULL;
  CHECK_FAILS(plxPlanLaunch(plan, pointers, PLX_OPERAND_COUNT, NULL),
              PLX_INVALID_ARGUMENT, "row_max");
  pointers[PLX_OPERAND_ROW_MAX] = max;
  pointers[PLX_OPERAND_K] = (char *)k + 1;
  CHECK_FAILS(plxPlanLaunch(plan, pointers, PLX_OPERAND_COUNT, NULL),
              PLX_INVALID_ARGUMENT, "k");
  plxPlanDestroy(plan);
  puts("solve");
}

/* The same mean, of two sequences whose pages of two tokens lie in a pool, one
 * of which they share. The table ends in garbage that no used length reaches.
 */
static void testPages(void) {
  enum { B = 2, Page = 2, Pages = 3, H = 2, D = 16, Count = B * H * D };
  static float q[Count], r[Count], k[Pages * Page * H * D],
      v[Pages * Page * H * D], o[Count];
  int32_t used[B] = {3, 2}, table[B][4] = {{2, 0, -1, 99}, {2, 77, 77, -5}};
  const float expected[B] = {(4 + 5 + 0) / 3.0f, (4 + 5) / 2.0f};
  void *pointers[PLX_OPERAND_COUNT] = {q, r, k, v, o, used};
  plx_jit_options options = PLX_JIT_OPTIONS_INIT;
  plx_problem problem = smallProblem();
  plx_jit *jit = NULL;
  plx_plan *plan = NULL;

  for (int i = 0; i < Pages * Page * H * D; ++i)
    k[i] = 1, v[i] = (float)(i / (H * D));
  problem.kind = PLX_KIND_DECODE;
  problem.query_length = 1;
  problem.key_length = 6;
  problem.used_lengths = 1;
  problem.page_size = Page;
  problem.pages = Pages;
  problem.block_table_stride = 4;
  pointers[PLX_OPERAND_BLOCK_TABLE] = table;
  options.target = PLX_TARGET_CPU;
  CHECK(plxJitCreate(&options, &jit) == PLX_OK);
  CHECK(plxPlanCreate(jit, &problem, &plan) == PLX_OK);
  CHECK(plxPlanLaunch(plan, pointers, PLX_OPERAND_COUNT, NULL) == PLX_OK);
  for (int i = 0; i < Count; ++i)
    CHECK(fabsf(o[i] - expected[i / (H * D)]) < 1e-5f);
  table[1][0] = Pages;
  CHECK_FAILS(plxPlanLaunch(plan, pointers, PLX_OPERAND_COUNT, NULL),
              PLX_INVALID_ARGUMENT, "block_table");
  plxPlanDestroy(plan);
  plxJitDestroy(jit);
  puts("pages");
}

/* A token that is not there yet: before the launch its key and value are NaN.
 */
static void testAppend(void) {
  enum { L = 4, D = 16 };
  static float q[D], k[L][D], v[L][D], o[D], newK[D], newV[D];
  int32_t used = 2;
  void *pointers[PLX_OPERAND_COUNT] = {q, q, k, v, o, &used};
  plx_jit_options options = PLX_JIT_OPTIONS_INIT;
  plx_problem problem = PLX_PROBLEM_INIT;
  plx_jit *jit = NULL;
  plx_plan *plan = NULL;

  for (int i = 0; i < L; ++i)
    for (int d = 0; d < D; ++d)
      k[i][d] = i == 0 ? 1 : NAN, v[i][d] = i == 0 ? 4 : NAN;
  for (int d = 0; d < D; ++d)
    newK[d] = 1, newV[d] = 6;
  problem.kind = PLX_KIND_DECODE;
  problem.dtype = PLX_DTYPE_F32;
  problem.batch = problem.query_length = problem.query_heads = 1;
  problem.kv_heads = problem.new_length = 1;
  problem.key_length = L;
  problem.head_dim = D;
  problem.used_lengths = 1;
  pointers[PLX_OPERAND_NEW_K] = newK;
  pointers[PLX_OPERAND_NEW_V] = newV;
  options.target = PLX_TARGET_CPU;
  CHECK(plxJitCreate(&options, &jit) == PLX_OK);
  CHECK(plxPlanCreate(jit, &problem, &plan) == PLX_OK);
  CHECK(plxPlanLaunch(plan, pointers, PLX_OPERAND_COUNT, NULL) == PLX_OK);
  for (int d = 0; d < D; ++d)
    CHECK(fabsf(o[d] - 5) < 1e-5f && k[1][d] == 1 && v[1][d] == 6 &&
          isnan(k[2][d]) && isnan(v[2][d]));
  pointers[PLX_OPERAND_NEW_V] = NULL;
  CHECK_FAILS(plxPlanLaunch(plan, pointers, PLX_OPERAND_COUNT, NULL),
              PLX_INVALID_ARGUMENT, "new_v");
  plxPlanDestroy(plan);
  plxJitDestroy(jit);
  puts("append");
}

/* Of three parts the second is empty, and the others have references that are
 * one power of two apart. */
static void testMerge(void) {
  enum { Parts = 3, D = 16 };
  static float o1[Parts][D], o2[Parts][D], o[D], state[2 * D + 3];
  float m[Parts] = {1, NAN, 2}, d1[Parts] = {2, 0, 3}, d2[Parts] = {0, NAN, 0};
  float logSumExp;
  void *pointers[PLX_OPERAND_COUNT] = {NULL};
  plx_jit_options options = PLX_JIT_OPTIONS_INIT;
  plx_problem problem = PLX_PROBLEM_INIT;
  plx_jit *jit = NULL;
  plx_plan *plan = NULL;

  for (int d = 0; d < D; ++d)
    o1[0][d] = 2, o1[1][d] = NAN, o1[2][d] = 9, o2[1][d] = NAN;
  problem.kind = PLX_KIND_MERGE;
  problem.dtype = PLX_DTYPE_F32;
  problem.batch = problem.query_length = problem.query_heads = 1;
  problem.head_dim = D;
  problem.parts = Parts;
  problem.outputs = PLX_OUTPUT_LOG_SUM_EXP | PLX_OUTPUT_STATE;
  pointers[PLX_OPERAND_PART_O1] = o1;
  pointers[PLX_OPERAND_PART_O2] = o2;
  pointers[PLX_OPERAND_PART_M] = m;
  pointers[PLX_OPERAND_PART_D1] = d1;
  pointers[PLX_OPERAND_PART_D2] = d2;
  pointers[PLX_OPERAND_O] = o;
  pointers[PLX_OPERAND_LOG_SUM_EXP] = &logSumExp;
  pointers[PLX_OPERAND_STATE_O1] = state;
  pointers[PLX_OPERAND_STATE_O2] = state + D;
  pointers[PLX_OPERAND_STATE_M] = state + 2 * D;
  pointers[PLX_OPERAND_STATE_D1] = state + 2 * D + 1;
  pointers[PLX_OPERAND_STATE_D2] = state + 2 * D + 2;
  options.target = PLX_TARGET_CPU;
  CHECK(plxJitCreate(&options, &jit) == PLX_OK);
  CHECK(plxPlanCreate(jit, &problem, &plan) == PLX_OK);
  CHECK(plxPlanLaunch(plan, pointers, PLX_OPERAND_COUNT, NULL) == PLX_OK);
  /* 2 * 2^1 + 9 * 2^2 over 2 * 2^1 + 3 * 2^2. */
  for (int d = 0; d < D; ++d)
    CHECK(fabsf(o[d] - 40.0f / 16) < 1e-5f && fabsf(state[d] - 10) < 1e-5f);
  CHECK(fabsf(logSumExp - logf(16)) < 1e-5f);
  CHECK(state[2 * D] == 2 && fabsf(state[2 * D + 1] - 4) < 1e-5f);
  pointers[PLX_OPERAND_PART_D2] = NULL;
  CHECK_FAILS(plxPlanLaunch(plan, pointers, PLX_OPERAND_COUNT, NULL),
              PLX_INVALID_ARGUMENT, "part_d2");
  plxPlanDestroy(plan);
  plxJitDestroy(jit);
  puts("merge");
}

/* Without a card there is one clear error, with one there is a jit. */
static void testHopper(void) {
  plx_jit *jit = NULL;
  plx_status status = plxJitCreate(NULL, &jit);
  CHECK((status == PLX_OK) == (jit != NULL));
  CHECK((status == PLX_OK) == (*plxLastError() == '\0'));
  CHECK(status == PLX_OK || status == PLX_NOT_FOUND ||
        status == PLX_UNSUPPORTED || status == PLX_DRIVER_FAILED);
  plxJitDestroy(jit);
  puts("hopper");
}

/* A file that pins what nobody would propose for a causal forward of bf16. */
static void testPinned(const char *file) {
  plx_problem problem = PLX_PROBLEM_INIT;
  plx_compile_options options = PLX_COMPILE_OPTIONS_INIT;
  plx_jit_options jitOptions = PLX_JIT_OPTIONS_INIT;
  plx_compilation *compilation = NULL;
  plx_jit *jit = NULL;
  plx_plan *plan = NULL;

  problem.mask = PLX_MASK_CAUSAL;
  options.to = "problem";
  options.pinned = file;
  CHECK(plxCompile(&problem, &options, &compilation) == PLX_OK);
  CHECK(strstr(plxCompilationReport(compilation), "rows=128 keys=32"));
  plxCompilationDestroy(compilation);
  /* Another problem, or a program that knows nothing of the field. */
  problem.mask = PLX_MASK_NONE;
  CHECK(plxCompile(&problem, &options, &compilation) == PLX_OK);
  CHECK(!strstr(plxCompilationReport(compilation), "keys=32"));
  plxCompilationDestroy(compilation);
  problem.mask = PLX_MASK_CAUSAL;
  options.struct_size = offsetof(plx_compile_options, pinned);
  CHECK(plxCompile(&problem, &options, &compilation) == PLX_OK);
  CHECK(!strstr(plxCompilationReport(compilation), "keys=32"));
  plxCompilationDestroy(compilation);
  options.struct_size = sizeof(options);
  options.pinned = "nowhere.json";
  CHECK_FAILS(plxCompile(&problem, &options, &compilation), PLX_NOT_FOUND,
              "expected to read nowhere.json");
  CHECK(compilation == NULL);

  problem.batch = problem.query_heads = problem.kv_heads = 1;
  problem.query_length = problem.key_length = 8;
  jitOptions.target = PLX_TARGET_CPU;
  jitOptions.pinned = file;
  CHECK(plxJitCreate(&jitOptions, &jit) == PLX_OK);
  CHECK(plxPlanCreate(jit, &problem, &plan) == PLX_OK);
  CHECK(strstr(plxPlanReport(plan), "rows=6 keys=16"));
  plxPlanDestroy(plan);
  plxJitDestroy(jit);
  jitOptions.pinned = "nowhere.json";
  CHECK_FAILS(plxJitCreate(&jitOptions, &jit), PLX_NOT_FOUND,
              "expected to read nowhere.json");
  puts("pinned");
}

int main(int argc, char **argv) {
  CHECK(argc == 2);
  testVersion();
  testNull();
  testStructSize();
  testWrongProblems();
  testCompile();
  testSolve();
  testPages();
  testAppend();
  testMerge();
  testHopper();
  testPinned(argv[1]);
  puts("all passed");
  return 0;
}
