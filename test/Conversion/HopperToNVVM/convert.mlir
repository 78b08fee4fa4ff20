// Converters are the warps 1 to 3 of the producer's warpgroup. Each takes every
// third group of 8 rows; a lane makes two chunks of 16 bytes of one, row r or r
// xor 5 of the group, at their swizzled places.
//
// RUN: parallax-opt %s --hopper-to-nvvm --canonicalize --cse | FileCheck %s

// CHECK-LABEL: llvm.func @convert
// CHECK: %[[WARP:.*]] = nvvm.shfl.sync idx
// CHECK: scf.if %{{.*}} {
// CHECK: nvvm.setmaxregister decrease 56
// CHECK: %[[IS_ONE:.*]] = arith.cmpi s{{.*}} %[[WARP]]
// CHECK: scf.if %[[IS_ONE]]
func.func @convert(%n: i32, %used: i32) attributes {hopper.kernel, hopper.ctas_per_sm = 2} {
  %narrow = hopper.alloc : !hopper.smem<3x64x128xf8E4M3FN>
  %wide = hopper.alloc : !hopper.smem<2x64x128xbf16>
  %empty = hopper.barriers count 3 : !hopper.barrier<3>
  hopper.roles producer registers(56) {
  } converters {
    // CHECK: %[[LANE_ROW:.*]] = arith.xori
    // Two groups of rows are read together; two of the warps have a third.
    // CHECK-COUNT-4: llvm.load %{{.*}} {alignment = 16 : i64} : !llvm.ptr<3> -> vector<4xi32>
    // CHECK: llvm.call_intrinsic "llvm.nvvm.e4m3x2.to.f16x2.rn"(%{{.*}}) : (i16) -> vector<2xf16>
    // CHECK-COUNT-2: llvm.fpext %{{.*}} : f16 to f32
    // CHECK: nvvm.convert.f32x2.to.bf16x2
    // CHECK-COUNT-8: llvm.store %{{.*}} {alignment = 16 : i64} : vector<4xi32>, !llvm.ptr<3>
    // CHECK: %[[HAS:.*]] = arith.cmpi slt, %{{.*}}, %c8
    // CHECK: scf.if %[[HAS]] {
    // CHECK-COUNT-2: llvm.load
    // CHECK-COUNT-4: llvm.store
    // Rows behind the used ones become zero, if there are any.
    // CHECK: %[[ANY:.*]] = arith.cmpi slt, %{{.*}}, %c64
    // CHECK: scf.if %[[ANY]]
    // CHECK: scf.for
    // CHECK: %[[ROW:.*]] = arith.addi %{{.*}}, %[[LANE_ROW]]
    // CHECK: arith.cmpi sle, %{{.*}}, %[[ROW]]
    // CHECK: scf.if
    // CHECK-COUNT-4: llvm.store %cst
    // CHECK: nvvm.fence.proxy
    // CHECK: nvvm.bar.warp.sync
    hopper.convert %narrow[%n] to %wide[%n] from %used
        : !hopper.smem<3x64x128xf8E4M3FN>, !hopper.smem<2x64x128xbf16>
    // CHECK: mbarrier.arrive
    hopper.arrive %empty[%n] : !hopper.barrier<3>
  } consumers(1) registers(200) {
  ^bb0(%warpgroup: i32):
  }
  return
}

// f16 is there after the first instruction.
// CHECK-LABEL: llvm.func @to_f16
func.func @to_f16() attributes {hopper.kernel} {
  %narrow = hopper.alloc : !hopper.smem<16x128xf8E4M3FN>
  %wide = hopper.alloc : !hopper.smem<16x64xf16>
  hopper.roles producer registers(56) {
  } converters {
    // CHECK: llvm.call_intrinsic "llvm.nvvm.e4m3x2.to.f16x2.rn"
    // CHECK-NOT: llvm.fpext
    // CHECK: nvvm.fence.proxy
    hopper.convert %narrow to %wide : !hopper.smem<16x128xf8E4M3FN>, !hopper.smem<16x64xf16>
  } consumers(1) registers(240) {
  ^bb0(%warpgroup: i32):
  }
  return
}
