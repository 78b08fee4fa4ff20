// Loops that carry tiles.
//
// RUN: parallax-opt %s --tile-to-vector --canonicalize --cse | FileCheck %s

!t = memref<1x96x2x16xf32>

// A product whose accumulator alone reads the state is made in place: the loop
// carries nothing, and its body ends with the product. A second loop goes on in
// the first one's memory, and packs its tile where the first one did. Keys of the next tile are prefetched.
// CHECK-LABEL: func.func @in_place
// CHECK-SAME: tile.scratch_bytes = 2048 : i64
func.func @in_place(%am: !t {tile.operand = "q"}, %bm: !t {tile.operand = "v"},
                    %om: !t {tile.operand = "o"}) attributes {tile.kernel} {
  %c0 = arith.constant 0 : index
  %c16 = arith.constant 16 : index
  %c96 = arith.constant 96 : index
  %zero = arith.constant dense<0.0> : tensor<8x16xf32>
  %half = arith.constant dense<0.5> : tensor<8x16xf32>
  %tile, %head, %batch = tile.program_id
  %a = tile.load %am[%batch, %tile, %head] : !t -> tensor<8x16xf32>
  // CHECK: else
  // CHECK: scf.for
  // CHECK: scf.for
  // CHECK: vector.store %cst{{.*}}, %[[O:.*]][
  // CHECK: scf.for %{{.*}} = %c0 to %c96 step %c16 {
  // CHECK: memref.prefetch %{{.*}}, read, locality<2>, data
  // CHECK: vector.load %[[O]]
  // CHECK: arith.mulf
  // CHECK: vector.fma
  // CHECK: vector.store %{{.*}}, %[[O]]
  %first = scf.for %j = %c0 to %c96 step %c16 iter_args(%o = %zero) -> (tensor<8x16xf32>) {
    %b = tile.load %bm[%batch, %j, %head] : !t -> tensor<16x16xf32>
    %s = arith.mulf %o, %half : tensor<8x16xf32>
    %next = tile.dot %a, %b, %s : tensor<8x16xf32>, tensor<16x16xf32> -> tensor<8x16xf32>
    scf.yield %next : tensor<8x16xf32>
  }
  // CHECK: scf.for %{{.*}} = %c0 to %c96 step %c16 {
  // CHECK: vector.store %{{.*}}, %[[O]]
  %second = scf.for %j = %c0 to %c96 step %c16 iter_args(%o = %first) -> (tensor<8x16xf32>) {
    %b = tile.load %bm[%batch, %j, %head] : !t -> tensor<16x16xf32>
    %next = tile.dot %a, %b, %o : tensor<8x16xf32>, tensor<16x16xf32> -> tensor<8x16xf32>
    scf.yield %next : tensor<8x16xf32>
  }
  tile.store %second, %om[%batch, %tile, %head] : tensor<8x16xf32>, !t
  return
}

// States that change places are all read before one is written.
// CHECK-LABEL: func.func @swap
func.func @swap(%am: !t {tile.operand = "q"}, %bm: !t {tile.operand = "r"},
                %om: !t {tile.operand = "o"}) attributes {tile.kernel} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c9 = arith.constant 9 : index
  %tile, %head, %batch = tile.program_id
  %a = tile.load %am[%batch, %tile, %head] : !t -> tensor<8x16xf32>
  %b = tile.load %bm[%batch, %tile, %head] : !t -> tensor<8x16xf32>
  // CHECK: scf.for %{{.*}} = %c0 to %c9 step %c1
  // CHECK:   %[[Y:.*]] = vector.load %[[B:.*]][
  // CHECK:   %[[X:.*]] = vector.load %[[A:.*]][
  // CHECK:   vector.store %[[Y]], %[[A]][
  // CHECK:   vector.store %[[X]], %[[B]][
  %r:3 = scf.for %j = %c0 to %c9 step %c1 iter_args(%x = %a, %y = %b, %n = %c0)
      -> (tensor<8x16xf32>, tensor<8x16xf32>, index) {
    %m = arith.addi %n, %j : index
    scf.yield %y, %x, %m : tensor<8x16xf32>, tensor<8x16xf32>, index
  }
  tile.store %r#0, %om[%batch, %r#2, %head] : tensor<8x16xf32>, !t
  return
}
