// Registers that cross warpgroups: four at a time, by 128 threads side by side.
//
// RUN: parallax-opt %s --hopper-to-nvvm --canonicalize --cse | FileCheck %s

// CHECK-LABEL: llvm.func @mail
func.func @mail(%n: i32) attributes {hopper.kernel} {
  %mail = hopper.alloc : !hopper.smem<2x32x64xbf16>
  %rows = hopper.alloc : !hopper.smem<8x64xbf16>
  hopper.roles producer registers(24) {
  } consumers(2) registers(240) {
  ^bb0(%warpgroup: i32):
    // CHECK: %[[PAIR:.*]] = llvm.load %[[ROWS:.*]] {alignment = 8 : i64} : !llvm.ptr<3> -> vector<2xf32>
    %m = hopper.get %rows : !hopper.smem<8x64xbf16> -> tensor<64xf32, #hopper.row>
    // CHECK: llvm.load %[[FIRST:.*]] {alignment = 16 : i64} : !llvm.ptr<3> -> vector<4xi32>
    // CHECK: %[[NEXT:.*]] = llvm.getelementptr %[[FIRST]][2048] : (!llvm.ptr<3>) -> !llvm.ptr<3>, i8
    // CHECK: llvm.load %[[NEXT]] {alignment = 16 : i64} : !llvm.ptr<3> -> vector<4xi32>
    %p = hopper.get %mail[%n] : !hopper.smem<2x32x64xbf16>
        -> tensor<64x32xbf16, #hopper.operand_a>
    // CHECK: llvm.store %{{.*}}, %[[FIRST]] {alignment = 16 : i64} : vector<4xi32>, !llvm.ptr<3>
    // CHECK: llvm.store %{{.*}}, %[[NEXT]] {alignment = 16 : i64} : vector<4xi32>, !llvm.ptr<3>
    hopper.put %p, %mail[%n]
        : tensor<64x32xbf16, #hopper.operand_a>, !hopper.smem<2x32x64xbf16>
    // CHECK: llvm.store %{{.*}}, %[[ROWS]] {alignment = 8 : i64} : vector<2xf32>, !llvm.ptr<3>
    hopper.put %m, %rows : tensor<64xf32, #hopper.row>, !hopper.smem<8x64xbf16>
  }
  return
}

// A scalar: read as often as it is asked for.
// CHECK-LABEL: llvm.func @board
func.func @board(%n: i32, %head: i32) attributes {hopper.kernel} {
  %board = hopper.alloc : !hopper.smem<2x8x64xbf16>
  hopper.roles producer registers(24) {
    // CHECK: %[[PLACE:.*]] = llvm.getelementptr %{{.*}}[4] : (!llvm.ptr<3>) -> !llvm.ptr<3>, i8
    // CHECK-NEXT: llvm.store volatile %{{.*}}, %[[PLACE]] {alignment = 4 : i64} : i32, !llvm.ptr<3>
    hopper.put_scalar %head, %board[%n] at 1 : !hopper.smem<2x8x64xbf16>
  } consumers(1) registers(240) {
  ^bb0(%warpgroup: i32):
    // CHECK: llvm.load volatile %{{.*}} {alignment = 4 : i64} : !llvm.ptr<3> -> i32
    // CHECK: llvm.load volatile %{{.*}} {alignment = 4 : i64} : !llvm.ptr<3> -> i32
    %head1 = hopper.get_scalar %board[%n] at 1 : !hopper.smem<2x8x64xbf16>
    hopper.named_arrive %head1 threads 128
    %head2 = hopper.get_scalar %board[%n] at 1 : !hopper.smem<2x8x64xbf16>
    hopper.named_arrive %head2 threads 128
  }
  return
}
