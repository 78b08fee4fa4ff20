// Rows out of pages: of each 8 rows a lane copies 16 bytes of two, at their
// swizzled places, and reads where these two lie by itself.
//
// RUN: parallax-opt %s --hopper-to-nvvm --canonicalize --cse | FileCheck %s

// CHECK-LABEL: llvm.func @gather
// CHECK: %[[WARP:.*]] = nvvm.shfl.sync
func.func @gather(%pool: !llvm.ptr<1>, %table: !llvm.ptr<1>, %row: i32, %token: i32,
                  %limit: i32, %base: i64, %page: i64, %stride: i64, %n: i32)
    attributes {hopper.kernel} {
  %k = hopper.alloc : !hopper.smem<2x16x128xbf16>
  %full = hopper.barriers count 96 : !hopper.barrier<2>
  hopper.roles producer registers(56) {
  } converters {
    // CHECK: %[[BELOW:.*]] = arith.addi %{{.*}}, %c-1
    // CHECK: %[[LAST:.*]] = arith.shrsi %[[BELOW]], %c2
    // CHECK: %[[PAGE:.*]] = arith.shrui %[[TOKEN:.*]], %c2
    // CHECK: %[[MIN:.*]] = arith.minsi %[[PAGE]], %[[LAST]]
    // CHECK: %[[INDEX:.*]] = arith.maxsi %[[MIN]], %c0
    // CHECK: %[[READ:.*]] = llvm.load %{{.*}} : !llvm.ptr<1> -> i32
    // CHECK: %[[EXISTS:.*]] = arith.cmpi slt, %[[TOKEN]]
    // CHECK: %[[ENTRY:.*]] = arith.select %[[EXISTS]], %[[READ]], %c-1
    // CHECK: llvm.load %{{.*}} : !llvm.ptr<1> -> i32
    %pages = hopper.load_entries %table[%row] from %token limit %limit size 4
        : tensor<16xi32, #hopper.entries>
    // Two groups: the third warp has none.
    // CHECK: %[[HAS:.*]] = arith.cmpi slt, %{{.*}}, %c16
    // CHECK: scf.if %[[HAS]] {
    // CHECK: %[[AT:.*]] = arith.maxsi %[[ENTRY]], %c0
    // CHECK: arith.extsi %[[AT]]
    // CHECK: %[[IS:.*]] = arith.cmpi sge, %[[ENTRY]], %c0
    // CHECK: %[[BYTES:.*]] = arith.select %[[IS]], %c16{{.*}}, %c0
    // CHECK: nvvm.cp.async.shared.global %{{.*}}, %{{.*}}, 16, cache = cg, %[[BYTES]]
    // Of the second block there are 24 columns, 3 lanes of 8.
    // CHECK: %[[INSIDE:.*]] = arith.cmpi slt, %{{.*}}, %c3
    // CHECK: %[[BOTH:.*]] = arith.andi %[[IS]], %[[INSIDE]]
    // CHECK: %[[FEWER:.*]] = arith.select %[[BOTH]], %c16{{.*}}, %c0
    // CHECK: nvvm.cp.async.shared.global %{{.*}}, %{{.*}}, 16, cache = cg, %[[FEWER]]
    // CHECK-COUNT-2: nvvm.cp.async.shared.global
    // CHECK-NOT: nvvm.cp.async.shared.global
    // CHECK: nvvm.cp.async.mbarrier.arrive {{.*}}noinc = true
    hopper.gather %pool[%base, %page, %stride] pages %pages at %token size 4 columns 88
        to %k[%n], %full[%n]
        : tensor<16xi32, #hopper.entries>, !hopper.smem<2x16x128xbf16>, !hopper.barrier<2>
  } consumers(1) registers(200) {
  ^bb0(%warpgroup: i32):
  }
  return
}
