// New tokens are copied before the roles start, into pages or not.
//
// RUN: parallax-opt %s --problem-to-tile --canonicalize --cse \
// RUN:   --tile-to-hopper --canonicalize --cse | FileCheck %s

#schedule = {rows = 64, keys = 64, packed_heads = 4, consumers = 1, stages = 2}
!t = memref<?x?x?x128xbf16, strided<[?, ?, ?, 1]>>
!pool = memref<?x32x?x128xbf16, strided<[?, ?, ?, 1]>>
!table = memref<?x?xi32, strided<[?, 1]>>

// CHECK-LABEL: func.func @dense
// CHECK-SAME: %[[COUNT:[^:]*]]: i32 {hopper.parameter = {dim = 1 : i64, kind = "size", operand = "new_k"}}
// CHECK-SAME: %[[NEW:[^:]*]]: !llvm.ptr<1> {hopper.parameter = {kind = "pointer", operand = "new_k"}}
// CHECK-SAME: %[[K:[^:]*]]: !llvm.ptr<1> {hopper.parameter = {kind = "pointer", operand = "k"}}
// CHECK-SAME: {hopper.parameter = {dim = 0 : i64, kind = "stride", operand = "new_k"}}
// CHECK-SAME: %[[FROM_STEP:[^:]*]]: i64 {hopper.parameter = {dim = 1 : i64, kind = "stride", operand = "new_k"}}
// CHECK-SAME: %[[STEP:[^:]*]]: i64 {hopper.parameter = {dim = 1 : i64, kind = "stride", operand = "k"}}
func.func @dense(%q: !t, %r: !t, %k: !t, %v: !t, %o: !t, %used: memref<?xi32>,
                 %new_k: !t, %new_v: !t, %scale: f32)
    attributes {parallax.schedule = #schedule} {
  // CHECK: %[[USED:.*]] = hopper.load_scalar
  // CHECK: %[[LENGTH:.*]] = arith.minsi
  // CHECK: %[[FIRST:.*]] = arith.subi %[[USED]], %[[COUNT]]
  // CHECK: hopper.append %[[NEW]][%{{.*}}, %[[FROM_STEP]]], %[[K]][%{{.*}}, %[[STEP]]] from %[[FIRST]] count %[[COUNT]] limit %[[LENGTH]] columns 128{{$}}
  // CHECK: hopper.append
  // CHECK: hopper.roles
  parallax.decode ins(%q, %r, %k, %v : !t, !t, !t, !t) outs(%o : !t)
    scale(%scale) mask(none) used_lengths(%used : memref<?xi32>)
    append(%new_k, %new_v : !t, !t)
  return
}

// CHECK-LABEL: func.func @paged
// CHECK: hopper.append {{.*}} columns 128 pages(%{{.*}}[%{{.*}}], %{{.*}}) size 32
// CHECK: hopper.append {{.*}} columns 128 pages(%{{.*}}[%{{.*}}], %{{.*}}) size 32
// CHECK: hopper.roles
func.func @paged(%q: !t, %r: !t, %k: !pool, %v: !pool, %o: !t, %table: !table,
                 %new_k: !t, %new_v: !t, %scale: f32)
    attributes {parallax.schedule = #schedule} {
  parallax.decode ins(%q, %r, %k, %v : !t, !t, !pool, !pool) outs(%o : !t)
    scale(%scale) mask(none) block_table(%table : !table)
    append(%new_k, %new_v : !t, !t)
  return
}
