//===- OperandShape.cpp - Sizes and strides of an operand ----------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Data/OperandShape.h"

#include <algorithm>
#include <initializer_list>

using namespace parallax;

/// Of float32.
static OperandShape contiguous(std::initializer_list<int64_t> sizes) {
  OperandShape shape = {static_cast<int>(sizes.size()), {}, {}, sizeof(float)};
  std::copy(sizes.begin(), sizes.end(), shape.sizes.begin());
  int64_t stride = 1;
  for (int dim = shape.rank - 1; dim >= 0; --dim) {
    shape.strides[dim] = stride;
    stride *= shape.sizes[dim];
  }
  return shape;
}

OperandShape OperandShape::of(const Problem &p, Operand operand) {
  auto tensor = [&](int64_t batch, int64_t length, int64_t heads,
                    const Strides &s, DType dtype) {
    return OperandShape{4,
                        {batch, length, heads, p.headDim},
                        {s.batch, s.length, s.head, 1},
                        sizeInBytes(dtype)};
  };
  auto queries = [&](const Strides &s) {
    return tensor(p.batch, p.queryLength, p.queryHeads, s, p.dtype);
  };
  auto keys = [&](const Strides &s) {
    return p.isPaged()
               ? tensor(p.pages, p.pageSize, p.kvHeads, s, p.keyDType())
               : tensor(p.batch, p.keyLength, p.kvHeads, s, p.keyDType());
  };
  switch (operand) {
  case Operand::Q:
    return queries(p.q);
  case Operand::R:
    return queries(p.r);
  case Operand::K:
    return keys(p.k);
  case Operand::V:
    return keys(p.v);
  case Operand::O:
    return queries(p.o);
  case Operand::NewK:
    return tensor(p.batch, p.newLength.value_or(0), p.kvHeads, p.newK,
                  p.keyDType());
  case Operand::NewV:
    return tensor(p.batch, p.newLength.value_or(0), p.kvHeads, p.newV,
                  p.keyDType());
  case Operand::KScale:
    return {1, {p.kvHeads}, {p.keyScaleStride}, sizeof(float)};
  case Operand::VScale:
    return {1, {p.kvHeads}, {p.valueScaleStride}, sizeof(float)};
  case Operand::UsedLengths:
    return {1, {p.batch}, {1}, sizeof(int32_t)};
  case Operand::BlockTable:
    return {2,
            {p.batch, p.isPaged() ? p.pagesPerSequence() : 0},
            {p.blockTableStride, 1},
            sizeof(int32_t)};
  case Operand::StateO1:
  case Operand::StateO2:
    return contiguous({p.batch, p.queryLength, p.queryHeads, p.headDim});
  case Operand::PartO1:
  case Operand::PartO2:
    return contiguous(
        {p.parts, p.batch, p.queryLength, p.queryHeads, p.headDim});
  case Operand::PartM:
  case Operand::PartD1:
  case Operand::PartD2:
    return contiguous({p.parts, p.batch, p.queryLength, p.queryHeads});
  case Operand::RowMax:
  case Operand::D1:
  case Operand::TBar:
  case Operand::LogSumExp:
  case Operand::StateM:
  case Operand::StateD1:
  case Operand::StateD2:
    break;
  }
  return contiguous({p.batch, p.queryLength, p.queryHeads});
}

bool parallax::hasOperand(const Problem &p, Operand operand) {
  switch (operand) {
  case Operand::UsedLengths:
    return p.usedLengths;
  case Operand::BlockTable:
    return p.isPaged();
  case Operand::KScale:
    return p.keyScale;
  case Operand::VScale:
    return p.valueScale;
  case Operand::RowMax:
    return p.outputs.rowMax;
  case Operand::D1:
    return p.outputs.d1;
  case Operand::TBar:
    return p.outputs.tbar;
  case Operand::LogSumExp:
    return p.outputs.logSumExp;
  case Operand::NewK:
  case Operand::NewV:
    return p.newLength.has_value();
  case Operand::O:
    return p.writesOutput;
  case Operand::StateO1:
  case Operand::StateO2:
  case Operand::StateM:
  case Operand::StateD1:
  case Operand::StateD2:
    return p.state;
  case Operand::PartO1:
  case Operand::PartO2:
  case Operand::PartM:
  case Operand::PartD1:
  case Operand::PartD2:
    return p.kind == ProblemKind::Merge;
  case Operand::Q:
  case Operand::R:
  case Operand::K:
  case Operand::V:
    return p.kind != ProblemKind::Merge;
  }
  return false;
}
