// Two consumers that divide the rows of a query tile: 64 each.
//
// RUN: parallax-opt %s --problem-to-tile --canonicalize --cse \
// RUN:   --tile-to-hopper | FileCheck %s

#schedule = {rows = 128, keys = 64, consumers = 2, stages = 2}
!t = memref<?x?x?x128xbf16, strided<[?, ?, ?, 1]>>

// Parameters: a tensor map for each tensor, whose box for o is one consumer's
// rows; then scalars and sizes.
// CHECK-LABEL: func.func @forward
// CHECK-SAME: %[[SCALE:[^:]*]]: f32 {hopper.parameter = {kind = "scale"}}
// CHECK-SAME: %[[TILES:[^:]*]]: i32 {hopper.parameter = {dim = 0 : i64, kind = "grid_size"}}
// CHECK-SAME: %[[HEADS:[^:]*]]: i32 {hopper.parameter = {dim = 1 : i64, kind = "grid_size"}}
// CHECK-SAME: i32 {hopper.parameter = {dim = 2 : i64, kind = "size", operand = "q"}}
// CHECK-SAME: %[[Q:[^:]*]]: !hopper.tensor_map {hopper.parameter = {box = array<i64: 64, 1, 128, 1>, kind = "tensor_map", operand = "q"}}
// CHECK-SAME: %[[R:[^:]*]]: !hopper.tensor_map {hopper.parameter = {box = array<i64: 64, 1, 128, 1>, kind = "tensor_map", operand = "r"}}
// CHECK-SAME: %[[K:[^:]*]]: !hopper.tensor_map {hopper.parameter = {box = array<i64: 64, 1, 64, 1>, kind = "tensor_map", operand = "k"}}
// CHECK-SAME: %[[V:[^:]*]]: !hopper.tensor_map {hopper.parameter = {box = array<i64: 64, 1, 64, 1>, kind = "tensor_map", operand = "v"}}
// CHECK-SAME: %[[O:[^:]*]]: !hopper.tensor_map {hopper.parameter = {box = array<i64: 64, 1, 64, 1>, kind = "tensor_map", operand = "o"}}
// CHECK-SAME: attributes {hopper.kernel, hopper.packed_heads = 1 : i64, hopper.tile_tokens = 128 : i64, parallax.schedule
func.func @forward(%q: !t, %r: !t, %k: !t, %v: !t, %o: !t, %scale: f32)
    attributes {parallax.schedule = #schedule} {
  // The last tile of a sequence first, heads that run together adjacent.
  // CHECK: %[[CTA:.*]] = hopper.cta_id
  // CHECK: %[[HEAD:.*]] = arith.remui %[[CTA]], %[[HEADS]]
  // CHECK: %[[REST:.*]] = arith.divui %[[CTA]], %[[HEADS]]
  // CHECK: %[[LAST:.*]] = arith.subi %[[TILES]], %{{.*}}
  // CHECK: %[[MOD:.*]] = arith.remui %[[REST]], %[[TILES]]
  // CHECK: %[[TILE:.*]] = arith.subi %[[LAST]], %[[MOD]]
  // CHECK: %[[BATCH:.*]] = arith.divui %[[REST]], %[[TILES]]
  // CHECK: %[[TOKEN:.*]] = arith.muli %[[TILE]], %c128_i32
  // Buffers: q and r once, rings of k and v; an empty barrier is released by 4
  // warps of each consumer.
  // CHECK: %[[READY:.*]] = hopper.barriers count 1 : !hopper.barrier<1>
  // CHECK: %[[QS:.*]] = hopper.alloc : !hopper.smem<128x128xbf16>
  // CHECK: %[[RS:.*]] = hopper.alloc : !hopper.smem<128x128xbf16>
  // CHECK: %[[KS:.*]] = hopper.alloc : !hopper.smem<2x64x128xbf16>
  // CHECK: %[[K_FULL:.*]] = hopper.barriers count 1 : !hopper.barrier<2>
  // CHECK: %[[K_EMPTY:.*]] = hopper.barriers count 8 : !hopper.barrier<2>
  // CHECK: %[[VS:.*]] = hopper.alloc : !hopper.smem<2x64x128xbf16>
  // CHECK: %[[V_FULL:.*]] = hopper.barriers count 1 : !hopper.barrier<2>
  // CHECK: %[[V_EMPTY:.*]] = hopper.barriers count 8 : !hopper.barrier<2>
  // CHECK-NOT: hopper.alloc

  // The producer announces all bytes of the inputs at once, then fills rings.
  // CHECK: hopper.roles producer registers(24) {
  // CHECK: hopper.expect %[[READY]], 65536
  // CHECK-NEXT: %[[C0:.*]] = arith.constant 0
  // CHECK-NEXT: hopper.tma_load %[[Q]][%[[C0]], %[[HEAD]], %[[TOKEN]], %[[BATCH]]], %[[QS]], %[[READY]] box [1, 128]
  // CHECK: hopper.tma_load %[[R]][{{.*}}], %[[RS]], %[[READY]] box [1, 128]
  // CHECK: scf.for %[[J:.*]] = %{{.*}} to %{{.*}} step %{{.*}} iter_args(%[[USE:.*]] = %{{.*}}, %[[V_USE:.*]] = %{{.*}}) -> (i32, i32)
  // CHECK: %[[NEXT:.*]] = arith.addi %[[USE]], %{{.*}}
  // CHECK: hopper.wait %[[K_EMPTY]][%[[USE]]] lag 1
  // CHECK: hopper.expect %[[K_FULL]][%[[USE]]], 16384
  // CHECK: hopper.tma_load %[[K]][%{{.*}}, %{{.*}}, %[[J]], %[[BATCH]]], %[[KS]][%[[USE]]], %[[K_FULL]][%[[USE]]] box [1, 64]
  // CHECK: %[[V_NEXT:.*]] = arith.addi %[[V_USE]], %{{.*}}
  // CHECK: hopper.wait %[[V_EMPTY]][%[[V_USE]]] lag 1
  // CHECK: hopper.expect %[[V_FULL]][%[[V_USE]]], 16384
  // CHECK: hopper.tma_load %[[V]][%{{.*}}, %{{.*}}, %[[J]], %[[BATCH]]], %[[VS]][%[[V_USE]]], %[[V_FULL]][%[[V_USE]]] box [1, 64]
  // CHECK: scf.yield %[[NEXT]], %[[V_NEXT]] :

  // A consumer starts S and T before it waits for S.
  // CHECK: consumers(2) registers(240) {
  // CHECK-NEXT: ^bb0(%[[WARPGROUP:.*]]: i32):
  // CHECK: %[[ROW:.*]] = arith.muli %[[WARPGROUP]], %c64
  // CHECK: hopper.wait %[[READY]] :
  // CHECK-NOT: hopper.wait %[[READY]]
  // CHECK: %[[LOOP:.*]]:7 = scf.for %[[KEY:[^ ]*]] = %{{.*}} iter_args(%{{.*}}, %[[USE:[^ ]*]] = %{{[^ ]*}}, %[[V_USE:[^ ]*]] = %{{[^ ]*}}) -> (tensor<64xf32, #hopper.row>, tensor<64xf32, #hopper.row>, tensor<64xf32, #hopper.row>, tensor<64x128xf32, #hopper.acc>, tensor<64x128xf32, #hopper.acc>, i32, i32)
  // CHECK: %[[NEXT:.*]] = arith.addi %[[USE]], %{{.*}}
  // CHECK: hopper.wait %[[K_FULL]][%[[USE]]]
  // CHECK: %[[S0:.*]] = hopper.wgmma %[[QS]] rows(%[[ROW]]), %[[KS]][%[[USE]]] transpose inner 128
  // CHECK: hopper.commit
  // CHECK: %[[T0:.*]] = hopper.wgmma %[[RS]] rows(%[[ROW]]), %[[KS]][%[[USE]]] transpose inner 128
  // CHECK: hopper.commit
  // CHECK: %[[S:.*]] = hopper.wait_group pending 1 %[[S0]] :
  // CHECK-NOT: hopper.arrive
  // CHECK: %[[X:.*]] = hopper.mask %{{.*}} at(%[[ROW]], %[[TOKEN]], %[[KEY]])
  // CHECK: hopper.reduce max %[[X]]
  // CHECK: %[[P1:.*]] = hopper.pack
  // CHECK: hopper.unpack %[[P1]]
  // k's stage is handed back when T has landed too.
  // CHECK: hopper.wait_group pending 0 %[[T0]] :
  // CHECK-NEXT: hopper.arrive %[[K_EMPTY]][%[[USE]]]
  // CHECK: %[[P2:.*]] = hopper.pack
  // CHECK: %[[V_NEXT:.*]] = arith.addi %[[V_USE]], %{{.*}}
  // CHECK: hopper.wait %[[V_FULL]][%[[V_USE]]]
  // The fragments keep their registers until the products have landed.
  // Accumulators are multiplied by factors that most often are 1.
  // CHECK: %[[R1:.*]] = hopper.rescale %{{.*}} by %[[ALPHA:.*]] :
  // CHECK: %[[O1:.*]] = hopper.wgmma %[[P1]], %[[VS]][%[[V_USE]]] into %[[R1]] inner 64
  // CHECK: %[[R2:.*]] = hopper.rescale %{{.*}} by %[[ALPHA]] :
  // CHECK: %[[O2:.*]] = hopper.wgmma %[[P2]], %[[VS]][%[[V_USE]]] into %[[R2]] inner 64
  // CHECK: %{{.*}}:4 = hopper.wait_group pending 0 %[[O1]], %[[P1]], %[[O2]], %[[P2]] :
  // CHECK-NEXT: hopper.arrive %[[V_EMPTY]][%[[V_USE]]]
  // CHECK: scf.yield {{.*}}, %[[NEXT]], %[[V_NEXT]] :

  // The output goes through the consumer's own rows of q.
  // CHECK: %[[FIRST:.*]] = arith.addi %[[TOKEN]], %[[ROW]]
  // CHECK: hopper.store_fragment %{{.*}}, %[[QS]] rows(%[[ROW]])
  // CHECK-NEXT: hopper.fence_async
  // CHECK-NEXT: hopper.warpgroup_barrier
  // CHECK-NEXT: hopper.tma_store %[[QS]] rows(%[[ROW]]), %[[O]][%{{.*}}, %[[HEAD]], %[[FIRST]], %[[BATCH]]] box [1, 64] columns 128
  // CHECK-NOT: tile.
  parallax.forward ins(%q, %r, %k, %v : !t, !t, !t, !t) outs(%o : !t)
    scale(%scale) mask(none)
  return
}
