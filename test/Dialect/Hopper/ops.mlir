// RUN: parallax-opt %s | parallax-opt | FileCheck %s
// RUN: parallax-opt %s --mlir-print-op-generic | parallax-opt | FileCheck %s

// CHECK-LABEL: func.func @every_op
// CHECK-SAME: attributes {hopper.kernel}
func.func @every_op(%map: !hopper.tensor_map, %pointer: !llvm.ptr<1>,
                    %length: i32, %shift: i32, %window: i32, %base: i64,
                    %stride: i64, %scale: f32) attributes {hopper.kernel} {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c3 = arith.constant 3 : i32
  %c64 = arith.constant 64 : i32
  // CHECK: hopper.alloc : !hopper.smem<128x128xbf16>
  %q = hopper.alloc : !hopper.smem<128x128xbf16>
  // CHECK: hopper.alloc : !hopper.smem<3x64x128xbf16>
  %k = hopper.alloc : !hopper.smem<3x64x128xbf16>
  // CHECK: hopper.alloc : !hopper.smem<2x64x128xf32>
  %sums = hopper.alloc : !hopper.smem<2x64x128xf32>
  // CHECK: hopper.barriers count 1 : !hopper.barrier<1>
  %ready = hopper.barriers count 1 : !hopper.barrier<1>
  %full = hopper.barriers count 1 : !hopper.barrier<3>
  // CHECK: hopper.barriers count 8 : !hopper.barrier<3>
  %empty = hopper.barriers count 8 : !hopper.barrier<3>
  // CHECK: hopper.cta_id
  %id = hopper.cta_id
  // CHECK: hopper.load_scalar %{{.*}}[%{{.*}}] : i32
  %used = hopper.load_scalar %pointer[%id] : i32
  // CHECK: hopper.append %{{.*}} from %{{.*}} count %{{.*}} limit %{{.*}} columns 64{{$}}
  hopper.append %pointer[%base, %stride], %pointer[%base, %stride] from %c0
    count %c3 limit %used columns 64
  // CHECK: hopper.roles producer registers(24) {
  hopper.roles producer registers(24) {
    // CHECK: hopper.expect %{{[^[]*}}, 32768 : !hopper.barrier<1>
    hopper.expect %ready, 32768 : !hopper.barrier<1>
    // CHECK: hopper.tma_load %{{.*}}[%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}], %{{[^[]*}}, %{{[^[]*}} box [4, 32] : !hopper.smem<128x128xbf16>, !hopper.barrier<1>
    hopper.tma_load %map[%c0, %c0, %c64, %c1], %q, %ready box [4, 32]
        : !hopper.smem<128x128xbf16>, !hopper.barrier<1>
    scf.for %n = %c0 to %c3 step %c1 : i32 {
      // CHECK: hopper.wait %{{.*}}[%{{.*}}] lag 1 : !hopper.barrier<3>
      hopper.wait %empty[%n] lag 1 : !hopper.barrier<3>
      // CHECK: hopper.expect %{{.*}}[%{{.*}}], 8192 : !hopper.barrier<3>
      hopper.expect %full[%n], 8192 : !hopper.barrier<3>
      // CHECK: hopper.tma_load {{.*}} rows(%{{.*}}), %{{.*}}[%{{.*}}] box [1, 64] columns 64 :
      hopper.tma_load %map[%c0, %c0, %c64, %c1], %k[%n] rows(%c0), %full[%n]
          box [1, 64] columns 64 : !hopper.smem<3x64x128xbf16>, !hopper.barrier<3>
    }
  // CHECK: } consumers(2) registers(240) {
  // CHECK-NEXT: ^bb0(%{{.*}}: i32):
  } consumers(2) registers(240) {
  ^bb0(%warpgroup: i32):
    %row = arith.muli %warpgroup, %c64 : i32
    // CHECK: hopper.wait %{{[^[]*}} : !hopper.barrier<1>
    hopper.wait %ready : !hopper.barrier<1>
    // CHECK: hopper.zero_rows %{{.*}}[%{{.*}}] from %{{.*}} : !hopper.smem<3x64x128xbf16>
    hopper.zero_rows %k[%c0] from %used : !hopper.smem<3x64x128xbf16>
    // CHECK: hopper.wgmma %{{.*}} rows(%{{.*}}), %{{.*}}[%{{.*}}] transpose inner 96 : !hopper.smem<128x128xbf16>, !hopper.smem<3x64x128xbf16> -> tensor<64x64xf32, #hopper.acc>
    %s0 = hopper.wgmma %q rows(%row), %k[%c0] transpose inner 96
        : !hopper.smem<128x128xbf16>, !hopper.smem<3x64x128xbf16>
        -> tensor<64x64xf32, #hopper.acc>
    // CHECK: hopper.commit
    hopper.commit
    // CHECK: hopper.wait_group pending 0 %{{.*}} : tensor<64x64xf32, #hopper.acc>
    %s1 = hopper.wait_group pending 0 %s0 : tensor<64x64xf32, #hopper.acc>
    // CHECK: hopper.arrive %{{.*}}[%{{.*}}] : !hopper.barrier<3>
    hopper.arrive %empty[%c0] : !hopper.barrier<3>
    // CHECK: hopper.mask %{{.*}} at(%{{.*}}, %{{.*}}, %{{.*}}) length(%{{.*}}) causal(%{{.*}}) window(%{{.*}}) heads 4 : tensor<64x64xf32, #hopper.acc>
    %s2 = hopper.mask %s1 at(%row, %c0, %c0) length(%length) causal(%shift)
        window(%window) heads 4 : tensor<64x64xf32, #hopper.acc>
    // CHECK: hopper.reduce max %{{.*}} -> tensor<64xf32, #hopper.row>
    %m = hopper.reduce max %s2 : tensor<64x64xf32, #hopper.acc>
        -> tensor<64xf32, #hopper.row>
    // CHECK: hopper.broadcast
    %mb = hopper.broadcast %m : tensor<64xf32, #hopper.row>
        -> tensor<64x64xf32, #hopper.acc>
    %x = arith.subf %s2, %mb : tensor<64x64xf32, #hopper.acc>
    %p = math.exp2 %x : tensor<64x64xf32, #hopper.acc>
    // CHECK: hopper.pack %{{.*}} -> tensor<64x64xbf16, #hopper.operand_a>
    %a = hopper.pack %p : tensor<64x64xf32, #hopper.acc>
        -> tensor<64x64xbf16, #hopper.operand_a>
    // CHECK: hopper.unpack
    %r = hopper.unpack %a : tensor<64x64xbf16, #hopper.operand_a>
        -> tensor<64x64xf32, #hopper.acc>
    // CHECK: hopper.reduce add %{{.*}} -> tensor<64x4xf32, #hopper.row_partial>
    %l = hopper.reduce add %r : tensor<64x64xf32, #hopper.acc>
        -> tensor<64x4xf32, #hopper.row_partial>
    %d = hopper.reduce add %l : tensor<64x4xf32, #hopper.row_partial>
        -> tensor<64xf32, #hopper.row>
    // CHECK: hopper.reduce add %{{.*}} : tensor<64x64xbf16, #hopper.operand_a> -> tensor<64xf32, #hopper.row>
    %e = hopper.reduce add %a : tensor<64x64xbf16, #hopper.operand_a>
        -> tensor<64xf32, #hopper.row>
    %zero = arith.constant dense<0.0> : tensor<64x128xf32, #hopper.acc>
    // CHECK: hopper.wgmma %{{.*}}, %{{.*}}[%{{.*}}] columns(%{{.*}}) into %{{.*}} : tensor<64x64xbf16, #hopper.operand_a>, !hopper.smem<3x64x128xbf16> -> tensor<64x128xf32, #hopper.acc>
    %o0 = hopper.wgmma %a, %k[%c0] columns(%c0) into %zero
        : tensor<64x64xbf16, #hopper.operand_a>, !hopper.smem<3x64x128xbf16>
        -> tensor<64x128xf32, #hopper.acc>
    hopper.commit
    // CHECK: hopper.wait_group pending 0 %{{.*}}, %{{.*}} : tensor<64x128xf32, #hopper.acc>, tensor<64x64xbf16, #hopper.operand_a>
    %o1, %a1 = hopper.wait_group pending 0 %o0, %a
        : tensor<64x128xf32, #hopper.acc>, tensor<64x64xbf16, #hopper.operand_a>
    // CHECK: hopper.wait_group pending 0{{$}}
    hopper.wait_group pending 0
    // CHECK: hopper.store_fragment %{{.*}}, %{{.*}} rows(%{{.*}}) : tensor<64x128xf32, #hopper.acc>, !hopper.smem<128x128xbf16>
    hopper.store_fragment %o1, %q rows(%row)
        : tensor<64x128xf32, #hopper.acc>, !hopper.smem<128x128xbf16>
    // CHECK: hopper.fence_async
    hopper.fence_async
    // CHECK: hopper.warpgroup_barrier
    hopper.warpgroup_barrier
    // CHECK: hopper.tma_store %{{.*}} rows(%{{.*}}), %{{.*}}[%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}] box [4, 16] : !hopper.smem<128x128xbf16>
    hopper.tma_store %q rows(%row), %map[%c0, %c0, %c64, %c1] box [4, 16]
        : !hopper.smem<128x128xbf16>
    // CHECK: hopper.store_fragment %{{.*}}, %{{.*}}[%{{.*}}] : tensor<64x128xf32, #hopper.acc>, !hopper.smem<2x64x128xf32>
    hopper.store_fragment %o1, %sums[%c1]
        : tensor<64x128xf32, #hopper.acc>, !hopper.smem<2x64x128xf32>
    // CHECK: hopper.tma_store %{{.*}}[%{{.*}}], %{{.*}}[%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}] box [4, 16] columns 96 add : !hopper.smem<2x64x128xf32>
    hopper.tma_store %sums[%c1], %map[%c0, %c0, %c64, %c1] box [4, 16] columns 96
        add : !hopper.smem<2x64x128xf32>
    // CHECK: hopper.store_rows %{{.*}}, %{{.*}}[%{{.*}}, %{{.*}}, %{{.*}}] at(%{{.*}}, %{{.*}}) length(%{{.*}}) heads 4 rows 128 : tensor<64xf32, #hopper.row>
    hopper.store_rows %m, %pointer[%base, %stride, %stride] at(%row, %c0)
        length(%length) heads 4 rows 128 : tensor<64xf32, #hopper.row>
    // CHECK: hopper.named_arrive %{{.*}} threads 256
    hopper.named_arrive %c1 threads 256
    // CHECK: hopper.named_sync %{{.*}} threads 256
    hopper.named_sync %c0 threads 256
  }
  return
}
