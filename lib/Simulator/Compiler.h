//===- Compiler.h - One walk over a kernel ----------------------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_SIMULATOR_COMPILER_H
#define PARALLAX_SIMULATOR_COMPILER_H

#include "dialect/Hopper/HopperDialect.h"
#include "lib/Simulator/Program.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/AsmState.h"

#include <fmt/format.h>

namespace parallax::simulator {

inline bool isTensor(mlir::Type type) {
  return llvm::isa<mlir::RankedTensorType>(type);
}

inline Shape shapeOf(mlir::Type type) {
  auto tensor = llvm::dyn_cast<mlir::RankedTensorType>(type);
  if (!tensor)
    return {};
  return {
      static_cast<int32_t>(tensor.getDimSize(0)),
      static_cast<int32_t>(tensor.getRank() == 2 ? tensor.getDimSize(1) : 1)};
}

inline int8_t halfOf(mlir::Type type) {
  if (auto tensor = llvm::dyn_cast<mlir::RankedTensorType>(type))
    type = tensor.getElementType();
  return type.isBF16() ? 1 : type.isF16() ? 2 : 0;
}

class Compiler {
public:
  explicit Compiler(mlir::func::FuncOp kernel)
      : kernel(kernel), names(kernel->getParentOp()) {}

  Result<Program> compile();

private:
  void declare();
  void block(mlir::Block &block);
  void operation(mlir::Operation &op);
  void loop(mlir::scf::ForOp op);
  void branch(mlir::scf::IfOp op);
  void find(hopper::FindOp op);
  void values(mlir::Operation &op);
  bool memory(mlir::Operation &op);
  bool barriers(mlir::Operation &op);
  void measureRegisters(hopper::RolesOp roles);

  Instruction &add(Code code, mlir::Operation *op) {
    Instruction &instruction = list->emplace_back();
    instruction.code = code;
    instruction.op = indexOf(op);
    return instruction;
  }
  int32_t indexOf(mlir::Operation *op);
  int32_t slot(mlir::Value value) {
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
  void move(int32_t to, int32_t from, bool tensor, mlir::Operation *op) {
    Instruction &i = add(Code::Move, op);
    i.isTensor = tensor;
    i.result = to;
    i.in[0] = from;
  }
  void moveAll(mlir::ValueRange from, mlir::ValueRange to, mlir::Operation *op);
  std::string nameOf(mlir::Value value) {
    std::string text;
    llvm::raw_string_ostream stream(text);
    value.printAsOperand(stream, names);
    return text;
  }
  void fail(mlir::Operation *op, std::string_view what) {
    if (error.empty())
      error = fmt::format("expected an op that the simulator knows, got {}{}",
                          op->getName().getStringRef().str(), what);
  }

  mlir::func::FuncOp kernel;
  mlir::AsmState names;
  Program program;
  std::vector<Instruction> *list = &program.prologue;
  llvm::DenseMap<mlir::Value, int32_t> slots;   ///< Scalars and tensors.
  llvm::DenseMap<mlir::Value, int32_t> indices; ///< Tiles, rings, arguments.
  llvm::DenseMap<mlir::Operation *, int32_t> opIndices;
  std::string error;
};

} // namespace parallax::simulator

#endif // PARALLAX_SIMULATOR_COMPILER_H
