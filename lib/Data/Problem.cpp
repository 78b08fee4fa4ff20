//===- Problem.cpp - An attention problem as plain data -------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "parallax/Problem.h"

#include "parallax/Target.h"

#include <fmt/format.h>

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
                                        {ProblemKind::Decode, "decode"},
                                        {ProblemKind::Merge, "merge"}};
constexpr Name<DType> kDTypes[] = {{DType::F32, "f32"},
                                   {DType::BF16, "bf16"},
                                   {DType::F16, "f16"},
                                   {DType::E4M3, "e4m3"}};
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
  switch (dtype) {
  case DType::F32:
    return 4;
  case DType::E4M3:
    return 1;
  default:
    return 2;
  }
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
  const int64_t keyLength = p.isPaged() ? p.pageSize : p.keyLength;
  const Strides keys = Strides::blhd(keyLength, p.kvHeads, p.headDim);
  const Strides none;
  for (Strides *strides : {&p.q, &p.r, &p.o})
    if (*strides == none && p.queryLength != kDynamic &&
        p.queryHeads != kDynamic)
      *strides = queries;
  for (Strides *strides : {&p.k, &p.v})
    if (*strides == none && keyLength != kDynamic && p.kvHeads != kDynamic)
      *strides = keys;
  if (p.newLength && *p.newLength != kDynamic && p.kvHeads != kDynamic)
    for (Strides *strides : {&p.newK, &p.newV})
      if (*strides == none)
        *strides = Strides::blhd(*p.newLength, p.kvHeads, p.headDim);
  if (p.isPaged() && p.blockTableStride == kDynamic)
    p.blockTableStride = p.pagesPerSequence();
  for (auto [given, stride] : {std::pair(p.keyScale, &p.keyScaleStride),
                               {p.valueScale, &p.valueScaleStride}})
    if (given && *stride == kDynamic)
      *stride = 1;
  return p;
}

Problem parallax::specialized(Problem p) {
  p.batch = p.queryLength = p.keyLength = kDynamic;
  p.queryHeads = p.kvHeads = kDynamic;
  p.pages = p.blockTableStride = p.parts = kDynamic;
  p.q = p.r = p.k = p.v = p.o = p.newK = p.newV = Strides();
  p.keyScaleStride = p.valueScaleStride = kDynamic;
  p.anyScale |= !(p.effectiveScale() > 0);
  p.scale.reset();
  if (p.cacheDType == p.dtype)
    p.cacheDType.reset();
  for (std::optional<int64_t> *given : {&p.window, &p.newLength})
    if (*given)
      *given = kDynamic;
  return p;
}
