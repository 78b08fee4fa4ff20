//===- TensorMapShape.cpp - What a tensor map says but its address -------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Cuda/TensorMapShape.h"

#include "lib/Data/OperandShape.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

using namespace parallax;

namespace {

// CUtensorMapDataType, CUtensorMapInterleave, CUtensorMapSwizzle,
// CUtensorMapL2promotion and CUtensorMapFloatOOBfill.
constexpr int kUInt8 = 0, kFloat16 = 6, kFloat32 = 7, kBFloat16 = 9;
constexpr int kNoInterleave = 0;
constexpr int kSwizzle128Bytes = 3;
constexpr int kPromote128Bytes = 2;
constexpr int kFillZero = 0;

constexpr int64_t kSwizzleBytes = 128;
constexpr int64_t kMaxBox = 256;
constexpr int64_t kStrideLimit = int64_t(1) << 40;

int elementTypeOf(DType dtype) {
  switch (dtype) {
  case DType::F32:
    return kFloat32;
  case DType::BF16:
    return kBFloat16;
  case DType::F16:
    return kFloat16;
  case DType::E4M3:
    return kUInt8;
  }
  return kFloat32;
}

Error wrong(std::string message) {
  return {ErrorCode::InvalidArgument, std::move(message)};
}

} // namespace

Result<TensorMapShape>
TensorMapShape::create(const Problem &problem,
                       const KernelParameter &parameter) {
  const bool isPool = problem.isPaged() && (parameter.operand == Operand::K ||
                                            parameter.operand == Operand::V);
  const std::string_view names[kRank] = {isPool ? "page" : "batch", "length",
                                         "heads", "head dimension"};
  const std::string_view name = toString(parameter.operand);
  const OperandShape shape = OperandShape::of(problem, parameter.operand);
  if (shape.rank != kRank)
    return wrong(
        fmt::format("expected a tensor map of q, r, k, v or o, got {}", name));

  TensorMapShape map;
  map.operand = parameter.operand;
  const bool isKey =
      parameter.operand == Operand::K || parameter.operand == Operand::V;
  map.elementType = elementTypeOf(isKey ? problem.keyDType() : problem.dtype);
  for (int i = 0; i < kRank; ++i) {
    // A map's dimension i is dimension 2, 1, 0 of the operand, after the last.
    const int dim = i == 0 ? 3 : 3 - i;
    const int64_t size = shape.sizes[dim];
    const int64_t box = parameter.box[i];
    if (box < 1 || box > kMaxBox)
      return wrong(fmt::format("expected a box of {} in [1, {}] {}, got {}",
                               name, kMaxBox, names[dim], box));
    map.sizes[i] = size;
    map.box[i] = box;
    if (i == 0)
      continue;
    // Of one batch or head the stride is of no meaning, and may be anything.
    int64_t bytes;
    if (size == 1)
      bytes = kAlignment;
    else if (__builtin_mul_overflow(shape.strides[dim], shape.elementBytes,
                                    &bytes) ||
             bytes >= kStrideLimit)
      return wrong(fmt::format("expected a {} stride of {} below 2^40 bytes, "
                               "got {} elements of {} bytes",
                               names[dim], name, shape.strides[dim],
                               shape.elementBytes));
    if (bytes < 0 || bytes % kAlignment)
      return wrong(fmt::format("expected a {} stride of {} that is a multiple "
                               "of {} bytes, got {} elements of {} bytes",
                               names[dim], name, kAlignment, shape.strides[dim],
                               shape.elementBytes));
    map.strides[i - 1] = bytes;
  }
  const int64_t rowBytes = map.box[0] * shape.elementBytes;
  if (rowBytes > kSwizzleBytes || rowBytes % kAlignment)
    return wrong(fmt::format("expected a box of {} whose rows are a multiple "
                             "of {} and at most {} bytes, got {}",
                             name, kAlignment, kSwizzleBytes, rowBytes));
  return map;
}

Result<void> TensorMapShape::encode(const Driver &driver, const void *address,
                                    TensorMap &map) const {
  if (reinterpret_cast<uintptr_t>(address) % kAlignment)
    return wrong(fmt::format("expected {} at a multiple of {} bytes, got {}",
                             toString(operand), kAlignment, address));
  constexpr uint32_t elementStrides[kRank] = {1, 1, 1, 1};
  DriverStatus status = driver->tensorMapEncode(
      &map, elementType, kRank, const_cast<void *>(address), sizes.data(),
      strides.data(), box.data(), elementStrides, kNoInterleave,
      kSwizzle128Bytes, kPromote128Bytes, kFillZero);
  if (status == 0) [[likely]]
    return {};
  Error error = driver.error("cuTensorMapEncodeTiled", status);
  error.message += fmt::format("; {} of sizes {}, strides {} bytes, box {}",
                               toString(operand), sizes, strides, box);
  return error;
}
