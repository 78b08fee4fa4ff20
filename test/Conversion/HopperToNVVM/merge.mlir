// States of rows become one.
//
// RUN: parallax-opt %s --hopper-to-nvvm | FileCheck %s

!row = tensor<1xf32, #hopper.lanes>
!sums = tensor<1x128xf32, #hopper.lanes>

// A row in four warps: of each, 8 lanes hold 32 columns, and read every fourth
// of 32 parts. All loads come first; those of parts that are not there are not
// done.
// CHECK-LABEL: llvm.func @parts
// CHECK: scf.for %{{.*}} = %{{.*}} to %{{.*}} step %c32
// CHECK-COUNT-3: @exists ld.global.f32 {$0}, [$1];
// CHECK-NOT: nvvm.shfl
// CHECK-COUNT-16: @exists ld.global.v4.f32 {$0, $1, $2, $3}, [$4];
// CHECK-NOT: ld.global
// CHECK-COUNT-5: nvvm.shfl.sync bfly
// CHECK: nvvm.shfl.sync idx
// CHECK: scf.yield
// Sums over the lanes that hold the same.
// CHECK-COUNT-16: nvvm.shfl.sync bfly
// CHECK: llvm.store {{.*}} vector<2xi32>
func.func @parts(%p: !llvm.ptr<1>, %n: i32, %i: i32, %b: i64) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %m, %d1, %d2, %o1, %o2 = hopper.merge_rows %p, %p, %p, %p, %p count(%n) [%b, %b, %b] at(%i, %i) length(%n) rows 8 : !row, !sums
    hopper.store_rows %o1, %p[%b, %b, %b] at(%i, %i) length(%n) rows 8 as bf16 : !sums
  }
  return
}

// A row a warp: every lane reads all of 16 parts, or of up to 8 by code for 8.
// CHECK-LABEL: llvm.func @rows
// CHECK: arith.cmpi sle, %{{.*}}, %c8
// CHECK: scf.if
// CHECK-NOT: scf.for
// CHECK-COUNT-16: @exists ld.global.v4.f32
// CHECK-NOT: ld.global.v4.f32
// CHECK: } else {
// CHECK: scf.for %{{.*}} = %{{.*}} to %{{.*}} step %c16
// CHECK-COUNT-32: @exists ld.global.v4.f32
// CHECK-NOT: ld.global
// CHECK: llvm.return
func.func @rows(%p: !llvm.ptr<1>, %n: i32, %i: i32, %b: i64) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %m, %d1, %d2, %o1, %o2 = hopper.merge_rows %p, %p, %p, %p, %p count(%n) [%b, %b, %b] at(%i, %i) length(%n) heads 4 rows 64 : tensor<4xf32, #hopper.lanes>, tensor<4x128xf32, #hopper.lanes>
    hopper.store_rows %m, %p[%b, %b, %b] at(%i, %i) length(%n) heads 4 rows 64 : tensor<4xf32, #hopper.lanes>
  }
  return
}

// O1, O2, then m, d1 and d2 of a row, in its 1040 bytes, of up to 8 CTAs. Those
// of four warps become one on the way: a thread weighs four columns of each.
// CHECK-LABEL: llvm.func @exchange
// CHECK: nvvm.cluster.arrive.relaxed{{$}}
// CHECK: nvvm.cluster.wait {aligned}
// CHECK: nvvm.barrier id = {{.*}} number_of_threads = %c128
// Part 1's rows lie behind the 8 of part 0.
// CHECK: arith.muli %{{.*}}, %c8320
// CHECK: scf.if
// CHECK: llvm.store %{{.*}} : vector<2xf32>, !llvm.ptr<3>
// CHECK: scf.if
// CHECK: llvm.getelementptr %{{.*}}[1024]
// CHECK: llvm.store %{{.*}} : vector<4xf32>, !llvm.ptr<3>
// CHECK: nvvm.barrier
// CHECK: scf.for
// CHECK-COUNT-8: ld.shared.v4.f32
// CHECK-COUNT-4: llvm.nvvm.ex2
// CHECK: mapa.shared::cluster.u32
// CHECK: mapa.shared::cluster.u32
// CHECK: st.async.shared::cluster.mbarrier::complete_tx::bytes.v4.f32
// CHECK: scf.if
// CHECK: st.async
// One thread says how many bytes come.
// CHECK: scf.if
// CHECK: mbarrier.arrive.expect_tx.shared::cta.b64
// CHECK: mbarrier.try_wait.parity.shared::cta.b64
// Nobody asks another CTA, nor another lane. Of 2 CTAs: m, d1 and d2, then four
// columns of O1 and of O2 of each; of 4 and of 8 the same.
// CHECK-NOT: mapa
// CHECK: scf.if
// CHECK-COUNT-6: ld.shared.v4.f32
// CHECK: } else {
// CHECK: scf.if
// CHECK-COUNT-12: ld.shared.v4.f32
// CHECK: } else {
// CHECK-NOT: shfl
// CHECK-COUNT-24: ld.shared.v4.f32
// CHECK-NOT: ld.shared
// CHECK-NOT: mapa
func.func @exchange(%p: !llvm.ptr<1>, %n: i32, %i: i32, %b: i64) attributes {hopper.kernel} {
  %k = hopper.alloc : !hopper.smem<3x64x128xbf16>
  %inbox = hopper.alloc : !hopper.smem<128x64xbf16>
  %bar = hopper.barriers count 1 : !hopper.barrier<1>
  hopper.cluster_arrive
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    hopper.cluster_wait
    %one = arith.constant dense<1.0> : tensor<32xf32, #hopper.row>
    %o = arith.constant dense<1.0> : tensor<32x128xf32, #hopper.acc>
    hopper.send_rows %one, %one, %one, %o, %o through %k to %inbox, %bar rows(%n) of %i most 8 per_warp : tensor<32xf32, #hopper.row>, tensor<32x128xf32, #hopper.acc>, !hopper.smem<3x64x128xbf16>, !hopper.smem<128x64xbf16>, !hopper.barrier<1>
    hopper.await_rows %bar rows(%n) of %i columns 128 : !hopper.barrier<1>
    %m, %d1, %d2, %o1, %o2 = hopper.merge_received %inbox of %n at(%i) : !hopper.smem<128x64xbf16> -> !row, !sums
    hopper.store_rows %o1, %p[%b, %b, %b] at(%i, %i) length(%n) rows 8 as bf16 : !sums
  }
  return
}

// The upper half of twice the dividend by the lower half of the reciprocal,
// shifted by its upper half.
// CHECK-LABEL: llvm.func @divide
// CHECK: arith.shli %{{.*}}, %c1
// CHECK: arith.muli %{{.*}} : i64
// CHECK-COUNT-2: arith.shrui %{{.*}}, %c32
// CHECK: %[[Q:.*]] = arith.shrui %{{.*}} : i32
// CHECK-NOT: div
func.func @divide(%a: i32, %b: i64) attributes {hopper.kernel} {
  %q = hopper.divide %a by %b
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    hopper.named_arrive %q threads 128
  }
  return
}
