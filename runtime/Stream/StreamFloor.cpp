//===- StreamFloor.cpp - How fast a cache can be read ---------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Stream/StreamFloor.h"

#include <fmt/format.h>

#include <algorithm>

using namespace parallax;

namespace {

// As in stream.cu.
constexpr int kThreads = 128;
constexpr int kStages = 3;
constexpr int kTileKeys = 64;
constexpr int kBoxColumns = 64;
constexpr int kSwizzleBytes = 1024;

KernelImage imageFor(const Context &context, const Problem &problem) {
  using Kind = KernelParameter::Kind;
  KernelImage image;
  image.name = "parallax_stream";
  image.target = fmt::format("sm_{}", context.device().capability);
  image.threads = kThreads;
  image.tileTokens = 1;
  image.awaitsGrids = true;
  const int64_t columns =
      (problem.headDim + kBoxColumns - 1) / kBoxColumns * kBoxColumns;
  image.dynamicSharedBytes = static_cast<int32_t>(
      kSwizzleBytes + kStages * 2 * kTileKeys * columns * 2);
  const std::array<int32_t, 4> box = {kBoxColumns, 1, kTileKeys, 1};
  image.parameters = {{Kind::TensorMap, Operand::K, 0, box},
                      {Kind::TensorMap, Operand::V, 0, box},
                      {Kind::Pointer, Operand::UsedLengths},
                      {Kind::Size, Operand::K, 2},
                      {Kind::GridSize, Operand::K, 1},
                      {Kind::Size, Operand::K, 3},
                      {Kind::Pointer, Operand::O}};
  return image;
}

} // namespace

Result<StreamFloor> StreamFloor::create(const Context &context,
                                        const Nvrtc &nvrtc) {
  Result<std::vector<uint8_t>> cubin =
      nvrtc.compile(kStreamSource, "stream.cu",
                    fmt::format("sm_{}", context.device().capability));
  if (!cubin)
    return cubin.error();
  return StreamFloor(context, std::move(*cubin));
}

int64_t StreamFloor::mostSplits(const Problem &problem) {
  return std::max<int64_t>(1, problem.keyLength / kTileKeys);
}

Result<LaunchPlan> StreamFloor::plan(const Problem &given, int64_t splits,
                                     bool programmaticLaunch) const {
  // The kernel reads elements of 2 bytes: of those of 1, as many pairs.
  const int64_t elementBytes = sizeInBytes(given.keyDType());
  const int64_t pair = 2 / elementBytes;
  if (!pair || given.headDim % (8 * pair))
    return Error{pair ? ErrorCode::NotFound : ErrorCode::Unsupported,
                 fmt::format("expected a cache of bf16, f16, or e4m3 with a "
                             "head dimension that is a multiple of 16, got {} "
                             "with {}",
                             toString(given.keyDType()), given.headDim)};
  Problem problem;
  problem.kind = ProblemKind::Decode;
  problem.dtype = DType::BF16;
  problem.batch = given.batch;
  problem.queryLength = 1;
  problem.keyLength = given.keyLength;
  problem.kvHeads = given.kvHeads;
  problem.queryHeads = given.kvHeads * splits;
  problem.headDim = given.headDim / pair;
  problem.k = given.k;
  problem.v = given.v;
  for (Strides *strides : {&problem.k, &problem.v})
    for (int64_t *stride : {&strides->batch, &strides->length, &strides->head})
      *stride /= pair;
  problem.usedLengths = true;
  // A pool is read as if its pages followed one another in each sequence.
  if (given.isPaged())
    for (Strides *strides : {&problem.k, &problem.v}) {
      if (strides->batch != given.pageSize * strides->length ||
          given.pages < given.batch * given.pagesPerSequence())
        return Error{ErrorCode::NotFound,
                     "expected a pool whose pages lie side by side, one for "
                     "each entry of the block table, got another"};
      strides->batch = given.keyLength * strides->length;
    }
  auto image = std::make_shared<KernelImage>(imageFor(context, problem));
  image->code = cubin;
  Result<Kernel> kernel = Kernel::load(context, std::move(image));
  if (!kernel)
    return kernel.error();
  LaunchPlanOptions options;
  options.programmaticLaunch = programmaticLaunch;
  return LaunchPlan::create(problem, *kernel, options);
}
