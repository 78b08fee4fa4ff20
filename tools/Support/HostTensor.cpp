//===- HostTensor.cpp - A tensor in one of the usual layouts --------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/Support/HostTensor.h"

#include "tools/Support/Rounding.h"

#include <algorithm>
#include <fmt/core.h>

namespace parallax::tools {

// A NaN of each type: read where nothing should be, it shows in the result.
static constexpr uint8_t kPadding = 0xff;
static constexpr int64_t kGuardElements = 64;
/// What a device asks of all strides.
static constexpr int64_t kAlignment = 16;

std::string_view toString(Layout layout) {
  switch (layout) {
  case Layout::BLHD:
    return "blhd";
  case Layout::BHLD:
    return "bhld";
  case Layout::Sliced:
    return "sliced";
  }
  return "unknown";
}

Result<Layout> parseLayout(std::string_view text) {
  for (Layout layout : {Layout::BLHD, Layout::BHLD, Layout::Sliced})
    if (text == toString(layout))
      return layout;
  return Error{
      ErrorCode::InvalidArgument,
      fmt::format("expected layout blhd, bhld or sliced, got '{}'", text)};
}

HostTensor::HostTensor(int64_t batch, int64_t length, int64_t heads,
                       int64_t headDim, DType dtype, Layout layout)
    : batch(batch), length(length), heads(heads), headDim(headDim),
      dtype(dtype) {
  const int64_t unit = kAlignment / sizeInBytes(dtype);
  switch (layout) {
  case Layout::BLHD:
    step = Strides::blhd(length, heads, headDim);
    break;
  case Layout::BHLD:
    step = Strides::bhld(length, heads, headDim);
    break;
  case Layout::Sliced:
    step.head = (headDim + unit - 1) / unit * unit;
    step.length = heads * step.head + kGuardElements;
    step.batch = length * step.length;
    break;
  }
  bytes.assign((batch * step.batch + kGuardElements) * sizeInBytes(dtype),
               kPadding);
}

void HostTensor::clear() { std::fill(bytes.begin(), bytes.end(), kPadding); }

void HostTensor::write(const std::vector<float> &values) {
  const float *value = values.data();
  for (int64_t b = 0; b < batch; ++b)
    for (int64_t i = 0; i < length; ++i)
      for (int64_t h = 0; h < heads; ++h) {
        int64_t row = b * step.batch + i * step.length + h * step.head;
        for (int64_t d = 0; d < headDim; ++d)
          storeElement(bytes.data(), row + d, *value++, dtype);
      }
}

float HostTensor::read(int64_t b, int64_t token, int64_t head,
                       int64_t d) const {
  return loadElement(
      bytes.data(), b * step.batch + token * step.length + head * step.head + d,
      dtype);
}

bool HostTensor::paddingIsIntact() const {
  const int64_t size = sizeInBytes(dtype);
  auto intact = [&](int64_t from, int64_t to) {
    return std::all_of(bytes.begin() + from * size, bytes.begin() + to * size,
                       [](uint8_t byte) { return byte == kPadding; });
  };
  // Only sliced tokens have anything between them, and between their heads.
  if (step.length > heads * headDim)
    for (int64_t token = 0; token < batch * length; ++token) {
      const int64_t first = token * step.length;
      for (int64_t head = 0; head < heads; ++head)
        if (!intact(first + head * step.head + headDim,
                    first + (head + 1) * step.head))
          return false;
      if (!intact(first + heads * step.head, first + step.length))
        return false;
    }
  return intact(batch * step.batch, batch * step.batch + kGuardElements);
}

} // namespace parallax::tools
