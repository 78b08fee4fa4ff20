// Decode: the key length is read from memory, the query heads that share a key
// head are packed into the rows.
//
// RUN: parallax-opt %s --problem-to-tile | FileCheck %s

#schedule = {rows = 64, keys = 64, packed_heads = 4}
#seven = {rows = 64, keys = 64, packed_heads = 7}

!q1 = memref<?x?x?x128xbf16, strided<[?, ?, ?, 1]>>

// CHECK-LABEL: func.func @decode
// CHECK-SAME: %[[Q:[^:]*]]: memref
// CHECK-SAME: %[[K:[^:]*]]: {{[^{]*}} {tile.operand = "k"}
// CHECK-SAME: %[[USED:[^:]*]]: memref<?xi32> {tile.operand = "used_lengths"}
func.func @decode(%q: !q1, %r: !q1, %k: !q1, %v: !q1, %o: !q1,
                  %used: memref<?xi32>, %scale: f32)
    attributes {parallax.schedule = #schedule} {
  // CHECK: %[[TILE:.*]], %[[ID:.*]], %[[BATCH:.*]] = tile.program_id
  // A tile is 64 / 4 tokens of 4 heads.
  // CHECK: %[[C16:.*]] = arith.constant 16 : index
  // CHECK: %[[TOKEN:.*]] = arith.muli %[[TILE]], %[[C16]]
  // CHECK: %[[C4:.*]] = arith.constant 4 : index
  // CHECK: %[[HEAD:.*]] = arith.muli %[[ID]], %[[C4]]
  // CHECK: %[[TIMES:.*]] = arith.muli %[[HEAD]], %{{.*}}
  // CHECK: %[[KEY_HEAD:.*]] = arith.divui %[[TIMES]], %{{.*}}
  // CHECK: %[[LQ:.*]] = memref.dim %[[Q]], %{{c1.*}} :
  // CHECK: %[[LK:.*]] = memref.dim %[[K]], %{{c1.*}} :
  // The used length is clamped to [0, the cache's].
  // CHECK: %[[U32:.*]] = memref.load %[[USED]][%[[BATCH]]]
  // CHECK: %[[U:.*]] = arith.index_cast %[[U32]] : i32 to index
  // CHECK: %[[U0:.*]] = arith.maxsi %[[U]], %{{c0.*}} :
  // CHECK: %[[LENGTH:.*]] = arith.minsi %[[U0]], %[[LK]]
  // CHECK: %[[SHIFT:.*]] = arith.subi %[[LENGTH]], %[[LQ]]
  // CHECK: tile.load %[[Q]][%[[BATCH]], %[[TOKEN]], %[[HEAD]]] heads 4 :
  // CHECK: %[[C15:.*]] = arith.constant 15 : index
  // CHECK: arith.addi %[[TOKEN]], %[[C15]]
  // CHECK: scf.for %[[J:[^ ]*]] =
  // CHECK: tile.load %[[K]][%[[BATCH]], %[[J]], %[[KEY_HEAD]]] limit(%[[LENGTH]]) :
  // CHECK: tile.mask %{{.*}} at(%[[TOKEN]], %[[J]]) length(%[[LENGTH]]) causal(%[[SHIFT]]) heads 4 :
  // CHECK: tile.load %{{.*}}[%[[BATCH]], %[[J]], %[[KEY_HEAD]]] limit(%[[LENGTH]]) :
  // CHECK: tile.store %{{.*}}[%[[BATCH]], %[[TOKEN]], %[[HEAD]]] heads 4 :
  parallax.decode ins(%q, %r, %k, %v : !q1, !q1, !q1, !q1) outs(%o : !q1)
    scale(%scale) mask(causal) used_lengths(%used : memref<?xi32>)
  return
}

// Without used lengths the cache is full: loads have no limit.
// CHECK-LABEL: func.func @full
func.func @full(%q: !q1, %r: !q1, %k: !q1, %v: !q1, %o: !q1, %scale: f32)
    attributes {parallax.schedule = #schedule} {
  // CHECK-NOT: limit
  // CHECK: return
  parallax.decode ins(%q, %r, %k, %v : !q1, !q1, !q1, !q1) outs(%o : !q1)
    scale(%scale) mask(none)
  return
}

// 7 heads don't divide 64 rows: 9 tokens fill 63 of them.
// CHECK-LABEL: func.func @seven
func.func @seven(%q: !q1, %r: !q1, %k: !q1, %v: !q1, %o: !q1, %scale: f32)
    attributes {parallax.schedule = #seven} {
  // CHECK: %[[TILE:.*]], %[[ID:.*]], %[[BATCH:.*]] = tile.program_id
  // CHECK: %[[C9:.*]] = arith.constant 9 : index
  // CHECK: %[[TOKEN:.*]] = arith.muli %[[TILE]], %[[C9]]
  // CHECK: tile.load %{{.*}} heads 7 : {{.*}} -> tensor<64x128xbf16>
  // CHECK: tile.mask %{{.*}} heads 7 :
  // CHECK: tile.store %{{.*}} heads 7 :
  parallax.decode ins(%q, %r, %k, %v : !q1, !q1, !q1, !q1) outs(%o : !q1)
    scale(%scale) mask(causal)
  return
}
