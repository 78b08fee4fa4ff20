//===- OverlapProducts.cpp - Start the next scores before this product ----===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A key tile's work has a front, which ends in the weights, and a back, which
// rounds and sums them and multiplies them by the values. Turn n of the new
// loop is the front of tile n around the back of tile n - 1:
//
//   front(0)
//   for n = 1 ..:  S = Q K_n'                     scores
//                  back(n - 1)                    ... P V_{n-1}
//                  the rest of front(n)           softmax, while P V runs
//                  T = R K_n'                     needed by back(n) only
//   back(last)
//
// The scores start before or after the back's rounding. Before, they overlap
// it; after, the multiplications of a turn are together, which two consumers
// that take turns want.
//
// With the weights ahead, rounding and sums belong to the front, so that the
// back is the products alone; all scores of the next tile start before them.
//
// What the back needs of the front is carried: weights, T, and the factor that
// rescales. The order of the text is the overlap, as the lowering keeps it.
//
// The new loop needs a first tile. Where the old one had none, tile 0 is walked
// all the same: its mask hides all of it.
//
//===----------------------------------------------------------------------===//

#include "dialect/Tile/TileDialect.h"
#include "lib/Schedule/ScheduleAttr.h"
#include "lib/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "llvm/ADT/SetVector.h"

namespace parallax {
#define GEN_PASS_DEF_TILEOVERLAPPRODUCTS
#include "lib/Transforms/Passes.h.inc"
} // namespace parallax

using namespace mlir;
using namespace parallax;

namespace {

using OpSet = llvm::SetVector<Operation *>;

bool isTile(Value value) { return isa<RankedTensorType>(value.getType()); }

/// How the ops of a loop's body are divided, each in the body's order. Scalars
/// belong to both sides.
class Parts {
public:
  /// Fails if the body is no front and back. With `weightsAhead` only products
  /// of weights and what they add to are the back.
  static std::optional<Parts> of(scf::ForOp loop, bool weightsAhead);

  OpSet scores;  ///< What leads to the dots that the softmax waits for.
  OpSet softmax; ///< The rest of the front but `late`.
  OpSet late;    ///< Dots of the front that only the back uses.
  OpSet back;
  OpSet rounding; ///< Of the back, all but its dots and what they multiply.
  SmallVector<Value> crossing;         ///< Of the front, used by the back.
  SmallVector<unsigned> front, behind; ///< Carried values by who makes them.
};

/// Adds what `value` depends on in the body of `loop`.
void addSlice(scf::ForOp loop, Value value, OpSet &slice) {
  Operation *op = value.getDefiningOp();
  if (!op || op->getBlock() != loop.getBody() || !slice.insert(op))
    return;
  for (Value operand : op->getOperands())
    addSlice(loop, operand, slice);
}

OpSet inOrder(scf::ForOp loop, llvm::function_ref<bool(Operation *)> keep) {
  OpSet ordered;
  for (Operation &op : loop.getBody()->without_terminator())
    if (keep(&op))
      ordered.insert(&op);
  return ordered;
}

std::optional<Parts> Parts::of(scf::ForOp loop, bool weightsAhead) {
  Block &body = *loop.getBody();
  auto mask = llvm::find_if(body, [&](Operation &op) {
    auto mask = dyn_cast<tile::MaskOp>(op);
    return mask && mask.getKey() == loop.getInductionVar();
  });
  if (mask == body.end() || loop.getUnsignedCmp())
    return std::nullopt;
  // Operands and one result must say all that an op depends on and makes.
  for (Operation &op : body.without_terminator())
    if (op.getNumRegions() || op.getNumResults() != 1)
      return std::nullopt;

  OpSet front, waited;
  for (auto exp2 : body.getOps<math::Exp2Op>())
    addSlice(loop, exp2.getResult(), front);
  Parts parts;
  auto isSum = [&](Operation *op) {
    auto reduce = dyn_cast<tile::ReduceOp>(op);
    auto dot = dyn_cast<tile::DotOp>(op);
    return (reduce && reduce.getKind() == tile::ReduceKind::Add &&
            !weightsAhead) ||
           (dot && !dot.getTranspose());
  };
  if (weightsAhead)
    for (auto dot : body.getOps<tile::DotOp>())
      if (!dot.getTranspose())
        addSlice(loop, dot.getLhs(), front);
  auto dependsOnSum = [&](Value value) {
    OpSet slice;
    addSlice(loop, value, slice);
    return llvm::any_of(slice, isSum);
  };
  for (auto [i, value] : llvm::enumerate(loop.getYieldedValues())) {
    bool isBehind = dependsOnSum(value);
    (isBehind ? parts.behind : parts.front).push_back(i);
    if (!isBehind)
      addSlice(loop, value, front);
  }
  OpSet lateDots, lateSlice;
  for (auto dot : body.getOps<tile::DotOp>()) {
    if (!dot.getTranspose())
      continue;
    if (front.contains(dot))
      addSlice(loop, dot.getResult(), waited);
    else
      lateDots.insert(dot);
  }
  // The loads of late dots are those of the scores.
  for (Operation *dot : lateDots) {
    front.insert(dot);
    for (Value operand : dot->getOperands())
      addSlice(loop, operand, lateSlice);
  }
  for (Operation *op : lateSlice)
    front.insert(op);

  auto isScalar = [](Operation *op) {
    return llvm::none_of(op->getResults(), isTile);
  };
  parts.scores = inOrder(loop, [&](Operation *op) {
    return waited.contains(op) || (lateSlice.contains(op) && !isScalar(op)) ||
           (front.contains(op) && isScalar(op));
  });
  parts.softmax = inOrder(loop, [&](Operation *op) {
    return front.contains(op) && !parts.scores.contains(op) &&
           !lateDots.contains(op);
  });
  parts.late =
      inOrder(loop, [&](Operation *op) { return lateDots.contains(op); });
  parts.back = inOrder(loop, [&](Operation *op) {
    return !front.contains(op) || isScalar(op) ||
           op->hasTrait<OpTrait::ConstantLike>();
  });
  if (parts.scores.empty() || parts.back.empty())
    return std::nullopt;
  OpSet products;
  for (auto dot : body.getOps<tile::DotOp>()) {
    if (!parts.back.contains(dot))
      continue;
    products.insert(dot);
    for (Value operand : {dot.getRhs(), dot.getAccumulator()})
      if (Operation *source = operand.getDefiningOp())
        products.insert(source);
  }
  parts.rounding = inOrder(loop, [&](Operation *op) {
    return parts.back.contains(op) && !products.contains(op);
  });

  // Nor may the front read what the back makes: that comes a turn later.
  auto isCarriedBehind = [&](Value value) {
    auto argument = dyn_cast<BlockArgument>(value);
    return argument && argument.getOwner() == &body &&
           argument != loop.getInductionVar() &&
           llvm::is_contained(parts.behind, argument.getArgNumber() - 1);
  };
  for (Operation *op : front)
    if (isSum(op) || llvm::any_of(op->getOperands(), isCarriedBehind))
      return std::nullopt;
  for (unsigned i : parts.front)
    if (isCarriedBehind(loop.getYieldedValues()[i]))
      return std::nullopt;

  llvm::SetVector<Value> crossing;
  for (Operation *op : parts.back)
    for (Value operand : op->getOperands()) {
      Operation *source = operand.getDefiningOp();
      if (source && isTile(operand) && front.contains(source) &&
          !parts.back.contains(source))
        crossing.insert(operand);
      // The back of a tile comes a turn later: it may not read what the front
      // carries.
      auto argument = dyn_cast<BlockArgument>(operand);
      if (argument && argument.getOwner() == &body &&
          argument != loop.getInductionVar() &&
          llvm::is_contained(parts.front, argument.getArgNumber() - 1))
        return std::nullopt;
    }
  parts.crossing = crossing.takeVector();
  return parts;
}

/// Writes the rotated loop in place of the old one.
class Rotation {
public:
  Rotation(scf::ForOp loop, const Parts &parts, bool scoresFirst)
      : b(loop.getLoc(), loop), loop(loop), parts(parts),
        scoresFirst(scoresFirst) {}

  void write();

private:
  void clone(const OpSet &ops, IRMapping &map) {
    for (Operation *op : ops)
      if (!map.contains(op->getResult(0)))
        b.clone(*op, map);
  }
  void mapCarried(ArrayRef<unsigned> which, ValueRange values, IRMapping &map) {
    for (auto [i, value] : llvm::zip_equal(which, values))
      map.map(loop.getRegionIterArg(i), value);
  }
  SmallVector<Value> yielded(ArrayRef<unsigned> which, IRMapping &map) {
    return llvm::map_to_vector(which, [&](unsigned i) {
      return map.lookupOrDefault(loop.getYieldedValues()[i]);
    });
  }
  SmallVector<Value> initial(ArrayRef<unsigned> which) {
    return llvm::map_to_vector(
        which, [&](unsigned i) -> Value { return loop.getInitArgs()[i]; });
  }
  SmallVector<Value> crossing(IRMapping &map) {
    return llvm::map_to_vector(parts.crossing,
                               [&](Value value) { return map.lookup(value); });
  }

  ImplicitLocOpBuilder b;
  scf::ForOp loop;
  const Parts &parts;
  bool scoresFirst;
};

} // namespace

void Rotation::write() {
  Value begin = loop.getLowerBound(), step = loop.getStep();
  Value one = arith::ConstantIndexOp::create(b, 1);
  Value end = arith::MaxSIOp::create(b, loop.getUpperBound(),
                                     arith::AddIOp::create(b, begin, one));

  IRMapping first;
  first.map(loop.getInductionVar(), begin);
  mapCarried(parts.front, initial(parts.front), first);
  for (const OpSet *part : {&parts.scores, &parts.softmax, &parts.late})
    clone(*part, first);

  SmallVector<Value> carried = yielded(parts.front, first);
  llvm::append_range(carried, initial(parts.behind));
  llvm::append_range(carried, crossing(first));
  size_t fronts = parts.front.size(), behinds = parts.behind.size();
  auto rotated = scf::ForOp::create(
      b, arith::AddIOp::create(b, begin, step), end, step, carried,
      [&](OpBuilder &, Location, Value iv, ValueRange arguments) {
        OpBuilder::InsertionGuard guard(b);
        IRMapping next, before;
        next.map(loop.getInductionVar(), iv);
        mapCarried(parts.front, arguments.take_front(fronts), next);
        before.map(loop.getInductionVar(), arith::SubIOp::create(b, iv, step));
        mapCarried(parts.behind, arguments.slice(fronts, behinds), before);
        before.map(parts.crossing, arguments.drop_front(fronts + behinds));

        if (!scoresFirst)
          clone(parts.rounding, before);
        clone(parts.scores, next);
        clone(parts.back, before);
        clone(parts.softmax, next);
        clone(parts.late, next);
        SmallVector<Value> results = yielded(parts.front, next);
        llvm::append_range(results, yielded(parts.behind, before));
        llvm::append_range(results, crossing(next));
        scf::YieldOp::create(b, results);
      });

  // The last tile's first key: begin + (end - 1 - begin) / step * step.
  Value span =
      arith::SubIOp::create(b, arith::SubIOp::create(b, end, one), begin);
  Value whole =
      arith::MulIOp::create(b, arith::DivUIOp::create(b, span, step), step);
  IRMapping last;
  last.map(loop.getInductionVar(), arith::AddIOp::create(b, begin, whole));
  ValueRange results = rotated.getResults();
  mapCarried(parts.behind, results.slice(fronts, behinds), last);
  last.map(parts.crossing, results.drop_front(fronts + behinds));
  clone(parts.back, last);

  for (auto [i, value] :
       llvm::zip_equal(parts.front, results.take_front(fronts)))
    loop.getResult(i).replaceAllUsesWith(value);
  for (auto [i, value] :
       llvm::zip_equal(parts.behind, yielded(parts.behind, last)))
    loop.getResult(i).replaceAllUsesWith(value);
  loop.erase();
}

namespace {

struct TileOverlapProductsPass
    : parallax::impl::TileOverlapProductsBase<TileOverlapProductsPass> {
  void runOnOperation() override {
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      if (!function->hasAttr(kScheduleAttr))
        continue;
      FailureOr<Schedule> schedule = getSchedule(function);
      if (failed(schedule))
        return signalPassFailure();
      if (schedule->overlap == Overlap::None)
        continue;
      for (auto loop : llvm::to_vector(function.getOps<scf::ForOp>())) {
        std::optional<Parts> parts =
            Parts::of(loop, schedule->overlap == Overlap::WeightsAhead);
        if (!parts) {
          loop.emitOpError("expected a loop over masked key tiles whose "
                           "products of weights can be overlapped");
          return signalPassFailure();
        }
        Rotation(loop, *parts, schedule->overlap == Overlap::ScoresFirst)
            .write();
      }
    }
  }
};

} // namespace
