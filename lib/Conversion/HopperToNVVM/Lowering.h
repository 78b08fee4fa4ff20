//===- Lowering.h - What the patterns of HopperToNVVM share -----*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_LIB_CONVERSION_HOPPERTONVVM_LOWERING_H
#define PARALLAX_LIB_CONVERSION_HOPPERTONVVM_LOWERING_H

#include "dialect/Hopper/HopperDialect.h"
#include "dialect/Hopper/KernelLayout.h"

#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/Transforms/DialectConversion.h"

namespace parallax::hopper {

/// Values that every step of one kernel needs, made at its top.
struct KernelValues {
  KernelLayout layout;
  mlir::Value smem;           ///< Start of the shared-memory region.
  mlir::Value thread;         ///< In the CTA.
  mlir::Value lane;           ///< In the warp.
  mlir::Value warp;           ///< In the CTA; uniform in the warp.
  mlir::Value warpgroup;      ///< In the CTA, 0 is the producer's; uniform.
  int64_t firstConverter = 0; ///< Warp, of `converters`.
  int64_t converters = 0;
  int64_t consumerRegisters = 0; ///< Of a thread.
  bool allWait = false;          ///< All threads, before the roles start.
  mlir::Block *first = nullptr;  ///< What thread 0 does before the roles start.
};

/// Writes the scalar program.
class Emitter : public mlir::ImplicitLocOpBuilder {
public:
  using ImplicitLocOpBuilder::ImplicitLocOpBuilder;

  mlir::Value i32(int64_t value);
  mlir::Value i64(int64_t value);
  mlir::Value f32(float value);

  // i32 arithmetic; the right operand may be a number.
  mlir::Value add(mlir::Value lhs, mlir::Value rhs);
  mlir::Value sub(mlir::Value lhs, mlir::Value rhs);
  mlir::Value mul(mlir::Value lhs, int64_t rhs);
  mlir::Value div(mlir::Value lhs, int64_t rhs); ///< Unsigned.
  mlir::Value rem(mlir::Value lhs, int64_t rhs); ///< Unsigned.
  /// Of a dividend in [0, 2^20), in a third of the instructions.
  mlir::Value divSmall(mlir::Value lhs, mlir::Value rhs);
  /// Four f32 of shared memory, at a multiple of 16.
  llvm::SmallVector<mlir::Value> loadFour(mlir::Value address);
  mlir::Value bitAnd(mlir::Value lhs, int64_t rhs);
  mlir::Value bitXor(mlir::Value lhs, mlir::Value rhs);
  mlir::Value add(mlir::Value lhs, int64_t rhs) {
    return rhs ? add(lhs, i32(rhs)) : lhs;
  }
  /// `lhs + rhs * factor`, where no `rhs` is 0.
  mlir::Value addScaled(mlir::Value lhs, mlir::Value rhs, int64_t factor) {
    return rhs ? add(lhs, mul(rhs, factor)) : lhs;
  }
  mlir::Value equal(mlir::Value lhs, int64_t rhs);
  mlir::Value less(mlir::Value lhs, mlir::Value rhs);        ///< Signed.
  mlir::Value lessOrEqual(mlir::Value lhs, mlir::Value rhs); ///< Signed.

  mlir::Value bitcast(mlir::Value value, mlir::Type type);
  /// Bytes of two registers, one for each hexadecimal digit of `selector`, the
  /// lowest last: 0 to 3 of the first, 4 to 7 of the second.
  mlir::Value permute(mlir::Value first, mlir::Value second, int64_t selector);
  /// `pointer` moved by bytes.
  mlir::Value advance(mlir::Value pointer, mlir::Value bytes);
  mlir::Value advance(mlir::Value pointer, int64_t bytes);

  /// Two f32 rounded to one register, `low` in the lower half.
  mlir::Value pack(mlir::Value low, mlir::Value high, mlir::Type element);

  /// The result of an intrinsic of one f32.
  mlir::Value intrinsic(llvm::StringRef name, mlir::Value argument);

  /// Inline PTX with side effects; one value for each of `results`.
  llvm::SmallVector<mlir::Value> assembly(llvm::StringRef text,
                                          llvm::StringRef constraints,
                                          mlir::ValueRange operands,
                                          mlir::TypeRange results);

  /// The address of a stage of a ring of tiles, moved by rows and by columns, a
  /// multiple of a block's; each may be absent.
  mlir::Value tileAddress(mlir::Value base, SmemType type, mlir::Value stage,
                          mlir::Value row, mlir::Value column = {});
  /// The address of a barrier of a ring.
  mlir::Value barrierAddress(mlir::Value base, BarrierType type,
                             mlir::Value use);

  /// The value of another lane of the warp: that of a number, of the number
  /// whose bits differ in `mask`, or of one that is `distance` lower, of which
  /// the lowest lanes have their own.
  mlir::Value ofLane(mlir::Value value, mlir::Value lane);
  mlir::Value ofLaneAcross(mlir::Value value, int64_t mask);
  mlir::Value ofLaneBelow(mlir::Value value, int64_t distance);

  /// Stores registers that lie side by side.
  void storeVector(mlir::ValueRange values, mlir::Value address);
  /// Reads four matrices of 8 rows and 16 bytes, whose rows this lane and
  /// others name, a register of each; transposed as matrices of 16 bits.
  llvm::SmallVector<mlir::Value, 4> loadMatrices(mlir::Value address,
                                                 bool transpose);

  /// Runs `body` in one thread of the warp that `condition`, uniform in each
  /// warp, picks.
  void inElectedThread(mlir::Value condition,
                       llvm::function_ref<void(Emitter &)> body);
  void inBranch(mlir::Value condition,
                llvm::function_ref<void(Emitter &)> body);

  /// The row, where each warp has `rows`, of this thread's first value.
  mlir::Value firstRow(const KernelValues &kernel, int64_t rows = 16);
  void warpgroupBarrier(const KernelValues &kernel);
  void fenceAsync();
};

/// A pattern that reads the kernel's values.
template <typename OpT>
class KernelPattern : public mlir::OpConversionPattern<OpT> {
public:
  using OneToNOpAdaptor =
      typename mlir::OpConversionPattern<OpT>::OneToNOpAdaptor;

  KernelPattern(const mlir::TypeConverter &converter,
                mlir::MLIRContext *context, const KernelValues &kernel)
      : mlir::OpConversionPattern<OpT>(converter, context), kernel(kernel) {}

  llvm::LogicalResult
  matchAndRewrite(OpT op, OneToNOpAdaptor adaptor,
                  mlir::ConversionPatternRewriter &rewriter) const final {
    Emitter emitter(op.getLoc(), rewriter);
    return lower(op, adaptor, emitter, rewriter);
  }

protected:
  virtual llvm::LogicalResult
  lower(OpT op, OneToNOpAdaptor adaptor, Emitter &e,
        mlir::ConversionPatternRewriter &rewriter) const = 0;

  const KernelValues &kernel;
};

/// The value of an operand that is one register, or none if it is absent.
inline mlir::Value one(mlir::ValueRange registers) {
  return registers.empty() ? mlir::Value() : registers.front();
}

/// Of what lies as lanes: this warp's row, and the first of the four columns
/// that this lane holds in its registers from 4 * `four` on.
mlir::Value laneRow(Emitter &e, const KernelValues &kernel, LaneLayout layout);
mlir::Value laneColumn(Emitter &e, const KernelValues &kernel,
                       LaneLayout layout, int64_t four);

/// Two of a register's four elements of e4m3 as two of `element`: those of its
/// lower 16 bits if `isHigh` is not set.
mlir::Value convertPair(Emitter &e, mlir::Value bits, bool isHigh,
                        mlir::Type element);

/// What the states of a row that warps have become: its m, d1 and d2, and what
/// each warp's sums weigh.
struct WarpWeights {
  mlir::Value m, d1, d2;
  llvm::SmallVector<mlir::Value> weights;
};
WarpWeights weighWarps(Emitter &e, llvm::ArrayRef<mlir::Value> m,
                       llvm::ArrayRef<mlir::Value> d1,
                       llvm::ArrayRef<mlir::Value> d2);
/// States of rows of values that are `per_warp`, and how they cross between the
/// threads of a warpgroup.
struct WarpStates {
  mlir::ValueRange m, d1, d2, o1, o2;
  mlir::Value rings[2]; ///< Of O1, behind which the others lie, and of O2.
  int64_t columns;
  int64_t bytesOfWarp; ///< From a warp's rows in a ring to the next's.
  bool areInPairs;     ///< Whether columns of 16 lie as `hopper.warp_mma` says.
};
/// Writes the rows that this warp has, below `end` if that is given, in the
/// columns' own order.
void writeStates(Emitter &e, const KernelValues &kernel,
                 const WarpStates &states, mlir::Value end = {});
/// `sum` + x * y.
mlir::Value addProduct(Emitter &e, mlir::Value sum, mlir::Value x,
                       mlir::Value y);

/// The rows of a fragment that is `per_warp`, the same for each warp.
llvm::SmallVector<mlir::Value>
loadQueriesOfWarps(Emitter &e, const KernelValues &kernel, mlir::Value tile,
                   SmemType type, mlir::RankedTensorType fragment,
                   bool inFours);

void populateAppendPatterns(const mlir::TypeConverter &converter,
                            mlir::RewritePatternSet &patterns,
                            const KernelValues &kernel);
void populateBarrierPatterns(const mlir::TypeConverter &converter,
                             mlir::RewritePatternSet &patterns,
                             const KernelValues &kernel);
void populateConvertPatterns(const mlir::TypeConverter &converter,
                             mlir::RewritePatternSet &patterns,
                             const KernelValues &kernel);
void populateElementwisePatterns(const mlir::TypeConverter &converter,
                                 mlir::RewritePatternSet &patterns);
void populateGatherPatterns(const mlir::TypeConverter &converter,
                            mlir::RewritePatternSet &patterns,
                            const KernelValues &kernel);
void populateMailPatterns(const mlir::TypeConverter &converter,
                          mlir::RewritePatternSet &patterns,
                          const KernelValues &kernel);
void populateMatmulPatterns(const mlir::TypeConverter &converter,
                            mlir::RewritePatternSet &patterns,
                            const KernelValues &kernel);
void populateMemoryPatterns(const mlir::TypeConverter &converter,
                            mlir::RewritePatternSet &patterns,
                            const KernelValues &kernel);
void populateMergePatterns(const mlir::TypeConverter &converter,
                           mlir::RewritePatternSet &patterns,
                           const KernelValues &kernel);
void populateExchangePatterns(const mlir::TypeConverter &converter,
                              mlir::RewritePatternSet &patterns,
                              const KernelValues &kernel);
void populateFindPatterns(const mlir::TypeConverter &converter,
                          mlir::RewritePatternSet &patterns,
                          const KernelValues &kernel);
void populateRegisterPatterns(const mlir::TypeConverter &converter,
                              mlir::RewritePatternSet &patterns,
                              const KernelValues &kernel);
void populateRolePatterns(const mlir::TypeConverter &converter,
                          mlir::RewritePatternSet &patterns,
                          const KernelValues &kernel);

void populateRowPatterns(const mlir::TypeConverter &converter,
                         mlir::RewritePatternSet &patterns,
                         const KernelValues &kernel);
void populateMergeWarpsPatterns(const mlir::TypeConverter &converter,
                                mlir::RewritePatternSet &patterns,
                                const KernelValues &kernel);
void populateWarpPatterns(const mlir::TypeConverter &converter,
                          mlir::RewritePatternSet &patterns,
                          const KernelValues &kernel);

/// Makes the values at the kernel's top, and has the barriers initialised
/// before the roles start.
KernelValues writePreamble(mlir::func::FuncOp kernel);

} // namespace parallax::hopper

#endif // PARALLAX_LIB_CONVERSION_HOPPERTONVVM_LOWERING_H
