//===- Problems.h - Right problems of each kind ------------------*- C++
//-*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_TEST_UNIT_DATA_PROBLEMS_H
#define PARALLAX_TEST_UNIT_DATA_PROBLEMS_H

#include "parallax/Problem.h"

namespace parallax::test {

inline Problem prefill() {
  Problem p;
  p.batch = 2;
  p.queryLength = p.keyLength = 100;
  p.queryHeads = 6;
  p.kvHeads = 2;
  p.headDim = 64;
  p.mask = MaskKind::Causal;
  return withDefaultStrides(p);
}

inline Problem decode() {
  Problem p = prefill();
  p.kind = ProblemKind::Decode;
  p.queryLength = 4;
  p.usedLengths = true;
  p.q = p.r = p.o = Strides();
  return withDefaultStrides(p);
}

inline Problem paged() {
  Problem p = decode();
  p.keyLength = 128;
  p.pageSize = 16;
  p.pages = 40;
  p.k = p.v = Strides();
  return withDefaultStrides(p);
}

inline Problem scaled() {
  Problem p = decode();
  p.cacheDType = DType::E4M3;
  p.keyScale = p.valueScale = true;
  return withDefaultStrides(p);
}

inline Problem merge() {
  Problem p;
  p.kind = ProblemKind::Merge;
  p.parts = 4;
  p.batch = 2;
  p.queryLength = 3;
  p.queryHeads = 6;
  p.headDim = 64;
  p.state = true;
  return withDefaultStrides(p);
}

} // namespace parallax::test

#endif // PARALLAX_TEST_UNIT_DATA_PROBLEMS_H
