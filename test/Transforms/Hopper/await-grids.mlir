// A kernel waits for earlier launches where it first touches device memory.
//
// RUN: parallax-opt %s --hopper-await-grids | FileCheck %s
// Again nothing happens.
// RUN: parallax-opt %s --hopper-await-grids --hopper-await-grids | FileCheck %s

!row = tensor<64xf32, #hopper.row>

// In each role that does, not in its loop, nor behind it. The next launch may
// start at once.
// CHECK-LABEL: func.func @roles
// CHECK-SAME: hopper.awaits_grids
// CHECK-NOT: hopper.await_grids
// CHECK: producer
// CHECK: hopper.expect
// CHECK-NEXT: hopper.await_grids
// CHECK-NEXT: hopper.launch_dependents
// CHECK-NEXT: hopper.tma_load
// CHECK-NOT: hopper.await_grids
// CHECK: consumers
// CHECK: arith.constant dense
// CHECK-NEXT: hopper.await_grids
// CHECK-NEXT: scf.for
// CHECK-NOT: hopper.await_grids
func.func @roles(%map: !hopper.tensor_map, %p: !llvm.ptr<1>, %n: i32, %i: i64) attributes {hopper.kernel} {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %q = hopper.alloc : !hopper.smem<64x64xbf16>
  %full = hopper.barriers count 1 : !hopper.barrier<1>
  hopper.roles producer registers(24) {
    hopper.expect %full, 8192 : !hopper.barrier<1>
    hopper.tma_load %map[%c0, %c0, %c0, %c0], %q, %full box [1, 64] : !hopper.smem<64x64xbf16>, !hopper.barrier<1>
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %one = arith.constant dense<1.0> : !row
    %sum = scf.for %j = %c0 to %n step %c1 iter_args(%s = %one) -> (!row) : i32 {
      %t = arith.addf %s, %one : !row
      scf.yield %t : !row
    }
    hopper.store_rows %sum, %p[%i, %i, %i] at(%c0, %c0) length(%n) rows 64 : !row
  }
  return
}

// Before the roles, once for all of them, if something is read there. A
// cluster that finds no room beside this one's must not start, so none is let to
// where nothing says that this one is none.
// CHECK-LABEL: func.func @prelude
// CHECK: hopper.cta_id
// CHECK-NEXT: hopper.await_grids
// CHECK-NEXT: hopper.load_scalar
// CHECK-NOT: hopper.launch_dependents
// CHECK-NOT: hopper.await_grids
// CHECK: return
func.func @prelude(%lengths: !llvm.ptr<1>, %p: !llvm.ptr<1>, %i: i64) attributes {hopper.kernel, hopper.cluster = 8 : i64} {
  %c0 = arith.constant 0 : i32
  %cta = hopper.cta_id
  %n = hopper.load_scalar %lengths[%cta] : i32
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %one = arith.constant dense<1.0> : !row
    hopper.store_rows %one, %p[%i, %i, %i] at(%c0, %c0) length(%n) rows 64 : !row
  }
  return
}

// One that is none lets it.
// CHECK-LABEL: func.func @maybe
// CHECK-SAME: %[[SIZE:[a-z0-9]*]]: i32 {hopper.parameter = {dim = 7
// CHECK: hopper.await_grids
// CHECK: %[[IS_NONE:.*]] = arith.cmpi eq, %[[SIZE]], %c1
// CHECK: scf.if %[[IS_NONE]] {
// CHECK-NEXT: hopper.launch_dependents
// CHECK: hopper.load_scalar
func.func @maybe(%tiles: i32 {hopper.parameter = {dim = 0 : i64, kind = "grid_size"}},
                 %size: i32 {hopper.parameter = {dim = 7 : i64, kind = "grid_size"}},
                 %lengths: !llvm.ptr<1>) attributes {hopper.kernel, hopper.cluster = 8 : i64} {
  %cta = hopper.cta_id
  %n = hopper.load_scalar %lengths[%cta] : i32
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
  }
  return
}

// Two find room.
// CHECK-LABEL: func.func @room
// CHECK: hopper.await_grids
// CHECK-NEXT: hopper.launch_dependents
func.func @room(%lengths: !llvm.ptr<1>) attributes {hopper.kernel, hopper.cluster = 8 : i64, hopper.ctas_per_sm = 2 : i64} {
  %cta = hopper.cta_id
  %n = hopper.load_scalar %lengths[%cta] : i32
  hopper.roles producer registers(24) {
  } consumers(1) registers(128) {
  ^bb0(%w: i32):
  }
  return
}

// One that touches none, and what is no kernel.
// CHECK-LABEL: func.func @none
// CHECK-NOT: hopper.await_grids
// CHECK-LABEL: func.func @other
// CHECK-NOT: hopper.await
func.func @none() attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
  }
  return
}
func.func @other(%p: !llvm.ptr<1>, %i: i32) -> i32 {
  %n = hopper.load_scalar %p[%i] : i32
  return %n : i32
}
