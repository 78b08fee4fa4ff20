//===- DeferRowSums.cpp - Sum rows across lanes behind the loop -----------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The four lanes that share a row each hold some of its columns. A sum over the
// row may be taken lane by lane through the whole loop and across the lanes
// once: addition is all that happens to it, besides products by a factor that
// the lanes share. So
//
//   loop s: s' = s * alpha + reduce add x        (to row, with two exchanges)
//
// becomes the same with s, s' and the reduction as `row_partial`, and one
// `hopper.reduce add` to row behind the loop.
//
//===----------------------------------------------------------------------===//

#include "dialect/Hopper/HopperDialect.h"
#include "lib/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/Matchers.h"

namespace parallax {
#define GEN_PASS_DEF_HOPPERDEFERROWSUMS
#include "lib/Transforms/Passes.h.inc"
} // namespace parallax

using namespace mlir;
using namespace parallax;

namespace {

/// One carried sum of a loop: yield = add, add = scaled or carried + sum.
struct RowSum {
  unsigned index;
  BlockArgument carried;
  arith::MulFOp scaled; ///< carried * factor; null if the sum isn't scaled.
  Value factor;
  hopper::ReduceOp sum;
  arith::AddFOp add;
  Value initial; ///< Of row_partial if another loop's, else null for 0.
};

template <typename EncodingT> bool hasEncoding(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type && isa_and_nonnull<EncodingT>(type.getEncoding());
}

/// Whether the op sums what has `EncodingT`.
template <typename EncodingT> bool sums(hopper::ReduceOp op) {
  return op && op.getKind() == hopper::ReduceKind::Add &&
         hasEncoding<EncodingT>(op.getSource());
}

/// Whether the carried value `index` of a loop is a sum as above.
std::optional<RowSum> matchSum(scf::ForOp loop, unsigned index) {
  RowSum s;
  s.index = index;
  s.carried = loop.getRegionIterArg(index);
  if (!hasEncoding<hopper::RowAttr>(s.carried) || !s.carried.hasOneUse())
    return std::nullopt;
  Value next = loop.getYieldedValues()[index];
  s.add = next.getDefiningOp<arith::AddFOp>();
  if (!s.add || !next.hasOneUse())
    return std::nullopt;
  Value kept = s.add.getLhs();
  s.sum = s.add.getRhs().getDefiningOp<hopper::ReduceOp>();
  if (!sums<hopper::AccAttr>(s.sum) || !s.sum->hasOneUse())
    return std::nullopt;
  if (kept != s.carried) {
    s.scaled = kept.getDefiningOp<arith::MulFOp>();
    if (!s.scaled || s.scaled.getLhs() != s.carried || !kept.hasOneUse())
      return std::nullopt;
    s.factor = s.scaled.getRhs();
  }
  Value initial = loop.getInitArgs()[index];
  if (auto other = initial.getDefiningOp<hopper::ReduceOp>();
      sums<hopper::RowPartialAttr>(other))
    s.initial = other.getSource();
  else if (!matchPattern(initial, m_AnyZeroFloat()))
    return std::nullopt;
  return s;
}

void defer(scf::ForOp loop, RowSum s) {
  ImplicitLocOpBuilder b(loop.getLoc(), loop);
  auto row = cast<RankedTensorType>(s.carried.getType());
  const bool perWarp = hopper::isPerWarp(row);
  auto partial = RankedTensorType::get(
      {row.getDimSize(0), hopper::rowLanes(perWarp)}, row.getElementType(),
      hopper::RowPartialAttr::get(b.getContext(), perWarp));
  if (!s.initial)
    s.initial =
        arith::ConstantOp::create(b, DenseElementsAttr::get(partial, 0.0f));
  loop.getInitArgsMutable()[s.index].set(s.initial);
  s.carried.setType(partial);
  if (s.scaled) {
    b.setInsertionPoint(s.scaled);
    s.scaled.setOperand(1, hopper::BroadcastOp::create(b, partial, s.factor));
    s.scaled.getResult().setType(partial);
  }
  s.sum.getResult().setType(partial);
  s.add.getResult().setType(partial);

  Value result = loop.getResult(s.index);
  result.setType(partial);
  b.setInsertionPointAfter(loop);
  auto total =
      hopper::ReduceOp::create(b, row, hopper::ReduceKind::Add, result);
  result.replaceAllUsesExcept(total, total);
}

struct HopperDeferRowSumsPass
    : parallax::impl::HopperDeferRowSumsBase<HopperDeferRowSumsPass> {
  void runOnOperation() override {
    getOperation()->walk([&](scf::ForOp loop) {
      for (unsigned i = 0; i != loop.getNumRegionIterArgs(); ++i)
        if (std::optional<RowSum> sum = matchSum(loop, i))
          defer(loop, *sum);
    });
    // Between two loops nobody may have asked for the total.
    getOperation()->walk([](hopper::ReduceOp op) {
      if (op->use_empty())
        op.erase();
    });
  }
};

} // namespace
