//===- OperandShape.cpp - Sizes and strides of an operand ----------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Cuda/OperandShape.h"

using namespace parallax;

OperandShape OperandShape::of(const Problem &p, Operand operand) {
  auto tensor = [&](int64_t batch, int64_t length, int64_t heads,
                    const Strides &s) {
    return OperandShape{4,
                        {batch, length, heads, p.headDim},
                        {s.batch, s.length, s.head, 1},
                        sizeInBytes(p.dtype)};
  };
  auto queries = [&](const Strides &s) {
    return tensor(p.batch, p.queryLength, p.queryHeads, s);
  };
  auto keys = [&](const Strides &s) {
    return p.isPaged() ? tensor(p.pages, p.pageSize, p.kvHeads, s)
                       : tensor(p.batch, p.keyLength, p.kvHeads, s);
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
  case Operand::UsedLengths:
    return {1, {p.batch}, {1}, sizeof(int32_t)};
  case Operand::BlockTable:
    return {2,
            {p.batch, p.pagesPerSequence()},
            {p.blockTableStride, 1},
            sizeof(int32_t)};
  case Operand::RowMax:
  case Operand::D1:
  case Operand::TBar:
  case Operand::LogSumExp:
    break;
  }
  return {3,
          {p.batch, p.queryLength, p.queryHeads},
          {p.queryLength * p.queryHeads, p.queryHeads, 1},
          sizeof(float)};
}

bool parallax::hasOperand(const Problem &p, Operand operand) {
  switch (operand) {
  case Operand::UsedLengths:
    return p.usedLengths;
  case Operand::BlockTable:
    return p.isPaged();
  case Operand::RowMax:
    return p.outputs.rowMax;
  case Operand::D1:
    return p.outputs.d1;
  case Operand::TBar:
    return p.outputs.tbar;
  case Operand::LogSumExp:
    return p.outputs.logSumExp;
  default:
    return true;
  }
}
