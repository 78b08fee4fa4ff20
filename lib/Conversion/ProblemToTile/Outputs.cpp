//===- Outputs.cpp - What a program writes of its sums --------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/ProblemToTile/Outputs.h"

#include "dialect/Tile/TileDialect.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

#include <limits>

using namespace mlir;
using namespace parallax;
using namespace parallax::problem_to_tile;

constexpr float kLn2 = 0.693147180559945309417f;

Value problem_to_tile::fill(ImplicitLocOpBuilder &b, ArrayRef<int64_t> shape,
                            float value) {
  auto type = RankedTensorType::get(shape, b.getF32Type());
  return arith::ConstantOp::create(b, DenseElementsAttr::get(type, value));
}

Value problem_to_tile::scaled(ImplicitLocOpBuilder &b, Value source,
                              Value factor) {
  return arith::MulFOp::create(
      b, source,
      tensor::SplatOp::create(b, factor, source.getType(), ValueRange()));
}

Value problem_to_tile::broadcast(ImplicitLocOpBuilder &b, Value row,
                                 int64_t columns) {
  auto type = cast<RankedTensorType>(row.getType());
  return tile::BroadcastOp::create(
      b, RankedTensorType::get({type.getDimSize(0), columns}, b.getF32Type()),
      row);
}

State State::empty(ImplicitLocOpBuilder &b, int64_t rows, int64_t headDim) {
  return {fill(b, {rows}, std::numeric_limits<float>::lowest()),
          fill(b, {rows}, 0),
          fill(b, {rows}, 0),
          fill(b, {rows, headDim}, 0),
          fill(b, {rows, headDim}, 0),
          Value()};
}

SmallVector<std::pair<Value, StringRef>> Outputs::named() const {
  SmallVector<std::pair<Value, StringRef>> all = {{out, "o"},
                                                  {rowMax, "row_max"},
                                                  {d1, "d1"},
                                                  {tbar, "tbar"},
                                                  {logSumExp, "log_sum_exp"}};
  constexpr StringLiteral names[] = {"state_o1", "state_o2", "state_m",
                                     "state_d1", "state_d2"};
  for (auto [value, name] : llvm::zip(state, names))
    all.push_back({value, name});
  return all;
}

void problem_to_tile::writeOutputs(ImplicitLocOpBuilder &b, const State &s,
                                   const Outputs &outputs, const Place &place) {
  auto wide = cast<RankedTensorType>(s.o1.getType());
  int64_t rows = wide.getDimSize(0), headDim = wide.getDimSize(1);
  auto mul = [&](Value x, Value y) -> Value {
    return arith::MulFOp::create(b, x, y);
  };
  auto add = [&](Value x, Value y) -> Value {
    return arith::AddFOp::create(b, x, y);
  };
  auto sub = [&](Value x, Value y) -> Value {
    return arith::SubFOp::create(b, x, y);
  };
  auto store = [&](Value value, Value memory) {
    tile::StoreOp::create(
        b, value, memory, place.batch, place.token, place.head,
        /*part=*/Value(), place.row, place.heads,
        place.row ? b.getI64IntegerAttr(place.rows) : IntegerAttr());
  };

  // First, so that what makes o may take the place of the sums.
  const Value state[] = {s.o1, s.o2, s.m, s.d1, s.d2};
  for (auto [value, memory] : llvm::zip(state, outputs.state)) {
    const bool isValues = value == s.o1 || value == s.o2;
    store(isValues && outputs.valueScale ? scaled(b, value, outputs.valueScale)
                                         : value,
          memory);
  }

  // A row that saw a key has a weight of at least 1, or of 2^-lag.
  Value zero = fill(b, {rows}, 0), one = fill(b, {rows}, 1);
  Value sees = arith::CmpFOp::create(b, arith::CmpFPredicate::OGT, s.d1, zero);
  Value inverse = arith::SelectOp::create(
      b, sees, arith::DivFOp::create(b, one, s.d1), zero);
  Value mean = mul(s.d2, inverse);
  if (outputs.out) {
    Value weight =
        outputs.valueScale ? scaled(b, inverse, outputs.valueScale) : inverse;
    Value factor = mul(weight, add(one, mean));
    Value o = sub(mul(s.o1, broadcast(b, factor, headDim)),
                  mul(s.o2, broadcast(b, weight, headDim)));
    Type element = cast<MemRefType>(outputs.out.getType()).getElementType();
    if (!element.isF32())
      o = arith::TruncFOp::create(
          b, RankedTensorType::get({rows, headDim}, element), o);
    store(o, outputs.out);
  }

  Value nothing = fill(b, {rows}, -std::numeric_limits<float>::infinity());
  auto natural = [&](Value log2) { return mul(log2, fill(b, {rows}, kLn2)); };
  auto ifSees = [&](Value value, Value otherwise) {
    return arith::SelectOp::create(b, sees, value, otherwise);
  };
  if (outputs.rowMax)
    store(ifSees(natural(s.top ? s.top : s.m), nothing), outputs.rowMax);
  if (outputs.d1)
    store(s.top ? ifSees(mul(s.d1, math::Exp2Op::create(b, sub(s.m, s.top))),
                         zero)
                : s.d1,
          outputs.d1);
  if (outputs.tbar)
    store(mean, outputs.tbar);
  if (outputs.logSumExp) {
    Value log = add(s.m, math::Log2Op::create(b, s.d1));
    store(ifSees(natural(log), nothing), outputs.logSumExp);
  }
}

LogicalResult
problem_to_tile::nameArguments(func::FuncOp function,
                               ArrayRef<std::pair<Value, StringRef>> operands) {
  for (auto [index, type] : llvm::enumerate(function.getArgumentTypes()))
    function.removeArgAttr(index, tile::kOperandAttr);
  for (auto [value, name] : operands) {
    if (!value)
      continue;
    auto argument = dyn_cast<BlockArgument>(value);
    if (!argument || argument.getOwner() != &function.getBody().front()) {
      if (isa<MemRefType>(value.getType()))
        return function.emitOpError("expected ")
               << name << " to be an argument";
      continue;
    }
    unsigned index = argument.getArgNumber();
    if (auto other =
            function.getArgAttrOfType<StringAttr>(index, tile::kOperandAttr))
      return function.emitOpError("expected argument ")
             << index << " to be one operand, got " << other.getValue()
             << " and " << name;
    function.setArgAttr(index, tile::kOperandAttr,
                        StringAttr::get(function.getContext(), name));
  }
  return success();
}
