//===- ChooseSchedule.cpp - How each problem is to be computed ------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialect/Problem/ProblemData.h"
#include "lib/Schedule/ScheduleAttr.h"
#include "lib/Transforms/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"

namespace parallax {
#define GEN_PASS_DEF_CHOOSESCHEDULE
#include "lib/Transforms/Passes.h.inc"
} // namespace parallax

using namespace mlir;
using namespace parallax;

namespace {

struct ChooseSchedulePass
    : parallax::impl::ChooseScheduleBase<ChooseSchedulePass> {
  using ChooseScheduleBase::ChooseScheduleBase;

  void runOnOperation() override {
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (failed(choose(function)))
        return signalPassFailure();
  }

  LogicalResult choose(func::FuncOp function) {
    auto problems = problem::findProblems(function);
    if (problems.empty())
      return success();
    if (problems.size() > 1)
      return problems[1]->emitOpError("expected one problem a function, got ")
             << problems.size();
    auto refuse = [&](const Error &error) {
      return problems.front()->emitOpError() << error.message;
    };
    Result<Target> wanted = parseTarget(std::string_view(target));
    if (!wanted)
      return refuse(wanted.error());
    const Problem problem = problem::readProblem(problems.front());
    Schedule schedule = propose(problem, *wanted);
    if (function->hasAttr(kScheduleAttr)) {
      FailureOr<Schedule> given = getSchedule(function);
      if (failed(given))
        return failure();
      schedule = *given;
    }
    Result<Schedule> changed =
        parseSchedule(std::string_view(overrides), schedule);
    if (!changed)
      return refuse(changed.error());
    if (Result<void> ok = verify(*changed, problem, *wanted); !ok)
      return refuse(ok.error());
    setSchedule(function, *changed);
    return success();
  }
};

} // namespace
