//===- AwaitGrids.cpp - Start before earlier launches are complete --------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a kernel does before it touches device memory needs nothing that was
// launched before it: barriers, tensor maps, which tiles are its own. All
// threads that touch it wait, since what earlier launches wrote is visible to
// those that do. A role waits at its start, not in a loop nor behind one: there
// it would be the last key that waits.
//
//===----------------------------------------------------------------------===//

#include "dialect/Hopper/HopperDialect.h"
#include "lib/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMTypes.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Builders.h"

namespace parallax {
#define GEN_PASS_DEF_HOPPERAWAITGRIDS
#include "lib/Transforms/Passes.h.inc"
} // namespace parallax

using namespace mlir;
using namespace parallax;

/// Whether it names device memory, or an op inside it does.
static bool touchesMemory(Operation &op) {
  auto isMemory = [](Type type) {
    return isa<hopper::TensorMapType, LLVM::LLVMPointerType>(type);
  };
  auto found = op.walk([&](Operation *inner) {
    return llvm::any_of(inner->getOperandTypes(), isMemory)
               ? WalkResult::interrupt()
               : WalkResult::advance();
  });
  return found.wasInterrupted();
}

namespace {

struct HopperAwaitGridsPass
    : parallax::impl::HopperAwaitGridsBase<HopperAwaitGridsPass> {
  void runOnOperation() override {
    getOperation()->walk([](func::FuncOp function) {
      if (function->hasAttr(hopper::kKernelAttr) &&
          !function->hasAttr(hopper::kAwaitsGridsAttr))
        await(function);
    });
  }

private:
  static void await(func::FuncOp kernel) {
    OpBuilder b(kernel.getContext());
    kernel->setAttr(hopper::kAwaitsGridsAttr, b.getUnitAttr());
    for (Operation &op : kernel.getBody().front()) {
      auto roles = dyn_cast<hopper::RolesOp>(op);
      if (roles) {
        for (Region &role : roles->getRegions())
          if (!role.empty() && llvm::any_of(role.front(), touchesMemory)) {
            awaitIn(role.front(), b);
            if (&role == &roles.getProducer())
              letNextStart(kernel, op.getLoc(), b);
          }
        return;
      }
      if (touchesMemory(op)) {
        b.setInsertionPoint(&op);
        hopper::AwaitGridsOp::create(b, op.getLoc());
        letNextStart(kernel, op.getLoc(), b);
        return;
      }
    }
  }

  static void awaitIn(Block &role, OpBuilder &b) {
    auto isFirst = [](Operation &op) {
      return op.getNumRegions() || touchesMemory(op);
    };
    b.setInsertionPoint(&*llvm::find_if(role, isFirst));
    hopper::AwaitGridsOp::create(b, b.getInsertionPoint()->getLoc());
  }

  /// Clusters that find no room beside this launch's would take what SMs are
  /// left, which lie together and share a way to memory.
  static void letNextStart(func::FuncOp kernel, Location loc, OpBuilder &b) {
    auto ctas = kernel->getAttrOfType<IntegerAttr>(hopper::kCtasPerSmAttr);
    if (!kernel->hasAttr(hopper::kClusterAttr) || (ctas && ctas.getInt() > 1)) {
      hopper::LaunchDependentsOp::create(b, loc);
      return;
    }
    Value size = clusterSize(kernel);
    if (!size)
      return;
    Value one = arith::ConstantIntOp::create(b, loc, size.getType(), 1);
    Value isNone =
        arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, size, one);
    auto branch = scf::IfOp::create(b, loc, isNone, /*withElseRegion=*/false);
    b.setInsertionPointToStart(branch.thenBlock());
    hopper::LaunchDependentsOp::create(b, loc);
  }

  /// The parameter that says how many CTAs are a cluster, or null.
  static Value clusterSize(func::FuncOp kernel) {
    constexpr int64_t dim = 7; // See KernelParameter::Kind::GridSize.
    for (BlockArgument argument : kernel.getArguments()) {
      auto fields = kernel.getArgAttrOfType<DictionaryAttr>(
          argument.getArgNumber(), hopper::kParameterAttr);
      auto kind = fields ? fields.getAs<StringAttr>("kind") : StringAttr();
      if (kind && kind.getValue() == "grid_size" &&
          !fields.contains("reciprocal") &&
          fields.getAs<IntegerAttr>("dim").getInt() == dim)
        return argument;
    }
    return Value();
  }
};

} // namespace
