//===- Split.h - Programs that share the keys of a tile ---------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_LIB_CONVERSION_PROBLEMTOTILE_SPLIT_H
#define PARALLAX_LIB_CONVERSION_PROBLEMTOTILE_SPLIT_H

#include "lib/Conversion/ProblemToTile/Outputs.h"

namespace parallax::problem_to_tile {

/// The workspace in which programs that share keys meet: arguments of the
/// function.
struct Meeting {
  /// Adds the arguments, and their names to `operands`. A part has the rows of
  /// all tokens of `packedHeads` heads of a sequence.
  Meeting(func::FuncOp function, int64_t headDim, int64_t packedHeads,
          SmallVectorImpl<std::pair<Value, StringRef>> &operands);

  Parts parts; ///< Without their count.
  Value tickets;
};

/// One program's share of the keys [begin, end).
class Split {
public:
  Split(ImplicitLocOpBuilder &b, Value begin, Value end, int64_t tileKeys,
        int64_t leastTiles);

  std::pair<Value, Value> range() const { return {first, last}; }

  /// Writes the outputs if this program is alone. Else its part, and the
  /// outputs of all parts if it is the last; or if programs of a tile may run
  /// as a cluster and do, those of some rows. `count` of the tile's `rows` rows
  /// are there.
  void finish(const State &state, const Outputs &outputs, Place place,
              int64_t rows, const Meeting &meeting, Value count,
              bool mayCluster);

private:
  Value index(int64_t value);
  void loopOverRows(Value first, Value count, Value step,
                    llvm::function_ref<void(Value)> body);
  void mergeParts(const Outputs &outputs, Place place, const Parts &memory,
                  Value count);
  void mergePublished(const State &state, const Outputs &outputs, Place place,
                      Value count, Value programs);
  void storePart(const State &state, const Place &place, const Parts &memory);

  ImplicitLocOpBuilder &b;
  Value part, parts;  ///< This program's number, of those that have keys, or 1.
  Value slot, ticket; ///< Where they meet.
  Value first, last;  ///< Its keys.
};

} // namespace parallax::problem_to_tile

#endif // PARALLAX_LIB_CONVERSION_PROBLEMTOTILE_SPLIT_H
