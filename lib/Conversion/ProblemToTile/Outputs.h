//===- Outputs.h - What a program writes of its sums ----------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_LIB_CONVERSION_PROBLEMTOTILE_OUTPUTS_H
#define PARALLAX_LIB_CONVERSION_PROBLEMTOTILE_OUTPUTS_H

#include "dialect/Problem/ProblemDialect.h"
#include "lib/Schedule/Schedule.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace parallax::problem_to_tile {

using namespace mlir;

/// The sums of a tile's rows, relative to the reference m in base 2.
struct State {
  Value m, d1, d2, o1, o2;
  Value top; ///< The true maximum, where m may lag and it is an output.

  SmallVector<Value> values() const {
    SmallVector<Value> all = {m, d1, d2, o1, o2};
    if (top)
      all.push_back(top);
    return all;
  }
  static State from(ValueRange v) {
    return {v[0], v[1], v[2], v[3], v[4], v.size() > 5 ? v[5] : Value()};
  }
  /// Of rows that have seen no key.
  static State empty(ImplicitLocOpBuilder &b, int64_t rows, int64_t headDim);
};

/// The tensors that a problem writes, null where it doesn't.
struct Outputs {
  Value out, rowMax, d1, tbar, logSumExp;
  SmallVector<Value> state; ///< None, or o1, o2, m, d1 and d2.
  Value valueScale = {};    ///< A scalar that values are still to be scaled by.

  /// Each with the name of its operand.
  SmallVector<std::pair<Value, StringRef>> named() const;
};

/// Where a tile's rows lie: those of `heads` heads from `head` on, or with a
/// `row` from that one of a larger tile of `rows` rows on.
struct Place {
  Value batch, token, head;
  int64_t heads;
  Value row = {};
  int64_t rows = 0;
};

/// Stores what `outputs` asks for.
void writeOutputs(ImplicitLocOpBuilder &b, const State &state,
                  const Outputs &outputs, const Place &place);

/// A float32 constant of all rows or of a tile.
Value fill(ImplicitLocOpBuilder &b, ArrayRef<int64_t> shape, float value);
/// A tile or a row times a scalar.
Value scaled(ImplicitLocOpBuilder &b, Value source, Value factor);
/// A row's value in all of its columns.
Value broadcast(ImplicitLocOpBuilder &b, Value row, int64_t columns);

/// Says on each of the function's arguments which operand it is. Each tensor
/// must be an argument, and each argument one operand.
LogicalResult nameArguments(func::FuncOp function,
                            ArrayRef<std::pair<Value, StringRef>> operands);

/// States of different keys, one behind the other in memory.
struct Parts {
  Value o1, o2, m, d1, d2;
  Value count;
  int64_t atOnce = 1; ///< Parts that are read together.

  /// Those of a part, in the order of their names: o1, o2, m, d1, d2.
  SmallVector<Value> memory() const { return {o1, o2, m, d1, d2}; }
};

/// Merges the states of `rows` rows and writes the outputs.
void mergeRows(ImplicitLocOpBuilder &b, const Parts &parts, int64_t rows,
               const Place &place, const Outputs &outputs);

/// Writes the program of a merge at an insertion point.
void writeMerge(ImplicitLocOpBuilder &b, problem::MergeOp op,
                const TileShape &tile);
/// The operands of a merge.
SmallVector<std::pair<Value, StringRef>> operandsOf(problem::MergeOp op);

} // namespace parallax::problem_to_tile

#endif // PARALLAX_LIB_CONVERSION_PROBLEMTOTILE_OUTPUTS_H
