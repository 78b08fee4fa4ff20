// Rotated loops, and two consumers that take turns at their products.
//
// RUN: parallax-opt %s --problem-to-tile --canonicalize --cse \
// RUN:   --tile-overlap-products --canonicalize --cse \
// RUN:   --tile-to-hopper --split-input-file | FileCheck %s

!t = memref<?x?x?x128xbf16, strided<[?, ?, ?, 1]>>

// CHECK-LABEL: func.func @overlap
func.func @overlap(%q: !t, %r: !t, %k: !t, %v: !t, %o: !t, %scale: f32)
    attributes {parallax.schedule = {rows = 128, keys = 64, consumers = 2,
                                     overlap = 2, ping_pong = 1}} {
  // CHECK: %[[KS:.*]] = hopper.alloc : !hopper.smem<2x64x128xbf16>
  // CHECK-NEXT: %[[K_FULL:.*]] = hopper.barriers
  // CHECK-NEXT: %[[K_EMPTY:.*]] = hopper.barriers
  // CHECK: %[[VS:.*]] = hopper.alloc : !hopper.smem<2x64x128xbf16>
  // CHECK-NEXT: %[[V_FULL:.*]] = hopper.barriers
  // CHECK-NEXT: %[[V_EMPTY:.*]] = hopper.barriers

  // The producer is one key tile ahead: k before the loop, v behind it. Each
  // ring counts its own uses.
  // CHECK: hopper.roles
  // CHECK: %[[K1:.*]] = arith.addi %[[K0:.*]], %{{.*}} : i32
  // CHECK: hopper.wait %[[K_EMPTY]][%[[K0]]] lag 1
  // CHECK: hopper.tma_load %{{.*}}, %[[KS]][%[[K0]]], %[[K_FULL]][%[[K0]]]
  // CHECK-NOT: hopper.tma_load
  // CHECK: %[[USES:.*]]:2 = scf.for %[[J:[^ ]*]] = {{.*}} iter_args(%[[KU:[^ ]*]] = %[[K1]], %[[VU:[^ ]*]] = %{{[^ ]*}})
  // CHECK: %[[BEFORE:.*]] = arith.subi %[[J]],
  // CHECK: hopper.wait %[[K_EMPTY]][%[[KU]]] lag 1
  // CHECK: hopper.tma_load %{{[^[]*}}[{{.*}}, %[[J]], %{{[^ ]*}}], %[[KS]][%[[KU]]], %[[K_FULL]][%[[KU]]]
  // CHECK: hopper.wait %[[V_EMPTY]][%[[VU]]] lag 1
  // CHECK: hopper.tma_load %{{[^[]*}}[{{.*}}, %[[BEFORE]], %{{[^ ]*}}], %[[VS]][%[[VU]]], %[[V_FULL]][%[[VU]]]
  // CHECK: scf.yield
  // CHECK: hopper.wait %[[V_EMPTY]][%[[USES]]#1] lag 1
  // CHECK: hopper.tma_load %{{.*}}, %[[VS]][%[[USES]]#1], %[[V_FULL]][%[[USES]]#1]

  // Consumer 0 has the first turn: the other says so.
  // CHECK: consumers(2)
  // CHECK-NEXT: ^bb0(%[[ME:.*]]: i32):
  // CHECK: hopper.wgmma %{{.*}}, %[[KS]]
  // CHECK: hopper.wgmma %{{.*}}, %[[KS]]
  // CHECK-NOT: hopper.named_
  // CHECK: %[[IS_OTHER:.*]] = arith.cmpi ne, %[[ME]], %[[ZERO:.*]] :
  // CHECK-NEXT: scf.if %[[IS_OTHER]] {
  // CHECK-NEXT: hopper.named_arrive %[[ZERO]] threads 256
  // CHECK-NEXT: }

  // A turn has the next scores and this tile's products, and ends once they are
  // started; T is no part of it, as it needs the fragments' registers.
  // CHECK: %[[LOOP:.*]]:10 = scf.for
  // CHECK: %[[P1:.*]] = hopper.pack
  // CHECK: %[[P2:.*]] = hopper.pack
  // CHECK-NOT: hopper.wgmma
  // CHECK: hopper.named_sync %[[ME]] threads 256
  // CHECK-NEXT: %[[S:.*]] = hopper.wgmma %{{.*}}, %[[KS]][%[[KU:.*]]] transpose
  // CHECK: hopper.rescale
  // CHECK: %[[O1:.*]] = hopper.wgmma %[[P1]], %[[VS]][%[[VU:.*]]] into
  // CHECK: hopper.rescale
  // CHECK: %[[O2:.*]] = hopper.wgmma %[[P2]], %[[VS]][%[[VU]]] into
  // CHECK-NEXT: hopper.commit
  // CHECK: %[[OTHER:.*]] = arith.subi %{{.*}}, %[[ME]]
  // CHECK-NEXT: hopper.named_arrive %[[OTHER]] threads 256
  // The softmax runs while both products are in flight.
  // CHECK-NEXT: %{{.*}} = hopper.wait_group pending 2 %[[S]]
  // CHECK-NOT: hopper.wait_group
  // CHECK: math.exp2 %{{.*}} : tensor<64x64xf32, #hopper.acc>
  // CHECK-NEXT: %{{.*}} = hopper.wait_group pending 0 %[[O1]], %[[P1]], %[[O2]], %[[P2]]
  // CHECK-NEXT: hopper.arrive %[[V_EMPTY]][%[[VU]]]
  // CHECK-NEXT: %[[T:.*]] = hopper.wgmma %{{.*}}, %[[KS]][%[[KU]]] transpose
  // CHECK: hopper.wait_group pending 0 %[[T]]
  // CHECK-NEXT: hopper.arrive %[[K_EMPTY]][%[[KU]]]
  // CHECK: scf.yield

  // The last product waits for no turn, and its factor for no vote.
  // CHECK-NOT: hopper.named_
  // CHECK-NOT: hopper.rescale
  // CHECK: hopper.wgmma %{{.*}}, %[[VS]][%[[LOOP]]#9] into
  // CHECK: hopper.arrive %[[V_EMPTY]][%[[LOOP]]#9]
  // CHECK: hopper.store_fragment
  parallax.forward ins(%q, %r, %k, %v : !t, !t, !t, !t) outs(%o : !t)
    scale(%scale) mask(causal)
  return
}

// -----
!t = memref<?x?x?x128xbf16, strided<[?, ?, ?, 1]>>

// If nothing overlaps a turn has the scores only, S and T.
// CHECK-LABEL: func.func @scores
func.func @scores(%q: !t, %r: !t, %k: !t, %v: !t, %o: !t, %scale: f32)
    attributes {parallax.schedule = {rows = 128, keys = 64, consumers = 2,
                                     ping_pong = 1}} {
  // CHECK: scf.if
  // CHECK-NEXT: hopper.named_arrive
  // CHECK: scf.for
  // CHECK: hopper.named_sync
  // CHECK-NEXT: %{{.*}} = hopper.wgmma {{.*}} transpose
  // CHECK-NEXT: hopper.commit
  // CHECK-NEXT: %{{.*}} = hopper.wgmma {{.*}} transpose
  // CHECK-NEXT: hopper.commit
  // CHECK: hopper.named_arrive
  // CHECK-NOT: hopper.named_
  // CHECK: return
  parallax.forward ins(%q, %r, %k, %v : !t, !t, !t, !t) outs(%o : !t)
    scale(%scale) mask(none)
  return
}

// -----
!t = memref<?x?x?x128xbf16, strided<[?, ?, ?, 1]>>

// Consumers that take no turns have no barrier for them.
// CHECK-LABEL: func.func @no_turns
func.func @no_turns(%q: !t, %r: !t, %k: !t, %v: !t, %o: !t, %scale: f32)
    attributes {parallax.schedule = {rows = 128, keys = 64, consumers = 2,
                                     overlap = 1}} {
  // CHECK: hopper.roles
  // CHECK-NOT: hopper.named_
  // CHECK: return
  parallax.forward ins(%q, %r, %k, %v : !t, !t, !t, !t) outs(%o : !t)
    scale(%scale) mask(none)
  return
}
