//===- TileToHopper.cpp - Give a tile program the roles of a CTA ----------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A tile program becomes one kernel in three parts: what every thread computes
// (the scalars before the loops, the buffers and barriers), the producer and
// the consumers. Producer and consumers walk the same loops over the same
// scalars, so they agree on every stage and phase without talking. Where tiles
// have to be converted, so do the converters between the two.
//
// Kernel parameters are what the program asks for: a tensor map for each tensor
// it loads or stores tiles of, a pointer for each it reads or writes directly,
// with its strides if it is a block table or o, a size for each `memref.dim`.
// Each carries its description, from which the runtime makes it.
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/Passes.h"
#include "lib/Conversion/TileToHopper/Lowering.h"
#include "lib/Schedule/ScheduleAttr.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/BuiltinOps.h"

namespace parallax {
#define GEN_PASS_DEF_TILETOHOPPER
#include "lib/Conversion/Passes.h.inc"
} // namespace parallax

using namespace mlir;
using namespace parallax;
using namespace parallax::tile_to_hopper;

namespace {

/// Writes the kernel of one tile program.
class KernelWriter {
public:
  KernelWriter(func::FuncOp program, const Schedule &schedule)
      : program(program), schedule(schedule),
        b(program.getLoc(), program.getContext()) {}

  LogicalResult write();

private:
  Value addParameter(Type type, StringRef kind, Value operand = {},
                     int64_t dim = 0, ArrayRef<int64_t> box = {});
  void writePrelude(Shared &shared);
  void writeProgramId(tile::ProgramIdOp id, Shared &shared);
  void addGrid(Grid &grid);
  void addPointer(Value memory, Shared &shared);
  Value addSize(Value memory, int64_t dim);
  void addRows(tile::StoreOp store, Shared &shared);
  void writeAppend(tile::AppendOp append, Shared &shared);
  void addTable(Value table, Shared &shared);
  void addGathered(Value memory, Shared &shared);
  void writeScalarLoad(memref::LoadOp load, Shared &shared);
  void writeParameters(Shared &shared);
  void writeBuffers(Shared &shared);
  LogicalResult writeConsumers(Value warpgroup, Shared &shared);

  /// The name of the operand that an argument of the program is.
  StringAttr operandName(Value argument) {
    auto arg = dyn_cast_if_present<BlockArgument>(argument);
    return arg ? program.getArgAttrOfType<StringAttr>(arg.getArgNumber(),
                                                      tile::kOperandAttr)
               : StringAttr();
  }

  func::FuncOp program, kernel;
  const Schedule &schedule;
  ImplicitLocOpBuilder b;
  Type element;
  int64_t headDim = 0;
  DenseMap<std::pair<Value, int64_t>, Value> sizes;
};

} // namespace

Value KernelWriter::addParameter(Type type, StringRef kind, Value operand,
                                 int64_t dim, ArrayRef<int64_t> box) {
  SmallVector<NamedAttribute> fields = {
      b.getNamedAttr("kind", b.getStringAttr(kind))};
  if (StringAttr name = operandName(operand); name && kind != "workspace")
    fields.push_back(b.getNamedAttr("operand", name));
  if (kind == "size" || kind == "stride" || kind == "grid_size" ||
      kind == "workspace")
    fields.push_back(b.getNamedAttr("dim", b.getI64IntegerAttr(dim)));
  if (!box.empty())
    fields.push_back(b.getNamedAttr("box", b.getDenseI64ArrayAttr(box)));
  unsigned position = kernel.getNumArguments();
  auto attributes = b.getDictionaryAttr(
      b.getNamedAttr(hopper::kParameterAttr, b.getDictionaryAttr(fields)));
  LogicalResult inserted =
      kernel.insertArgument(position, type, attributes, b.getLoc());
  assert(succeeded(inserted) && "appending an argument can't fail");
  (void)inserted;
  return kernel.getArgument(position);
}

void KernelWriter::addPointer(Value memory, Shared &shared) {
  Value &pointer = shared.pointers[memory];
  if (pointer)
    return;
  Type type = LLVM::LLVMPointerType::get(b.getContext(), 1);
  std::optional<WorkspacePiece> piece = workspacePiece(memory);
  pointer = piece ? addParameter(type, "workspace", memory,
                                 static_cast<int64_t>(*piece))
                  : addParameter(type, "pointer", memory);
}

Value KernelWriter::addSize(Value memory, int64_t dim) {
  Value &value = sizes[{memory, dim}];
  if (!value)
    value = addParameter(b.getI32Type(), "size", memory, dim);
  return value;
}

/// Adds what the addresses of stored rows are made of. All outputs have the
/// sizes of o, and all but o lie side by side.
void KernelWriter::addRows(tile::StoreOp store, Shared &shared) {
  Value memory = store.getMemory();
  if (!workspacePiece(memory) && !shared.queryLength) {
    shared.queryLength = addSize(memory, 1);
    shared.totalHeads = addSize(memory, 2);
  }
  if (!cast<MemRefType>(memory.getType()).getLayout().isIdentity() &&
      !shared.strides.contains(memory))
    for (int64_t dim : {0, 1, 2})
      shared.strides[memory][dim] =
          addParameter(b.getI64Type(), "stride", memory, dim);
}

/// Tiles are numbered so that the last tile of each sequence, the longest under
/// a causal mask, starts first, and heads that run together share the L2 cache,
/// and lines of memory where heads lie side by side.
///
/// Where CTAs share keys the grid has three dimensions, in that order: a
/// division takes a tenth of a microsecond, which few keys don't hide.
void KernelWriter::writeProgramId(tile::ProgramIdOp id, Shared &shared) {
  Value tiles = addParameter(b.getI32Type(), "grid_size", {}, 0);
  Value heads = addParameter(b.getI32Type(), "grid_size", {}, 1);
  Value cta = hopper::CtaIdOp::create(b, b.getI32Type(), 0);
  Value head, rest;
  program.walk([&](tile::SplitOp split) {
    Value splits = addParameter(b.getI32Type(), "grid_size", {}, 3);
    shared.scalars.map(split.getSplits(), splits);
    shared.scalars.map(
        split.getSplit(),
        hopper::CtaIdOp::create(b, b.getI32Type(), 1).getResult());
    head = cta;
    rest = hopper::CtaIdOp::create(b, b.getI32Type(), 2);
    shared.ticket =
        arith::AddIOp::create(b, arith::MulIOp::create(b, rest, heads), head);
  });
  if (!head) {
    head = arith::RemUIOp::create(b, cta, heads);
    rest = arith::DivUIOp::create(b, cta, heads);
  }
  Value last = arith::SubIOp::create(b, tiles, constant(b, 1));
  Value tile =
      arith::SubIOp::create(b, last, arith::RemUIOp::create(b, rest, tiles));
  shared.scalars.map(id.getTile(), tile);
  shared.scalars.map(id.getHead(), head);
  shared.scalars.map(id.getBatch(), arith::DivUIOp::create(b, rest, tiles));
}

void KernelWriter::addGrid(Grid &grid) {
  for (auto [dim, size] :
       {std::pair(0, &grid.tiles), std::pair(1, &grid.heads),
        std::pair(2, &grid.batches), std::pair(4, &grid.ctas),
        std::pair(5, &grid.section), std::pair(6, &grid.sectionTiles)})
    *size = addParameter(b.getI32Type(), "grid_size", {}, dim);
  writeGrid(b, grid);
}

/// Adds what is needed to read entries of a block table, if there is one.
void KernelWriter::addTable(Value table, Shared &shared) {
  if (!table || shared.tableStrides.contains(table))
    return;
  addPointer(table, shared);
  // A table has fewer than 2^31 elements.
  Value stride = addParameter(b.getI64Type(), "stride", table, 0);
  shared.tableStrides[table] =
      arith::TruncIOp::create(b, b.getI32Type(), stride);
  shared.tableColumns[table] = addSize(table, 1);
}

/// Adds what the addresses of rows in pages are made of.
void KernelWriter::addGathered(Value memory, Shared &shared) {
  if (shared.gatherStrides.contains(memory))
    return;
  addPointer(memory, shared);
  for (int64_t dim : {0, 1, 2})
    shared.gatherStrides[memory][dim] =
        addParameter(b.getI64Type(), "stride", memory, dim);
}

/// Copies new tokens into the cache, before the roles start.
void KernelWriter::writeAppend(tile::AppendOp append, Shared &shared) {
  Type i64 = b.getI64Type();
  // Elements of 8 bits are copied in pairs: all strides and rows are of whole
  // ones.
  auto type = cast<MemRefType>(append.getSource().getType());
  const int64_t pair = 16 / type.getElementTypeBitWidth();
  auto stride = [&](Value memory, int64_t dim) -> Value {
    Value elements = addParameter(i64, "stride", memory, dim);
    if (pair == 1)
      return elements;
    return arith::DivSIOp::create(b, elements,
                                  arith::ConstantIntOp::create(b, pair, 64));
  };
  auto scaled = [&](Value index, Value stride) -> Value {
    return arith::MulIOp::create(
        b, arith::ExtSIOp::create(b, i64, shared.scalars.lookup(index)),
        stride);
  };
  Value source = append.getSource(), memory = append.getMemory();
  Value batch = append.getBatch(), head = append.getHead();
  Value sourceBase = arith::AddIOp::create(b, scaled(batch, stride(source, 0)),
                                           scaled(head, stride(source, 2)));
  Value base = scaled(head, stride(memory, 2)), first = stride(memory, 0);
  Value table, row, pageStride;
  IntegerAttr size;
  if ((table = append.getTable())) {
    row = arith::MulIOp::create(b, shared.scalars.lookup(batch),
                                shared.tableStrides.lookup(table));
    table = shared.pointers.lookup(table);
    pageStride = first;
    auto pool = cast<MemRefType>(memory.getType());
    size = b.getI64IntegerAttr(pool.getDimSize(1));
  } else {
    base = arith::AddIOp::create(b, base, scaled(batch, first));
  }
  Value count = addSize(source, 1);
  hopper::AppendOp::create(
      b, shared.pointers.lookup(source), sourceBase, stride(source, 1),
      shared.pointers.lookup(memory), base, stride(memory, 1),
      shared.scalars.lookup(append.getToken()), count,
      shared.scalars.lookup(append.getLimit()),
      b.getI64IntegerAttr(headDim / pair), table, row, pageStride, size);
}

/// Adds a tensor map for each tensor that tiles are loaded from or stored to,
/// and a pointer for each that single values are.
void KernelWriter::writeParameters(Shared &shared) {
  Type map = hopper::TensorMapType::get(b.getContext());
  llvm::SmallDenseSet<Value> inLoops = loadedInLoops(program);
  program.walk([&](tile::LoadOp load) {
    if (isRowLoad(load))
      return addPointer(load.getMemory(), shared);
    if (isGathered(load))
      return addGathered(load.getMemory(), shared);
    if (shared.maps.contains(load.getMemory()))
      return;
    auto tile = cast<RankedTensorType>(load.getType());
    int64_t heads = load.getHeads();
    int64_t tokens = tile.getDimSize(0) / heads;
    if (load.getTable())
      tokens = std::min(tokens, load.getPageSize());
    if (schedule.isStacked() && !inLoops.contains(load.getMemory()))
      tokens = kStackedRows / heads;
    int64_t columns =
        hopper::SmemType::kBlockBytes * 8 /
        cast<MemRefType>(load.getMemory().getType()).getElementTypeBitWidth();
    shared.maps[load.getMemory()] = addParameter(
        map, "tensor_map", load.getMemory(), 0, {columns, heads, tokens, 1});
  });
  program.walk([&](tile::LoadOp load) { addTable(load.getTable(), shared); });
  program.walk([&](tile::AppendOp append) {
    addTable(append.getTable(), shared);
    for (Value memory : {append.getSource(), append.getMemory()})
      addPointer(memory, shared);
  });
  program.walk([&](tile::StoreOp store) {
    int64_t heads = store.getHeads();
    Value memory = store.getMemory();
    if (isRowStore(store))
      addPointer(memory, shared);
    else
      shared.storeMaps[memory] = addParameter(map, "tensor_map", memory, 0,
                                              {64, heads, 64 / heads, 1});
  });
  program.walk([&](tile::MergePartsOp merge) {
    for (Value memory : {merge.getPartM(), merge.getPartD1(), merge.getPartD2(),
                         merge.getPartO1(), merge.getPartO2()})
      addPointer(memory, shared);
  });
  program.walk(
      [&](tile::ArriveOp arrive) { addPointer(arrive.getTickets(), shared); });
  program.walk(
      [&](memref::LoadOp load) { addPointer(load.getMemRef(), shared); });
}

/// Reads an element of an operand that has one a sequence or a head.
void KernelWriter::writeScalarLoad(memref::LoadOp load, Shared &shared) {
  Value memory = load.getMemRef();
  Value index = shared.scalars.lookup(load.getIndices().front());
  if (!load.getMemRefType().getLayout().isIdentity()) {
    // Its elements span fewer than 2^31.
    Value stride = addParameter(b.getI64Type(), "stride", memory, 0);
    index = arith::MulIOp::create(
        b, index, arith::TruncIOp::create(b, b.getI32Type(), stride));
  }
  shared.scalars.map(
      load.getResult(),
      hopper::LoadScalarOp::create(b, load.getType(),
                                   shared.pointers.lookup(memory), index)
          .getResult());
}

/// Writes the scalars outside loops, which every thread computes; those of a
/// tile, if a CTA takes several, are for each role to compute.
void KernelWriter::writePrelude(Shared &shared) {
  for (BlockArgument argument : program.getArguments())
    if (argument.getType().isF32() || argument.getType().isInteger(32))
      shared.scalars.map(
          argument, addParameter(argument.getType(), operandName(argument)));
  Block &body = program.getBody().front();
  llvm::SmallDenseSet<Operation *> ofTile;
  if (schedule.persistent) {
    addGrid(shared.grid);
    ofTile.insert_range(tileScalars(body));
  }
  for (Operation &op : body) {
    if (ofTile.contains(&op))
      continue;
    if (auto id = dyn_cast<tile::ProgramIdOp>(op)) {
      writeProgramId(id, shared);
    } else if (auto dim = dyn_cast<memref::DimOp>(op)) {
      shared.scalars.map(dim.getResult(),
                         addSize(dim.getSource(), *dim.getConstantIndex()));
    } else if (auto load = dyn_cast<memref::LoadOp>(op)) {
      writeScalarLoad(load, shared);
    } else if (auto append = dyn_cast<tile::AppendOp>(op)) {
      writeAppend(append, shared);
    } else if (isScalarOp(op)) {
      cloneScalarOp(b, op, shared.scalars);
    }
  }
  program.walk([&](tile::InClusterOp op) {
    Value ctas = addParameter(b.getI32Type(), "grid_size", {}, 7);
    Value isSome = arith::CmpIOp::create(b, arith::CmpIPredicate::sgt, ctas,
                                         constant(b, 1));
    shared.scalars.map(op.getResult(), isSome);
  });
  program.walk([&](tile::StoreOp store) {
    if (isRowStore(store))
      addRows(store, shared);
  });
  bool hasParts = false;
  program.walk([&](tile::LoadOp load) { hasParts |= isRowLoad(load); });
  program.walk([&](tile::MergePartsOp) { hasParts = true; });
  if (hasParts)
    shared.batches = addParameter(b.getI32Type(), "grid_size", {}, 2);
}

void KernelWriter::writeBuffers(Shared &shared) {
  MLIRContext *context = b.getContext();
  auto barriers = [&](int64_t slots, int64_t arrivals) -> Value {
    return hopper::BarriersOp::create(
        b, hopper::BarrierType::get(context, slots), arrivals);
  };
  auto allocOf = [&](Type type, int64_t stages, int64_t rows,
                     int64_t columns) -> Value {
    return hopper::AllocOp::create(
        b, hopper::SmemType::get(context, stages, rows, columns, type));
  };
  auto alloc = [&](int64_t stages, int64_t rows, int64_t columns) -> Value {
    return allocOf(element, stages, rows, columns);
  };
  llvm::SmallDenseSet<Value> inLoops = loadedInLoops(program);
  program.walk([&](tile::LoadOp load) {
    if (isRowLoad(load))
      return;
    int64_t rows = cast<ShapedType>(load.getType()).getDimSize(0);
    int64_t columns = schedule.columns(headDim);
    int64_t heads = load.getHeads();
    int64_t bytes = rows / heads * heads * columns * 2;
    if (!inLoops.contains(load.getMemory())) {
      int64_t tiles = schedule.inputStages(headDim);
      if (!shared.inputsFull) {
        shared.inputsFull = barriers(tiles, 1);
        if (schedule.persistent)
          shared.inputsEmpty = barriers(tiles, 4 * schedule.consumers);
        if (schedule.persistent)
          shared.board = alloc(tiles, 8, hopper::SmemType::kBlockColumns);
      }
      bool isSecond = schedule.isStacked() && !shared.inputs.empty();
      Value memory = isSecond ? shared.inputs.begin()->second.memory
                     : schedule.isStacked()
                         ? alloc(tiles, hopper::kRows, columns)
                         : alloc(tiles, rows, columns);
      shared.inputs[load] = {memory, shared.inputsFull, shared.inputsEmpty,
                             bytes, isSecond ? kStackedRows : 0};
      // A consumer's rows of q are its own to overwrite at the end.
      if (!shared.output)
        shared.output = memory;
      return;
    }
    Buffer &ring = shared.rings[load.getMemory()];
    if (ring.memory)
      return;
    const int64_t stages = schedule.productStages();
    const bool converts = load.converts();
    const int64_t arrivals = converts           ? shared.converterWarps
                             : isGathered(load) ? 32 * shared.converterWarps
                                                : 1;
    ring = {alloc(stages, rows, columns), barriers(stages, arrivals),
            barriers(stages, 4 * schedule.consumers), bytes};
    if (!converts)
      return;
    const int64_t narrow = schedule.narrowColumns(headDim);
    auto type = cast<MemRefType>(load.getMemory().getType()).getElementType();
    shared.narrowRings[load.getMemory()] = {
        allocOf(type, schedule.stages, rows, narrow),
        barriers(schedule.stages, 1),
        barriers(schedule.stages, shared.converterWarps), rows * narrow};
  });
  // O2 crosses behind the loops, in the ring of keys; the rest has its own.
  program.walk([&](tile::HandoverOp handover) {
    auto type = cast<RankedTensorType>(handover.getType());
    Value &mail = shared.mail[{handover.getFrom(), type}];
    bool isWide = type.getRank() == 2 && type.getElementType().isF32();
    if (mail)
      return;
    int64_t bytes = type.getRank() == 1
                        ? 2 * hopper::kRegisterBytes
                        : type.getNumElements() * sizeof(int16_t);
    mail = isWide ? shared.rings.front().second.memory
                  : alloc(handover.getFrom() == 0 ? kMessages : 1, bytes / 128,
                          hopper::SmemType::kBlockColumns);
  });
}

/// Divided products make two programs of one region, one for each consumer.
LogicalResult KernelWriter::writeConsumers(Value warpgroup, Shared &shared) {
  Block &body = program.getBody().front();
  if (!element) {
    IRMapping values = shared.scalars;
    return writeRowBlock(b, body, shared, values);
  }
  if (schedule.partition == Partition::Rows)
    return writeConsumer(b, body, shared, warpgroup);
  Value isFirst = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, warpgroup,
                                        constant(b, 0));
  auto branch = scf::IfOp::create(b, isFirst, /*withElseRegion=*/true);
  for (int64_t consumer : {0, 1}) {
    FailureOr<Share> share = shareOf(program, consumer);
    if (failed(share))
      return failure();
    WalkResult result = program.walk([&](tile::LoadOp load) {
      if (isRowLoad(load) || shared.inputs.contains(load) ||
          share->ops.contains(load))
        return WalkResult::advance();
      load.emitOpError("expected both consumers to read each tile of keys or "
                       "values, got no use by consumer ")
          << consumer;
      return WalkResult::interrupt();
    });
    b.setInsertionPoint(
        (consumer ? branch.elseBlock() : branch.thenBlock())->getTerminator());
    if (result.wasInterrupted() ||
        failed(writeConsumer(b, body, shared, constant(b, consumer), &*share)))
      return failure();
  }
  return success();
}

LogicalResult KernelWriter::write() {
  ProgramShape shape;
  if (failed(checkProgram(program, schedule, shape)))
    return failure();
  element = shape.element;
  headDim = shape.headDim;
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPoint(program);
  kernel =
      func::FuncOp::create(b, program.getName(), b.getFunctionType({}, {}));
  kernel->setAttr(hopper::kKernelAttr, b.getUnitAttr());
  setSchedule(kernel, schedule);
  kernel->setAttr(hopper::kTileTokensAttr,
                  b.getI64IntegerAttr(schedule.tile.tokens()));
  kernel->setAttr(hopper::kPackedHeadsAttr,
                  b.getI64IntegerAttr(schedule.tile.packedHeads));
  if (schedule.splitTiles)
    kernel->setAttr(
        hopper::kSplitKeysAttr,
        b.getI64IntegerAttr(schedule.splitTiles * schedule.tile.keys));
  if (schedule.cluster)
    kernel->setAttr(hopper::kClusterAttr,
                    b.getI64IntegerAttr(schedule.cluster));
  if (schedule.persistent)
    kernel->setAttr(hopper::kPersistentCtasAttr,
                    b.getI64IntegerAttr(schedule.ctasPerSm));
  if (schedule.ctasPerSm > 1)
    kernel->setAttr(hopper::kCtasPerSmAttr,
                    b.getI64IntegerAttr(schedule.ctasPerSm));
  b.setInsertionPointToStart(kernel.addEntryBlock());

  Shared shared(schedule, headDim);
  if (schedule.converterRegisters)
    shared.converterWarps = 4;
  writeParameters(shared);
  writePrelude(shared);
  writeBuffers(shared);

  const bool hasConverters = shape.converts || !shared.gatherStrides.empty();
  auto roles =
      hopper::RolesOp::create(b, schedule.producerRegisters, schedule.consumers,
                              schedule.consumerRegisters, hasConverters,
                              hasConverters ? schedule.converterRegisters : 0);
  Block &body = program.getBody().front();
  b.setInsertionPointToStart(&roles.getProducerBlock());
  if (failed(writeProducer(b, body, shared)))
    return failure();
  if (hasConverters) {
    b.setInsertionPointToStart(&roles.getConverterBlock());
    writeConverters(b, body, shared);
  }
  b.setInsertionPointToStart(&roles.getConsumerBlock());
  if (failed(writeConsumers(roles.getWarpgroup(), shared)))
    return failure();
  if (schedule.persistent)
    dropUnread(roles);
  b.setInsertionPointAfter(roles);
  func::ReturnOp::create(b);
  program.erase();
  return success();
}

namespace {

struct TileToHopperPass : parallax::impl::TileToHopperBase<TileToHopperPass> {
  void runOnOperation() override {
    auto programs = llvm::filter_to_vector(
        getOperation().getOps<func::FuncOp>(),
        [](func::FuncOp op) { return op->hasAttr(tile::kKernelAttr); });
    for (func::FuncOp program : programs) {
      FailureOr<Schedule> schedule = getSchedule(program);
      if (failed(schedule) || failed(KernelWriter(program, *schedule).write()))
        return signalPassFailure();
    }
  }
};

} // namespace
