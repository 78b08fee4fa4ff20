//===- OracleParameters.h - What the oracle kernel is given ---*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Seen by the kernel and by the host, which must agree byte for byte.
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_RUNTIME_KERNELS_ORACLEPARAMETERS_H
#define PARALLAX_RUNTIME_KERNELS_ORACLEPARAMETERS_H

enum OracleElementType {
  OracleF32 = 0,
  OracleBF16 = 1,
  OracleF16 = 2,
  OracleE4M3 = 3
};

/// A tensor of shape (batch, length, heads, head dimension); strides are in
/// elements, the last is 1.
struct OracleTensor {
  const void *data;
  long long batch, length, head;
};

struct OracleParameters {
  OracleTensor q, r, k, v;
  /// The last keys and values of each sequence, if newLength is not 0.
  OracleTensor newK, newV;
  int newLength;
  /// Contiguous (batch, length, heads, head dimension), or null.
  float *o;
  /// Contiguous (batch, length, heads), or null.
  float *rowMax, *d1, *tbar, *logSumExp;
  /// The state, or null: contiguous as o and as the rows; m in base 2.
  float *stateO1, *stateO2, *stateM, *stateD1, *stateD2;
  /// Of a merge, behind a first dimension of parts.
  const float *partO1, *partO2, *partM, *partD1, *partD2;
  int parts; ///< 0: no merge.
  /// (batch), or null: all of keyLength.
  const int *usedLengths;
  /// (batch, ...): k and v are pools of pages; null: they are no pools.
  const int *blockTable;
  long long blockTableStride;
  int pageSize;
  /// Rows before the first block's, where a grid can't hold them all.
  long long firstRow;
  double scale;
  int batch, queryLength, keyLength, queryHeads, kvHeads, headDim;
  /// Of q, r, o and of k, v: each one of OracleElementType.
  int elementType, keyElementType;
  /// Of each key head, or null: 1; strides in elements.
  const float *keyScale, *valueScale;
  long long keyScaleStride, valueScaleStride;
  int causal;
  int window; ///< 0: none.
};

#endif // PARALLAX_RUNTIME_KERNELS_ORACLEPARAMETERS_H
