//===- DescribeKernel.cpp - How a kernel is launched ----------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Emit/DescribeKernel.h"

#include "dialect/Hopper/HopperDialect.h"
#include "dialect/Hopper/KernelLayout.h"
#include "dialect/Tile/TileDialect.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"

#include <fmt/format.h>

using namespace mlir;
using namespace parallax;

using Kind = KernelParameter::Kind;

static std::optional<Kind> parseKind(StringRef text) {
  constexpr std::pair<StringLiteral, Kind> kinds[] = {
      {"tensor_map", Kind::TensorMap},
      {"pointer", Kind::Pointer},
      {"size", Kind::Size},
      {"stride", Kind::Stride},
      {"scale", Kind::Scale},
      {"window", Kind::Window},
      {"grid_size", Kind::GridSize},
      {"workspace", Kind::Workspace}};
  for (auto [name, kind] : kinds)
    if (name == text)
      return kind;
  return std::nullopt;
}

/// The parameter that a dictionary of the IR says.
static Result<KernelParameter> readParameter(DictionaryAttr fields) {
  auto wrong = [&](std::string_view what) {
    return Error{ErrorCode::InvalidArgument,
                 fmt::format("expected the description of a kernel parameter "
                             "to have {}",
                             what)};
  };
  if (!fields)
    return wrong("fields, got none");
  auto name = fields.getAs<StringAttr>("kind");
  std::optional<Kind> kind = name ? parseKind(name.getValue()) : std::nullopt;
  if (!kind)
    return wrong("a kind");
  KernelParameter parameter;
  parameter.kind = *kind;
  if (auto operand = fields.getAs<StringAttr>("operand")) {
    Result<Operand> parsed = parseOperand(std::string_view(operand.getValue()));
    if (!parsed)
      return parsed.error();
    parameter.operand = *parsed;
  } else if (*kind != Kind::Scale && *kind != Kind::Window &&
             *kind != Kind::GridSize && *kind != Kind::Workspace) {
    return wrong("an operand");
  }
  if (auto dim = fields.getAs<IntegerAttr>("dim"))
    parameter.dim = dim.getInt();
  parameter.reciprocal = fields.contains("reciprocal");
  if (parameter.reciprocal && *kind != Kind::Size && *kind != Kind::GridSize)
    return wrong("a reciprocal of a size only");
  if (auto box = fields.getAs<DenseI64ArrayAttr>("box")) {
    if (box.size() != static_cast<int64_t>(parameter.box.size()))
      return wrong("a box of 4 sizes");
    llvm::copy(box.asArrayRef(), parameter.box.begin());
  } else if (*kind == Kind::TensorMap) {
    return wrong("a box");
  }
  return parameter;
}

/// The one operation of a module that `isKernel`.
static Result<Operation *>
findKernel(ModuleOp module, llvm::function_ref<bool(Operation &)> isKernel) {
  SmallVector<Operation *> kernels;
  for (Operation &op : module.getOps())
    if (isKernel(op))
      kernels.push_back(&op);
  if (kernels.size() != 1)
    return Error{
        ErrorCode::InvalidArgument,
        fmt::format("expected a module of one kernel, got {}", kernels.size())};
  return kernels.front();
}

static int32_t number(Operation *op, StringRef name, int32_t otherwise) {
  auto attribute = op->getAttrOfType<IntegerAttr>(name);
  return attribute ? attribute.getInt() : otherwise;
}

Result<KernelImage> parallax::describeHopperKernel(ModuleOp module) {
  Result<Operation *> found = findKernel(module, [](Operation &op) {
    return isa<func::FuncOp>(op) && op.hasAttr(hopper::kKernelAttr);
  });
  if (!found)
    return found.error();
  auto kernel = cast<func::FuncOp>(*found);
  const hopper::KernelLayout layout = hopper::KernelLayout::of(kernel);
  KernelImage image;
  image.name = kernel.getName();
  image.target = "sm_90a";
  image.threads = layout.threads;
  image.dynamicSharedBytes = layout.sharedBytes;
  image.tileTokens = number(kernel, hopper::kTileTokensAttr, 0);
  image.packedHeads = number(kernel, hopper::kPackedHeadsAttr, 1);
  image.splitKeys = number(kernel, hopper::kSplitKeysAttr, 0);
  image.persistentCtas = number(kernel, hopper::kPersistentCtasAttr, 0);
  image.cluster = number(kernel, hopper::kClusterAttr, 0);
  image.awaitsGrids = kernel->hasAttr(hopper::kAwaitsGridsAttr);
  for (unsigned i = 0; i != kernel.getNumArguments(); ++i) {
    Result<KernelParameter> parameter = readParameter(
        kernel.getArgAttrOfType<DictionaryAttr>(i, hopper::kParameterAttr));
    if (!parameter)
      return parameter.error();
    image.parameters.push_back(*parameter);
  }
  return image;
}

Result<KernelImage> parallax::describeCpuKernel(ModuleOp module,
                                                const TileShape &tile) {
  Result<Operation *> kernel = findKernel(
      module, [](Operation &op) { return op.hasAttr(tile::kParametersAttr); });
  if (!kernel)
    return kernel.error();
  KernelImage image;
  image.name = cast<SymbolOpInterface>(*kernel).getName();
  image.target = "cpu";
  image.threads = 1;
  image.dynamicSharedBytes = number(*kernel, tile::kScratchBytesAttr, 0);
  image.tileTokens = tile.tokens();
  image.packedHeads = tile.packedHeads;
  auto parameters = (*kernel)->getAttrOfType<ArrayAttr>(tile::kParametersAttr);
  for (Attribute fields : parameters) {
    Result<KernelParameter> parameter =
        readParameter(dyn_cast<DictionaryAttr>(fields));
    if (!parameter)
      return parameter.error();
    image.parameters.push_back(*parameter);
  }
  return image;
}
