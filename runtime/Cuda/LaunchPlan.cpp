//===- LaunchPlan.cpp - Starts a kernel on a stream -----------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Cuda/LaunchPlan.h"

#include "runtime/Cuda/LaunchPlanState.h"
#include "runtime/Cuda/Workspaces.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

using namespace parallax;

static Error wrong(std::string message) {
  return {ErrorCode::InvalidArgument, std::move(message)};
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

static Result<void> checkWorkspace(const WorkspaceMemory &given, size_t bytes) {
  if (given.data && given.bytes >= bytes &&
      reinterpret_cast<uintptr_t>(given.data) % Workspace::kAlignment == 0)
    return {};
  return wrong(fmt::format("expected a workspace of {} bytes at a multiple of "
                           "{}, got {} at {}",
                           bytes, Workspace::kAlignment, given.bytes,
                           given.data));
}

Result<void> LaunchPlan::State::writeWorkspace(const WorkspaceMemory &given,
                                               void *stream,
                                               uint8_t *target) const {
  if (!workspace.bytes)
    return {}; // The kernel doesn't touch it: one CTA takes all keys of a tile.
  const size_t bytes = workspace.bytes;
  void *memory = given.data;
  if (memory) {
    if (Result<void> ok = checkWorkspace(given, bytes); !ok)
      return ok;
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
  const Driver &driver = kernel.context().driver();
  const auto &[x, y, z] = state->dimensions;
  const auto threads = static_cast<uint32_t>(image.threads);
  const auto bytes = static_cast<uint32_t>(image.dynamicSharedBytes);
  auto *handle = static_cast<StreamHandle>(stream);
  auto **parameters = const_cast<void **>(frame.parameters);
  LaunchAttribute attributes[2];
  uint32_t count = 0;
  if (state->grid[7] != 1)
    attributes[count++] = {LaunchAttribute::kClusterDimension,
                           0,
                           {1, uint32_t(state->grid[7]), 1}};
  if (state->isProgrammatic)
    attributes[count++] = {
        LaunchAttribute::kProgrammaticStreamSerialization, 0, {1}};
  const LaunchConfiguration configuration = {{x, y, z}, {threads, 1, 1}, bytes,
                                             handle,    attributes,      count};
  return driver->launchKernelEx(&configuration, kernel.function(), parameters,
                                nullptr);
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
  return context.driver().check("cuLaunchKernelEx", start(frame, stream));
}

Result<void> LaunchPlan::clearWorkspace(const WorkspaceMemory &workspace,
                                        void *stream) const {
  if (!workspace.bytes && !workspaceBytes())
    return {}; // Of a plan that needs none.
  // Another plan may need more, and one that needs none may clear for it.
  if (Result<void> ok =
          checkWorkspace(workspace, std::max<size_t>(workspaceBytes(),
                                                     Workspace::kTicketBytes));
      !ok)
    return ok;
  const Context &context = state->kernel.context();
  ContextScope scope(context);
  if (Result<void> ok = scope.status(); !ok)
    return ok;
  return context.driver().check(
      "cuMemsetD32Async",
      context.driver()->memorySet32(
          reinterpret_cast<DevicePointer>(workspace.data), 0,
          Workspace::kTickets, static_cast<StreamHandle>(stream)));
}

const Problem &LaunchPlan::problem() const { return state->problem; }
const Kernel &LaunchPlan::kernel() const { return state->kernel; }
uint32_t LaunchPlan::gridSize() const {
  const auto &[x, y, z] = state->dimensions;
  return x * y * z;
}
int32_t LaunchPlan::cluster() const { return state->grid[7]; }
int32_t LaunchPlan::splits() const { return state->grid[3]; }
size_t LaunchPlan::workspaceBytes() const { return state->workspace.bytes; }
