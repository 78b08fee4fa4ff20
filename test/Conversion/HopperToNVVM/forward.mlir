// A forward kernel without a mask at head dimension 128: 128 queries x 64 keys,
// two consumer warpgroups that take turns, the scores of the next tile started
// before this tile's second products.
//
// RUN: parallax-opt %s --hopper-to-nvvm | FileCheck %s

!queries = !hopper.smem<128x128xbf16>
!keys = !hopper.smem<2x64x128xbf16>
!scores = tensor<64x64xf32, #hopper.acc>
!weights = tensor<64x64xbf16, #hopper.operand_a>
!out = tensor<64x128xf32, #hopper.acc>
!row = tensor<64xf32, #hopper.row>
!partial = tensor<64x4xf32, #hopper.row_partial>

// CHECK: llvm.mlir.global external @hopper_shared_memory() {addr_space = 3 : i32, alignment = 1024 : i64}
// CHECK: llvm.func @forward(%{{.*}}: !llvm.ptr {llvm.align = 64 : i64, llvm.byval = !llvm.array<128 x i8>, nvvm.grid_constant}
// CHECK-SAME: nvvm.kernel
// CHECK-SAME: nvvm.reqntid = array<i32: 384, 1, 1>
// CHECK-NOT: hopper.
func.func @forward(%qm: !hopper.tensor_map, %rm: !hopper.tensor_map,
                   %km: !hopper.tensor_map, %vm: !hopper.tensor_map,
                   %om: !hopper.tensor_map, %scale: f32, %key_tiles: i32,
                   %query_tiles: i32, %heads: i32)
    attributes {hopper.kernel} {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c64 = arith.constant 64 : i32
  %c128 = arith.constant 128 : i32
  %q = hopper.alloc : !queries
  %r = hopper.alloc : !queries
  %k = hopper.alloc : !keys
  %v = hopper.alloc : !keys
  %ready = hopper.barriers count 1 : !hopper.barrier<1>
  %k_full = hopper.barriers count 1 : !hopper.barrier<2>
  %k_empty = hopper.barriers count 8 : !hopper.barrier<2>
  %v_full = hopper.barriers count 1 : !hopper.barrier<2>
  %v_empty = hopper.barriers count 8 : !hopper.barrier<2>

  %id = hopper.cta_id
  %query_tile = arith.remui %id, %query_tiles : i32
  %bh = arith.divui %id, %query_tiles : i32
  %head = arith.remui %bh, %heads : i32
  %batch = arith.divui %bh, %heads : i32
  %token = arith.muli %query_tile, %c128 : i32

  // CHECK: nvvm.setmaxregister {{ *}}decrease 24
  // CHECK: nvvm.setmaxregister {{ *}}increase 240
  hopper.roles producer registers(24) {
    hopper.expect %ready, 65536 : !hopper.barrier<1>
    hopper.tma_load %qm[%c0, %head, %token, %batch], %q, %ready box [1, 128]
        : !queries, !hopper.barrier<1>
    hopper.tma_load %rm[%c0, %head, %token, %batch], %r, %ready box [1, 128]
        : !queries, !hopper.barrier<1>
    scf.for %n = %c0 to %key_tiles step %c1 : i32 {
      %key = arith.muli %n, %c64 : i32
      hopper.wait %k_empty[%n] lag 1 : !hopper.barrier<2>
      hopper.expect %k_full[%n], 16384 : !hopper.barrier<2>
      hopper.tma_load %km[%c0, %head, %key, %batch], %k[%n], %k_full[%n]
          box [1, 64] : !keys, !hopper.barrier<2>
      hopper.wait %v_empty[%n] lag 1 : !hopper.barrier<2>
      hopper.expect %v_full[%n], 16384 : !hopper.barrier<2>
      hopper.tma_load %vm[%c0, %head, %key, %batch], %v[%n], %v_full[%n]
          box [1, 64] : !keys, !hopper.barrier<2>
    }
  } consumers(2) registers(240) {
  ^bb0(%warpgroup: i32):
    %row = arith.muli %warpgroup, %c64 : i32
    %other = arith.subi %c1, %warpgroup : i32
    %last = arith.cmpi eq, %warpgroup, %c1 : i32
    scf.if %last {
      hopper.named_arrive %c0 threads 256
    }
    %zero = arith.constant dense<0.0> : !out
    %zero_row = arith.constant dense<0.0> : !partial
    %scale_s = tensor.splat %scale : !scores
    %scale_r = tensor.splat %scale : !row

    hopper.wait %ready : !hopper.barrier<1>
    hopper.wait %k_full[%c0] : !hopper.barrier<2>
    %a0 = hopper.wgmma %q rows(%row), %k[%c0] transpose
        : !queries, !keys -> !scores
    hopper.commit
    %b0 = hopper.wgmma %r rows(%row), %k[%c0] transpose
        : !queries, !keys -> !scores
    hopper.commit
    %a1 = hopper.wait_group pending 1 %a0 : !scores
    %m0 = hopper.reduce max %a1 : !scores -> !row
    %m0s = arith.mulf %m0, %scale_r : !row
    %m0b = hopper.broadcast %m0s : !row -> !scores
    %x0 = arith.mulf %a1, %scale_s : !scores
    %y0 = arith.subf %x0, %m0b : !scores
    %p0 = math.exp2 %y0 : !scores
    %l0 = hopper.reduce add %p0 : !scores -> !partial
    %b1 = hopper.wait_group pending 0 %b0 : !scores
    hopper.arrive %k_empty[%c0] : !hopper.barrier<2>

    %o1, %o2, %pe, %be, %me, %l1, %l2 = scf.for %n = %c1 to %key_tiles step %c1
        iter_args(%o1i = %zero, %o2i = %zero, %p = %p0, %b = %b1, %m = %m0,
                  %l1i = %l0, %l2i = %zero_row)
        -> (!out, !out, !scores, !scores, !row, !partial, !partial) : i32 {
      %before = arith.subi %n, %c1 : i32
      %w1 = hopper.pack %p : !scores -> !weights
      %p2 = arith.mulf %p, %b : !scores
      %s2 = hopper.reduce add %p2 : !scores -> !partial
      %l2a = arith.addf %l2i, %s2 : !partial
      %w2 = hopper.pack %p2 : !scores -> !weights
      hopper.wait %k_full[%n] : !hopper.barrier<2>
      hopper.named_sync %warpgroup threads 256
      %sa = hopper.wgmma %q rows(%row), %k[%n] transpose
          : !queries, !keys -> !scores
      hopper.commit
      hopper.wait %v_full[%before] : !hopper.barrier<2>
      %o1a = hopper.wgmma %w1, %v[%before] into %o1i : !weights, !keys -> !out
      %o2a = hopper.wgmma %w2, %v[%before] into %o2i : !weights, !keys -> !out
      hopper.commit
      hopper.named_arrive %other threads 256
      %sb = hopper.wait_group pending 1 %sa : !scores
      %mx = hopper.reduce max %sb : !scores -> !row
      %mn = arith.maxnumf %m, %mx : !row
      %ms = arith.mulf %mn, %scale_r : !row
      %mo = arith.mulf %m, %scale_r : !row
      %dm = arith.subf %mo, %ms : !row
      %alpha = math.exp2 %dm : !row
      %mb = hopper.broadcast %ms : !row -> !scores
      %x = arith.mulf %sb, %scale_s : !scores
      %y = arith.subf %x, %mb : !scores
      %pn = math.exp2 %y : !scores
      %alpha_p = hopper.broadcast %alpha : !row -> !partial
      %s1 = hopper.reduce add %pn : !scores -> !partial
      %l1a = arith.mulf %l1i, %alpha_p : !partial
      %l1b = arith.addf %l1a, %s1 : !partial
      %l2b = arith.mulf %l2a, %alpha_p : !partial
      %o1b, %o2b, %w1b, %w2b = hopper.wait_group pending 0 %o1a, %o2a, %w1, %w2
          : !out, !out, !weights, !weights
      hopper.arrive %v_empty[%before] : !hopper.barrier<2>
      %ta = hopper.wgmma %r rows(%row), %k[%n] transpose
          : !queries, !keys -> !scores
      hopper.commit
      %alpha_o = hopper.broadcast %alpha : !row -> !out
      %o1c = arith.mulf %o1b, %alpha_o : !out
      %o2c = arith.mulf %o2b, %alpha_o : !out
      %tb = hopper.wait_group pending 0 %ta : !scores
      hopper.arrive %k_empty[%n] : !hopper.barrier<2>
      scf.yield %o1c, %o2c, %pn, %tb, %mn, %l1b, %l2b
          : !out, !out, !scores, !scores, !row, !partial, !partial
    }
    %final = arith.subi %key_tiles, %c1 : i32
    %w1 = hopper.pack %pe : !scores -> !weights
    %p2 = arith.mulf %pe, %be : !scores
    %s2 = hopper.reduce add %p2 : !scores -> !partial
    %l2a = arith.addf %l2, %s2 : !partial
    %w2 = hopper.pack %p2 : !scores -> !weights
    hopper.wait %v_full[%final] : !hopper.barrier<2>
    %o1a = hopper.wgmma %w1, %v[%final] into %o1 : !weights, !keys -> !out
    %o2a = hopper.wgmma %w2, %v[%final] into %o2 : !weights, !keys -> !out
    hopper.commit
    %o1b, %o2b = hopper.wait_group pending 0 %o1a, %o2a : !out, !out
    hopper.arrive %v_empty[%final] : !hopper.barrier<2>

    %d1 = hopper.reduce add %l1 : !partial -> !row
    %d2 = hopper.reduce add %l2a : !partial -> !row
    %one = arith.constant dense<1.0> : !row
    %inverse = arith.divf %one, %d1 : !row
    %mean = arith.mulf %d2, %inverse : !row
    %more = arith.addf %one, %mean : !row
    %factor = arith.mulf %inverse, %more : !row
    %f1 = hopper.broadcast %factor : !row -> !out
    %f2 = hopper.broadcast %inverse : !row -> !out
    %e1 = arith.mulf %o1b, %f1 : !out
    %e2 = arith.mulf %o2b, %f2 : !out
    %o = arith.subf %e1, %e2 : !out
    hopper.store_fragment %o, %q rows(%row) : !out, !queries
    hopper.fence_async
    hopper.warpgroup_barrier
    %first = arith.addi %token, %row : i32
    hopper.tma_store %q rows(%row), %om[%c0, %head, %first, %batch] box [1, 64]
        : !queries
  }
  return
}
