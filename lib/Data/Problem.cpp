//===- Problem.cpp - An attention problem as plain data -------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "parallax/Problem.h"

#include "parallax/Target.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

using namespace parallax;

//===----------------------------------------------------------------------===//
// Names
//===----------------------------------------------------------------------===//

namespace {

template <typename T> struct Name {
  T value;
  std::string_view text;
};

constexpr Name<ProblemKind> kKinds[] = {{ProblemKind::Forward, "forward"},
                                        {ProblemKind::Decode, "decode"}};
constexpr Name<DType> kDTypes[] = {
    {DType::F32, "f32"}, {DType::BF16, "bf16"}, {DType::F16, "f16"}};
constexpr Name<MaskKind> kMasks[] = {{MaskKind::None, "none"},
                                     {MaskKind::Causal, "causal"}};

constexpr Name<Target> kTargets[] = {{Target::Cpu, "cpu"},
                                     {Target::Sm90a, "sm_90a"}};

constexpr std::string_view kUnknown = "unknown";

template <typename T, size_t N>
std::string_view nameOf(const Name<T> (&names)[N], T value) {
  for (const Name<T> &name : names)
    if (name.value == value)
      return name.text;
  return kUnknown;
}

template <typename T, size_t N>
Result<T> parse(const Name<T> (&names)[N], std::string_view what,
                std::string_view text) {
  std::string expected;
  for (const Name<T> &name : names) {
    if (name.text == text)
      return name.value;
    expected += fmt::format("{}{}", expected.empty() ? "" : ", ", name.text);
  }
  return Error{ErrorCode::InvalidArgument,
               fmt::format("expected {} to be one of {}, got '{}'", what,
                           expected, text)};
}

} // namespace

std::string_view parallax::toString(ProblemKind kind) {
  return nameOf(kKinds, kind);
}
std::string_view parallax::toString(DType dtype) {
  return nameOf(kDTypes, dtype);
}
std::string_view parallax::toString(MaskKind mask) {
  return nameOf(kMasks, mask);
}
std::string_view parallax::toString(Target target) {
  return nameOf(kTargets, target);
}
Result<Target> parallax::parseTarget(std::string_view text) {
  return parse(kTargets, "target", text);
}
Result<ProblemKind> parallax::parseProblemKind(std::string_view text) {
  return parse(kKinds, "op", text);
}
Result<DType> parallax::parseDType(std::string_view text) {
  return parse(kDTypes, "dtype", text);
}
Result<MaskKind> parallax::parseMaskKind(std::string_view text) {
  return parse(kMasks, "mask", text);
}

int64_t parallax::sizeInBytes(DType dtype) {
  return dtype == DType::F32 ? 4 : 2;
}

//===----------------------------------------------------------------------===//
// Strides and specialisation
//===----------------------------------------------------------------------===//

/// The largest stride where the product does not fit: `verify` refuses it.
static int64_t saturatingProduct(int64_t x, int64_t y) {
  int64_t product;
  return __builtin_mul_overflow(x, y, &product)
             ? std::numeric_limits<int64_t>::max()
             : product;
}

Strides Strides::blhd(int64_t length, int64_t heads, int64_t headDim) {
  const int64_t token = saturatingProduct(heads, headDim);
  return {saturatingProduct(length, token), token, headDim};
}

Strides Strides::bhld(int64_t length, int64_t heads, int64_t headDim) {
  const int64_t head = saturatingProduct(length, headDim);
  return {saturatingProduct(heads, head), headDim, head};
}

double Problem::effectiveScale() const {
  return scale.value_or(1.0 / std::sqrt(static_cast<double>(headDim)));
}

Problem parallax::withDefaultStrides(Problem p) {
  const Strides queries = Strides::blhd(p.queryLength, p.queryHeads, p.headDim);
  const Strides keys = Strides::blhd(p.keyLength, p.kvHeads, p.headDim);
  const Strides none;
  for (Strides *strides : {&p.q, &p.r, &p.o})
    if (*strides == none && p.queryLength != kDynamic &&
        p.queryHeads != kDynamic)
      *strides = queries;
  for (Strides *strides : {&p.k, &p.v})
    if (*strides == none && p.keyLength != kDynamic && p.kvHeads != kDynamic)
      *strides = keys;
  return p;
}

Problem parallax::specialized(Problem p) {
  p.batch = p.queryLength = p.keyLength = kDynamic;
  p.queryHeads = p.kvHeads = kDynamic;
  p.q = p.r = p.k = p.v = p.o = Strides();
  p.scale.reset();
  if (p.window)
    p.window = kDynamic;
  return p;
}

//===----------------------------------------------------------------------===//
// Verification
//===----------------------------------------------------------------------===//

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

struct Dimension {
  std::string_view name;
  int64_t size, stride;
};

std::array<Dimension, 3> dimensions(const Strides &strides, int64_t batch,
                                    int64_t length, int64_t heads) {
  return {{{"batch", batch, strides.batch},
           {"length", length, strides.length},
           {"heads", heads, strides.head}}};
}

/// Strides are positive, or 0 for an input that is repeated. Two elements of an
/// output never share an address: each stride steps over all that the smaller
/// ones reach. Offsets in bytes fit in 64 bits.
Result<void> verifyStrides(std::string_view name, const Strides &strides,
                           int64_t batch, int64_t length, int64_t heads,
                           const Problem &p, bool isOutput) {
  auto dims = dimensions(strides, batch, length, heads);
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
        __builtin_mul_overflow(reach, sizeInBytes(p.dtype), &bytes))
      return wrong(fmt::format("expected {} to span less than 2^63 bytes, got "
                               "{} elements with a {} stride of {}",
                               name, dim.size, dim.name, dim.stride));
  }
  return {};
}

/// An enumerator that came as a number, from C or from a file.
template <typename T> Result<void> verifyName(std::string_view what, T value) {
  if (toString(value) != kUnknown)
    return {};
  return wrong(fmt::format("expected a {} that has a name, got {}", what,
                           static_cast<int>(value)));
}

} // namespace

Result<void> parallax::verify(const Problem &p) {
  for (const Result<void> &ok :
       {verifyName("kind", p.kind), verifyName("dtype", p.dtype),
        verifyName("mask", p.mask)})
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
  struct Tensor {
    std::string_view name;
    const Strides &strides;
    int64_t length, heads;
  };
  const Tensor tensors[] = {{"q", p.q, p.queryLength, p.queryHeads},
                            {"r", p.r, p.queryLength, p.queryHeads},
                            {"k", p.k, p.keyLength, p.kvHeads},
                            {"v", p.v, p.keyLength, p.kvHeads},
                            {"o", p.o, p.queryLength, p.queryHeads}};
  for (const Tensor &t : tensors)
    if (Result<void> ok = verifyStrides(t.name, t.strides, p.batch, t.length,
                                        t.heads, p, t.name == "o");
        !ok)
      return ok;
  return {};
}

Result<void> parallax::verifyForLaunch(const Problem &p) {
  const std::pair<std::string_view, int64_t> sizes[] = {
      {"batch", p.batch},          {"query length", p.queryLength},
      {"key length", p.keyLength}, {"query heads", p.queryHeads},
      {"key heads", p.kvHeads},    {"window", p.window.value_or(1)}};
  for (auto [name, size] : sizes)
    if (size == kDynamic)
      return wrong(fmt::format("expected {} to be given for a launch", name));
  const std::pair<std::string_view, const Strides &> strides[] = {
      {"q", p.q}, {"r", p.r}, {"k", p.k}, {"v", p.v}, {"o", p.o}};
  for (auto &[name, s] : strides)
    if (s.batch == kDynamic || s.length == kDynamic || s.head == kDynamic)
      return wrong(fmt::format(
          "expected the strides of {} to be given for a launch", name));
  return verify(p);
}
