// Roles: the first warpgroup's first warp elects the producer; each warpgroup
// sets its registers before, by what the assembler gives a CTA of its size. The
// producer's warp, which has prepared the barriers, goes on while the 256 threads
// of consumers wait for its 32.
//
// RUN: parallax-opt %s --hopper-to-nvvm --split-input-file | FileCheck %s

// CHECK: module attributes {llvm.data_layout = "{{.+}}", llvm.target_triple = "nvptx64-nvidia-cuda"}
// CHECK: llvm.func @two(%{{.*}}: i32)
// CHECK-SAME: nvvm.kernel, nvvm.minctasm = 1 : i32, nvvm.reqntid = array<i32: 384, 1, 1>
// CHECK-SAME: denormal-fp-math-f32
// CHECK: %[[WARP:.*]] = nvvm.shfl.sync {{ *}}idx
// CHECK: %[[WARPGROUP:.*]] = arith.divui %[[WARP]], %{{c4.*}} :
// CHECK: %[[CTA:.*]] = nvvm.read.ptx.sreg.ctaid.x
// CHECK-NOT: nvvm.barrier
// CHECK: %[[IS_FIRST:.*]] = arith.cmpi eq, %[[WARPGROUP]], %{{c0.*}} :
// CHECK: scf.if %[[IS_FIRST]] {
// CHECK: nvvm.bar.warp.sync
// CHECK: nvvm.barrier.arrive id = %{{.*}} number_of_threads = %c288
// CHECK: nvvm.setmaxregister {{ *}}decrease 24
// CHECK: %[[IS_WARP:.*]] = arith.cmpi eq, %[[WARP]], %{{c0.*}} :
// CHECK: scf.if %[[IS_WARP]] {
// CHECK-NEXT: %[[ELECTED:.*]] = nvvm.elect.sync
// CHECK-NEXT: scf.if %[[ELECTED]] {
// CHECK: nvvm.mbarrier.try_wait
// CHECK: } else {
// CHECK-NEXT: nvvm.setmaxregister {{ *}}increase 240
// CHECK: nvvm.barrier id = %{{.*}} number_of_threads = %c288
// CHECK: %[[INDEX:.*]] = arith.addi %[[WARPGROUP]], %c-1
// CHECK: arith.addi %[[INDEX]], %{{.*}}
// CHECK: nvvm.barrier id
// CHECK: llvm.return
func.func @two(%n: i32) attributes {hopper.kernel} {
  %b = hopper.barriers count 1 : !hopper.barrier<1>
  %id = hopper.cta_id
  hopper.roles producer registers(24) {
    hopper.wait %b[%id] : !hopper.barrier<1>
  } consumers(2) registers(240) {
  ^bb0(%w: i32):
    hopper.named_sync %w threads 256
  }
  return
}

// -----
// 256 threads start with 256 registers: the consumers need no change.
// CHECK: llvm.func @one
// CHECK-SAME: nvvm.reqntid = array<i32: 256, 1, 1>
// CHECK: nvvm.setmaxregister {{ *}}decrease 40
// CHECK-NOT: nvvm.setmaxregister
func.func @one() attributes {hopper.kernel} {
  hopper.roles producer registers(40) {
  } consumers(1) registers(256) {
  ^bb0(%w: i32):
  }
  return
}

// -----
// Functions that are no kernel stay, and so does a module without kernels.
// CHECK: module {
// CHECK-NEXT: func.func @other
func.func @other(%n: i32) -> i32 { return %n : i32 }
