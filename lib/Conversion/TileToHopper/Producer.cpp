//===- Producer.cpp - The role that feeds shared memory -------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The producer is the program with everything but loads and what they need left
// out, once or for each tile of the CTA. A load waits until its ring's stage is
// empty, announces the bytes, and starts the copy; loads outside loops do that
// together, and if a CTA takes one tile, there is nothing to wait for.
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/TileToHopper/Lowering.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace parallax;
using namespace parallax::tile_to_hopper;

bool tile_to_hopper::isScalarOp(Operation &op) {
  auto isScalar = [](Type type) { return type.isIntOrIndexOrFloat(); };
  return op.getNumRegions() == 0 && op.getNumResults() > 0 &&
         isMemoryEffectFree(&op) && !op.hasTrait<OpTrait::IsTerminator>() &&
         llvm::all_of(op.getOperandTypes(), isScalar) &&
         llvm::all_of(op.getResultTypes(), isScalar);
}

void tile_to_hopper::cloneScalarOp(ImplicitLocOpBuilder &b, Operation &op,
                                   IRMapping &scalars) {
  if (scalars.contains(op.getResult(0)))
    return;
  auto isIndexLike = [](Type type) {
    return type.isIndex() || type.isInteger(32);
  };
  if (isa<arith::IndexCastOp, arith::IndexCastUIOp>(op) &&
      isIndexLike(op.getOperand(0).getType()) &&
      isIndexLike(op.getResult(0).getType())) {
    scalars.map(op.getResult(0), scalars.lookup(op.getOperand(0)));
    return;
  }
  if (auto index = dyn_cast<arith::ConstantIndexOp>(op)) {
    scalars.map(op.getResult(0), constant(b, index.value()));
    return;
  }
  for (Value result : b.clone(op, scalars)->getResults())
    if (result.getType().isIndex())
      result.setType(b.getI32Type());
}

Value tile_to_hopper::constant(ImplicitLocOpBuilder &b, int32_t value) {
  return arith::ConstantIntOp::create(b, value, 32);
}

SmallVector<Value> Shared::ringsOf(scf::ForOp loop) const {
  SmallVector<Value> memories;
  for (auto load : loop.getBody()->getOps<tile::LoadOp>())
    if (!isRowLoad(load))
      memories.push_back(load.getMemory());
  return memories;
}

Value tile_to_hopper::stageOf(Value ring, Value use) {
  return cast<hopper::SmemType>(ring.getType()).getStages() > 1 ? use : Value();
}

namespace {

class Producer {
public:
  Producer(ImplicitLocOpBuilder &b, Shared &shared) : b(b), shared(shared) {}

  LogicalResult writeProgram(Block &program) {
    LogicalResult result = success();
    const bool isDealt = bool(shared.deal.size);
    auto body = [&](Value tile, ValueRange carried) {
      for (auto &[memory, ring] : shared.rings)
        uses[memory] = carried.front();
      number = tile;
      IRMapping scalars = shared.scalars;
      Value end;
      if (isDealt)
        end = writeDealt(b, shared, program, number, carried.back(), scalars);
      else if (number)
        writeTile(b, shared, program, number, scalars);
      result = writeBlock(program, scalars);
      SmallVector<Value> next = {shared.useOfAll(uses, carried.front())};
      if (isDealt)
        next.push_back(end);
      return next;
    };
    SmallVector<Value> first = {constant(b, 0)};
    if (isDealt)
      first.push_back(shared.deal.begin);
    writeTiles(b, shared, first, body);
    return result;
  }

private:
  LogicalResult writeBlock(Block &block, IRMapping scalars) {
    for (Operation &op : block) {
      if (auto load = dyn_cast<tile::LoadOp>(op)) {
        if (isRowLoad(load) || isGathered(load))
          continue;
        if (failed(writeLoad(load, scalars)))
          return failure();
      } else if (auto loop = dyn_cast<scf::ForOp>(op)) {
        if (!copies(loop))
          continue;
        if (failed(writeLoop(loop, scalars)))
          return failure();
      } else if (isScalarOp(op)) {
        cloneScalarOp(b, op, scalars);
      }
    }
    return success();
  }

  static bool copies(scf::ForOp loop) {
    return llvm::any_of(loop.getBody()->getOps<tile::LoadOp>(),
                        [](tile::LoadOp load) {
                          return !isRowLoad(load) && !isGathered(load);
                        });
  }

  LogicalResult writeLoad(tile::LoadOp load, IRMapping &scalars) {
    auto map = shared.maps.lookup(load.getMemory());
    auto input = shared.inputs.find(load);
    bool isInput = input != shared.inputs.end();
    const Buffer &buffer =
        isInput ? input->second : shared.filledRing(load.getMemory());
    auto smem = cast<hopper::SmemType>(buffer.memory.getType());
    if (load.getTable() && !(pages && pages->areOf(load)))
      pages.emplace(b, shared, load, scalars);
    Value use = number;
    if (!isInput) {
      use = uses[load.getMemory()];
      uses[load.getMemory()] = arith::AddIOp::create(b, use, constant(b, 1));
      if (!isFirst)
        hopper::WaitOp::create(b, buffer.empty, use, /*lag=*/1);
      hopper::ExpectOp::create(b, buffer.full, use, buffer.bytes);
    } else if (!announced) {
      // All inputs complete on one barrier, announced before the first.
      int64_t bytes = 0;
      for (auto &[op, each] : shared.inputs)
        bytes += each.bytes;
      if (number) {
        hopper::WaitOp::create(b, buffer.empty, use, /*lag=*/1);
        putTile(b, shared, *load->getBlock(), number, scalars);
      }
      hopper::ExpectOp::create(b, buffer.full, use, bytes);
      announced = true;
    }
    if (load.getTable()) {
      pages->write({map, scalars.lookup(load.getHead()),
                    stageOf(buffer.memory, use), use, buffer});
      return success();
    }
    int64_t heads = load.getHeads();
    if (isInput && shared.schedule.isStacked()) {
      writeStacked(load, map, buffer, scalars);
      return success();
    }
    hopper::TmaLoadOp::create(
        b, map, constant(b, 0), scalars.lookup(load.getHead()),
        scalars.lookup(load.getToken()), scalars.lookup(load.getBatch()),
        buffer.memory, stageOf(buffer.memory, use), /*row=*/Value(),
        buffer.full, use,
        b.getDenseI64ArrayAttr({heads, smem.getRows() / heads}),
        /*columns=*/IntegerAttr());
    return success();
  }

  /// A copy for each group of rows.
  void writeStacked(tile::LoadOp load, Value map, const Buffer &buffer,
                    const IRMapping &scalars) {
    const int64_t rows = shared.schedule.stackedRows();
    int64_t heads = load.getHeads(), tokens = rows / heads;
    int64_t groups = cast<ShapedType>(load.getType()).getDimSize(0) / rows;
    for (int64_t group = 0; group != groups; ++group)
      hopper::TmaLoadOp::create(
          b, map, constant(b, 0), scalars.lookup(load.getHead()),
          arith::AddIOp::create(b, scalars.lookup(load.getToken()),
                                constant(b, group * tokens)),
          scalars.lookup(load.getBatch()), buffer.memory,
          stageOf(buffer.memory, number),
          constant(b, 2 * rows * group + buffer.row), buffer.full, number,
          b.getDenseI64ArrayAttr({heads, tokens}),
          /*columns=*/IntegerAttr());
  }

  LogicalResult writeLoop(scf::ForOp loop, IRMapping scalars) {
    SmallVector<Value> rings = shared.ringsOf(loop);
    auto usesOf = [&] {
      return llvm::map_to_vector(rings, [&](Value ring) { return uses[ring]; });
    };
    auto initial = usesOf();
    Value first = scalars.lookup(loop.getLowerBound());
    Value last = scalars.lookup(loop.getUpperBound());
    Value step = scalars.lookup(loop.getStep());
    LogicalResult result = success();
    if (startsSooner(loop, initial)) {
      Value hasKeys =
          arith::CmpIOp::create(b, arith::CmpIPredicate::slt, first, last);
      auto peeled = scf::IfOp::create(
          b, hasKeys,
          [&](OpBuilder &, Location) {
            isFirst = true;
            IRMapping ofFirst = scalars;
            ofFirst.map(loop.getInductionVar(), first);
            result = writeBlock(*loop.getBody(), ofFirst);
            isFirst = false;
            scf::YieldOp::create(b, usesOf());
          },
          [&](OpBuilder &, Location) { scf::YieldOp::create(b, initial); });
      if (failed(result))
        return failure();
      llvm::copy(peeled.getResults(), initial.begin());
      first = arith::AddIOp::create(b, first, step);
    }
    auto copy = scf::ForOp::create(
        b, first, last, step, initial,
        [&](OpBuilder &, Location, Value iv, ValueRange carried) {
          scalars.map(loop.getInductionVar(), iv);
          for (auto [ring, use] : llvm::zip(rings, carried))
            uses[ring] = use;
          result = writeBlock(*loop.getBody(), scalars);
          scf::YieldOp::create(b, usesOf());
        });
    for (auto [ring, use] : llvm::zip(rings, copy.getResults()))
      uses[ring] = use;
    return result;
  }

  /// Of few keys the first copies come sooner if they are not in the loop: they
  /// wait for nobody, and where they go is a constant. So they must be the
  /// first uses of their rings.
  bool startsSooner(scf::ForOp loop, ValueRange initial) const {
    auto loads = loop.getBody()->getOps<tile::LoadOp>();
    return shared.schedule.cluster && !number &&
           llvm::all_of(
               initial,
               [](Value use) { return matchPattern(use, m_Zero()); }) &&
           llvm::none_of(loads,
                         [](tile::LoadOp load) { return load.getTable(); });
  }

  ImplicitLocOpBuilder &b;
  Shared &shared;
  Value number;                     ///< Of the tile, if there are several.
  DenseMap<Value, Value> uses;      ///< Of each ring, the next one.
  std::optional<PagedCopies> pages; ///< Of the last load through a table.
  bool announced = false;
  bool isFirst = false; ///< Of each ring, the first use.
};

} // namespace

LogicalResult tile_to_hopper::writeProducer(ImplicitLocOpBuilder &b,
                                            Block &program, Shared &shared) {
  return Producer(b, shared).writeProgram(program);
}
