// A cache of 8 bits: each of k and v has two rings, between which the converters
// stand. The producer fills the one of 8 bits, the consumer reads the other.
//
// RUN: parallax-opt %s --problem-to-tile --canonicalize --cse \
// RUN:   --tile-to-hopper --canonicalize --cse | FileCheck %s

#schedule = {rows = 8, keys = 64, consumers = 1, packed_heads = 4, stages = 4, converted_stages = 2,
             producer_registers = 56, consumer_registers = 200}
!q = memref<?x?x8x128xbf16, strided<[?, ?, ?, 1]>>
!k = memref<?x?x2x128xf8E4M3FN, strided<[?, ?, ?, 1]>>

// CHECK-LABEL: func.func @scaled
// CHECK-SAME: %[[SCALES:[^:]*]]: !llvm.ptr<1> {hopper.parameter = {kind = "pointer", operand = "k_scale"}}
// CHECK-SAME: %[[STRIDE:[^:]*]]: i64 {hopper.parameter = {dim = 0 : i64, kind = "stride", operand = "k_scale"}}
// CHECK-SAME: %[[K:[^:]*]]: !hopper.tensor_map {hopper.parameter = {box = array<i64: 128, 1, 64, 1>, kind = "tensor_map", operand = "k"}}
func.func @scaled(%q: !q, %r: !q, %k: !k, %v: !k, %o: !q, %scale: f32, %used: memref<?xi32>,
                  %k_scale: memref<2xf32, strided<[?]>>, %v_scale: memref<2xf32>)
    attributes {parallax.schedule = #schedule} {
  // CHECK: %[[STEP:.*]] = arith.trunci %[[STRIDE]]
  // CHECK: %[[INDEX:.*]] = arith.muli %{{.*}}, %[[STEP]]
  // CHECK: %[[SCALE:.*]] = hopper.load_scalar %[[SCALES]][%[[INDEX]]] : f32
  // CHECK: %[[WIDE:.*]] = hopper.alloc : !hopper.smem<2x64x128xbf16>
  // CHECK: %[[FULL:.*]] = hopper.barriers count 3 : !hopper.barrier<2>
  // CHECK: %[[EMPTY:.*]] = hopper.barriers count 4 : !hopper.barrier<2>
  // CHECK: %[[NARROW:.*]] = hopper.alloc : !hopper.smem<4x64x128xf8E4M3FN>
  // CHECK: %[[LOADED:.*]] = hopper.barriers count 1 : !hopper.barrier<4>
  // CHECK: %[[CONVERTED:.*]] = hopper.barriers count 3 : !hopper.barrier<4>
  // CHECK: hopper.roles producer registers(56)
  // CHECK: scf.for
  // CHECK: hopper.wait %[[CONVERTED]][%[[N:.*]]] lag 1
  // CHECK: hopper.expect %[[LOADED]][%[[N]]], 8192
  // CHECK: hopper.tma_load %[[K]][{{.*}}], %[[NARROW]][%[[N]]], %[[LOADED]][%[[N]]] box [1, 64]
  // CHECK: } converters {
  // CHECK: scf.for
  // CHECK: %[[LEFT:.*]] = arith.maxsi
  // CHECK: hopper.wait %[[LOADED]][%[[N:.*]]] : !hopper.barrier<4>
  // CHECK: hopper.wait %[[EMPTY]][%[[N]]] lag 1 : !hopper.barrier<2>
  // CHECK: hopper.convert %[[NARROW]][%[[N]]] to %[[WIDE]][%[[N]]] from %[[LEFT]]
  // CHECK: hopper.arrive %[[CONVERTED]][%[[N]]]
  // CHECK: hopper.arrive %[[FULL]][%[[N]]]
  // CHECK: hopper.convert
  // CHECK: } consumers(1)
  // CHECK: hopper.wait %[[FULL]][%{{.*}}] : !hopper.barrier<2>
  // CHECK-NOT: hopper.zero_rows
  // CHECK: hopper.wgmma %{{.*}}, %[[WIDE]][%{{.*}}] transpose
  // CHECK: hopper.arrive %[[EMPTY]]
  // CHECK: tensor.splat %[[SCALE]] : tensor<32x64xf32, #hopper.acc>
  parallax.decode ins(%q, %r, %k, %v : !q, !q, !k, !k) outs(%o : !q) scale(%scale) mask(causal)
    used_lengths(%used : memref<?xi32>) k_scale(%k_scale : memref<2xf32, strided<[?]>>)
    v_scale(%v_scale : memref<2xf32>)
  return
}
