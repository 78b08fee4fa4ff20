//===- Consumer.cpp - The role that computes ------------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The program in its own order, each tile held by one warpgroup as 64 rows. A
// dot becomes a wgmma in a group of its own, in flight until its first use:
// there a wait leaves only the younger groups pending. A ring's stage is handed
// back as soon as the last dot that reads it has landed. So the order of the L2
// text is the overlap: S and T are both started before S is waited for.
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/TileToHopper/Lowering.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace parallax;
using namespace parallax::tile_to_hopper;

namespace {

/// Threads at the named barrier of a turn: two consumers'.
constexpr int64_t kTurnThreads = 256;

/// What a 2-D tile's columns are: keys, or columns of the head dimension.
enum class Kind { Scores, Output };

/// A dot that was started and not waited for.
struct InFlight {
  Value l2Result;
  Value l2Fragment; ///< Its left side, if it lies in registers.
  SmallVector<tile::LoadOp> reads;
};

class Consumer {
public:
  Consumer(ImplicitLocOpBuilder &b, Shared &shared, Value consumer)
      : b(b), shared(shared), schedule(shared.schedule), consumer(consumer),
        values(shared.scalars) {
    bool rows = schedule.partition == Partition::Rows;
    zero = constant(b, 0);
    row = rows && schedule.consumers > 1 ? mul(consumer, constant(b, 64))
                                         : Value();
    column = rows ? Value() : mul(consumer, constant(b, 128));
    for (auto &[memory, ring] : shared.rings)
      uses[memory] = zero;
  }

  LogicalResult writeBlock(Block &block);

private:
  LogicalResult write(Operation &op);
  LogicalResult writeLoop(scf::ForOp loop);
  void startTurns(scf::ForOp loop);
  LogicalResult writeLoad(tile::LoadOp load);
  LogicalResult writeDot(tile::DotOp dot);
  LogicalResult writeStore(tile::StoreOp store);
  LogicalResult writeElementwise(Operation &op);
  LogicalResult writeRescale(arith::MulFOp op, tile::BroadcastOp factor);

  Value mul(Value x, Value y) { return arith::MulIOp::create(b, x, y); }

  /// The L3 type of an L2 tile or row.
  Type convert(RankedTensorType type, Kind kind) {
    MLIRContext *context = b.getContext();
    if (type.getRank() == 1)
      return RankedTensorType::get({64}, type.getElementType(),
                                   hopper::RowAttr::get(context));
    Attribute encoding = type.getElementTypeBitWidth() == 16
                             ? Attribute(hopper::OperandAAttr::get(context))
                             : Attribute(hopper::AccAttr::get(context));
    int64_t columns = kind == Kind::Scores
                          ? type.getDimSize(1)
                          : schedule.valueColumns(shared.headDim);
    return RankedTensorType::get({64, columns}, type.getElementType(),
                                 encoding);
  }

  /// The kind of a tile: a product says its own, the rest passes it on.
  std::optional<Kind> kindOf(Value value);
  /// The kind of a tile that no product made: its columns tell if they can.
  Kind defaultKind(Type type) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    return tensor && tensor.getRank() == 2 &&
                   tensor.getDimSize(1) != schedule.tile.keys
               ? Kind::Output
               : Kind::Scores;
  }
  /// The L3 value of an L2 tile, waited for if it is in flight. Splats,
  /// constants and broadcasts are made where they are used.
  FailureOr<Value> get(Value value, Kind kind);
  /// Waits until the dot that makes `l2Result` has landed.
  void land(Value l2Result);
  void landAll() {
    if (!inFlight.empty())
      land(inFlight.back().l2Result);
  }

  ImplicitLocOpBuilder &b;
  Shared &shared;
  const Schedule &schedule;
  Value consumer, zero;
  Value row;    ///< First row of this consumer, if not 0.
  Value column; ///< First column of O of this consumer, if not 0.
  IRMapping values;
  DenseMap<Value, Kind> kinds;
  SmallVector<InFlight> inFlight;
  DenseMap<Operation *, int64_t> pendingReads; ///< Of a load, by dots.
  DenseMap<Value, Value> uses;                 ///< Of each ring, the next one.
  tile::DotOp firstOfTurn,
      lastOfTurn;                     ///< Of the loop, if consumers take turns.
  DenseMap<Operation *, Value> useOf; ///< Of a ring, by each load.
  bool inputsWaited = false, turnsStarted = false;
};

} // namespace

std::optional<Kind> Consumer::kindOf(Value value) {
  auto known = kinds.find(value);
  if (known != kinds.end())
    return known->second;
  return std::nullopt;
}

FailureOr<Value> Consumer::get(Value value, Kind kind) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type)
    return values.lookup(value);
  Operation *op = value.getDefiningOp();
  DenseElementsAttr splat;
  if (op && matchPattern(value, m_Constant(&splat)) && splat.isSplat()) {
    auto l3 = cast<ShapedType>(convert(type, kind));
    return arith::ConstantOp::create(
               b, DenseElementsAttr::get(l3, splat.getSplatValue<Attribute>()))
        .getResult();
  }
  if (auto scalar = dyn_cast_if_present<tensor::SplatOp>(op))
    return tensor::SplatOp::create(b, convert(type, kind),
                                   values.lookup(scalar.getInput()),
                                   ValueRange())
        .getResult();
  if (auto broadcast = dyn_cast_if_present<tile::BroadcastOp>(op)) {
    FailureOr<Value> source = get(broadcast.getSource(), kind);
    if (failed(source))
      return failure();
    return hopper::BroadcastOp::create(b, convert(type, kind), *source)
        .getResult();
  }
  land(value);
  if (!values.contains(value))
    return emitError(value.getLoc(),
                     "expected a tile that a consumer holds in registers");
  return values.lookup(value);
}

void Consumer::land(Value l2Result) {
  auto *it = llvm::find_if(
      inFlight, [&](const InFlight &dot) { return dot.l2Result == l2Result; });
  if (it == inFlight.end())
    return;
  size_t landed = it - inFlight.begin() + 1;
  // The accumulators, and the fragments that must keep their registers so long.
  llvm::SetVector<Value> retired;
  for (const InFlight &dot : ArrayRef(inFlight).take_front(landed)) {
    retired.insert(dot.l2Result);
    if (dot.l2Fragment)
      retired.insert(dot.l2Fragment);
  }
  auto waiting = llvm::map_to_vector(
      retired, [&](Value value) { return values.lookup(value); });
  auto wait = hopper::WaitGroupOp::create(b, TypeRange(ValueRange(waiting)),
                                          inFlight.size() - landed, waiting);
  for (auto [l2, l3] : llvm::zip(retired, wait.getResults()))
    values.map(l2, l3);
  for (const InFlight &dot : ArrayRef(inFlight).take_front(landed)) {
    for (tile::LoadOp load : dot.reads)
      if (--pendingReads[load] == 0)
        if (auto ring = shared.rings.find(load.getMemory());
            ring != shared.rings.end() && !shared.inputs.contains(load))
          hopper::ArriveOp::create(b, ring->second.empty, useOf[load]);
  }
  inFlight.erase(inFlight.begin(), inFlight.begin() + landed);
}

LogicalResult Consumer::writeLoad(tile::LoadOp load) {
  pendingReads[load] = llvm::count_if(
      load->getUsers(), [](Operation *user) { return isa<tile::DotOp>(user); });
  if (shared.inputs.contains(load)) {
    if (!inputsWaited)
      hopper::WaitOp::create(b, shared.inputsFull, Value(), /*lag=*/0);
    inputsWaited = true;
    return success();
  }
  const Buffer &ring = shared.rings[load.getMemory()];
  Value use = uses[load.getMemory()];
  useOf[load] = use;
  uses[load.getMemory()] = arith::AddIOp::create(b, use, constant(b, 1));
  hopper::WaitOp::create(b, ring.full, use, /*lag=*/0);
  if (Value limit = load.getLimit()) {
    // What lies past the used length may be NaN, in k as well as in v.
    Value first = arith::SubIOp::create(b, values.lookup(limit),
                                        values.lookup(load.getToken()));
    first = arith::MaxSIOp::create(b, first, zero);
    hopper::ZeroRowsOp::create(b, ring.memory, stageOf(ring.memory, use),
                               first);
  }
  return success();
}

LogicalResult Consumer::writeDot(tile::DotOp dot) {
  bool scores = dot.getTranspose();
  Kind kind = scores ? Kind::Scores : Kind::Output;
  kinds[dot.getResult()] = kind;
  auto rhs = dot.getRhs().getDefiningOp<tile::LoadOp>();
  if (!rhs || shared.inputs.contains(rhs))
    return dot.emitOpError("expected a right side loaded in the same loop");
  InFlight started{dot.getResult(), /*l2Fragment=*/Value(), {rhs}};
  // Scores take the registers of the fragments that products in flight read.
  if (scores)
    for (const InFlight &other : llvm::reverse(inFlight))
      if (other.l2Fragment) {
        land(Value(other.l2Result));
        break;
      }

  Value a, aRow;
  int64_t inner;
  if (auto lhs = dot.getLhs().getDefiningOp<tile::LoadOp>()) {
    auto input = shared.inputs.find(lhs);
    if (input == shared.inputs.end())
      return dot.emitOpError("expected a left side loaded before the loop");
    a = input->second.memory;
    aRow = row;
    // Columns past the head dimension are zero: they need no product.
    inner = llvm::alignTo(shared.headDim, 16);
  } else {
    FailureOr<Value> fragment = get(dot.getLhs(), Kind::Scores);
    if (failed(fragment))
      return failure();
    a = *fragment;
    started.l2Fragment = dot.getLhs();
    values.map(dot.getLhs(), a); // A constant has been made just now.
    inner = cast<RankedTensorType>(a.getType()).getDimSize(1);
  }

  Value accumulator;
  if (!matchPattern(dot.getAccumulator(), m_AnyZeroFloat())) {
    FailureOr<Value> value = get(dot.getAccumulator(), kind);
    if (failed(value))
      return failure();
    accumulator = *value;
  }
  if (dot == firstOfTurn)
    hopper::NamedSyncOp::create(b, consumer, kTurnThreads);
  Type type = convert(cast<RankedTensorType>(dot.getResult().getType()), kind);
  Value memory = shared.rings[rhs.getMemory()].memory;
  auto wgmma = hopper::WgmmaOp::create(b, type, a, /*aStage=*/Value(), aRow,
                                       memory, stageOf(memory, useOf[rhs]),
                                       scores ? Value() : column, accumulator,
                                       scores, b.getI64IntegerAttr(inner));
  hopper::CommitOp::create(b);
  values.map(dot.getResult(), wgmma.getResult());
  inFlight.push_back(started);
  if (dot == lastOfTurn) {
    Value other = arith::SubIOp::create(b, constant(b, 1), consumer);
    hopper::NamedArriveOp::create(b, other, kTurnThreads);
  }
  return success();
}

/// Two consumers take turns at the products of a loop, or only at the scores if
/// nothing overlaps: each waits for its turn before the first and passes it on
/// behind the last. Consumer 0 begins, in the first loop: each turn of 1 ends
/// with 0's.
void Consumer::startTurns(scf::ForOp loop) {
  firstOfTurn = lastOfTurn = nullptr;
  for (auto dot : loop.getBody()->getOps<tile::DotOp>()) {
    if (!firstOfTurn)
      firstOfTurn = dot;
    bool endsTurn = dot.getTranspose() == (schedule.overlap == Overlap::None);
    if (endsTurn || !lastOfTurn)
      lastOfTurn = dot;
  }
  if (turnsStarted)
    return;
  turnsStarted = true;
  Value isOther =
      arith::CmpIOp::create(b, arith::CmpIPredicate::ne, consumer, zero);
  scf::IfOp::create(b, isOther, [&](OpBuilder &, Location) {
    hopper::NamedArriveOp::create(b, zero, kTurnThreads);
    scf::YieldOp::create(b);
  });
}

/// A product of an accumulator in a loop by a value a row, which online softmax
/// makes 1 more often than not.
LogicalResult Consumer::writeRescale(arith::MulFOp op,
                                     tile::BroadcastOp factor) {
  FailureOr<Value> source = get(op.getLhs(), Kind::Output);
  FailureOr<Value> row = get(factor.getSource(), Kind::Output);
  if (failed(source) || failed(row))
    return failure();
  kinds[op.getResult()] = Kind::Output;
  values.map(op.getResult(),
             hopper::RescaleOp::create(b, *source, *row).getResult());
  return success();
}

LogicalResult Consumer::writeElementwise(Operation &op) {
  if (auto product = dyn_cast<arith::MulFOp>(op);
      product && kindOf(product.getLhs()) == Kind::Output &&
      isa<scf::ForOp>(op.getParentOp()))
    if (auto factor = product.getRhs().getDefiningOp<tile::BroadcastOp>())
      return writeRescale(product, factor);
  Kind kind = defaultKind(op.getResult(0).getType());
  for (Value operand : op.getOperands())
    if (std::optional<Kind> known = kindOf(operand))
      kind = *known;
  IRMapping operands;
  for (Value operand : op.getOperands()) {
    FailureOr<Value> value = get(operand, kind);
    if (failed(value))
      return failure();
    operands.map(operand, *value);
  }
  Value result = op.getResult(0), source = operands.lookup(op.getOperand(0));
  Type type = convert(cast<RankedTensorType>(result.getType()), kind);
  kinds[result] = kind;
  if (isa<arith::TruncFOp>(op) && kind == Kind::Output) {
    values.map(result, source); // The store rounds it.
  } else if (isa<arith::TruncFOp>(op)) {
    values.map(result, hopper::PackOp::create(b, type, source).getResult());
  } else if (isa<arith::ExtFOp>(op)) {
    values.map(result, hopper::UnpackOp::create(b, type, source).getResult());
  } else {
    Value copy = b.clone(op, operands)->getResult(0);
    copy.setType(type);
    values.map(result, copy);
  }
  return success();
}

LogicalResult Consumer::writeStore(tile::StoreOp store) {
  int64_t heads = store.getHeads();
  Value batch = values.lookup(store.getBatch());
  Value token = values.lookup(store.getToken());
  Value head = values.lookup(store.getHead());
  bool isTile =
      cast<RankedTensorType>(store.getValue().getType()).getRank() == 2;
  if (isTile && kindOf(store.getValue()) == Kind::Scores)
    return store.emitOpError("expected to store the output, got scores");
  FailureOr<Value> value = get(store.getValue(), Kind::Output);
  if (failed(value))
    return failure();
  if (isTile) {
    // A consumer's rows of q are its own to overwrite; those that share rows
    // have a stage each.
    Value stage = stageOf(shared.output, consumer);
    Value tokenOfRow = row ? arith::AddIOp::create(b, token, row) : token;
    hopper::StoreFragmentOp::create(b, *value, shared.output, stage, row,
                                    /*column=*/Value());
    hopper::FenceAsyncOp::create(b);
    hopper::WarpgroupBarrierOp::create(b);
    hopper::TmaStoreOp::create(
        b, shared.output, stage, row,
        shared.storeMaps.lookup(store.getMemory()), column ? column : zero,
        head, tokenOfRow, batch, b.getDenseI64ArrayAttr({heads, 64 / heads}),
        b.getI64IntegerAttr(schedule.valueColumns(shared.headDim)));
    return success();
  }
  auto write = [&] {
    auto extend = [&](Value v) -> Value {
      return arith::ExtSIOp::create(b, b.getI64Type(), v);
    };
    Value stride = extend(shared.totalHeads);
    Value base = mul(mul(extend(batch), extend(shared.queryLength)), stride);
    base = arith::AddIOp::create(b, base, extend(head));
    hopper::StoreRowsOp::create(
        b, *value, shared.pointers.lookup(store.getMemory()), base, stride,
        row ? row : zero, token, shared.queryLength, heads,
        schedule.tile.tokens() * heads);
  };
  if (schedule.partition == Partition::Rows) {
    write();
    return success();
  }
  // Consumers that share rows hold the same values: the first writes them.
  Value isFirst =
      arith::CmpIOp::create(b, arith::CmpIPredicate::eq, consumer, zero);
  scf::IfOp::create(b, isFirst, [&](OpBuilder &, Location) {
    write();
    scf::YieldOp::create(b);
  });
  return success();
}

LogicalResult Consumer::writeLoop(scf::ForOp loop) {
  auto yield = cast<scf::YieldOp>(loop.getBody()->getTerminator());
  SmallVector<Kind> carriedKinds;
  SmallVector<Value> initial;
  for (auto [init, next] : llvm::zip(loop.getInitArgs(), yield.getOperands())) {
    auto dot = next.getDefiningOp<tile::DotOp>();
    carriedKinds.push_back(dot && !dot.getTranspose()
                               ? Kind::Output
                               : defaultKind(init.getType()));
    FailureOr<Value> value = get(init, carriedKinds.back());
    if (failed(value))
      return failure();
    initial.push_back(*value);
  }
  if (schedule.pingPong)
    startTurns(loop);
  SmallVector<Value> rings = shared.ringsOf(loop);
  for (Value ring : rings)
    initial.push_back(uses[ring]);

  LogicalResult result = success();
  auto copy = scf::ForOp::create(
      b, values.lookup(loop.getLowerBound()),
      values.lookup(loop.getUpperBound()), values.lookup(loop.getStep()),
      initial, [&](OpBuilder &, Location, Value iv, ValueRange carried) {
        values.map(loop.getInductionVar(), iv);
        for (auto [l2, l3, kind] :
             llvm::zip(loop.getRegionIterArgs(), carried, carriedKinds)) {
          values.map(l2, l3);
          kinds[l2] = kind;
        }
        for (auto [ring, use] :
             llvm::zip(rings, carried.take_back(rings.size())))
          uses[ring] = use;
        result = writeBlock(*loop.getBody());
        if (failed(result))
          return scf::YieldOp::create(b, carried), void();
        landAll();
        SmallVector<Value> next;
        for (Value value : yield.getOperands())
          next.push_back(values.lookup(value));
        for (Value ring : rings)
          next.push_back(uses[ring]);
        scf::YieldOp::create(b, next);
      });
  for (auto [l2, l3, kind] :
       llvm::zip(loop.getResults(), copy.getResults(), carriedKinds)) {
    values.map(l2, l3);
    kinds[l2] = kind;
  }
  for (auto [ring, use] :
       llvm::zip(rings, copy.getResults().take_back(rings.size())))
    uses[ring] = use;
  return result;
}

LogicalResult Consumer::write(Operation &op) {
  if (isScalarOp(op)) {
    cloneScalarOp(b, op, values);
    return success();
  }
  if (op.hasTrait<OpTrait::IsTerminator>() || matchPattern(&op, m_Constant()) ||
      isa<tensor::SplatOp, tile::BroadcastOp>(op))
    return success(); // Made where it is used.
  if (auto loop = dyn_cast<scf::ForOp>(op))
    return writeLoop(loop);
  if (auto load = dyn_cast<tile::LoadOp>(op))
    return writeLoad(load);
  if (auto dot = dyn_cast<tile::DotOp>(op))
    return writeDot(dot);
  if (auto store = dyn_cast<tile::StoreOp>(op))
    return writeStore(store);
  if (auto reduce = dyn_cast<tile::ReduceOp>(op)) {
    if (schedule.partition == Partition::Columns &&
        kindOf(reduce.getSource())
                .value_or(defaultKind(reduce.getSource().getType())) ==
            Kind::Output)
      return reduce.emitOpError("expected a reduction of scores: consumers "
                                "divide the columns of the output");
    FailureOr<Value> source = get(reduce.getSource(), Kind::Scores);
    if (failed(source))
      return failure();
    auto kind = reduce.getKind() == tile::ReduceKind::Max
                    ? hopper::ReduceKind::Max
                    : hopper::ReduceKind::Add;
    values.map(
        reduce.getResult(),
        hopper::ReduceOp::create(
            b, convert(cast<RankedTensorType>(reduce.getType()), Kind::Scores),
            kind, *source)
            .getResult());
    return success();
  }
  if (auto mask = dyn_cast<tile::MaskOp>(op)) {
    FailureOr<Value> source = get(mask.getSource(), Kind::Scores);
    if (failed(source))
      return failure();
    kinds[mask.getResult()] = Kind::Scores;
    auto scalar = [&](Value v) { return v ? values.lookup(v) : Value(); };
    values.map(mask.getResult(),
               hopper::MaskOp::create(
                   b, source->getType(), *source, row ? row : zero,
                   scalar(mask.getToken()), scalar(mask.getKey()),
                   scalar(mask.getLength()), scalar(mask.getShift()),
                   scalar(mask.getWindow()), mask.getHeads())
                   .getResult());
    return success();
  }
  if (op.hasTrait<OpTrait::Elementwise>() && op.getNumResults() == 1)
    return writeElementwise(op);
  if (op.getNumResults() && values.contains(op.getResult(0)))
    return success(); // Computed before the roles.
  return op.emitOpError("expected an op of the tile program that a consumer "
                        "warpgroup can compute");
}

LogicalResult Consumer::writeBlock(Block &block) {
  for (Operation &op : block)
    if (failed(write(op)))
      return failure();
  return success();
}

LogicalResult tile_to_hopper::writeConsumer(ImplicitLocOpBuilder &b,
                                            Block &program, Shared &shared,
                                            Value consumer) {
  return Consumer(b, shared, consumer).writeBlock(program);
}
