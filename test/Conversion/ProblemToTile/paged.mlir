// Paged decode: the key length is that of a row of the block table, and loads of
// keys and values go through it.
//
// RUN: parallax-opt %s --problem-to-tile | FileCheck %s
// RUN: parallax-opt %s --problem-to-tile --tile-peel-mask | FileCheck %s --check-prefix=PEELED

#schedule = {rows = 64, keys = 64, packed_heads = 4}

!q1 = memref<?x?x?x128xbf16, strided<[?, ?, ?, 1]>>
!pool = memref<?x16x?x128xbf16, strided<[?, ?, ?, 1]>>
!table = memref<?x?xi32, strided<[?, 1]>>

// CHECK-LABEL: func.func @paged
// CHECK-SAME: %[[K:[^:]*]]: {{[^{]*}} {tile.operand = "k"}
// CHECK-SAME: %[[V:[^:]*]]: {{[^{]*}} {tile.operand = "v"}
// CHECK-SAME: %[[TABLE:[^:]*]]: memref<?x?xi32, strided<[?, 1]>> {tile.operand = "block_table"}
func.func @paged(%q: !q1, %r: !q1, %k: !pool, %v: !pool, %o: !q1,
                 %used: memref<?xi32>, %table: !table, %scale: f32)
    attributes {parallax.schedule = #schedule} {
  // CHECK: %[[ENTRIES:.*]] = memref.dim %[[TABLE]], %c1{{.*}} : memref<?x?xi32
  // CHECK: %[[C16:.*]] = arith.constant 16 : index
  // CHECK: %[[LK:.*]] = arith.muli %[[ENTRIES]], %[[C16]]
  // CHECK: %[[LENGTH:.*]] = arith.minsi %{{.*}}, %[[LK]]
  // CHECK: scf.for %[[J:[^ ]*]] =
  // CHECK: tile.load %[[K]][%{{.*}}, %[[J]], %{{.*}}] limit(%[[LENGTH]]) table(%[[TABLE]] : memref<?x?xi32, strided<[?, 1]>>) :
  // CHECK: tile.load %[[V]][%{{.*}}, %[[J]], %{{.*}}] limit(%[[LENGTH]]) table(%[[TABLE]] : memref<?x?xi32, strided<[?, 1]>>) :
  // Full tiles keep their limit: entries behind it are not to be looked at.
  // PEELED: scf.for
  // PEELED: tile.load {{.*}} limit({{.*}}) table(
  // PEELED: scf.for
  // PEELED: tile.load {{.*}} limit({{.*}}) table(
  parallax.decode ins(%q, %r, %k, %v : !q1, !q1, !pool, !pool) outs(%o : !q1)
    scale(%scale) mask(causal) used_lengths(%used : memref<?xi32>)
    block_table(%table : !table)
  return
}

// Without used lengths every row of the table is full.
// CHECK-LABEL: func.func @full
func.func @full(%q: !q1, %r: !q1, %k: !pool, %v: !pool, %o: !q1,
                %table: !table, %scale: f32)
    attributes {parallax.schedule = #schedule} {
  // CHECK-NOT: limit
  // CHECK: return
  parallax.decode ins(%q, %r, %k, %v : !q1, !q1, !pool, !pool) outs(%o : !q1)
    scale(%scale) mask(none) block_table(%table : !table)
  return
}
