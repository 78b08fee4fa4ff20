//===- ProblemData.cpp - Between problems as data and as ops --------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialect/Problem/ProblemData.h"

#include "dialect/Problem/ProblemDialect.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/OwningOpRef.h"

#include <fmt/format.h>

using namespace mlir;
using namespace parallax;

namespace {

int64_t toMlir(int64_t size) {
  return size == kDynamic ? ShapedType::kDynamic : size;
}

Type elementType(Builder &b, DType dtype) {
  switch (dtype) {
  case DType::F32:
    return b.getF32Type();
  case DType::BF16:
    return b.getBF16Type();
  case DType::F16:
    return b.getF16Type();
  case DType::E4M3:
    return b.getType<Float8E4M3FNType>();
  }
  llvm_unreachable("a verified dtype");
}

/// Writes the function of one problem.
class ProblemBuilder {
public:
  ProblemBuilder(MLIRContext &context, const Problem &p)
      : b(UnknownLoc::get(&context), &context), p(p) {}

  OwningOpRef<ModuleOp> build();

private:
  MemRefType tensor(int64_t batch, int64_t length, int64_t heads,
                    const Strides &strides, DType dtype) {
    SmallVector<int64_t> steps = {toMlir(strides.batch), toMlir(strides.length),
                                  toMlir(strides.head), 1};
    return MemRefType::get(
        {toMlir(batch), toMlir(length), toMlir(heads), p.headDim},
        elementType(b, dtype),
        StridedLayoutAttr::get(b.getContext(), /*offset=*/0, steps));
  }
  MemRefType queries(const Strides &strides) {
    return tensor(p.batch, p.queryLength, p.queryHeads, strides, p.dtype);
  }
  MemRefType keys(const Strides &strides) {
    return p.isPaged()
               ? tensor(p.pages, p.pageSize, p.kvHeads, strides, p.keyDType())
               : tensor(p.batch, p.keyLength, p.kvHeads, strides, p.keyDType());
  }
  /// A value a key head.
  MemRefType scales(int64_t stride) {
    return MemRefType::get(
        {toMlir(p.kvHeads)}, b.getF32Type(),
        StridedLayoutAttr::get(b.getContext(), /*offset=*/0, {toMlir(stride)}));
  }
  MemRefType blockTable() {
    return MemRefType::get(
        {toMlir(p.batch), toMlir(p.pagesPerSequence())}, b.getI32Type(),
        StridedLayoutAttr::get(b.getContext(), /*offset=*/0,
                               {toMlir(p.blockTableStride), 1}));
  }
  Value argument(Type type) {
    Block &body = function.getBody().front();
    return body.addArgument(type, b.getLoc());
  }
  Value optional(bool wanted, Type type) {
    return wanted ? argument(type) : Value();
  }
  /// float32 and contiguous; `parts` puts their number in front.
  MemRefType contiguous(bool hasColumns, bool parts = false) {
    SmallVector<int64_t> shape = {toMlir(p.batch), toMlir(p.queryLength),
                                  toMlir(p.queryHeads)};
    if (hasColumns)
      shape.push_back(p.headDim);
    if (parts)
      shape.insert(shape.begin(), toMlir(p.parts));
    return MemRefType::get(shape, b.getF32Type());
  }
  /// o1, o2, m, d1 and d2.
  SmallVector<Value> states(bool parts) {
    SmallVector<Value> values;
    for (bool hasColumns : {true, true, false, false, false})
      values.push_back(argument(contiguous(hasColumns, parts)));
    return values;
  }
  template <typename OpT> void writeOp();
  void writeMerge();

  ImplicitLocOpBuilder b;
  const Problem &p;
  func::FuncOp function;
};

template <typename OpT> void ProblemBuilder::writeOp() {
  MemRefType queryRows = contiguous(/*hasColumns=*/false);
  Value q = argument(queries(p.q));
  Value r = argument(queries(p.r));
  Value k = argument(keys(p.k));
  Value v = argument(keys(p.v));
  Value o = optional(p.writesOutput, queries(p.o));
  Value scale = p.scale
                    ? arith::ConstantOp::create(
                          b, b.getF32FloatAttr(static_cast<float>(*p.scale)))
                    : argument(b.getF32Type());
  Value window;
  if (p.window)
    window = *p.window == kDynamic
                 ? argument(b.getI32Type())
                 : arith::ConstantIntOp::create(b, *p.window, 32);
  Value used = optional(p.usedLengths,
                        MemRefType::get({toMlir(p.batch)}, b.getI32Type()));
  Value table = p.isPaged() ? argument(blockTable()) : Value();
  SmallVector<Value> append;
  if (p.newLength)
    for (const Strides &strides : {p.newK, p.newV})
      append.push_back(argument(
          tensor(p.batch, *p.newLength, p.kvHeads, strides, p.keyDType())));
  Value keyScale = optional(p.keyScale, scales(p.keyScaleStride));
  Value valueScale = optional(p.valueScale, scales(p.valueScaleStride));
  Value rowMax = optional(p.outputs.rowMax, queryRows);
  Value d1 = optional(p.outputs.d1, queryRows);
  Value tbar = optional(p.outputs.tbar, queryRows);
  Value logSumExp = optional(p.outputs.logSumExp, queryRows);
  auto mask =
      p.mask == MaskKind::Causal ? problem::Mask::Causal : problem::Mask::None;
  SmallVector<Value> state;
  if (p.state)
    state = states(/*parts=*/false);
  const bool positive = !p.scale && !p.anyScale;
  OpT::create(b, q, r, k, v, o, scale, positive, mask, window, used, table,
              append, keyScale, valueScale, rowMax, d1, tbar, logSumExp, state);
}

void ProblemBuilder::writeMerge() {
  SmallVector<Value> parts = states(/*parts=*/true), state;
  MemRefType rows = contiguous(/*hasColumns=*/false);
  Value o = optional(p.writesOutput, queries(p.o));
  Value tbar = optional(p.outputs.tbar, rows);
  Value logSumExp = optional(p.outputs.logSumExp, rows);
  if (p.state)
    state = states(/*parts=*/false);
  problem::MergeOp::create(b, parts[0], parts[1], parts[2], parts[3], parts[4],
                           o, tbar, logSumExp, state);
}

OwningOpRef<ModuleOp> ProblemBuilder::build() {
  auto module = ModuleOp::create(b.getLoc());
  b.setInsertionPointToStart(module.getBody());
  function = func::FuncOp::create(b, problem::kernelName(p),
                                  b.getFunctionType({}, {}));
  Block *body = function.addEntryBlock();
  b.setInsertionPointToStart(body);
  if (p.kind == ProblemKind::Forward)
    writeOp<problem::ForwardOp>();
  else if (p.kind == ProblemKind::Decode)
    writeOp<problem::DecodeOp>();
  else
    writeMerge();
  func::ReturnOp::create(b);
  function.setFunctionType(
      b.getFunctionType(body->getArgumentTypes(), TypeRange()));
  return module;
}

} // namespace

std::string problem::kernelName(const Problem &p) {
  const bool hasOwn = p.keyDType() != p.dtype;
  return fmt::format(
      "parallax_{}_{}{}_d{}{}{}{}{}", toString(p.kind), toString(p.dtype),
      hasOwn ? fmt::format("_{}", toString(p.keyDType())) : "", p.headDim,
      p.mask == MaskKind::Causal ? "_causal" : "", p.window ? "_window" : "",
      p.isPaged() ? fmt::format("_page{}", p.pageSize) : "",
      p.newLength ? "_append" : "");
}

OwningOpRef<ModuleOp> problem::buildProblem(MLIRContext &context,
                                            const Problem &problem) {
  return ProblemBuilder(context, problem).build();
}

SmallVector<Operation *, 1> problem::findProblems(func::FuncOp function) {
  SmallVector<Operation *, 1> problems;
  function.walk([&](Operation *op) {
    if (isa<ForwardOp, DecodeOp, MergeOp>(op))
      problems.push_back(op);
  });
  return problems;
}
