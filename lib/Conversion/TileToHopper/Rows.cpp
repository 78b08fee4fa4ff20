//===- Rows.cpp - Work on a few rows at a time ----------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A merge has no products: it reads rows, weighs them and writes them. So its
// tiles are four rows, each of which lies across a warp's lanes as it lies in
// memory, and go from memory to registers and back.
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

bool tile_to_hopper::isRowLoad(tile::LoadOp load) {
  return bool(load.getPart());
}

bool tile_to_hopper::isRowStore(tile::StoreOp store) {
  auto tile = cast<RankedTensorType>(store.getValue().getType());
  return tile.getRank() == 1 || tile.getElementType().isF32() ||
         tile.getDimSize(0) < hopper::kRows; // Fewer than TMA stores at once.
}

std::optional<WorkspacePiece> tile_to_hopper::workspacePiece(Value memory) {
  auto argument = dyn_cast<BlockArgument>(memory);
  auto function =
      argument ? dyn_cast<func::FuncOp>(argument.getOwner()->getParentOp())
               : func::FuncOp();
  if (!function)
    return std::nullopt;
  auto name = function.getArgAttrOfType<StringAttr>(argument.getArgNumber(),
                                                    tile::kOperandAttr);
  return name ? parseWorkspacePiece(std::string_view(name.getValue()))
              : std::nullopt;
}

bool tile_to_hopper::sharesKeys(func::FuncOp program) {
  return !program.getOps<tile::ShareOp>().empty();
}

/// A dimension of memory that is asked for rows: static, or the problem's.
static Value sizeOf(ImplicitLocOpBuilder &b, Value memory, int64_t dim,
                    Value dynamic) {
  auto type = cast<MemRefType>(memory.getType());
  if (!type.isDynamicDim(dim))
    return arith::ConstantIntOp::create(b, type.getDimSize(dim), 64);
  return arith::ExtSIOp::create(b, b.getI64Type(), dynamic);
}

RowAddress tile_to_hopper::rowAddress(ImplicitLocOpBuilder &b,
                                      const Shared &shared, Value memory,
                                      Value batch, Value head, Value part) {
  auto wide = [&](Value v) -> Value {
    return arith::ExtSIOp::create(b, b.getI64Type(), v);
  };
  auto mul = [&](Value x, Value y) -> Value {
    return arith::MulIOp::create(b, x, y);
  };
  auto add = [&](Value x, Value y) -> Value {
    return arith::AddIOp::create(b, x, y);
  };
  Value pointer = shared.pointers.lookup(memory);
  if (auto strides = shared.strides.find(memory);
      strides != shared.strides.end()) {
    auto [ofBatch, ofToken, ofHead] = strides->second;
    Value base = add(mul(wide(batch), ofBatch), mul(wide(head), ofHead));
    return {pointer, base, ofToken, ofHead};
  }
  // Rows that lie side by side: (parts, batch, length, heads, columns).
  auto type = cast<MemRefType>(memory.getType());
  bool hasColumns = type.getRank() == (part ? 5 : 4);
  Value columns = arith::ConstantIntOp::create(
      b, hasColumns ? type.getShape().back() : 1, 64);
  Value sequence = wide(batch);
  if (part)
    sequence =
        add(mul(wide(part), sizeOf(b, memory, 1, shared.batches)), sequence);
  Value heads = sizeOf(b, memory, part ? 3 : 2, shared.totalHeads);
  Value row =
      add(mul(mul(sequence, wide(shared.queryLength)), heads), wide(head));
  return {pointer, mul(row, columns), mul(heads, columns), columns};
}

void tile_to_hopper::writeArrive(ImplicitLocOpBuilder &b, tile::ArriveOp arrive,
                                 const Shared &shared, IRMapping &values,
                                 bool looks) {
  values.map(arrive.getIsLast(),
             hopper::ArriveLastOp::create(
                 b, b.getI1Type(), shared.pointers.lookup(arrive.getTickets()),
                 values.lookup(arrive.getTicket()),
                 values.lookup(arrive.getCount()), looks)
                 .getResult());
}

namespace {

class RowWriter {
public:
  RowWriter(ImplicitLocOpBuilder &b, const Shared &shared, IRMapping &values)
      : b(b), shared(shared), values(values) {}

  LogicalResult writeBlock(Block &block) {
    for (Operation &op : block.without_terminator())
      if (failed(write(op)))
        return failure();
    return success();
  }
  LogicalResult writeLoop(scf::ForOp loop);

private:
  LogicalResult write(Operation &op);
  void writeLoad(tile::LoadOp load);
  void writeMerge(tile::MergePartsOp merge);
  void writeMerge(tile::MergePublishedOp merge);
  void writeStore(tile::StoreOp store);
  void writeElementwise(Operation &op);

  static RankedTensorType convert(Type type) {
    auto tensor = cast<RankedTensorType>(type);
    return RankedTensorType::get(tensor.getShape(), tensor.getElementType(),
                                 hopper::LanesAttr::get(type.getContext()));
  }
  /// Splats are made where they are used.
  Value get(Value value);
  Value zero() { return constant(b, 0); }

  ImplicitLocOpBuilder &b;
  const Shared &shared;
  IRMapping &values;
};

} // namespace

Value RowWriter::get(Value value) {
  if (!isa<RankedTensorType>(value.getType()))
    return values.lookup(value);
  DenseElementsAttr splat;
  if (matchPattern(value, m_Constant(&splat)))
    return arith::ConstantOp::create(
        b, DenseElementsAttr::get(cast<ShapedType>(convert(value.getType())),
                                  splat.getSplatValue<Attribute>()));
  if (auto scalar = value.getDefiningOp<tensor::SplatOp>())
    return tensor::SplatOp::create(b, convert(value.getType()),
                                   values.lookup(scalar.getInput()),
                                   ValueRange());
  return values.lookup(value);
}

LogicalResult RowWriter::writeLoop(scf::ForOp loop) {
  auto initial =
      llvm::map_to_vector(loop.getInitArgs(), [&](Value v) { return get(v); });
  LogicalResult result = success();
  auto copy = scf::ForOp::create(
      b, values.lookup(loop.getLowerBound()),
      values.lookup(loop.getUpperBound()), values.lookup(loop.getStep()),
      initial, [&](OpBuilder &, Location, Value iv, ValueRange carried) {
        values.map(loop.getInductionVar(), iv);
        values.map(loop.getRegionIterArgs(), carried);
        result = writeBlock(*loop.getBody());
        if (failed(result))
          return scf::YieldOp::create(b, carried), void();
        scf::YieldOp::create(
            b, llvm::map_to_vector(loop.getYieldedValues(),
                                   [&](Value v) { return get(v); }));
      });
  values.map(loop.getResults(), copy.getResults());
  return result;
}

void RowWriter::writeLoad(tile::LoadOp load) {
  RowAddress at =
      rowAddress(b, shared, load.getMemory(), values.lookup(load.getBatch()),
                 values.lookup(load.getHead()), values.lookup(load.getPart()));
  int64_t heads = load.getHeads();
  int64_t rows = shared.schedule.tile.tokens() * heads;
  values.map(
      load.getResult(),
      hopper::LoadRowsOp::create(
          b, convert(load.getType()), at.pointer, at.base, at.tokenStride,
          at.headStride, load.getRow() ? values.lookup(load.getRow()) : zero(),
          values.lookup(load.getToken()), shared.queryLength, heads, rows)
          .getResult());
}

void RowWriter::writeMerge(tile::MergePartsOp merge) {
  Value memory = merge.getPartM();
  RowAddress first = rowAddress(
      b, shared, memory, values.lookup(merge.getBatch()),
      values.lookup(merge.getHead()), values.lookup(merge.getPart()));
  // From one part to the next, all rows of the batch.
  auto mul = [&](Value x, Value y) -> Value {
    return arith::MulIOp::create(b, x, y);
  };
  Value rows = mul(sizeOf(b, memory, 2, shared.queryLength),
                   sizeOf(b, memory, 3, shared.totalHeads));
  Value stride = mul(sizeOf(b, memory, 1, shared.batches), rows);
  const int64_t heads = merge.getHeads();
  auto merged = hopper::MergeRowsOp::create(
      b, convert(merge.getM().getType()), convert(merge.getD1().getType()),
      convert(merge.getD2().getType()), convert(merge.getO1().getType()),
      convert(merge.getO2().getType()), first.pointer,
      shared.pointers.lookup(merge.getPartD1()),
      shared.pointers.lookup(merge.getPartD2()),
      shared.pointers.lookup(merge.getPartO1()),
      shared.pointers.lookup(merge.getPartO2()),
      values.lookup(merge.getCount()), first.base, stride, first.tokenStride,
      values.lookup(merge.getRow()), values.lookup(merge.getToken()),
      shared.queryLength, heads, shared.schedule.tile.tokens() * heads);
  values.map(merge.getResults(), merged.getResults());
}

void RowWriter::writeMerge(tile::MergePublishedOp merge) {
  auto merged = hopper::MergeReceivedOp::create(
      b, convert(merge.getM().getType()), convert(merge.getD1().getType()),
      convert(merge.getD2().getType()), convert(merge.getO1().getType()),
      convert(merge.getO2().getType()), shared.inbox,
      values.lookup(merge.getCount()), values.lookup(merge.getRow()));
  values.map(merge.getResults(), merged.getResults());
}

void RowWriter::writeStore(tile::StoreOp store) {
  Value part = store.getPart() ? values.lookup(store.getPart()) : Value();
  RowAddress at =
      rowAddress(b, shared, store.getMemory(), values.lookup(store.getBatch()),
                 values.lookup(store.getHead()), part);
  auto type = cast<RankedTensorType>(store.getValue().getType());
  int64_t heads = store.getHeads();
  int64_t rows = shared.schedule.tile.tokens() * heads;
  hopper::StoreRowsOp::create(
      b, get(store.getValue()), at.pointer, at.base, at.tokenStride,
      at.headStride, store.getRow() ? values.lookup(store.getRow()) : zero(),
      values.lookup(store.getToken()), shared.queryLength, heads, rows,
      /*columns=*/IntegerAttr(),
      type.getElementType().isF32() ? TypeAttr()
                                    : TypeAttr::get(type.getElementType()));
}

void RowWriter::writeElementwise(Operation &op) {
  Value result = op.getResult(0);
  if (isa<arith::TruncFOp>(op)) { // The store rounds it.
    values.map(result, get(op.getOperand(0)));
    return;
  }
  IRMapping operands;
  for (Value operand : op.getOperands())
    operands.map(operand, get(operand));
  Value copy = b.clone(op, operands)->getResult(0);
  copy.setType(convert(result.getType()));
  values.map(result, copy);
}

LogicalResult RowWriter::write(Operation &op) {
  if (isScalarOp(op)) {
    cloneScalarOp(b, op, values);
  } else if (matchPattern(&op, m_Constant()) || isa<tensor::SplatOp>(op)) {
    return success(); // Made where it is used.
  } else if (auto loop = dyn_cast<scf::ForOp>(op)) {
    return writeLoop(loop);
  } else if (auto load = dyn_cast<tile::LoadOp>(op)) {
    writeLoad(load);
  } else if (auto merge = dyn_cast<tile::MergePartsOp>(op)) {
    writeMerge(merge);
  } else if (auto merge = dyn_cast<tile::MergePublishedOp>(op)) {
    writeMerge(merge);
  } else if (auto store = dyn_cast<tile::StoreOp>(op)) {
    writeStore(store);
  } else if (auto broadcast = dyn_cast<tile::BroadcastOp>(op)) {
    values.map(broadcast.getResult(),
               hopper::BroadcastOp::create(b, convert(broadcast.getType()),
                                           get(broadcast.getSource()))
                   .getResult());
  } else if (op.hasTrait<OpTrait::Elementwise>()) {
    writeElementwise(op);
  } else if (!op.getNumResults() || !values.contains(op.getResult(0))) {
    return op.emitOpError("expected an op that works on a few rows");
  } // Else it was computed before the roles.
  return success();
}

LogicalResult tile_to_hopper::writeRowBlock(ImplicitLocOpBuilder &b,
                                            Block &block, const Shared &shared,
                                            IRMapping &values) {
  return RowWriter(b, shared, values).writeBlock(block);
}

LogicalResult tile_to_hopper::writeRowLoop(ImplicitLocOpBuilder &b,
                                           scf::ForOp loop,
                                           const Shared &shared,
                                           IRMapping &values) {
  return RowWriter(b, shared, values).writeLoop(loop);
}

//===----------------------------------------------------------------------===//
// What is checked before
//===----------------------------------------------------------------------===//

bool tile_to_hopper::isFewRows(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor && tensor.getRank() >= 1 && tensor.getRank() <= 2 &&
         llvm::is_contained({1, 2, 4}, tensor.getDimSize(0));
}

/// A tile of a few rows, or a value of each.
static LogicalResult checkRowTile(Operation *op, Type type, int64_t headDim) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (isFewRows(type) && !tensor.getEncoding() &&
      (tensor.getRank() == 1 || tensor.getDimSize(1) == headDim))
    return success();
  return op->emitOpError("expected a tile of 1, 2 or 4 rows, of one value or ")
         << headDim << " columns, got " << type;
}

LogicalResult tile_to_hopper::checkRowOp(Operation &op, int64_t headDim) {
  if (isScalarOp(op))
    return checkScalar(op);
  if (isa<tile::ProgramIdOp, memref::DimOp, func::ReturnOp>(op))
    return success();
  if (auto loop = dyn_cast<scf::ForOp>(op)) {
    Type bound = loop.getLowerBound().getType();
    if (loop.getUnsignedCmp() || (!bound.isIndex() && !bound.isInteger(32)))
      return loop.emitOpError("expected a loop over signed index or i32");
    for (Type type : loop.getResultTypes())
      if (failed(checkRowTile(loop, type, headDim)))
        return failure();
    return checkRowBlock(*loop.getBody(), headDim);
  }
  if (auto store = dyn_cast<tile::StoreOp>(op))
    return failure(
        failed(checkMemory(store, store.getMemory())) ||
        failed(checkRowTile(store, store.getValue().getType(), headDim)));
  if (auto merge = dyn_cast<tile::MergePartsOp>(op)) {
    for (Value memory : {merge.getPartM(), merge.getPartD1(), merge.getPartD2(),
                         merge.getPartO1(), merge.getPartO2()})
      if (failed(checkMemory(merge, memory)))
        return failure();
    return checkRowTile(merge, merge.getO1().getType(), headDim);
  }
  if (auto merge = dyn_cast<tile::MergePublishedOp>(op))
    return checkRowTile(merge, merge.getO1().getType(), headDim);
  if (auto load = dyn_cast<tile::LoadOp>(op)) {
    if (!isRowLoad(load) ||
        !cast<RankedTensorType>(load.getType()).getElementType().isF32())
      return load.emitOpError("expected rows of a part in f32");
    return failure(failed(checkMemory(load, load.getMemory())) ||
                   failed(checkRowTile(load, load.getType(), headDim)));
  }
  bool isKnown =
      isa<tile::BroadcastOp, tensor::SplatOp, arith::ConstantOp>(op) ||
      (op.hasTrait<OpTrait::Elementwise>() && op.getNumRegions() == 0);
  if (!isKnown || op.getNumResults() != 1)
    return op.emitOpError("expected an op that works on a few rows");
  return checkRowTile(&op, op.getResult(0).getType(), headDim);
}

LogicalResult tile_to_hopper::checkRowBlock(Block &block, int64_t headDim) {
  for (Operation &op : block.without_terminator())
    if (failed(checkRowOp(op, headDim)))
      return failure();
  return success();
}

LogicalResult tile_to_hopper::checkRowMemory(func::FuncOp program) {
  bool hasRows = false, hasOutput = false;
  SmallVector<Operation *> ids, shares, arrivals;
  auto check = [&](Operation *op, Value memory, Value part) {
    hasRows = true;
    auto type = cast<MemRefType>(memory.getType());
    if (!part || type.getLayout().isIdentity())
      return WalkResult::advance();
    op->emitOpError("expected parts whose rows lie side by side, got ") << type;
    return WalkResult::interrupt();
  };
  WalkResult result = program.walk([&](Operation *op) {
    if (isa<tile::ProgramIdOp>(op))
      ids.push_back(op);
    if (isa<tile::ShareOp>(op))
      shares.push_back(op);
    if (isa<tile::ArriveOp, tile::ClusterSizeOp>(op))
      arrivals.push_back(op);
    if (auto load = dyn_cast<tile::LoadOp>(op); load && isRowLoad(load))
      return check(op, load.getMemory(), load.getPart());
    if (auto merge = dyn_cast<tile::MergePartsOp>(op))
      for (Value memory :
           {merge.getPartM(), merge.getPartD1(), merge.getPartD2(),
            merge.getPartO1(), merge.getPartO2()})
        if (check(op, memory, memory).wasInterrupted())
          return WalkResult::interrupt();
    if (auto store = dyn_cast<tile::StoreOp>(op); store && isRowStore(store)) {
      hasOutput |= !store.getPart();
      return check(op, store.getMemory(), store.getPart());
    }
    return WalkResult::advance();
  });
  if (result.wasInterrupted())
    return failure();
  // All outputs have o's sizes, so that any of them says the rows' places.
  if (hasRows && !hasOutput)
    return program.emitOpError("expected an output of rows beside parts");
  if (shares.size() > 1)
    return shares[1]->emitOpError("expected one tile.share, got two");
  if (!shares.empty() && ids.empty())
    return shares[0]->emitOpError("expected a tile.program_id, got none");
  if (!shares.empty() && shares[0]->getParentOp() != program)
    return shares[0]->emitOpError("expected outside loops and branches");
  if (!arrivals.empty() && shares.empty())
    return arrivals[0]->emitOpError("expected a tile.share, got none");
  return success();
}
