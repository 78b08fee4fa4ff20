//===- CompileSteps.cpp - Ops that are steps of a role --------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Simulator/Compiler.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace parallax;
using namespace parallax::simulator;
using namespace parallax::hopper;

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
      .Case<ClusterArriveOp, LaunchDependentsOp>([](auto) { return true; })
      .Case([&](AwaitGridsOp op) {
        add(Code::AwaitGrids, op);
        return true;
      })
      .Case([&](ClusterWaitOp op) {
        add(Code::ClusterWait, op);
        return true;
      })
      .Case([&](AwaitRowsOp op) {
        Instruction &i = add(Code::AwaitRows, op);
        i.barrier = indices.lookup(op.getBarrier());
        i.in = {-1, slot(op.getRows()), slot(op.getCount()), -1, -1, -1};
        i.columns = op.getColumns();
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
  auto merged = [&](Instruction &i, Operation *merge) {
    for (Value result : merge->getResults())
      i.results.push_back(slot(result));
    i.shape = shapeOf(merge->getResults().back().getType());
    i.columns = i.shape.columns;
  };
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
        Instruction &i = tma(Code::TmaStore, op);
        i.columns = op.getStoredColumns();
        i.imm[0] = op.getAdd();
        return true;
      })
      .Case([&](StoreFragmentOp op) {
        Instruction &i = add(Code::StoreFragment, op);
        i.tile = indices.lookup(op.getTile());
        i.shape = shapeOf(op.getValue().getType());
        i.in = {slot(op.getValue()),
                slot(op.getStage()),
                slot(op.getRow()),
                slot(op.getColumn()),
                -1,
                -1};
        return true;
      })
      .Case([&](LoadFragmentOp op) {
        Instruction &i = add(Code::LoadFragment, op);
        i.tile = indices.lookup(op.getTile());
        i.shape = shapeOf(op.getType());
        i.isTensor = true;
        i.result = slot(op.getResult());
        i.in = {slot(op.getStage()), slot(op.getRow()), -1, -1, -1, -1};
        const bool perWarp = isPerWarp(op.getType());
        i.imm = {perWarp ? i.shape.rows / hopper::kWarps
                         : static_cast<int64_t>(op.getOnly().value_or(kRows)),
                 perWarp, op.getInFours()};
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
      .Case([&](PutScalarOp op) {
        Instruction &i = add(Code::PutScalar, op);
        i.tile = indices.lookup(op.getTile());
        i.in = {slot(op.getValue()), slot(op.getStage()), -1, -1, -1, -1};
        i.imm[0] = op.getIndex();
        return true;
      })
      .Case([&](GetScalarOp op) {
        Instruction &i = add(Code::GetScalar, op);
        i.tile = indices.lookup(op.getTile());
        i.result = slot(op.getResult());
        i.in[0] = slot(op.getStage());
        i.imm[0] = op.getIndex();
        return true;
      })
      .Case([&](ZeroRowsOp op) {
        Instruction &i = add(Code::ZeroRows, op);
        i.tile = indices.lookup(op.getTile());
        i.in = {slot(op.getStage()), slot(op.getRow()), -1, -1, -1, -1};
        return true;
      })
      .Case([&](ConvertOp op) {
        Instruction &i = add(Code::Convert, op);
        i.tile = indices.lookup(op.getSource());
        i.tileB = indices.lookup(op.getTarget());
        i.in = {slot(op.getSourceStage()),
                slot(op.getTargetStage()),
                slot(op.getRow()),
                -1,
                -1,
                -1};
        return true;
      })
      .Case([&](GatherOp op) {
        Instruction &i = add(Code::Gather, op);
        i.map = indices.lookup(op.getSource());
        i.tile = indices.lookup(op.getTile());
        i.barrier = indices.lookup(op.getBarrier());
        i.in = {slot(op.getEntries()),    slot(op.getBase()),
                slot(op.getPageStride()), slot(op.getTokenStride()),
                slot(op.getToken()),      slot(op.getStage())};
        i.extra = {slot(op.getUse())};
        i.imm[0] = op.getSize();
        i.columns = op.getColumns();
        return true;
      })
      .Case([&](StoreRowsOp op) {
        Instruction &i = add(Code::StoreRows, op);
        i.map = indices.lookup(op.getPointer());
        i.in = {slot(op.getValue()),       slot(op.getBase()),
                slot(op.getTokenStride()), slot(op.getRow()),
                slot(op.getToken()),       slot(op.getLength())};
        i.extra = {slot(op.getHeadStride())};
        i.imm = {static_cast<int64_t>(op.getHeads()),
                 static_cast<int64_t>(op.getRows())};
        i.columns =
            op.getColumns().value_or(shapeOf(op.getValue().getType()).columns);
        i.half = op.getElement() ? halfOf(*op.getElement()) : 0;
        return true;
      })
      .Case([&](LoadRowsOp op) {
        Instruction &i = add(Code::LoadRows, op);
        i.map = indices.lookup(op.getPointer());
        i.in = {-1,
                slot(op.getBase()),
                slot(op.getTokenStride()),
                slot(op.getRow()),
                slot(op.getToken()),
                slot(op.getLength())};
        i.extra = {slot(op.getHeadStride())};
        i.imm = {static_cast<int64_t>(op.getHeads()),
                 static_cast<int64_t>(op.getRows())};
        i.shape = shapeOf(op.getType());
        i.columns = i.shape.columns;
        i.isTensor = true;
        i.result = slot(op.getResult());
        return true;
      })
      .Case([&](ArriveLastOp op) {
        Instruction &i = add(Code::ArriveLast, op);
        i.map = indices.lookup(op.getTickets());
        i.in = {slot(op.getIndex()), slot(op.getCount()), -1, -1, -1, -1};
        i.result = slot(op.getIsLast());
        return true;
      })
      .Case([&](MergeRowsOp op) {
        Instruction &i = add(Code::MergeRows, op);
        i.map = indices.lookup(op.getPartM());
        i.in = {slot(op.getCount()),      slot(op.getBase()),
                slot(op.getPartStride()), slot(op.getTokenStride()),
                slot(op.getRow()),        slot(op.getToken())};
        i.extra = {slot(op.getLength())};
        for (Value part :
             {op.getPartD1(), op.getPartD2(), op.getPartO1(), op.getPartO2()})
          i.extra.push_back(indices.lookup(part));
        i.imm = {static_cast<int64_t>(op.getHeads()),
                 static_cast<int64_t>(op.getRows())};
        merged(i, op);
        return true;
      })
      .Case([&](MergeReceivedOp op) {
        Instruction &i = add(Code::MergeReceived, op);
        i.tile = indices.lookup(op.getInbox());
        i.in = {slot(op.getCount()), slot(op.getRow()), -1, -1, -1, -1};
        i.imm[0] = op.getSentColumns();
        merged(i, op);
        return true;
      })
      .Case([&](SendRowsOp op) {
        Instruction &i = add(Code::SendRows, op);
        i.tile = indices.lookup(op.getFirst());
        i.tileB = indices.lookup(op.getInbox());
        i.tileC = indices.lookup(op.getSecond());
        i.barrier = indices.lookup(op.getBarrier());
        i.in = {slot(op.getM()),  slot(op.getD1()), slot(op.getD2()),
                slot(op.getO1()), slot(op.getO2()), slot(op.getRows())};
        i.extra = {slot(op.getCount())};
        i.imm = {static_cast<int64_t>(op.getMost()), op.getParts() > 1,
                 op.getBytes()};
        i.columns = op.getColumns();
        return true;
      })
      .Case([&](WarpMmaOp op) {
        Instruction &i = add(Code::WarpMma, op);
        i.tileB = indices.lookup(op.getB());
        i.in = {slot(op.getA()),
                slot(op.getBStage()),
                slot(op.getAccumulator()),
                -1,
                -1,
                -1};
        i.imm[0] = op.getTranspose();
        i.shape = shapeOf(op.getResult().getType());
        i.isTensor = true;
        i.result = slot(op.getResult());
        return true;
      })
      .Case([&](MergeWarpsOp op) {
        Instruction &i = add(Code::MergeWarps, op);
        i.tile = indices.lookup(op.getFirst());
        i.tileC = indices.lookup(op.getSecond());
        i.in = {slot(op.getM()),  slot(op.getD1()), slot(op.getD2()),
                slot(op.getO1()), slot(op.getO2()), -1};
        i.imm[0] = op.getBytes();
        merged(i, op);
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
        i.in = {inMemory ? -1 : slot(op.getA()),
                slot(op.getAStage()),
                slot(op.getRow()),
                slot(op.getBStage()),
                slot(op.getColumn()),
                slot(op.getAccumulator())};
        i.imm = {op.getInnerSize(), op.getTranspose()};
        i.box[0] = op.getOnly().value_or(kRows);
        i.shape = shapeOf(op.getResult().getType());
        i.isTensor = true;
        i.result = slot(op.getResult());
        return true;
      })
      .Default([](Operation *) { return false; });
}

/// What wgmma ties to registers at the same time: its operands and the results
/// in flight. Other tensors die early or are made again; about them the
/// assembler decides.
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
    // Multiplications of this block that may be in flight beside it.
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
