//===- Find.cpp - Where a sum of weights reaches a number -----------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A warp takes 32 elements at a time, sums their weights up across its lanes,
// and counts the lanes whose sums are within the target. Elements behind the
// first that isn't are not counted: sums only grow, and a later turn counts
// only if all before it were within. Where all are asked for, nothing is
// compared.
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/HopperToNVVM/Lowering.h"
#include "lib/Conversion/Loops.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace parallax;
using namespace parallax::hopper;

namespace {

constexpr int64_t kLanes = 32;

struct LowerFind : KernelPattern<FindOp> {
  using KernelPattern::KernelPattern;
  LogicalResult lower(FindOp op, OneToNOpAdaptor adaptor, Emitter &e,
                      ConversionPatternRewriter &rewriter) const override {
    Operation *barriers = kernel.first->getParentOp();
    const bool isFirst = barriers->getNextNode() == op.getOperation();
    const Search search{op, one(adaptor.getCount()),
                        llvm::map_to_vector(adaptor.getTargets(), one)};
    // The first turn, which is mostly the only one, is not of the loop. Its
    // elements are asked for before anything else.
    if (isFirst)
      e.setInsertionPoint(barriers);
    Value weight = weigh(search, e, kernel.lane);
    e.setInsertionPoint(op);
    Value zero = e.i32(0);
    SmallVector<Value> found(2 * search.targets.size(), zero);
    found = turn(search, e, zero, weight, found);
    auto loop = scf::ForOp::create(e, e.i32(kLanes), search.count,
                                   e.i32(kLanes), found);
    // Unrolled, its few turns would be many instructions to fetch.
    keepRolled(loop);
    Value first = loop.getInductionVar();
    Block *body = loop.getBody();
    e.setInsertionPointToEnd(body);
    weight = weigh(search, e, e.add(first, kernel.lane));
    scf::YieldOp::create(
        e, turn(search, e, first, weight, loop.getRegionIterArgs()));
    rewriter.replaceOp(op, loop.getResults());
    return success();
  }

private:
  struct Search {
    FindOp op;
    Value count;
    SmallVector<Value> targets;
  };

  /// What an element weighs; no lane reads behind the last.
  Value weigh(const Search &search, Emitter &e, Value element) const {
    IRMapping values;
    Block &region = search.op->getRegion(0).front();
    Value last = e.sub(search.count, e.i32(1));
    values.map(region.getArgument(0),
               arith::MinSIOp::create(e, element, last).getResult());
    for (Operation &op : region.without_terminator())
      e.clone(op, values);
    Value weight = values.lookupOrDefault(
        cast<WeightOp>(region.getTerminator()).getWeight());
    return select(e, e.less(element, search.count), weight, e.i32(0));
  }

  /// What has been found with the elements from `first` on, of these weights.
  SmallVector<Value> turn(const Search &search, Emitter &e, Value first,
                          Value weight, ValueRange before) const {
    const size_t targets = search.targets.size();
    FindOp op = search.op;
    SmallVector<Value> indices, sums;
    Value sum; // Of this lane and those below, for all targets.
    for (size_t i = 0; i != targets; ++i) {
      APInt known;
      const bool isAll =
          matchPattern(op.getTargets()[i], m_ConstantInt(&known)) &&
          known.isMaxSignedValue();
      if (!isAll && !sum)
        sum = sumUp(e, weight);
      auto [found, weighs] =
          isAll ? findAll(e, first, search.count, weight)
                : findSome(search, e, first, sum, search.targets[i], before[i],
                           before[targets + i]);
      indices.push_back(e.add(before[i], found));
      sums.push_back(e.add(before[targets + i], weighs));
    }
    llvm::append_range(indices, sums);
    return indices;
  }

  /// How many elements of a turn count, and what they weigh.
  using Found = std::pair<Value, Value>;

  Found findAll(Emitter &e, Value first, Value count, Value weight) const {
    Value left = e.sub(count, first);
    return {arith::MinSIOp::create(e, left, e.i32(kLanes)),
            NVVM::ReduxOp::create(e, e.getI32Type(), weight,
                                  NVVM::ReduxKind::ADD, e.i32(-1))};
  }

  Found findSome(const Search &search, Emitter &e, Value first, Value sum,
                 Value target, Value index, Value before) const {
    Value isThere = e.less(e.add(first, kernel.lane), search.count);
    Value isNext =
        arith::CmpIOp::create(e, arith::CmpIPredicate::eq, first, index);
    Value isWithin = e.lessOrEqual(e.add(before, sum), target);
    Value counts = arith::AndIOp::create(
        e, isNext, arith::AndIOp::create(e, isWithin, isThere));
    Value lanes = NVVM::VoteSyncOp::create(e, e.getI32Type(), e.i32(-1), counts,
                                           NVVM::VoteSyncKind::ballot);
    Value found = LLVM::CtPopOp::create(e, e.getI32Type(), lanes);
    Value last = e.bitAnd(e.sub(found, e.i32(1)), kLanes - 1);
    return {found, select(e, e.equal(found, 0), e.i32(0), e.ofLane(sum, last))};
  }

  static Value select(Emitter &e, Value condition, Value x, Value y) {
    return arith::SelectOp::create(e, condition, x, y);
  }
  /// Of this lane and those below.
  Value sumUp(Emitter &e, Value value) const {
    for (int64_t distance = 1; distance < kLanes; distance *= 2) {
      Value below = e.ofLaneBelow(value, distance);
      Value isLowest = e.less(kernel.lane, e.i32(distance));
      value = e.add(value, select(e, isLowest, e.i32(0), below));
    }
    return value;
  }
};

} // namespace

void parallax::hopper::populateFindPatterns(const TypeConverter &converter,
                                            RewritePatternSet &patterns,
                                            const KernelValues &kernel) {
  patterns.add<LowerFind>(converter, patterns.getContext(), kernel);
}
