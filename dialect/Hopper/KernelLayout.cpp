//===- KernelLayout.cpp - Shared memory and threads of an L3 kernel -------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialect/Hopper/KernelLayout.h"

#include "dialect/Hopper/HopperDialect.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;
using namespace parallax::hopper;

KernelLayout KernelLayout::of(func::FuncOp kernel) {
  constexpr int64_t barrierBytes = 8;
  KernelLayout layout;
  Block &body = kernel.getBody().front();
  // A stage is a multiple of 1024 bytes, so tiles that follow each other stay
  // aligned; barriers need only 8.
  for (auto alloc : body.getOps<AllocOp>()) {
    layout.offsets[alloc] = layout.sharedBytes;
    layout.sharedBytes += alloc.getResult().getType().getBytes();
  }
  for (auto barriers : body.getOps<BarriersOp>()) {
    layout.offsets[barriers] = layout.sharedBytes;
    layout.sharedBytes +=
        barriers.getResult().getType().getStages() * barrierBytes;
  }
  // Queries are read as 64 rows, also behind a smaller tile.
  auto makeReadable = [&](Value tile) {
    auto alloc = tile.getDefiningOp<AllocOp>();
    if (!alloc)
      return;
    SmemType type = alloc.getResult().getType();
    const int64_t lastBlock =
        layout.offsets.lookup(alloc) + type.getBytes() - type.getBlockBytes();
    layout.sharedBytes =
        std::max(layout.sharedBytes, lastBlock + kRows * SmemType::kBlockBytes);
  };
  kernel.walk([&](WgmmaOp op) { makeReadable(op.getA()); });
  kernel.walk([&](LoadFragmentOp op) {
    if (!isPerWarp(op.getType()))
      makeReadable(op.getTile());
  });
  for (auto roles : body.getOps<RolesOp>())
    layout.threads = roles.getThreads();
  if (auto ctas = kernel->getAttrOfType<IntegerAttr>(kCtasPerSmAttr))
    layout.ctasPerSm = ctas.getInt();
  return layout;
}
