// Rows from global memory to global memory, 16 bytes a thread, or 8.
//
// RUN: parallax-opt %s --hopper-to-nvvm --canonicalize --cse | FileCheck %s

// CHECK-LABEL: llvm.func @append
// CHECK-SAME: %[[FROM:[^:]*]]: !llvm.ptr<1>, %[[TO:[^:]*]]: !llvm.ptr<1>, %[[TABLE:[^:]*]]: !llvm.ptr<1>, %[[I:[^:]*]]: i32, %[[J:[^:]*]]: i64
// CHECK: %[[THREAD:.*]] = nvvm.read.ptx.sreg.tid.x
// CHECK: nvvm.mbarrier.init
// 128 columns are 16 chunks.
// CHECK: %[[ALL:.*]] = {{.*}} %[[I]], {{.*}}
// CHECK: scf.for %[[AT:.*]] = %[[THREAD]] to %[[ALL]] step %c256_i32
// CHECK:   %[[ROW:.*]] = arith.divui %[[AT]], %c16_i32
// CHECK:   %[[CHUNK:.*]] = arith.remui %[[AT]], %c16_i32
// CHECK:   %[[POSITION:.*]] = arith.addi %[[I]], %[[ROW]]
// CHECK:   arith.cmpi sge, %[[POSITION]], %c0_i32
// CHECK:   arith.cmpi slt, %[[POSITION]], %[[I]]
// CHECK:   scf.if
// CHECK:     arith.divui %[[POSITION]], %c4_i32
// CHECK:     llvm.load %{{.*}} : !llvm.ptr<1> -> i32
// CHECK:     arith.remui %[[POSITION]], %c4_i32
// CHECK:     llvm.load %{{.*}} {alignment = 16 : i64} : !llvm.ptr<1> -> vector<4xi32>
// CHECK:     llvm.store %{{.*}} {alignment = 16 : i64} : vector<4xi32>, !llvm.ptr<1>
// Each thread orders what it wrote, and all meet before the roles start.
// CHECK: nvvm.fence.proxy {kind = #nvvm.proxy_kind<async.global>}
// CHECK: nvvm.barrier{{$}}
// CHECK-NOT: nvvm.barrier
// CHECK-NOT: hopper.
func.func @append(%from: !llvm.ptr<1>, %to: !llvm.ptr<1>, %table: !llvm.ptr<1>, %i: i32, %j: i64)
    attributes {hopper.kernel} {
  %full = hopper.barriers count 1 : !hopper.barrier<1>
  hopper.append %from[%j, %j], %to[%j, %j] from %i count %i limit %i columns 128
    pages(%table[%i], %j) size 4
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
  }
  return
}

// Rows of 72 bytes are 9 chunks of 8.
// CHECK-LABEL: llvm.func @append_half
// CHECK:   arith.divui %{{.*}}, %c9_i32
// CHECK:   arith.remui %{{.*}}, %c9_i32
// CHECK:     llvm.load %{{.*}} {alignment = 8 : i64} : !llvm.ptr<1> -> vector<2xi32>
// CHECK:     llvm.store %{{.*}} {alignment = 8 : i64} : vector<2xi32>, !llvm.ptr<1>
func.func @append_half(%from: !llvm.ptr<1>, %to: !llvm.ptr<1>, %i: i32, %j: i64)
    attributes {hopper.kernel} {
  %full = hopper.barriers count 1 : !hopper.barrier<1>
  hopper.append %from[%j, %j], %to[%j, %j] from %i count %i limit %i columns 36
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
  }
  return
}
