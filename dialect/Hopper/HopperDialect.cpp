//===- HopperDialect.cpp - The hopper dialect -----------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialect/Hopper/HopperDialect.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace parallax::hopper;

#include "dialect/Hopper/HopperDialect.cpp.inc"
#include "dialect/Hopper/HopperEnums.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "dialect/Hopper/HopperAttrs.cpp.inc"
#define GET_TYPEDEF_CLASSES
#include "dialect/Hopper/HopperTypes.cpp.inc"
#define GET_OP_CLASSES
#include "dialect/Hopper/HopperOps.cpp.inc"

void HopperDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialect/Hopper/HopperAttrs.cpp.inc"
      >();
  addTypes<
#define GET_TYPEDEF_LIST
#include "dialect/Hopper/HopperTypes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialect/Hopper/HopperOps.cpp.inc"
      >();
}

static bool isKernelArgument(Type type) {
  if (auto pointer = dyn_cast<LLVM::LLVMPointerType>(type))
    return pointer.getAddressSpace() == 1;
  return isa<TensorMapType>(type) || type.isInteger(32) || type.isInteger(64) ||
         type.isF32();
}

static LogicalResult verifyUnit(Operation *op, NamedAttribute attribute) {
  if (isa<UnitAttr>(attribute.getValue()))
    return success();
  return op->emitError("expected '")
         << attribute.getName().getValue() << "' to be a unit attribute, got "
         << attribute.getValue();
}

LogicalResult
HopperDialect::verifyOperationAttribute(Operation *op,
                                        NamedAttribute attribute) {
  if (llvm::is_contained({kTileTokensAttr, kPackedHeadsAttr, kSplitKeysAttr,
                          kCtasPerSmAttr, kPersistentCtasAttr, kClusterAttr},
                         attribute.getName())) {
    auto size = dyn_cast<IntegerAttr>(attribute.getValue());
    if (!size || !size.getType().isInteger(64) || size.getInt() < 1)
      return op->emitError("expected '")
             << attribute.getName().getValue() << "' to be an i64 of at least "
             << "1, got " << attribute.getValue();
    return success();
  }
  if (attribute.getName() == kAwaitsGridsAttr)
    return verifyUnit(op, attribute);
  if (attribute.getName() != kKernelAttr)
    return op->emitError("expected no attribute of this dialect but '")
           << kKernelAttr << "', got '" << attribute.getName().getValue()
           << "'";
  auto function = dyn_cast<func::FuncOp>(op);
  if (!function || function.isExternal())
    return op->emitError("expected '")
           << kKernelAttr << "' on a func.func with a body";
  if (failed(verifyUnit(op, attribute)))
    return failure();
  if (function.getNumResults())
    return op->emitError("expected a kernel without results, got ")
           << function.getNumResults();
  for (auto [index, type] : llvm::enumerate(function.getArgumentTypes()))
    if (!isKernelArgument(type))
      return op->emitError("expected a tensor map, i32, i64, f32 or "
                           "!llvm.ptr<1> as kernel argument ")
             << index << ", got " << type;
  if (!function.getBody().hasOneBlock())
    return op->emitError("expected a kernel of one block");
  auto roles = function.getBody().front().getOps<RolesOp>();
  int64_t count = std::distance(roles.begin(), roles.end());
  if (count != 1)
    return op->emitError("expected one hopper.roles in a kernel, got ")
           << count;
  return success();
}

LogicalResult
HopperDialect::verifyRegionArgAttribute(Operation *op, unsigned, unsigned,
                                        NamedAttribute attribute) {
  if (attribute.getName() != kParameterAttr)
    return op->emitError("expected no argument attribute of this dialect but '")
           << kParameterAttr << "', got '" << attribute.getName().getValue()
           << "'";
  auto fields = dyn_cast<DictionaryAttr>(attribute.getValue());
  if (!fields || !fields.getAs<StringAttr>("kind"))
    return op->emitError("expected '")
           << kParameterAttr << "' to be a dictionary with a string 'kind', "
           << "got " << attribute.getValue();
  return success();
}
