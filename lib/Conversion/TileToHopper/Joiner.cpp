//===- Joiner.cpp - The role that joins shared keys -----------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Where persistent CTAs share keys, each of the ways to memory that a ticket
// and the parts of others take is as long as that of keys, which are many:
// longer than the ring lasts. So consumers only store their part, say so, and
// go on to the next sequence. A warpgroup beside them walks the sequences as
// well, arrives at their tickets, and merges where it is the last.
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/TileToHopper/Lowering.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;
using namespace parallax;
using namespace parallax::tile_to_hopper;

bool tile_to_hopper::isJoin(Operation &op) {
  auto branch = dyn_cast<scf::IfOp>(op);
  return isa<tile::ArriveOp>(op) ||
         (branch && branch.getCondition().getDefiningOp<tile::ArriveOp>());
}

/// What of a block leads to a ticket.
static LogicalResult writeJoin(ImplicitLocOpBuilder &b, Block &block,
                               const Shared &shared, IRMapping &values) {
  for (Operation &op : block.without_terminator()) {
    if (isScalarOp(op)) {
      cloneScalarOp(b, op, values);
    } else if (auto arrive = dyn_cast<tile::ArriveOp>(op)) {
      writeArrive(b, arrive, shared, values, /*looks=*/true);
    } else if (auto branch = dyn_cast<scf::IfOp>(op)) {
      const bool joins = isJoin(op);
      WalkResult leads =
          branch.walk([](tile::ArriveOp) { return WalkResult::interrupt(); });
      if (!joins && !leads.wasInterrupted())
        continue;
      auto copy = scf::IfOp::create(b, values.lookup(branch.getCondition()),
                                    bool(branch.elseBlock()));
      OpBuilder::InsertionGuard guard(b);
      for (auto [from, to] :
           {std::pair(branch.thenBlock(), copy.thenBlock()),
            std::pair(branch.elseBlock(), copy.elseBlock())}) {
        if (!from)
          continue;
        b.setInsertionPoint(to->getTerminator());
        if (failed(joins ? writeRowBlock(b, *from, shared, values)
                         : writeJoin(b, *from, shared, values)))
          return failure();
      }
    }
  }
  return success();
}

LogicalResult tile_to_hopper::writeJoiners(ImplicitLocOpBuilder &b,
                                           Block &program, Shared &shared) {
  LogicalResult result = success();
  writeTiles(b, shared, {}, [&](Value number, ValueRange) {
    hopper::WaitOp::create(b, shared.partsStored, number, /*lag=*/0);
    IRMapping values = shared.scalars;
    getTile(b, shared, program, number, values);
    hopper::WarpgroupBarrierOp::create(b);
    hopper::ArriveOp::create(b, shared.inputsEmpty, number);
    result = writeJoin(b, program, shared, values);
    return SmallVector<Value>();
  });
  return result;
}
