//===- Program.h - A kernel as the simulator runs it ------------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A kernel compiled once into flat lists of instructions, so that a step looks
// nothing up in MLIR. SSA values became slots; loops and branches became jumps;
// tiles, barriers, maps and pointers became indices. There are three lists: the
// prologue, which runs once a CTA and whose slots every role starts with, the
// producer's and the consumers'.
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_SIMULATOR_PROGRAM_H
#define PARALLAX_SIMULATOR_PROGRAM_H

#include "parallax/KernelImage.h"

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace mlir {
class Operation;
} // namespace mlir

namespace parallax::simulator {

enum class Code : uint8_t {
  // Control.
  Jump,       // to `target`
  JumpUnless, // to `target` unless in[0]
  JumpIfLess, // to `target` if in[0] < in[1], signed
  End,
  // Values.
  Constant, // imm[0], the bits of one element
  Move,
  Element, // `element` on in[0..2]
  Splat,
  CtaId,      // imm[0]: the dimension
  LoadScalar, // pointer `map`, index in[0]
  Stack,      // in[0] and in[1], 8 rows of each in turn, or 1; imm[1]: per warp
  Unstack,    // imm: which of the two, per warp
  Pack,
  Unpack,
  Reduce, // imm: max, per warp
  Broadcast,
  Rescale,
  Append, // from `map` to `tile`, table `tileB`; see Compile.cpp
  AwaitGrids,
  LoadEntries, // table `map`; in: row token limit; imm[0] size
  // in: source row token key length shift; extra: window; imm: heads, per warp
  Mask,
  // Steps of a role.
  Wait,   // use in[0]; imm[0] lag
  Expect, // use in[0]; imm[0] bytes
  Arrive, // use in[0]
  WarpgroupBarrier,
  NamedSync, // id in[0]; imm[0] threads
  NamedArrive,
  TmaLoad,       // in: column head token batch stage row; extra: use
  TmaStore,      // in: column head token batch stage row; imm[0] add
  StoreFragment, // in: value stage row column
  LoadFragment,  // in: stage row; imm: rows that are given, per warp
  Put,           // in: value stage
  Get,           // in: stage
  PutScalar,     // in: value stage; imm[0] index
  GetScalar,     // in: stage; imm[0] index
  ZeroRows,      // in: stage row
  Convert,       // in: stage of `tile`, stage of `tileB`, row
  // in: entries base pageStride tokenStride token stage; extra: use; imm[0]
  // size; `columns`.
  Gather,
  FenceAsync,
  // extra: headStride; imm: heads rows; `columns`; `half` in memory.
  StoreRows,  // in: value base tokenStride row token length
  LoadRows,   // in: - base tokenStride row token length
  ArriveLast, // in: index count
  // in: count base partStride tokenStride row token; extra: length, then the
  // maps of d1, d2, O1 and O2; imm: heads rows; results: m d1 d2 O1 O2.
  MergeRows,
  ClusterWait,
  // in: m d1 d2 O1 O2 rows; extra: count; imm: most, per warp, bytes; through
  // `tile` and `tileC` to `tileB`.
  SendRows,
  AwaitRows,     // in: - rows count; `columns`
  MergeReceived, // in: count row; imm[0]: sent columns; results: m d1 d2 O1 O2
  WarpMma,       // in: a bStage accumulator; imm[0] transpose
  // in: m d1 d2 O1 O2; imm[0] bytes; through `tile` and `tileC`; results: as
  // in.
  MergeWarps,
  Wgmma, // in: a aStage row bStage column accumulator; imm: inner transpose;
         // box[0] rows of a
  Commit,
  WaitGroup, // imm[0] pending; extra: fragments; results
};

enum class Element : uint8_t {
  AddF,
  SubF,
  MulF,
  DivF,
  NegF,
  AbsF,
  MaximumF,
  MinimumF,
  MaxNumF,
  MinNumF,
  Exp2,
  Log2,
  CmpF,
  FmaF,
  SignedToF,
  UnsignedToF,
  FToSigned,
  AddI,
  SubI,
  MulI,
  DivS,
  DivU,
  Quotient, // by a reciprocal
  RemS,
  RemU,
  CeilDivS,
  FloorDivS,
  MinS,
  MaxS,
  MinU,
  MaxU,
  And,
  Or,
  Xor,
  Shl,
  ShrS,
  ShrU,
  CmpI,
  Select,
  Extend,
  ZeroExtend,
  Truncate,
  Copy,
};

struct Shape {
  int32_t rows = 0, columns = 0; ///< 0, 0: a scalar.
  int64_t count() const { return int64_t(rows) * columns; }
};

struct Instruction {
  Code code;
  Element element = Element::Copy;
  uint8_t predicate = 0;      ///< Of a comparison: MLIR's number.
  uint8_t width = 32;         ///< Bits of an integer operand.
  bool isTensor = false;      ///< The result.
  int8_t half = 0;            ///< 16-bit elements: 1 bf16, 2 f16.
  int8_t operandIsTensor = 0; ///< Bit i: in[i].
  Shape shape;                ///< Of the result, or of the operand of a store.
  int32_t result = -1;        ///< Slot.
  int32_t target = -1;        ///< Instruction.
  int32_t tile = -1, tileB = -1, tileC = -1, barrier = -1, map = -1;
  std::array<int32_t, 6> in = {-1, -1, -1, -1, -1, -1}; ///< Slots.
  std::array<int64_t, 3> imm = {};
  std::array<int32_t, 2> box = {};
  int32_t columns = 0;
  std::vector<int32_t> extra, results; ///< Slots.
  int32_t op = -1;                     ///< Of Program::ops.
};

struct Tile {
  int64_t offset;
  int32_t stages, rows, columns;
  bool isBFloat16;
  int32_t elementBytes; ///< 2, 4 of f32, or 1 of e4m3.
  std::string name;
  /// As in `toHalf`; 0 of f32.
  int half() const { return elementBytes == 4 ? 0 : isBFloat16 ? 1 : 2; }
  int64_t blockColumns() const { return 128 / elementBytes; }
  int64_t blockBytes() const { return int64_t(rows) * 128; }
  int64_t stageBytes() const { return columns / blockColumns() * blockBytes(); }
};

struct Ring {
  int32_t stages;
  int64_t count;
  int32_t first; ///< Of all barriers.
  std::string name;
};

struct OpInfo {
  std::string name, location;
  mlir::Operation *op;
};

struct Program {
  std::vector<Instruction> prologue, producer, consumer, converter;
  int32_t scalars = 0, tensors = 0; ///< Slots.
  int32_t warpgroup = -1;           ///< Slot of the consumers' index.
  int64_t consumers = 0;
  bool hasConverters = false; ///< A role behind the consumers'.
  int64_t converterWarps = 0;
  int64_t sharedBytes = 0, barriers = 0;
  int64_t consumerRegisters = 0;
  int64_t liveRegisters = 0; ///< The most a consumer's thread holds.
  int32_t liveOp = -1;       ///< Where.
  std::vector<Tile> tiles;
  std::vector<Ring> rings;
  std::vector<OpInfo> ops;
  /// Slot of each argument that is a scalar, else -1.
  std::vector<int32_t> argumentSlots;
  std::vector<KernelParameter> parameters;
  int32_t tileTokens = 0, packedHeads = 1;
  int32_t splitKeys = 0, persistentCtas = 0, cluster = 0;
  bool awaitsGrids = false;
  std::shared_ptr<void> owner; ///< Of the IR, if it was parsed for this.
};

} // namespace parallax::simulator

#endif // PARALLAX_SIMULATOR_PROGRAM_H
