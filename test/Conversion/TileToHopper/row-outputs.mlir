// Values of a row are written by the consumer that holds the row: at
// (batch * length + token) * heads + head.
//
// RUN: parallax-opt %s --problem-to-tile --canonicalize --cse \
// RUN:   --tile-to-hopper | FileCheck %s

#schedule = {rows = 128, keys = 64, consumers = 2}
!t = memref<?x?x?x128xbf16, strided<[?, ?, ?, 1]>>
!rows = memref<?x?x?xf32>

// CHECK-LABEL: func.func @forward
// CHECK-SAME: %[[LENGTH:[^:]*]]: i32 {hopper.parameter = {dim = 1 : i64, kind = "size", operand = "row_max"}}
// CHECK-SAME: %[[HEADS:[^:]*]]: i32 {hopper.parameter = {dim = 2 : i64, kind = "size", operand = "row_max"}}
// CHECK-SAME: %[[MAX:[^:]*]]: !llvm.ptr<1> {hopper.parameter = {kind = "pointer", operand = "row_max"}}
// CHECK-SAME: %[[TBAR:[^:]*]]: !llvm.ptr<1> {hopper.parameter = {kind = "pointer", operand = "tbar"}}
func.func @forward(%q: !t, %r: !t, %k: !t, %v: !t, %o: !t, %scale: f32,
                   %max: !rows, %tbar: !rows)
    attributes {parallax.schedule = #schedule} {
  // CHECK: %[[ROW:.*]] = arith.muli %{{.*}}, %c64
  // CHECK: hopper.tma_store
  // CHECK: %[[ONE:.*]] = arith.constant 1 : i64
  // CHECK: %[[B:.*]] = arith.extsi %{{.*}} : i32 to i64
  // CHECK: %[[H:.*]] = arith.extsi %[[HEADS]] : i32 to i64
  // CHECK: %[[L:.*]] = arith.extsi %[[LENGTH]] : i32 to i64
  // CHECK: %[[BL:.*]] = arith.muli %[[B]], %[[L]]
  // CHECK: %[[BLH:.*]] = arith.muli %[[BL]], %[[H]]
  // CHECK: %[[HEAD:.*]] = arith.extsi
  // CHECK: %[[ROW0:.*]] = arith.addi %[[BLH]], %[[HEAD]]
  // CHECK: %[[BASE:.*]] = arith.muli %[[ROW0]], %[[ONE]]
  // CHECK: %[[STRIDE:.*]] = arith.muli %[[H]], %[[ONE]]
  // CHECK: hopper.store_rows %{{.*}}, %[[MAX]][%[[BASE]], %[[STRIDE]], %[[ONE]]] at(%[[ROW]], %{{.*}}) length(%{{.*}}) rows 128
  // CHECK: hopper.store_rows %{{.*}}, %[[TBAR]][
  parallax.forward ins(%q, %r, %k, %v : !t, !t, !t, !t) outs(%o : !t)
    scale(%scale) mask(none) row_max(%max : !rows) tbar(%tbar : !rows)
  return
}
