//===- stream.cu - Reads keys and values and does nothing with them -------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The floor of a decode: no kernel reads the used part of a cache faster than
// one that only does that. As the generated kernels do, it copies tiles of 64
// keys of one head with TMA, 64 columns a box, through a ring of kStages; the
// keys of a sequence are split among `heads / keyHeads` blocks.
//
// It includes nothing, so that NVRTC needs no headers. Blocks have kThreads
// threads and 1024 bytes more of dynamic shared memory than the ring takes.
//
//===----------------------------------------------------------------------===//

namespace {

constexpr int kThreads = 128;
constexpr int kStages = 3;
constexpr int kTileKeys = 64;
constexpr int kBoxColumns = 64;
constexpr unsigned kBoxBytes = kTileKeys * kBoxColumns * 2;

/// A CUtensorMap of dimensions (head dimension, heads, length, batch).
struct alignas(64) TensorMap {
  unsigned long long words[16];
};

__device__ unsigned sharedAddress(const void *pointer) {
  return (unsigned)__cvta_generic_to_shared(pointer);
}

__device__ void initialize(unsigned barrier) {
  asm volatile("mbarrier.init.shared::cta.b64 [%0], 1;" ::"r"(barrier)
               : "memory");
}

__device__ void expectBytes(unsigned barrier, unsigned bytes) {
  asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(
                   barrier),
               "r"(bytes)
               : "memory");
}

__device__ void wait(unsigned barrier, unsigned parity) {
  unsigned isDone;
  do
    asm volatile("{\n"
                 ".reg .pred done;\n"
                 "mbarrier.try_wait.parity.shared::cta.b64 done, [%1], %2;\n"
                 "selp.u32 %0, 1, 0, done;\n"
                 "}\n"
                 : "=r"(isDone)
                 : "r"(barrier), "r"(parity)
                 : "memory");
  while (!isDone);
}

__device__ void copyBox(unsigned target, const TensorMap &map, int column,
                        int head, int token, int batch, unsigned barrier) {
  asm volatile("cp.async.bulk.tensor.4d.shared::cluster.global.tile.mbarrier"
               "::complete_tx::bytes [%0], [%1, {%2, %3, %4, %5}], [%6];" ::"r"(
                   target),
               "l"(&map), "r"(column), "r"(head), "r"(token), "r"(batch),
               "r"(barrier)
               : "memory");
}

} // namespace

/// `sink` is written only if the sum of some of what was read is one certain
/// number, so that the reads are not in vain.
extern "C" __global__ void __launch_bounds__(kThreads)
    parallax_stream(const __grid_constant__ TensorMap keys,
                    const __grid_constant__ TensorMap values,
                    const int *usedLengths, int keyHeads, int heads,
                    int headDim, float *sink) {
  extern __shared__ char dynamic[];
  __shared__ unsigned long long barriers[kStages];
  // The swizzle repeats every 1024 bytes.
  const unsigned ring = (sharedAddress(dynamic) + 1023) & ~1023u;
  const int boxes = (headDim + kBoxColumns - 1) / kBoxColumns;
  const unsigned stageBytes = 2 * boxes * kBoxBytes;

  if (threadIdx.x == 0) {
    for (int stage = 0; stage < kStages; ++stage)
      initialize(sharedAddress(&barriers[stage]));
    asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory");
  }
  // Earlier launches are complete behind it, also if this one has started
  // before.
  asm volatile("griddepcontrol.wait;" ::: "memory");

  const int splits = heads / keyHeads;
  const int split = blockIdx.x % splits;
  const int head = blockIdx.x / splits % keyHeads;
  const int batch = blockIdx.x / splits / keyHeads;
  const int tiles = (usedLengths[batch] + kTileKeys - 1) / kTileKeys;
  const int share = (tiles + splits - 1) / splits;
  const int first = split * share;
  const int count = min(tiles - first, share);
  __syncthreads();

  auto issue = [&](int tile) {
    const unsigned barrier = sharedAddress(&barriers[tile % kStages]);
    unsigned target = ring + tile % kStages * stageBytes;
    expectBytes(barrier, stageBytes);
    const TensorMap *const maps[] = {&keys, &values};
    for (const TensorMap *map : maps)
      for (int box = 0; box < boxes; ++box, target += kBoxBytes)
        copyBox(target, *map, box * kBoxColumns, head,
                (first + tile) * kTileKeys, batch, barrier);
  };
  if (threadIdx.x == 0)
    for (int tile = 0; tile < kStages && tile < count; ++tile)
      issue(tile);
  float sum = 0;
  for (int tile = 0; tile < count; ++tile) {
    wait(sharedAddress(&barriers[tile % kStages]), tile / kStages & 1);
    float read;
    asm volatile("ld.shared.f32 %0, [%1];"
                 : "=f"(read)
                 : "r"(ring + tile % kStages * stageBytes + threadIdx.x * 4)
                 : "memory");
    sum += read;
    __syncthreads(); // All have read before the stage is filled again.
    if (threadIdx.x == 0 && tile + kStages < count)
      issue(tile + kStages);
  }
  if (sum == 1234.5678f)
    *sink = sum;
}
