//===- HostTensor.h - A tensor in one of the usual layouts ---- -*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_TOOLS_SUPPORT_HOSTTENSOR_H
#define PARALLAX_TOOLS_SUPPORT_HOSTTENSOR_H

#include "parallax/Problem.h"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

namespace parallax::tools {

/// How (batch, length, heads, head dimension) lies in memory.
enum class Layout {
  BLHD,
  BHLD,
  /// BLHD as a slice of a wider projection: tokens stand apart, and heads where
  /// they are not of whole 16 bytes.
  Sliced,
};

Result<Layout> parseLayout(std::string_view text);
std::string_view toString(Layout layout);

/// Memory that holds a tensor, and between and behind its elements others that
/// no kernel may touch.
class HostTensor {
public:
  HostTensor(int64_t batch, int64_t length, int64_t heads, int64_t headDim,
             DType dtype, Layout layout);

  const Strides &strides() const { return step; }
  void *data() { return bytes.data(); }
  size_t size() const { return bytes.size(); }
  /// Whether all bytes are the same, padding included.
  bool operator==(const HostTensor &other) const {
    return bytes == other.bytes;
  }

  /// Makes all bytes those of a tensor of the same shape and layout, which need
  /// not move.
  void assign(const HostTensor &other) {
    std::copy(other.bytes.begin(), other.bytes.end(), bytes.begin());
  }
  /// Makes every element NaN, as at first.
  void clear();

  /// Writes contiguous (batch, length, heads, head dimension) values.
  void write(const std::vector<float> &values);

  /// The element at head dimension d of a row.
  float read(int64_t b, int64_t token, int64_t head, int64_t d) const;

  /// Whether all that is no element of the tensor is as it was at first.
  bool paddingIsIntact() const;

private:
  int64_t batch, length, heads, headDim;
  DType dtype;
  Strides step;
  std::vector<uint8_t> bytes;
};

} // namespace parallax::tools

#endif // PARALLAX_TOOLS_SUPPORT_HOSTTENSOR_H
