// Two loops share the rings, whose uses each counts on; a ring of one stage has
// no index, but its barriers have a phase for each use.
//
// RUN: parallax-opt %s --problem-to-tile --canonicalize --cse \
// RUN:   --tile-peel-mask --canonicalize --cse \
// RUN:   --tile-to-hopper | FileCheck %s

#schedule = {rows = 64, keys = 64, consumers = 1, stages = 1}
!t = memref<?x?x?x64xbf16, strided<[?, ?, ?, 1]>>

// CHECK-LABEL: func.func @window
// CHECK-SAME: i32 {hopper.parameter = {kind = "window"}}
func.func @window(%q: !t, %r: !t, %k: !t, %v: !t, %o: !t, %scale: f32, %w: i32)
    attributes {parallax.schedule = #schedule} {
  // CHECK: hopper.alloc
  // CHECK: hopper.alloc
  // CHECK: %[[KS:.*]] = hopper.alloc : !hopper.smem<64x64xbf16>
  // CHECK-NEXT: %[[FULL:.*]] = hopper.barriers count 1 : !hopper.barrier<1>
  // CHECK-NEXT: %[[EMPTY:.*]] = hopper.barriers count 4 : !hopper.barrier<1>
  // CHECK-NEXT: hopper.alloc
  // CHECK: hopper.roles
  // CHECK: %[[USES:.*]]:2 = scf.for %{{.*}} = %{{.*}} to %[[MASKED:.*]] step %{{.*}} iter_args(%[[USE:.*]] = %{{.*}}, %{{.*}} = %{{.*}}) -> (i32, i32)
  // CHECK: hopper.wait %[[EMPTY]][%[[USE]]] lag 1
  // CHECK: hopper.expect %[[FULL]][%[[USE]]], 8192
  // CHECK: hopper.tma_load %{{.*}}], %[[KS]], %[[FULL]][%[[USE]]] box
  // CHECK: scf.for %{{.*}} = %{{.*}} to %[[COUNT:.*]] step %{{.*}} iter_args(%[[USE:.*]] = %[[USES]]#0, %{{.*}} = %[[USES]]#1) -> (i32, i32)
  // CHECK: hopper.wait %[[EMPTY]][%[[USE]]] lag 1
  // CHECK: hopper.expect %[[FULL]][%[[USE]]], 8192
  // CHECK: consumers(1)
  // CHECK: %[[LOOP:.*]]:7 = scf.for %{{[^ ]*}} = %{{.*}} to %[[MASKED]] step {{.*}} iter_args({{.*}}, %[[USE:[^ ]*]] = %{{[^ ]*}}, %{{[^ ]*}} = %{{[^ ]*}}) ->
  // CHECK: hopper.wait %[[FULL]][%[[USE]]] :
  // CHECK: hopper.mask %{{.*}} causal(%{{.*}}) window(%{{.*}}) :
  // CHECK: hopper.arrive %[[EMPTY]][%[[USE]]]
  // CHECK: scf.for %{{[^ ]*}} = %{{.*}} to %[[COUNT]] step {{.*}} iter_args({{.*}}, %[[USE:[^ ]*]] = %[[LOOP]]#5, %{{[^ ]*}} = %[[LOOP]]#6) ->
  // CHECK: hopper.wait %[[FULL]][%[[USE]]] :
  // CHECK-NOT: hopper.mask
  // CHECK: hopper.arrive %[[EMPTY]][%[[USE]]]
  // CHECK: hopper.store_fragment
  parallax.forward ins(%q, %r, %k, %v : !t, !t, !t, !t) outs(%o : !t)
    scale(%scale) mask(causal) window(%w)
  return
}
