//===- Runner.h - Runs a case on a target -----------------------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   auto machine = Machine::create(target, device);
//   auto runner = Runner::create(**machine, case, Layout::BLHD);
//   auto prepared = runner->prepare(prepareBy(*jit)); // and later another
//   auto samples = runner->time(5);
//   auto outputs = runner->outputs();
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_TOOLS_RUNNER_RUNNER_H
#define PARALLAX_TOOLS_RUNNER_RUNNER_H

#include "tools/Runner/Machine.h"
#include "tools/Runner/Prepared.h"
#include "tools/Support/Case.h"
#include "tools/Support/HostTensor.h"

#include <array>
#include <cmath>
#include <map>

namespace parallax::tools {

/// What a problem may write.
inline constexpr Operand kOutputs[] = {
    Operand::O,         Operand::RowMax,  Operand::D1,      Operand::TBar,
    Operand::LogSumExp, Operand::StateO1, Operand::StateO2, Operand::StateM,
    Operand::StateD1,   Operand::StateD2};

/// Values of a row of an output.
int64_t widthOf(const Problem &problem, Operand output);

/// Outputs by operand: contiguous (batch, length, heads) rows of `widthOf`
/// values.
using Outputs = std::map<Operand, std::vector<float>>;

/// Makes states comparable, which may have any reference: sums become those of
/// weights that add up to 1, m the logarithm of the sum in base 2, and d1 says
/// whether the row sees a key. Does nothing without a state.
template <typename T>
void normalizeState(std::map<Operand, std::vector<T>> &outputs) {
  if (!outputs.count(Operand::StateM))
    return;
  std::vector<T> &m = outputs[Operand::StateM], &d1 = outputs[Operand::StateD1];
  for (size_t row = 0; row < m.size(); ++row) {
    const bool sees = d1[row] > 0;
    for (Operand sum : {Operand::StateO1, Operand::StateO2, Operand::StateD2}) {
      std::vector<T> &values = outputs[sum];
      const size_t width = values.size() / m.size();
      for (size_t i = row * width; sees && i < (row + 1) * width; ++i)
        values[i] /= d1[row];
    }
    m[row] = sees ? m[row] + std::log2(d1[row]) : 0;
    d1[row] = sees;
  }
}

/// A case with its tensors in a machine's memory and a plan to solve it, one
/// after the other if there are several.
class Runner {
public:
  /// Every tensor is laid out as `layout`, with memory around it that nothing
  /// may touch. The machine must outlive the runner.
  static Result<Runner> create(Machine &machine, const Case &c, Layout layout);

  /// With a plan.
  static Result<Runner> create(Machine &machine, const Prepare &prepare,
                               const Case &c, Layout layout);
  static Result<Runner> create(Machine &machine, const Jit &jit, const Case &c,
                               Layout layout) {
    return create(machine, prepareBy(jit), c, layout);
  }

  /// The case's, with the strides of its layout.
  const Problem &problem() const { return placed; }

  /// Solves the problem by another plan from here on. What an earlier one wrote
  /// into the set that is judged is gone. Samplers keep their plan.
  Result<void> prepare(const Prepare &prepare);
  const Prepared &plan() const { return prepared; }
  /// How long the plan took to make, its compilation included.
  double planMs() const { return milliseconds; }

  /// Places further copies of every tensor, so that there are `count` sets.
  /// Launches that are timed take the sets in turn: of enough of them, none is
  /// in a cache.
  Result<void> placeSets(int64_t count);
  /// The pointers of each set; the first is the one that is judged.
  const std::vector<Arguments> &sets() const { return allSets; }
  /// Bytes of one set.
  int64_t setBytes() const;

  /// Samples of launches that take about `ms` milliseconds each.
  Result<std::unique_ptr<Sampler>> sampler(double ms) const;
  /// Milliseconds per launch, `repeat` samples in ascending order.
  Result<std::vector<double>> time(int repeat) const;

  /// What the last launch wrote; an error if that was more than the outputs, or
  /// another cache than the append of new keys leaves.
  Result<Outputs> written();
  /// The same with a state that can be compared (`normalizeState`).
  Result<Outputs> outputs();

  /// The same, by the on-device oracle. NotFound if there is none.
  Result<Outputs> evaluate();

private:
  explicit Runner(Machine &machine) : machine(&machine) {}
  Result<void> checkCache();
  Result<void> clearOutputs();
  Result<Outputs> read(std::map<Operand, HostTensor> &tensors,
                       const Arguments &from) const;

  Machine *machine;
  Problem placed;
  std::map<Operand, HostTensor> tensors;
  /// As an append finds and leaves it.
  std::map<Operand, HostTensor> givenCache, appendedCache;
  std::vector<int32_t> usedLengths, blockTable;
  std::vector<Arguments> allSets;
  Prepared prepared;
  double milliseconds = 0;
};

} // namespace parallax::tools

#endif // PARALLAX_TOOLS_RUNNER_RUNNER_H
