// Sums of rows cross the lanes once, behind the loops.
//
// RUN: parallax-opt %s --hopper-defer-row-sums --split-input-file | FileCheck %s

!acc = tensor<64x64xf32, #hopper.acc>
!row = tensor<64xf32, #hopper.row>

// A scaled and a plain sum, through two loops.
// CHECK-LABEL: func.func @sums
// CHECK: %[[A:.*]]:2 = scf.for {{.*}} iter_args(%[[S:.*]] = %{{.*}}, %[[T:.*]] = %{{.*}}) -> (tensor<64x4xf32, #hopper.row_partial>, tensor<64x4xf32, #hopper.row_partial>)
// CHECK: %[[F:.*]] = hopper.broadcast %{{.*}} : tensor<64xf32, #hopper.row> -> tensor<64x4xf32, #hopper.row_partial>
// CHECK: %[[SCALED:.*]] = arith.mulf %[[S]], %[[F]]
// CHECK: %[[X:.*]] = hopper.reduce add %{{.*}} -> tensor<64x4xf32, #hopper.row_partial>
// CHECK: %[[S1:.*]] = arith.addf %[[SCALED]], %[[X]]
// CHECK: %[[T1:.*]] = arith.addf %[[T]], %{{.*}}
// CHECK: scf.yield %[[S1]], %[[T1]]
// CHECK-NOT: hopper.reduce
// CHECK: %[[B:.*]]:2 = scf.for {{.*}} iter_args(%{{.*}} = %[[A]]#0, %{{.*}} = %[[A]]#1)
// CHECK: hopper.reduce add %[[B]]#{{[01]}} : tensor<64x4xf32, #hopper.row_partial> -> tensor<64xf32, #hopper.row>
// CHECK: hopper.reduce add %[[B]]#{{[01]}} : tensor<64x4xf32, #hopper.row_partial> -> tensor<64xf32, #hopper.row>
func.func @sums(%n: i32, %p: !llvm.ptr<1>, %i: i64) attributes {hopper.kernel} {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %zero = arith.constant dense<0.0> : !row
    %half = arith.constant dense<0.5> : !row
    %x = arith.constant dense<1.0> : !acc
    %a, %b = scf.for %j = %c0 to %n step %c1 iter_args(%s = %zero, %t = %zero) -> (!row, !row) : i32 {
      %scaled = arith.mulf %s, %half : !row
      %r0 = hopper.reduce add %x : !acc -> !row
      %s1 = arith.addf %scaled, %r0 : !row
      %r1 = hopper.reduce add %x : !acc -> !row
      %t1 = arith.addf %t, %r1 : !row
      scf.yield %s1, %t1 : !row, !row
    }
    %c, %d = scf.for %j = %c0 to %n step %c1 iter_args(%s = %a, %t = %b) -> (!row, !row) : i32 {
      %scaled = arith.mulf %s, %half : !row
      %r0 = hopper.reduce add %x : !acc -> !row
      %s1 = arith.addf %scaled, %r0 : !row
      %r1 = hopper.reduce add %x : !acc -> !row
      %t1 = arith.addf %t, %r1 : !row
      scf.yield %s1, %t1 : !row, !row
    }
    hopper.store_rows %c, %p[%i, %i, %i] at(%c0, %c0) length(%n) rows 64 : !row
    hopper.store_rows %d, %p[%i, %i, %i] at(%c0, %c0) length(%n) rows 64 : !row
  }
  return
}

// -----
!acc = tensor<64x64xf32, #hopper.acc>
!row = tensor<64xf32, #hopper.row>
!partial = tensor<64x4xf32, #hopper.row_partial>

// Left alone: a sum that a turn reads, one that starts at 1, a maximum, one
// that starts at the *maximum* over lanes, and one of what is partial already.
// CHECK-LABEL: func.func @others
// CHECK: scf.for {{.*}} -> (tensor<64xf32, #hopper.row>, tensor<64xf32, #hopper.row>, tensor<64xf32, #hopper.row>, tensor<64xf32, #hopper.row>, tensor<64xf32, #hopper.row>)
// CHECK-NOT: hopper.row_partial{{.*}} iter_args
func.func @others(%n: i32, %p: !llvm.ptr<1>, %i: i64) attributes {hopper.kernel} {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %zero = arith.constant dense<0.0> : !row
    %one = arith.constant dense<1.0> : !row
    %x = arith.constant dense<1.0> : !acc
    %l = arith.constant dense<1.0> : !partial
    %top = hopper.reduce max %l : !partial -> !row
    %a:5 = scf.for %j = %c0 to %n step %c1 iter_args(%s = %zero, %t = %one, %m = %zero, %u = %top, %v = %zero)
        -> (!row, !row, !row, !row, !row) : i32 {
      %r0 = hopper.reduce add %x : !acc -> !row
      %s1 = arith.addf %s, %r0 : !row
      hopper.store_rows %s, %p[%i, %i, %i] at(%c0, %c0) length(%n) rows 64 : !row
      %r1 = hopper.reduce add %x : !acc -> !row
      %t1 = arith.addf %t, %r1 : !row
      %r2 = hopper.reduce max %x : !acc -> !row
      %m1 = arith.addf %m, %r2 : !row
      %r3 = hopper.reduce add %x : !acc -> !row
      %u1 = arith.addf %u, %r3 : !row
      %r4 = hopper.reduce add %l : !partial -> !row
      %v1 = arith.addf %v, %r4 : !row
      scf.yield %s1, %t1, %m1, %u1, %v1 : !row, !row, !row, !row, !row
    }
    hopper.store_rows %a#0, %p[%i, %i, %i] at(%c0, %c0) length(%n) rows 64 : !row
    hopper.store_rows %a#1, %p[%i, %i, %i] at(%c0, %c0) length(%n) rows 64 : !row
    hopper.store_rows %a#2, %p[%i, %i, %i] at(%c0, %c0) length(%n) rows 64 : !row
    hopper.store_rows %a#3, %p[%i, %i, %i] at(%c0, %c0) length(%n) rows 64 : !row
    hopper.store_rows %a#4, %p[%i, %i, %i] at(%c0, %c0) length(%n) rows 64 : !row
  }
  return
}

// -----
!acc = tensor<64x64xf32, #hopper.acc>
!row = tensor<64xf32, #hopper.row>

// One loop: the partial sums start at zero, and the total is what all uses of
// the loop's result see.
// CHECK-LABEL: func.func @one
// CHECK: %[[ZERO:.*]] = arith.constant dense<0.000000e+00> : tensor<64x4xf32, #hopper.row_partial>
// CHECK: %[[LOOP:.*]] = scf.for {{.*}} iter_args(%[[S:.*]] = %[[ZERO]]) -> (tensor<64x4xf32, #hopper.row_partial>)
// CHECK-NEXT: %[[X:.*]] = hopper.reduce add %{{.*}} : tensor<64x64xf32, #hopper.acc> -> tensor<64x4xf32, #hopper.row_partial>
// CHECK-NEXT: %[[S1:.*]] = arith.addf %[[S]], %[[X]] : tensor<64x4xf32, #hopper.row_partial>
// CHECK-NEXT: scf.yield %[[S1]]
// CHECK: %[[TOTAL:.*]] = hopper.reduce add %[[LOOP]] : tensor<64x4xf32, #hopper.row_partial> -> tensor<64xf32, #hopper.row>
// CHECK: %[[SUM:.*]] = arith.addf %[[TOTAL]], %[[TOTAL]]
// CHECK: hopper.store_rows %[[SUM]],
func.func @one(%n: i32, %p: !llvm.ptr<1>, %i: i64) attributes {hopper.kernel} {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %zero = arith.constant dense<0.0> : !row
    %x = arith.constant dense<1.0> : !acc
    %a = scf.for %j = %c0 to %n step %c1 iter_args(%s = %zero) -> (!row) : i32 {
      %r0 = hopper.reduce add %x : !acc -> !row
      %s1 = arith.addf %s, %r0 : !row
      scf.yield %s1 : !row
    }
    %sum = arith.addf %a, %a : !row
    hopper.store_rows %sum, %p[%i, %i, %i] at(%c0, %c0) length(%n) rows 64 : !row
  }
  return
}
