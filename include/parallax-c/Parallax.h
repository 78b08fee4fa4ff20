//===- Parallax.h - The C interface of Parallax -------------------*- C -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   plx_problem problem = PLX_PROBLEM_INIT;
//   problem.mask = PLX_MASK_CAUSAL;
//   ...
//   plx_jit_options options = PLX_JIT_OPTIONS_INIT;
//   plx_jit *jit = NULL;
//   if (plxJitCreate(&options, &jit) != PLX_OK)
//     fprintf(stderr, "%s\n", plxLastError());
//   plxPlanCreate(jit, &problem, &plan);       compiles at most once
//   plxPlanLaunch(plan, pointers, PLX_OPERAND_COUNT, stream);
//
// Rules that hold for every function:
//   - It returns a status, or can't fail. It never throws, aborts or prints.
//   - On failure *out is set to NULL and plxLastError() says what was expected
//     and what came; the text is this thread's, until its next call.
//   - A NULL where an object or a result is expected is PLX_INVALID_ARGUMENT;
//     destroying NULL does nothing.
//   - Text that a handle returns lives as long as the handle and ends in a NUL.
//   - Handles may be used from many threads at once; destroying one while it is
//     in use is the caller's error. A plan outlives its jit.
//
// Structs begin with struct_size, which their initialiser sets: a program that
// was compiled against an older header works with a newer library, where the
// fields it does not know have their defaults; a newer program works with an
// older library as long as it leaves new fields zero, else the answer is
// PLX_UNSUPPORTED. PLX_ABI_VERSION changes only when this can't hold.
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_C_PARALLAX_H
#define PARALLAX_C_PARALLAX_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PLX_API __attribute__((visibility("default")))

/* Version -----------------------------------------------------------------*/

#define PLX_ABI_VERSION 1

/* The ABI version of the library. Compare it with PLX_ABI_VERSION. */
PLX_API uint32_t plxAbiVersion(void);
/* "0.1.0" */
PLX_API const char *plxVersion(void);

/* Failures ----------------------------------------------------------------*/

typedef int32_t plx_status;
enum {
  PLX_OK = 0,
  PLX_INVALID_ARGUMENT = 1, /* The problem or an argument is wrong. */
  PLX_UNSUPPORTED = 2,      /* Well formed, but this target can't do it. */
  PLX_NOT_FOUND = 3,        /* A file, device or library is missing. */
  PLX_COMPILE_FAILED = 4,   /* A phase, the assembler or a resource check. */
  PLX_DRIVER_FAILED = 5,    /* The CUDA driver reported an error. */
  PLX_IO_FAILED = 6,        /* Reading or writing a file failed. */
  PLX_OUT_OF_MEMORY = 7,    /* Of the host. */
  PLX_INTERNAL = 8          /* A defect of Parallax. */
};

/* "invalid argument"; "unknown status" for what is none. Never NULL. */
PLX_API const char *plxStatusName(plx_status status);
/* Why this thread's last call failed; "" if it did not. Never NULL. */
PLX_API const char *plxLastError(void);

/* Problems ----------------------------------------------------------------*/

#define PLX_DYNAMIC ((int64_t)-1) /* A size or stride given at launch. */

enum { PLX_KIND_FORWARD = 0, PLX_KIND_DECODE = 1, PLX_KIND_MERGE = 2 };
enum {
  PLX_DTYPE_F32 = 0,
  PLX_DTYPE_BF16 = 1,
  PLX_DTYPE_F16 = 2,
  PLX_DTYPE_E4M3 = 3 /* Of a cache only. */
};
enum { PLX_MASK_NONE = 0, PLX_MASK_CAUSAL = 1 }; /* Bottom-right aligned. */

/* Float32 outputs of shape (batch, length, heads); the state, of five tensors;
 * and that o is not written. Or them together. */
enum {
  PLX_OUTPUT_ROW_MAX = 1,
  PLX_OUTPUT_D1 = 2,
  PLX_OUTPUT_TBAR = 4,
  PLX_OUTPUT_LOG_SUM_EXP = 8,
  PLX_OUTPUT_STATE = 16, /* See parallax/Problem.h. */
  PLX_OUTPUT_OMIT_O = 32
};

/* In elements, of (batch, length, heads, head dimension); the head dimension is
 * contiguous. */
typedef struct plx_strides {
  int64_t batch, length, head;
} plx_strides;

typedef struct plx_problem {
  uint32_t struct_size;
  int32_t kind, dtype, mask;
  int64_t batch, query_length, key_length;
  int64_t query_heads, kv_heads, head_dim;
  int32_t has_window;        /* 0: no window. */
  int32_t has_scale;         /* 0: 1/sqrt(head_dim). */
  int64_t window;            /* Keys a query sees, itself included. */
  double scale;              /* Factor of q.k, any sign. */
  plx_strides q, r, k, v, o; /* All dynamic: contiguous, at launch. */
  int32_t used_lengths;      /* Decode: 1 if lengths per sequence are given. */
  uint32_t outputs;          /* PLX_OUTPUT_... */
  /* Decode against pages: k and v are pools (pages, page_size, kv_heads,
   * head_dim), whose strides say page and token for batch and length, and a
   * block table, int32 (batch, key_length / page_size), deals them out. */
  int64_t page_size;          /* Power of two in [1, 256]; 0: no pages. */
  int64_t pages;              /* In the pools; 0: dynamic. */
  int64_t block_table_stride; /* From row to row; 0: contiguous. */
  int64_t parts; /* Merge: states that become one; 0: dynamic, or no merge. */
  /* Decode: tokens of new_k and new_v (batch, new_length, kv_heads, head_dim),
   * which are written into the cache first, as the last that each sequence
   * uses; used lengths include them. 0: none. Strides of 0: contiguous. */
  int64_t new_length;
  plx_strides new_k, new_v;
  /* Decode: k, v, new_k and new_v are e4m3, with dtype that of q, r and o. A
   * key then counts as k * k_scale, a value as v * v_scale: float32 (kv_heads),
   * optional, on the device. Their strides are in elements, 0: one for all. */
  int32_t has_e4m3_cache;
  int32_t has_k_scale, has_v_scale;
  int32_t reserved; /* 0 */
  int64_t k_scale_stride, v_scale_stride;
} plx_problem;

#define PLX_STRIDES_DYNAMIC {PLX_DYNAMIC, PLX_DYNAMIC, PLX_DYNAMIC}
#define PLX_PROBLEM_INIT                                                       \
  {sizeof(plx_problem),                                                        \
   PLX_KIND_FORWARD,                                                           \
   PLX_DTYPE_BF16,                                                             \
   PLX_MASK_NONE,                                                              \
   PLX_DYNAMIC,                                                                \
   PLX_DYNAMIC,                                                                \
   PLX_DYNAMIC,                                                                \
   PLX_DYNAMIC,                                                                \
   PLX_DYNAMIC,                                                                \
   128,                                                                        \
   0,                                                                          \
   0,                                                                          \
   0,                                                                          \
   0.0,                                                                        \
   PLX_STRIDES_DYNAMIC,                                                        \
   PLX_STRIDES_DYNAMIC,                                                        \
   PLX_STRIDES_DYNAMIC,                                                        \
   PLX_STRIDES_DYNAMIC,                                                        \
   PLX_STRIDES_DYNAMIC,                                                        \
   0,                                                                          \
   0,                                                                          \
   0,                                                                          \
   0,                                                                          \
   0,                                                                          \
   0,                                                                          \
   0,                                                                          \
   {0, 0, 0},                                                                  \
   {0, 0, 0},                                                                  \
   0,                                                                          \
   0,                                                                          \
   0,                                                                          \
   0,                                                                          \
   0,                                                                          \
   0}

/* PLX_PROBLEM_INIT, for languages without macros; `size` is the size of the
 * caller's struct, of which no more is written. */
PLX_API plx_status plxProblemInit(plx_problem *problem, uint32_t size);

/* Whether a problem, whose sizes may be dynamic, is right. */
PLX_API plx_status plxProblemVerify(const plx_problem *problem);

/* Compilation -------------------------------------------------------------*/

enum { PLX_TARGET_CPU = 0, PLX_TARGET_SM_90A = 1 };

typedef struct plx_compile_options {
  uint32_t struct_size;
  int32_t target;       /* PLX_TARGET_... */
  const char *to;       /* Phase to stop after; NULL or "": the last. */
  const char *schedule; /* Fields to replace, "keys=96"; NULL or "": none. */
  int32_t allow_spills; /* Accept what spills or is serialised. */
  int32_t reserved;     /* 0 */
  /* Called with each phase's name and text, if not NULL. It must return. */
  void (*on_phase)(void *user, const char *phase, const char *text,
                   size_t length);
  void *user;
  /* A file of pinned schedules, as parallax-bench --tune writes it, to take in
   * place of those that the heuristic proposes; NULL or "": none. */
  const char *pinned;
} plx_compile_options;

#define PLX_COMPILE_OPTIONS_INIT                                               \
  {sizeof(plx_compile_options),                                                \
   PLX_TARGET_SM_90A,                                                          \
   NULL,                                                                       \
   NULL,                                                                       \
   0,                                                                          \
   0,                                                                          \
   NULL,                                                                       \
   NULL,                                                                       \
   NULL}

typedef struct plx_compilation plx_compilation;

/* NULL options: the initialiser's. */
PLX_API plx_status plxCompile(const plx_problem *problem,
                              const plx_compile_options *options,
                              plx_compilation **out);
/* Compiles text of the parallax dialect, which need not end in a NUL. */
PLX_API plx_status plxCompileText(const char *text, size_t length,
                                  const plx_compile_options *options,
                                  plx_compilation **out);
PLX_API void plxCompilationDestroy(plx_compilation *compilation);

/* The phase it stopped at, e.g. "ptx"; "" of NULL. */
PLX_API const char *plxCompilationPhase(const plx_compilation *compilation);
/* What that phase made: text, or bytes of a cubin or object. `length`, if not
 * NULL, is set to its size without the NUL. */
PLX_API const char *plxCompilationResult(const plx_compilation *compilation,
                                         size_t *length);
/* Registers, spills, notes and times as JSON; see parallax/Report.h. */
PLX_API const char *plxCompilationReport(const plx_compilation *compilation);

/* Solving -----------------------------------------------------------------*/

/* The order of a launch's pointers. */
enum {
  PLX_OPERAND_Q = 0,
  PLX_OPERAND_R = 1,
  PLX_OPERAND_K = 2,
  PLX_OPERAND_V = 3,
  PLX_OPERAND_O = 4,
  PLX_OPERAND_USED_LENGTHS = 5, /* int32 (batch) */
  PLX_OPERAND_ROW_MAX = 6,
  PLX_OPERAND_D1 = 7,
  PLX_OPERAND_TBAR = 8,
  PLX_OPERAND_LOG_SUM_EXP = 9,
  PLX_OPERAND_BLOCK_TABLE = 10, /* int32 (batch, pages of a sequence) */
  /* float32, contiguous: o1 and o2 as o, the others (batch, length, heads). */
  PLX_OPERAND_STATE_O1 = 11,
  PLX_OPERAND_STATE_O2 = 12,
  PLX_OPERAND_STATE_M = 13,
  PLX_OPERAND_STATE_D1 = 14,
  PLX_OPERAND_STATE_D2 = 15,
  PLX_OPERAND_PART_O1 = 16, /* The same, a first dimension of parts. */
  PLX_OPERAND_PART_O2 = 17,
  PLX_OPERAND_PART_M = 18,
  PLX_OPERAND_PART_D1 = 19,
  PLX_OPERAND_PART_D2 = 20,
  PLX_OPERAND_NEW_K = 21,
  PLX_OPERAND_NEW_V = 22,
  PLX_OPERAND_K_SCALE = 23, /* float32 (kv_heads), any stride */
  PLX_OPERAND_V_SCALE = 24,
  PLX_OPERAND_COUNT = 25
};

typedef struct plx_jit_options {
  uint32_t struct_size;
  int32_t target;           /* PLX_TARGET_... */
  int32_t device;           /* CUDA device, if the thread has no context. */
  int32_t cpu_threads;      /* 0: one for each hardware thread. */
  const char *cache_folder; /* NULL or "": no disk cache. */
  uint64_t cache_bytes;     /* 0: 1 GiB. */
  int32_t never_compile;    /* A kernel in no cache is an error. */
  int32_t allow_spills;     /* Also with a schedule that somebody chose. */
  /* Called, from any thread, before a kernel is compiled, and with what a cache
   * ignored or that a proposed kernel spills. They must return. */
  void (*on_compile)(void *user, const char *key);
  void (*on_log)(void *user, const char *message);
  void *user;
  /* Decode on Hopper; see parallax/Jit.h. */
  int32_t batch_invariant;
  int32_t splits;     /* At most; 0: as many as fill the device. */
  const char *pinned; /* As in plx_compile_options; read once, at creation. */
  /* Hopper: a launch starts when earlier ones of its stream are complete, not
   * while they end; see parallax/Jit.h. */
  int32_t no_programmatic_launch;
} plx_jit_options;

#define PLX_JIT_OPTIONS_INIT                                                   \
  {sizeof(plx_jit_options),                                                    \
   PLX_TARGET_SM_90A,                                                          \
   0,                                                                          \
   0,                                                                          \
   NULL,                                                                       \
   0,                                                                          \
   0,                                                                          \
   0,                                                                          \
   NULL,                                                                       \
   NULL,                                                                       \
   NULL,                                                                       \
   0,                                                                          \
   0,                                                                          \
   NULL,                                                                       \
   0}

typedef struct plx_jit plx_jit;
typedef struct plx_plan plx_plan;

/* NULL options: the initialiser's. */
PLX_API plx_status plxJitCreate(const plx_jit_options *options, plx_jit **out);
PLX_API void plxJitDestroy(plx_jit *jit);

/* Compiles and loads the kernel of a problem whose batch and lengths may be
 * dynamic: no plan for any of them compiles after that. */
PLX_API plx_status plxJitPrepare(const plx_jit *jit,
                                 const plx_problem *problem);

/* A plan for a problem whose sizes are all given. */
PLX_API plx_status plxPlanCreate(const plx_jit *jit, const plx_problem *problem,
                                 plx_plan **out);
/* The same for a launch on `stream`, a CUstream: while that is captured in a
 * graph, a kernel in no cache is an error, as a compilation would hold the
 * capture up. */
PLX_API plx_status plxPlanCreateFor(const plx_jit *jit,
                                    const plx_problem *problem, void *stream,
                                    plx_plan **out);
PLX_API void plxPlanDestroy(plx_plan *plan);

/* Starts the problem. `pointers` are in the order of PLX_OPERAND_..., device
 * pointers on Hopper and host pointers on the CPU; those beyond `count` and
 * those of absent operands are NULL. `stream` is a CUstream; on the CPU it is
 * ignored and the call returns when the output is written. */
PLX_API plx_status plxPlanLaunch(const plx_plan *plan, void *const *pointers,
                                 size_t count, void *stream);

/* Bytes of the workspace that a launch needs; 0 if none, and of NULL. */
PLX_API size_t plxPlanWorkspaceBytes(const plx_plan *plan);
/* Makes device memory of the caller's, at a multiple of 256 bytes, a workspace
 * for the launches of any plan of the device: clears on `stream` its first 256
 * KiB; the rest may hold anything. It may be captured in a graph. On the CPU
 * there is nothing to clear. */
PLX_API plx_status plxPlanClearWorkspace(const plx_plan *plan, void *workspace,
                                         size_t workspace_bytes, void *stream);
/* As plxPlanLaunch, in a workspace that was cleared before its first use.
 * Launches may use it one after the other, none at once; after one that failed,
 * or another use of the memory, it must be cleared again. */
PLX_API plx_status plxPlanLaunchIn(const plx_plan *plan, void *const *pointers,
                                   size_t count, void *stream, void *workspace,
                                   size_t workspace_bytes);

/* "memory", "disk" or "compiled"; "" of NULL. */
PLX_API const char *plxPlanSource(const plx_plan *plan);
/* As plxCompilationReport. */
PLX_API const char *plxPlanReport(const plx_plan *plan);

#ifdef __cplusplus
}
#endif

#endif /* PARALLAX_C_PARALLAX_H */
