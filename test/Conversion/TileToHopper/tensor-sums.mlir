// Tensor cores sum the rounded weights themselves, before a product may take
// their registers; nobody unpacks them. A head of 72 has 80 columns of o.
//
// RUN: parallax-opt %s --problem-to-tile --canonicalize --cse --tile-to-hopper | FileCheck %s

#schedule = {rows = 64, keys = 64, consumers = 1, stages = 2, tensor_sums = 1}
!t = memref<?x?x?x72xbf16, strided<[?, ?, ?, 1]>>

// CHECK-LABEL: func.func @sums
// CHECK: consumers(1)
// CHECK-NOT: hopper.unpack
// CHECK: %[[P1:.*]] = hopper.pack
// CHECK-NOT: hopper.unpack
// CHECK: %[[P2:.*]] = hopper.pack
// CHECK-NOT: hopper.unpack
// CHECK: %[[S1:.*]] = hopper.reduce add %[[P1]] : tensor<64x64xbf16, #hopper.operand_a> -> tensor<64xf32, #hopper.row>
// CHECK: arith.addf %{{.*}}, %[[S1]] : tensor<64xf32, #hopper.row>
// CHECK: %[[S2:.*]] = hopper.reduce add %[[P2]] :
// CHECK: arith.addf %{{.*}}, %[[S2]] :
// CHECK: hopper.wgmma %[[P1]], {{.*}} -> tensor<64x80xf32, #hopper.acc>
// CHECK: hopper.wgmma %[[P2]], {{.*}} -> tensor<64x80xf32, #hopper.acc>
// CHECK-NOT: hopper.unpack
// CHECK: hopper.store_fragment
func.func @sums(%q: !t, %r: !t, %k: !t, %v: !t, %o: !t, %scale: f32)
    attributes {parallax.schedule = #schedule} {
  parallax.forward ins(%q, %r, %k, %v : !t, !t, !t, !t) outs(%o : !t)
    scale(%scale) mask(none)
  return
}
