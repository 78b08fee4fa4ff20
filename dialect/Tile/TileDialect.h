//===- TileDialect.h - The tile dialect -----------------------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_DIALECT_TILE_TILEDIALECT_H
#define PARALLAX_DIALECT_TILE_TILEDIALECT_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace parallax::tile {

/// Marks the `func.func` that holds an L2 program.
inline constexpr llvm::StringLiteral kKernelAttr = "tile.kernel";

/// Argument attribute: which operand of the problem the argument is, one of
/// "q", "r", "k", "v", "o", "used_lengths", "block_table", "row_max",
/// "d1", "tbar", "log_sum_exp", "state_o1", "state_o2", "state_m", "state_d1",
/// "state_d2", the same five of "part_", "new_k", "new_v", "scale", "window",
/// or of the workspace: "tickets", and the same five of "split_".
inline constexpr llvm::StringLiteral kOperandAttr = "tile.operand";

/// What `tile-to-vector` says of the function it makes: a dictionary for each
/// argument slot, with the fields of a KernelParameter, and the bytes of
/// scratch memory that it works in.
inline constexpr llvm::StringLiteral kParametersAttr = "tile.parameters";
inline constexpr llvm::StringLiteral kScratchBytesAttr = "tile.scratch_bytes";

/// Whether the type is a tensor of that rank which can be a tile: its shape is
/// known and not empty, and nothing says yet where its elements lie.
bool isTile(mlir::Type type, int64_t rank);

} // namespace parallax::tile

#include "dialect/Tile/TileDialect.h.inc"
#include "dialect/Tile/TileEnums.h.inc"
#define GET_OP_CLASSES
#include "dialect/Tile/TileOps.h.inc"

#endif // PARALLAX_DIALECT_TILE_TILEDIALECT_H
