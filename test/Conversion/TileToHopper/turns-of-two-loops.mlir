// In two loops consumers go on taking turns: consumer 0 is given its first turn
// once, as the last turn of consumer 1 ends with one of consumer 0.
//
// RUN: parallax-opt %s --problem-to-tile --canonicalize --cse \
// RUN:   --tile-peel-mask --canonicalize --cse \
// RUN:   --tile-to-hopper | FileCheck %s

!t = memref<?x?x?x64xbf16, strided<[?, ?, ?, 1]>>

// CHECK: consumers(2)
// CHECK: scf.if
// CHECK-NEXT: hopper.named_arrive
// CHECK: scf.for
// CHECK: hopper.named_sync
// CHECK-NEXT: %{{.*}} = hopper.wgmma
// CHECK: hopper.named_arrive
// CHECK: scf.yield
// CHECK-NOT: hopper.named_
// CHECK: scf.for
// CHECK: hopper.named_sync
// CHECK-NEXT: %{{.*}} = hopper.wgmma
// CHECK: hopper.named_arrive
// CHECK-NOT: hopper.named_
// CHECK: return
func.func @f(%q: !t, %r: !t, %k: !t, %v: !t, %o: !t, %scale: f32)
    attributes {parallax.schedule = {rows = 128, keys = 64, consumers = 2,
                                     ping_pong = 1}} {
  parallax.forward ins(%q, %r, %k, %v : !t, !t, !t, !t) outs(%o : !t)
    scale(%scale) mask(causal)
  return
}
