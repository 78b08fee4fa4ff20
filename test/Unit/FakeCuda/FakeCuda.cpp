//===- FakeCuda.cpp - A CUDA driver for tests -----------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/Unit/FakeCuda/FakeCuda.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>

using namespace parallax;
using namespace parallax::fake;

static std::unique_ptr<Cuda> instance = std::make_unique<Cuda>();
static thread_local std::vector<ContextHandle> stack;

Cuda &fake::reset() {
  instance = std::make_unique<Cuda>();
  stack.clear();
  return *instance;
}

Cuda &fake::cuda() { return *instance; }

ContextHandle fake::context(int n) {
  return reinterpret_cast<ContextHandle>(0x1000 * (n + 1));
}

void fake::setCurrent(ContextHandle context) { stack = {context}; }

ContextHandle fake::current() { return stack.empty() ? nullptr : stack.back(); }

/// Records the call; returns from the caller if it is to fail.
#define CALLED()                                                               \
  Cuda &c = *instance;                                                         \
  std::lock_guard lock(c.mutex);                                               \
  ++c.calls[__func__];                                                         \
  if (auto failure = c.failures.find(__func__); failure != c.failures.end())   \
  return failure->second

#define FAKE extern "C" __attribute__((visibility("default"))) DriverStatus

// NOLINTBEGIN(readability-identifier-naming): the driver's own names.
FAKE cuInit(unsigned) {
  CALLED();
  return 0;
}
FAKE cuDriverGetVersion(int *version) {
  CALLED();
  *version = c.version;
  return 0;
}
FAKE cuGetErrorName(DriverStatus status, const char **name) {
  *name = status == 1 ? "CUDA_ERROR_INVALID_VALUE" : nullptr;
  return *name ? 0 : 1;
}
FAKE cuGetErrorString(DriverStatus status, const char **text) {
  *text = status == 1 ? "invalid argument" : nullptr;
  return *text ? 0 : 1;
}
FAKE cuDeviceGetCount(int *count) {
  CALLED();
  *count = c.devices;
  return 0;
}
FAKE cuDeviceGet(DeviceHandle *device, int ordinal) {
  CALLED();
  *device = ordinal;
  return 0;
}
FAKE cuDeviceGetName(char *name, int size, DeviceHandle) {
  CALLED();
  std::strncpy(name, "Fake H200", size);
  return 0;
}
FAKE cuDeviceGetAttribute(int *value, int attribute, DeviceHandle) {
  CALLED();
  *value = attribute == 75   ? c.capability / 10
           : attribute == 76 ? c.capability % 10
           : attribute == 97 ? c.maxSharedBytes
           : attribute == 16 ? c.multiprocessors
                             : -1;
  return 0;
}
FAKE cuDevicePrimaryCtxRetain(ContextHandle *result, DeviceHandle device) {
  CALLED();
  ++c.retained;
  *result = context(device);
  return 0;
}
FAKE cuDevicePrimaryCtxGetState(DeviceHandle, unsigned *flags, int *active) {
  CALLED();
  *flags = 0;
  *active = c.retained > 0;
  return 0;
}
FAKE cuDevicePrimaryCtxRelease_v2(DeviceHandle) {
  CALLED();
  --c.retained;
  return 0;
}
FAKE cuCtxGetCurrent(ContextHandle *result) {
  CALLED();
  *result = current();
  return 0;
}
FAKE cuCtxGetDevice(DeviceHandle *device) {
  CALLED();
  *device = 0;
  return 0;
}
FAKE cuCtxGetId(ContextHandle handle, uint64_t *id) {
  CALLED();
  *id = reinterpret_cast<uintptr_t>(handle) + 1;
  return 0;
}
FAKE cuCtxPushCurrent_v2(ContextHandle handle) {
  CALLED();
  stack.push_back(handle);
  return 0;
}
FAKE cuCtxPopCurrent_v2(ContextHandle *handle) {
  CALLED();
  *handle = current();
  stack.pop_back();
  return 0;
}
FAKE cuModuleLoadDataEx(ModuleHandle *module, const void *image,
                        unsigned numOptions, int *options, void **values) {
  CALLED();
  c.captureModeAtLoad = c.captureMode;
  bool isCubin = std::memcmp(image, "\177ELF", 4) == 0;
  if (isCubin ? c.refusesCubin : c.refusesPtx) {
    char *log = nullptr;
    size_t size = 0;
    for (unsigned i = 0; i < numOptions; ++i) {
      if (options[i] == 5)
        log = static_cast<char *>(values[i]);
      if (options[i] == 6)
        size = reinterpret_cast<size_t>(values[i]);
    }
    if (log)
      std::strncpy(log, c.assemblerLog.c_str(), size);
    return isCubin ? 209 : 222;
  }
  ++c.modules;
  *module = reinterpret_cast<ModuleHandle>(isCubin ? 0x100 : 0x200);
  return 0;
}
FAKE cuModuleUnload(ModuleHandle) {
  CALLED();
  --c.modules;
  return 0;
}
FAKE cuModuleGetFunction(FunctionHandle *function, ModuleHandle,
                         const char *name) {
  CALLED();
  if (std::string(name) == "other")
    return 500;
  *function = reinterpret_cast<FunctionHandle>(0x300);
  return 0;
}
FAKE cuFuncSetAttribute(FunctionHandle, int attribute, int value) {
  CALLED();
  c.attributes[attribute] = value;
  return 0;
}
FAKE cuFuncLoad(FunctionHandle) {
  CALLED();
  return 0;
}
FAKE cuThreadExchangeStreamCaptureMode(int *mode) {
  CALLED();
  std::swap(*mode, c.captureMode);
  return 0;
}
FAKE cuTensorMapEncodeTiled(TensorMap *map, int elementType, uint32_t rank,
                            void *address, const uint64_t *sizes,
                            const uint64_t *strides, const uint32_t *box,
                            const uint32_t *elementStrides, int interleave,
                            int swizzle, int l2Promotion, int fill) {
  CALLED();
  if (!current())
    return 201; // CUDA_ERROR_INVALID_CONTEXT, as on a card.
  c.encodings.push_back({address,
                         elementType,
                         {sizes, sizes + rank},
                         {strides, strides + rank - 1},
                         {box, box + rank},
                         {elementStrides, elementStrides + rank},
                         interleave,
                         swizzle,
                         l2Promotion,
                         fill});
  *map = {};
  map->words[0] = reinterpret_cast<uintptr_t>(address);
  map->words[15] = 15;
  return reinterpret_cast<uintptr_t>(map) % alignof(TensorMap) ? 1 : 0;
}
/// Remembers a launch, whose sizes `launch` has.
static DriverStatus record(Cuda &c, Launch launch, void **parameters) {
  if (!c.recordsLaunches)
    return 0;
  launch.context = current();
  for (size_t i = 0; i < c.parameterBytes.size(); ++i) {
    const auto *bytes = static_cast<const uint8_t *>(parameters[i]);
    launch.parameters.emplace_back(bytes, bytes + c.parameterBytes[i]);
  }
  c.launches.push_back(std::move(launch));
  return 0;
}
FAKE cuLaunchKernel(FunctionHandle, unsigned gridX, unsigned gridY,
                    unsigned gridZ, unsigned blockX, unsigned blockY,
                    unsigned blockZ, unsigned sharedBytes, StreamHandle stream,
                    void **parameters, void **) {
  CALLED();
  Launch launch = {};
  launch.grid = {gridX, gridY, gridZ};
  launch.block = {blockX, blockY, blockZ};
  launch.sharedBytes = sharedBytes;
  launch.stream = stream;
  launch.cluster = {1, 1, 1};
  return record(c, std::move(launch), parameters);
}
FAKE cuLaunchKernelEx(const LaunchConfiguration *configuration, FunctionHandle,
                      void **parameters, void **) {
  CALLED();
  Launch launch = {};
  launch.cluster = {1, 1, 1};
  for (uint32_t i = 0; i != configuration->attributeCount; ++i) {
    const auto &[id, padding, value] = configuration->attributes[i];
    if (id == LaunchAttribute::kClusterDimension)
      std::copy_n(value, 3, launch.cluster.begin());
    else if (id == LaunchAttribute::kProgrammaticStreamSerialization)
      launch.isProgrammatic = value[0];
    else
      return 1;
  }
  std::copy_n(configuration->grid, 3, launch.grid.begin());
  std::copy_n(configuration->block, 3, launch.block.begin());
  launch.sharedBytes = configuration->sharedBytes;
  launch.stream = configuration->stream;
  return record(c, std::move(launch), parameters);
}
FAKE cuMemAlloc_v2(DevicePointer *address, size_t bytes) {
  CALLED();
  void *memory = std::malloc(bytes);
  if (!memory)
    return 2;
  *address = reinterpret_cast<DevicePointer>(memory);
  c.buffers.insert(*address);
  return 0;
}
FAKE cuMemFree_v2(DevicePointer address) {
  CALLED();
  if (!c.buffers.erase(address))
    return 1;
  std::free(reinterpret_cast<void *>(address));
  return 0;
}
FAKE cuMemcpyHtoD_v2(DevicePointer target, const void *source, size_t bytes) {
  CALLED();
  std::memcpy(reinterpret_cast<void *>(target), source, bytes);
  return 0;
}
FAKE cuMemcpyDtoH_v2(void *target, DevicePointer source, size_t bytes) {
  CALLED();
  std::memcpy(target, reinterpret_cast<void *>(source), bytes);
  return 0;
}
FAKE cuCtxSynchronize() {
  CALLED();
  return 0;
}
FAKE cuEventCreate(EventHandle *, unsigned) {
  CALLED();
  return 0;
}
FAKE cuEventRecord(EventHandle, StreamHandle) {
  CALLED();
  return 0;
}
FAKE cuEventSynchronize(EventHandle) {
  CALLED();
  return 0;
}
FAKE cuEventElapsedTime(float *ms, EventHandle, EventHandle) {
  CALLED();
  *ms = 1;
  return 0;
}
FAKE cuEventDestroy_v2(EventHandle) {
  CALLED();
  return 0;
}
FAKE cuStreamCreate(StreamHandle *stream, unsigned) {
  CALLED();
  *stream = reinterpret_cast<StreamHandle>(0x1000);
  return 0;
}
FAKE cuMemsetD32Async(DevicePointer address, unsigned value, size_t count,
                      StreamHandle) {
  CALLED();
  std::fill_n(reinterpret_cast<uint32_t *>(address), count, value);
  return 0;
}
FAKE cuStreamSynchronize(StreamHandle) {
  CALLED();
  return 0;
}
FAKE cuStreamGetId(StreamHandle stream, unsigned long long *id) {
  CALLED();
  if (c.captureId) // As the driver does.
    return 900;
  *id = reinterpret_cast<uintptr_t>(stream);
  return 0;
}
FAKE cuStreamGetCaptureInfo_v2(StreamHandle, int *status, uint64_t *id,
                               GraphHandle *, const void **, size_t *) {
  CALLED();
  *status = c.captureId != 0;
  *id = c.captureId;
  return 0;
}
FAKE cuStreamDestroy_v2(StreamHandle) {
  CALLED();
  return 0;
}
FAKE cuStreamBeginCapture_v2(StreamHandle, int) {
  CALLED();
  return 0;
}
FAKE cuStreamEndCapture(StreamHandle, GraphHandle *) {
  CALLED();
  return 0;
}
FAKE cuGraphInstantiateWithFlags(ExecutableGraphHandle *, GraphHandle,
                                 uint64_t) {
  CALLED();
  return 0;
}
FAKE cuGraphLaunch(ExecutableGraphHandle, StreamHandle) {
  CALLED();
  return 0;
}
FAKE cuGraphDestroy(GraphHandle) {
  CALLED();
  return 0;
}
FAKE cuGraphExecDestroy(ExecutableGraphHandle) {
  CALLED();
  return 0;
}
// NOLINTEND(readability-identifier-naming)
