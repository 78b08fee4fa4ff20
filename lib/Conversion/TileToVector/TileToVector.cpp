//===- TileToVector.cpp - A tile program for one CPU thread ---------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A program becomes a function that computes one tile of the grid:
//
//   void NAME(const uint64_t *arguments, void *scratch,
//             int64_t tile, int64_t head, int64_t batch)
//
// `arguments` has one slot of 8 bytes for each entry of the function's
// `tile.parameters`, which is what the program's type leaves open: a pointer
// for each tensor, its dynamic sizes and strides, the scale, the window. Sizes
// and strides are 64-bit, scale and window the low half of their slot.
// `scratch` has `tile.scratch_bytes` bytes, aligned to 64.
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/Passes.h"
#include "lib/Conversion/TileToVector/Lowering.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/BuiltinOps.h"

namespace parallax {
#define GEN_PASS_DEF_TILETOVECTOR
#include "lib/Conversion/Passes.h.inc"
} // namespace parallax

using namespace mlir;
using namespace parallax;
using namespace parallax::tile_to_vector;

namespace {

/// Reads the argument slots, in the order in which they are asked for.
class ArgumentReader {
public:
  ArgumentReader(Emitter &e, Value slots) : e(e), slots(slots) {}

  Value read(Type type, StringRef kind, StringRef operand = {},
             std::optional<int64_t> dim = {});
  Value readMemref(MemRefType type, StringRef operand);
  ArrayAttr parameters() { return e.getArrayAttr(descriptions); }

private:
  Emitter &e;
  Value slots;
  SmallVector<Attribute> descriptions;
};

} // namespace

Value ArgumentReader::read(Type type, StringRef kind, StringRef operand,
                           std::optional<int64_t> dim) {
  SmallVector<NamedAttribute> fields = {
      e.getNamedAttr("kind", e.getStringAttr(kind))};
  if (!operand.empty())
    fields.push_back(e.getNamedAttr("operand", e.getStringAttr(operand)));
  if (dim)
    fields.push_back(e.getNamedAttr("dim", e.getI64IntegerAttr(*dim)));
  Value slot = LLVM::GEPOp::create(
      e, slots.getType(), e.getI64Type(), slots,
      ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(descriptions.size())});
  descriptions.push_back(e.getDictionaryAttr(fields));
  return LLVM::LoadOp::create(e, type, slot, /*alignment=*/8);
}

Value ArgumentReader::readMemref(MemRefType type, StringRef operand) {
  Value pointer = read(slots.getType(), "pointer", operand);
  SmallVector<int64_t> staticStrides;
  int64_t offset;
  LogicalResult strided = type.getStridesAndOffset(staticStrides, offset);
  assert(succeeded(strided) && "checked before");
  (void)strided;
  SmallVector<Value> sizes(type.getRank()), strides(type.getRank());
  for (int64_t d = 0; d != type.getRank(); ++d) {
    if (type.isDynamicDim(d))
      sizes[d] = read(e.getI64Type(), "size", operand, d);
    if (ShapedType::isDynamic(staticStrides[d]))
      strides[d] = read(e.getI64Type(), "stride", operand, d);
  }
  return memrefAt(e, pointer, type, sizes, strides);
}

namespace {

struct TileToVectorPass : parallax::impl::TileToVectorBase<TileToVectorPass> {
  using TileToVectorBase::TileToVectorBase;

  void runOnOperation() override {
    if (lanes < 1 || !llvm::isPowerOf2_64(lanes) || registers < 8) {
      getOperation().emitError("expected a power of two of lanes and at least "
                               "8 registers, got ")
          << lanes.getValue() << " and " << registers.getValue();
      return signalPassFailure();
    }
    SmallVector<func::FuncOp> programs;
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (function->hasAttr(tile::kKernelAttr))
        programs.push_back(function);
    for (func::FuncOp program : programs)
      if (failed(convert(program)))
        return signalPassFailure();
  }

  LogicalResult convert(func::FuncOp program);
  LogicalResult readArguments(func::FuncOp program, ArgumentReader &reader,
                              IRMapping &scalars);
};

} // namespace

LogicalResult TileToVectorPass::readArguments(func::FuncOp program,
                                              ArgumentReader &reader,
                                              IRMapping &scalars) {
  for (BlockArgument argument : program.getArguments()) {
    auto operand = program.getArgAttrOfType<StringAttr>(argument.getArgNumber(),
                                                        tile::kOperandAttr);
    Type type = argument.getType();
    auto memory = dyn_cast<MemRefType>(type);
    SmallVector<int64_t> strides;
    int64_t offset = 0;
    if (!operand || (!memory && !type.isF32() && !type.isInteger(32)) ||
        (memory && failed(memory.getStridesAndOffset(strides, offset))))
      return program.emitOpError("expected every argument to be an operand of "
                                 "the problem, got argument ")
             << argument.getArgNumber() << " of type " << type;
    if (offset && !ShapedType::isDynamic(offset))
      return program.emitOpError("expected tensors that start at their "
                                 "pointer, got ")
             << type;
    if (argument.use_empty())
      continue;
    scalars.map(argument, memory ? reader.readMemref(memory, operand)
                                 : reader.read(type, operand));
  }
  return success();
}

LogicalResult TileToVectorPass::convert(func::FuncOp program) {
  if (!program.getBody().hasOneBlock() || program.getNumResults())
    return program.emitOpError("expected a program of one block and no "
                               "results");
  Emitter e(program.getLoc(), program);
  auto pointer = LLVM::LLVMPointerType::get(&getContext());
  Type i64 = e.getI64Type();
  auto kernel = func::FuncOp::create(
      e, program.getName(),
      e.getFunctionType({pointer, pointer, i64, i64, i64}, {}));
  e.setInsertionPointToStart(kernel.addEntryBlock());

  ArgumentReader reader(e, kernel.getArgument(0));
  IRMapping scalars;
  if (failed(readArguments(program, reader, scalars)))
    return failure();
  SmallVector<Value> id;
  for (Value coordinate : kernel.getArguments().drop_front(2))
    id.push_back(arith::IndexCastOp::create(e, e.getIndexType(), coordinate));
  program.walk(
      [&](tile::ProgramIdOp op) { scalars.map(op->getResults(), id); });

  ScratchSpace scratch(kernel.getArgument(1));
  if (failed(Lowering(e, {lanes, registers}, scratch, scalars)
                 .lower(program.getBody().front())))
    return failure();
  func::ReturnOp::create(e);
  kernel->setAttr(tile::kParametersAttr, reader.parameters());
  kernel->setAttr(tile::kScratchBytesAttr,
                  e.getI64IntegerAttr(scratch.bytes()));
  program.erase();
  return success();
}
