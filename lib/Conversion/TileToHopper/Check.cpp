//===- Check.cpp - The tile programs that roles can run -------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The lowering takes programs of one form and refuses all others here:
//
// - One block: scalars, loads of query tiles, key loops, then stores, which may
//   depend on a scalar. Memory is an argument, and starts at its pointer.
// - What works on a few rows at a time stands behind the key loops, or is the
//   whole program (Rows.cpp).
// - Loops don't nest, carry tiles only, and each loads one tile of every ring.
//   Producer and consumers count a ring's uses by iterations, so a loop that
//   skipped a ring, or used it twice, would wait for ever.
// - A tile of a ring is the right side of products and nothing else: a stage is
//   handed back when the last of them has landed.
// - Each tile's shape is that of the scores, of the output or of a row.
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/TileToHopper/Lowering.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace parallax;
using namespace parallax::tile_to_hopper;

namespace {

class Checker {
public:
  Checker(func::FuncOp program, const Schedule &schedule)
      : program(program), schedule(schedule), rings(loadedInLoops(program)) {}

  LogicalResult run(ProgramShape &result);

private:
  LogicalResult checkSignature();
  LogicalResult checkDots();
  LogicalResult checkSchedule();
  LogicalResult checkTile(Operation *op, Type type);
  LogicalResult checkLoad(tile::LoadOp load);
  LogicalResult checkInput(tile::LoadOp load);
  LogicalResult checkLoop(scf::ForOp loop);
  LogicalResult checkRingLoad(tile::LoadOp load);
  LogicalResult checkStore(tile::StoreOp store);
  LogicalResult checkAppend(tile::AppendOp append);
  LogicalResult checkBranch(scf::IfOp branch);
  LogicalResult checkBranchBlock(Block &block);
  LogicalResult checkPublish(tile::PublishOp publish);
  LogicalResult checkTopLevel(Operation &op);
  LogicalResult checkCompute(Operation &op);
  LogicalResult checkHandover(tile::HandoverOp handover);

  func::FuncOp program;
  const Schedule &schedule;
  ProgramShape shape;
  llvm::SmallDenseSet<Value> rings;
  Operation *firstStore = nullptr, *programId = nullptr;
  tile::StoreOp outputStore;
};

} // namespace

LogicalResult Checker::checkSignature() {
  if (!program.getBody().hasOneBlock())
    return program.emitOpError("expected a program of one block");
  if (program.getNumResults())
    return program.emitOpError("expected a program without results, got ")
           << program.getNumResults();
  for (auto [index, type] : llvm::enumerate(program.getArgumentTypes())) {
    if (!program.getArgAttrOfType<StringAttr>(index, tile::kOperandAttr))
      return program.emitOpError("expected every argument to be an operand of "
                                 "the problem, got an unmarked argument ")
             << index;
    auto memory = dyn_cast<MemRefType>(type);
    if (!memory) {
      if (type.isF32() || type.isInteger(32))
        continue;
      return program.emitOpError("expected a memref, f32 or i32 as argument ")
             << index << ", got " << type;
    }
    // A tensor map holds any strides; single elements are found by sizes.
    SmallVector<int64_t> strides;
    int64_t offset;
    if (failed(memory.getStridesAndOffset(strides, offset)) || offset != 0)
      return program.emitOpError("expected memory that starts at its pointer "
                                 "as argument ")
             << index << ", got " << type;
    bool isTable = memory.getElementType().isInteger(32) &&
                   memory.getRank() == 2 && strides.back() == 1;
    bool isScale =
        memory.getElementType().isF32() && memory.getRank() == 1; // By stride.
    if (memory.getRank() != 4 && !isTable && !isScale &&
        !memory.getLayout().isIdentity())
      return program.emitOpError("expected contiguous memory as argument ")
             << index << ", which is accessed by element, got " << type;
  }
  return success();
}

/// Finds the element type and the head dimension.
LogicalResult Checker::checkDots() {
  WalkResult result = program.walk([&](tile::DotOp dot) {
    auto lhs = cast<RankedTensorType>(dot.getLhs().getType());
    Type element = lhs.getElementType();
    if (!element.isBF16() && !element.isF16()) {
      dot.emitOpError("expected bf16 or f16 operands on sm_90a, got ")
          << element;
      return WalkResult::interrupt();
    }
    if (shape.element && element != shape.element) {
      dot.emitOpError("expected products of one element type, ")
          << shape.element << ", got " << element;
      return WalkResult::interrupt();
    }
    shape.element = element;
    if (lhs.getDimSize(0) != schedule.tile.rows) {
      dot.emitOpError("expected query tiles of the schedule's ")
          << schedule.tile.rows << " rows, got " << lhs.getDimSize(0);
      return WalkResult::interrupt();
    }
    if (!dot.getTranspose())
      return WalkResult::advance();
    int64_t headDim = lhs.getDimSize(1);
    if (!dot.getLhs().getDefiningOp<tile::LoadOp>() ||
        (shape.headDim && headDim != shape.headDim)) {
      dot.emitOpError("expected scores of a loaded tile of one head dimension");
      return WalkResult::interrupt();
    }
    shape.headDim = headDim;
    return WalkResult::advance();
  });
  if (result.wasInterrupted())
    return failure();
  program.walk([&](tile::LoadOp load) {
    shape.converts |= load.converts();
    if (auto tile = cast<RankedTensorType>(load.getType());
        !shape.element && isRowLoad(load) && tile.getRank() == 2)
      shape.headDim = tile.getDimSize(1);
  });
  if (!shape.headDim)
    return program.emitOpError("expected a product of queries and keys, or "
                               "parts to merge");
  if (shape.headDim < 8 || shape.headDim > 256 || shape.headDim % 8)
    return program.emitOpError("expected a head dimension that is a multiple "
                               "of 8 in [8, 256], got ")
           << shape.headDim;
  return success();
}

LogicalResult Checker::checkSchedule() {
  Problem problem;
  problem.headDim = shape.headDim;
  if (!shape.element)
    problem.kind = ProblemKind::Merge;
  else
    problem.dtype = shape.element.isBF16() ? DType::BF16 : DType::F16;
  if (shape.converts)
    problem.cacheDType = DType::E4M3;
  program.walk([&](tile::LoadOp load) {
    if (isGathered(load))
      problem.pageSize = load.getPageSize();
  });
  if (auto ok = parallax::verify(schedule, problem, Target::Sm90a); !ok)
    return program.emitOpError() << ok.error().message;
  return success();
}

/// A tile that a consumer holds in registers.
LogicalResult Checker::checkTile(Operation *op, Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  auto isHeld = [&] {
    if (!tensor || tensor.getRank() < 1 || tensor.getRank() > 2 ||
        tensor.getDimSize(0) != schedule.tile.rows || tensor.getEncoding())
      return false;
    Type element = tensor.getElementType();
    bool isWide =
        element.isF32() || element.isInteger(32) || element.isInteger(1);
    if (tensor.getRank() == 1)
      return isWide;
    return (isWide || element == shape.element) &&
           (tensor.getDimSize(1) == schedule.tile.keys ||
            tensor.getDimSize(1) == shape.headDim);
  };
  if (isHeld())
    return success();
  return op->emitOpError("expected a tile of ")
         << schedule.tile.rows << " rows and " << schedule.tile.keys
         << " scores or " << shape.headDim << " columns of the output, got "
         << type;
}

LogicalResult tile_to_hopper::checkScalar(Operation &op) {
  for (Type type : op.getResultTypes())
    if (!type.isIndex() && !type.isInteger(32) && !type.isInteger(1) &&
        !type.isF32())
      return op.emitOpError("expected scalars of index, i32, i1 or f32, got ")
             << type;
  APInt value;
  if (matchPattern(&op, m_ConstantInt(&value)) && !value.isSignedIntN(32))
    return op.emitOpError("expected sizes of 32 bits, got ")
           << value.getSExtValue();
  return success();
}

LogicalResult tile_to_hopper::checkMemory(Operation *op, Value memory) {
  if (auto argument = dyn_cast<BlockArgument>(memory);
      argument && isa<func::FuncOp>(argument.getOwner()->getParentOp()))
    return success();
  return op->emitOpError("expected memory that is an argument of the program");
}

/// The memory of a load, and its pages.
LogicalResult Checker::checkLoad(tile::LoadOp load) {
  if (isRowLoad(load))
    return load.emitOpError("expected parts to be read behind the loops");
  if (load.getTable()) {
    int64_t rows = cast<ShapedType>(load.getType()).getDimSize(0);
    int64_t pageSize = load.getPageSize();
    if (rows % pageSize && pageSize % rows)
      return load.emitOpError("expected a tile of whole pages or part of one, "
                              "of ")
             << pageSize << " tokens, got one of " << rows;
    if (failed(checkMemory(load, load.getTable())))
      return failure();
  }
  return checkMemory(load, load.getMemory());
}

LogicalResult Checker::checkInput(tile::LoadOp load) {
  if (failed(checkLoad(load)))
    return failure();
  if (firstStore)
    return load.emitOpError("expected loads before all stores");
  auto tensor = cast<RankedTensorType>(load.getType());
  if (tensor.getRank() != 2 || tensor.getDimSize(0) != schedule.tile.rows ||
      static_cast<int64_t>(load.getHeads()) != schedule.tile.packedHeads ||
      load.getLimit() || load.getTable() || load.converts())
    return load.emitOpError("expected a tile outside loops to be one of ")
           << schedule.tile.rows << " rows of " << schedule.tile.packedHeads
           << " packed heads without a limit, table and conversion";
  for (OpOperand &use : load->getUses())
    if (auto dot = dyn_cast<tile::DotOp>(use.getOwner());
        !dot || use.get() != dot.getLhs() || use.get() == dot.getRhs() ||
        !dot.getTranspose())
      return use.getOwner()->emitOpError(
          "expected a tile loaded before the loop to be the left side of "
          "scores");
  return success();
}

LogicalResult Checker::checkLoop(scf::ForOp loop) {
  if (firstStore)
    return loop.emitOpError("expected loops before all stores");
  Type bound = loop.getLowerBound().getType();
  if (loop.getUnsignedCmp() || (!bound.isIndex() && !bound.isInteger(32)))
    return loop.emitOpError("expected a loop over signed index or i32");
  for (Type type : loop.getResultTypes())
    if (failed(checkTile(loop, type)))
      return failure();

  llvm::SmallDenseSet<Value> seen;
  for (Operation &op : loop.getBody()->without_terminator()) {
    auto load = dyn_cast<tile::LoadOp>(op);
    if (!load) {
      if (failed(checkCompute(op)))
        return failure();
      continue;
    }
    if (failed(checkRingLoad(load)))
      return failure();
    if (!seen.insert(load.getMemory()).second)
      return load.emitOpError("expected one tile of each memory an iteration, "
                              "got two");
  }
  return success();
}

/// A tile of keys or values, on its way through a ring.
LogicalResult Checker::checkRingLoad(tile::LoadOp load) {
  if (failed(checkLoad(load)))
    return failure();
  if (firstStore)
    return load.emitOpError("expected loads before all stores");
  auto tensor = cast<RankedTensorType>(load.getType());
  if (tensor.getRank() != 2 || load.getHeads() != 1 ||
      tensor.getDimSize(0) != schedule.tile.keys ||
      tensor.getDimSize(1) != shape.headDim)
    return load.emitOpError("expected a tile in a loop to be one of ")
           << schedule.tile.keys << "x" << shape.headDim
           << " keys or values of one head, got " << tensor;
  if (load.converts() != shape.converts)
    return load.emitOpError("expected keys and values of one element type");
  auto isRightSide = [&](OpOperand &use) {
    auto dot = dyn_cast<tile::DotOp>(use.getOwner());
    return dot && use.get() == dot.getRhs() && use.get() != dot.getLhs();
  };
  if (load->use_empty() || !llvm::all_of(load->getUses(), isRightSide))
    return load.emitOpError("expected a tile loaded in a loop to be the "
                            "right side of products and nothing else");
  return success();
}

llvm::SmallDenseSet<Value> tile_to_hopper::loadedInLoops(func::FuncOp program) {
  llvm::SmallDenseSet<Value> memories;
  program.walk([&](tile::LoadOp load) {
    if (load->getParentOfType<scf::ForOp>() && !isRowLoad(load))
      memories.insert(load.getMemory());
  });
  return memories;
}

LogicalResult Checker::checkStore(tile::StoreOp store) {
  if (!firstStore)
    firstStore = store;
  if (failed(checkMemory(store, store.getMemory())))
    return failure();
  auto tensor = cast<RankedTensorType>(store.getValue().getType());
  if (static_cast<int64_t>(store.getHeads()) != schedule.tile.packedHeads)
    return store.emitOpError("expected the schedule's ")
           << schedule.tile.packedHeads << " packed heads, got "
           << store.getHeads();
  if (isRowStore(store) && !store.getRow())
    return checkTile(store, tensor);
  // It goes through the shared memory of the queries.
  if (outputStore)
    return store.emitOpError("expected one stored tile, got two");
  outputStore = store;
  auto output =
      RankedTensorType::get({schedule.tile.rows, shape.headDim}, shape.element);
  if (tensor != output)
    return store.emitOpError("expected an output of ")
           << output << ", got " << tensor;
  return success();
}

/// Messages go from consumer 0 to 1, and at the end one from 1 to 0.
LogicalResult Checker::checkHandover(tile::HandoverOp handover) {
  if (schedule.partition != Partition::Products)
    return handover.emitOpError("expected a schedule that divides products");
  bool isLast = handover.getFrom() == 1 && handover.getTo() == 0 &&
                handover->getParentOp() == program;
  if (!isLast && (handover.getFrom() != 0 || handover.getTo() != 1))
    return handover.emitOpError(
               "expected from 0 to 1, or behind the loops from "
               "1 to 0, got from ")
           << handover.getFrom() << " to " << handover.getTo();
  if (llvm::count_if(handover->getBlock()->getOps<tile::HandoverOp>(),
                     [&](tile::HandoverOp other) {
                       return other.getFrom() == handover.getFrom() &&
                              other.getType() == handover.getType();
                     }) > 1)
    return handover.emitOpError("expected one handover of a type a message");
  Type element = handover.getType().getElementType();
  if (handover.getType().getRank() == 2 && element.isF32() != isLast)
    return handover.emitOpError("expected weights as ")
           << shape.element << " or the output as f32, got " << element;
  return checkTile(handover, handover.getType());
}

/// An op inside or outside loops that makes a scalar or a tile in registers.
LogicalResult Checker::checkCompute(Operation &op) {
  if (isScalarOp(op))
    return checkScalar(op);
  if (auto handover = dyn_cast<tile::HandoverOp>(op))
    return checkHandover(handover);
  // Those of a few rows are checked where they are used.
  if (isa<arith::ConstantOp, tensor::SplatOp>(op) &&
      isFewRows(op.getResult(0).getType()))
    return success();
  bool isKnown =
      isa<tile::DotOp, tile::MaskOp, tile::ReduceOp, tile::BroadcastOp,
          tensor::SplatOp, arith::ConstantOp>(op) ||
      (op.hasTrait<OpTrait::Elementwise>() && op.getNumRegions() == 0);
  if (!isKnown || op.getNumResults() != 1)
    return op.emitOpError("expected an op of the tile program that a consumer "
                          "warpgroup can compute");
  return checkTile(&op, op.getResult(0).getType());
}

/// Every thread appends before the roles start.
LogicalResult Checker::checkAppend(tile::AppendOp append) {
  auto source = cast<MemRefType>(append.getSource().getType());
  // Those of 8 bits are copied in pairs, 8 pairs at a time.
  Type element = shape.converts ? Float8E4M3FNType::get(append.getContext())
                                : shape.element;
  if (source.getElementType() != element ||
      source.getDimSize(3) != shape.headDim)
    return append.emitOpError("expected tokens of ")
           << shape.headDim << " " << element << ", got " << source;
  if (shape.converts && shape.headDim % 16)
    return append.emitOpError("expected a head dimension that is a multiple of "
                              "16 to append f8E4M3FN, got ")
           << shape.headDim;
  for (Operation *before = append->getPrevNode(); before;
       before = before->getPrevNode())
    if (isa<scf::ForOp, tile::LoadOp, tile::StoreOp>(before))
      return append.emitOpError("expected appends before all loads, loops and "
                                "stores");
  for (Value memory :
       {append.getSource(), append.getMemory(), append.getTable()})
    if (memory && failed(checkMemory(append, memory)))
      return failure();
  return success();
}

/// Behind the loops, where there is nothing in flight.
LogicalResult Checker::checkBranch(scf::IfOp branch) {
  if (branch.getNumResults())
    return branch.emitOpError("expected a branch without results");
  if (!firstStore)
    firstStore = branch;
  return failure(
      failed(checkBranchBlock(*branch.thenBlock())) ||
      (branch.elseBlock() && failed(checkBranchBlock(*branch.elseBlock()))));
}

LogicalResult Checker::checkBranchBlock(Block &block) {
  for (Operation &op : block.without_terminator()) {
    LogicalResult ok = success();
    if (auto nested = dyn_cast<scf::IfOp>(op))
      ok = checkBranch(nested);
    else if (auto store = dyn_cast<tile::StoreOp>(op))
      ok = checkStore(store);
    else if (auto arrive = dyn_cast<tile::ArriveOp>(op))
      ok = checkMemory(arrive, arrive.getTickets());
    else if (auto loop = dyn_cast<scf::ForOp>(op))
      ok = checkRowOp(*loop, shape.headDim);
    else if (auto publish = dyn_cast<tile::PublishOp>(op))
      ok = checkPublish(publish);
    else if (isa<tile::InClusterOp, tile::WithdrawOp>(op))
      continue;
    else
      ok = checkCompute(op);
    if (failed(ok))
      return failure();
  }
  return success();
}

/// Through the ring of keys.
LogicalResult Checker::checkPublish(tile::PublishOp publish) {
  if (!schedule.isStacked() ||
      schedule.joinedRows(shape.headDim) < schedule.tile.rows)
    return publish.emitOpError("expected a schedule of 32 rows or fewer, whose "
                               "states fit the ring of keys");
  for (Value value : publish->getOperands())
    if (failed(checkTile(publish, value.getType())))
      return failure();
  return success();
}

LogicalResult Checker::checkTopLevel(Operation &op) {
  if (isa<func::ReturnOp, tile::SplitOp, tile::InClusterOp>(op))
    return success();
  if (auto branch = dyn_cast<scf::IfOp>(op))
    return checkBranch(branch);
  if (auto load = dyn_cast<tile::LoadOp>(op))
    return rings.contains(load.getMemory()) ? checkRingLoad(load)
                                            : checkInput(load);
  if (auto loop = dyn_cast<scf::ForOp>(op))
    return checkLoop(loop);
  if (auto store = dyn_cast<tile::StoreOp>(op))
    return checkStore(store);
  if (auto append = dyn_cast<tile::AppendOp>(op))
    return checkAppend(append);
  if (isa<tile::ProgramIdOp>(op)) {
    if (programId)
      return op.emitOpError("expected one tile.program_id, got two");
    programId = &op;
    return success();
  }
  if (auto dim = dyn_cast<memref::DimOp>(op)) {
    std::optional<int64_t> constant = dim.getConstantIndex();
    auto type = dyn_cast<MemRefType>(dim.getSource().getType());
    if (!constant || !type || *constant < 0 || *constant >= type.getRank())
      return dim.emitOpError("expected a constant dimension of ranked memory");
    return checkMemory(dim, dim.getSource());
  }
  if (auto load = dyn_cast<memref::LoadOp>(op)) {
    MemRefType type = load.getMemRefType();
    if (type.getRank() != 1 || (!type.getElementType().isInteger(32) &&
                                !type.getElementType().isF32()))
      return load.emitOpError("expected elements of 1-D memory of i32 or f32, "
                              "got ")
             << type;
    return checkMemory(load, load.getMemRef());
  }
  return checkCompute(op);
}

LogicalResult Checker::run(ProgramShape &result) {
  if (failed(checkSignature()) || failed(checkDots()) ||
      failed(checkSchedule()) || failed(checkRowMemory(program)) ||
      (schedule.persistent && failed(checkPersistent(program))))
    return failure();
  result = shape;
  if (!shape.element)
    return checkRowBlock(program.getBody().front(), shape.headDim);
  for (Operation &op : program.getBody().front())
    if (failed(checkTopLevel(op)))
      return failure();
  return success();
}

LogicalResult tile_to_hopper::checkProgram(func::FuncOp program,
                                           const Schedule &schedule,
                                           ProgramShape &shape) {
  return Checker(program, schedule).run(shape);
}
