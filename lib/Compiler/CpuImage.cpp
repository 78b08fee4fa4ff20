//===- CpuImage.cpp - From a CPU program to a kernel image ----------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Compiler/CpuImage.h"

#include "dialect/Tile/TileDialect.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinOps.h"

#include <fmt/format.h>

#include <optional>

using namespace parallax;

std::string parallax::cpuScheduleName(const TileShape &tile) {
  return fmt::format(
      "{}x{}{}", tile.rows, tile.keys,
      tile.packedHeads > 1 ? fmt::format(" pack {}", tile.packedHeads) : "");
}

static std::optional<KernelParameter::Kind> parseKind(llvm::StringRef text) {
  using Kind = KernelParameter::Kind;
  const std::pair<llvm::StringRef, Kind> kinds[] = {{"pointer", Kind::Pointer},
                                                    {"size", Kind::Size},
                                                    {"stride", Kind::Stride},
                                                    {"scale", Kind::Scale},
                                                    {"window", Kind::Window}};
  for (auto [name, kind] : kinds)
    if (name == text)
      return kind;
  return std::nullopt;
}

static Result<KernelParameter> parameterOf(mlir::DictionaryAttr fields) {
  KernelParameter parameter;
  auto kind = fields.getAs<mlir::StringAttr>("kind");
  auto parsed = kind ? parseKind(kind.getValue()) : std::nullopt;
  if (!parsed)
    return Error{ErrorCode::CompileFailed,
                 "expected a parameter of a kind that the CPU has"};
  parameter.kind = *parsed;
  if (auto operand = fields.getAs<mlir::StringAttr>("operand")) {
    Result<Operand> named = parseOperand(operand.getValue().str());
    if (!named)
      return named.error();
    parameter.operand = *named;
  }
  if (auto dim = fields.getAs<mlir::IntegerAttr>("dim"))
    parameter.dim = static_cast<int32_t>(dim.getInt());
  return parameter;
}

Result<KernelImage> parallax::describeCpuKernel(mlir::ModuleOp module,
                                                const TileShape &tile) {
  mlir::Operation *kernel = nullptr;
  int64_t kernels = 0;
  for (mlir::Operation &op : module.getOps()) {
    if (!op.hasAttr(tile::kParametersAttr))
      continue;
    kernel = &op;
    ++kernels;
  }
  if (kernels != 1)
    return Error{ErrorCode::CompileFailed,
                 fmt::format("expected one kernel, got {}", kernels)};
  KernelImage image;
  image.name = mlir::cast<mlir::SymbolOpInterface>(kernel).getName().str();
  image.target = "cpu";
  image.schedule = cpuScheduleName(tile);
  image.threads = 1;
  image.tileTokens = static_cast<int32_t>(tile.tokens());
  image.packedHeads = static_cast<int32_t>(tile.packedHeads);
  image.dynamicSharedBytes = static_cast<int32_t>(
      kernel->getAttrOfType<mlir::IntegerAttr>(tile::kScratchBytesAttr)
          .getInt());
  auto parameters =
      kernel->getAttrOfType<mlir::ArrayAttr>(tile::kParametersAttr);
  for (auto fields : parameters.getAsRange<mlir::DictionaryAttr>()) {
    Result<KernelParameter> parameter = parameterOf(fields);
    if (!parameter)
      return parameter.error();
    image.parameters.push_back(*parameter);
  }
  return image;
}
