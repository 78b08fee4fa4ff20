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

#include "lib/Data/OperandShape.h"
#include "lib/Data/Reciprocal.h"
#include "lib/Data/Workspace.h"

#include "dialect/Hopper/HopperDialect.h"
#include "lib/Simulator/Simulator.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

#include <algorithm>
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
      {"grid_size", Kind::GridSize},
      {"workspace", Kind::Workspace}};
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
  program.splitKeys = number(hopper::kSplitKeysAttr, 0);
  program.persistentCtas = number(hopper::kPersistentCtasAttr, 0);
  program.cluster = number(hopper::kClusterAttr, 0);
  program.awaitsGrids = kernel->hasAttr(hopper::kAwaitsGridsAttr);
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
    parameter.reciprocal = fields.contains("reciprocal");
    program.parameters.push_back(parameter);
  }
  return {};
}

/// Bytes from the first element of an operand to behind its last.
static int64_t extentOf(const OperandShape &shape) {
  int64_t last = 0;
  for (int dim = 0; dim < shape.rank; ++dim) {
    if (shape.sizes[dim] == 0)
      return 0;
    last += (shape.sizes[dim] - 1) * shape.strides[dim];
  }
  return (last + 1) * shape.elementBytes;
}

Result<Launch> simulator::bind(const Kernel &kernel, const Problem &given,
                               const std::array<void *, kNumOperands> &pointers,
                               const Sharing &sharing) {
  const Problem problem = withDefaultStrides(given);
  if (kernel.tileTokens() < 1)
    return Error{ErrorCode::InvalidArgument,
                 "expected a kernel with hopper.tile_tokens, got one without"};
  int64_t grid[] = {(problem.queryLength + kernel.tileTokens() - 1) /
                        kernel.tileTokens(),
                    problem.queryHeads / kernel.packedHeads(),
                    problem.batch,
                    1,
                    0,
                    (problem.batch + 1) / 2,
                    0,
                    1};
  grid[6] = grid[5] * grid[1] * grid[0];
  const int64_t programs = grid[0] * grid[1] * grid[2];
  SplitPolicy policy;
  policy.splits = sharing.splits;
  policy.batchInvariant = sharing.batchInvariant;
  policy.cluster = kernel.cluster();
  Launch launch;
  int64_t places = 0;
  if (kernel.persistentCtas()) {
    launch.grid.x = sharing.ctas ? sharing.ctas : (programs + 2) / 3;
    if (kernel.splitKeys()) {
      // Gangs, of a CTA for each head and tile of queries.
      grid[3] = std::max<int64_t>(launch.grid.x / (grid[0] * grid[1]), 1);
      launch.grid = {grid[1], grid[3], grid[0], 1};
      if (sharing.splits || sharing.batchInvariant)
        return Error{ErrorCode::Unsupported,
                     "expected a kernel of one CTA a share for a number of "
                     "splits, got persistent CTAs"};
      places = programs + launch.grid.ctas();
    }
  } else {
    grid[3] = chooseSplits(problem, kernel.splitKeys(), programs, policy);
    grid[7] = chooseCluster(grid[3], programs, policy);
    launch.grid.x = programs * grid[3];
    if (kernel.splitKeys())
      launch.grid = {grid[1], grid[3], grid[0] * grid[2], grid[7]};
    // CTAs of a cluster need none.
    places = grid[3] > 1 && grid[7] == 1 ? programs * grid[3] : 0;
  }
  grid[4] = launch.grid.ctas();
  const Workspace workspace =
      Workspace::of(problem, places, kernel.packedHeads());
  launch.workspace = std::make_unique<uint8_t[]>(workspace.bytes);
  // What nobody wrote must not look like a part.
  if (workspace.bytes > Workspace::kTicketBytes)
    std::fill(launch.workspace.get() + Workspace::kTicketBytes,
              launch.workspace.get() + workspace.bytes, uint8_t(0xff));
  for (const KernelParameter &parameter : kernel.parameters()) {
    Argument argument;
    auto ofSize = [&](int64_t size) {
      return parameter.reciprocal ? reciprocalOf(std::max<int64_t>(size, 1))
                                  : size;
    };
    const OperandShape shape = OperandShape::of(problem, parameter.operand);
    switch (parameter.kind) {
    case Kind::TensorMap:
      for (int i = 0; i < 4; ++i) {
        const int dim = i == 0 ? 3 : 3 - i; // As a map's dimensions lie.
        argument.sizes[i] = shape.sizes[dim];
        argument.strides[i] = shape.strides[dim];
      }
      argument.pointer = pointers[static_cast<int>(parameter.operand)];
      break;
    case Kind::Pointer:
      argument.pointer = pointers[static_cast<int>(parameter.operand)];
      argument.bytes = extentOf(shape);
      if (!argument.pointer)
        return Error{ErrorCode::InvalidArgument,
                     fmt::format("expected a pointer of {}, got null",
                                 toString(parameter.operand))};
      break;
    case Kind::Size:
      argument.scalar = ofSize(shape.sizes[parameter.dim]);
      break;
    case Kind::Stride:
      argument.scalar = shape.strides[parameter.dim];
      break;
    case Kind::Scale:
      argument.scalar =
          std::bit_cast<uint32_t>(float(problem.effectiveScale()));
      break;
    case Kind::Window:
      argument.scalar = problem.window.value_or(0);
      break;
    case Kind::GridSize:
      argument.scalar = ofSize(grid[parameter.dim]);
      break;
    case Kind::Workspace:
      // One buffer, zero where tickets lie.
      argument.pointer =
          launch.workspace.get() + workspace.offsets[parameter.dim];
      argument.bytes = (parameter.dim + 1 < kNumWorkspacePieces
                            ? workspace.offsets[parameter.dim + 1]
                            : workspace.bytes) -
                       workspace.offsets[parameter.dim];
      break;
    }
    launch.arguments.push_back(argument);
  }
  return launch;
}
