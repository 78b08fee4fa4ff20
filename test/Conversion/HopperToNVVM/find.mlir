// Where a sum of weights reaches a number: a warp takes 32 elements at a time.
//
// RUN: parallax-opt %s --hopper-to-nvvm | FileCheck %s

// CHECK-LABEL: llvm.func @find
// The first turn's elements are asked for before the barriers are prepared, and
// no lane reads behind the last.
// CHECK: %[[LAST:.*]] = arith.subi %[[COUNT:.*]], %c1
// CHECK: %[[INSIDE:.*]] = arith.minsi %{{.*}}, %[[LAST]]
// CHECK: %[[ADDRESS:.*]] = llvm.getelementptr %{{.*}}[%[[INSIDE]]]
// CHECK: llvm.load %[[ADDRESS]] :
// CHECK: scf.if
// CHECK: nvvm.fence.mbarrier.init
// CHECK-COUNT-5: nvvm.shfl.sync up
// CHECK: nvvm.vote.sync ballot
// CHECK: llvm.intr.ctpop
// CHECK: nvvm.shfl.sync idx
// CHECK: %[[R:.*]]:2 = scf.for %[[FIRST:.*]] = %c32{{.*}} to %[[COUNT]] step %c32{{.*}} iter_args(%[[INDEX:.*]] = %{{.*}}, %[[BEFORE:.*]] = %{{.*}})
// CHECK: %[[ELEMENT:.*]] = arith.addi %[[FIRST]], %{{.*}}
// CHECK: arith.minsi %[[ELEMENT]], %{{.*}}
// CHECK: llvm.load
// CHECK-COUNT-5: nvvm.shfl.sync up
// CHECK: arith.cmpi eq, %[[FIRST]], %[[INDEX]]
// CHECK: nvvm.vote.sync ballot
// CHECK: llvm.intr.ctpop
// CHECK: nvvm.shfl.sync idx
// CHECK: scf.yield
// CHECK: loop_annotation
func.func @find(%p: !llvm.ptr<1>, %lengths: !llvm.ptr<1>, %target: i32, %count: i32) attributes {hopper.kernel} {
  %index, %before = hopper.find %target of %count {
  ^bb0(%i: i32):
    %length = hopper.load_scalar %lengths[%i] : i32
    hopper.weight %length
  }
  %is_last = arith.cmpi eq, %index, %before : i32
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %is = hopper.arrive_last %p[%index] of %before
  }
  return
}

// All of them: nothing is compared.
// CHECK-LABEL: llvm.func @total
// CHECK-NOT: nvvm.shfl.sync up
// CHECK: nvvm.redux.sync add
// CHECK: scf.for
// CHECK-NOT: nvvm.shfl.sync up
// CHECK: nvvm.redux.sync add
// CHECK-NOT: nvvm.vote
// CHECK: scf.yield
func.func @total(%p: !llvm.ptr<1>, %lengths: !llvm.ptr<1>, %count: i32) attributes {hopper.kernel} {
  %all = arith.constant 2147483647 : i32
  %index, %before = hopper.find %all of %count {
  ^bb0(%i: i32):
    %length = hopper.load_scalar %lengths[%i] : i32
    hopper.weight %length
  }
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %is = hopper.arrive_last %p[%index] of %before
  }
  return
}

// Two numbers take one sum, and no other load.
// CHECK-LABEL: llvm.func @two
// CHECK: llvm.load
// CHECK-NOT: llvm.load
// CHECK-COUNT-5: nvvm.shfl.sync up
// CHECK-NOT: nvvm.shfl.sync up
// CHECK-COUNT-2: nvvm.vote.sync ballot
// CHECK: scf.for {{.*}} iter_args(%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}})
func.func @two(%p: !llvm.ptr<1>, %lengths: !llvm.ptr<1>, %a: i32, %b: i32, %count: i32) attributes {hopper.kernel} {
  %found:4 = hopper.find %a, %b of %count {
  ^bb0(%i: i32):
    %length = hopper.load_scalar %lengths[%i] : i32
    hopper.weight %length
  }
  %n = arith.addi %found#0, %found#1 : i32
  %m = arith.addi %found#2, %found#3 : i32
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %is = hopper.arrive_last %p[%n] of %m
  }
  return
}
