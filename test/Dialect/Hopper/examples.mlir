// The examples of the dialect's .td files, word for word.
//
// RUN: parallax-opt %s | parallax-opt | FileCheck %s
// RUN: parallax-opt %s --mlir-print-op-generic | parallax-opt | FileCheck %s

// CHECK-LABEL: func.func private @types
// CHECK-SAME: !hopper.smem<128x64xbf16>
// CHECK-SAME: !hopper.smem<3x64x128xbf16>
// CHECK-SAME: !hopper.smem<4x64x128xf8E4M3FN>
func.func private @types(!hopper.smem<128x64xbf16>, !hopper.smem<3x64x128xbf16>,
                         !hopper.smem<4x64x128xf8E4M3FN>)

// CHECK-LABEL: func.func private @encodings
// CHECK-SAME: tensor<64x32xf32, #hopper.acc>, tensor<16x32xbf16, #hopper.acc<per_warp>>
func.func private @encodings(tensor<64x32xf32, #hopper.acc>, tensor<16x32xbf16, #hopper.acc<per_warp>>)

// CHECK-LABEL: func.func @smallest
func.func @smallest() attributes {hopper.kernel} {
  // CHECK: hopper.roles producer registers(24) {
  // CHECK-NEXT: } consumers(2) registers(240) {
  // CHECK-NEXT: ^bb0(%{{.*}}: i32):
  // CHECK-NEXT: }
  hopper.roles producer registers(24) {
  } consumers(2) registers(240) {
  ^bb0(%warpgroup: i32):
  }
  return
}

// CHECK-LABEL: func.func @converters
func.func @converters() attributes {hopper.kernel} {
  // CHECK: hopper.roles producer registers(56) {
  // CHECK-NEXT: } converters {
  // CHECK-NEXT: } consumers(1) registers(200) {
  hopper.roles producer registers(56) {
  } converters {
  } consumers(1) registers(200) {
  ^bb0(%warpgroup: i32):
  }
  return
}

// CHECK-LABEL: func.func @converter_warpgroup
func.func @converter_warpgroup() attributes {hopper.kernel, hopper.ctas_per_sm = 2} {
  // CHECK: hopper.roles producer registers(24) {
  // CHECK-NEXT: } converters registers(64) {
  // CHECK-NEXT: } consumers(1) registers(152) {
  hopper.roles producer registers(24) {
  } converters registers(64) {
  } consumers(1) registers(152) {
  ^bb0(%warpgroup: i32):
  }
  return
}

// CHECK-LABEL: func.func @pages
func.func @pages(%pointer: !llvm.ptr<1>, %row: i32, %token: i32, %valid: i32, %base: i64,
                 %stride: i64, %n: i32) attributes {hopper.kernel} {
  %k = hopper.alloc : !hopper.smem<2x64x128xbf16>
  %filled = hopper.barriers count 96 : !hopper.barrier<2>
  hopper.roles producer registers(56) {
  } converters {
    // CHECK: hopper.load_entries %{{.*}}[%{{.*}}] from %{{.*}} limit %{{.*}} size 4 : tensor<64xi32, #hopper.entries>
    %pages = hopper.load_entries %pointer[%row] from %token limit %valid size 4
        : tensor<64xi32, #hopper.entries>
    // CHECK: hopper.gather %{{.*}}[%{{.*}}, %{{.*}}, %{{.*}}] pages %{{.*}} at %{{.*}} size 4 columns 128 to %{{.*}}[%{{.*}}], %{{.*}}[%{{.*}}] : tensor<64xi32, #hopper.entries>, !hopper.smem<2x64x128xbf16>, !hopper.barrier<2>
    hopper.gather %pointer[%base, %stride, %stride] pages %pages at %token
        size 4 columns 128 to %k[%n], %filled[%n]
        : tensor<64xi32, #hopper.entries>, !hopper.smem<2x64x128xbf16>,
          !hopper.barrier<2>
  } consumers(1) registers(200) {
  ^bb0(%warpgroup: i32):
  }
  return
}

// CHECK-LABEL: func.func @conversion
func.func @conversion(%n: i32, %valid: i32) attributes {hopper.kernel} {
  %narrow = hopper.alloc : !hopper.smem<4x64x128xf8E4M3FN>
  %k = hopper.alloc : !hopper.smem<2x64x128xbf16>
  hopper.roles producer registers(56) {
  } converters {
    // CHECK: hopper.convert %{{.*}}[%{{.*}}] to %{{.*}}[%{{.*}}] from %{{.*}} : !hopper.smem<4x64x128xf8E4M3FN>, !hopper.smem<2x64x128xbf16>
    hopper.convert %narrow[%n] to %k[%n] from %valid
        : !hopper.smem<4x64x128xf8E4M3FN>, !hopper.smem<2x64x128xbf16>
  } consumers(1) registers(200) {
  ^bb0(%warpgroup: i32):
  }
  return
}

// CHECK-LABEL: func.func @examples
func.func @examples(%map: !hopper.tensor_map, %pointer: !llvm.ptr<1>, %head: i32,
                    %token: i32, %batch: i32, %key: i32, %length: i32, %shift: i32,
                    %w: i32, %base: i64, %stride: i64, %pool: !llvm.ptr<1>,
                    %table: !llvm.ptr<1>, %page_stride: i64, %first: i32,
                    %n: i32) attributes {hopper.kernel} {
  %c0 = arith.constant 0 : i32
  %k = hopper.alloc : !hopper.smem<3x64x128xbf16>
  %q = hopper.alloc : !hopper.smem<128x128xbf16>
  %v = hopper.alloc : !hopper.smem<3x64x128xbf16>
  %o_tile = hopper.alloc : !hopper.smem<128x128xbf16>
  %full = hopper.barriers count 1 : !hopper.barrier<3>
  %empty = hopper.barriers count 8 : !hopper.barrier<3>
  %id = hopper.cta_id
  // CHECK: hopper.load_scalar %{{.*}}[%{{.*}}] : i32
  %used = hopper.load_scalar %pointer[%batch] : i32
  // CHECK: hopper.append %{{.*}}[%{{.*}}, %{{.*}}], %{{.*}}[%{{.*}}, %{{.*}}] from %{{.*}} count %{{.*}} limit %{{.*}} columns 128 pages(%{{.*}}[%{{.*}}], %{{.*}}) size 16
  hopper.append %pointer[%base, %stride], %pool[%base, %stride] from %first
      count %n limit %length columns 128
      pages(%table[%batch], %page_stride) size 16
  hopper.roles producer registers(24) {
    // CHECK: hopper.wait %{{.*}}[%{{.*}}] : !hopper.barrier<3>
    hopper.wait %full[%n] : !hopper.barrier<3>
    // CHECK-NEXT: hopper.wait %{{.*}}[%{{.*}}] lag 1 : !hopper.barrier<3>
    hopper.wait %empty[%n] lag 1 : !hopper.barrier<3>
    // CHECK: hopper.expect %{{.*}}[%{{.*}}], 16384 : !hopper.barrier<3>
    hopper.expect %full[%n], 16384 : !hopper.barrier<3>
    // CHECK: hopper.tma_load %{{.*}}[%{{.*}}], %{{.*}}[%{{.*}}], %{{.*}}[%{{.*}}] box [1, 64] : !hopper.smem<3x64x128xbf16>, !hopper.barrier<3>
    hopper.tma_load %map[%c0, %head, %token, %batch], %k[%n], %full[%n]
        box [1, 64] : !hopper.smem<3x64x128xbf16>, !hopper.barrier<3>
  } consumers(2) registers(240) {
  ^bb0(%r: i32):
    %row = arith.constant 0 : i32
    %valid = arith.constant 8 : i32
    // CHECK: hopper.zero_rows %{{.*}}[%{{.*}}] from %{{.*}} : !hopper.smem<3x64x128xbf16>
    hopper.zero_rows %v[%n] from %valid : !hopper.smem<3x64x128xbf16>
    %x0 = arith.constant dense<0.0> : tensor<64x64xf32, #hopper.acc>
    %p = hopper.pack %x0 : tensor<64x64xf32, #hopper.acc>
        -> tensor<64x64xbf16, #hopper.operand_a>
    %acc = arith.constant dense<0.0> : tensor<64x128xf32, #hopper.acc>
    // CHECK: hopper.wgmma %{{.*}} rows(%{{.*}}), %{{.*}}[%{{.*}}] transpose : !hopper.smem<128x128xbf16>, !hopper.smem<3x64x128xbf16> -> tensor<64x64xf32, #hopper.acc>
    // CHECK: hopper.wgmma %{{.*}}, %{{.*}}[%{{.*}}] into %{{.*}} : tensor<64x64xbf16, #hopper.operand_a>, !hopper.smem<3x64x128xbf16> -> tensor<64x128xf32, #hopper.acc>
    %s = hopper.wgmma %q rows(%r), %k[%n] transpose
        : !hopper.smem<128x128xbf16>, !hopper.smem<3x64x128xbf16>
        -> tensor<64x64xf32, #hopper.acc>
    %o = hopper.wgmma %p, %v[%n] into %acc
        : tensor<64x64xbf16, #hopper.operand_a>, !hopper.smem<3x64x128xbf16>
        -> tensor<64x128xf32, #hopper.acc>
    // CHECK: hopper.commit
    hopper.commit
    // CHECK: hopper.wait_group pending 1 %{{.*}} : tensor<64x64xf32, #hopper.acc>
    %t = hopper.wait_group pending 1 %s : tensor<64x64xf32, #hopper.acc>
    // CHECK: hopper.arrive %{{.*}}[%{{.*}}] : !hopper.barrier<3>
    hopper.arrive %empty[%n] : !hopper.barrier<3>
    // CHECK: hopper.warpgroup_barrier
    hopper.warpgroup_barrier
    // CHECK: hopper.named_sync %{{.*}} threads 256
    hopper.named_sync %id threads 256
    // CHECK: hopper.named_arrive %{{.*}} threads 256
    hopper.named_arrive %id threads 256
    // CHECK: hopper.fence_async
    hopper.fence_async
  }
  return
}

// CHECK-LABEL: func.func @register_examples
func.func @register_examples(%map: !hopper.tensor_map, %pointer: !llvm.ptr<1>,
    %head: i32, %token: i32, %batch: i32, %key: i32, %n: i32, %length: i32,
    %shift: i32, %w: i32, %base: i64, %token_stride: i64, %head_stride: i64,
    %tickets: !llvm.ptr<1>, %index: i32, %count: i32) attributes {hopper.kernel} {
  %c0 = arith.constant 0 : i32
  %tile = hopper.alloc : !hopper.smem<128x128xbf16>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%r: i32):
    %row = arith.constant 0 : i32
    %s = arith.constant dense<1.0> : tensor<64x64xf32, #hopper.acc>
    %own = arith.constant dense<1.0> : tensor<16x64xf32, #hopper.acc<per_warp>>
    // CHECK: hopper.mask %{{.*}} at(%{{.*}}, %{{.*}}, %{{.*}}) length(%{{.*}}) causal(%{{.*}}) window(%{{.*}}) heads 4 : tensor<64x64xf32, #hopper.acc>
    %x = hopper.mask %s at(%row, %token, %key) length(%n) causal(%shift)
        window(%w) heads 4 : tensor<64x64xf32, #hopper.acc>
    // CHECK: hopper.mask %{{.*}} at(%{{.*}}, %{{.*}}, %{{.*}}) length(%{{.*}}) : tensor<16x64xf32, #hopper.acc<per_warp>>
    %y = hopper.mask %own at(%row, %token, %key) length(%n)
        : tensor<16x64xf32, #hopper.acc<per_warp>>
    %p = math.exp2 %x : tensor<64x64xf32, #hopper.acc>
    // CHECK: hopper.pack %{{.*}} : tensor<64x64xf32, #hopper.acc> -> tensor<64x64xbf16, #hopper.operand_a>
    %a = hopper.pack %p : tensor<64x64xf32, #hopper.acc>
        -> tensor<64x64xbf16, #hopper.operand_a>
    // CHECK: hopper.reduce max {{.*}} : tensor<64x64xf32, #hopper.acc> -> tensor<64xf32, #hopper.row>
    // CHECK: hopper.reduce add {{.*}} : tensor<64x64xf32, #hopper.acc> -> tensor<64x4xf32, #hopper.row_partial>
    // CHECK: hopper.reduce add {{.*}} : tensor<64x4xf32, #hopper.row_partial> -> tensor<64xf32, #hopper.row>
    // CHECK: hopper.reduce add {{.*}} : tensor<64x64xbf16, #hopper.operand_a> -> tensor<64xf32, #hopper.row>
    %m = hopper.reduce max %s : tensor<64x64xf32, #hopper.acc>
        -> tensor<64xf32, #hopper.row>
    %l = hopper.reduce add %p : tensor<64x64xf32, #hopper.acc>
        -> tensor<64x4xf32, #hopper.row_partial>
    %d = hopper.reduce add %l : tensor<64x4xf32, #hopper.row_partial>
        -> tensor<64xf32, #hopper.row>
    %e = hopper.reduce add %a : tensor<64x64xbf16, #hopper.operand_a>
        -> tensor<64xf32, #hopper.row>
    // CHECK: hopper.broadcast %{{.*}} : tensor<64xf32, #hopper.row> -> tensor<64x64xf32, #hopper.acc>
    %b = hopper.broadcast %m : tensor<64xf32, #hopper.row>
        -> tensor<64x64xf32, #hopper.acc>
    %o = arith.constant dense<1.0> : tensor<64x128xf32, #hopper.acc>
    // CHECK: hopper.store_fragment %{{.*}}, %{{.*}} rows(%{{.*}}) : tensor<64x128xf32, #hopper.acc>, !hopper.smem<128x128xbf16>
    hopper.store_fragment %o, %tile rows(%r)
        : tensor<64x128xf32, #hopper.acc>, !hopper.smem<128x128xbf16>
    %p1 = arith.constant dense<1.0> : tensor<32x64xbf16, #hopper.operand_a>
    %p2 = arith.constant dense<2.0> : tensor<32x64xbf16, #hopper.operand_a>
    %w1 = arith.constant dense<1.0> : tensor<16x16xbf16, #hopper.acc<per_warp>>
    %w2 = arith.constant dense<2.0> : tensor<16x16xbf16, #hopper.acc<per_warp>>
    %st = arith.constant dense<1.0> : tensor<64x64xf32, #hopper.acc>
    // CHECK: hopper.stack %{{.*}}, %{{.*}} : tensor<32x64xbf16, #hopper.operand_a> -> tensor<64x64xbf16, #hopper.operand_a>
    %pp = hopper.stack %p1, %p2 : tensor<32x64xbf16, #hopper.operand_a>
        -> tensor<64x64xbf16, #hopper.operand_a>
    // CHECK: hopper.stack %{{.*}}, %{{.*}} : tensor<16x16xbf16, #hopper.acc<per_warp>> -> tensor<32x16xbf16, #hopper.operand_a<per_warp>>
    %ww = hopper.stack %w1, %w2 : tensor<16x16xbf16, #hopper.acc<per_warp>>
        -> tensor<32x16xbf16, #hopper.operand_a<per_warp>>
    // CHECK: hopper.unstack %{{.*}} : tensor<64x64xf32, #hopper.acc> -> tensor<32x64xf32, #hopper.acc>
    %ss, %t = hopper.unstack %st : tensor<64x64xf32, #hopper.acc>
        -> tensor<32x64xf32, #hopper.acc>
    // CHECK: hopper.store_rows %{{.*}}, %{{.*}}[%{{.*}}, %{{.*}}, %{{.*}}] at(%{{.*}}, %{{.*}}) length(%{{.*}}) heads 4 rows 128 : tensor<64xf32, #hopper.row>
    hopper.store_rows %m, %pointer[%base, %token_stride, %head_stride]
        at(%row, %token) length(%length) heads 4 rows 128
        : tensor<64xf32, #hopper.row>
    // CHECK: hopper.load_rows %{{.*}}[%{{.*}}, %{{.*}}, %{{.*}}] at(%{{.*}}, %{{.*}}) length(%{{.*}}) heads 4 rows 64 : tensor<4x128xf32, #hopper.lanes>
    %o1 = hopper.load_rows %pointer[%base, %token_stride, %head_stride]
        at(%row, %token) length(%length) heads 4 rows 64
        : tensor<4x128xf32, #hopper.lanes>
    // CHECK: hopper.arrive_last %{{.*}}[%{{.*}}] of %{{.*}}
    %is_last = hopper.arrive_last %tickets[%index] of %count
    // CHECK: hopper.arrive_last %{{.*}}[%{{.*}}] of %{{.*}} looks
    %is_last_soon = hopper.arrive_last %tickets[%index] of %count looks
  }
  return
}

// CHECK-LABEL: func.func @rescale
func.func @rescale() attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%r: i32):
    %acc = arith.constant dense<1.0> : tensor<64x128xf32, #hopper.acc>
    %alpha = arith.constant dense<0.5> : tensor<64xf32, #hopper.row>
    // CHECK: hopper.rescale %{{.*}} by %{{.*}} : tensor<64x128xf32, #hopper.acc>, tensor<64xf32, #hopper.row>
    %o = hopper.rescale %acc by %alpha : tensor<64x128xf32, #hopper.acc>,
        tensor<64xf32, #hopper.row>
  }
  return
}

// CHECK-LABEL: func.func @more_examples
func.func @more_examples(%map: !hopper.tensor_map, %sums: !hopper.tensor_map,
                         %head: i32, %token: i32, %batch: i32) attributes {hopper.kernel} {
  %c0 = arith.constant 0 : i32
  %o = hopper.alloc : !hopper.smem<128x128xbf16>
  %dq = hopper.alloc : !hopper.smem<64x128xf32>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%r: i32):
    %a = arith.constant dense<1.0> : tensor<64x64xbf16, #hopper.operand_a>
    // CHECK: hopper.unpack %{{.*}} : tensor<64x64xbf16, #hopper.operand_a> -> tensor<64x64xf32, #hopper.acc>
    %p = hopper.unpack %a : tensor<64x64xbf16, #hopper.operand_a>
        -> tensor<64x64xf32, #hopper.acc>
    // CHECK: hopper.tma_store %{{.*}} rows(%{{.*}}), %{{.*}}[%{{.*}}] box [1, 64] : !hopper.smem<128x128xbf16>
    hopper.tma_store %o rows(%r), %map[%c0, %head, %token, %batch] box [1, 64]
        : !hopper.smem<128x128xbf16>
    // CHECK: hopper.tma_store %{{.*}}, %{{.*}}[%{{.*}}] box [1, 64] add : !hopper.smem<64x128xf32>
    hopper.tma_store %dq, %sums[%c0, %head, %token, %batch] box [1, 64] add
        : !hopper.smem<64x128xf32>
  }
  return
}

// CHECK-LABEL: func.func @board
func.func @board(%n: i32, %head: i32) attributes {hopper.kernel} {
  %board = hopper.alloc : !hopper.smem<2x8x64xbf16>
  hopper.roles producer registers(24) {
    // CHECK: hopper.put_scalar %{{.*}}, %{{.*}}[%{{.*}}] at 1 : !hopper.smem<2x8x64xbf16>
    hopper.put_scalar %head, %board[%n] at 1 : !hopper.smem<2x8x64xbf16>
  } consumers(2) registers(240) {
  ^bb0(%warpgroup: i32):
  }
  return
}

// CHECK-LABEL: func.func @read_board
func.func @read_board(%n: i32) attributes {hopper.kernel} {
  %board = hopper.alloc : !hopper.smem<2x8x64xbf16>
  hopper.roles producer registers(24) {
  } consumers(2) registers(240) {
  ^bb0(%warpgroup: i32):
    // CHECK: hopper.get_scalar %{{.*}}[%{{.*}}] at 1 : !hopper.smem<2x8x64xbf16>
    %head = hopper.get_scalar %board[%n] at 1 : !hopper.smem<2x8x64xbf16>
  }
  return
}

// CHECK-LABEL: func.func @load_fragment
func.func @load_fragment() attributes {hopper.kernel} {
  %q = hopper.alloc : !hopper.smem<64x128xbf16>
  %few = hopper.alloc : !hopper.smem<8x128xbf16>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%warpgroup: i32):
    // CHECK: hopper.load_fragment %{{.*}} only 16 : !hopper.smem<64x128xbf16> -> tensor<64x128xbf16, #hopper.operand_a>
    %qr = hopper.load_fragment %q only 16 : !hopper.smem<64x128xbf16>
        -> tensor<64x128xbf16, #hopper.operand_a>
    // CHECK: hopper.load_fragment %{{.*}} : !hopper.smem<8x128xbf16> -> tensor<32x128xbf16, #hopper.operand_a<per_warp>>
    %each = hopper.load_fragment %few : !hopper.smem<8x128xbf16>
        -> tensor<32x128xbf16, #hopper.operand_a<per_warp>>
    // CHECK: hopper.load_fragment %{{.*}} in_fours : !hopper.smem<8x128xbf16> -> tensor<32x128xbf16, #hopper.operand_a<per_warp>>
    %fours = hopper.load_fragment %few in_fours : !hopper.smem<8x128xbf16>
        -> tensor<32x128xbf16, #hopper.operand_a<per_warp>>
  }
  return
}

// CHECK-LABEL: func.func @mail
func.func @mail(%n: i32) attributes {hopper.kernel} {
  %mail = hopper.alloc : !hopper.smem<2x64x64xbf16>
  hopper.roles producer registers(24) {
  } consumers(2) registers(240) {
  ^bb0(%warpgroup: i32):
    %p = arith.constant dense<0.0> : tensor<64x64xbf16, #hopper.operand_a>
    // CHECK: hopper.put %{{.*}}, %{{.*}}[%{{.*}}] : tensor<64x64xbf16, #hopper.operand_a>, !hopper.smem<2x64x64xbf16>
    hopper.put %p, %mail[%n]
        : tensor<64x64xbf16, #hopper.operand_a>, !hopper.smem<2x64x64xbf16>
    // CHECK: hopper.get %{{.*}}[%{{.*}}] : !hopper.smem<2x64x64xbf16> -> tensor<64x64xbf16, #hopper.operand_a>
    %p1 = hopper.get %mail[%n] : !hopper.smem<2x64x64xbf16>
        -> tensor<64x64xbf16, #hopper.operand_a>
  }
  return
}

// CTAs that share keys.
// CHECK-LABEL: func.func @merge
func.func @merge(%pm: !llvm.ptr<1>, %pd1: !llvm.ptr<1>, %pd2: !llvm.ptr<1>,
                 %po1: !llvm.ptr<1>, %po2: !llvm.ptr<1>, %n: i32, %base: i64,
                 %part_stride: i64, %token_stride: i64, %row: i32, %token: i32,
                 %length: i32) attributes {hopper.kernel} {
  // CHECK: hopper.cta_id{{$}}
  // CHECK: hopper.cta_id 1
  %id = hopper.cta_id
  %rank = hopper.cta_id 1
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%warpgroup: i32):
    // CHECK: hopper.merge_rows %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} count(%{{.*}}) [%{{.*}}, %{{.*}}, %{{.*}}] at(%{{.*}}, %{{.*}}) length(%{{.*}}) heads 4 rows 64 : tensor<4xf32, #hopper.lanes>, tensor<4x128xf32, #hopper.lanes>
    %m, %d1, %d2, %o1, %o2 = hopper.merge_rows %pm, %pd1, %pd2, %po1, %po2
        count(%n) [%base, %part_stride, %token_stride]
        at(%row, %token) length(%length) heads 4 rows 64
        : tensor<4xf32, #hopper.lanes>, tensor<4x128xf32, #hopper.lanes>
  }
  return
}

// CHECK-LABEL: func.func @exchange
func.func @exchange(%n: i32, %rows: i32, %row: i32) attributes {hopper.kernel} {
  %k = hopper.alloc : !hopper.smem<3x64x128xbf16>
  %v = hopper.alloc : !hopper.smem<3x64x128xbf16>
  %inbox = hopper.alloc : !hopper.smem<128x64xbf16>
  %arrived = hopper.barriers count 1 : !hopper.barrier<1>
  // CHECK: hopper.cluster_arrive
  hopper.cluster_arrive
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%warpgroup: i32):
    %m = arith.constant dense<0.0> : tensor<32xf32, #hopper.row<per_warp>>
    %d1 = arith.constant dense<1.0> : tensor<32xf32, #hopper.row<per_warp>>
    %d2 = arith.constant dense<2.0> : tensor<32xf32, #hopper.row<per_warp>>
    %o1 = arith.constant dense<3.0> : tensor<32x128xf32, #hopper.acc<per_warp>>
    %o2 = arith.constant dense<4.0> : tensor<32x128xf32, #hopper.acc<per_warp>>
    // CHECK: hopper.cluster_wait
    hopper.cluster_wait
    // CHECK: hopper.send_rows %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} through %{{.*}}, %{{.*}} to %{{.*}}, %{{.*}} rows(%{{.*}}) of %{{.*}} most 8 : tensor<32xf32, #hopper.row<per_warp>>, tensor<32x128xf32, #hopper.acc<per_warp>>, !hopper.smem<3x64x128xbf16>, !hopper.smem<128x64xbf16>, !hopper.barrier<1>
    hopper.send_rows %m, %d1, %d2, %o1, %o2 through %k, %v to %inbox, %arrived
        rows(%rows) of %n most 8 : tensor<32xf32, #hopper.row<per_warp>>,
          tensor<32x128xf32, #hopper.acc<per_warp>>, !hopper.smem<3x64x128xbf16>,
          !hopper.smem<128x64xbf16>, !hopper.barrier<1>
    // CHECK: hopper.await_rows %{{.*}} rows(%{{.*}}) of %{{.*}} columns 128 : !hopper.barrier<1>
    hopper.await_rows %arrived rows(%rows) of %n columns 128 : !hopper.barrier<1>
  }
  return
}

// CHECK-LABEL: func.func @find
func.func @find(%lengths: !llvm.ptr<1>, %target: i32, %a: i32, %b: i32, %count: i32) attributes {hopper.kernel} {
  // CHECK: hopper.find %{{.*}} of %{{.*}} {
  // CHECK: ^bb0(%[[I:.*]]: i32):
  // CHECK: %[[LENGTH:.*]] = hopper.load_scalar %{{.*}}[%[[I]]] : i32
  // CHECK: hopper.weight %[[LENGTH]]
  %index, %before = hopper.find %target of %count {
  ^bb0(%i: i32):
    %length = hopper.load_scalar %lengths[%i] : i32
    hopper.weight %length
  }
  // CHECK: %{{.*}}:2, %{{.*}}:2 = hopper.find %{{.*}}, %{{.*}} of %{{.*}} {
  %found:4 = hopper.find %a, %b of %count {
  ^bb0(%i: i32):
    %length = hopper.load_scalar %lengths[%i] : i32
    hopper.weight %length
  }
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
  }
  return
}

// CHECK-LABEL: func.func @merge_received
func.func @merge_received(%n: i32, %row: i32) attributes {hopper.kernel} {
  %inbox = hopper.alloc : !hopper.smem<128x64xbf16>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%warpgroup: i32):
    // CHECK: hopper.merge_received %{{.*}} of %{{.*}} at(%{{.*}}) : !hopper.smem<128x64xbf16> -> tensor<1xf32, #hopper.lanes>, tensor<1x128xf32, #hopper.lanes>
    %m, %d1, %d2, %o1, %o2 = hopper.merge_received %inbox of %n at(%row)
        : !hopper.smem<128x64xbf16> -> tensor<1xf32, #hopper.lanes>,
          tensor<1x128xf32, #hopper.lanes>
  }
  return
}

// CHECK-LABEL: func.func @divide
func.func @divide(%a: i32, %reciprocal: i64) attributes {hopper.kernel} {
  // CHECK: hopper.divide %{{.*}} by %{{.*}}
  %n = hopper.divide %a by %reciprocal
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%warpgroup: i32):
  }
  return
}

// CHECK-LABEL: func.func @warp_mma
func.func @warp_mma(%n: i32) attributes {hopper.kernel} {
  %k = hopper.alloc : !hopper.smem<4x64x128xf8E4M3FN>
  %v = hopper.alloc : !hopper.smem<4x64x128xf8E4M3FN>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%warpgroup: i32):
    %q = arith.constant dense<1.0> : tensor<32x128xbf16, #hopper.operand_a<per_warp>>
    %p = arith.constant dense<1.0> : tensor<32x16xbf16, #hopper.operand_a<per_warp>>
    %acc = arith.constant dense<0.0> : tensor<32x128xf32, #hopper.acc<per_warp>>
    // CHECK: hopper.warp_mma %{{.*}}, %{{.*}}[%{{.*}}] transpose : tensor<32x128xbf16, #hopper.operand_a<per_warp>>, !hopper.smem<4x64x128xf8E4M3FN> -> tensor<32x16xf32, #hopper.acc<per_warp>>
    %s = hopper.warp_mma %q, %k[%n] transpose
        : tensor<32x128xbf16, #hopper.operand_a<per_warp>>,
          !hopper.smem<4x64x128xf8E4M3FN>
        -> tensor<32x16xf32, #hopper.acc<per_warp>>
    // CHECK: hopper.warp_mma %{{.*}}, %{{.*}}[%{{.*}}] into %{{.*}} : tensor<32x16xbf16, #hopper.operand_a<per_warp>>, !hopper.smem<4x64x128xf8E4M3FN> -> tensor<32x128xf32, #hopper.acc<per_warp>>
    %o = hopper.warp_mma %p, %v[%n] into %acc
        : tensor<32x16xbf16, #hopper.operand_a<per_warp>>,
          !hopper.smem<4x64x128xf8E4M3FN>
        -> tensor<32x128xf32, #hopper.acc<per_warp>>
  }
  return
}

// CHECK-LABEL: func.func @merge_warps
func.func @merge_warps() attributes {hopper.kernel} {
  %k = hopper.alloc : !hopper.smem<4x64x128xf8E4M3FN>
  %v = hopper.alloc : !hopper.smem<4x64x128xf8E4M3FN>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%warpgroup: i32):
    %m = arith.constant dense<0.0> : tensor<16xf32, #hopper.row<per_warp>>
    %d1 = arith.constant dense<1.0> : tensor<16xf32, #hopper.row<per_warp>>
    %d2 = arith.constant dense<2.0> : tensor<16xf32, #hopper.row<per_warp>>
    %o1 = arith.constant dense<3.0> : tensor<16x128xf32, #hopper.acc<per_warp>>
    %o2 = arith.constant dense<4.0> : tensor<16x128xf32, #hopper.acc<per_warp>>
    // CHECK: hopper.merge_warps %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} through %{{.*}}, %{{.*}} : tensor<16xf32, #hopper.row<per_warp>>, tensor<16x128xf32, #hopper.acc<per_warp>>, !hopper.smem<4x64x128xf8E4M3FN> -> tensor<32xf32, #hopper.row>, tensor<32x128xf32, #hopper.acc>
    %rm, %rd1, %rd2, %ro1, %ro2 = hopper.merge_warps %m, %d1, %d2, %o1, %o2
        through %k, %v : tensor<16xf32, #hopper.row<per_warp>>,
          tensor<16x128xf32, #hopper.acc<per_warp>>,
          !hopper.smem<4x64x128xf8E4M3FN> -> tensor<32xf32, #hopper.row>,
          tensor<32x128xf32, #hopper.acc>
  }
  return
}

// CHECK-LABEL: func.func @grids
func.func @grids() attributes {hopper.kernel, hopper.awaits_grids} {
  // CHECK: hopper.await_grids
  hopper.await_grids
  // CHECK: hopper.launch_dependents
  hopper.launch_dependents
  hopper.roles producer registers(24) {
    // CHECK: hopper.await_grids
    hopper.await_grids
  } consumers(1) registers(240) {
  ^bb0(%warpgroup: i32):
  }
  return
}
