//===- Pages.cpp - Tiles that a block table deals out ---------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A tile lies in one page, or is made of whole pages, each of which is one copy
// into rows of its own. The entries of the first pages are read before the
// stage is empty, so that reading them takes no time of its own while the ring
// is full.
//
// A page that begins at the limit or behind it has no entry to look at. Its
// copy is of page -1, which is out of the tensor's bounds: zeros, which count
// against the barrier as any other bytes do.
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/Loops.h"
#include "lib/Conversion/TileToHopper/Lowering.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;
using namespace parallax;
using namespace parallax::tile_to_hopper;

/// Entries that are held in registers at a time; of a producer that has few.
static constexpr int64_t kMostEntries = 8;

PagedCopies::PagedCopies(ImplicitLocOpBuilder &b, const Shared &shared,
                         tile::LoadOp load, const IRMapping &scalars)
    : b(b), load(load), table(shared.pointers.lookup(load.getTable())),
      pageSize(load.getPageSize()),
      rows(cast<RankedTensorType>(load.getType()).getDimSize(0)) {
  Value token = scalars.lookup(load.getToken());
  Value size = constant(b, pageSize);
  row = arith::MulIOp::create(b, scalars.lookup(load.getBatch()),
                              shared.tableStrides.lookup(load.getTable()));
  first = arith::DivUIOp::create(b, token, size);
  if (pageSize > rows)
    inPage = arith::RemUIOp::create(b, token, size);
  // Pages [0, end) of the sequence have an entry.
  end = shared.tableColumns.lookup(load.getTable());
  if (load.getLimit()) {
    Value limit = scalars.lookup(load.getLimit());
    end = arith::DivUIOp::create(
        b, arith::AddIOp::create(b, limit, constant(b, pageSize - 1)), size);
  }
  for (int64_t page = 0; pages() <= kMostEntries && page != pages(); ++page)
    early.push_back(entry(constant(b, page)));
}

/// The page that holds the tile's page number `page`, or -1.
Value PagedCopies::entry(Value page) {
  Value number = arith::AddIOp::create(b, first, page);
  // Without an entry of its own, that of the first page is there to be read.
  Value last = arith::SubIOp::create(b, end, constant(b, 1));
  Value index = arith::MaxSIOp::create(
      b, arith::MinSIOp::create(b, number, last), constant(b, 0));
  Value read = hopper::LoadScalarOp::create(
      b, b.getI32Type(), table, arith::AddIOp::create(b, row, index));
  Value exists =
      arith::CmpIOp::create(b, arith::CmpIPredicate::slt, number, end);
  return arith::SelectOp::create(b, exists, read, constant(b, -1));
}

bool tile_to_hopper::sharePages(tile::LoadOp load, tile::LoadOp other) {
  return other.getTable() == load.getTable() &&
         other.getBatch() == load.getBatch() &&
         other.getToken() == load.getToken() &&
         other.getLimit() == load.getLimit() &&
         other.getPageSize() == load.getPageSize() &&
         other.getType() == load.getType() &&
         other->getBlock() == load->getBlock();
}

bool tile_to_hopper::isGathered(tile::LoadOp load) {
  return load.getTable() && !load.converts() &&
         load.getPageSize() <= kMostGatheredTokens;
}

void PagedCopies::write(const Copy &copy) {
  auto copyPage = [&](Value page, Value entry) {
    Value offset = pages() == 1
                       ? Value()
                       : arith::MulIOp::create(b, page, constant(b, pageSize));
    hopper::TmaLoadOp::create(
        b, copy.map, constant(b, 0), copy.head,
        inPage ? inPage : constant(b, 0), entry, copy.buffer.memory, copy.stage,
        offset, copy.buffer.full, copy.use,
        b.getDenseI64ArrayAttr({1, std::min(rows, pageSize)}),
        /*columns=*/IntegerAttr());
  };
  if (pages() <= kMostEntries) {
    for (auto [page, entry] : llvm::enumerate(early))
      copyPage(constant(b, page), entry);
    return;
  }
  // A step past the tile's last page would write behind the stage.
  int64_t step = kMostEntries;
  while (pages() % step)
    --step;
  auto body = [&](OpBuilder &, Location, Value begin, ValueRange) {
    SmallVector<std::pair<Value, Value>> some;
    for (int64_t i = 0; i != step; ++i) {
      Value page = arith::AddIOp::create(b, begin, constant(b, i));
      some.push_back({page, entry(page)});
    }
    for (auto [page, entry] : some)
      copyPage(page, entry);
    scf::YieldOp::create(b);
  };
  auto loop = scf::ForOp::create(b, constant(b, 0), constant(b, pages()),
                                 constant(b, step), ValueRange(), body);
  // Unrolled, all entries would be read first, and spilled.
  keepRolled(loop);
}
