// Additions to global memory by TMA, and f32 tiles.
//
// RUN: parallax-opt %s --hopper-to-nvvm | FileCheck %s

// store_fragment of f32: the pair of columns 8j + 2 (lane mod 4) is half of a
// chunk of 16 bytes, which the row's low 3 bits, lane / 4, swizzle. Rows 8
// further lie 1024 bytes further, blocks of 32 columns 8192.
// CHECK-LABEL: llvm.func @add
// CHECK: %[[SMEM:.*]] = llvm.mlir.addressof
// CHECK: nvvm.elect.sync
// CHECK: %[[STAGE:.*]] = arith.remui %{{.*}}, %{{c2.*}} :
// CHECK: %[[BYTES:.*]] = arith.muli %[[STAGE]], %c16384
// CHECK: %[[T0:.*]] = llvm.getelementptr %{{.*}}[%[[BYTES]]]
// CHECK: %[[SKIP:.*]] = arith.muli %{{.*}}, %c256
// CHECK: %[[T1:.*]] = llvm.getelementptr %[[T0]][%[[SKIP]]]
// CHECK: %[[IN_EIGHT:.*]] = arith.divui %{{.*}}, %{{c4.*}} :
// CHECK: %[[PAIR:.*]] = arith.andi %{{.*}}, %{{c3.*}} :
// CHECK: %[[ROW:.*]] = llvm.getelementptr %[[T1]][%{{.*}}]
// CHECK: %[[ODD:.*]] = arith.andi %[[PAIR]], %{{c1.*}} :
// CHECK: %[[HALF:.*]] = arith.muli %[[ODD]], %{{c8.*}} :
// CHECK: %[[BASE:.*]] = llvm.getelementptr %[[ROW]][%[[HALF]]]
// CHECK: %[[CHUNK:.*]] = arith.xori %{{.*}}, %[[IN_EIGHT]]
// CHECK: %[[AT:.*]] = arith.muli %[[CHUNK]], %c16
// CHECK: %[[TO:.*]] = llvm.getelementptr %[[BASE]][%[[AT]]]
// CHECK: llvm.store %{{.*}}, %[[TO]] {alignment = 8 : i64} : vector<2xf32>
// CHECK: %[[BELOW:.*]] = llvm.getelementptr %[[TO]][1024]
// CHECK: llvm.store %{{.*}}, %[[BELOW]] {alignment = 8 : i64} : vector<2xf32>
// CHECK: %[[NEXT:.*]] = arith.addi %{{.*}}, %{{c2.*}} :
// CHECK: arith.xori %[[NEXT]], %[[IN_EIGHT]]
// CHECK: llvm.getelementptr %{{.*}}[8192]
// CHECK: llvm.getelementptr %{{.*}}[9216]

// One thread of the first warp adds block after block, and waits for its reads.
// CHECK: nvvm.fence.proxy
// CHECK: %[[FROM:.*]] = llvm.getelementptr %{{.*}}[%{{.*}}]
// CHECK: nvvm.elect.sync
// CHECK: nvvm.cp.async.bulk.tensor.reduce %[[MAP:.*]], %[[FROM]], box[%[[N:.*]], %[[N]], %[[N]], %[[N]]] {redKind = #nvvm.tma_redux_kind<add>}
// CHECK: %[[COLUMN:.*]] = arith.addi %[[N]], %c32
// CHECK: %[[FROM2:.*]] = llvm.getelementptr %[[FROM]][8192]
// CHECK: nvvm.cp.async.bulk.tensor.reduce %[[MAP]], %[[FROM2]], box[%[[COLUMN]], %[[N]], %[[N]], %[[N]]] {redKind = #nvvm.tma_redux_kind<add>}
// CHECK-NEXT: nvvm.cp.async.bulk.commit.group
// CHECK-NEXT: nvvm.cp.async.bulk.wait_group 0 {read}
func.func @add(%map: !hopper.tensor_map, %n: i32) attributes {hopper.kernel} {
  %sums = hopper.alloc : !hopper.smem<2x64x64xf32>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %x = arith.constant dense<1.0> : tensor<64x40xf32, #hopper.acc>
    hopper.store_fragment %x, %sums[%n] columns(%n) : tensor<64x40xf32, #hopper.acc>, !hopper.smem<2x64x64xf32>
    hopper.fence_async
    hopper.warpgroup_barrier
    hopper.tma_store %sums[%n], %map[%n, %n, %n, %n] box [1, 64] add : !hopper.smem<2x64x64xf32>
  }
  return
}
