//===- Compile.cpp - From the hopper dialect to a simulator's program -----===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One walk over a kernel. Loops become a test at the top and a jump back; what
// a loop carries is moved through temporary slots, since a yield may permute
// its values. A register tensor is a slot too: a move shares its data, which
// nothing changes once it is made.
//
//===----------------------------------------------------------------------===//

#include "lib/Simulator/Compile.h"

#include "dialect/Hopper/KernelLayout.h"
#include "lib/Simulator/Compiler.h"
#include "lib/Simulator/Elements.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

#include <bit>

using namespace mlir;
using namespace parallax;
using namespace parallax::simulator;
using namespace parallax::hopper;

int32_t Compiler::indexOf(Operation *op) {
  auto [at, isNew] = opIndices.try_emplace(op, program.ops.size());
  if (!isNew)
    return at->second;
  std::string location = "?";
  if (auto file = dyn_cast<FileLineColLoc>(op->getLoc()))
    location = fmt::format("{}:{}:{}", file.getFilename().str(), file.getLine(),
                           file.getColumn());
  program.ops.push_back(
      {op->getName().getStringRef().str(), std::move(location), op});
  return at->second;
}

Result<Program> Compiler::compile() {
  declare();
  for (Operation &op : kernel.getBody().front())
    operation(op);
  for (auto *each : {&program.prologue, &program.producer, &program.consumer,
                     &program.converter}) {
    list = each;
    add(Code::End, kernel);
  }
  if (!error.empty())
    return Error{ErrorCode::Unsupported, error};
  return std::move(program);
}

/// Tiles, barriers, arguments.
void Compiler::declare() {
  const KernelLayout layout = KernelLayout::of(kernel);
  program.sharedBytes = layout.sharedBytes;
  Block &body = kernel.getBody().front();
  for (auto op : body.getOps<AllocOp>()) {
    SmemType type = op.getResult().getType();
    indices[op.getResult()] = program.tiles.size();
    program.tiles.push_back(
        {layout.offsets.lookup(op), static_cast<int32_t>(type.getStages()),
         static_cast<int32_t>(type.getRows()),
         static_cast<int32_t>(type.getColumns()),
         type.getElementType().isBF16(),
         static_cast<int32_t>(type.getElementBytes()), nameOf(op.getResult())});
  }
  for (auto op : body.getOps<BarriersOp>()) {
    const int64_t stages = op.getResult().getType().getStages();
    indices[op.getResult()] = program.rings.size();
    program.rings.push_back(
        {static_cast<int32_t>(stages), static_cast<int64_t>(op.getCount()),
         static_cast<int32_t>(program.barriers), nameOf(op.getResult())});
    program.barriers += stages;
  }
  for (BlockArgument argument : kernel.getArguments()) {
    const bool isScalar = argument.getType().isIntOrFloat();
    program.argumentSlots.push_back(isScalar ? slot(argument) : -1);
    indices[argument] = argument.getArgNumber();
  }
}

void Compiler::block(Block &block) {
  for (Operation &op : block)
    operation(op);
}

void Compiler::moveAll(ValueRange from, ValueRange to, Operation *op) {
  SmallVector<int32_t> temporaries;
  for (Value value : from) {
    const bool tensor = isTensor(value.getType());
    temporaries.push_back(from.size() == 1 ? slot(value) : newSlot(tensor));
    if (from.size() != 1)
      move(temporaries.back(), slot(value), tensor, op);
  }
  for (auto [temporary, value] : llvm::zip_equal(temporaries, to))
    move(slot(value), temporary, isTensor(value.getType()), op);
}

void Compiler::loop(scf::ForOp op) {
  move(slot(op.getInductionVar()), slot(op.getLowerBound()), false, op);
  moveAll(op.getInitArgs(), op.getRegionIterArgs(), op);
  const int32_t top = list->size();
  Instruction &test = add(Code::JumpIfLess, op);
  test.in[0] = slot(op.getInductionVar());
  test.in[1] = slot(op.getUpperBound());
  test.target = top + 2;
  add(Code::Jump, op);
  block(*op.getBody());
  auto yield = cast<scf::YieldOp>(op.getBody()->getTerminator());
  moveAll(yield.getOperands(), op.getRegionIterArgs(), op);
  Instruction &step = add(Code::Element, op);
  step.element = Element::AddI;
  step.width = op.getInductionVar().getType().isInteger(32) ? 32 : 64;
  step.result = slot(op.getInductionVar());
  step.in[0] = slot(op.getInductionVar());
  step.in[1] = slot(op.getStep());
  add(Code::Jump, op).target = top;
  (*list)[top + 1].target = list->size();
  moveAll(op.getRegionIterArgs(), op.getResults(), op);
}

void Compiler::branch(scf::IfOp op) {
  const int32_t test = list->size();
  add(Code::JumpUnless, op).in[0] = slot(op.getCondition());
  block(*op.thenBlock());
  moveAll(op.thenYield().getOperands(), op.getResults(), op);
  const int32_t done = list->size();
  add(Code::Jump, op);
  (*list)[test].target = list->size();
  if (!op.getElseRegion().empty()) {
    block(*op.elseBlock());
    moveAll(op.elseYield().getOperands(), op.getResults(), op);
  }
  (*list)[done].target = list->size();
}

/// For each target, element by element.
void Compiler::find(FindOp op) {
  auto constant = [&](int64_t value) {
    Instruction &i = add(Code::Constant, op);
    i.imm[0] = value;
    return i.result = newSlot(false);
  };
  auto element = [&](Element kind, int32_t result, int32_t x, int32_t y) {
    Instruction &i = add(Code::Element, op);
    i.element = kind;
    i.result = result;
    i.in[0] = x;
    i.in[1] = y;
  };
  const int32_t zero = constant(0), step = constant(1);
  for (auto [target, foundIndex, foundBefore] :
       llvm::zip_equal(op.getTargets(), op.getIndices(), op.getBefores())) {
    const int32_t index = slot(foundIndex), before = slot(foundBefore),
                  with = newSlot(false);
    move(index, zero, false, op);
    move(before, zero, false, op);
    const int32_t top = list->size();
    Instruction &isThere = add(Code::JumpIfLess, op);
    isThere.in[0] = index;
    isThere.in[1] = slot(op.getCount());
    isThere.target = top + 2;
    add(Code::Jump, op);
    Block &body = op.getBody().front();
    move(slot(body.getArgument(0)), index, false, op);
    block(body);
    element(Element::AddI, with, before,
            slot(cast<WeightOp>(body.getTerminator()).getWeight()));
    const int32_t exceeds = list->size();
    Instruction &test = add(Code::JumpIfLess, op);
    test.in[0] = slot(target);
    test.in[1] = with;
    move(before, with, false, op);
    element(Element::AddI, index, index, step);
    add(Code::Jump, op).target = top;
    (*list)[top + 1].target = (*list)[exceeds].target = list->size();
  }
}

void Compiler::operation(Operation &op) {
  if (auto roles = dyn_cast<RolesOp>(op)) {
    program.consumers = roles.getConsumers();
    program.consumerRegisters = roles.getConsumerRegisters();
    list = &program.producer;
    block(roles.getProducerBlock());
    list = &program.consumer;
    program.warpgroup = slot(roles.getWarpgroup());
    block(roles.getConsumerBlock());
    program.hasConverters = roles.hasConverters();
    program.converterWarps = roles.getConverterWarps();
    list = &program.converter;
    if (program.hasConverters)
      block(roles.getConverterBlock());
    list = &program.prologue;
    measureRegisters(roles);
  } else if (auto forOp = dyn_cast<scf::ForOp>(op)) {
    loop(forOp);
  } else if (auto ifOp = dyn_cast<scf::IfOp>(op)) {
    branch(ifOp);
  } else if (auto findOp = dyn_cast<FindOp>(op)) {
    find(findOp);
  } else if (!isa<scf::YieldOp, RoleEndOp, WeightOp, func::ReturnOp, AllocOp,
                  BarriersOp>(op) &&
             !barriers(op) && !memory(op)) {
    values(op);
  }
}

void Compiler::values(Operation &op) {
  if (auto unstack = dyn_cast<UnstackOp>(op)) {
    for (OpResult half : op.getResults()) {
      Instruction &i = add(Code::Unstack, &op);
      i.isTensor = true;
      i.shape = shapeOf(half.getType());
      i.result = slot(half);
      i.in[0] = slot(unstack.getSource());
      i.imm = {half.getResultNumber(), isPerWarp(half.getType())};
    }
    return;
  }
  if (op.getNumResults() != 1)
    return fail(&op, "");
  const Type type = op.getResult(0).getType();
  Instruction i;
  i.op = indexOf(&op);
  i.isTensor = isTensor(type);
  i.shape = shapeOf(type);
  i.result = slot(op.getResult(0));
  if (op.getNumOperands() > i.in.size() + 1)
    return fail(&op, " with that many operands");
  for (auto [n, operand] : llvm::enumerate(op.getOperands()))
    if (n < i.in.size() && !isa<LLVM::LLVMPointerType>(operand.getType())) {
      i.in[n] = slot(operand);
      if (isTensor(operand.getType()))
        i.operandIsTensor |= 1 << n;
    }
  if (auto constant = dyn_cast<arith::ConstantOp>(op)) {
    Attribute value = constant.getValue();
    if (auto splat = dyn_cast<SplatElementsAttr>(value))
      value = splat.getSplatValue<Attribute>();
    i.code = Code::Constant;
    if (auto number = dyn_cast<FloatAttr>(value))
      // Fragments are kept as the f32 of their elements.
      i.imm[0] = std::bit_cast<uint32_t>(float(number.getValueAsDouble()));
    else if (auto number = dyn_cast<IntegerAttr>(value))
      i.imm[0] = number.getType().isInteger(1) ? number.getValue() != 0
                                               : number.getInt();
    else
      return fail(&op, " of that type");
  } else if (isa<tensor::SplatOp>(op)) {
    i.code = Code::Splat;
  } else if (isa<CtaIdOp>(op)) {
    i.code = Code::CtaId;
    i.imm[0] = cast<CtaIdOp>(op).getDim();
  } else if (auto load = dyn_cast<LoadScalarOp>(op)) {
    i.code = Code::LoadScalar;
    i.map = indices.lookup(load.getPointer());
    i.in[0] = slot(load.getIndex());
    i.width = type.getIntOrFloatBitWidth();
  } else if (auto load = dyn_cast<LoadEntriesOp>(op)) {
    i.code = Code::LoadEntries;
    i.map = indices.lookup(load.getTable());
    i.in = {slot(load.getRow()),
            slot(load.getToken()),
            slot(load.getLimit()),
            -1,
            -1,
            -1};
    i.imm[0] = load.getSize();
  } else if (isa<StackOp>(op)) {
    i.code = Code::Stack;
    i.imm[1] = isPerWarp(type);
  } else if (isa<PackOp>(op)) {
    i.code = Code::Pack;
    i.half = halfOf(type);
  } else if (isa<UnpackOp>(op)) {
    i.code = Code::Unpack;
  } else if (auto reduce = dyn_cast<ReduceOp>(op)) {
    i.code = Code::Reduce;
    i.imm = {reduce.getKind() == ReduceKind::Max, isPerWarp(type)};
  } else if (isa<BroadcastOp>(op)) {
    i.code = Code::Broadcast;
  } else if (isa<RescaleOp>(op)) {
    i.code = Code::Rescale;
  } else if (auto mask = dyn_cast<MaskOp>(op)) {
    i.code = Code::Mask;
    i.in = {slot(mask.getSource()), slot(mask.getRow()),
            slot(mask.getToken()),  slot(mask.getKey()),
            slot(mask.getLength()), slot(mask.getShift())};
    i.extra = {slot(mask.getWindow())};
    i.imm = {static_cast<int64_t>(mask.getHeads()), isPerWarp(type)};
  } else if (!describeElement(op, i)) {
    return fail(&op, "");
  }
  list->push_back(std::move(i));
}

Result<Program> simulator::compile(func::FuncOp kernel) {
  return Compiler(kernel).compile();
}
