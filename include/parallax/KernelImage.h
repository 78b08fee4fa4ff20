//===- KernelImage.h - A compiled kernel and how to launch it -*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the compiler hands to the runtime: machine code, and plain data that
// says how each kernel parameter is made from a problem and its pointers. The
// compiler writes it without knowing CUDA; the runtime reads it without
// knowing MLIR; the disk cache stores it.
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_KERNELIMAGE_H
#define PARALLAX_KERNELIMAGE_H

#include "parallax/Export.h"
#include "parallax/Problem.h"
#include "parallax/Result.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace parallax {

/// The tensors a kernel touches. Q, R, K, V, O, NewK and NewV have logical
/// shape (batch, length, heads, head dimension), or with pages, K and V (pages,
/// page size, heads, head dimension); UsedLengths is int32 (batch), BlockTable
/// int32 (batch, pages of a sequence), KScale and VScale float32 (key heads) of
/// any stride. The others are float32 and contiguous:
/// StateO1 and StateO2 as O, those called Part... as the state behind a first
/// dimension of parts, and the rest (batch, length, heads).
enum class Operand {
  Q,
  R,
  K,
  V,
  O,
  UsedLengths,
  RowMax,
  D1,
  TBar,
  LogSumExp,
  BlockTable,
  StateO1,
  StateO2,
  StateM,
  StateD1,
  StateD2,
  PartO1,
  PartO2,
  PartM,
  PartD1,
  PartD2,
  NewK,
  NewV,
  KScale,
  VScale,
};
inline constexpr int kNumOperands = 25;

PARALLAX_API std::string_view toString(Operand operand);
PARALLAX_API Result<Operand> parseOperand(std::string_view text);

/// One kernel parameter, in order.
struct KernelParameter {
  enum class Kind {
    TensorMap, ///< A 128-byte CUtensorMap over `operand`, by value; see `box`.
    Pointer,   ///< 64-bit device address of `operand`.
    Size,      ///< int32: size of dimension `dim` of `operand`.
    Stride,    ///< int64: stride in elements of dimension `dim` of `operand`.
    Scale,     ///< float32: the problem's scale.
    Window,    ///< int32: the problem's window size.
    GridSize,  ///< int32: extent `dim` of the logical grid: 0 query tiles,
               ///< 1 heads (of packed rows), 2 batch, 3 splits, or gangs of
               ///< persistent CTAs; 4 CTAs of a launch; of a section
               ///< (lib/Data/Sections.h), 5 batch entries, 6 tiles of all
               ///< heads; 7 CTAs of a cluster.
    Workspace, ///< 64-bit device address of piece `dim` of the workspace, see
               ///< lib/Data/Workspace.h.
  };
  Kind kind = Kind::Pointer;
  Operand operand = Operand::Q;
  int32_t dim = 0;

  /// TensorMap: the map's dimensions are (head dimension, heads, length,
  /// batch), fastest first; this is the box copied by one TMA operation, with
  /// 128-byte swizzle and zero fill out of bounds.
  std::array<int32_t, 4> box = {0, 0, 0, 0};

  /// Size, GridSize: int64, not the size but by what to multiply in order to
  /// divide by it (lib/Data/Reciprocal.h).
  bool reciprocal = false;

  bool operator==(const KernelParameter &) const = default;
};

/// What the assembler said of a kernel.
struct ResourceReport {
  int32_t registers = 0;          ///< Per thread, at launch.
  int32_t spillStores = 0;        ///< Bytes.
  int32_t spillLoads = 0;         ///< Bytes.
  int32_t sharedBytes = 0;        ///< Static and dynamic, per CTA.
  std::vector<std::string> notes; ///< The assembler's advisories, e.g. C7510.
};

/// A kernel for one target. One of `code` and `ptx` may be empty.
struct KernelImage {
  std::string name;          ///< The entry symbol.
  std::string target;        ///< "sm_90a" or "cpu".
  std::string schedule;      ///< Names tile shape and schedule, for reports.
  std::string ptx;           ///< Kept so that the driver can assemble it.
  std::vector<uint8_t> code; ///< A cubin; on the CPU an object file.

  int32_t threads = 0;            ///< Per CTA.
  int32_t dynamicSharedBytes = 0; ///< To request at launch.
  int32_t tileTokens = 0;         ///< Query tokens per CTA.
  int32_t packedHeads = 1;        ///< Query heads per CTA.
  /// The fewest keys that a CTA takes where several share the keys of one tile
  /// of queries; 0: one takes all.
  int32_t splitKeys = 0;
  /// How many CTAs an SM a launch starts at most, which take all tiles in turn;
  /// 0: a CTA for each tile. With `splitKeys` they are gangs, of one for each
  /// head and tile of queries of a sequence, which take equal pieces of the
  /// keys of all sequences.
  int32_t persistentCtas = 0;
  /// Where several share keys: the most that may be started as a cluster, and
  /// then join through each other's shared memory; 0: none.
  int32_t cluster = 0;
  /// Whether it may start before earlier launches of its stream are complete:
  /// it waits for them before it touches device memory.
  bool awaitsGrids = false;
  std::vector<KernelParameter> parameters;
  ResourceReport resources;

  /// One self-describing byte string; `deserialize` refuses anything that
  /// `serialize` of the same version did not write.
  PARALLAX_API std::vector<uint8_t> serialize() const;
  PARALLAX_API static Result<KernelImage> deserialize(const uint8_t *data,
                                                      size_t size);
};

} // namespace parallax

#endif // PARALLAX_KERNELIMAGE_H
