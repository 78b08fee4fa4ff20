//===- ReadProblem.cpp - What an attention op says, as data -------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialect/Problem/ProblemData.h"
#include "dialect/Problem/ProblemDialect.h"

#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace parallax;

namespace {

int64_t toData(int64_t size) {
  return ShapedType::isDynamic(size) ? kDynamic : size;
}

Strides stridesOf(Value memory) {
  SmallVector<int64_t> strides;
  int64_t offset;
  LogicalResult known =
      cast<MemRefType>(memory.getType()).getStridesAndOffset(strides, offset);
  assert(succeeded(known) && "a verified op has strided tensors");
  (void)known;
  return {toData(strides[0]), toData(strides[1]), toData(strides[2])};
}

int64_t firstStrideOf(MemRefType memory) {
  SmallVector<int64_t> strides;
  int64_t offset;
  LogicalResult known = memory.getStridesAndOffset(strides, offset);
  assert(succeeded(known) && "a verified op has strided operands");
  (void)known;
  return toData(strides[0]);
}

/// What pools of pages and their table say, which replaces the key length.
void readPages(MemRefType pool, MemRefType table, Problem &p) {
  p.pages = toData(pool.getDimSize(0));
  p.pageSize = pool.getDimSize(1);
  p.blockTableStride = firstStrideOf(table);
  p.keyLength =
      table.isDynamicDim(1) ? kDynamic : table.getDimSize(1) * p.pageSize;
}

DType dtypeOf(MemRefType memory) {
  Type element = memory.getElementType();
  return element.isF32()                  ? DType::F32
         : element.isBF16()               ? DType::BF16
         : isa<Float8E4M3FNType>(element) ? DType::E4M3
                                          : DType::F16;
}

/// What all problems have in common.
template <typename OpT> void readOutputs(OpT op, Problem &p) {
  p.writesOutput = bool(op.getOut());
  if (op.getOut())
    p.o = stridesOf(op.getOut());
  p.outputs.tbar = bool(op.getTbar());
  p.outputs.logSumExp = bool(op.getLogSumExp());
  p.state = !op.getState().empty();
}

Problem read(problem::MergeOp op) {
  auto parts = cast<MemRefType>(op.getO1().getType());
  Problem p;
  p.kind = ProblemKind::Merge;
  // Without o it is of no meaning.
  if (op.getOut())
    p.dtype = dtypeOf(cast<MemRefType>(op.getOut().getType()));
  p.parts = toData(parts.getDimSize(0));
  p.batch = toData(parts.getDimSize(1));
  p.queryLength = toData(parts.getDimSize(2));
  p.queryHeads = toData(parts.getDimSize(3));
  p.headDim = parts.getDimSize(4);
  readOutputs(op, p);
  return p;
}

template <typename OpT> Problem read(OpT op, ProblemKind kind) {
  auto query = cast<MemRefType>(op.getQuery().getType());
  auto key = cast<MemRefType>(op.getKey().getType());
  Problem p;
  p.kind = kind;
  p.dtype = dtypeOf(query);
  if (DType cache = dtypeOf(key); cache != p.dtype)
    p.cacheDType = cache;
  for (auto [scales, given, stride] :
       {std::tuple(op.getKeyScale(), &p.keyScale, &p.keyScaleStride),
        {op.getValueScale(), &p.valueScale, &p.valueScaleStride}}) {
    *given = bool(scales);
    if (scales)
      *stride = firstStrideOf(cast<MemRefType>(scales.getType()));
  }
  p.mask =
      op.getMask() == problem::Mask::Causal ? MaskKind::Causal : MaskKind::None;
  p.batch = toData(query.getDimSize(0));
  p.queryLength = toData(query.getDimSize(1));
  p.queryHeads = toData(query.getDimSize(2));
  p.headDim = query.getDimSize(3);
  p.keyLength = toData(key.getDimSize(1));
  p.kvHeads = toData(key.getDimSize(2));
  APFloat scale(0.0f);
  if (matchPattern(op.getScale(), m_ConstantFloat(&scale)))
    p.scale = scale.convertToFloat();
  else
    p.anyScale = !op.getPositiveScale();
  if (op.getWindow()) {
    APInt window;
    p.window = matchPattern(op.getWindow(), m_ConstantInt(&window))
                   ? window.getSExtValue()
                   : kDynamic;
  }
  p.q = stridesOf(op.getQuery());
  p.r = stridesOf(op.getR());
  p.k = stridesOf(op.getKey());
  p.v = stridesOf(op.getValue());
  p.usedLengths = bool(op.getUsedLengths());
  if (Value table = op.getBlockTable())
    readPages(key, cast<MemRefType>(table.getType()), p);
  if (!op.getAppend().empty()) {
    Value newKeys = op.getAppend()[0];
    p.newLength = toData(cast<MemRefType>(newKeys.getType()).getDimSize(1));
    p.newK = stridesOf(newKeys);
    p.newV = stridesOf(op.getAppend()[1]);
  }
  p.outputs.rowMax = bool(op.getRowMax());
  p.outputs.d1 = bool(op.getD1());
  readOutputs(op, p);
  return p;
}

} // namespace

Problem problem::readProblem(Operation *op) {
  if (auto forward = dyn_cast<ForwardOp>(op))
    return read(forward, ProblemKind::Forward);
  if (auto merge = dyn_cast<MergeOp>(op))
    return read(merge);
  return read(cast<DecodeOp>(op), ProblemKind::Decode);
}
