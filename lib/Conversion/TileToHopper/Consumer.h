//===- Consumer.h - The role that computes ----------------------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_CONVERSION_TILETOHOPPER_CONSUMER_H
#define PARALLAX_CONVERSION_TILETOHOPPER_CONSUMER_H

#include "lib/Conversion/TileToHopper/Lowering.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

namespace parallax::tile_to_hopper {

/// What a 2-D tile's columns are: keys, or columns of the head dimension.
enum class Kind { Scores, Output };

/// A dot that was started and not waited for, or two that are stacked.
struct InFlight {
  mlir::Value l2Result;
  mlir::Value l2Second;          ///< The second's result, if there are two.
  mlir::Value l2Fragment;        ///< Its left side, if it lies in registers.
  mlir::Value product, fragment; ///< Of L3.
  bool readsQueries = false;     ///< As its left side, in registers.
  llvm::SmallVector<tile::LoadOp> reads;
};

class Consumer {
public:
  Consumer(mlir::ImplicitLocOpBuilder &b, Shared &shared, mlir::Value consumer,
           const Share *share)
      : b(b), shared(shared), schedule(shared.schedule), consumer(consumer),
        share(share), values(shared.scalars) {
    bool rows = schedule.partition == Partition::Rows;
    zero = constant(b, 0);
    row = rows && schedule.consumers > 1 ? mul(consumer, constant(b, 64))
                                         : mlir::Value();
    messages = zero;
  }

  mlir::LogicalResult writeProgram(mlir::Block &program);

private:
  mlir::LogicalResult writeBlock(mlir::Block &block);
  /// Says that all messages to this consumer may be written.
  void freeMessages();
  /// Gives the inputs of a tile back, whose output has left.
  void releaseInputs();
  mlir::LogicalResult write(mlir::Operation &op);
  void waitForInputs();
  void loadQueries(const Buffer &input);
  /// Whether queries go from turn to turn of a loop, since multiplications that
  /// are in flight read them.
  bool carriesQueries() const { return queries && !schedule.hasWarpKeys(); }
  /// The states that each warp has become one.
  void mergeWarps();
  mlir::LogicalResult writeLoop(mlir::scf::ForOp loop);
  mlir::LogicalResult writeBranch(mlir::scf::IfOp branch);
  void startTurns();
  void findTurn(mlir::scf::ForOp loop);
  mlir::LogicalResult writeLoad(tile::LoadOp load);
  mlir::LogicalResult writeDot(tile::DotOp dot);
  /// The dot that is stacked with this, or null.
  tile::DotOp partnerOf(tile::DotOp dot);
  bool areStacked(tile::LoadOp first, tile::DotOp second);
  bool sumsFragment(mlir::Operation *op);
  /// Two tiles as one, or the first if there is no second.
  mlir::Value stack(mlir::Value first, mlir::Value second);
  mlir::LogicalResult writeHandover(tile::HandoverOp handover);
  mlir::LogicalResult writeStore(tile::StoreOp store);
  mlir::LogicalResult writePublish(tile::PublishOp publish);
  mlir::LogicalResult writeElementwise(mlir::Operation &op);
  mlir::LogicalResult writeRescale(mlir::arith::MulFOp op,
                                   tile::BroadcastOp factor);

  mlir::Value mul(mlir::Value x, mlir::Value y) {
    return mlir::arith::MulIOp::create(b, x, y);
  }

  /// The L3 type of an L2 tile or row.
  mlir::RankedTensorType convert(mlir::RankedTensorType type, Kind kind) {
    mlir::MLIRContext *context = b.getContext();
    const bool perWarp = schedule.hasWarpKeys() && !areMerged;
    int64_t rows = perWarp                ? hopper::kWarps * schedule.tile.rows
                   : schedule.isStacked() ? hopper::kRows / 2
                                          : hopper::kRows;
    if (type.getRank() == 1)
      return mlir::RankedTensorType::get(
          {rows}, type.getElementType(),
          hopper::RowAttr::get(context, perWarp));
    const bool isOperand = type.getElementTypeBitWidth() == 16 && !perWarp;
    mlir::Attribute encoding =
        isOperand ? mlir::Attribute(hopper::OperandAAttr::get(context))
                  : mlir::Attribute(hopper::AccAttr::get(context, perWarp));
    int64_t scores = type.getDimSize(1) / (perWarp ? hopper::kWarps : 1);
    int64_t columns =
        kind == Kind::Scores ? scores : schedule.outputColumns(shared.headDim);
    return mlir::RankedTensorType::get({rows, columns}, type.getElementType(),
                                       encoding);
  }

  bool isMine(mlir::Operation *op) const {
    return !share || share->ops.contains(op);
  }
  bool isMine(mlir::BlockArgument carried) const {
    return !share || share->carried.contains(carried);
  }
  /// The kind of a tile: a product says its own, the rest passes it on.
  std::optional<Kind> kindOf(mlir::Value value);
  /// The kind of a tile that no product made: its columns tell if they can.
  Kind defaultKind(mlir::Type type) {
    auto tensor = mlir::dyn_cast<mlir::RankedTensorType>(type);
    return tensor && tensor.getRank() == 2 &&
                   tensor.getDimSize(1) != schedule.tile.keys
               ? Kind::Output
               : Kind::Scores;
  }
  /// The L3 value of an L2 tile, waited for if it is in flight. Splats,
  /// constants, broadcasts and what came from consumer 1 are made where they
  /// are used.
  mlir::FailureOr<mlir::Value> get(mlir::Value value, Kind kind);
  /// Waits until the dot that makes `l2Result` has landed.
  void land(mlir::Value l2Result);
  /// Waits for all; one by one if others wait for the stages they read.
  void landAll() {
    while (!inFlight.empty())
      land((share ? inFlight.front() : inFlight.back()).l2Result);
  }

  mlir::ImplicitLocOpBuilder &b;
  Shared &shared;
  const Schedule &schedule;
  mlir::Value consumer, zero;
  const Share *share; ///< Of this consumer, if the products are divided.
  mlir::Value row;    ///< First row of this consumer, if not 0.
  /// Of the tile, if a CTA takes several, and whether what stands behind its
  /// loops has begun.
  mlir::Value number;
  bool isBehindLoops = false;
  /// The tile of q and r, if it is kept in registers.
  mlir::Value queries;
  mlir::IRMapping values;
  /// The state of rows, from L2 to L3, behind a loop whose keys warps divide,
  /// until it is merged.
  llvm::MapVector<mlir::Value, mlir::Value> ofWarps;
  bool areMerged = false;
  llvm::DenseMap<mlir::Value, Kind> kinds;
  /// Where values lie that consumer 1 has handed over behind the loops.
  llvm::DenseMap<mlir::Value, mlir::Value> results;
  llvm::SmallVector<InFlight> inFlight;
  llvm::DenseMap<mlir::Operation *, int64_t>
      pendingReads; ///< Of a load, by dots.
  llvm::DenseMap<mlir::Value, mlir::Value>
      uses;             ///< Of each ring, the next one.
  mlir::Value messages; ///< From consumer 0 to 1, so far.
  /// Of the loop, if consumers take turns.
  tile::DotOp firstOfTurn, lastOfTurn;
  llvm::DenseMap<mlir::Operation *, mlir::Value>
      useOf; ///< Of a ring, by each load.
  llvm::SmallDenseSet<mlir::Operation *> writtenEarly;
  bool inputsWaited = false, turnsStarted = false;
};

} // namespace parallax::tile_to_hopper

#endif // PARALLAX_CONVERSION_TILETOHOPPER_CONSUMER_H
