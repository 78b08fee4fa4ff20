//===- Support.cpp - From C to C++ and back -------------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/CAPI/Support.h"

#include <fmt/format.h>

using namespace parallax;
using namespace parallax::capi;

// Never allocated, so that a failure to allocate can be reported.
static thread_local char lastError[1024] = "";

void capi::setLastError(std::string_view message) noexcept {
  const size_t size = std::min(message.size(), sizeof(lastError) - 1);
  std::memcpy(lastError, message.data(), size);
  lastError[size] = '\0';
}

const char *plxLastError(void) { return lastError; }

plx_status capi::toStatus(ErrorCode code) {
  switch (code) {
  case ErrorCode::InvalidArgument:
    return PLX_INVALID_ARGUMENT;
  case ErrorCode::Unsupported:
    return PLX_UNSUPPORTED;
  case ErrorCode::NotFound:
    return PLX_NOT_FOUND;
  case ErrorCode::CompileFailed:
    return PLX_COMPILE_FAILED;
  case ErrorCode::DriverFailed:
    return PLX_DRIVER_FAILED;
  case ErrorCode::IoFailed:
    return PLX_IO_FAILED;
  }
  return PLX_INTERNAL;
}

const char *plxStatusName(plx_status status) {
  switch (status) {
  case PLX_OK:
    return "ok";
  case PLX_INVALID_ARGUMENT:
    return "invalid argument";
  case PLX_UNSUPPORTED:
    return "unsupported";
  case PLX_NOT_FOUND:
    return "not found";
  case PLX_COMPILE_FAILED:
    return "compile failed";
  case PLX_DRIVER_FAILED:
    return "driver failed";
  case PLX_IO_FAILED:
    return "io failed";
  case PLX_OUT_OF_MEMORY:
    return "out of memory";
  case PLX_INTERNAL:
    return "internal";
  default:
    return "unknown status";
  }
}

uint32_t plxAbiVersion(void) { return PLX_ABI_VERSION; }
const char *plxVersion(void) { return PARALLAX_VERSION; }

Error capi::wrong(std::string message) {
  return {ErrorCode::InvalidArgument, std::move(message)};
}

Error capi::isNull(std::string_view name) {
  return wrong(fmt::format("expected {}, got NULL", name));
}

Error capi::badStructSize(std::string_view name, size_t least, size_t got) {
  return wrong(fmt::format("expected struct_size of {} to be at least {}, got "
                           "{}; begin with its initialiser",
                           name, least, got));
}

Result<Target> capi::readTarget(int32_t target) {
  switch (target) {
  case PLX_TARGET_CPU:
    return Target::Cpu;
  case PLX_TARGET_SM_90A:
    return Target::Sm90a;
  default:
    return wrong(fmt::format(
        "expected target to be PLX_TARGET_CPU or PLX_TARGET_SM_90A, got {}",
        target));
  }
}

Result<Problem> capi::readProblem(const plx_problem *given) {
  Result<plx_problem> known = readStruct<plx_problem>(
      "problem", given, PLX_PROBLEM_INIT, offsetof(plx_problem, page_size));
  if (!known)
    return known.error();
  constexpr uint32_t allOutputs = PLX_OUTPUT_ROW_MAX | PLX_OUTPUT_D1 |
                                  PLX_OUTPUT_TBAR | PLX_OUTPUT_LOG_SUM_EXP |
                                  PLX_OUTPUT_STATE | PLX_OUTPUT_OMIT_O;
  if (known->outputs & ~allOutputs)
    return wrong(fmt::format("expected outputs among {:#x}, got {:#x}",
                             allOutputs, known->outputs));
  auto strides = [](const plx_strides &s) {
    return Strides{s.batch, s.length, s.head};
  };
  Problem p;
  p.kind = static_cast<ProblemKind>(known->kind);
  p.dtype = static_cast<DType>(known->dtype);
  p.mask = static_cast<MaskKind>(known->mask);
  p.batch = known->batch;
  p.queryLength = known->query_length;
  p.keyLength = known->key_length;
  p.queryHeads = known->query_heads;
  p.kvHeads = known->kv_heads;
  p.headDim = known->head_dim;
  if (known->has_window)
    p.window = known->window;
  if (known->has_scale)
    p.scale = known->scale;
  p.q = strides(known->q);
  p.r = strides(known->r);
  p.k = strides(known->k);
  p.v = strides(known->v);
  p.o = strides(known->o);
  // Zeros, which a program that does not know of these fields leaves.
  auto stridesOrNone = [&](const plx_strides &s) {
    return s.batch || s.length || s.head ? strides(s) : Strides();
  };
  if (known->new_length)
    p.newLength = known->new_length;
  p.newK = stridesOrNone(known->new_k);
  p.newV = stridesOrNone(known->new_v);
  if (known->has_e4m3_cache)
    p.cacheDType = DType::E4M3;
  p.keyScale = known->has_k_scale != 0;
  p.valueScale = known->has_v_scale != 0;
  if (p.keyScale)
    p.keyScaleStride = known->k_scale_stride;
  if (p.valueScale)
    p.valueScaleStride = known->v_scale_stride;
  p.usedLengths = known->used_lengths != 0;
  p.pageSize = known->page_size;
  p.pages = known->pages ? known->pages : kDynamic;
  p.blockTableStride =
      known->block_table_stride ? known->block_table_stride : kDynamic;
  p.outputs.rowMax = known->outputs & PLX_OUTPUT_ROW_MAX;
  p.outputs.d1 = known->outputs & PLX_OUTPUT_D1;
  p.outputs.tbar = known->outputs & PLX_OUTPUT_TBAR;
  p.outputs.logSumExp = known->outputs & PLX_OUTPUT_LOG_SUM_EXP;
  p.state = known->outputs & PLX_OUTPUT_STATE;
  p.writesOutput = !(known->outputs & PLX_OUTPUT_OMIT_O);
  p.parts = known->parts ? known->parts : kDynamic;
  return p;
}

Result<PinnedSchedules> capi::readPinned(const char *file) {
  return file && *file ? readPinnedSchedules(file) : PinnedSchedules();
}

plx_status plxProblemInit(plx_problem *problem, uint32_t size) {
  return guarded([&]() -> Result<void> {
    if (!problem)
      return isNull("problem");
    if (size < sizeof(uint32_t))
      return badStructSize("problem", sizeof(uint32_t), size);
    plx_problem defaults = PLX_PROBLEM_INIT;
    defaults.struct_size = size;
    std::memset(problem, 0, size);
    std::memcpy(problem, &defaults, std::min<size_t>(size, sizeof(defaults)));
    return {};
  });
}

plx_status plxProblemVerify(const plx_problem *problem) {
  return guarded([&]() -> Result<void> {
    Result<Problem> p = readProblem(problem);
    if (!p)
      return p.error();
    return verify(*p);
  });
}
