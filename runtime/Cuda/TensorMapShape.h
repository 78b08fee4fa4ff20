//===- TensorMapShape.h - What a tensor map says but its address *- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// All that can be wrong with a tensor map besides its address is found when a
// plan is made, in the problem's own terms; the driver only says "invalid".
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_RUNTIME_CUDA_TENSORMAPSHAPE_H
#define PARALLAX_RUNTIME_CUDA_TENSORMAPSHAPE_H

#include "runtime/Cuda/Driver.h"

#include "parallax/KernelImage.h"

#include <array>

namespace parallax {

/// Dimensions are head dimension, heads, length and batch, fastest first.
class TensorMapShape {
public:
  /// Of the operand and box of `parameter`. Returns InvalidArgument for strides
  /// that TMA can't take.
  static Result<TensorMapShape> create(const Problem &problem,
                                       const KernelParameter &parameter);

  /// The map at `address`, a device pointer. Returns InvalidArgument if it is
  /// not a multiple of kAlignment.
  Result<void> encode(const Driver &driver, const void *address,
                      TensorMap &map) const;

  static constexpr int kRank = 4;
  static constexpr int64_t kAlignment = 16; ///< Bytes; of strides too.

  std::array<uint64_t, kRank> sizes;
  std::array<uint64_t, kRank - 1> strides; ///< Bytes; of all but the first.
  std::array<uint32_t, kRank> box;
  int elementType; ///< CUtensorMapDataType.
  Operand operand;
};

} // namespace parallax

#endif // PARALLAX_RUNTIME_CUDA_TENSORMAPSHAPE_H
