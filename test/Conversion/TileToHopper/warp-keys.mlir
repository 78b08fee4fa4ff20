// Warps that divide the keys of a tile of e4m3: the consumer reads what TMA has
// brought, and nobody converts. Behind the loop the warps' states become one.
//
// RUN: parallax-opt %s --problem-to-tile --canonicalize --cse \
// RUN:   --tile-to-hopper --hopper-defer-row-sums --canonicalize --cse | FileCheck %s

#schedule = {rows = 8, keys = 64, consumers = 1, packed_heads = 4, partition = 2, stages = 4,
             queries_in_registers = 1, consumer_registers = 232}
!q = memref<?x?x8x128xbf16, strided<[?, ?, ?, 1]>>
!k = memref<?x?x2x128xf8E4M3FN, strided<[?, ?, ?, 1]>>

// CHECK-LABEL: func.func @keys
func.func @keys(%q: !q, %r: !q, %k: !k, %v: !k, %o: !q, %scale: f32, %used: memref<?xi32>)
    attributes {parallax.schedule = #schedule} {
  // CHECK: %[[INPUTS:.*]] = hopper.barriers count 1 : !hopper.barrier<1>
  // CHECK: %[[QR:.*]] = hopper.alloc : !hopper.smem<16x128xbf16>
  // CHECK: %[[K:.*]] = hopper.alloc : !hopper.smem<4x64x128xf8E4M3FN>
  // CHECK: %[[FULL:.*]] = hopper.barriers count 1 : !hopper.barrier<4>
  // CHECK: %[[EMPTY:.*]] = hopper.barriers count 4 : !hopper.barrier<4>
  // CHECK: %[[V:.*]] = hopper.alloc : !hopper.smem<4x64x128xf8E4M3FN>
  // CHECK: %[[FULLV:.*]] = hopper.barriers count 1 : !hopper.barrier<4>
  // CHECK: %[[EMPTYV:.*]] = hopper.barriers count 4 : !hopper.barrier<4>
  // CHECK: hopper.tma_load %{{.*}}, %[[QR]] rows(%c8{{.*}}), %[[INPUTS]]
  // CHECK: scf.for
  // CHECK: hopper.wait %[[EMPTY]][%[[N:.*]]] lag 1
  // CHECK: hopper.expect %[[FULL]][%[[N]]], 8192
  // CHECK: hopper.tma_load %{{.*}}, %[[K]][%[[N]]], %[[FULL]][%[[N]]] box [1, 64]
  // CHECK-NOT: converters
  // CHECK: } consumers(1)
  // CHECK: %[[A:.*]] = hopper.load_fragment %[[QR]] in_fours : !hopper.smem<16x128xbf16> -> tensor<64x128xbf16, #hopper.operand_a<per_warp>>
  // CHECK: %[[LOOP:.*]]:7 = scf.for
  // Rows behind a used length become zeros first.
  // CHECK: hopper.wait %[[FULL]][%[[N:.*]]] :
  // CHECK: hopper.zero_rows %[[K]][%[[N]]] from
  // CHECK: %[[ST:.*]] = hopper.warp_mma %[[A]], %[[K]][%[[N]]] transpose : {{.*}} -> tensor<64x16xf32, #hopper.acc<per_warp>>
  // CHECK: %[[S:.*]], %[[T:.*]] = hopper.unstack %[[ST]]
  // CHECK: hopper.arrive %[[EMPTY]][%[[N]]]
  // CHECK: %[[X:.*]] = arith.mulf %[[S]],
  // CHECK: hopper.mask %[[X]] {{.*}} heads 4 : tensor<32x16xf32, #hopper.acc<per_warp>>
  // CHECK: hopper.wait %[[FULLV]][%[[NV:.*]]] :
  // CHECK: hopper.zero_rows %[[V]][%[[NV]]] from
  // CHECK: %[[P:.*]] = hopper.stack {{.*}} : tensor<32x16xbf16, #hopper.acc<per_warp>> -> tensor<64x16xbf16, #hopper.operand_a<per_warp>>
  // CHECK: %[[O:.*]] = hopper.stack
  // CHECK: hopper.warp_mma %[[P]], %[[V]][%[[NV]]] into %[[O]] : tensor<64x16xbf16, #hopper.operand_a<per_warp>>, {{.*}} -> tensor<64x128xf32, #hopper.acc<per_warp>>
  // CHECK: hopper.unstack
  // CHECK: hopper.arrive %[[EMPTYV]][%[[NV]]]
  // CHECK: scf.yield
  // Sums across lanes come before those across warps.
  // CHECK: %[[D2:.*]] = hopper.reduce add %[[LOOP]]#2 : tensor<32x8xf32, #hopper.row_partial<per_warp>> -> tensor<32xf32, #hopper.row<per_warp>>
  // CHECK: %[[D1:.*]] = hopper.reduce add %[[LOOP]]#1
  // CHECK: %[[M:.*]], %[[MD1:.*]], %[[MD2:.*]], %[[O1:.*]], %[[O2:.*]] = hopper.merge_warps %[[LOOP]]#0, %[[D1]], %[[D2]], %[[LOOP]]#3, %[[LOOP]]#4 through %[[K]], %[[V]]
  // CHECK-SAME: -> tensor<32xf32, #hopper.row>, tensor<32x128xf32, #hopper.acc>
  // CHECK-NOT: %[[LOOP]]
  // CHECK-NOT: per_warp
  // CHECK: arith.mulf %[[O1]]
  // CHECK-NOT: %[[LOOP]]
  // CHECK: hopper.store_rows {{.*}} heads 4 rows 8 columns 128 as bf16
  parallax.decode ins(%q, %r, %k, %v : !q, !q, !k, !k) outs(%o : !q)
    scale(%scale) mask(causal) used_lengths(%used : memref<?xi32>)
  return
}

// Of 4 rows, one token's heads: r's lie behind q's in a tile of 8, and warps have 4 rows each of what they hold.
#few = {rows = 4, keys = 64, consumers = 1, packed_heads = 4, partition = 2, stages = 4,
        queries_in_registers = 1, consumer_registers = 232}

// CHECK-LABEL: func.func @few
// CHECK: %[[INPUTS:.*]] = hopper.barriers count 1 : !hopper.barrier<1>
// CHECK: %[[QR:.*]] = hopper.alloc : !hopper.smem<8x128xbf16>
// CHECK: hopper.tma_load %{{.*}}, %[[QR]] rows(%c0{{.*}}), %[[INPUTS]] box [4, 1]
// CHECK: hopper.tma_load %{{.*}}, %[[QR]] rows(%c4{{.*}}), %[[INPUTS]] box [4, 1]
// CHECK: } consumers(1)
// CHECK: %[[A:.*]] = hopper.load_fragment %[[QR]] in_fours : !hopper.smem<8x128xbf16> -> tensor<32x128xbf16, #hopper.operand_a<per_warp>>
// CHECK: %[[LOOP:.*]]:7 = scf.for
// CHECK: %[[ST:.*]] = hopper.warp_mma %[[A]], {{.*}} transpose : {{.*}} -> tensor<32x16xf32, #hopper.acc<per_warp>>
// CHECK: hopper.unstack %[[ST]] : tensor<32x16xf32, #hopper.acc<per_warp>> -> tensor<16x16xf32, #hopper.acc<per_warp>>
// CHECK: hopper.mask {{.*}} heads 4 : tensor<16x16xf32, #hopper.acc<per_warp>>
// CHECK: %[[P:.*]] = hopper.stack {{.*}} : tensor<16x16xbf16, #hopper.acc<per_warp>> -> tensor<32x16xbf16, #hopper.operand_a<per_warp>>
// CHECK: hopper.warp_mma %[[P]], {{.*}} into {{.*}} -> tensor<32x128xf32, #hopper.acc<per_warp>>
// CHECK: hopper.merge_warps %[[LOOP]]#0, {{.*}} : tensor<16xf32, #hopper.row<per_warp>>, tensor<16x128xf32, #hopper.acc<per_warp>>, {{.*}} -> tensor<32xf32, #hopper.row>, tensor<32x128xf32, #hopper.acc>
// CHECK: hopper.store_rows {{.*}} heads 4 rows 4 columns 128 as bf16
func.func @few(%q: !q, %r: !q, %k: !k, %v: !k, %o: !q, %scale: f32, %used: memref<?xi32>)
    attributes {parallax.schedule = #few} {
  parallax.decode ins(%q, %r, %k, %v : !q, !q, !k, !k) outs(%o : !q)
    scale(%scale) mask(causal) used_lengths(%used : memref<?xi32>)
  return
}

// Of 16 bits, in clusters: each warp's states are sent as they are, and merged
// on the way. Where CTAs are none, or one has all keys, warps merge first.
#cluster = {rows = 8, keys = 128, consumers = 1, partition = 2, stages = 2, queries_in_registers = 1,
            split_tiles = 1, cluster = 8, consumer_registers = 232}
!wide = memref<?x?x8x128xbf16, strided<[?, ?, ?, 1]>>

// CHECK-LABEL: func.func @wide
// CHECK: %[[K:.*]] = hopper.alloc : !hopper.smem<2x128x128xbf16>
// CHECK: hopper.barriers count 4 : !hopper.barrier<2>
// CHECK: %[[V:.*]] = hopper.alloc : !hopper.smem<2x128x128xbf16>
// CHECK: hopper.barriers count 4 : !hopper.barrier<2>
// CHECK: %[[INBOX:.*]] = hopper.alloc : !hopper.smem<128x64xbf16>
// CHECK: } consumers(1)
// CHECK: hopper.load_fragment {{.*}} : !hopper.smem<16x128xbf16> -> tensor<64x128xbf16, #hopper.operand_a<per_warp>>
// CHECK: %[[LOOP:.*]]:7 = scf.for
// CHECK: hopper.warp_mma {{.*}} transpose : {{.*}}!hopper.smem<2x128x128xbf16> -> tensor<64x32xf32, #hopper.acc<per_warp>>
// CHECK: hopper.warp_mma {{.*}} into
// CHECK: %[[D2:.*]] = hopper.reduce add %[[LOOP]]#2
// CHECK: %[[D1:.*]] = hopper.reduce add %[[LOOP]]#1
// CHECK: scf.if
// CHECK: hopper.send_rows %[[LOOP]]#0, %[[D1]], %[[D2]], %[[LOOP]]#3, %[[LOOP]]#4 through %[[K]], %[[V]] to %[[INBOX]], {{.*}} most 8 : tensor<32xf32, #hopper.row<per_warp>>, tensor<32x128xf32, #hopper.acc<per_warp>>
// CHECK: hopper.await_rows
// CHECK: hopper.merge_received %[[INBOX]]
// CHECK: } else {
// CHECK: hopper.merge_warps %[[LOOP]]#0, %[[D1]], %[[D2]], %[[LOOP]]#3, %[[LOOP]]#4 through %[[K]], %[[V]]
// CHECK: hopper.merge_warps %[[LOOP]]#0, %[[D1]], %[[D2]], %[[LOOP]]#3, %[[LOOP]]#4 through %[[K]], %[[V]]
// CHECK: hopper.arrive_last
func.func @wide(%q: !wide, %r: !wide, %k: !wide, %v: !wide, %o: !wide, %scale: f32)
    attributes {parallax.schedule = #cluster} {
  parallax.decode ins(%q, %r, %k, %v : !wide, !wide, !wide, !wide) outs(%o : !wide)
    scale(%scale) mask(none)
  return
}
