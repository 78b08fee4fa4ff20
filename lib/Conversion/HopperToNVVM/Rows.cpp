//===- Rows.cpp - Rows in global memory, and who is last ------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/HopperToNVVM/Lowering.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace parallax::hopper;

namespace {

/// Where the rows of an op that loads or stores rows lie.
template <typename OpT, typename AdaptorT> class Rows {
public:
  Rows(OpT op, AdaptorT adaptor, Emitter &e)
      : op(op), adaptor(adaptor), e(e), first(one(adaptor.getRow())) {}

  /// Whether row `row` of the tile is there.
  Value exists(Value row) {
    return arith::AndIOp::create(
        e, e.less(row, e.i32(op.getRows())),
        e.less(tokenOf(row), one(adaptor.getLength())));
  }
  /// The address of element `column`, of `bytes` bytes, of a row.
  Value address(Value row, Value column, int64_t bytes) {
    Value element = arith::AddIOp::create(
        e, one(adaptor.getBase()),
        scaled(tokenOf(row), one(adaptor.getTokenStride())));
    if (op.getHeads() != 1)
      element = arith::AddIOp::create(
          e, element,
          scaled(e.rem(row, op.getHeads()), one(adaptor.getHeadStride())));
    if (column)
      element = arith::AddIOp::create(e, element, wide(column));
    Value pointer = one(adaptor.getPointer());
    return LLVM::GEPOp::create(e, pointer.getType(),
                               e.getIntegerType(8 * bytes), pointer,
                               LLVM::GEPArg(element));
  }

  OpT op;
  AdaptorT adaptor;
  Emitter &e;
  Value first;

private:
  Value tokenOf(Value row) {
    return e.add(one(adaptor.getToken()), e.div(row, op.getHeads()));
  }
  Value wide(Value x) { return arith::ExtSIOp::create(e, e.getI64Type(), x); }
  Value scaled(Value index, Value stride) {
    return arith::MulIOp::create(e, wide(index), stride);
  }
};

Value both(Emitter &e, Value x, Value y) {
  return arith::AndIOp::create(e, x, y);
}

LaneLayout layoutOf(RankedTensorType type) {
  return LaneLayout::of(type.getDimSize(0),
                        type.getRank() == 1 ? 1 : type.getDimSize(1));
}

struct LowerStoreRows : KernelPattern<StoreRowsOp> {
  using KernelPattern::KernelPattern;
  LogicalResult lower(StoreRowsOp op, OneToNOpAdaptor adaptor, Emitter &e,
                      ConversionPatternRewriter &rewriter) const override {
    auto type = cast<RankedTensorType>(op.getValue().getType());
    Rows rows(op, adaptor, e);
    if (isa<LanesAttr>(type.getEncoding()))
      storeLanes(rows, type);
    else if (type.getRank() == 2)
      storeAccumulator(rows, op.getColumns().value_or(type.getDimSize(1)));
    else
      storeValues(rows);
    rewriter.eraseOp(op);
    return success();
  }

  using StoredRows = Rows<StoreRowsOp, OneToNOpAdaptor>;

  /// The 4 lanes of a row hold the same value: the first one writes.
  void storeValues(StoredRows &rows) const {
    Emitter &e = rows.e;
    Value writes = e.equal(e.bitAnd(kernel.lane, 3), 0);
    Value first = e.add(e.firstRow(kernel, 8 * rows.adaptor.getValue().size()),
                        rows.first);
    for (auto [half, value] : llvm::enumerate(rows.adaptor.getValue())) {
      Value row = e.add(first, 8 * half);
      e.inBranch(
          both(e, writes, rows.exists(row)), [&, value = value](Emitter &e) {
            StoredRows here(rows.op, rows.adaptor, e);
            LLVM::StoreOp::create(e, value, here.address(row, Value(), 4));
          });
    }
  }

  /// Stores under a predicate, not in a branch for each half: registers of both
  /// halves then die side by side, as they may be loaded.
  void storeAccumulator(StoredRows &rows, int64_t columns) const {
    Emitter &e = rows.e;
    std::optional<Type> element = rows.op.getElement();
    int64_t halves =
        cast<RankedTensorType>(rows.op.getValue().getType()).getDimSize(0) / 32;
    int64_t bytes = element ? 2 : 4;
    Value first = e.add(e.firstRow(kernel, 8 * halves), rows.first);
    Value exists[2], starts[2];
    for (int64_t half = 0; half != halves; ++half) {
      Value row = e.add(first, 8 * half);
      exists[half] =
          arith::ExtUIOp::create(e, e.getI32Type(), rows.exists(row));
      starts[half] =
          rows.address(row, e.mul(e.bitAnd(kernel.lane, 3), 2), bytes);
    }
    auto store = [&](int64_t half, int64_t column, StringRef type,
                     StringRef values, StringRef constraints,
                     ArrayRef<Value> registers) {
      SmallVector<Value> operands = {exists[half], starts[half]};
      llvm::append_range(operands, registers);
      e.assembly(llvm::formatv("{{\n.reg .pred exists;\n"
                               "setp.ne.u32 exists, $0, 0;\n"
                               "@exists st.global.{0} [$1+{1}], {2};\n}",
                               type, bytes * column, values)
                     .str(),
                 constraints, operands, TypeRange());
    };
    for (int64_t column = 0; column != columns; column += 8)
      for (int64_t half = 0; half != halves; ++half) {
        ValueRange pair =
            rows.adaptor.getValue().slice(column / 4 * halves + 2 * half, 2);
        if (element)
          store(half, column, "b32", "$2", "r,l,r,~{memory}",
                e.pack(pair[0], pair[1], *element));
        else
          store(half, column, "v2.f32", "{$2, $3}", "r,l,f,f,~{memory}",
                {pair[0], pair[1]});
      }
  }

  /// Of the lanes that hold a row's value.
  Value isFirst(Emitter &e, LaneLayout layout) const {
    Value warp = e.bitAnd(kernel.warp, layout.warps - 1);
    return e.equal(arith::OrIOp::create(e, warp, kernel.lane), 0);
  }

  void storeLanes(StoredRows &rows, RankedTensorType type) const {
    Emitter &e = rows.e;
    const LaneLayout layout = layoutOf(type);
    Value row = e.add(laneRow(e, kernel, layout), rows.first);
    Value writes = rows.exists(row);
    // Of those that hold the same, the first.
    if (type.getRank() == 2 && layout.copies > 1)
      writes = both(e, writes, e.less(kernel.lane, e.i32(layout.lanes)));
    e.inBranch(writes, [&](Emitter &e) {
      ValueRange values = rows.adaptor.getValue();
      if (type.getRank() == 1)
        return e.inBranch(isFirst(e, layout), [&](Emitter &e) {
          StoredRows here(rows.op, rows.adaptor, e);
          LLVM::StoreOp::create(e, values.front(),
                                here.address(row, Value(), 4));
        });
      for (size_t i = 0; i < values.size(); i += 4) {
        Value column = laneColumn(e, kernel, layout, i / 4);
        e.inBranch(e.less(column, e.i32(type.getDimSize(1))), [&](Emitter &e) {
          StoredRows here(rows.op, rows.adaptor, e);
          std::optional<Type> element = rows.op.getElement();
          if (!element)
            return e.storeVector(values.slice(i, 4),
                                 here.address(row, column, 4));
          Value packed[] = {e.pack(values[i], values[i + 1], *element),
                            e.pack(values[i + 2], values[i + 3], *element)};
          e.storeVector(packed, here.address(row, column, 2));
        });
      }
    });
  }
};

/// Without a branch, so that the loads of a loop's next turns can come early:
/// who has nothing to read, reads what the first has.
struct LowerLoadRows : KernelPattern<LoadRowsOp> {
  using KernelPattern::KernelPattern;
  LogicalResult lower(LoadRowsOp op, OneToNOpAdaptor adaptor, Emitter &e,
                      ConversionPatternRewriter &rewriter) const override {
    auto type = cast<RankedTensorType>(op.getType());
    Rows rows(op, adaptor, e);
    const LaneLayout layout = layoutOf(type);
    Value row = e.add(laneRow(e, kernel, layout), rows.first);
    row = arith::SelectOp::create(e, rows.exists(row), row, rows.first);
    SmallVector<Value> values;
    if (type.getRank() == 1)
      values.push_back(LLVM::LoadOp::create(e, e.getF32Type(),
                                            rows.address(row, Value(), 4)));
    else
      for (int64_t i = 0, count = getRegisterLayout(type).count; i != count;
           i += 4) {
        Value column = laneColumn(e, kernel, layout, i / 4);
        column = arith::SelectOp::create(
            e, e.less(column, e.i32(type.getDimSize(1))), column, e.i32(0));
        Value vector = LLVM::LoadOp::create(
            e, VectorType::get(4, e.getF32Type()), rows.address(row, column, 4),
            /*alignment=*/16);
        for (int64_t j = 0; j != 4; ++j)
          values.push_back(LLVM::ExtractElementOp::create(e, vector, e.i32(j)));
      }
    rewriter.replaceOpWithMultiple(op, {values});
    return success();
  }
};

/// The barrier before orders what all threads have stored before the one that
/// counts, the one behind what it sees before what all of them load. The
/// hardware wraps the ticket around, so that it is 0 again at the end.
struct LowerArriveLast : KernelPattern<ArriveLastOp> {
  using KernelPattern::KernelPattern;
  LogicalResult lower(ArriveLastOp op, OneToNOpAdaptor adaptor, Emitter &e,
                      ConversionPatternRewriter &rewriter) const override {
    e.warpgroupBarrier(kernel);
    Value tickets = one(adaptor.getTickets());
    Value ticket =
        LLVM::GEPOp::create(e, tickets.getType(), e.getI32Type(), tickets,
                            LLVM::GEPArg(one(adaptor.getIndex())));
    Value operands[] = {ticket, e.add(one(adaptor.getCount()), -1),
                        e.bitAnd(kernel.thread, 127),
                        e.add(kernel.warpgroup, 7)};
    // Nobody else comes to a ticket at which this is the last.
    const char *look = op.getLooks()
                           ? "@counts ld.acquire.gpu.global.u32 old, [$1];\n"
                             "setp.eq.and.u32 last, old, $2, counts;\n"
                             "@last st.relaxed.gpu.global.u32 [$1], 0;\n"
                             "@last setp.ne.u32 counts, 0, 0;\n"
                           : "setp.ne.u32 last, 0, 0;\n";
    std::string text =
        llvm::formatv("{{\n.reg .pred counts, last, isLast;\n.reg .b32 old;\n"
                      "setp.eq.u32 counts, $3, 0;\nmov.b32 old, 0;\n{0}"
                      "@counts atom.acq_rel.gpu.global.inc.u32 old, [$1], $2;\n"
                      "setp.eq.and.u32 isLast, old, $2, counts;\n"
                      "or.pred last, last, isLast;\n"
                      "barrier.cta.red.or.pred last, $4, 128, last;\n"
                      "selp.b32 $0, 1, 0, last;\n}",
                      look);
    SmallVector<Value> last =
        e.assembly(text, "=r,l,r,r,r,~{memory}", operands, e.getI32Type());
    rewriter.replaceOp(op, arith::CmpIOp::create(e, arith::CmpIPredicate::ne,
                                                 last.front(), e.i32(0)));
    return success();
  }
};

} // namespace

Value parallax::hopper::laneRow(Emitter &e, const KernelValues &kernel,
                                LaneLayout layout) {
  return e.div(e.bitAnd(kernel.warp, 3), layout.warps);
}

Value parallax::hopper::laneColumn(Emitter &e, const KernelValues &kernel,
                                   LaneLayout layout, int64_t four) {
  Value number = e.bitAnd(kernel.lane, layout.lanes - 1);
  if (layout.warps > 1)
    number = e.addScaled(number, e.bitAnd(kernel.warp, layout.warps - 1),
                         layout.lanes);
  return e.add(e.mul(number, 4), layout.stride() * four);
}

void parallax::hopper::populateRowPatterns(const TypeConverter &converter,
                                           RewritePatternSet &patterns,
                                           const KernelValues &kernel) {
  patterns.add<LowerStoreRows, LowerLoadRows, LowerArriveLast>(
      converter, patterns.getContext(), kernel);
}
