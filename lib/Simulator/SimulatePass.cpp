//===- SimulatePass.cpp - Runs the kernels of a module --------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// For kernels that stand alone: tensors are made up, and only reports count.
// Each becomes an error at its op, with a note at the op it races with.
//
//===----------------------------------------------------------------------===//

#include "dialect/Hopper/HopperDialect.h"
#include "lib/Simulator/Passes.h"
#include "lib/Simulator/Simulator.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/BuiltinOps.h"

#include <bit>

namespace parallax {
#define GEN_PASS_DEF_HOPPERSIMULATE
#include "lib/Simulator/Passes.h.inc"
} // namespace parallax

using namespace mlir;
using namespace parallax;

namespace {

struct HopperSimulatePass
    : parallax::impl::HopperSimulateBase<HopperSimulatePass> {
  using HopperSimulateBase::HopperSimulateBase;

  void runOnOperation() override {
    for (auto kernel : getOperation().getOps<func::FuncOp>())
      if (kernel->hasAttr(hopper::kKernelAttr) && failed(simulate(kernel)))
        signalPassFailure();
  }

  LogicalResult simulate(func::FuncOp function) {
    Result<simulator::Kernel> kernel = simulator::Kernel::create(function);
    if (!kernel)
      return function.emitError(kernel.error().message);
    simulator::Options options;
    options.seed = seed;
    options.orders = orders;
    std::vector<std::vector<uint16_t>> memory;
    simulator::Outcome outcome =
        kernel->run(makeArguments(function, memory),
                    {grid / cluster, cluster, 1, cluster}, options);
    for (const simulator::Report &report : outcome.reports) {
      Operation *op = kernel->op(report.opIndex);
      InFlightDiagnostic error =
          (op ? op : function.getOperation())->emitError(report.text());
      if (Operation *other = kernel->op(report.otherIndex))
        error.attachNote(other->getLoc()) << "the other op";
    }
    return success(outcome.reports.empty());
  }

  /// Tensors of 256 columns, 4 heads, 512 tokens and 2 batch entries, and
  /// as many bytes behind each pointer.
  std::vector<simulator::Argument>
  makeArguments(func::FuncOp function,
                std::vector<std::vector<uint16_t>> &memory) {
    constexpr int64_t columns = 256, heads = 4, tokens = 512, batch = 2;
    std::vector<simulator::Argument> arguments;
    uint32_t state = 1;
    size_t nextScalar = 0;
    for (Type type : function.getArgumentTypes()) {
      simulator::Argument &argument = arguments.emplace_back();
      if (type.isF32()) {
        argument.scalar = std::bit_cast<uint32_t>(1.0f);
      } else if (type.isInteger()) {
        argument.scalar =
            nextScalar < scalars.size() ? scalars[nextScalar++] : 1;
      } else {
        // Pointers are to zeros, tensors of numbers between 1/2 and 2 of
        // either sign, as bf16 and as f16.
        auto &bytes = memory.emplace_back(columns * heads * tokens * batch);
        if (isa<hopper::TensorMapType>(type))
          for (uint16_t &element : bytes) {
            state = state * 1664525 + 1013904223;
            element = 0x3c00 | (state >> 16 & 0x83ff);
          }
        argument.pointer = bytes.data();
        argument.bytes = bytes.size() * 2;
        argument.sizes = {columns, heads, tokens, batch};
        argument.strides = {1, columns, columns * heads,
                            columns * heads * tokens};
      }
    }
    return arguments;
  }
};

} // namespace
