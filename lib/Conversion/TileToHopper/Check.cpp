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

#include "lib/Conversion/TileToHopper/Checker.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace parallax;
using namespace parallax::tile_to_hopper;

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

LogicalResult Checker::checkTopLevel(Operation &op) {
  if (isa<func::ReturnOp, tile::ShareOp, tile::ClusterSizeOp>(op))
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
