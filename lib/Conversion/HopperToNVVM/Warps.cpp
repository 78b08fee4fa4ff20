//===- Warps.cpp - Warps that have keys of their own ----------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each warp multiplies by mma.sync, whose 16 rows are keys, or columns of
// values: those are there, while rows of queries are few, 8 of q and r at a
// time. Both operands are in registers, so elements of 8 bits need no other way
// through shared memory than the one in. ldmatrix reads 8 rows of 16 bytes at a
// time, which the swizzle parts, and gives each lane four bytes of a row, or
// transposed two of each of two rows. Elements of 16 bits are what a lane needs
// then. Of 8 bits:
//
// - Scores: a lane's four bytes are neighbours d, 4 t to 4 t + 3 of 16. As the
//   inner dimension may come in any order, they are the registers of a key as
//   they are, if the queries' come so, too (F of hopper.warp_mma).
// - Products by values: a lane has keys 2 t and 2 t + 1, each of two columns,
//   2 g and 2 g + 1. One permutation puts the keys of each column side by side,
//   and the columns are rows g and g + 8 of the product (G).
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/HopperToNVVM/Lowering.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "llvm/Support/FormatVariadic.h"

#include <algorithm>
#include <array>

using namespace mlir;
using namespace parallax::hopper;

namespace {

constexpr int64_t kChunkBytes = 16, kMatrixRows = 8;
constexpr int64_t kMatrixBytes = kMatrixRows * SmemType::kBlockBytes;

using Registers = SmallVector<Value, 4>;

class Multiplier {
public:
  Multiplier(Emitter &e, const KernelValues &kernel, Type element,
             SmemType type, Value tile)
      : e(e), element(element), type(type), matrix(e.div(kernel.lane, 8)),
        inEight(e.bitAnd(kernel.lane, 7)), warp(e.bitAnd(kernel.warp, 3)),
        tile(tile) {}

  /// Where this lane's rows and chunks of four matrices begin: `row` of the
  /// warp's, and `chunk` behind the chunk number `first`, in its block.
  Value address(int64_t rows, Value row, Value chunk, int64_t first) {
    constexpr int64_t chunks = SmemType::kBlockBytes / kChunkBytes;
    Value inTile = e.add(e.mul(warp, rows), row);
    Value inBlock = e.bitXor(e.add(chunk, first % chunks), inEight);
    return e.advance(
        e.advance(e.advance(tile, first / chunks * type.getBlockBytes()),
                  e.mul(inTile, SmemType::kBlockBytes)),
        e.mul(inBlock, kChunkBytes));
  }

  /// `sums` + a * b, of 16 rows by 8 columns by an inner dimension of 16.
  Registers multiply(ArrayRef<Value> a, ValueRange b, ValueRange sums) {
    SmallVector<Value> operands(a);
    llvm::append_range(operands, b);
    llvm::append_range(operands, sums);
    return Registers(e.assembly(
        llvm::formatv("mma.sync.aligned.m16n8k16.row.col.f32.{0}.{0}.f32 "
                      "{{$0, $1, $2, $3}, {{$4, $5, $6, $7}, {{$8, $9}, "
                      "{{$0, $1, $2, $3};",
                      element.isBF16() ? "bf16" : "f16")
            .str(),
        "=f,=f,=f,=f,r,r,r,r,r,r,0,1,2,3", operands,
        SmallVector<Type>(4, e.getF32Type())));
  }

  /// Two of a register's four elements.
  Value low(Value word) { return convertPair(e, word, false, element); }
  Value high(Value word) { return convertPair(e, word, true, element); }

  /// The bytes of two rows, each of two columns, column by column.
  Value byColumns(Value word) { return e.permute(word, e.i32(0), 0x3120); }

  bool isWide() const { return type.getElementType() == element; }

  Emitter &e;
  Type element;
  SmemType type;
  Value matrix, inEight; ///< Whose row this lane names, and which.

private:
  Value warp, tile;
};

/// Rows of queries, of q and r in turn, that one multiplication takes, and the
/// accumulator's registers of a tile of 16 keys or columns: of each half those
/// of two rows, in the order of `hopper.acc`.
struct Groups {
  explicit Groups(Type type)
      : count(cast<RankedTensorType>(type).getDimSize(0) / (8 * kWarps)) {}

  /// The four registers of tile `tile` and group `group`.
  std::array<int64_t, 4> registers(int64_t tile, int64_t group) const {
    const int64_t first = 2 * (2 * tile * count + group),
                  second = first + 2 * count;
    return {first, first + 1, second, second + 1};
  }
  /// The two registers of an operand of inner step `step`.
  ValueRange operand(ValueRange b, int64_t step, int64_t group) const {
    return b.slice(2 * (step * count + group), 2);
  }

  int64_t count;
};

struct LowerWarpMma : KernelPattern<WarpMmaOp> {
  using KernelPattern::KernelPattern;

  LogicalResult lower(WarpMmaOp op, OneToNOpAdaptor adaptor, Emitter &e,
                      ConversionPatternRewriter &rewriter) const override {
    SmemType b = op.getB().getType();
    auto queries = cast<RankedTensorType>(op.getA().getType());
    Multiplier m(e, kernel, queries.getElementType(), b,
                 e.tileAddress(one(adaptor.getB()), b, one(adaptor.getBStage()),
                               Value()));
    SmallVector<Value> sums(adaptor.getAccumulator());
    if (sums.empty())
      sums.assign(getRegisterLayout(cast<RankedTensorType>(op.getType())).count,
                  e.f32(0));
    const int64_t rows = b.getRows() / kWarps;
    const Groups groups(queries);
    if (op.getTranspose())
      multiplyKeys(m, rows, adaptor.getA(), groups, sums);
    else
      multiplyValues(m, rows, adaptor.getA(), groups, sums);
    // One lane arrives for all that have read.
    NVVM::SyncWarpOp::create(e, e.i32(-1));
    rewriter.replaceOpWithMultiple(op, {sums});
    return success();
  }

  /// Adds products of a tile's rows to its sums.
  static void multiplyTile(Multiplier &m, ArrayRef<Value> rows, int64_t tile,
                           ValueRange b, int64_t step, const Groups &groups,
                           MutableArrayRef<Value> sums) {
    for (int64_t group = 0; group != groups.count; ++group) {
      const std::array<int64_t, 4> own = groups.registers(tile, group);
      Registers old;
      for (int64_t number : own)
        old.push_back(sums[number]);
      Registers results =
          m.multiply(rows, groups.operand(b, step, group), ValueRange(old));
      for (auto [number, result] : llvm::zip_equal(own, results))
        sums[number] = result;
    }
  }

  static void multiplyKeys(Multiplier &m, int64_t rows, ValueRange b,
                           const Groups &groups, MutableArrayRef<Value> sums) {
    Emitter &e = m.e;
    const int64_t steps = b.size() / (2 * groups.count), tiles = rows / 16;
    // A multiplication waits for the one before of the same sums: where those
    // are few, steps in turn have sums of their own.
    const int64_t chains = std::clamp<int64_t>(8 / (tiles * groups.count), 1,
                                               std::min<int64_t>(steps, 4));
    SmallVector<SmallVector<Value>> others(
        chains - 1, SmallVector<Value>(sums.size(), e.f32(0)));
    // Four matrices are 16 keys of one step of 16 elements, or of 8 bits two.
    const int64_t together = m.isWide() ? 1 : 2;
    Value row = e.add(m.inEight, e.mul(e.bitAnd(m.matrix, 1), kMatrixRows));
    Value chunk = e.div(m.matrix, 2);
    for (int64_t first = 0; first < steps; first += together) {
      Value start = m.address(rows, row, chunk, m.isWide() ? 2 * first : first);
      for (int64_t tile = 0; tile != tiles; ++tile) {
        Registers read = e.loadMatrices(
            e.advance(start, 2 * tile * kMatrixBytes), /*transpose=*/false);
        for (int64_t n = 0; n != std::min(together, steps - first); ++n) {
          const int64_t step = first + n;
          MutableArrayRef<Value> own =
              step % chains ? MutableArrayRef<Value>(others[step % chains - 1])
                            : sums;
          if (m.isWide()) {
            multiplyTile(m, read, tile, b, step, groups, own);
            continue;
          }
          Value words[] = {read[2 * n], read[2 * n + 1]};
          Value keys[] = {m.low(words[0]), m.low(words[1]), m.high(words[0]),
                          m.high(words[1])};
          multiplyTile(m, keys, tile, b, step, groups, own);
        }
      }
    }
    // Two by two.
    SmallVector<MutableArrayRef<Value>> all = {sums};
    for (SmallVector<Value> &chain : others)
      all.push_back(chain);
    for (int64_t distance = 1; distance < chains; distance *= 2)
      for (int64_t n = 0; n + distance < chains; n += 2 * distance)
        for (auto [sum, other] : llvm::zip(all[n], all[n + distance]))
          sum = arith::AddFOp::create(e, sum, other);
  }

  static void multiplyValues(Multiplier &m, int64_t rows, ValueRange b,
                             const Groups &groups,
                             MutableArrayRef<Value> sums) {
    Emitter &e = m.e;
    const int64_t steps = b.size() / (2 * groups.count);
    const int64_t tiles = sums.size() / (4 * groups.count);
    // Matrices: of a tile of 16 columns both halves, then those of the next 8
    // keys; of 8 bits both halves of 16 keys, then those of the next tile.
    const int64_t together = m.isWide() ? 1 : 2;
    Value low = e.bitAnd(m.matrix, 1), high = e.div(m.matrix, 2);
    Value row = e.add(m.inEight, e.mul(m.isWide() ? high : low, kMatrixRows));
    auto multiply = [&](int64_t tile, int64_t step, Value start) {
      Registers read = e.loadMatrices(e.advance(start, step * 2 * kMatrixBytes),
                                      /*transpose=*/true);
      if (m.isWide())
        return multiplyTile(m, read, tile, b, step, groups, sums);
      for (int64_t n = 0; n != std::min(together, tiles - tile); ++n) {
        Value first = m.byColumns(read[2 * n]),
              second = m.byColumns(read[2 * n + 1]);
        Value columns[] = {m.low(first), m.high(first), m.low(second),
                           m.high(second)};
        multiplyTile(m, columns, tile + n, b, step, groups, sums);
      }
    };
    auto startOf = [&](int64_t tile) {
      return m.address(rows, row, m.isWide() ? low : high,
                       m.isWide() ? 2 * tile : tile);
    };
    // Tiles, and groups of rows, are independent of each other, steps are not;
    // but where there are groups, registers are scarce.
    if (groups.count > 1) {
      for (int64_t tile = 0; tile < tiles; tile += together) {
        Value start = startOf(tile);
        for (int64_t step = 0; step != steps; ++step)
          multiply(tile, step, start);
      }
      return;
    }
    SmallVector<Value> starts;
    for (int64_t tile = 0; tile < tiles; tile += together)
      starts.push_back(startOf(tile));
    for (int64_t step = 0; step != steps; ++step)
      for (int64_t tile = 0; tile < tiles; tile += together)
        multiply(tile, step, starts[tile / together]);
  }
};

} // namespace

/// Of a group of 8 rows lane g names row g: r's where g is odd, behind q's.
SmallVector<Value>
parallax::hopper::loadQueriesOfWarps(Emitter &e, const KernelValues &kernel,
                                     Value tile, SmemType type,
                                     RankedTensorType fragment, bool inFours) {
  constexpr int64_t steps = SmemType::kBlockColumns / 16;
  const Groups groups(fragment);
  const int64_t count = fragment.getDimSize(1) / 16;
  // Of 16 bits, four matrices are two steps; else a lane has 4 neighbours.
  const int64_t together = inFours ? 1 : 2;
  Value thread = e.bitAnd(kernel.lane, 3), matrix = e.div(kernel.lane, 8);
  Value inGroup = inFours ? e.div(kernel.lane, 4) : e.bitAnd(kernel.lane, 7);
  SmallVector<Value> registers(2 * groups.count * count);
  for (int64_t group = 0; group != groups.count; ++group) {
    Value row = e.add(e.mul(e.div(inGroup, 2), groups.count), group);
    row = e.addScaled(row, e.bitAnd(inGroup, 1), 4 * groups.count);
    Value start = e.advance(tile, e.mul(row, SmemType::kBlockBytes));
    Value inEight = e.bitAnd(row, kMatrixRows - 1);
    for (int64_t step = 0; step < count; step += together) {
      Value first = inFours ? e.div(thread, 2) : matrix;
      Value chunk = e.bitXor(e.add(first, step % steps * 2), inEight);
      Value address = e.advance(e.advance(start, e.mul(chunk, kChunkBytes)),
                                step / steps * type.getBlockBytes());
      Registers read;
      if (inFours) {
        Value four = LLVM::LoadOp::create(
            e, VectorType::get(2, e.getI32Type()),
            e.advance(address, e.mul(e.bitAnd(thread, 1), 8)), /*alignment=*/8);
        for (int64_t i : {0, 1})
          read.push_back(LLVM::ExtractElementOp::create(e, four, e.i32(i)));
      } else {
        read = e.loadMatrices(address, /*transpose=*/false);
      }
      for (int64_t i = 0; i != 2 * std::min(together, count - step); ++i)
        registers[2 * ((step + i / 2) * groups.count + group) + i % 2] =
            read[i];
    }
  }
  return registers;
}

void parallax::hopper::populateWarpPatterns(const TypeConverter &converter,
                                            RewritePatternSet &patterns,
                                            const KernelValues &kernel) {
  patterns.add<LowerWarpMma>(converter, patterns.getContext(), kernel);
}
