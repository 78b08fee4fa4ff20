//===- Checker.h - Whether roles can run a tile program ---------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_CONVERSION_TILETOHOPPER_CHECKER_H
#define PARALLAX_CONVERSION_TILETOHOPPER_CHECKER_H

#include "lib/Conversion/TileToHopper/Lowering.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace parallax::tile_to_hopper {

/// Checks the form that Check.cpp describes, op by op in the program's order.
class Checker {
public:
  Checker(mlir::func::FuncOp program, const Schedule &schedule)
      : program(program), schedule(schedule), rings(loadedInLoops(program)) {}

  mlir::LogicalResult run(ProgramShape &result);

private:
  mlir::LogicalResult checkSignature();
  mlir::LogicalResult checkDots();
  mlir::LogicalResult checkSchedule();
  mlir::LogicalResult checkTile(mlir::Operation *op, mlir::Type type);
  mlir::LogicalResult checkLoad(tile::LoadOp load);
  mlir::LogicalResult checkInput(tile::LoadOp load);
  mlir::LogicalResult checkState(mlir::scf::ForOp loop);
  mlir::LogicalResult checkLoop(mlir::scf::ForOp loop);
  mlir::LogicalResult checkRingLoad(tile::LoadOp load);
  mlir::LogicalResult checkStore(tile::StoreOp store);
  mlir::LogicalResult checkAppend(tile::AppendOp append);
  mlir::LogicalResult checkBranch(mlir::scf::IfOp branch);
  mlir::LogicalResult checkBranchBlock(mlir::Block &block);
  mlir::LogicalResult checkPublish(tile::PublishOp publish);
  mlir::LogicalResult checkTopLevel(mlir::Operation &op);
  mlir::LogicalResult checkCompute(mlir::Operation &op);
  mlir::LogicalResult checkHandover(tile::HandoverOp handover);

  mlir::func::FuncOp program;
  const Schedule &schedule;
  ProgramShape shape;
  llvm::SmallDenseSet<mlir::Value> rings;
  mlir::Operation *firstStore = nullptr, *programId = nullptr;
  tile::StoreOp outputStore;
};

} // namespace parallax::tile_to_hopper

#endif // PARALLAX_CONVERSION_TILETOHOPPER_CHECKER_H
