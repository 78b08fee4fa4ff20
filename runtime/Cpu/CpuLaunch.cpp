//===- CpuLaunch.cpp - Runs a kernel on the host's threads ----------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The programs of a grid are handed out one by one. The last query tiles come
// first: under a causal mask they are the longest, and what is left for the end
// is short. Programs of one tile and neighbouring heads run together.
//
//===----------------------------------------------------------------------===//

#include "runtime/Cpu/CpuLaunch.h"

#include "lib/Data/OperandShape.h"
#include "runtime/Cpu/ThreadPool.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <memory>
#include <new>
#include <vector>

using namespace parallax;

namespace {

Error wrong(std::string message) {
  return {ErrorCode::InvalidArgument, std::move(message)};
}

constexpr std::align_val_t kScratchAlignment{64};

/// One thread's memory for the programs that it runs, kept for the next ones.
class Scratch {
public:
  ~Scratch() { release(); }

  void *get(size_t bytes) {
    if (bytes > size) {
      release();
      memory = ::operator new(bytes, kScratchAlignment);
      size = bytes;
    }
    return memory;
  }

private:
  void release() {
    if (memory)
      ::operator delete(memory, kScratchAlignment);
    memory = nullptr;
  }

  void *memory = nullptr;
  size_t size = 0;
};

Result<uint64_t> argumentOf(const KernelParameter &parameter,
                            const Problem &problem,
                            const std::array<void *, kNumOperands> &pointers) {
  using Kind = KernelParameter::Kind;
  const Operand operand = parameter.operand;
  const OperandShape shape = OperandShape::of(problem, operand);
  const bool hasDim =
      parameter.kind == Kind::Size || parameter.kind == Kind::Stride;
  if (hasDim && (parameter.dim < 0 || parameter.dim >= shape.rank))
    return wrong(fmt::format("expected a parameter of a dimension below {}, "
                             "got {}",
                             shape.rank, parameter.dim));
  switch (parameter.kind) {
  case Kind::Pointer: {
    if (!hasOperand(problem, operand))
      return wrong(fmt::format("expected a problem with {}, which the kernel "
                               "uses, got one without",
                               toString(operand)));
    const auto address =
        reinterpret_cast<uintptr_t>(pointers[static_cast<size_t>(operand)]);
    if (!address)
      return wrong(
          fmt::format("expected a pointer of {}, got null", toString(operand)));
    if (address % shape.elementBytes)
      return wrong(fmt::format("expected {} at a multiple of {} bytes, got {}",
                               toString(operand), shape.elementBytes,
                               pointers[static_cast<size_t>(operand)]));
    return uint64_t(address);
  }
  case Kind::Size:
    return static_cast<uint64_t>(shape.sizes[parameter.dim]);
  case Kind::Stride:
    return static_cast<uint64_t>(shape.strides[parameter.dim]);
  case Kind::Scale:
    return uint64_t(
        std::bit_cast<uint32_t>(static_cast<float>(problem.effectiveScale())));
  case Kind::Window:
    if (!problem.window)
      return wrong("expected a problem with a window, got one without");
    return static_cast<uint64_t>(*problem.window);
  case Kind::TensorMap:
  case Kind::GridSize:
  case Kind::Workspace:
    break;
  }
  return wrong(fmt::format("expected a kind of parameter that the CPU has, "
                           "got {}",
                           static_cast<int>(parameter.kind)));
}

/// Whether the entries of the block table that are looked at name pages.
Result<void> checkBlockTable(const Problem &problem,
                             const std::array<void *, kNumOperands> &pointers) {
  auto ints = [&](Operand operand) {
    return static_cast<const int32_t *>(pointers[static_cast<size_t>(operand)]);
  };
  const int32_t *table = ints(Operand::BlockTable);
  const int32_t *used =
      problem.usedLengths ? ints(Operand::UsedLengths) : nullptr;
  for (int64_t b = 0; b < problem.batch; ++b) {
    int64_t length = problem.keyLength;
    if (used)
      length = std::clamp<int64_t>(used[b], 0, length);
    const int64_t entries = (length + problem.pageSize - 1) / problem.pageSize;
    for (int64_t i = 0; i < entries; ++i)
      if (int32_t page = table[b * problem.blockTableStride + i];
          page < 0 || page >= problem.pages)
        return wrong(fmt::format("expected entries of block_table in [0, {}), "
                                 "got {} for page {} of sequence {}",
                                 problem.pages, page, i, b));
  }
  return {};
}

} // namespace

Result<void> parallax::launchOnCpu(
    const KernelImage &image, CpuEntry entry, const Problem &given,
    const std::array<void *, kNumOperands> &pointers, int threads) {
  const Problem problem = withDefaultStrides(given);
  if (Result<void> ok = verifyForLaunch(problem); !ok)
    return ok;
  if (image.tileTokens < 1 || image.packedHeads < 1 ||
      image.dynamicSharedBytes < 0)
    return wrong(fmt::format("expected a kernel of 1 or more tokens and heads, "
                             "got {} and {}",
                             image.tileTokens, image.packedHeads));
  const int64_t group = problem.queryHeads / problem.kvHeads;
  if (group % image.packedHeads)
    return wrong(fmt::format("expected a multiple of {} query heads a key "
                             "head, which the kernel packs, got {}",
                             image.packedHeads, group));

  std::vector<uint64_t> arguments;
  arguments.reserve(image.parameters.size());
  for (const KernelParameter &parameter : image.parameters) {
    Result<uint64_t> argument = argumentOf(parameter, problem, pointers);
    if (!argument)
      return argument.error();
    arguments.push_back(*argument);
  }
  if (problem.isPaged())
    if (Result<void> ok = checkBlockTable(problem, pointers); !ok)
      return ok;

  const int64_t tiles =
      (problem.queryLength + image.tileTokens - 1) / image.tileTokens;
  const int64_t heads = problem.queryHeads / image.packedHeads;
  int64_t rowsOfGrid, programs;
  if (__builtin_mul_overflow(heads, problem.batch, &rowsOfGrid) ||
      __builtin_mul_overflow(rowsOfGrid, tiles, &programs))
    return Error{ErrorCode::Unsupported,
                 fmt::format("expected fewer than 2^63 programs, got {} query "
                             "tiles x {} heads x {} batches",
                             tiles, heads, problem.batch)};
  ThreadPool::shared().run(programs, threads, [&](int64_t i) {
    static thread_local Scratch scratch;
    const int64_t tile = tiles - 1 - i / rowsOfGrid, row = i % rowsOfGrid;
    entry(arguments.data(), scratch.get(image.dynamicSharedBytes), tile,
          row % heads, row / heads);
  });
  return {};
}
