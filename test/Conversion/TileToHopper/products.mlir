// Head dimension 256: two consumers have the same 64 rows. One computes S, the
// weights and O1, the other T and O2; weights and factors cross in every turn,
// d2 and O2 at the end, through the ring of keys.
//
// RUN: parallax-opt %s --problem-to-tile --canonicalize --cse \
// RUN:   --tile-to-hopper | FileCheck %s

#schedule = {rows = 64, keys = 64, consumers = 2, partition = 1, stages = 2}
!t = memref<?x?x?x256xf16, strided<[?, ?, ?, 1]>>
!rows = memref<?x?x?xf32>

// CHECK-LABEL: func.func @forward
// CHECK-SAME: hopper.tile_tokens = 64 : i64
func.func @forward(%q: !t, %r: !t, %k: !t, %v: !t, %o: !t, %scale: f32, %lse: !rows)
    attributes {parallax.schedule = #schedule} {
  // CHECK: %[[QS:.*]] = hopper.alloc : !hopper.smem<64x256xf16>
  // CHECK: %[[RS:.*]] = hopper.alloc : !hopper.smem<64x256xf16>
  // CHECK: %[[KS:.*]] = hopper.alloc : !hopper.smem<2x64x256xf16>
  // CHECK: hopper.barriers count 8 : !hopper.barrier<2>
  // CHECK: %[[VS:.*]] = hopper.alloc : !hopper.smem<2x64x256xf16>
  // CHECK: %[[ALPHAS:.*]] = hopper.alloc : !hopper.smem<2x8x64xf16>
  // CHECK: %[[PS:.*]] = hopper.alloc : !hopper.smem<2x64x64xf16>
  // CHECK: %[[D2S:.*]] = hopper.alloc : !hopper.smem<8x64xf16>
  // CHECK: consumers(2)
  // CHECK-NEXT: ^bb0(%[[WARPGROUP:.*]]: i32):
  // CHECK: %[[FIRST:.*]] = arith.cmpi eq, %[[WARPGROUP]], %{{.*}} : i32
  // CHECK: scf.if %[[FIRST]] {
  // CHECK: scf.for
  // CHECK: hopper.wgmma %[[QS]], %[[KS]][%{{.*}}] transpose inner 256 : {{.*}} -> tensor<64x64xf32, #hopper.acc>
  // CHECK-NOT: hopper.wgmma
  // CHECK: %[[P:.*]] = hopper.pack
  // CHECK: hopper.named_sync %{{.*}} threads 256
  // CHECK-NEXT: hopper.put %[[ALPHA:.*]], %[[ALPHAS]][%[[USE:.*]]] :
  // CHECK-NEXT: hopper.put %[[P]], %[[PS]][%[[USE]]] :
  // CHECK: hopper.named_arrive %{{.*}} threads 256
  // CHECK: hopper.rescale %{{.*}} by %[[ALPHA]]
  // CHECK: hopper.wgmma %[[P]], %[[VS]][%{{.*}}] into %{{.*}} inner 64 : {{.*}} -> tensor<64x256xf32, #hopper.acc>
  // CHECK-NOT: hopper.wgmma
  // CHECK: scf.yield
  // CHECK: hopper.named_sync %c4{{.*}} threads 256
  // CHECK: hopper.get %[[D2S]]
  // CHECK: hopper.get %[[KS]] : {{.*}} -> tensor<64x256xf32, #hopper.acc>
  // CHECK: hopper.store_fragment %{{.*}}, %[[QS]] :
  // CHECK: hopper.tma_store %[[QS]], %{{.*}} box [1, 64] columns 256
  // CHECK: hopper.store_rows %{{.*}} rows 64 :
  // The second says first that both messages are empty.
  // CHECK: } else {
  // CHECK: hopper.named_arrive %c2{{.*}} threads 256
  // CHECK: hopper.named_arrive %c3{{.*}} threads 256
  // CHECK: scf.for
  // CHECK: %[[T:.*]] = hopper.wgmma %[[RS]], %[[KS]][%{{.*}}] transpose inner 256
  // CHECK: hopper.named_sync %{{.*}} threads 256
  // CHECK-NEXT: %[[ALPHA2:.*]] = hopper.get %[[ALPHAS]][%[[USE2:.*]]] :
  // CHECK-NEXT: %[[P1:.*]] = hopper.get %[[PS]][%[[USE2]]] : {{.*}} -> tensor<64x64xf16, #hopper.operand_a>
  // CHECK: hopper.named_arrive %{{.*}} threads 256
  // CHECK: %[[W:.*]] = hopper.unpack %[[P1]]
  // CHECK: %[[TW:.*]] = hopper.wait_group pending 0 %[[T]]
  // CHECK: arith.mulf %[[W]], %[[TW]]
  // CHECK: hopper.rescale %{{.*}} by %[[ALPHA2]]
  // CHECK: hopper.wgmma %{{.*}}, %[[VS]][%{{.*}}] into %{{.*}} inner 64
  // CHECK: scf.yield
  // CHECK-NEXT: }
  // CHECK-NEXT: hopper.put %{{.*}}, %[[D2S]] :
  // CHECK-NEXT: hopper.put %{{.*}}, %[[KS]] :
  // CHECK: hopper.named_arrive %c4{{.*}} threads 256
  // CHECK-NOT: hopper.store
  // CHECK: return
  parallax.forward ins(%q, %r, %k, %v : !t, !t, !t, !t) outs(%o : !t)
    scale(%scale) mask(causal) log_sum_exp(%lse : !rows)
  return
}

!s = memref<?x?x?x136xf16, strided<[?, ?, ?, 1]>>

// 136 columns: blocks of 64, and products over 144 of them, since the last 8 of
// a step of 16 are zeros.
// CHECK-LABEL: func.func @ragged
func.func @ragged(%q: !s, %r: !s, %k: !s, %v: !s, %o: !s, %scale: f32)
    attributes {parallax.schedule = #schedule} {
  // CHECK: %[[QS:.*]] = hopper.alloc : !hopper.smem<64x192xf16>
  // CHECK: hopper.alloc : !hopper.smem<64x192xf16>
  // CHECK: hopper.alloc : !hopper.smem<2x64x192xf16>
  // CHECK: hopper.alloc : !hopper.smem<2x64x192xf16>
  // CHECK: hopper.expect %{{.*}}, 49152
  // CHECK: hopper.expect %{{.*}}[%{{.*}}], 24576
  // CHECK: hopper.expect %{{.*}}[%{{.*}}], 24576
  // CHECK: hopper.wgmma %[[QS]], %{{.*}} transpose inner 144
  parallax.forward ins(%q, %r, %k, %v : !s, !s, !s, !s) outs(%o : !s)
    scale(%scale) mask(none)
  return
}
