//===- ProblemToTile.cpp - The algorithm of each problem ------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Online softmax with two accumulators. A program owns one tile of queries and
// walks the key tiles that its rows can see. Its state is (m, d1, d2, O1, O2),
// the sums relative to the running maximum m of scale * q.k in base 2:
//
//   x     = mask(scale * log2(e) * Q K')      T = R K'
//   m'    = max(m, rowmax x)                  alpha = exp2(m - m')
//   P1    = round(exp2(x - m'))               P2 = round(exp2(x - m') * T)
//   d1    = alpha d1 + rowsum P1              d2 = alpha d2 + rowsum P2
//   O1    = alpha O1 + P1 V                   O2 = alpha O2 + P2 V
//   o     = O1/d1 * (1 + d2/d1) - O2/d1
//
// Invariants:
// - d1 and d2 sum the weights *after* their rounding to the operand type. o is
//   a difference of two nearly equal terms when r.k is large or few keys weigh,
//   so both terms must use the same weights (an error of 3e-2 otherwise).
// - With a lag c of the schedule, m stays where it is until a row's scores
//   exceed it by more than c powers of two: weights are then at most 2^c, and
//   rescaling is rare. The true maximum is kept beside it if it is an output.
// - Where a schedule divides the products, P2 = round(P1 * T): the weights that
//   cross between consumers are the rounded ones.
// - m starts at the lowest finite value and masked scores are -infinity, so a
//   row that has seen no key has weights of exactly 0 and never a NaN.
// - Forward and decode are one text: a decode packs the query heads that share
//   a key head into the rows, and reads the key length from memory.
// - Programs that share a tile's keys (Split.cpp) are another way to choose
//   [begin, end) and to end.
//
//===----------------------------------------------------------------------===//

#include "dialect/Problem/ProblemData.h"
#include "dialect/Tile/TileDialect.h"
#include "lib/Conversion/Passes.h"
#include "lib/Conversion/ProblemToTile/Outputs.h"
#include "lib/Conversion/ProblemToTile/Split.h"
#include "lib/Schedule/ScheduleAttr.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

#include <cmath>
#include <limits>
#include <optional>
#include <tuple>

namespace parallax {
#define GEN_PASS_DEF_PROBLEMTOTILE
#include "lib/Conversion/Passes.h.inc"
} // namespace parallax

using namespace mlir;
using namespace parallax;
using namespace parallax::problem_to_tile;

namespace {

constexpr float kLog2E = 1.44269504088896340736f;

/// The operands and attributes that all attention ops share.
struct Attention {
  Value query, r, key, value, scale, window, usedLengths, blockTable;
  Value newKey, newValue, keyScale, valueScale;
  Outputs outputs;
  bool causal, positiveScale;

  int64_t headDim() const {
    return cast<MemRefType>(query.getType()).getDimSize(3);
  }

  template <typename OpT>
  explicit Attention(OpT op)
      : query(op.getQuery()), r(op.getR()), key(op.getKey()),
        value(op.getValue()), scale(op.getScale()), window(op.getWindow()),
        usedLengths(op.getUsedLengths()), blockTable(op.getBlockTable()),
        keyScale(op.getKeyScale()), valueScale(op.getValueScale()),
        outputs{op.getOut(),       op.getRowMax(),
                op.getD1(),        op.getTbar(),
                op.getLogSumExp(), llvm::to_vector(op.getState())},
        causal(op.getMask() == problem::Mask::Causal),
        positiveScale(op.getPositiveScale()) {
    APFloat constant(0.0f);
    if (matchPattern(scale, m_ConstantFloat(&constant)))
      positiveScale = constant.convertToFloat() > 0;
    if (!op.getAppend().empty()) {
      newKey = op.getAppend()[0];
      newValue = op.getAppend()[1];
    }
  }
};

/// Writes the program of one problem at an insertion point.
class ProgramWriter {
public:
  ProgramWriter(ImplicitLocOpBuilder &b, const Attention &op,
                const Schedule &schedule, const std::optional<Meeting> &meeting)
      : b(b), op(op), meeting(meeting), splitTiles(schedule.splitTiles),
        mayCluster(schedule.cluster > 1), rows(schedule.tile.rows),
        keys(schedule.tile.keys), packedHeads(schedule.tile.packedHeads),
        lag(schedule.rescaleLag), hasWarpKeys(schedule.hasWarpKeys()),
        isDivided(schedule.partition == Partition::Products),
        // The factor stays in a register beside the scores of two tiles, which
        // leave none.
        multipliesLate(schedule.overlap != Overlap::RoundingFirst),
        element(cast<MemRefType>(op.query.getType()).getElementType()),
        headDim(op.headDim()) {}

  void write();

private:
  void append(Value used);
  State step(Value j, State s);
  Value nextMaximum(Value m, Value top);

  // Index arithmetic.
  Value index(int64_t value) {
    return arith::ConstantIndexOp::create(b, value);
  }
  template <typename OpT> Value make(Value lhs, Value rhs) {
    return OpT::create(b, lhs, rhs);
  }
  int64_t pageSize() {
    return cast<MemRefType>(op.key.getType()).getDimSize(1);
  }
  Value dim(Value memory, int64_t d) {
    return memref::DimOp::create(b, memory, d);
  }

  // Tiles of float32.
  RankedTensorType tile(ArrayRef<int64_t> shape) {
    return RankedTensorType::get(shape, b.getF32Type());
  }
  Value reduce(tile::ReduceKind kind, Value source) {
    return tile::ReduceOp::create(b, tile({rows}), kind, source);
  }
  Value exp2(Value x) { return math::Exp2Op::create(b, x); }
  Value mul(Value x, Value y) { return make<arith::MulFOp>(x, y); }
  Value add(Value x, Value y) { return make<arith::AddFOp>(x, y); }
  Value sub(Value x, Value y) { return make<arith::SubFOp>(x, y); }

  /// Rounds weights to the operand type, and says what they have become.
  struct Rounded {
    Value operand, asFloat;
  };
  Rounded round(Value weights) {
    if (element.isF32())
      return {weights, weights};
    Type type = RankedTensorType::get({rows, keys}, element);
    Value operand = arith::TruncFOp::create(b, type, weights);
    return {operand, arith::ExtFOp::create(b, weights.getType(), operand)};
  }
  Value loadQueries(Value memory) {
    Type type = RankedTensorType::get({rows, headDim}, element);
    return tile::LoadOp::create(b, type, memory, batch, token, head,
                                /*limit=*/Value(), packedHeads);
  }
  Value loadKeys(Value memory, Value j) {
    Type type = RankedTensorType::get({keys, headDim}, element);
    return tile::LoadOp::create(b, type, memory, batch, j, keyHead, limit,
                                op.blockTable, /*part=*/Value(),
                                /*row=*/Value(), /*heads=*/1);
  }
  Value handOver(Value value, int64_t from, int64_t to) {
    return tile::HandoverOp::create(b, value, from, to);
  }
  Value dot(Value lhs, Value rhs, Value accumulator, bool transpose) {
    return tile::DotOp::create(b, accumulator.getType(), lhs, rhs, accumulator,
                               transpose);
  }

  ImplicitLocOpBuilder &b;
  const Attention &op;
  const std::optional<Meeting> &meeting; ///< Of programs that share keys.
  int64_t splitTiles;
  bool mayCluster; ///< These may run as a cluster.
  int64_t rows, keys, packedHeads, lag;
  bool hasWarpKeys;    ///< Each warp has keys of its own.
  bool isDivided;      ///< Consumer 0 makes O1 and d1, consumer 1 O2 and d2.
  bool multipliesLate; ///< Scores, by the scale: after their maximum is known.
  Type element;
  int64_t headDim;

  Value batch, token, head, keyHead, keyLength, shift, window, limit;
  Value queryTile, rTile, scaleLog2E;
  Value keyScale; ///< Of the keys of an e4m3 cache, if it is given.
};

} // namespace

void ProgramWriter::write() {
  auto id = tile::ProgramIdOp::create(b);
  batch = id.getBatch();
  token = make<arith::MulIOp>(id.getTile(), index(rows / packedHeads));
  head = make<arith::MulIOp>(id.getHead(), index(packedHeads));
  // Query heads are a multiple of key heads: one division in place of two.
  keyHead = make<arith::DivUIOp>(make<arith::MulIOp>(head, dim(op.key, 2)),
                                 dim(op.query, 2));

  Value queryLength = dim(op.query, 1);
  keyLength = op.blockTable ? make<arith::MulIOp>(dim(op.blockTable, 1),
                                                  index(pageSize()))
                            : dim(op.key, 1);
  Value used = keyLength;
  if (op.usedLengths) {
    used = memref::LoadOp::create(b, op.usedLengths, batch);
    used = arith::IndexCastOp::create(b, b.getIndexType(), used);
    Value atLeast0 = make<arith::MaxSIOp>(used, index(0));
    keyLength = limit = make<arith::MinSIOp>(atLeast0, keyLength);
  }
  if (op.newKey)
    append(used);
  shift = make<arith::SubIOp>(keyLength, queryLength);
  if (op.window)
    window = arith::IndexCastOp::create(b, b.getIndexType(), op.window);
  scaleLog2E =
      mul(op.scale, arith::ConstantOp::create(b, b.getF32FloatAttr(kLog2E)));
  Outputs outputs = op.outputs;
  if (op.keyScale) {
    keyScale = memref::LoadOp::create(b, op.keyScale, keyHead);
    scaleLog2E = mul(scaleLog2E, keyScale);
  }
  if (op.valueScale)
    outputs.valueScale = memref::LoadOp::create(b, op.valueScale, keyHead);

  queryTile = loadQueries(op.query);
  rTile = loadQueries(op.r);

  // The keys [begin, end) that some row of the tile sees.
  Value begin = index(0), end = keyLength;
  if (op.causal) {
    Value lastToken = make<arith::AddIOp>(token, index(rows / packedHeads - 1));
    lastToken = make<arith::MinSIOp>(
        lastToken, make<arith::SubIOp>(queryLength, index(1)));
    Value lastKey = make<arith::AddIOp>(lastToken, shift);
    end = make<arith::MinSIOp>(end, make<arith::AddIOp>(lastKey, index(1)));
    if (window) {
      // Start on a tile's edge: a load then covers as few lines as it can.
      // The inner clamp keeps a window of 2^31 - 1 from wrapping around.
      Value diagonal =
          make<arith::AddIOp>(make<arith::AddIOp>(token, shift), index(1));
      Value first =
          make<arith::SubIOp>(make<arith::MaxSIOp>(diagonal, index(0)), window);
      first = make<arith::MaxSIOp>(first, index(0));
      begin = make<arith::MulIOp>(make<arith::DivUIOp>(first, index(keys)),
                                  index(keys));
    }
  }

  std::optional<Split> split;
  if (meeting) {
    split.emplace(b, begin, end, keys, splitTiles);
    std::tie(begin, end) = split->range();
  }

  State initial = State::empty(b, rows, headDim);
  if (lag && (op.outputs.rowMax || op.outputs.d1))
    initial.top = initial.m;
  auto loop = scf::ForOp::create(
      b, begin, end, index(keys), initial.values(),
      [&](OpBuilder &, Location, Value j, ValueRange carried) {
        State next = step(j, State::from(carried));
        scf::YieldOp::create(b, next.values());
      });
  State sums = State::from(loop.getResults());
  if (isDivided) {
    sums.d2 = handOver(sums.d2, 1, 0);
    sums.o2 = handOver(sums.o2, 1, 0);
  }
  Place place = {batch, token, head, packedHeads};
  if (!split)
    return writeOutputs(b, sums, outputs, place);
  Value tokens = make<arith::SubIOp>(queryLength, token);
  tokens = make<arith::MinSIOp>(tokens, index(rows / packedHeads));
  split->finish(sums, outputs, place, rows, *meeting,
                make<arith::MulIOp>(tokens, index(packedHeads)), mayCluster);
}

/// Writes the new tokens into the cache, as the last of the `used` ones. Every
/// program of a sequence and key head does, before it reads: they all write the
/// same, so none has to wait for another.
void ProgramWriter::append(Value used) {
  Value first = make<arith::SubIOp>(used, dim(op.newKey, 1));
  for (auto [from, to] :
       {std::pair(op.newKey, op.key), std::pair(op.newValue, op.value)})
    tile::AppendOp::create(b, from, to, batch, first, keyHead, keyLength,
                           op.blockTable);
}

/// One key tile: rows see keys [j, j + keys).
State ProgramWriter::step(Value j, State s) {
  OpBuilder::InsertionGuard guard(b);
  Value k = loadKeys(op.key, j);
  Value zero = fill(b, {rows, keys}, 0);
  Value s1 = dot(queryTile, k, zero, /*transpose=*/true);
  Value s2 = dot(rTile, k, zero, /*transpose=*/true);

  // A positive factor leaves the maximum where it is: it is multiplied once a
  // row, and the subtraction of the maximum takes in that of each score.
  const bool factorLast = multipliesLate && op.positiveScale && !keyScale;
  Value x = factorLast ? s1 : scaled(b, s1, scaleLog2E);
  x = tile::MaskOp::create(b, x.getType(), x, token, j, keyLength,
                           op.causal ? shift : Value(), window, packedHeads);
  Value top = reduce(tile::ReduceKind::Max, x);
  if (factorLast) {
    top = scaled(b, top, scaleLog2E);
    x = scaled(b, x, scaleLog2E);
  }
  Value m = nextMaximum(s.m, top);
  // The first tile has nothing to rescale, which costs a CTA of few tiles time.
  Value before = s.m;
  if (hasWarpKeys)
    before = arith::SelectOp::create(
        b,
        arith::CmpFOp::create(
            b, arith::CmpFPredicate::OEQ, s.m,
            fill(b, {rows}, std::numeric_limits<float>::lowest())),
        m, s.m);
  Value alpha = exp2(sub(before, m));
  Value weights = exp2(sub(x, broadcast(b, m, keys)));
  Rounded p1 = round(weights);
  Value alpha2 = alpha;
  if (isDivided) { // The weights cross rounded: half the bytes.
    alpha2 = handOver(alpha, 0, 1);
    weights =
        arith::ExtFOp::create(b, weights.getType(), handOver(p1.operand, 0, 1));
  }
  if (keyScale)
    s2 = scaled(b, s2, keyScale);
  Rounded p2 = round(mul(weights, s2));
  Value d1 = add(mul(s.d1, alpha), reduce(tile::ReduceKind::Add, p1.asFloat));
  Value d2 = add(mul(s.d2, alpha2), reduce(tile::ReduceKind::Add, p2.asFloat));

  Value v = loadKeys(op.value, j);
  Value factor = broadcast(b, alpha, headDim);
  Value factor2 = isDivided ? broadcast(b, alpha2, headDim) : factor;
  Value o1 = dot(p1.operand, v, mul(s.o1, factor), /*transpose=*/false);
  Value o2 = dot(p2.operand, v, mul(s.o2, factor2), /*transpose=*/false);
  return {m,  d1, d2,
          o1, o2, s.top ? make<arith::MaximumFOp>(s.top, top) : Value()};
}

/// The maximum that the next weights are relative to.
Value ProgramWriter::nextMaximum(Value m, Value top) {
  if (!lag)
    return make<arith::MaximumFOp>(m, top);
  Value grown =
      arith::CmpFOp::create(b, arith::CmpFPredicate::OGT, top,
                            add(m, fill(b, {rows}, static_cast<float>(lag))));
  return arith::SelectOp::create(b, grown, top, m);
}

namespace {

struct ProblemToTilePass
    : parallax::impl::ProblemToTileBase<ProblemToTilePass> {
  void runOnOperation() override {
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (failed(convert(function)))
        return signalPassFailure();
  }

  LogicalResult convert(func::FuncOp function);
};

SmallVector<std::pair<Value, StringRef>> operandsOf(const Attention &op) {
  SmallVector<std::pair<Value, StringRef>> all = {
      {op.query, "q"},
      {op.r, "r"},
      {op.key, "k"},
      {op.value, "v"},
      {op.usedLengths, "used_lengths"},
      {op.blockTable, "block_table"},
      {op.newKey, "new_k"},
      {op.newValue, "new_v"},
      {op.keyScale, "k_scale"},
      {op.valueScale, "v_scale"},
      {op.scale, "scale"},
      {op.window, "window"}};
  all.append(op.outputs.named());
  return all;
}

/// What a kernel of the function can be, besides its operands.
LogicalResult checkFunction(func::FuncOp function, Operation *problem) {
  if (problem->getParentOp() != function || !function.getBody().hasOneBlock())
    return problem->emitOpError("expected at the top level of a function of "
                                "one block");
  if (function.getNumResults())
    return function.emitOpError("expected a function without results, got ")
           << function.getNumResults();
  return success();
}

LogicalResult checkPacking(Operation *problem, const Attention &op,
                           int64_t packedHeads) {
  auto heads = [](Value tensor) {
    return cast<MemRefType>(tensor.getType()).getDimSize(2);
  };
  int64_t queryHeads = heads(op.query), keyHeads = heads(op.key);
  if (ShapedType::isStatic(queryHeads) && ShapedType::isStatic(keyHeads) &&
      queryHeads / keyHeads % packedHeads)
    return problem->emitOpError("expected packed heads that divide the ")
           << queryHeads / keyHeads << " query heads of a key head, got "
           << packedHeads;
  return success();
}

/// The function's schedule, if a program can have its tile.
FailureOr<Schedule> getTiling(func::FuncOp function) {
  constexpr int64_t most = 4096;
  FailureOr<Schedule> schedule = getSchedule(function);
  if (failed(schedule))
    return failure();
  const TileShape tile = schedule->tile;
  for (auto [name, size] : {std::pair("rows", tile.rows), {"keys", tile.keys}})
    if (size < 1 || size > most) {
      function.emitOpError("expected tiles of 1 to ")
          << most << " " << name << ", got " << size;
      return failure();
    }
  if (tile.packedHeads < 1 || tile.packedHeads > tile.rows) {
    function.emitOpError("expected 1 to ")
        << tile.rows << " packed heads, the rows of a tile, got "
        << tile.packedHeads;
    return failure();
  }
  return schedule;
}

LogicalResult ProblemToTilePass::convert(func::FuncOp function) {
  auto problems = problem::findProblems(function);
  if (problems.empty())
    return success();
  if (problems.size() > 1)
    return problems[1]->emitOpError("expected one problem a function, got ")
           << problems.size();
  FailureOr<Schedule> schedule = getTiling(function);
  if (failed(schedule))
    return failure();

  Operation *problem = problems.front();
  if (failed(checkFunction(function, problem)))
    return failure();
  ImplicitLocOpBuilder builder(problem->getLoc(), problem);
  if (auto merge = dyn_cast<problem::MergeOp>(problem)) {
    if (failed(nameArguments(function, problem_to_tile::operandsOf(merge))))
      return failure();
    writeMerge(builder, merge, schedule->tile);
  } else {
    auto attention = isa<problem::ForwardOp>(problem)
                         ? Attention(cast<problem::ForwardOp>(problem))
                         : Attention(cast<problem::DecodeOp>(problem));
    if (failed(checkPacking(problem, attention, schedule->tile.packedHeads)))
      return failure();
    SmallVector<std::pair<Value, StringRef>> operands = operandsOf(attention);
    std::optional<Meeting> meeting;
    if (schedule->splitTiles)
      meeting.emplace(function, attention.headDim(), schedule->tile.packedHeads,
                      operands);
    if (failed(nameArguments(function, operands)))
      return failure();
    ProgramWriter(builder, attention, *schedule, meeting).write();
  }
  problem->erase();
  function->setAttr(tile::kKernelAttr, builder.getUnitAttr());
  return success();
}

} // namespace
