//===- HopperDialect.h - The hopper dialect ---------------------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_DIALECT_HOPPER_HOPPERDIALECT_H
#define PARALLAX_DIALECT_HOPPER_HOPPERDIALECT_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMTypes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/TensorEncoding.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace parallax::hopper {

/// Marks the `func.func` that holds an L3 program.
inline constexpr llvm::StringLiteral kKernelAttr = "hopper.kernel";

/// Argument attribute of a kernel: a dictionary that says which kernel
/// parameter the argument is, with the fields of parallax::KernelParameter.
inline constexpr llvm::StringLiteral kParameterAttr = "hopper.parameter";

/// Attributes of a kernel: query tokens and query heads of one CTA, from which
/// a launch makes its grid.
inline constexpr llvm::StringLiteral kTileTokensAttr = "hopper.tile_tokens";
inline constexpr llvm::StringLiteral kPackedHeadsAttr = "hopper.packed_heads";

/// Attributes of a kernel: the fewest keys of a CTA where several share those
/// of a tile, and how many CTAs an SM is to hold at once, by default one.
inline constexpr llvm::StringLiteral kSplitKeysAttr = "hopper.split_keys";
inline constexpr llvm::StringLiteral kCtasPerSmAttr = "hopper.ctas_per_sm";

/// Attribute of a kernel: the most CTAs that share the keys of a tile and may
/// be started as a cluster, by default none.
inline constexpr llvm::StringLiteral kClusterAttr = "hopper.cluster";

/// Attribute of a kernel: how many CTAs an SM a launch starts at most, which
/// take all tiles in turn; by default it starts one a tile.
inline constexpr llvm::StringLiteral kPersistentCtasAttr =
    "hopper.persistent_ctas";

/// Attribute of a kernel: it may start before what was launched before it is
/// complete, since each thread awaits that (`hopper.await_grids`).
inline constexpr llvm::StringLiteral kAwaitsGridsAttr = "hopper.awaits_grids";

/// Rows of a warpgroup's register tensors: the M of wgmma.
inline constexpr int64_t kRows = 64;

/// Warps of a warpgroup.
inline constexpr int64_t kWarps = 4;

/// Warps of converters that are no warpgroup: those of the producer's but its
/// own. The fewest that there are.
inline constexpr int64_t kConverterWarps = 3;

/// Where what lies as `lanes` does is: of `rows` rows of `columns` columns.
struct LaneLayout {
  int64_t warps;  ///< That a row lies in.
  int64_t lanes;  ///< Of a warp that hold different columns, a power of two.
  int64_t fours;  ///< Of columns that a lane holds.
  int64_t copies; ///< Lanes of a warp that hold the same.

  static LaneLayout of(int64_t rows, int64_t columns);
  /// Columns from one four of a lane to the next.
  int64_t stride() const { return 4 * warps * lanes; }
};
/// The most rows that lie so: one a warp.
inline constexpr int64_t kLaneRows = 4;

/// Bytes of a row's state, of sums of `columns` columns, in shared memory.
inline constexpr int64_t partBytes(int64_t columns) {
  return 4 * (2 * columns + 4);
}
/// From a row's sums of `columns` columns that cross between threads to the
/// next's: what is more than they are keeps rows out of each other's banks, and
/// holds m, d1 and d2.
inline constexpr int64_t crossingBytes(int64_t columns) {
  return 4 * (columns + 8);
}
/// The most CTAs of a cluster.
inline constexpr int64_t kClusterCtas = 8;

/// Bytes that one register of each thread of a warpgroup holds.
inline constexpr int64_t kRegisterBytes = 512;

/// Shared memory of one CTA on sm_90, bytes.
inline constexpr int64_t kSharedBytesPerCta = 232448;

/// The most heads that one box of a tensor map, so one tile, can pack.
inline constexpr int64_t kMaxPackedHeads = 256;

/// Whether the type is a tensor of which each warp has rows of its own.
bool isPerWarp(mlir::Type type);
/// Lanes that share a row.
constexpr int64_t rowLanes(bool perWarp) { return perWarp ? 8 : 4; }

namespace detail {
enum class Place {
  Consumers,
  Producer,
  Converters,
  Warps,
  Warpgroup,
  Role,
  Kernel
};
llvm::LogicalResult verifyPlace(mlir::Operation *op, Place place);
} // namespace detail

template <typename OpT, template <typename> class TraitT, detail::Place place>
struct PlaceTrait : mlir::OpTrait::TraitBase<OpT, TraitT> {
  static llvm::LogicalResult verifyTrait(mlir::Operation *op) {
    return detail::verifyPlace(op, place);
  }
};
template <typename OpT>
struct InConsumers : PlaceTrait<OpT, InConsumers, detail::Place::Consumers> {};
template <typename OpT>
struct InProducer : PlaceTrait<OpT, InProducer, detail::Place::Producer> {};
template <typename OpT>
struct InConverters : PlaceTrait<OpT, InConverters, detail::Place::Converters> {
};
template <typename OpT>
struct InWarps : PlaceTrait<OpT, InWarps, detail::Place::Warps> {};
template <typename OpT>
struct InWarpgroup : PlaceTrait<OpT, InWarpgroup, detail::Place::Warpgroup> {};
template <typename OpT>
struct InRole : PlaceTrait<OpT, InRole, detail::Place::Role> {};
template <typename OpT>
struct InKernel : PlaceTrait<OpT, InKernel, detail::Place::Kernel> {};

} // namespace parallax::hopper

#include "dialect/Hopper/HopperDialect.h.inc"
#include "dialect/Hopper/HopperEnums.h.inc"
#define GET_ATTRDEF_CLASSES
#include "dialect/Hopper/HopperAttrs.h.inc"
#define GET_TYPEDEF_CLASSES
#include "dialect/Hopper/HopperTypes.h.inc"
#define GET_OP_CLASSES
#include "dialect/Hopper/HopperOps.h.inc"

namespace parallax::hopper {

/// The registers, all of one type, that hold a thread's part of a tensor with
/// an encoding of this dialect.
struct RegisterLayout {
  int64_t count = 0;
  mlir::Type type;
};

/// Whether the type is a tensor with an encoding of this dialect.
bool isRegisterTensor(mlir::Type type);

/// The registers of a register tensor.
RegisterLayout getRegisterLayout(mlir::RankedTensorType type);

} // namespace parallax::hopper

#endif // PARALLAX_DIALECT_HOPPER_HOPPERDIALECT_H
