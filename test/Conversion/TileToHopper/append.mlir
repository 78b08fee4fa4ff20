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

// Elements of 8 bits are copied in pairs.
#narrow = {rows = 64, keys = 64, packed_heads = 4, consumers = 1, stages = 2, converted_stages = 2,
           producer_registers = 40, consumer_registers = 216}
!q72 = memref<?x?x?x72xbf16, strided<[?, ?, ?, 1]>>
!k72 = memref<?x?x?x72xf8E4M3FN, strided<[?, ?, ?, 1]>>
// CHECK-LABEL: func.func @narrow
// CHECK: hopper.append {{.*}} columns 36
// CHECK: hopper.append {{.*}} columns 36
// CHECK: hopper.roles
func.func @narrow(%q: !q72, %r: !q72, %k: !k72, %v: !k72, %o: !q72, %new_k: !k72, %new_v: !k72, %scale: f32)
    attributes {parallax.schedule = #narrow} {
  parallax.decode ins(%q, %r, %k, %v : !q72, !q72, !k72, !k72) outs(%o : !q72)
    scale(%scale) mask(none) append(%new_k, %new_v : !k72, !k72)
  return
}
