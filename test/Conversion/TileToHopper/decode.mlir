// One consumer, packed heads, a used length.
//
// RUN: parallax-opt %s --problem-to-tile --canonicalize --cse \
// RUN:   --tile-to-hopper | FileCheck %s

#schedule = {rows = 64, keys = 64, packed_heads = 7, consumers = 1, stages = 3}
!t = memref<?x?x?x128xbf16, strided<[?, ?, ?, 1]>>
!rows = memref<?x?x?xf32>

// CHECK-LABEL: func.func @decode
// CHECK-SAME: %[[LSE:[^:]*]]: !llvm.ptr<1> {hopper.parameter = {kind = "pointer", operand = "log_sum_exp"}}
// CHECK-SAME: %[[USED:[^:]*]]: !llvm.ptr<1> {hopper.parameter = {kind = "pointer", operand = "used_lengths"}}
// CHECK-SAME: {hopper.parameter = {box = array<i64: 64, 7, 9, 1>, kind = "tensor_map", operand = "q"}}
// CHECK-SAME: {hopper.parameter = {box = array<i64: 64, 1, 64, 1>, kind = "tensor_map", operand = "k"}}
// CHECK-SAME: {hopper.parameter = {box = array<i64: 64, 7, 9, 1>, kind = "tensor_map", operand = "o"}}
// CHECK-SAME: hopper.packed_heads = 7 : i64, hopper.tile_tokens = 9 : i64
func.func @decode(%q: !t, %r: !t, %k: !t, %v: !t, %o: !t, %used: memref<?xi32>,
                  %scale: f32, %lse: !rows)
    attributes {parallax.schedule = #schedule} {
  // CHECK: %[[U:.*]] = hopper.load_scalar %[[USED]][%{{.*}}] : i32
  // CHECK: %[[U0:.*]] = arith.maxsi %[[U]], %{{.*}}
  // CHECK: %[[LENGTH:.*]] = arith.minsi %[[U0]], %{{.*}}
  // CHECK: %[[KS:.*]] = hopper.alloc : !hopper.smem<3x64x128xbf16>
  // CHECK: hopper.barriers count 4 : !hopper.barrier<3>
  // 63 rows of q and of r come, the last keeps what it holds.
  // CHECK: hopper.expect %{{.*}}, 32256 :
  // CHECK: hopper.tma_load %{{.*}} box [7, 9] : !hopper.smem<64x128xbf16>
  // CHECK: hopper.tma_load %{{.*}} box [7, 9] : !hopper.smem<64x128xbf16>
  // CHECK: consumers(1)
  // What lies past the used length is zeroed, in k and in v, once it is there.
  // CHECK: scf.for %[[J:[^ ]*]] = {{.*}} iter_args({{.*}}, %[[USE:[^ ]*]] = %{{[^ ]*}}, %[[V_USE:[^ ]*]] = %{{[^ ]*}}) ->
  // CHECK: hopper.wait %{{.*}}[%[[USE]]]
  // CHECK: %[[LEFT:.*]] = arith.subi %[[LENGTH]], %[[J]]
  // CHECK: %[[FROM:.*]] = arith.maxsi %[[LEFT]], %{{.*}}
  // CHECK: hopper.zero_rows %[[KS]][%[[USE]]] from %[[FROM]]
  // CHECK: hopper.wgmma %{{.*}}, %[[KS]][%[[USE]]] transpose
  // CHECK: hopper.mask %{{.*}} length(%[[LENGTH]]) {{.*}} heads 7
  // CHECK: hopper.wait %{{.*}}[%[[V_USE]]]
  // CHECK: hopper.zero_rows %{{.*}}[%[[V_USE]]] from
  // CHECK: hopper.tma_store %{{.*}} box [7, 9] columns 128
  // CHECK: hopper.store_rows %{{.*}}, %[[LSE]][{{.*}}] at(%{{.*}}, %{{.*}}) length(%{{.*}}) heads 7 rows 63
  parallax.decode ins(%q, %r, %k, %v : !t, !t, !t, !t) outs(%o : !t)
    scale(%scale) mask(causal) used_lengths(%used : memref<?xi32>)
    log_sum_exp(%lse : !rows)
  return
}
