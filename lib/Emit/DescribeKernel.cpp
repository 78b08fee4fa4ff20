//===- DescribeKernel.cpp - How a kernel is launched ----------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Emit/DescribeKernel.h"

#include "dialect/Hopper/HopperDialect.h"
#include "dialect/Hopper/KernelLayout.h"

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
      {"grid_size", Kind::GridSize}};
  for (auto [name, kind] : kinds)
    if (name == text)
      return kind;
  return std::nullopt;
}

/// The parameter that an argument's attribute says it is.
static Result<KernelParameter> readParameter(func::FuncOp kernel,
                                             unsigned index) {
  auto wrong = [&](std::string_view what) {
    return Error{ErrorCode::InvalidArgument,
                 fmt::format("expected '{}' of argument {} of kernel {} to "
                             "have {}",
                             hopper::kParameterAttr.str(), index,
                             kernel.getName().str(), what)};
  };
  auto fields =
      kernel.getArgAttrOfType<DictionaryAttr>(index, hopper::kParameterAttr);
  if (!fields)
    return wrong("fields, got none");
  auto name = fields.getAs<StringAttr>("kind");
  std::optional<Kind> kind = name ? parseKind(name.getValue()) : std::nullopt;
  if (!kind)
    return wrong("a kind of parameter");
  KernelParameter parameter;
  parameter.kind = *kind;
  if (auto operand = fields.getAs<StringAttr>("operand")) {
    Result<Operand> parsed = parseOperand(std::string_view(operand.getValue()));
    if (!parsed)
      return parsed.error();
    parameter.operand = *parsed;
  } else if (*kind != Kind::Scale && *kind != Kind::Window &&
             *kind != Kind::GridSize) {
    return wrong("an operand");
  }
  if (auto dim = fields.getAs<IntegerAttr>("dim"))
    parameter.dim = dim.getInt();
  if (auto box = fields.getAs<DenseI64ArrayAttr>("box")) {
    if (box.size() != static_cast<int64_t>(parameter.box.size()))
      return wrong("a box of 4 sizes");
    llvm::copy(box.asArrayRef(), parameter.box.begin());
  } else if (*kind == Kind::TensorMap) {
    return wrong("a box");
  }
  return parameter;
}

Result<KernelImage> parallax::describeHopperKernel(ModuleOp module) {
  func::FuncOp kernel;
  int64_t count = 0;
  for (auto function : module.getOps<func::FuncOp>())
    if (function->hasAttr(hopper::kKernelAttr)) {
      kernel = function;
      ++count;
    }
  if (count != 1)
    return Error{ErrorCode::InvalidArgument,
                 fmt::format("expected a module of one kernel, got {}", count)};
  auto number = [&](StringRef name, int64_t otherwise) -> int32_t {
    auto attribute = kernel->getAttrOfType<IntegerAttr>(name);
    return attribute ? attribute.getInt() : otherwise;
  };
  const hopper::KernelLayout layout = hopper::KernelLayout::of(kernel);
  KernelImage image;
  image.name = kernel.getName();
  image.target = "sm_90a";
  image.threads = layout.threads;
  image.dynamicSharedBytes = layout.sharedBytes;
  image.tileTokens = number(hopper::kTileTokensAttr, 0);
  image.packedHeads = number(hopper::kPackedHeadsAttr, 1);
  for (unsigned i = 0; i != kernel.getNumArguments(); ++i) {
    Result<KernelParameter> parameter = readParameter(kernel, i);
    if (!parameter)
      return parameter.error();
    image.parameters.push_back(*parameter);
  }
  return image;
}
