// A merge walks the parts, keeps the largest reference, and takes nothing of an
// empty part.
//
// RUN: parallax-opt %s --problem-to-tile | FileCheck %s

!wide = memref<?x?x?x64xf32>
!rows = memref<?x?x?xf32>
!parts = memref<?x?x?x?x64xf32>
!part_rows = memref<?x?x?x?xf32>

// CHECK-LABEL: func.func @merge
// CHECK-SAME: %[[O1:[^:]*]]: memref<?x?x?x?x64xf32> {tile.operand = "part_o1"}, %[[O2:[^:]*]]: memref<?x?x?x?x64xf32> {tile.operand = "part_o2"}
// CHECK-SAME: %[[M:[^:]*]]: memref<?x?x?x?xf32> {tile.operand = "part_m"}, %[[D1:[^:]*]]: memref<?x?x?x?xf32> {tile.operand = "part_d1"}, %[[D2:[^:]*]]: memref<?x?x?x?xf32> {tile.operand = "part_d2"}
// CHECK-SAME: {tile.operand = "o"}
// CHECK-SAME: {tile.operand = "state_o1"}
// CHECK-SAME: {tile.operand = "state_d2"}
func.func @merge(%o1: !parts, %o2: !parts, %m: !part_rows, %d1: !part_rows,
                 %d2: !part_rows, %o: memref<?x?x?x64xbf16>, %s1: !wide, %s2: !wide,
                 %sm: !rows, %sd1: !rows, %sd2: !rows)
    attributes {parallax.schedule = {rows = 4, keys = 1}} {
  // CHECK: %[[TILE:.*]], %[[HEAD:.*]], %[[BATCH:.*]] = tile.program_id
  // CHECK: %[[TOKEN:.*]] = arith.muli %[[TILE]], %c4
  // CHECK: %[[PARTS:.*]] = memref.dim %[[O1]], %c0
  // CHECK: %[[LOWEST:.*]] = arith.constant dense<-3.40282347E+38>
  // CHECK: %[[R:.*]]:5 = scf.for %[[N:.*]] = %c0{{.*}} to %[[PARTS]] step %c1{{.*}} iter_args(%[[OLD:.*]] = %[[LOWEST]],
  // CHECK: %[[PM:.*]] = tile.load %[[M]]
  // CHECK: %[[PD1:.*]] = tile.load %[[D1]][%[[BATCH]], %[[TOKEN]], %{{.*}}] part(%{{.*}}) :
  // CHECK: tile.load %[[O1]]{{.*}} part(%{{.*}}) : memref<?x?x?x?x64xf32> -> tensor<4x64xf32>
  // CHECK: %[[COUNTS:.*]] = arith.cmpf ogt, %[[PD1]], %{{.*}} : tensor<4xf32>
  // CHECK: %[[REFERENCE:.*]] = arith.select %[[COUNTS]], %[[PM]], %[[OLD]]
  // CHECK: %[[NEW:.*]] = arith.maximumf %[[OLD]], %[[REFERENCE]]
  // CHECK: arith.subf %[[OLD]], %[[NEW]]
  // CHECK: arith.subf %[[PM]], %[[NEW]]
  // CHECK: scf.yield %[[NEW]],
  // CHECK: tile.store %[[R]]#3
  // CHECK: tile.store %[[R]]#4
  // CHECK: tile.store %[[R]]#0
  // CHECK: tile.store %[[R]]#1
  // CHECK: tile.store %[[R]]#2
  // CHECK: tile.store {{.*}} tensor<4x64xbf16>, memref<?x?x?x64xbf16>
  parallax.merge ins(%o1, %o2, %m, %d1, %d2 : !parts, !parts, !part_rows,
      !part_rows, !part_rows) outs(%o : memref<?x?x?x64xbf16>)
    state(%s1, %s2, %sm, %sd1, %sd2 : !wide, !wide, !rows, !rows, !rows)
  return
}

!q = memref<?x?x?x64xbf16, strided<[?, ?, ?, 1]>>

// A state is what the loop leaves, whatever reference that is relative to.
// CHECK-LABEL: func.func @state
// CHECK: %[[R:.*]]:5 = scf.for
// CHECK: scf.yield
// CHECK-NOT: truncf
// CHECK: tile.store %[[R]]#3, {{.*}} heads 2 : tensor<8x64xf32>
// CHECK: tile.store %[[R]]#4
// CHECK: tile.store %[[R]]#0
// CHECK: tile.store %[[R]]#1
// CHECK: tile.store %[[R]]#2
func.func @state(%q: !q, %r: !q, %k: !q, %v: !q, %scale: f32, %s1: !wide, %s2: !wide,
                 %sm: !rows, %sd1: !rows, %sd2: !rows)
    attributes {parallax.schedule = {rows = 8, keys = 16, packed_heads = 2, rescale_lag = 8}} {
  parallax.decode ins(%q, %r, %k, %v : !q, !q, !q, !q) scale(%scale) mask(none)
    state(%s1, %s2, %sm, %sd1, %sd2 : !wide, !wide, !rows, !rows, !rows)
  return
}
