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

#include "lib/Conversion/TileToHopper/Consumer.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace parallax;
using namespace parallax::tile_to_hopper;

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
  if (Value memory = results.lookup(value))
    return hopper::GetOp::create(b, convert(type, kind), memory,
                                 /*stage=*/Value())
        .getResult();
  land(value);
  if (ofWarps.contains(value))
    mergeWarps();
  if (!values.contains(value))
    return emitError(value.getLoc(),
                     "expected a tile that a consumer holds in registers");
  return values.lookup(value);
}

void Consumer::waitForInputs() {
  if (!inputsWaited)
    hopper::WaitOp::create(b, shared.inputsFull, number, /*lag=*/0);
  inputsWaited = true;
}

/// From here on they are handed from wait to wait, so that they keep their
/// registers while multiplications read them.
void Consumer::loadQueries(const Buffer &input) {
  auto tile = cast<hopper::SmemType>(input.memory.getType());
  const bool perWarp = schedule.hasWarpKeys();
  const int64_t rows =
      perWarp ? 2 * hopper::kWarps * schedule.tile.rows : hopper::kRows;
  auto type = RankedTensorType::get(
      {rows, schedule.outputColumns(shared.headDim)}, tile.getElementType(),
      hopper::OperandAAttr::get(b.getContext(), perWarp));
  queries = hopper::LoadFragmentOp::create(
      b, type, input.memory, stageOf(input.memory, number), /*row=*/Value(),
      perWarp ? IntegerAttr() : b.getI64IntegerAttr(2 * schedule.tile.rows),
      perWarp && shared.areNarrow());
}

LogicalResult Consumer::writeLoad(tile::LoadOp load) {
  pendingReads[load] = llvm::count_if(load->getUsers(), [&](Operation *user) {
    return isa<tile::DotOp>(user) && isMine(user);
  });
  if (auto input = shared.inputs.find(load); input != shared.inputs.end()) {
    waitForInputs();
    if (schedule.queriesInRegisters && !queries)
      loadQueries(input->second);
    return success();
  }
  const Buffer &ring = shared.rings[load.getMemory()];
  Value use = uses[load.getMemory()];
  useOf[load] = use;
  uses[load.getMemory()] = arith::AddIOp::create(b, use, constant(b, 1));
  hopper::WaitOp::create(b, ring.full, use, /*lag=*/0);
  if (isGathered(load)) {
    hopper::FenceAsyncOp::create(b);
    return success();
  }
  if (Value limit = load.getLimit();
      limit && (!load.converts() || schedule.hasWarpKeys())) {
    // What lies past the used length may be NaN, in k as well as in v.
    Value first = arith::SubIOp::create(b, values.lookup(limit),
                                        values.lookup(load.getToken()));
    first = arith::MaxSIOp::create(b, first, zero);
    hopper::ZeroRowsOp::create(b, ring.memory, stageOf(ring.memory, use),
                               first);
  }
  return success();
}

LogicalResult Consumer::writeLoop(scf::ForOp loop) {
  auto yield = cast<scf::YieldOp>(loop.getBody()->getTerminator());
  SmallVector<Kind> carriedKinds;
  SmallVector<Value> initial;
  SmallVector<unsigned> mine;
  for (auto [index, init, next] :
       llvm::enumerate(loop.getInitArgs(), yield.getOperands())) {
    if (!isMine(loop.getRegionIterArg(index)))
      continue;
    mine.push_back(index);
    auto dot = next.getDefiningOp<tile::DotOp>();
    carriedKinds.push_back(dot && !dot.getTranspose()
                               ? Kind::Output
                               : defaultKind(init.getType()));
    FailureOr<Value> value = get(init, carriedKinds.back());
    if (failed(value))
      return failure();
    initial.push_back(*value);
  }
  if (schedule.pingPong) {
    startTurns();
    findTurn(loop);
  }
  SmallVector<Value> rings = shared.ringsOf(loop);
  for (Value ring : rings)
    initial.push_back(uses[ring]);
  if (share)
    initial.push_back(messages);
  if (carriesQueries())
    initial.push_back(queries);

  LogicalResult result = success();
  auto takeUses = [&](ValueRange carried) {
    ValueRange counters = carried.drop_front(mine.size());
    for (auto [ring, use] : llvm::zip(rings, counters))
      uses[ring] = use;
    if (share)
      messages = counters[rings.size()];
    if (carriesQueries())
      queries = counters.back();
  };
  auto takeTiles = [&](ValueRange l2Values, ValueRange carried) {
    for (auto [index, l3, kind] : llvm::zip(mine, carried, carriedKinds)) {
      values.map(l2Values[index], l3);
      kinds[l2Values[index]] = kind;
    }
  };
  auto copy = scf::ForOp::create(
      b, values.lookup(loop.getLowerBound()),
      values.lookup(loop.getUpperBound()), values.lookup(loop.getStep()),
      initial, [&](OpBuilder &, Location, Value iv, ValueRange carried) {
        values.map(loop.getInductionVar(), iv);
        takeTiles(loop.getRegionIterArgs(), carried);
        takeUses(carried);
        result = writeBlock(*loop.getBody());
        if (failed(result))
          return scf::YieldOp::create(b, carried), void();
        landAll();
        SmallVector<Value> next;
        for (unsigned index : mine)
          next.push_back(values.lookup(yield.getOperand(index)));
        for (Value ring : rings)
          next.push_back(uses[ring]);
        if (share)
          next.push_back(messages);
        if (carriesQueries())
          next.push_back(queries);
        scf::YieldOp::create(b, next);
      });
  takeTiles(loop.getResults(), copy.getResults());
  takeUses(copy.getResults());
  if (schedule.hasWarpKeys())
    for (Value value : loop.getResults())
      ofWarps[value] = values.lookup(value);
  return result;
}

/// Through the rings, which nobody reads any more.
void Consumer::mergeWarps() {
  SmallVector<Value> state(ofWarps.size()), l2State(ofWarps.size());
  for (auto [at, entry] : llvm::enumerate(ofWarps)) {
    l2State[at] = entry.first;
    state[at] = entry.second;
  }
  ofWarps.clear();
  areMerged = true;
  auto row = cast<RankedTensorType>(l2State[0].getType());
  auto tile = cast<RankedTensorType>(l2State[3].getType());
  auto merged = hopper::MergeWarpsOp::create(
      b, convert(row, Kind::Output), convert(row, Kind::Output),
      convert(row, Kind::Output), convert(tile, Kind::Output),
      convert(tile, Kind::Output), state[0], state[1], state[2], state[3],
      state[4], shared.rings.front().second.memory,
      shared.rings.back().second.memory);
  values.map(ValueRange(l2State), merged.getResults());
}

/// What stands behind the loops may depend on a scalar. Each branch merges the
/// states of warps as it needs them.
LogicalResult Consumer::writeBranch(scf::IfOp branch) {
  landAll();
  bool hasElse = branch.elseBlock();
  auto copy =
      scf::IfOp::create(b, values.lookup(branch.getCondition()), hasElse);
  OpBuilder::InsertionGuard guard(b);
  const auto before = ofWarps;
  const bool wereMerged = areMerged;
  b.setInsertionPoint(copy.thenBlock()->getTerminator());
  if (failed(writeBlock(*branch.thenBlock())))
    return failure();
  auto restore = [&] {
    ofWarps = before;
    areMerged = wereMerged;
  };
  restore();
  if (!hasElse)
    return success();
  b.setInsertionPoint(copy.elseBlock()->getTerminator());
  LogicalResult result = writeBlock(*branch.elseBlock());
  restore();
  return result;
}

/// Whether tensor cores sum the rounded weights themselves, not their values.
bool Consumer::sumsFragment(Operation *op) {
  auto reduce = dyn_cast<tile::ReduceOp>(op);
  return reduce && schedule.tensorSums &&
         reduce.getKind() == tile::ReduceKind::Add &&
         reduce.getSource().getDefiningOp<arith::ExtFOp>();
}

LogicalResult Consumer::write(Operation &op) {
  if (!isMine(&op) || writtenEarly.contains(&op))
    return success();
  if (isa<arith::ExtFOp>(op) &&
      llvm::all_of(op.getUsers(), [&](Operation *user) {
        return sumsFragment(user) || !isMine(user);
      }))
    return success(); // Nobody asks for its elements.
  if (number && !isBehindLoops && isa<tile::StoreOp, scf::IfOp>(op)) {
    isBehindLoops = true;
    getTile(b, shared, *op.getBlock(), number, values);
  }
  if (isScalarOp(op)) {
    cloneScalarOp(b, op, values);
    return success();
  }
  if (op.hasTrait<OpTrait::IsTerminator>() || matchPattern(&op, m_Constant()) ||
      isa<tensor::SplatOp, tile::BroadcastOp>(op))
    return success(); // Made where it is used.
  if (isa<tile::AppendOp>(op))
    return success(); // Done before the roles start.
  if (auto loop = dyn_cast<scf::ForOp>(op))
    return shared.ringsOf(loop).empty() ? writeRowLoop(b, loop, shared, values)
                                        : writeLoop(loop);
  if (schedule.hasJoiners() && isJoin(op))
    return success(); // Of another warpgroup.
  if (auto branch = dyn_cast<scf::IfOp>(op))
    return writeBranch(branch);
  if (auto arrive = dyn_cast<tile::ArriveOp>(op)) {
    writeArrive(b, arrive, shared, values);
    return success();
  }
  if (auto publish = dyn_cast<tile::PublishOp>(op))
    return writePublish(publish);
  if (auto load = dyn_cast<tile::LoadOp>(op))
    return writeLoad(load);
  if (auto dot = dyn_cast<tile::DotOp>(op))
    return writeDot(dot);
  if (auto handover = dyn_cast<tile::HandoverOp>(op))
    return writeHandover(handover);
  if (auto store = dyn_cast<tile::StoreOp>(op))
    return writeStore(store);
  if (auto reduce = dyn_cast<tile::ReduceOp>(op)) {
    Value summed = reduce.getSource();
    if (sumsFragment(reduce))
      summed = summed.getDefiningOp<arith::ExtFOp>().getIn();
    FailureOr<Value> source = get(summed, Kind::Scores);
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

/// Rings, turns and messages run on from one tile to the next.
LogicalResult Consumer::writeProgram(Block &program) {
  if (share && share->consumer == 1)
    freeMessages();
  if (schedule.pingPong && shared.inputsEmpty)
    startTurns();
  auto counters = [&](Value use) {
    SmallVector<Value> carried = {use};
    if (share)
      carried.push_back(messages);
    return carried;
  };
  if (shared.inCluster) // While the first keys are on their way.
    scf::IfOp::create(b, shared.inCluster, [&](OpBuilder &, Location) {
      hopper::ClusterWaitOp::create(b);
      scf::YieldOp::create(b);
    });
  LogicalResult result = success();
  auto body = [&](Value tile, ValueRange carried) {
    for (auto &[memory, ring] : shared.rings)
      uses[memory] = carried.front();
    messages = carried.back();
    number = tile;
    if (number) {
      waitForInputs();
      getTile(b, shared, program, number, values);
    }
    result = writeBlock(program);
    if (number && succeeded(result))
      releaseInputs();
    return counters(shared.useOfAll(uses, carried.front()));
  };
  writeTiles(b, shared, counters(zero), body);
  return result;
}

void Consumer::releaseInputs() {
  landAll();
  // This one has put O2 where copies of keys are to come.
  if (share && share->consumer == 1)
    hopper::FenceAsyncOp::create(b);
  // One thread has waited until the output was read.
  hopper::WarpgroupBarrierOp::create(b);
  hopper::ArriveOp::create(b, shared.inputsEmpty, number);
  if (schedule.hasJoiners())
    hopper::ArriveOp::create(b, shared.partsStored, number);
}

LogicalResult tile_to_hopper::writeConsumer(ImplicitLocOpBuilder &b,
                                            Block &program, Shared &shared,
                                            Value consumer,
                                            const Share *share) {
  return Consumer(b, shared, consumer, share).writeProgram(program);
}
