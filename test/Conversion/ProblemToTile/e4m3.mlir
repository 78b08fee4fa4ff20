// A cache of 8 bits: its tiles are loaded as wider ones. The scale of a key is a
// factor of q.k and of r.k, that of a value one of o.
//
// RUN: parallax-opt %s --problem-to-tile --canonicalize --cse | FileCheck %s

#schedule = {rows = 4, keys = 32, packed_heads = 4}
!q = memref<2x1x8x64xbf16>
!k = memref<2x96x2x64xf8E4M3FN>

// CHECK-LABEL: func.func @scaled
// CHECK-SAME: %[[KS:[^:]*]]: memref<2xf32> {tile.operand = "k_scale"}
// CHECK-SAME: %[[VS:[^:]*]]: memref<2xf32> {tile.operand = "v_scale"}
func.func @scaled(%q: !q, %r: !q, %k: !k, %v: !k, %o: !q, %scale: f32, %k_scale: memref<2xf32>,
                  %v_scale: memref<2xf32>) attributes {parallax.schedule = #schedule} {
  // CHECK: %[[OF_SCORES:.*]] = arith.mulf %{{.*}}, %cst{{.*}} : f32
  // CHECK: %[[K_SCALE:.*]] = memref.load %[[KS]][%[[HEAD:.*]]]
  // CHECK: %[[BOTH:.*]] = arith.mulf %[[OF_SCORES]], %[[K_SCALE]] : f32
  // CHECK: %[[V_SCALE:.*]] = memref.load %[[VS]][%[[HEAD]]]
  // CHECK: scf.for
  // CHECK: tile.load %{{.*}} : memref<2x96x2x64xf8E4M3FN> -> tensor<32x64xbf16>
  // CHECK: %[[S1:.*]] = tile.dot
  // CHECK: %[[S2:.*]] = tile.dot
  // CHECK: %[[SPLAT:.*]] = tensor.splat %[[BOTH]]
  // CHECK: arith.mulf %[[S1]], %[[SPLAT]]
  // CHECK: %[[K_SPLAT:.*]] = tensor.splat %[[K_SCALE]]
  // CHECK: arith.mulf %[[S2]], %[[K_SPLAT]]
  // CHECK: scf.yield
  // CHECK: %[[V_SPLAT:.*]] = tensor.splat %[[V_SCALE]] : tensor<4xf32>
  // CHECK: arith.mulf %{{.*}}, %[[V_SPLAT]] : tensor<4xf32>
  parallax.decode ins(%q, %r, %k, %v : !q, !q, !k, !k) outs(%o : !q) scale(%scale) mask(none)
    k_scale(%k_scale : memref<2xf32>) v_scale(%v_scale : memref<2xf32>)
  return
}
