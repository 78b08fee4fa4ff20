//===- VerifyProblem.cpp - Whether a problem is right ---------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "parallax/Problem.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <vector>

using namespace parallax;

namespace {

Error wrong(std::string message) {
  return {ErrorCode::InvalidArgument, std::move(message)};
}

constexpr int64_t kMaxSize = std::numeric_limits<int32_t>::max();

/// Sizes are int32 in a kernel; elements and bytes are not.
Result<void> verifySize(std::string_view name, int64_t size) {
  if (size == kDynamic || (size >= 1 && size <= kMaxSize))
    return {};
  return wrong(
      fmt::format("expected {} in [1, {}], got {}", name, kMaxSize, size));
}

struct Tensor {
  std::string_view name;
  Strides strides;
  int64_t batch, length, heads;
  DType dtype;
  std::string_view batchName = "batch";
};

std::vector<Tensor> tensorsOf(const Problem &p) {
  const int64_t keys = p.isPaged() ? p.pageSize : p.keyLength;
  const int64_t sequences = p.isPaged() ? p.pages : p.batch;
  const std::string_view name = p.isPaged() ? "page" : "batch";
  std::vector<Tensor> tensors;
  if (p.kind != ProblemKind::Merge)
    tensors = {{"q", p.q, p.batch, p.queryLength, p.queryHeads, p.dtype},
               {"r", p.r, p.batch, p.queryLength, p.queryHeads, p.dtype},
               {"k", p.k, sequences, keys, p.kvHeads, p.keyDType(), name},
               {"v", p.v, sequences, keys, p.kvHeads, p.keyDType(), name}};
  if (p.newLength)
    for (auto [name, strides] : {std::pair("new_k", p.newK), {"new_v", p.newV}})
      tensors.push_back(
          {name, strides, p.batch, *p.newLength, p.kvHeads, p.keyDType()});
  if (p.writesOutput)
    tensors.push_back(
        {"o", p.o, p.batch, p.queryLength, p.queryHeads, p.dtype});
  return tensors;
}

struct Dimension {
  std::string_view name;
  int64_t size, stride;
};

/// Strides are positive, or 0 for an input that is repeated. Two elements of an
/// output never share an address: each stride steps over all that the smaller
/// ones reach. Offsets in bytes fit in 64 bits.
Result<void> verifyStrides(const Tensor &tensor, const Problem &p,
                           bool isOutput) {
  auto &[name, strides, batch, length, heads, dtype, batchName] = tensor;
  std::array<Dimension, 3> dims = {{{batchName, batch, strides.batch},
                                    {"length", length, strides.length},
                                    {"heads", heads, strides.head}}};
  for (const Dimension &dim : dims)
    if (dim.stride < 0 && dim.stride != kDynamic)
      return wrong(fmt::format("expected the {} stride of {} to be 0 or more, "
                               "got {}",
                               dim.name, name, dim.stride));
  std::sort(dims.begin(), dims.end(),
            [](const auto &x, const auto &y) { return x.stride < y.stride; });
  int64_t reach = p.headDim;
  for (const Dimension &dim : dims) {
    if (dim.stride == kDynamic || dim.size == kDynamic)
      return {}; // Not known yet.
    if (dim.size == 1)
      continue;
    if (isOutput && dim.stride < reach)
      return wrong(fmt::format(
          "expected {} without overlap, a {} stride of at least {}, got {}",
          name, dim.name, reach, dim.stride));
    int64_t last, bytes;
    if (__builtin_mul_overflow(dim.stride, dim.size - 1, &last) ||
        __builtin_add_overflow(last, reach, &reach) ||
        __builtin_mul_overflow(reach, sizeInBytes(dtype), &bytes))
      return wrong(fmt::format("expected {} to span less than 2^63 bytes, got "
                               "{} elements with a {} stride of {}",
                               name, dim.size, dim.name, dim.stride));
  }
  return {};
}

/// An enumerator that came as a number, from C or from a file.
template <typename T> Result<void> verifyName(std::string_view what, T value) {
  if (toString(value) != "unknown")
    return {};
  return wrong(fmt::format("expected a {} that has a name, got {}", what,
                           static_cast<int>(value)));
}

/// Pages of a cache, or none.
Result<void> verifyPages(const Problem &p) {
  constexpr int64_t most = 256;
  if (!p.isPaged()) {
    if (p.pages == kDynamic && p.blockTableStride == kDynamic)
      return {};
    return wrong(fmt::format("expected a page size beside pages or a block "
                             "table, got {} pages and a stride of {}",
                             p.pages, p.blockTableStride));
  }
  if (p.kind != ProblemKind::Decode)
    return wrong(fmt::format("expected no pages in a {}, got a page size of "
                             "{}; use decode for a cache",
                             toString(p.kind), p.pageSize));
  if (p.pageSize < 1 || p.pageSize > most ||
      !std::has_single_bit(static_cast<uint64_t>(p.pageSize)))
    return wrong(fmt::format("expected a page size that is a power of two in "
                             "[1, {}], got {}",
                             most, p.pageSize));
  if (Result<void> ok = verifySize("pages", p.pages); !ok)
    return ok;
  if (p.keyLength != kDynamic && p.keyLength % p.pageSize)
    return wrong(fmt::format("expected a key length of whole pages, a multiple "
                             "of {}, got {}; used lengths may end anywhere",
                             p.pageSize, p.keyLength));
  if (p.blockTableStride < 0 && p.blockTableStride != kDynamic)
    return wrong(fmt::format("expected the row stride of block_table to be 0 "
                             "or more, got {}",
                             p.blockTableStride));
  int64_t elements;
  if (p.batch != kDynamic && p.blockTableStride != kDynamic &&
      (__builtin_mul_overflow(p.blockTableStride, p.batch, &elements) ||
       elements > kMaxSize))
    return wrong(fmt::format("expected block_table to span less than 2^31 "
                             "elements, got {} rows with a stride of {}",
                             p.batch, p.blockTableStride));
  return {};
}

/// The element types, and the scales of a cache.
Result<void> verifyTypes(const Problem &p) {
  if (p.dtype == DType::E4M3)
    return wrong("expected dtype f32, bf16 or f16, that of q, r and o, got "
                 "e4m3; only a cache, k and v of a decode, can be e4m3");
  const bool hasOwn = p.keyDType() != p.dtype;
  if (hasOwn && p.keyDType() != DType::E4M3)
    return wrong(fmt::format("expected k and v of {}, that of q, or e4m3, got "
                             "{}",
                             toString(p.dtype), toString(p.keyDType())));
  if (hasOwn && p.kind != ProblemKind::Decode)
    return wrong(fmt::format("expected k and v of {}, that of q, in a {}, got "
                             "e4m3; use decode for up to 16 query tokens, or "
                             "convert k and v first",
                             toString(p.dtype), toString(p.kind)));
  for (auto [given, stride, name] :
       {std::tuple(p.keyScale, p.keyScaleStride, "k_scale"),
        {p.valueScale, p.valueScaleStride, "v_scale"}}) {
    if (!given && stride == kDynamic)
      continue;
    if (!given)
      return wrong(fmt::format("expected a stride of {0} only beside {0}, got "
                               "{1}",
                               name, stride));
    if (!hasOwn)
      return wrong(fmt::format("expected no {} without k and v of e4m3, got "
                               "one beside {}",
                               name, toString(p.dtype)));
    int64_t elements;
    if ((stride < 0 && stride != kDynamic) ||
        (stride != kDynamic && p.kvHeads != kDynamic &&
         (__builtin_mul_overflow(stride, p.kvHeads, &elements) ||
          elements > kMaxSize)))
      return wrong(fmt::format("expected a stride of {} of 0 or more, which "
                               "stays below 2^31 elements, got {}",
                               name, stride));
  }
  return {};
}

/// Tokens that are appended, or none.
Result<void> verifyAppend(const Problem &p) {
  if (!p.newLength)
    return {};
  if (p.kind != ProblemKind::Decode)
    return wrong(fmt::format("expected no new keys in a {}, got some; use "
                             "decode for a cache",
                             toString(p.kind)));
  if (Result<void> ok = verifySize("new length", *p.newLength); !ok)
    return ok;
  if (p.keyLength != kDynamic && *p.newLength > p.keyLength)
    return wrong(fmt::format("expected a new length of at most the cache's {}, "
                             "got {}",
                             p.keyLength, *p.newLength));
  return {};
}

/// What a merge has, and what only a merge has.
Result<void> verifyMerge(const Problem &p) {
  if (p.kind != ProblemKind::Merge) {
    if (p.parts == kDynamic)
      return {};
    return wrong(fmt::format("expected no parts in a {}, got {}; use merge",
                             toString(p.kind), p.parts));
  }
  if (Result<void> ok = verifySize("parts", p.parts); !ok)
    return ok;
  if (p.keyLength != kDynamic || p.kvHeads != kDynamic || p.usedLengths ||
      p.mask != MaskKind::None || p.window || p.scale)
    return wrong("expected no keys, mask, window and scale in a merge, got "
                 "some; its states have seen them");
  if (p.outputs.rowMax || p.outputs.d1)
    return wrong("expected no row_max and d1 of a merge, got some; a state "
                 "holds them relative to its own m");
  int64_t bytes = 4 * p.headDim;
  for (int64_t size : {p.parts, p.batch, p.queryLength, p.queryHeads})
    if (size != kDynamic && __builtin_mul_overflow(bytes, size, &bytes))
      return wrong("expected states that span less than 2^63 bytes, got more");
  return {};
}

} // namespace

Result<void> parallax::verify(const Problem &p) {
  for (const Result<void> &ok :
       {verifyName("kind", p.kind), verifyName("dtype", p.dtype),
        verifyName("cache dtype", p.keyDType()), verifyName("mask", p.mask)})
    if (!ok)
      return ok;
  const std::pair<std::string_view, int64_t> sizes[] = {
      {"batch", p.batch},
      {"query length", p.queryLength},
      {"key length", p.keyLength},
      {"query heads", p.queryHeads},
      {"key heads", p.kvHeads}};
  for (auto [name, size] : sizes)
    if (Result<void> ok = verifySize(name, size); !ok)
      return ok;
  if (p.headDim < 8 || p.headDim > 256 || p.headDim % 8)
    return wrong(fmt::format(
        "expected a head dimension that is a multiple of 8 in [8, 256], got {}",
        p.headDim));
  if (p.queryHeads != kDynamic && p.kvHeads != kDynamic &&
      p.queryHeads % p.kvHeads)
    return wrong(fmt::format("expected query heads to be a multiple of key "
                             "heads, got {} and {}",
                             p.queryHeads, p.kvHeads));
  if (p.kind == ProblemKind::Decode && p.queryLength > 16)
    return wrong(fmt::format("expected 1 to 16 query tokens in a decode, got "
                             "{}; use forward for more",
                             p.queryLength));
  if (p.kind == ProblemKind::Forward && p.usedLengths)
    return wrong("expected no used lengths in a forward, got some; use decode "
                 "for a cache");
  if (p.window) {
    if (p.mask != MaskKind::Causal)
      return wrong(fmt::format("expected a causal mask beside a window, got {}",
                               toString(p.mask)));
    if (*p.window != kDynamic && (*p.window < 1 || *p.window > kMaxSize))
      return wrong(fmt::format("expected a window in [1, {}], got {}", kMaxSize,
                               *p.window));
  }
  if (p.scale && !std::isfinite(static_cast<float>(*p.scale)))
    return wrong(
        fmt::format("expected a finite float32 scale, got {}", *p.scale));
  if (!p.writesOutput && !p.state && p.outputs == RowOutputs())
    return wrong("expected an output, got none");
  for (const Result<void> &ok :
       {verifyMerge(p), verifyTypes(p), verifyPages(p), verifyAppend(p)})
    if (!ok)
      return ok;
  for (const Tensor &t : tensorsOf(p)) {
    const bool isWritten =
        t.name == "o" || (p.newLength && (t.name == "k" || t.name == "v"));
    if (Result<void> ok = verifyStrides(t, p, isWritten); !ok)
      return ok;
  }
  return {};
}

Result<void> parallax::verifyForLaunch(const Problem &p) {
  const bool hasKeys = p.kind != ProblemKind::Merge;
  const std::pair<std::string_view, int64_t> sizes[] = {
      {"batch", p.batch},
      {"query length", p.queryLength},
      {"key length", hasKeys ? p.keyLength : 1},
      {"query heads", p.queryHeads},
      {"key heads", hasKeys ? p.kvHeads : 1},
      {"window", p.window.value_or(1)},
      {"pages", p.isPaged() ? p.pages : 1},
      {"parts", hasKeys ? 1 : p.parts},
      {"new length", p.newLength.value_or(1)}};
  for (auto [name, size] : sizes)
    if (size == kDynamic)
      return wrong(fmt::format("expected {} to be given for a launch", name));
  for (const Tensor &t : tensorsOf(p))
    if (t.strides.batch == kDynamic || t.strides.length == kDynamic ||
        t.strides.head == kDynamic)
      return wrong(fmt::format(
          "expected the strides of {} to be given for a launch", t.name));
  if (p.isPaged() && p.blockTableStride == kDynamic)
    return wrong("expected the row stride of block_table to be given for a "
                 "launch");
  for (auto [given, stride, name] :
       {std::tuple(p.keyScale, p.keyScaleStride, "k_scale"),
        {p.valueScale, p.valueScaleStride, "v_scale"}})
    if (given && stride == kDynamic)
      return wrong(fmt::format(
          "expected the stride of {} to be given for a launch", name));
  return verify(p);
}
