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

// O1, O2, then m, d1 and d2 of a row, in its 1040 bytes; of up to 8 CTAs.
// CHECK-LABEL: llvm.func @peers
// CHECK: @exists st.shared.v2.f32 [$1+0], {$2, $3};
// CHECK: @exists st.shared.v2.f32 [$1+992], {$2, $3};
// CHECK: @exists st.shared.v4.f32 [$1+1024], {$2, $3, $4, $5};
// CHECK: nvvm.cluster.arrive {aligned}
// CHECK: nvvm.cluster.wait {aligned}
// CHECK-COUNT-5: mapa.shared::cluster.u32 $0, $1, $2;
// CHECK-NOT: mapa
// CHECK: nvvm.cluster.arrive.relaxed {aligned}
// CHECK: nvvm.cluster.wait {aligned}
func.func @peers(%p: !llvm.ptr<1>, %n: i32, %i: i32, %b: i64) attributes {hopper.kernel} {
  %k = hopper.alloc : !hopper.smem<3x64x128xbf16>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %one = arith.constant dense<1.0> : tensor<32xf32, #hopper.row>
    %o = arith.constant dense<1.0> : tensor<32x128xf32, #hopper.acc>
    hopper.put_part %one, %one, %one, %o, %o, %k rows 8 columns 128 : tensor<32xf32, #hopper.row>, tensor<32x128xf32, #hopper.acc>, !hopper.smem<3x64x128xbf16>
    hopper.cluster_barrier
    %m, %d1, %d2, %o1, %o2 = hopper.merge_peers %k count(%n) at(%i) : !hopper.smem<3x64x128xbf16> -> !row, !sums
    hopper.store_rows %o1, %p[%b, %b, %b] at(%i, %i) length(%n) rows 8 as bf16 : !sums
    hopper.cluster_barrier relaxed
  }
  return
}
