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

#include "dialect/Hopper/HopperDialect.h"
#include "dialect/Hopper/KernelLayout.h"
#include "lib/Simulator/Elements.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/AsmState.h"
#include "llvm/ADT/TypeSwitch.h"

#include <fmt/format.h>

using namespace mlir;
using namespace parallax;
using namespace parallax::simulator;
using namespace parallax::hopper;

namespace {

bool isTensor(Type type) { return isa<RankedTensorType>(type); }

Shape shapeOf(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (!tensor)
    return {};
  return {static_cast<int32_t>(tensor.getDimSize(0)),
          static_cast<int32_t>(tensor.getRank() == 2 ? tensor.getDimSize(1)
                                                     : 1)};
}

int8_t halfOf(Type type) {
  if (auto tensor = dyn_cast<RankedTensorType>(type))
    type = tensor.getElementType();
  return type.isBF16() ? 1 : type.isF16() ? 2 : 0;
}

class Compiler {
public:
  explicit Compiler(func::FuncOp kernel)
      : kernel(kernel), names(kernel->getParentOp()) {}

  Result<Program> compile();

private:
  void declare();
  void block(Block &block);
  void operation(Operation &op);
  void loop(scf::ForOp op);
  void branch(scf::IfOp op);
  void values(Operation &op);
  bool memory(Operation &op);
  bool barriers(Operation &op);
  void measureRegisters(RolesOp roles);

  Instruction &add(Code code, Operation *op) {
    Instruction &instruction = list->emplace_back();
    instruction.code = code;
    instruction.op = indexOf(op);
    return instruction;
  }
  int32_t indexOf(Operation *op);
  int32_t slot(Value value) {
    if (!value)
      return -1;
    auto [at, isNew] = slots.try_emplace(value, 0);
    if (isNew)
      at->second = newSlot(isTensor(value.getType()));
    return at->second;
  }
  int32_t newSlot(bool tensor) {
    return tensor ? program.tensors++ : program.scalars++;
  }
  void move(int32_t to, int32_t from, bool tensor, Operation *op) {
    Instruction &i = add(Code::Move, op);
    i.isTensor = tensor;
    i.result = to;
    i.in[0] = from;
  }
  void moveAll(ValueRange from, ValueRange to, Operation *op);
  std::string nameOf(Value value) {
    std::string text;
    llvm::raw_string_ostream stream(text);
    value.printAsOperand(stream, names);
    return text;
  }
  void fail(Operation *op, std::string_view what) {
    if (error.empty())
      error = fmt::format("expected an op that the simulator knows, got {}{}",
                          op->getName().getStringRef().str(), what);
  }

  func::FuncOp kernel;
  AsmState names;
  Program program;
  std::vector<Instruction> *list = &program.prologue;
  llvm::DenseMap<Value, int32_t> slots; ///< Scalars and tensors.
  llvm::DenseMap<Value, int32_t> indices; ///< Tiles, rings, arguments.
  llvm::DenseMap<Operation *, int32_t> opIndices;
  std::string error;
};

} // namespace

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
  for (auto *each :
       {&program.prologue, &program.producer, &program.consumer}) {
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
    program.tiles.push_back({layout.offsets.lookup(op),
                             static_cast<int32_t>(type.getStages()),
                             static_cast<int32_t>(type.getRows()),
                             static_cast<int32_t>(type.getColumns()),
                             type.getElementType().isBF16(),
                             nameOf(op.getResult())});
  }
  for (auto op : body.getOps<BarriersOp>()) {
    const int64_t stages = op.getResult().getType().getStages();
    indices[op.getResult()] = program.rings.size();
    program.rings.push_back({static_cast<int32_t>(stages),
                             static_cast<int64_t>(op.getCount()),
                             static_cast<int32_t>(program.barriers),
                             nameOf(op.getResult())});
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

void Compiler::operation(Operation &op) {
  if (auto roles = dyn_cast<RolesOp>(op)) {
    program.consumers = roles.getConsumers();
    program.consumerRegisters = roles.getConsumerRegisters();
    list = &program.producer;
    block(roles.getProducerBlock());
    list = &program.consumer;
    program.warpgroup = slot(roles.getWarpgroup());
    block(roles.getConsumerBlock());
    list = &program.prologue;
    measureRegisters(roles);
  } else if (auto forOp = dyn_cast<scf::ForOp>(op)) {
    loop(forOp);
  } else if (auto ifOp = dyn_cast<scf::IfOp>(op)) {
    branch(ifOp);
  } else if (!isa<scf::YieldOp, RoleEndOp, func::ReturnOp, AllocOp, BarriersOp>(
                 op) &&
             !barriers(op) && !memory(op)) {
    values(op);
  }
}

void Compiler::values(Operation &op) {
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
      i.imm[0] =
          std::bit_cast<uint32_t>(float(number.getValueAsDouble()));
    else if (auto number = dyn_cast<IntegerAttr>(value))
      i.imm[0] = number.getType().isInteger(1) ? number.getValue() != 0
                                               : number.getInt();
    else
      return fail(&op, " of that type");
  } else if (isa<tensor::SplatOp>(op)) {
    i.code = Code::Splat;
  } else if (isa<CtaIdOp>(op)) {
    i.code = Code::CtaId;
  } else if (auto load = dyn_cast<LoadScalarOp>(op)) {
    i.code = Code::LoadScalar;
    i.map = indices.lookup(load.getPointer());
    i.in[0] = slot(load.getIndex());
    i.width = type.getIntOrFloatBitWidth();
  } else if (isa<PackOp>(op)) {
    i.code = Code::Pack;
    i.half = halfOf(type);
  } else if (isa<UnpackOp>(op)) {
    i.code = Code::Unpack;
  } else if (auto reduce = dyn_cast<ReduceOp>(op)) {
    i.code = Code::Reduce;
    i.imm[0] = reduce.getKind() == ReduceKind::Max;
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
    i.imm[0] = mask.getHeads();
  } else if (!describeElement(op, i)) {
    return fail(&op, "");
  }
  list->push_back(std::move(i));
}

bool Compiler::barriers(Operation &op) {
  auto ring = [&](Code code, auto typed) -> Instruction & {
    Instruction &i = add(code, &op);
    i.barrier = indices.lookup(typed.getBarrier());
    i.in[0] = slot(typed.getUse());
    return i;
  };
  return llvm::TypeSwitch<Operation *, bool>(&op)
      .Case([&](WaitOp op) {
        ring(Code::Wait, op).imm[0] = op.getLag();
        return true;
      })
      .Case([&](ExpectOp op) {
        ring(Code::Expect, op).imm[0] = op.getBytes();
        return true;
      })
      .Case([&](ArriveOp op) {
        ring(Code::Arrive, op);
        return true;
      })
      .Case<NamedSyncOp, NamedArriveOp>([&](auto typed) {
        Instruction &i = add(
            isa<NamedSyncOp>(op) ? Code::NamedSync : Code::NamedArrive, &op);
        i.in[0] = slot(typed.getId());
        i.imm[0] = typed.getThreads();
        return true;
      })
      .Case([&](WarpgroupBarrierOp op) {
        add(Code::WarpgroupBarrier, op);
        return true;
      })
      .Case([&](FenceAsyncOp op) {
        add(Code::FenceAsync, op);
        return true;
      })
      .Case([&](CommitOp op) {
        add(Code::Commit, op);
        return true;
      })
      .Case([&](WaitGroupOp op) {
        Instruction &i = add(Code::WaitGroup, op);
        i.imm[0] = op.getPending();
        for (auto [from, to] :
             llvm::zip_equal(op.getFragments(), op.getResults())) {
          i.extra.push_back(slot(from));
          i.results.push_back(slot(to));
        }
        return true;
      })
      .Default([](Operation *) { return false; });
}

bool Compiler::memory(Operation &op) {
  auto tma = [&](Code code, auto typed) -> Instruction & {
    Instruction &i = add(code, &op);
    i.map = indices.lookup(typed.getMap());
    i.tile = indices.lookup(typed.getTile());
    i.in = {slot(typed.getColumn()), slot(typed.getHead()),
            slot(typed.getToken()),  slot(typed.getBatch()),
            slot(typed.getStage()),  slot(typed.getRow())};
    i.box = {static_cast<int32_t>(typed.getBox()[0]),
             static_cast<int32_t>(typed.getBox()[1])};
    return i;
  };
  return llvm::TypeSwitch<Operation *, bool>(&op)
      .Case([&](TmaLoadOp op) {
        Instruction &i = tma(Code::TmaLoad, op);
        i.barrier = indices.lookup(op.getBarrier());
        i.extra = {slot(op.getUse())};
        i.columns = op.getLoadedColumns();
        return true;
      })
      .Case([&](TmaStoreOp op) {
        tma(Code::TmaStore, op).columns = op.getStoredColumns();
        return true;
      })
      .Case([&](StoreFragmentOp op) {
        Instruction &i = add(Code::StoreFragment, op);
        i.tile = indices.lookup(op.getTile());
        i.shape = shapeOf(op.getValue().getType());
        i.in = {slot(op.getValue()), slot(op.getStage()), slot(op.getRow()),
                slot(op.getColumn()), -1, -1};
        return true;
      })
      .Case([&](PutOp op) {
        Instruction &i = add(Code::Put, op);
        i.tile = indices.lookup(op.getTile());
        i.shape = shapeOf(op.getValue().getType());
        i.half = halfOf(op.getValue().getType());
        i.in = {slot(op.getValue()), slot(op.getStage()), -1, -1, -1, -1};
        return true;
      })
      .Case([&](GetOp op) {
        Instruction &i = add(Code::Get, op);
        i.tile = indices.lookup(op.getTile());
        i.shape = shapeOf(op.getType());
        i.half = halfOf(op.getType());
        i.isTensor = true;
        i.result = slot(op.getResult());
        i.in[0] = slot(op.getStage());
        return true;
      })
      .Case([&](ZeroRowsOp op) {
        Instruction &i = add(Code::ZeroRows, op);
        i.tile = indices.lookup(op.getTile());
        i.in = {slot(op.getStage()), slot(op.getRow()), -1, -1, -1, -1};
        return true;
      })
      .Case([&](StoreRowsOp op) {
        Instruction &i = add(Code::StoreRows, op);
        i.map = indices.lookup(op.getPointer());
        i.in = {slot(op.getValue()), slot(op.getBase()),
                slot(op.getStride()), slot(op.getRow()),
                slot(op.getToken()), slot(op.getLength())};
        i.imm = {static_cast<int64_t>(op.getHeads()),
                 static_cast<int64_t>(op.getRows())};
        return true;
      })
      .Case([&](AppendOp op) {
        Instruction &i = add(Code::Append, op);
        i.map = indices.lookup(op.getSource());
        i.tile = indices.lookup(op.getTarget());
        i.tileB = op.getTable() ? indices.lookup(op.getTable()) : -1;
        i.in = {slot(op.getSourceBase()), slot(op.getSourceStride()),
                slot(op.getTargetBase()), slot(op.getTargetStride()),
                slot(op.getFirst()),      slot(op.getCount())};
        i.extra = {slot(op.getLimit()), slot(op.getRow()),
                   slot(op.getPageStride())};
        i.imm = {static_cast<int64_t>(op.getColumns()),
                 static_cast<int64_t>(op.getSize().value_or(1))};
        return true;
      })
      .Case([&](WgmmaOp op) {
        Instruction &i = add(Code::Wgmma, op);
        const bool inMemory = isa<SmemType>(op.getA().getType());
        i.tile = inMemory ? indices.lookup(op.getA()) : -1;
        i.tileB = indices.lookup(op.getB());
        i.in = {inMemory ? -1 : slot(op.getA()), slot(op.getAStage()),
                slot(op.getRow()), slot(op.getBStage()), slot(op.getColumn()),
                slot(op.getAccumulator())};
        i.imm = {op.getInnerSize(), op.getTranspose()};
        i.shape = shapeOf(op.getResult().getType());
        i.isTensor = true;
        i.result = slot(op.getResult());
        return true;
      })
      .Default([](Operation *) { return false; });
}

/// What wgmma ties to registers: accumulators and fragments that are live at
/// the same time. Other tensors are rematerialised or die early; the assembler
/// decides about them.
void Compiler::measureRegisters(RolesOp roles) {
  roles.getConsumer().walk([&](WgmmaOp op) {
    int64_t live = 0;
    llvm::SmallDenseSet<Value> counted;
    auto count = [&](Value value) {
      auto type = dyn_cast<RankedTensorType>(value.getType());
      if (type && isRegisterTensor(type) && counted.insert(value).second)
        live += getRegisterLayout(type).count;
    };
    for (Value operand : op->getOperands())
      if (operand != op.getAccumulator())
        count(operand);
    count(op.getResult());
    // Multiplications of this block that may be in flight beside it, and
    // accumulators that the loops around carry and this turn has yet to use.
    for (Operation *before = op->getPrevNode(); before;
         before = before->getPrevNode()) {
      if (auto wait = dyn_cast<WaitGroupOp>(before))
        if (wait.getPending() == 0)
          break;
      if (auto other = dyn_cast<WgmmaOp>(before))
        count(other.getResult());
    }
    if (live > program.liveRegisters) {
      program.liveRegisters = live;
      program.liveOp = indexOf(op);
    }
  });
}

Result<Program> simulator::compile(func::FuncOp kernel) {
  return Compiler(kernel).compile();
}
