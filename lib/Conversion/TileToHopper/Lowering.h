//===- Lowering.h - State of one tile-to-hopper lowering ------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_CONVERSION_TILETOHOPPER_LOWERING_H
#define PARALLAX_CONVERSION_TILETOHOPPER_LOWERING_H

#include "dialect/Hopper/HopperDialect.h"
#include "dialect/Tile/TileDialect.h"
#include "lib/Data/Workspace.h"
#include "lib/Schedule/Schedule.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "llvm/ADT/MapVector.h"

namespace mlir::func {
class FuncOp;
}

namespace parallax::tile_to_hopper {

/// What a program says of the problem.
struct ProgramShape {
  mlir::Type element; ///< Of the products; null if there are none.
  int64_t headDim = 0;
  bool converts = false; ///< Keys and values become `element`s.
};

/// Whether a load's tile lies in registers, a few rows at a time, not in shared
/// memory: that of a part.
bool isRowLoad(tile::LoadOp load);

/// Whether threads copy a load's tile, row by row, since its pages are so small
/// that copies by TMA, which start one after another, would be too many.
bool isGathered(tile::LoadOp load);

/// Whether the program is one of several that share a tile's keys.
bool sharesKeys(mlir::func::FuncOp program);

/// Whether two loads are of the same pages: k and v share their entries.
bool sharePages(tile::LoadOp load, tile::LoadOp other);

/// Whether a store writes from registers, not by TMA: all but tiles of o.
bool isRowStore(tile::StoreOp store);

/// The piece of the workspace that an argument of the program is.
std::optional<WorkspacePiece> workspacePiece(mlir::Value memory);

/// Whether a type is that of a few rows, or of a value of each, that lie as
/// lanes.
bool isFewRows(mlir::Type type);

/// Checks the memory, the scalars and the tiles of an op, or of a block's, that
/// work on a few rows at a time, in registers; nested blocks, too.
mlir::LogicalResult checkRowOp(mlir::Operation &op, int64_t headDim);
mlir::LogicalResult checkRowBlock(mlir::Block &block, int64_t headDim);
/// Checks that the program says where its rows lie, and in which tile it is.
mlir::LogicalResult checkRowMemory(mlir::func::FuncOp program);

/// An op outside loops, or a scalar in one.
mlir::LogicalResult checkScalar(mlir::Operation &op);
/// Memory is an argument of the program.
mlir::LogicalResult checkMemory(mlir::Operation *op, mlir::Value memory);

/// What one consumer writes of a program whose products are divided: all that
/// its stores and handovers need, up to what it is handed.
struct Share {
  int64_t consumer;
  llvm::SmallDenseSet<mlir::Operation *> ops;
  llvm::SmallDenseSet<mlir::Value> carried; ///< Of the loops' arguments.
};

/// Fails if a consumer needs what is handed over to the other.
mlir::FailureOr<Share> shareOf(mlir::func::FuncOp program, int64_t consumer);

/// Checks that the program has the form which the lowering takes, and that the
/// schedule can run it.
mlir::LogicalResult checkProgram(mlir::func::FuncOp program,
                                 const Schedule &schedule, ProgramShape &shape);

/// Where a `tile.load` puts its tile: the stages in shared memory, the barrier
/// that says a stage is full and, in a ring, the one that says it is empty.
struct Buffer {
  /// `empty` is null if the buffer is filled once.
  mlir::Value memory, full, empty;
  int64_t bytes = 0; ///< That one load completes.
  /// Of a stacked tile, of which groups of rows lie in turn: the first row.
  int64_t row = 0;
};

/// How consumer 0 hands over to 1 in every turn: two messages may be under way.
/// One is full, or empty again, when both have come to its named barrier.
inline constexpr int64_t kMessages = 2, kFullId = 0, kEmptyId = 2;
/// The barrier of the one message from 1 to 0, behind the loops.
inline constexpr int64_t kResultId = 4;

/// The grid of persistent CTAs, and what this one is in it.
struct Grid {
  mlir::Value tiles, heads, batches, ctas;
  mlir::Value gangs;        ///< Where CTAs share keys.
  mlir::Value section;      ///< Its batch entries.
  mlir::Value sectionTiles; ///< All tiles of all heads in a section.
  mlir::Value cta;
  mlir::Value count; ///< Rounds in which it gets a tile.
};

/// What a persistent CTA takes of the key tiles of all sequences, where CTAs
/// share them (Deal.cpp). All null elsewhere.
struct Deal {
  mlir::Value head, tile, gang; ///< That the CTA is for.
  mlir::Value size;             ///< What each gang takes, but the last.
  mlir::Value begin, end;       ///< What this one takes.
  /// The sequence that the first of those is of, and its number there.
  mlir::Value sequence, first;
  mlir::Value last, lastBegin; ///< The sequence of the last, and its first.
};

/// What producer and consumers share: the values that every thread computes,
/// and the buffers. All loads of memory that a loop loads from share one ring,
/// indexed by their number so far.
struct Shared {
  Shared(const Schedule &schedule, int64_t headDim)
      : schedule(schedule), headDim(headDim) {}

  const Schedule &schedule;
  int64_t headDim;
  mlir::IRMapping scalars;                       ///< L2 scalar to L3 scalar.
  llvm::DenseMap<mlir::Value, mlir::Value> maps; ///< L2 memref to tensor map.
  llvm::DenseMap<mlir::Value, mlir::Value> pointers; ///< L2 memref to pointer.
  /// L2 memref to the tensor map whose box is one consumer's rows of it.
  llvm::DenseMap<mlir::Value, mlir::Value> storeMaps;
  llvm::MapVector<mlir::Value, Buffer> rings; ///< L2 memref to its ring.
  /// L2 memref to the ring whose tiles the converters bring to that.
  llvm::DenseMap<mlir::Value, Buffer> narrowRings;
  llvm::DenseMap<mlir::Operation *, Buffer> inputs; ///< Loads outside loops.
  /// One barrier for all inputs of a tile; the second is null if a CTA takes
  /// one tile.
  mlir::Value inputsFull, inputsEmpty;
  /// That consumers have stored their part of a tile of queries, where another
  /// warpgroup joins the parts.
  mlir::Value partsStored;
  Grid grid; ///< All null if a CTA takes one tile.
  Deal deal;
  /// Where the CTAs of a cluster send states to, the barrier that counts them,
  /// and whether this launch has clusters; null if none has.
  mlir::Value inbox, arrived, inCluster;
  /// Where the producer says which tile the inputs are of.
  mlir::Value board;
  /// Where a type crosses from a consumer to another.
  llvm::DenseMap<std::pair<int64_t, mlir::Type>, mlir::Value> mail;
  /// Where o is staged: the rows of q, or a stage for each consumer.
  mlir::Value output;
  mlir::Value batches, queryLength, totalHeads; ///< Of rows in memory.
  mlir::Value program; ///< Number of the tile of all, where CTAs share keys.
  /// L2 memref to its strides of sequences, tokens and heads, if rows are
  /// stored to it that don't lie side by side.
  llvm::DenseMap<mlir::Value, std::array<mlir::Value, 3>> strides;
  /// Of a block table, which is a pointer: from one row to the next, and the
  /// entries of a row.
  llvm::DenseMap<mlir::Value, mlir::Value> tableStrides, tableColumns;
  /// L2 memref whose tiles are gathered to its strides of pages, tokens and
  /// heads.
  llvm::DenseMap<mlir::Value, std::array<mlir::Value, 3>> gatherStrides;
  /// Of the role beside the producer, if there is one.
  int64_t converterWarps = hopper::kConverterWarps;

  /// Whether products read keys and values of 8 bits.
  bool areNarrow() const {
    auto ring =
        mlir::cast<hopper::SmemType>(rings.front().second.memory.getType());
    return ring.getElementBytes() == 1;
  }

  /// The ring that the producer fills.
  const Buffer &filledRing(mlir::Value memory) const {
    auto narrow = narrowRings.find(memory);
    return narrow != narrowRings.end() ? narrow->second
                                       : rings.find(memory)->second;
  }
  /// The next use of all rings behind a tile, of the next uses of each; that
  /// before the tile if there is none.
  mlir::Value useOfAll(const llvm::DenseMap<mlir::Value, mlir::Value> &uses,
                       mlir::Value before) const {
    return rings.empty() ? before : uses.lookup(rings.front().first);
  }
  /// The memory whose rings a loop feeds and reads, in its order.
  llvm::SmallVector<mlir::Value> ringsOf(mlir::scf::ForOp loop) const;
};

/// Checks that a program may be run by persistent CTAs.
mlir::LogicalResult checkPersistent(mlir::func::FuncOp program);

/// The ops outside loops whose scalars differ from tile to tile.
llvm::SmallVector<mlir::Operation *> tileScalars(mlir::Block &program);

/// Adds a scalar of a tile of queries.
void writeTileScalar(mlir::ImplicitLocOpBuilder &b, const Shared &shared,
                     mlir::Operation &op, mlir::IRMapping &scalars);

/// Deals all key tiles to the CTAs: adds `shared.deal`, and of how many
/// sequences this CTA has some.
void writeDeal(mlir::ImplicitLocOpBuilder &b, Shared &shared,
               mlir::Block &program);
/// Adds the scalars of one of those. `next` is the first key tile of all behind
/// those before it, but the last sequence, which comes second; returns that of
/// the next one.
mlir::Value writeDealt(mlir::ImplicitLocOpBuilder &b, const Shared &shared,
                       mlir::Block &program, mlir::Value number,
                       mlir::Value next, mlir::IRMapping &scalars);

/// Adds what follows from the sizes in `grid`.
void writeGrid(mlir::ImplicitLocOpBuilder &b, Grid &grid);
/// The number of this CTA's tile of a round.
mlir::Value indexInRound(mlir::ImplicitLocOpBuilder &b, const Grid &grid,
                         mlir::Value round);
/// Adds the place of the CTA's tile of a round, and its scalars.
void writeTile(mlir::ImplicitLocOpBuilder &b, const Shared &shared,
               mlir::Block &program, mlir::Value round,
               mlir::IRMapping &scalars);

/// The producer says the scalars of the tile that its inputs are of, and
/// consumers read them as often as they need them.
void putTile(mlir::ImplicitLocOpBuilder &b, const Shared &shared,
             mlir::Block &program, mlir::Value number,
             const mlir::IRMapping &scalars);
void getTile(mlir::ImplicitLocOpBuilder &b, const Shared &shared,
             mlir::Block &program, mlir::Value number,
             mlir::IRMapping &scalars);

/// Leaves out what nobody reads.
void dropUnread(hopper::RolesOp roles);

/// Writes what `body` does for each tile of the CTA, in a loop if it is
/// persistent. `body` gets the tile's number, or null if there is one tile, and
/// what is carried from tile to tile, which it returns.
void writeTiles(mlir::ImplicitLocOpBuilder &b, const Shared &shared,
                mlir::ValueRange carried,
                llvm::function_ref<llvm::SmallVector<mlir::Value>(
                    mlir::Value, mlir::ValueRange)>
                    body);

/// Whether an op works on scalars only, so that every role can compute it.
bool isScalarOp(mlir::Operation &op);

/// Copies a scalar op with its `index` values as i32. A result that `scalars`
/// holds was computed before, by every thread.
void cloneScalarOp(mlir::ImplicitLocOpBuilder &b, mlir::Operation &op,
                   mlir::IRMapping &scalars);

/// The memory that loops load tiles from: it has rings.
llvm::SmallDenseSet<mlir::Value> loadedInLoops(mlir::func::FuncOp program);

mlir::Value constant(mlir::ImplicitLocOpBuilder &b, int32_t value);

/// The stage of use `use` in a ring of tiles; none if there is only one. (A
/// barrier is always indexed: even one alone has a phase for each use.)
mlir::Value stageOf(mlir::Value ring, mlir::Value use);

/// The copies of one load through a block table.
class PagedCopies {
public:
  /// Reads the entries of the table, if they are few.
  PagedCopies(mlir::ImplicitLocOpBuilder &b, const Shared &shared,
              tile::LoadOp load, const mlir::IRMapping &scalars);

  /// Where to, once the stage is empty and the bytes are announced.
  struct Copy {
    mlir::Value map, head, stage, use;
    const Buffer &buffer;
  };
  void write(const Copy &copy);

  bool areOf(tile::LoadOp other) { return sharePages(load, other); }

private:
  int64_t pages() const { return std::max<int64_t>(rows / pageSize, 1); }
  mlir::Value entry(mlir::Value page);

  mlir::ImplicitLocOpBuilder &b;
  tile::LoadOp load;
  mlir::Value table;
  int64_t pageSize, rows;
  /// Where the table's row begins, the page of the tile's first token, how many
  /// pages have entries, and the tile's first token in a page that is larger.
  mlir::Value row, first, end, inPage;
  llvm::SmallVector<mlir::Value> early;
};

/// Where the rows of a sequence and head, or of a part, lie in memory.
struct RowAddress {
  mlir::Value pointer, base, tokenStride, headStride;
};
RowAddress rowAddress(mlir::ImplicitLocOpBuilder &b, const Shared &shared,
                      mlir::Value memory, mlir::Value batch, mlir::Value head,
                      mlir::Value part);

/// Writes a block, or a loop, that works on a few rows at a time.
mlir::LogicalResult writeRowBlock(mlir::ImplicitLocOpBuilder &b,
                                  mlir::Block &block, const Shared &shared,
                                  mlir::IRMapping &values);
mlir::LogicalResult writeRowLoop(mlir::ImplicitLocOpBuilder &b,
                                 mlir::scf::ForOp loop, const Shared &shared,
                                 mlir::IRMapping &values);
/// Writes the arrival of a program at its ticket.
void writeArrive(mlir::ImplicitLocOpBuilder &b, tile::ArriveOp arrive,
                 const Shared &shared, mlir::IRMapping &values,
                 bool looks = false);

/// Writes the producer: it walks the loops and feeds the buffers.
mlir::LogicalResult writeProducer(mlir::ImplicitLocOpBuilder &b,
                                  mlir::Block &program, Shared &shared);

/// Writes the converters: they walk the loops as the producer does, and bring
/// each tile that needs it to the ring that the consumers read.
void writeConverters(mlir::ImplicitLocOpBuilder &b, mlir::Block &program,
                     Shared &shared);

/// Writes the warpgroup that joins the parts which the consumers store.
mlir::LogicalResult writeJoiners(mlir::ImplicitLocOpBuilder &b,
                                 mlir::Block &program, Shared &shared);
/// Whether an op outside loops arrives at a ticket, or is for the last there.
bool isJoin(mlir::Operation &op);

/// Writes the consumers, or if `share` is given one of them: the loops with
/// dots as wgmmas.
mlir::LogicalResult writeConsumer(mlir::ImplicitLocOpBuilder &b,
                                  mlir::Block &program, Shared &shared,
                                  mlir::Value consumer,
                                  const Share *share = nullptr);

} // namespace parallax::tile_to_hopper

#endif // PARALLAX_CONVERSION_TILETOHOPPER_LOWERING_H
