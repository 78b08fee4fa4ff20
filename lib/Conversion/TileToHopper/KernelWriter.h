//===- KernelWriter.h - The kernel of one tile program ----------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_CONVERSION_TILETOHOPPER_KERNELWRITER_H
#define PARALLAX_CONVERSION_TILETOHOPPER_KERNELWRITER_H

#include "lib/Conversion/TileToHopper/Lowering.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

namespace parallax::tile_to_hopper {

/// Writes the kernel of one tile program.
class KernelWriter {
public:
  KernelWriter(mlir::func::FuncOp program, const Schedule &schedule)
      : program(program), schedule(schedule),
        b(program.getLoc(), program.getContext()) {}

  mlir::LogicalResult write();

private:
  mlir::Value addParameter(mlir::Type type, llvm::StringRef kind,
                           mlir::Value operand = {}, int64_t dim = 0,
                           llvm::ArrayRef<int64_t> box = {});
  mlir::Value addReciprocal(mlir::BlockArgument divisor);
  mlir::Value insertParameter(mlir::Type type,
                              llvm::ArrayRef<mlir::NamedAttribute> fields);
  void writePrelude(Shared &shared);
  mlir::Value divide(mlir::Value x, mlir::Value y);
  void writeProgramId(tile::ProgramIdOp id, Shared &shared);
  void writeShare(tile::ShareOp op, Shared &shared);
  void addGrid(Grid &grid);
  void addPointer(mlir::Value memory, Shared &shared);
  mlir::Value addSize(mlir::Value memory, int64_t dim);
  void addRows(tile::StoreOp store, Shared &shared);
  void writeAppend(tile::AppendOp append, Shared &shared);
  void addTable(mlir::Value table, Shared &shared);
  void addGathered(mlir::Value memory, Shared &shared);
  void writeScalarLoad(mlir::memref::LoadOp load, Shared &shared);
  void writeParameters(Shared &shared);
  void writeBuffers(Shared &shared);
  mlir::LogicalResult writeConsumers(mlir::Value warpgroup, Shared &shared);

  /// The name of the operand that an argument of the program is.
  mlir::StringAttr operandName(mlir::Value argument) {
    auto arg = llvm::dyn_cast_if_present<mlir::BlockArgument>(argument);
    return arg ? program.getArgAttrOfType<mlir::StringAttr>(arg.getArgNumber(),
                                                            tile::kOperandAttr)
               : mlir::StringAttr();
  }

  mlir::func::FuncOp program, kernel;
  const Schedule &schedule;
  mlir::ImplicitLocOpBuilder b;
  mlir::Type element;
  int64_t headDim = 0;
  llvm::DenseMap<std::pair<mlir::Value, int64_t>, mlir::Value> sizes;
  llvm::DenseMap<mlir::Value, mlir::Value> reciprocals;
};

} // namespace parallax::tile_to_hopper

#endif // PARALLAX_CONVERSION_TILETOHOPPER_KERNELWRITER_H
