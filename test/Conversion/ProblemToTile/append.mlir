// New keys and values become the last that a sequence uses, before anything is
// read of the cache. Positions come of the length as it is given; what may be
// written is what exists.
//
// RUN: parallax-opt %s --problem-to-tile | FileCheck %s

#schedule = {rows = 64, keys = 64, packed_heads = 4}

!q1 = memref<?x?x?x128xbf16, strided<[?, ?, ?, 1]>>
!pool = memref<?x16x?x128xbf16, strided<[?, ?, ?, 1]>>
!table = memref<?x?xi32, strided<[?, 1]>>

// CHECK-LABEL: func.func @append
// CHECK-SAME: %[[K:[^:]*]]: {{[^{]*}} {tile.operand = "k"}
// CHECK-SAME: %[[V:[^:]*]]: {{[^{]*}} {tile.operand = "v"}
// CHECK-SAME: %[[NEW_K:[^:]*]]: {{[^{]*}} {tile.operand = "new_k"}
// CHECK-SAME: %[[NEW_V:[^:]*]]: {{[^{]*}} {tile.operand = "new_v"}
func.func @append(%q: !q1, %r: !q1, %k: !pool, %v: !pool, %o: !q1,
                  %used: memref<?xi32>, %table: !table, %new_k: !q1, %new_v: !q1,
                  %scale: f32) attributes {parallax.schedule = #schedule} {
  // CHECK: %[[USED32:.*]] = memref.load
  // CHECK: %[[USED:.*]] = arith.index_cast %[[USED32]]
  // CHECK: %[[LENGTH:.*]] = arith.minsi
  // CHECK: %[[NEW:.*]] = memref.dim %[[NEW_K]], %c1
  // CHECK: %[[FIRST:.*]] = arith.subi %[[USED]], %[[NEW]]
  // CHECK: tile.append %[[NEW_K]], %[[K]][%{{.*}}, %[[FIRST]], %[[HEAD:.*]]] limit(%[[LENGTH]]) table(%{{.*}} :
  // CHECK: tile.append %[[NEW_V]], %[[V]][%{{.*}}, %[[FIRST]], %[[HEAD]]] limit(%[[LENGTH]]) table(
  // CHECK: scf.for
  // CHECK: tile.load %[[K]]
  parallax.decode ins(%q, %r, %k, %v : !q1, !q1, !pool, !pool) outs(%o : !q1)
    scale(%scale) mask(causal) used_lengths(%used : memref<?xi32>)
    block_table(%table : !table) append(%new_k, %new_v : !q1, !q1)
  return
}

// A full cache ends with them.
// CHECK-LABEL: func.func @full
// CHECK-SAME: %[[K:[^:]*]]: {{[^{]*}} {tile.operand = "k"}
// CHECK-SAME: %[[NEW_K:[^:]*]]: {{[^{]*}} {tile.operand = "new_k"}
// CHECK: %[[LENGTH:.*]] = memref.dim %[[K]], %c1{{.*}}
// CHECK: %[[NEW:.*]] = memref.dim %[[NEW_K]], %c1
// CHECK: arith.subi %[[LENGTH]], %[[NEW]]
// CHECK: tile.append {{.*}} limit(%[[LENGTH]]) :
func.func @full(%q: !q1, %r: !q1, %k: !q1, %v: !q1, %o: !q1, %new_k: !q1,
                %new_v: !q1, %scale: f32) attributes {parallax.schedule = #schedule} {
  parallax.decode ins(%q, %r, %k, %v : !q1, !q1, !q1, !q1) outs(%o : !q1)
    scale(%scale) mask(none) append(%new_k, %new_v : !q1, !q1)
  return
}
