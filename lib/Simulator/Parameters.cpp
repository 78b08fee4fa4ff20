//===- Parameters.cpp - A kernel's parameters and a problem's arguments ---===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reads what each parameter is from its attribute, independently of the code
// that the launch on a card uses: that one is checked by this.
//
//===----------------------------------------------------------------------===//

#include "lib/Simulator/Parameters.h"

#include "dialect/Hopper/HopperDialect.h"
#include "lib/Simulator/Simulator.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

#include <bit>
#include <fmt/format.h>

using namespace parallax;
using namespace parallax::simulator;

using Kind = KernelParameter::Kind;

static std::optional<Kind> parseKind(llvm::StringRef text) {
  constexpr std::pair<llvm::StringLiteral, Kind> kinds[] = {
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

Result<void> simulator::readParameters(mlir::func::FuncOp kernel,
                                       Program &program) {
  auto number = [&](llvm::StringRef name, int32_t otherwise) -> int32_t {
    auto attribute = kernel->getAttrOfType<mlir::IntegerAttr>(name);
    return attribute ? attribute.getInt() : otherwise;
  };
  program.tileTokens = number(hopper::kTileTokensAttr, 0);
  program.packedHeads = number(hopper::kPackedHeadsAttr, 1);
  for (unsigned i = 0; i != kernel.getNumArguments(); ++i) {
    auto fields = kernel.getArgAttrOfType<mlir::DictionaryAttr>(
        i, hopper::kParameterAttr);
    if (!fields) {
      program.parameters.clear();
      return {};
    }
    auto name = fields.getAs<mlir::StringAttr>("kind");
    std::optional<Kind> kind = parseKind(name.getValue());
    if (!kind)
      return Error{ErrorCode::InvalidArgument,
                   fmt::format("expected a kind of parameter, got '{}'",
                               name.getValue().str())};
    KernelParameter parameter;
    parameter.kind = *kind;
    if (auto operand = fields.getAs<mlir::StringAttr>("operand")) {
      Result<Operand> parsed =
          parseOperand(std::string_view(operand.getValue()));
      if (!parsed)
        return parsed.error();
      parameter.operand = *parsed;
    }
    if (auto dim = fields.getAs<mlir::IntegerAttr>("dim"))
      parameter.dim = dim.getInt();
    program.parameters.push_back(parameter);
  }
  return {};
}

namespace {
/// Sizes and strides, in elements, of (batch, length, heads, head dimension).
struct Extent {
  std::array<int64_t, 4> sizes;
  std::array<int64_t, 4> strides;
  int64_t bytes; ///< Of all, for a pointer.
};
} // namespace

static Extent extentOf(const Problem &p, Operand operand) {
  const bool isKey = operand == Operand::K || operand == Operand::V;
  const bool isPool = isKey && p.isPaged();
  const int64_t batch = isPool ? p.pages : p.batch;
  const int64_t length = isPool  ? p.pageSize
                         : isKey ? p.keyLength
                                 : p.queryLength;
  const int64_t heads = isKey ? p.kvHeads : p.queryHeads;
  const Strides *strides = nullptr;
  switch (operand) {
  case Operand::Q:
    strides = &p.q;
    break;
  case Operand::R:
    strides = &p.r;
    break;
  case Operand::K:
    strides = &p.k;
    break;
  case Operand::V:
    strides = &p.v;
    break;
  case Operand::O:
    strides = &p.o;
    break;
  case Operand::NewK:
  case Operand::NewV:
    strides = operand == Operand::NewK ? &p.newK : &p.newV;
    return {{p.batch, p.newLength.value_or(0), p.kvHeads, p.headDim},
            {strides->batch, strides->length, strides->head, 1},
            0};
  case Operand::UsedLengths:
    return {{p.batch, 1, 1, 1}, {1, 1, 1, 1}, p.batch * 4};
  case Operand::BlockTable:
    return {{p.batch, p.pagesPerSequence(), 1, 1},
            {p.blockTableStride, 1, 1, 1},
            ((p.batch - 1) * p.blockTableStride + p.pagesPerSequence()) * 4};
  default: // One f32 a row.
    return {{p.batch, length, heads, 1},
            {length * heads, heads, 1, 1},
            p.batch * length * heads * 4};
  }
  return {{batch, length, heads, p.headDim},
          {strides->batch, strides->length, strides->head, 1},
          0};
}

Result<Launch>
simulator::bind(const Kernel &kernel, const Problem &given,
                const std::array<void *, kNumOperands> &pointers) {
  const Problem problem = withDefaultStrides(given);
  if (kernel.tileTokens() < 1)
    return Error{ErrorCode::InvalidArgument,
                 "expected a kernel with hopper.tile_tokens, got one without"};
  const int64_t grid[] = {
      (problem.queryLength + kernel.tileTokens() - 1) / kernel.tileTokens(),
      problem.queryHeads / kernel.packedHeads(), problem.batch};
  Launch launch;
  launch.grid = grid[0] * grid[1] * grid[2];
  for (const KernelParameter &parameter : kernel.parameters()) {
    Argument argument;
    const Extent extent = extentOf(problem, parameter.operand);
    switch (parameter.kind) {
    case Kind::TensorMap:
      for (int i = 0; i < 4; ++i) {
        const int dim = i == 0 ? 3 : 3 - i; // As a map's dimensions lie.
        argument.sizes[i] = extent.sizes[dim];
        argument.strides[i] = extent.strides[dim];
      }
      argument.pointer = pointers[static_cast<int>(parameter.operand)];
      break;
    case Kind::Pointer:
      argument.pointer = pointers[static_cast<int>(parameter.operand)];
      argument.bytes = extent.bytes;
      if (!argument.pointer)
        return Error{ErrorCode::InvalidArgument,
                     fmt::format("expected a pointer of {}, got null",
                                 toString(parameter.operand))};
      break;
    case Kind::Size:
      argument.scalar = extent.sizes[parameter.dim];
      break;
    case Kind::Stride:
      argument.scalar = extent.strides[parameter.dim];
      break;
    case Kind::Scale:
      argument.scalar =
          std::bit_cast<uint32_t>(float(problem.effectiveScale()));
      break;
    case Kind::Window:
      argument.scalar = problem.window.value_or(0);
      break;
    case Kind::GridSize:
      argument.scalar = grid[parameter.dim];
      break;
    }
    launch.arguments.push_back(argument);
  }
  return launch;
}
