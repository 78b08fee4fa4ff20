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
// Converters that are a warpgroup: the second, and consumers count from the third.
// CHECK: llvm.func @three
// CHECK-SAME: nvvm.minctasm = 2 : i32, nvvm.reqntid = array<i32: 384, 1, 1>
// CHECK: %[[WARP:.*]] = nvvm.shfl.sync {{ *}}idx
// CHECK: %[[WARPGROUP:.*]] = arith.divui %[[WARP]], %{{c4.*}} :
// CHECK: nvvm.barrier.arrive id = %{{.*}} number_of_threads = %c288
// CHECK: nvvm.setmaxregister {{ *}}decrease 24
// CHECK: } else {
// CHECK: %[[CONVERTS:.*]] = arith.cmpi eq, %[[WARPGROUP]], %{{c1.*}} :
// CHECK: scf.if %[[CONVERTS]] {
// CHECK: nvvm.setmaxregister {{ *}}decrease 64
// CHECK: nvvm.barrier id = %{{.*}} number_of_threads = %c288
// The first group of rows is the first warp's, and the next is four further.
// CHECK: arith.addi %[[WARP]], %{{c-4.*}} :
// CHECK: nvvm.fence.proxy
// CHECK: } else {
// CHECK: nvvm.setmaxregister {{ *}}increase 152
// CHECK: nvvm.barrier id = %{{.*}} number_of_threads = %c288
// CHECK: arith.addi %[[WARPGROUP]], %{{c-2.*}} :
func.func @three() attributes {hopper.kernel, hopper.ctas_per_sm = 2} {
  %narrow = hopper.alloc : !hopper.smem<16x128xf8E4M3FN>
  %wide = hopper.alloc : !hopper.smem<16x64xf16>
  hopper.roles producer registers(24) {
  } converters registers(64) {
    hopper.convert %narrow to %wide : !hopper.smem<16x128xf8E4M3FN>, !hopper.smem<16x64xf16>
  } consumers(1) registers(152) {
  ^bb0(%w: i32):
    hopper.named_sync %w threads 128
  }
  return
}

// -----
// Converters beside the producer: all warps have a role, and all wait together.
// CHECK: llvm.func @beside
// CHECK-SAME: nvvm.reqntid = array<i32: 256, 1, 1>
// CHECK: nvvm.barrier{{$}}
// CHECK-NOT: number_of_threads
// CHECK: scf.if
// CHECK-NOT: number_of_threads
// CHECK: nvvm.fence.proxy
// CHECK: } else {
// CHECK-NOT: number_of_threads
// CHECK: nvvm.barrier id = %{{.*}} number_of_threads = %c128
func.func @beside() attributes {hopper.kernel} {
  %narrow = hopper.alloc : !hopper.smem<16x128xf8E4M3FN>
  %wide = hopper.alloc : !hopper.smem<16x64xf16>
  hopper.roles producer registers(56) {
  } converters {
    hopper.convert %narrow to %wide : !hopper.smem<16x128xf8E4M3FN>, !hopper.smem<16x64xf16>
  } consumers(1) registers(200) {
  ^bb0(%w: i32):
    hopper.named_sync %w threads 128
  }
  return
}

// -----
// Functions that are no kernel stay, and so does a module without kernels.
// CHECK: module {
// CHECK-NEXT: func.func @other
func.func @other(%n: i32) -> i32 { return %n : i32 }
