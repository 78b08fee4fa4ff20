// Persistent CTAs: each role walks the tiles that its CTA takes.
//
// RUN: parallax-opt %s --problem-to-tile --canonicalize --cse \
// RUN:   --tile-overlap-products --canonicalize --cse \
// RUN:   --tile-to-hopper --canonicalize --cse --split-input-file | FileCheck %s

!t = memref<?x?x?x128xbf16, strided<[?, ?, ?, 1]>>

// CHECK-LABEL: func.func @rows
// CHECK-SAME: %[[TILES:[^ :]*]]: i32 {hopper.parameter = {dim = 0 : i64, kind = "grid_size"}}
// CHECK-SAME: %[[HEADS:[^ :]*]]: i32 {hopper.parameter = {dim = 1 : i64, kind = "grid_size"}}
// CHECK-SAME: %[[BATCHES:[^ :]*]]: i32 {hopper.parameter = {dim = 2 : i64, kind = "grid_size"}}
// CHECK-SAME: %[[CTAS:[^ :]*]]: i32 {hopper.parameter = {dim = 4 : i64, kind = "grid_size"}}
// CHECK-SAME: %[[SECTION:[^ :]*]]: i32 {hopper.parameter = {dim = 5 : i64, kind = "grid_size"}}
// CHECK-SAME: {hopper.parameter = {dim = 6 : i64, kind = "grid_size"}}
// CHECK-SAME: hopper.persistent_ctas = 1
func.func @rows(%q: !t, %r: !t, %k: !t, %v: !t, %o: !t, %scale: f32)
    attributes {parallax.schedule = {rows = 128, keys = 64, consumers = 2,
                                     overlap = 2, ping_pong = 1,
                                     persistent = 1}} {
  // How many tiles: a round more if there is one left at this CTA's place.
  // CHECK: %[[CTA:.*]] = hopper.cta_id
  // CHECK: %[[ROUNDS:.*]] = arith.divui %[[ALL:.*]], %[[CTAS]]
  // CHECK-NEXT: %[[ODD:.*]] = arith.andi %[[ROUNDS]],
  // CHECK-NEXT: %[[FLIPS:.*]] = arith.subi %{{.*}}, %[[ODD]]
  // CHECK-NEXT: %[[NEXT:.*]] = arith.addi %[[ROUNDS]], %[[ODD]]
  // CHECK-NEXT: %[[BEGIN:.*]] = arith.muli %[[NEXT]], %[[CTAS]]
  // CHECK-NEXT: %[[PLACE:.*]] = arith.xori %[[CTA]], %[[FLIPS]]
  // CHECK-NEXT: %[[INDEX:.*]] = arith.addi %[[BEGIN]], %[[PLACE]]
  // CHECK-NEXT: %[[ONE:.*]] = arith.cmpi ult, %[[INDEX]], %[[ALL]]
  // CHECK: %[[COUNT:.*]] = arith.addi %[[ROUNDS]],

  // q and r have two buffers.
  // CHECK: %[[FULL:.*]] = hopper.barriers count 1 : !hopper.barrier<2>
  // CHECK-NEXT: %[[EMPTY:.*]] = hopper.barriers count 8 : !hopper.barrier<2>
  // CHECK-NEXT: hopper.alloc : !hopper.smem<2x8x64xbf16>
  // CHECK-NEXT: %[[Q:.*]] = hopper.alloc : !hopper.smem<2x128x128xbf16>
  // CHECK-NEXT: %[[R:.*]] = hopper.alloc : !hopper.smem<2x128x128xbf16>

  // Uses of the rings go from tile to tile.
  // CHECK: hopper.roles
  // CHECK: %{{.*}} = scf.for %[[N:[^ ]*]] = %{{.*}} to %[[COUNT]] {{.*}} iter_args(%[[U:[^ ]*]] = %{{[^ ]*}})
  // CHECK: arith.andi %[[N]],
  // CHECK: arith.xori %[[CTA]],
  // CHECK: hopper.wait %[[EMPTY]][%[[N]]] lag 1
  // CHECK-NEXT: hopper.put_scalar %[[HEAD:[^,]*]], %[[BOARD:.*]][%[[N]]] at 1
  // CHECK-NEXT: hopper.put_scalar %[[BATCH:[^,]*]], %[[BOARD]][%[[N]]] at 2
  // CHECK-NEXT: hopper.put_scalar %[[TOKEN:[^,]*]], %[[BOARD]][%[[N]]] at 3
  // CHECK-NEXT: hopper.put_scalar %[[END:[^,]*]], %[[BOARD]][%[[N]]] at 11
  // CHECK-NEXT: hopper.expect %[[FULL]][%[[N]]], 65536
  // CHECK-NEXT: hopper.tma_load %{{.*}}, %[[Q]][%[[N]]], %[[FULL]][%[[N]]]
  // CHECK-NEXT: hopper.tma_load %{{.*}}, %[[R]][%[[N]]], %[[FULL]][%[[N]]]
  // CHECK: hopper.wait %{{.*}}[%[[U]]] lag 1
  // CHECK: %[[RING:.*]]:2 = scf.for %{{.*}} iter_args(%{{[^ ]*}} = %{{[^ ]*}}, %{{[^ ]*}} = %[[U]])
  // CHECK: scf.yield %[[RING]]#0 : i32

  // Turns begin once.
  // CHECK: consumers(2)
  // CHECK: hopper.named_arrive
  // CHECK: %{{.*}} = scf.for %[[N:[^ ]*]] = %{{.*}} to %[[COUNT]] {{.*}} iter_args(%[[U:[^ ]*]] = %{{[^ ]*}})
  // CHECK: hopper.wait %[[FULL]][%[[N]]] :
  // CHECK-NEXT: hopper.get_scalar %[[BOARD]][%[[N]]] at 3
  // CHECK-NEXT: hopper.get_scalar %[[BOARD]][%[[N]]] at 11
  // CHECK-NOT: hopper.get_scalar
  // CHECK: hopper.wait %{{.*}}[%[[U]]] :
  // CHECK-NOT: hopper.named_
  // CHECK: hopper.wgmma %[[Q]][%[[N]]] rows
  // CHECK-NOT: hopper.named_
  // CHECK: hopper.wgmma %[[R]][%[[N]]] rows
  // CHECK-NOT: hopper.named_
  // CHECK: hopper.named_sync
  // CHECK: %[[HEAD:.*]] = hopper.get_scalar %[[BOARD]][%[[N]]] at 1
  // CHECK-NEXT: %[[BATCH:.*]] = hopper.get_scalar %[[BOARD]][%[[N]]] at 2
  // CHECK-NEXT: hopper.get_scalar %[[BOARD]][%[[N]]] at 3
  // CHECK: hopper.store_fragment %{{.*}}, %[[Q]][%[[N]]] rows
  // CHECK: hopper.tma_store %[[Q]][%[[N]]] rows{{.*}}, %{{[^[]*}}[%{{.*}}, %[[HEAD]], %{{.*}}, %[[BATCH]]]
  // CHECK-NEXT: hopper.warpgroup_barrier
  // CHECK-NEXT: hopper.arrive %[[EMPTY]][%[[N]]]
  // CHECK-NEXT: scf.yield
  parallax.forward ins(%q, %r, %k, %v : !t, !t, !t, !t) outs(%o : !t)
    scale(%scale) mask(causal)
  return
}

// -----
!t = memref<?x?x?x192xbf16, strided<[?, ?, ?, 1]>>

// CHECK-LABEL: func.func @products
func.func @products(%q: !t, %r: !t, %k: !t, %v: !t, %o: !t, %scale: f32)
    attributes {parallax.schedule = {rows = 64, keys = 64, consumers = 2,
                                     partition = 1, persistent = 1}} {
  // CHECK: %[[EMPTY:.*]] = hopper.barriers count 8 : !hopper.barrier<1>
  // CHECK-NEXT: hopper.alloc : !hopper.smem<8x64xbf16>
  // CHECK-NEXT: hopper.alloc : !hopper.smem<64x192xbf16>
  // CHECK: consumers(2)

  // Messages are counted from tile to tile.
  // CHECK: scf.if
  // CHECK: scf.for %[[N:[^ ]*]] = {{.*}} -> (i32, i32)
  // CHECK: hopper.put
  // CHECK: hopper.tma_store
  // CHECK-NEXT: hopper.warpgroup_barrier
  // CHECK-NEXT: hopper.arrive %[[EMPTY]][%[[N]]]
  // CHECK: } else {

  // Keys come again where O2 was put when it has been read, and written by this
  // consumer.
  // CHECK: hopper.named_arrive
  // CHECK-NEXT: hopper.named_arrive
  // CHECK: scf.for %[[N:[^ ]*]] = {{.*}} -> (i32, i32)
  // CHECK: hopper.put %{{.*}} : tensor<64x192xf32, #hopper.acc>
  // CHECK-NEXT: hopper.named_arrive
  // CHECK-NEXT: hopper.fence_async
  // CHECK-NEXT: hopper.warpgroup_barrier
  // CHECK-NEXT: hopper.arrive %[[EMPTY]][%[[N]]]
  parallax.forward ins(%q, %r, %k, %v : !t, !t, !t, !t) outs(%o : !t)
    scale(%scale) mask(causal)
  return
}
