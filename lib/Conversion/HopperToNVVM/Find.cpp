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
    Value target = one(adaptor.getTarget()), count = one(adaptor.getCount());
    Value zero = e.i32(0);
    auto loop = scf::ForOp::create(e, zero, count, e.i32(kLanes),
                                   ValueRange{zero, zero});
    // Unrolled, its few turns would be many instructions to fetch.
    keepRolled(loop);
    Block *body = loop.getBody();
    e.setInsertionPointToEnd(body);
    Value first = loop.getInductionVar();
    ValueRange carried = loop.getRegionIterArgs();

    Value element = e.add(first, kernel.lane);
    Value last = e.sub(count, e.i32(1));
    Value inside = arith::MinSIOp::create(e, element, last);
    Block &region = op.getBody().front();
    Value weight = cast<WeightOp>(region.getTerminator()).getWeight();
    rewriter.eraseOp(region.getTerminator());
    rewriter.inlineBlockBefore(&region, body, body->end(), inside);
    e.setInsertionPointToEnd(body);
    weight = select(e, e.less(element, count), weight, zero);
    APInt known;
    const bool isAll = matchPattern(op.getTarget(), m_ConstantInt(&known)) &&
                       known.isMaxSignedValue();
    auto [found, before] =
        isAll ? findAll(e, first, count, weight)
              : findSome(e, first, element, count, weight, target, carried);
    scf::YieldOp::create(
        e, ValueRange{e.add(carried[0], found), e.add(carried[1], before)});
    rewriter.replaceOp(op, loop.getResults());
    return success();
  }

private:
  /// How many elements of a turn count, and what they weigh.
  using Found = std::pair<Value, Value>;

  Found findAll(Emitter &e, Value first, Value count, Value weight) const {
    Value left = e.sub(count, first);
    return {arith::MinSIOp::create(e, left, e.i32(kLanes)),
            NVVM::ReduxOp::create(e, e.getI32Type(), weight,
                                  NVVM::ReduxKind::ADD, e.i32(-1))};
  }

  Found findSome(Emitter &e, Value first, Value element, Value count,
                 Value weight, Value target, ValueRange before) const {
    Value sum = sumUp(e, weight);
    Value isNext =
        arith::CmpIOp::create(e, arith::CmpIPredicate::eq, first, before[0]);
    Value isWithin = e.lessOrEqual(e.add(before[1], sum), target);
    Value counts = arith::AndIOp::create(
        e, isNext, arith::AndIOp::create(e, isWithin, e.less(element, count)));
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
