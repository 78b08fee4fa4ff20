// Head dimension 256: two consumers hold the same 64 rows, each computes the
// scores and 128 columns of the output.
//
// RUN: parallax-opt %s --problem-to-tile --canonicalize --cse \
// RUN:   --tile-to-hopper | FileCheck %s

#schedule = {rows = 64, keys = 64, consumers = 2, columns = 1, stages = 2}
!t = memref<?x?x?x256xf16, strided<[?, ?, ?, 1]>>
!rows = memref<?x?x?xf32>

// CHECK-LABEL: func.func @forward
// CHECK-SAME: hopper.tile_tokens = 64 : i64
func.func @forward(%q: !t, %r: !t, %k: !t, %v: !t, %o: !t, %scale: f32, %lse: !rows)
    attributes {parallax.schedule = #schedule} {
  // CHECK: %[[QS:.*]] = hopper.alloc : !hopper.smem<64x256xf16>
  // CHECK: %[[RS:.*]] = hopper.alloc : !hopper.smem<64x256xf16>
  // CHECK: %[[KS:.*]] = hopper.alloc : !hopper.smem<2x64x256xf16>
  // CHECK: %[[VS:.*]] = hopper.alloc : !hopper.smem<2x64x256xf16>
  // Both read q's rows to the end, so that o has a stage for each.
  // CHECK: %[[OS:.*]] = hopper.alloc : !hopper.smem<2x64x128xf16>
  // CHECK: consumers(2)
  // CHECK-NEXT: ^bb0(%[[WARPGROUP:.*]]: i32):
  // CHECK: %[[COLUMN:.*]] = arith.muli %[[WARPGROUP]], %c128
  // CHECK: hopper.wgmma %[[QS]], %[[KS]][%{{.*}}] transpose inner 256 : {{.*}} -> tensor<64x64xf32, #hopper.acc>
  // CHECK: hopper.wgmma %[[RS]], %[[KS]][%{{.*}}] transpose inner 256
  // CHECK: hopper.wgmma %{{.*}}, %[[VS]][%{{.*}}] columns(%[[COLUMN]]) into %{{.*}} inner 64 : {{.*}} -> tensor<64x128xf32, #hopper.acc>
  // CHECK: hopper.wgmma %{{.*}}, %[[VS]][%{{.*}}] columns(%[[COLUMN]]) into
  // CHECK: hopper.store_fragment %{{.*}}, %[[OS]][%[[WARPGROUP]]] :
  // CHECK: hopper.tma_store %[[OS]][%[[WARPGROUP]]], %{{.*}}[%[[COLUMN]], %{{.*}}] box [1, 64] columns 128
  // Only the first writes the values of a row.
  // CHECK: %[[FIRST:.*]] = arith.cmpi eq, %[[WARPGROUP]], %{{.*}}
  // CHECK: scf.if %[[FIRST]] {
  // CHECK: hopper.store_rows %{{.*}} rows 64 :
  // CHECK-NEXT: }
  parallax.forward ins(%q, %r, %k, %v : !t, !t, !t, !t) outs(%o : !t)
    scale(%scale) mask(causal) log_sum_exp(%lse : !rows)
  return
}

!s = memref<?x?x?x136xf16, strided<[?, ?, ?, 1]>>

// 136 columns: blocks of 64 for q and k, whole consumers for v, and products
// over 144 of them, since the last 8 of a step of 16 are zeros.
// CHECK-LABEL: func.func @ragged
func.func @ragged(%q: !s, %r: !s, %k: !s, %v: !s, %o: !s, %scale: f32)
    attributes {parallax.schedule = #schedule} {
  // CHECK: %[[QS:.*]] = hopper.alloc : !hopper.smem<64x192xf16>
  // CHECK: hopper.alloc : !hopper.smem<64x192xf16>
  // CHECK: hopper.alloc : !hopper.smem<2x64x192xf16>
  // CHECK: hopper.alloc : !hopper.smem<2x64x256xf16>
  // CHECK: hopper.expect %{{.*}}, 49152
  // CHECK: hopper.expect %{{.*}}[%{{.*}}], 24576
  // CHECK: hopper.expect %{{.*}}[%{{.*}}], 32768
  // CHECK: hopper.wgmma %[[QS]], %{{.*}} transpose inner 144
  parallax.forward ins(%q, %r, %k, %v : !s, !s, !s, !s) outs(%o : !s)
    scale(%scale) mask(none)
  return
}
