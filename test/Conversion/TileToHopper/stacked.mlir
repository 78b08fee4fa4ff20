// Few rows: 8 of q and 8 of r lie in turn in one tile, so that one
// multiplication makes S and T, and one O1 and O2.
//
// RUN: parallax-opt %s --problem-to-tile --canonicalize --cse \
// RUN:   --tile-to-hopper --canonicalize --cse | FileCheck %s
//
// Where the first tile of keys is loaded ahead of the loop, it is no input.
//
// RUN: sed 's/stages = 3}/stages = 3, overlap = 3}/' %s | parallax-opt \
// RUN:   --problem-to-tile --canonicalize --cse --tile-overlap-products \
// RUN:   --tile-to-hopper | FileCheck %s --check-prefix=AHEAD
// AHEAD: box = array<i64: 64, 4, 2, 1>, kind = "tensor_map", operand = "r"
// AHEAD-SAME: box = array<i64: 64, 1, 64, 1>, kind = "tensor_map", operand = "k"

// Kept in registers, the tile goes from wait to wait and from turn to turn.
//
// RUN: sed 's/stages = 3}/stages = 3, queries_in_registers = 1}/' %s | parallax-opt \
// RUN:   --problem-to-tile --canonicalize --cse \
// RUN:   --tile-to-hopper --canonicalize --cse | FileCheck %s --check-prefix=KEPT
// KEPT: %[[FULL:.*]] = hopper.barriers count 1 : !hopper.barrier<1>
// KEPT: %[[QR:.*]] = hopper.alloc : !hopper.smem<32x128xbf16>
// KEPT: consumers(1)
// KEPT: hopper.wait %[[FULL]]
// KEPT: %[[FIRST:.*]] = hopper.load_fragment %[[QR]] only 32 : !hopper.smem<32x128xbf16> -> tensor<64x128xbf16, #hopper.operand_a>
// KEPT: scf.for {{.*}} iter_args({{.*}}%[[KEPT:[^ ]*]] = %[[FIRST]])
// KEPT: %[[ST:.*]] = hopper.wgmma %[[KEPT]], %{{.*}} transpose inner 128 : tensor<64x128xbf16, #hopper.operand_a>,
// KEPT: hopper.commit
// KEPT: %[[DONE:.*]]:2 = hopper.wait_group pending 0 %[[ST]], %[[KEPT]]
// KEPT: hopper.unstack %[[DONE]]#0
// KEPT: scf.yield {{.*}}%[[DONE]]#1 :

#schedule = {rows = 16, keys = 64, consumers = 1, packed_heads = 4, stages = 3}
!q = memref<?x?x8x128xbf16, strided<[?, ?, ?, 1]>>
!k = memref<?x?x2x128xbf16, strided<[?, ?, ?, 1]>>

// CHECK-LABEL: func.func @stacked
// CHECK-SAME: {hopper.parameter = {kind = "pointer", operand = "o"}}
// CHECK-SAME: %[[Q:[^:]*]]: !hopper.tensor_map {hopper.parameter = {box = array<i64: 64, 4, 2, 1>, kind = "tensor_map", operand = "q"}}
// CHECK-SAME: %[[R:[^:]*]]: !hopper.tensor_map {hopper.parameter = {box = array<i64: 64, 4, 2, 1>, kind = "tensor_map", operand = "r"}}
func.func @stacked(%q: !q, %r: !q, %k: !k, %v: !k, %o: !q, %scale: f32)
    attributes {parallax.schedule = #schedule} {
  // CHECK: %[[QR:.*]] = hopper.alloc : !hopper.smem<32x128xbf16>
  // CHECK: %[[K:.*]] = hopper.alloc : !hopper.smem<3x64x128xbf16>
  // CHECK: hopper.expect %[[FULL:.*]], 8192
  // CHECK: hopper.tma_load %[[Q]][{{.*}}], %[[QR]] rows(%c0{{.*}}), %[[FULL]] box [4, 2]
  // CHECK: hopper.tma_load %[[Q]][{{.*}}], %[[QR]] rows(%c16{{.*}}), %[[FULL]] box [4, 2]
  // CHECK: hopper.tma_load %[[R]][{{.*}}], %[[QR]] rows(%c8{{.*}}), %[[FULL]] box [4, 2]
  // CHECK: hopper.tma_load %[[R]][{{.*}}], %[[QR]] rows(%c24{{.*}}), %[[FULL]] box [4, 2]
  // CHECK: scf.for
  // CHECK: consumers(1)
  // CHECK: scf.for
  // CHECK: %[[ST:.*]] = hopper.wgmma %[[QR]], %[[K]][%{{.*}}] transpose inner 128 only 32 : {{.*}} -> tensor<64x64xf32, #hopper.acc>
  // CHECK-NOT: hopper.wgmma
  // CHECK: %[[DONE:.*]] = hopper.wait_group pending 0 %[[ST]]
  // CHECK: %{{.*}}, %{{.*}} = hopper.unstack %[[DONE]] : {{.*}} -> tensor<32x64xf32, #hopper.acc>
  // CHECK: %[[P:.*]] = hopper.stack %{{.*}}, %{{.*}} : tensor<32x64xbf16, #hopper.operand_a>
  // CHECK: %[[O:.*]] = hopper.stack %{{.*}}, %{{.*}} : tensor<32x128xf32, #hopper.acc>
  // CHECK: hopper.wgmma %[[P]], %{{.*}} into %[[O]] inner 64
  // CHECK-NOT: hopper.wgmma
  // CHECK: hopper.unstack
  // CHECK: scf.yield
  // CHECK: hopper.store_rows %{{.*}} heads 4 rows 16 columns 128 as bf16 : tensor<32x128xf32, #hopper.acc>
  parallax.decode ins(%q, %r, %k, %v : !q, !q, !k, !k) outs(%o : !q)
    scale(%scale) mask(none)
  return
}
