//===- Parameters.cpp - What a kernel is launched with --------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Kernel parameters are what the program asks for: a tensor map for each tensor
// it loads or stores tiles of, a pointer for each it reads or writes directly,
// with its strides if it is a block table or o, a size for each `memref.dim`.
// Each carries its description, from which the runtime makes it.
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/TileToHopper/KernelWriter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;
using namespace parallax;
using namespace parallax::tile_to_hopper;

/// Scalars of 32 bits come first: each CTA begins with them, and they lie in a
/// line of the constant memory that it reads anyway. Tensor maps come last.
static int rankOf(Type type) {
  if (isa<hopper::TensorMapType>(type))
    return 2;
  return type.isInteger(32) || type.isF32() ? 0 : 1;
}

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
  return insertParameter(type, fields);
}

/// Of a parameter, by which `hopper.divide` divides.
Value KernelWriter::addReciprocal(BlockArgument divisor) {
  Value &value = reciprocals[divisor];
  if (value)
    return value;
  auto fields = kernel.getArgAttrOfType<DictionaryAttr>(divisor.getArgNumber(),
                                                        hopper::kParameterAttr);
  SmallVector<NamedAttribute> all(fields.begin(), fields.end());
  all.push_back(b.getNamedAttr("reciprocal", b.getUnitAttr()));
  return value = insertParameter(b.getI64Type(), all);
}

Value KernelWriter::insertParameter(Type type,
                                    ArrayRef<NamedAttribute> fields) {
  unsigned position =
      llvm::count_if(kernel.getArgumentTypes(),
                     [&](Type other) { return rankOf(other) <= rankOf(type); });
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

void KernelWriter::addGrid(Grid &grid) {
  auto add = [&](int64_t dim) {
    return addParameter(b.getI32Type(), "grid_size", {}, dim);
  };
  const bool isDealt = sharesKeys(program);
  if (!isDealt)
    grid.tiles = add(0);
  grid.heads = add(1);
  grid.batches = add(2);
  if (isDealt) {
    grid.gangs = add(3);
    return;
  }
  grid.ctas = add(4);
  grid.section = add(5);
  grid.sectionTiles = add(6);
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
      tokens = schedule.stackedRows() / heads;
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
