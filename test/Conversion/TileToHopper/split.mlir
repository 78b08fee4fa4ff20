// CTAs that share a tile's keys. Heads are numbered first, then splits: the
// ticket is that of the tile, head and batch entry. Parts are merged a row a
// warp, and several parts are read at once.
//
// RUN: parallax-opt %s --problem-to-tile --canonicalize --cse \
// RUN:   --tile-to-hopper --canonicalize --cse | FileCheck %s

#schedule = {rows = 64, keys = 64, consumers = 1, packed_heads = 4, split_tiles = 2, ctas_per_sm = 2, consumer_registers = 232}
!q = memref<?x?x8x64xbf16, strided<[?, ?, ?, 1]>>
!k = memref<?x?x2x64xbf16, strided<[?, ?, ?, 1]>>

// CHECK-LABEL: func.func @split
// CHECK-SAME: %[[O1:[^:]*]]: !llvm.ptr<1> {hopper.parameter = {dim = 4 : i64, kind = "workspace"}}
// CHECK-SAME: %[[O:[^:]*]]: !llvm.ptr<1> {hopper.parameter = {kind = "pointer", operand = "o"}}
// CHECK-SAME: %[[TICKETS:[^:]*]]: !llvm.ptr<1> {hopper.parameter = {dim = 0 : i64, kind = "workspace"}}
// CHECK-SAME: %[[TILES:[^:]*]]: i32 {hopper.parameter = {dim = 0 : i64, kind = "grid_size"}}
// CHECK-SAME: %[[HEADS:[^:]*]]: i32 {hopper.parameter = {dim = 1 : i64, kind = "grid_size"}}
// CHECK-SAME: %[[SPLITS:[^:]*]]: i32 {hopper.parameter = {dim = 3 : i64, kind = "grid_size"}}
// CHECK-SAME: %[[BATCHES:[^:]*]]: i32 {hopper.parameter = {dim = 2 : i64, kind = "grid_size"}}
// CHECK-SAME: hopper.ctas_per_sm = 2 : i64
// CHECK-SAME: hopper.split_keys = 128 : i64
func.func @split(%q: !q, %r: !q, %k: !k, %v: !k, %o: !q, %scale: f32)
    attributes {parallax.schedule = #schedule} {
  // CHECK: %[[CTA:.*]] = hopper.cta_id
  // CHECK: %[[HEAD:.*]] = arith.remui %[[CTA]], %[[HEADS]]
  // CHECK: %[[REST:.*]] = arith.divui %[[CTA]], %[[HEADS]]
  // CHECK: %[[SPLIT:.*]] = arith.remui %[[REST]], %[[SPLITS]]
  // CHECK: %[[TILE:.*]] = arith.divui %[[REST]], %[[SPLITS]]
  // CHECK: %[[FIRST:.*]] = arith.muli %[[TILE]], %[[HEADS]]
  // CHECK: %[[TICKET:.*]] = arith.addi %[[FIRST]], %[[HEAD]]
  // CHECK: consumers(1) registers(232)
  // CHECK: hopper.tma_store
  // CHECK: } else {
  // CHECK: hopper.store_rows %{{.*}}, %[[O1]][{{.*}} heads 4 rows 64 columns 64 : tensor<64x64xf32, #hopper.acc>
  // CHECK: %[[LAST:.*]] = hopper.arrive_last %[[TICKETS]][%[[TICKET]]] of %{{.*}}
  // CHECK: scf.if %[[LAST]] {
  // CHECK: scf.for
  // CHECK: scf.for
  // CHECK: hopper.load_rows %[[O1]]{{.*}} : tensor<4x64xf32, #hopper.lanes>
  // CHECK: hopper.load_rows %[[O1]]{{.*}} : tensor<4x64xf32, #hopper.lanes>
  // CHECK: math.exp2
  // CHECK: hopper.store_rows %{{.*}}, %[[O]][{{.*}} heads 4 rows 64 as bf16 : tensor<4x64xf32, #hopper.lanes>
  parallax.decode ins(%q, %r, %k, %v : !q, !q, !k, !k) outs(%o : !q)
    scale(%scale) mask(none)
  return
}
