//===- LaunchPlan.cpp - Starts a kernel on a stream ----------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A plan holds the bytes of all parameters as the kernel takes them. A launch
// copies them to its stack, writes the pointers and tensor maps, and calls the
// driver. The maps of the last launch are kept, since the next one mostly has
// the same pointers.
//
//===----------------------------------------------------------------------===//

#include "runtime/Cuda/LaunchPlan.h"

#include "lib/Data/OperandShape.h"
#include "lib/Data/Sections.h"
#include "lib/Data/Workspace.h"
#include "runtime/Cuda/TensorMapShape.h"
#include "runtime/Cuda/Workspaces.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <mutex>
#include <vector>

using namespace parallax;

namespace {

constexpr size_t kMaxParameters = LaunchFrame::kMaxParameters;
constexpr size_t kMaxParameterBytes = LaunchFrame::kMaxBytes;
constexpr int64_t kMaxGrid = std::numeric_limits<int32_t>::max();
constexpr int32_t kMaxThreads = 1024;

Error wrong(std::string message) {
  return {ErrorCode::InvalidArgument, std::move(message)};
}

/// A parameter that is a pointer.
struct PointerSlot {
  Operand operand;
  uint32_t offset;
  uint32_t alignment;
};

/// A parameter that points into the workspace.
struct WorkspaceSlot {
  int64_t piece; ///< Where it begins, bytes.
  uint32_t offset;
};

/// A parameter that is a tensor map, and the last one.
struct MapSlot {
  TensorMapShape shape;
  uint32_t offset;
  void *address = nullptr;
  TensorMap map = {};
};

} // namespace

struct LaunchPlan::State {
  State(const Problem &problem, const Kernel &kernel)
      : problem(problem), kernel(kernel) {}

  Result<void> addParameters(const LaunchPlanOptions &options);
  Result<void> add(const KernelParameter &parameter);
  Result<void> alignNewTokens(const OperandShape &shape,
                              PointerSlot &slot) const;
  template <typename T> uint32_t append(T value, size_t alignment = sizeof(T));
  Result<void> writePointers(const Pointers &pointers, uint8_t *target) const;
  Result<void> writeWorkspace(const WorkspaceMemory &given, void *stream,
                              uint8_t *target) const;
  Result<void> writeMaps(const Pointers &pointers, uint8_t *target) const;

  Problem problem;
  Kernel kernel;
  /// Query tiles, heads, batch, splits, CTAs, batch entries of a section.
  std::array<int32_t, 6> grid = {};
  uint32_t gridSize = 0;

  std::vector<uint8_t> bytes;    ///< Of all parameters.
  std::vector<uint32_t> offsets; ///< Of each parameter.
  std::vector<PointerSlot> pointerSlots;
  Workspace workspace;
  std::vector<WorkspaceSlot> workspaceSlots;

  mutable std::mutex mutex; ///< Of the maps.
  mutable std::vector<MapSlot> mapSlots;
};

template <typename T>
uint32_t LaunchPlan::State::append(T value, size_t alignment) {
  const size_t offset = (bytes.size() + alignment - 1) / alignment * alignment;
  bytes.resize(offset + sizeof(T));
  std::memcpy(bytes.data() + offset, &value, sizeof(T));
  offsets.push_back(offset);
  return offset;
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
    if (operand == Operand::NewK || operand == Operand::NewV)
      return alignNewTokens(shape, pointerSlots.back());
    return {};
  case Kind::Size:
    append(static_cast<int32_t>(shape.sizes[parameter.dim]));
    return {};
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
    append(grid[parameter.dim]);
    return {};
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

/// Rows of new keys and values are read 16 bytes at a time.
Result<void> LaunchPlan::State::alignNewTokens(const OperandShape &shape,
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
      image.persistentCtas < 0)
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
  const int64_t splits =
      chooseSplits(problem, image.splitKeys, programs, policy);
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
  grid = {static_cast<int32_t>(tiles),
          static_cast<int32_t>(heads),
          static_cast<int32_t>(problem.batch),
          static_cast<int32_t>(splits),
          static_cast<int32_t>(ctas),
          static_cast<int32_t>(sectionBatches(problem))};
  gridSize = ctas;
  workspace = Workspace::of(problem, splits);

  for (const KernelParameter &parameter : image.parameters)
    if (Result<void> ok = add(parameter); !ok)
      return ok;
  if (offsets.size() > kMaxParameters || bytes.size() > kMaxParameterBytes)
    return Error{ErrorCode::Unsupported,
                 fmt::format("expected at most {} parameters of {} bytes, got "
                             "{} of {}",
                             kMaxParameters, kMaxParameterBytes, offsets.size(),
                             bytes.size())};
  return {};
}

Result<LaunchPlan> LaunchPlan::create(const Problem &given,
                                      const Kernel &kernel,
                                      const LaunchPlanOptions &options) {
  const Problem problem = withDefaultStrides(given);
  if (Result<void> ok = verifyForLaunch(problem); !ok)
    return ok.error();
  auto state = std::make_shared<State>(problem, kernel);
  if (Result<void> ok = state->addParameters(options); !ok)
    return ok.error();
  return LaunchPlan(std::move(state));
}

Result<void> LaunchPlan::State::writePointers(const Pointers &pointers,
                                              uint8_t *target) const {
  for (const PointerSlot &slot : pointerSlots) {
    void *address = pointers[static_cast<size_t>(slot.operand)];
    if (!address)
      return wrong(fmt::format("expected a device pointer of {}, got null",
                               toString(slot.operand)));
    if (reinterpret_cast<uintptr_t>(address) % slot.alignment)
      return wrong(fmt::format("expected {} at a multiple of {} bytes, got {}",
                               toString(slot.operand), slot.alignment,
                               address));
    std::memcpy(target + slot.offset, &address, sizeof(address));
  }
  return {};
}

Result<void> LaunchPlan::State::writeWorkspace(const WorkspaceMemory &given,
                                               void *stream,
                                               uint8_t *target) const {
  if (!workspace.bytes)
    return {}; // The kernel doesn't touch it: one CTA takes all keys of a tile.
  const size_t bytes = workspace.bytes;
  void *memory = given.data;
  if (memory) {
    if (given.bytes < bytes ||
        reinterpret_cast<uintptr_t>(memory) % Workspace::kAlignment)
      return wrong(fmt::format("expected a workspace of {} bytes at a multiple "
                               "of {}, got {} at {}",
                               bytes, Workspace::kAlignment, given.bytes,
                               memory));
  } else {
    const Context &context = kernel.context();
    Result<void *> found = context.workspaces().find(
        context.driver(), static_cast<StreamHandle>(stream), bytes);
    if (!found)
      return found.error();
    memory = *found;
  }
  for (const WorkspaceSlot &slot : workspaceSlots) {
    void *address = static_cast<uint8_t *>(memory) + slot.piece;
    std::memcpy(target + slot.offset, &address, sizeof(address));
  }
  return {};
}

Result<void> LaunchPlan::State::writeMaps(const Pointers &pointers,
                                          uint8_t *target) const {
  auto address = [&](const MapSlot &slot) {
    return pointers[static_cast<size_t>(slot.shape.operand)];
  };
  bool areKnown = true;
  {
    std::lock_guard lock(mutex);
    for (const MapSlot &slot : mapSlots) {
      if (slot.address && slot.address == address(slot))
        std::memcpy(target + slot.offset, &slot.map, sizeof(TensorMap));
      else
        areKnown = false;
    }
  }
  if (areKnown)
    return {};

  // The shapes never change, so they are read without the lock, which is not
  // held while the driver encodes.
  for (const MapSlot &slot : mapSlots) {
    if (!address(slot))
      return wrong(fmt::format("expected a device pointer of {}, got null",
                               toString(slot.shape.operand)));
    TensorMap map;
    if (Result<void> ok =
            slot.shape.encode(kernel.context().driver(), address(slot), map);
        !ok)
      return ok;
    std::memcpy(target + slot.offset, &map, sizeof(TensorMap));
  }
  std::lock_guard lock(mutex);
  for (MapSlot &slot : mapSlots) {
    slot.address = address(slot);
    std::memcpy(&slot.map, target + slot.offset, sizeof(TensorMap));
  }
  return {};
}

Result<void> LaunchPlan::fill(const Pointers &pointers, LaunchFrame &frame,
                              const WorkspaceMemory &workspace,
                              void *stream) const {
  std::copy(state->bytes.begin(), state->bytes.end(), frame.bytes);
  if (Result<void> ok = state->writePointers(pointers, frame.bytes); !ok)
    return ok;
  if (Result<void> ok = state->writeMaps(pointers, frame.bytes); !ok)
    return ok;
  if (Result<void> ok = state->writeWorkspace(workspace, stream, frame.bytes);
      !ok)
    return ok;
  for (size_t i = 0; i < state->offsets.size(); ++i)
    frame.parameters[i] = frame.bytes + state->offsets[i];
  return {};
}

DriverStatus LaunchPlan::start(const LaunchFrame &frame, void *stream) const {
  const Kernel &kernel = state->kernel;
  const KernelImage &image = kernel.image();
  return kernel.context().driver()->launchKernel(
      kernel.function(), state->gridSize, 1, 1, image.threads, 1, 1,
      image.dynamicSharedBytes, static_cast<StreamHandle>(stream),
      const_cast<void **>(frame.parameters), nullptr);
}

Result<void> LaunchPlan::launch(const Pointers &pointers, void *stream,
                                const WorkspaceMemory &workspace) const {
  const Context &context = state->kernel.context();
  // Tensor maps, too, are made in the kernel's context.
  ContextScope scope(context);
  if (Result<void> ok = scope.status(); !ok)
    return ok;
  LaunchFrame frame;
  if (Result<void> ok = fill(pointers, frame, workspace, stream); !ok)
    return ok;
  return context.driver().check("cuLaunchKernel", start(frame, stream));
}

const Problem &LaunchPlan::problem() const { return state->problem; }
const Kernel &LaunchPlan::kernel() const { return state->kernel; }
uint32_t LaunchPlan::gridSize() const { return state->gridSize; }
int32_t LaunchPlan::splits() const { return state->grid[3]; }
size_t LaunchPlan::workspaceBytes() const { return state->workspace.bytes; }
