// CTAs that share a tile's keys. The grid is of heads, splits and all else: the
// ticket is that of the tile, head and batch entry. Parts are merged a row a
// warp.
//
// RUN: parallax-opt %s --problem-to-tile --canonicalize --cse \
// RUN:   --tile-to-hopper --canonicalize --cse | FileCheck %s

#schedule = {rows = 64, keys = 64, consumers = 1, packed_heads = 4, split_tiles = 2, ctas_per_sm = 2, consumer_registers = 232}
!q = memref<?x?x8x64xbf16, strided<[?, ?, ?, 1]>>
!k = memref<?x?x2x64xbf16, strided<[?, ?, ?, 1]>>

// CHECK-LABEL: func.func @split
// CHECK-SAME: %[[TILES:[^:]*]]: i32 {hopper.parameter = {dim = 0 : i64, kind = "grid_size"}}
// CHECK-SAME: %[[HEADS:[^:]*]]: i32 {hopper.parameter = {dim = 1 : i64, kind = "grid_size"}}
// CHECK-SAME: %[[SPLITS:[^:]*]]: i32 {hopper.parameter = {dim = 3 : i64, kind = "grid_size"}}
// CHECK-SAME: %[[O1:[^:]*]]: !llvm.ptr<1> {hopper.parameter = {dim = 4 : i64, kind = "workspace"}}
// CHECK-SAME: %[[O:[^:]*]]: !llvm.ptr<1> {hopper.parameter = {kind = "pointer", operand = "o"}}
// CHECK-SAME: %[[TICKETS:[^:]*]]: !llvm.ptr<1> {hopper.parameter = {dim = 0 : i64, kind = "workspace"}}
// CHECK-SAME: hopper.ctas_per_sm = 2 : i64
// CHECK-SAME: hopper.split_keys = 128 : i64
func.func @split(%q: !q, %r: !q, %k: !k, %v: !k, %o: !q, %scale: f32)
    attributes {parallax.schedule = #schedule} {
  // CHECK: %[[HEAD:.*]] = hopper.cta_id{{$}}
  // CHECK: %[[REST:.*]] = hopper.cta_id 2
  // CHECK: %[[FIRST:.*]] = arith.muli %[[REST]], %[[HEADS]]
  // CHECK: %[[PROGRAM:.*]] = arith.addi %[[FIRST]], %[[HEAD]]
  // CHECK: %[[KEY_TILES:.*]] = arith.divui %{{.*}}, %c64
  // CHECK: %[[PART:.*]] = hopper.cta_id 1
  // CHECK: %[[UP:.*]] = arith.addi %[[KEY_TILES]], %[[SPLITS]]
  // CHECK: %[[MOST:.*]] = arith.subi %[[UP]], %c1
  // CHECK: %[[EQUAL:.*]] = arith.divui %[[MOST]], %[[SPLITS]]
  // CHECK: %[[SHARE:.*]] = arith.maxsi %[[EQUAL]], %c2
  // CHECK: %[[AT:.*]] = arith.muli %[[PART]], %[[SHARE]]
  // CHECK: %[[FIRST_TILE:.*]] = arith.minui %[[AT]], %[[KEY_TILES]]
  // CHECK: %[[BEHIND:.*]] = arith.addi %[[FIRST_TILE]], %[[SHARE]]
  // CHECK: arith.minui %[[BEHIND]], %[[KEY_TILES]]
  // CHECK: %[[SHARES:.*]] = arith.divui %{{.*}}, %[[SHARE]]
  // CHECK: %[[PARTS:.*]] = arith.maxsi %[[SHARES]], %c1
  // CHECK: %[[SLOT:.*]] = arith.muli %[[PROGRAM]], %[[SPLITS]]
  // CHECK: consumers(1) registers(232)
  // CHECK: hopper.tma_store
  // CHECK: } else {
  // CHECK: %[[PLACE:.*]] = arith.addi %[[SLOT]], %[[PART]]
  // CHECK: hopper.store_rows %{{.*}}, %[[O1]][{{.*}} heads 4 rows 64 columns 64 : tensor<64x64xf32, #hopper.acc>
  // CHECK: %[[LAST:.*]] = hopper.arrive_last %[[TICKETS]][%[[PROGRAM]]] of %[[PARTS]]
  // CHECK: scf.if %[[LAST]] {
  // CHECK: scf.for
  // CHECK: hopper.merge_rows {{.*}}%[[O1]], {{.*}} heads 4 rows 64 : tensor<4xf32, #hopper.lanes>, tensor<4x64xf32, #hopper.lanes>
  // CHECK: hopper.store_rows %{{.*}}, %[[O]][{{.*}} heads 4 rows 64 as bf16 : tensor<4x64xf32, #hopper.lanes>
  parallax.decode ins(%q, %r, %k, %v : !q, !q, !k, !k) outs(%o : !q)
    scale(%scale) mask(none)
  return
}

// CTAs of a cluster send their states to each other.
#cluster = {rows = 8, keys = 64, consumers = 1, split_tiles = 1, cluster = 8, ctas_per_sm = 2, consumer_registers = 232}
// CHECK-LABEL: func.func @cluster
// CHECK-SAME: %[[IN_CLUSTER:[^:]*]]: i32 {hopper.parameter = {dim = 7 : i64, kind = "grid_size"}}
// CHECK-SAME: %[[BY_TILES:[^:]*]]: i64 {hopper.parameter = {dim = 0 : i64, kind = "grid_size", reciprocal}}
// CHECK-SAME: %[[BY_SPLITS:[^:]*]]: i64 {hopper.parameter = {dim = 3 : i64, kind = "grid_size", reciprocal}}
// CHECK-SAME: hopper.cluster = 8 : i64
func.func @cluster(%q: !q, %r: !q, %k: !k, %v: !k, %o: !q, %scale: f32)
    attributes {parallax.schedule = #cluster} {
  // The launch knows what is divided by.
  // CHECK: hopper.divide %{{.*}} by %[[BY_TILES]]
  // CHECK: %[[RANK:.*]] = hopper.cta_id 1
  // CHECK: hopper.divide %{{.*}} by %[[BY_SPLITS]]
  // CHECK: %[[IS_CLUSTER:.*]] = arith.cmpi sgt, %[[IN_CLUSTER]], %c1
  // CHECK: %[[INPUTS:.*]] = hopper.alloc : !hopper.smem<16x64xbf16>
  // CHECK: %[[KEYS:.*]] = hopper.alloc : !hopper.smem<2x64x64xbf16>
  // CHECK: %[[VALUES:.*]] = hopper.alloc : !hopper.smem<2x64x64xbf16>
  // A row of 528 bytes for each of 8, and for 7 more CTAs.
  // CHECK: %[[INBOX:.*]] = hopper.alloc : !hopper.smem<64x64xbf16>
  // CHECK: %[[ARRIVED:.*]] = hopper.barriers count 1 : !hopper.barrier<1>
  // CHECK: hopper.cluster_arrive
  // CHECK: producer registers
  // CHECK-COUNT-2: hopper.tma_load {{.*}} %[[INPUTS]]
  // The first keys wait for nobody.
  // CHECK: scf.if
  // CHECK-NEXT: hopper.expect %{{.*}}[%c0_i32]
  // CHECK-NEXT: hopper.tma_load {{.*}} %[[KEYS]][%c0_i32]
  // CHECK-NOT: hopper.wait
  // CHECK: scf.for
  // CHECK: hopper.wait
  // CHECK: hopper.tma_load {{.*}} %[[KEYS]]
  // CHECK: consumers(1)
  // Others of the cluster run once it has begun.
  // CHECK: scf.if %[[IS_CLUSTER]] {
  // CHECK: hopper.cluster_wait
  // CHECK: scf.for
  // CHECK: scf.if %[[IS_CLUSTER]] {
  // CHECK: hopper.send_rows {{.*}} through %[[KEYS]], %[[VALUES]] to %[[INBOX]], %[[ARRIVED]] rows(%[[ROWS:.*]]) of %[[IN_CLUSTER]] most 8 :
  // CHECK: hopper.await_rows %[[ARRIVED]] rows(%[[ROWS]]) of %[[IN_CLUSTER]] columns 64
  // CHECK: scf.for %[[ROW:.*]] = %[[RANK]] to
  // CHECK: hopper.merge_received %[[INBOX]] of %[[IN_CLUSTER]] at(%[[ROW]])
  // CHECK: hopper.store_rows {{.*}} tensor<1x64xf32, #hopper.lanes>
  // CHECK: hopper.arrive_last
  parallax.decode ins(%q, %r, %k, %v : !q, !q, !k, !k) outs(%o : !q)
    scale(%scale) mask(none)
  return
}
