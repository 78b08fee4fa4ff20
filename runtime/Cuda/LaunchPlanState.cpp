//===- LaunchPlanState.cpp - Lays out the parameters of a kernel ----------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Cuda/LaunchPlanState.h"

#include "lib/Data/Reciprocal.h"
#include "lib/Data/Sections.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <limits>

using namespace parallax;

static constexpr int64_t kMaxGrid = std::numeric_limits<int32_t>::max();
static constexpr int32_t kMaxThreads = 1024;

static Error wrong(std::string message) {
  return {ErrorCode::InvalidArgument, std::move(message)};
}

template <typename T>
uint32_t LaunchPlan::State::append(T value, size_t alignment) {
  const size_t offset = (bytes.size() + alignment - 1) / alignment * alignment;
  bytes.resize(offset + sizeof(T));
  std::memcpy(bytes.data() + offset, &value, sizeof(T));
  offsets.push_back(offset);
  return offset;
}

Result<void> LaunchPlan::State::addSize(int64_t size, bool reciprocal) {
  if (!reciprocal)
    append(static_cast<int32_t>(size));
  else if (size >= 1)
    append(reciprocalOf(size));
  else
    return wrong(fmt::format("expected sizes of at least 1 where the kernel "
                             "divides by them, got {}",
                             size));
  return {};
}

Result<void> LaunchPlan::State::add(const KernelParameter &parameter) {
  using Kind = KernelParameter::Kind;
  const Operand operand = parameter.operand;
  const std::string_view name = toString(operand);
  const OperandShape shape = OperandShape::of(problem, operand);
  const bool hasDim = parameter.kind == Kind::Size ||
                      parameter.kind == Kind::Stride ||
                      parameter.kind == Kind::GridSize;
  const int dims = parameter.kind == Kind::GridSize ? grid.size() : shape.rank;
  if (hasDim && (parameter.dim < 0 || parameter.dim >= dims))
    return wrong(fmt::format("expected a parameter of a dimension below {}, "
                             "got {}",
                             dims, parameter.dim));
  switch (parameter.kind) {
  case Kind::TensorMap: {
    Result<TensorMapShape> map = TensorMapShape::create(problem, parameter);
    if (!map)
      return map.error();
    const uint32_t offset = append(TensorMap(), alignof(TensorMap));
    mapSlots.push_back({*map, offset});
    return {};
  }
  case Kind::Pointer:
    if (!hasOperand(problem, operand))
      return wrong(fmt::format("expected a problem with {}, which the kernel "
                               "uses, got one without",
                               name));
    pointerSlots.push_back({operand, append<void *>(nullptr),
                            static_cast<uint32_t>(shape.elementBytes)});
    if (operand == Operand::K || operand == Operand::V ||
        operand == Operand::NewK || operand == Operand::NewV)
      return alignRows(shape, pointerSlots.back());
    return {};
  case Kind::Size:
    return addSize(shape.sizes[parameter.dim], parameter.reciprocal);
  case Kind::Stride:
    append(shape.strides[parameter.dim]);
    return {};
  case Kind::Scale:
    append(static_cast<float>(problem.effectiveScale()));
    return {};
  case Kind::Window:
    if (!problem.window)
      return wrong("expected a problem with a window, got one without");
    append(static_cast<int32_t>(*problem.window));
    return {};
  case Kind::GridSize:
    return addSize(grid[parameter.dim], parameter.reciprocal);
  case Kind::Workspace:
    if (parameter.dim < 0 || parameter.dim >= kNumWorkspacePieces)
      return wrong(fmt::format("expected a piece of the workspace below {}, "
                               "got {}",
                               kNumWorkspacePieces, parameter.dim));
    workspaceSlots.push_back(
        {workspace.offsets[parameter.dim], append<void *>(nullptr)});
    return {};
  }
  return wrong(fmt::format("expected a kind of parameter, got {}",
                           static_cast<int>(parameter.kind)));
}

/// Rows of keys and values are read 16 bytes at a time, new ones and, out of
/// small pages, those of the cache.
Result<void> LaunchPlan::State::alignRows(const OperandShape &shape,
                                          PointerSlot &slot) const {
  constexpr int64_t alignment = TensorMapShape::kAlignment;
  constexpr std::string_view names[] = {"batch", "length", "heads"};
  slot.alignment = alignment;
  for (int dim = 0; dim < 3; ++dim)
    if (shape.sizes[dim] != 1 &&
        shape.strides[dim] * shape.elementBytes % alignment)
      return wrong(fmt::format("expected a {} stride of {} that is a multiple "
                               "of {} bytes, got {} elements of {} bytes",
                               names[dim], toString(slot.operand), alignment,
                               shape.strides[dim], shape.elementBytes));
  return {};
}

Result<void>
LaunchPlan::State::addParameters(const LaunchPlanOptions &options) {
  const KernelImage &image = kernel.image();
  if (image.threads < 1 || image.threads > kMaxThreads ||
      image.tileTokens < 1 || image.packedHeads < 1 || image.splitKeys < 0 ||
      image.persistentCtas < 0 || image.cluster < 0)
    return wrong(fmt::format("expected a kernel of 1 to {} threads, tokens and "
                             "heads, got {} threads, {} tokens and {} heads",
                             kMaxThreads, image.threads, image.tileTokens,
                             image.packedHeads));
  const int64_t group = problem.queryHeads / problem.kvHeads;
  if (group % image.packedHeads)
    return wrong(fmt::format("expected a multiple of {} query heads a key "
                             "head, which the kernel packs, got {}",
                             image.packedHeads, group));
  const int64_t tiles =
      (problem.queryLength + image.tileTokens - 1) / image.tileTokens;
  const int64_t heads = problem.queryHeads / image.packedHeads;
  // Of the key head kernels compute head * key heads / heads.
  if (problem.queryHeads * problem.kvHeads > kMaxGrid)
    return Error{
        ErrorCode::Unsupported,
        fmt::format("expected at most {} pairs of query and key heads, "
                    "got {} and {}; split the heads",
                    kMaxGrid, problem.queryHeads, problem.kvHeads)};
  // Each is below 2^31, so a product of two does not overflow.
  if (tiles * heads > kMaxGrid || tiles * heads * problem.batch > kMaxGrid)
    return Error{ErrorCode::Unsupported,
                 fmt::format("expected at most {} CTAs, got {} query tiles x "
                             "{} heads x {} batches; split the batch",
                             kMaxGrid, tiles, heads, problem.batch)};
  const int64_t programs = tiles * heads * problem.batch;
  SplitPolicy policy;
  policy.multiprocessors =
      std::max(kernel.context().device().multiprocessors, 1);
  policy.batchInvariant = options.batchInvariant;
  policy.splits = options.splits;
  policy.cluster = image.cluster;
  // Persistent CTAs that share keys come in gangs, of one for each head and
  // tile of queries, and are dealt all key tiles: at most a gang for each
  // smallest share.
  const bool isDealt = image.persistentCtas && image.splitKeys;
  if (isDealt && (options.batchInvariant || options.splits))
    return Error{ErrorCode::Unsupported,
                 "expected a kernel of one CTA a share for a number of splits "
                 "or a batch-invariant decode, got persistent CTAs; leave "
                 "persistent=1 out of the schedule"};
  int64_t splits =
      isDealt ? mostSplits(problem, image.splitKeys)
              : chooseSplits(problem, image.splitKeys, programs, policy);
  if (splits * programs > kMaxGrid)
    return Error{ErrorCode::Unsupported,
                 fmt::format("expected at most {} CTAs, got {} splits of {} "
                             "tiles",
                             kMaxGrid, splits, programs)};
  if (options.batchInvariant && image.splitKeys &&
      programs > Workspace::kTickets)
    return Error{ErrorCode::Unsupported,
                 fmt::format("expected at most {} tiles of queries in a batch-"
                             "invariant decode, got {}; split the batch",
                             Workspace::kTickets, programs)};
  int64_t ctas = programs * splits;
  if (image.persistentCtas)
    ctas = std::min(ctas, image.persistentCtas * policy.multiprocessors);
  if (isDealt) {
    splits = std::max<int64_t>(ctas / (heads * tiles), 1);
    ctas = splits * heads * tiles;
  }
  isProgrammatic = options.programmaticLaunch && image.awaitsGrids;
  const int64_t section = sectionBatches(problem);
  grid = {static_cast<int32_t>(tiles),
          static_cast<int32_t>(heads),
          static_cast<int32_t>(problem.batch),
          static_cast<int32_t>(splits),
          static_cast<int32_t>(ctas),
          static_cast<int32_t>(section),
          static_cast<int32_t>(section * heads * tiles),
          static_cast<int32_t>(
              isDealt ? 1 : chooseCluster(splits, programs, policy))};
  dimensions = {static_cast<uint32_t>(ctas), 1, 1};
  if (isDealt) {
    dimensions = {static_cast<uint32_t>(heads), static_cast<uint32_t>(splits),
                  static_cast<uint32_t>(tiles)};
  } else if (image.splitKeys) {
    // What a grid may have in its second and third dimension.
    constexpr int64_t most = 65535;
    if (splits > most || tiles * problem.batch > most)
      return Error{
          ErrorCode::Unsupported,
          fmt::format("expected at most {} query tiles of all batches, "
                      "and as many splits, of a decode, got {} and {}; "
                      "split the batch",
                      most, tiles * problem.batch, splits)};
    dimensions = {static_cast<uint32_t>(heads), static_cast<uint32_t>(splits),
                  static_cast<uint32_t>(tiles * problem.batch)};
  }
  // A cluster needs none.
  if (splits > 1 && grid[7] == 1)
    workspace =
        Workspace::of(problem, isDealt ? programs + ctas : programs * splits,
                      image.packedHeads);

  for (const KernelParameter &parameter : image.parameters)
    if (Result<void> ok = add(parameter); !ok)
      return ok;
  if (offsets.size() > LaunchFrame::kMaxParameters ||
      bytes.size() > LaunchFrame::kMaxBytes)
    return Error{ErrorCode::Unsupported,
                 fmt::format("expected at most {} parameters of {} bytes, got "
                             "{} of {}",
                             LaunchFrame::kMaxParameters,
                             LaunchFrame::kMaxBytes, offsets.size(),
                             bytes.size())};
  return {};
}
