// Elementwise operations, reductions and masks, evaluated where they are used.
//
// RUN: parallax-opt %s --tile-to-vector --canonicalize --cse | FileCheck %s

!t = memref<1x96x2x16xf32>
!rows = memref<1x96x2xf32>

// The maximum has a walk of its own; what depends on it shares one: the weights
// are made once, and summed on the way.
// CHECK-LABEL: func.func @softmax
func.func @softmax(%sm: !t {tile.operand = "q"}, %om: !t {tile.operand = "o"},
                   %dm: !rows {tile.operand = "d1"}) attributes {tile.kernel} {
  %tile, %head, %batch = tile.program_id
  %s = tile.load %sm[%batch, %tile, %head] : !t -> tensor<8x16xf32>
  // CHECK: scf.for %[[I:.*]] = %c0 to %c8 step %c1 {
  // CHECK:   %[[MAX:.*]] = scf.for {{.*}} iter_args(%[[SO_FAR:.*]] = %{{.*}}) -> (vector<8xf32>)
  // CHECK:     %[[X:.*]] = vector.load
  // CHECK:     %[[GREATER:.*]] = arith.cmpf ogt, %[[SO_FAR]], %[[X]]
  // CHECK:     arith.select %[[GREATER]], %[[SO_FAR]], %[[X]]
  // CHECK:   vector.shuffle %[[MAX]], %[[MAX]] [0, 1, 2, 3]
  // CHECK:   vector.shuffle %[[MAX]], %[[MAX]] [4, 5, 6, 7]
  // CHECK:   memref.store %{{.*}}, %[[M:.*]][%[[I]]]
  %m = tile.reduce max %s : tensor<8x16xf32> -> tensor<8xf32>
  %mb = tile.broadcast %m : tensor<8xf32> -> tensor<8x16xf32>
  %x = arith.subf %s, %mb : tensor<8x16xf32>
  // What a row shares is computed before the walk along it.
  // CHECK: scf.for %[[I:.*]] = %c0 to %c8 step %c1 {
  // CHECK:   %[[MI:.*]] = memref.load %[[M]][%[[I]]]
  // CHECK:   %[[SPLAT:.*]] = vector.broadcast %[[MI]]
  // CHECK:   scf.for {{.*}} iter_args
  // CHECK:     arith.subf %{{.*}}, %[[SPLAT]]
  // CHECK-COUNT-6: vector.fma
  // CHECK-NOT: vector.fma
  // CHECK:   memref.store
  %p = math.exp2 %x : tensor<8x16xf32>
  %d = tile.reduce add %p : tensor<8x16xf32> -> tensor<8xf32>
  tile.store %d, %dm[%batch, %tile, %head] : tensor<8xf32>, !rows
  tile.store %p, %om[%batch, %tile, %head] : tensor<8x16xf32>, !t
  return
}

// Weights are rounded to bf16 on their bits, to the nearest, ties to even.
// CHECK-LABEL: func.func @round
// CHECK: %[[BITS:.*]] = arith.bitcast %{{.*}} : vector<8xf32> to vector<8xi32>
// CHECK: %[[SHIFTED:.*]] = arith.shrui %[[BITS]]
// CHECK: %[[ODD:.*]] = arith.andi %[[SHIFTED]]
// CHECK: %[[UP:.*]] = arith.addi %[[BITS]], %[[ODD]]
// CHECK: arith.addi %[[UP]]
// CHECK: arith.andi
func.func @round(%sm: !t {tile.operand = "q"}, %om: !t {tile.operand = "o"}) attributes {tile.kernel} {
  %tile, %head, %batch = tile.program_id
  %s = tile.load %sm[%batch, %tile, %head] : !t -> tensor<8x16xf32>
  %b = arith.truncf %s : tensor<8x16xf32> to tensor<8x16xbf16>
  %f = arith.extf %b : tensor<8x16xbf16> to tensor<8x16xf32>
  tile.store %f, %om[%batch, %tile, %head] : tensor<8x16xf32>, !t
  return
}

// A row keeps the columns [begin, end): bounds are clamped to the tile, so that
// 32 bits hold them.
// CHECK-LABEL: func.func @mask
func.func @mask(%sm: !t {tile.operand = "q"}, %om: !t {tile.operand = "o"}) attributes {tile.kernel} {
  %c5 = arith.constant 5 : index
  %c7 = arith.constant 7 : index
  %c3 = arith.constant 3 : index
  %tile, %head, %batch = tile.program_id
  %s = tile.load %sm[%batch, %tile, %head] : !t -> tensor<8x16xf32>
  // CHECK: scf.for %[[I:.*]] = %c0 to %c8
  // CHECK: %[[T:.*]] = arith.divui %[[I]], %c2
  // CHECK: %[[SHIFTED:.*]] = arith.addi %{{.*}}, %[[T]]
  // CHECK: arith.minsi
  // CHECK: arith.minsi %{{.*}}, %c16
  // CHECK: arith.maxsi %{{.*}}, %c0
  // CHECK: %[[END:.*]] = vector.broadcast %{{.*}} : i32 to vector<8xi32>
  // CHECK: scf.for
  // CHECK:   arith.cmpi slt
  // CHECK:   arith.cmpi sge
  // CHECK:   arith.andi
  // CHECK:   arith.select
  %x = tile.mask %s at(%tile, %head) length(%c5) causal(%c7) window(%c3) heads 2 : tensor<8x16xf32>
  tile.store %x, %om[%batch, %tile, %head] heads 2 : tensor<8x16xf32>, !t
  return
}

// The logarithm calls no library either.
// CHECK-LABEL: func.func @log2
// CHECK-NOT: math.
// CHECK: arith.sitofp
// CHECK-NOT: math.
func.func @log2(%a: !rows {tile.operand = "d1"}, %b: !rows {tile.operand = "tbar"}) attributes {tile.kernel} {
  %tile, %head, %batch = tile.program_id
  %x = tile.load %a[%batch, %tile, %head] : !rows -> tensor<8xf32>
  %y = math.log2 %x : tensor<8xf32>
  tile.store %y, %b[%batch, %tile, %head] : tensor<8xf32>, !rows
  return
}
