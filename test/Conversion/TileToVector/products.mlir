// Products as microkernels.
//
// RUN: parallax-opt %s --tile-to-vector --canonicalize --cse | FileCheck %s
// RUN: parallax-opt %s --tile-to-vector='lanes=16 registers=32' --canonicalize --cse \
// RUN:   | FileCheck %s --check-prefix=WIDE

!q = memref<1x96x2x32xf32>
!s = memref<1x96x2x64xf32>

// Two products of one right side share it: 3 rows of each by 16 columns are 12
// accumulators, which the loop over the inner dimension carries.
// CHECK-LABEL: func.func @shared
// WIDE-LABEL: func.func @shared
func.func @shared(%qm: !q {tile.operand = "q"}, %rm: !q {tile.operand = "r"},
                  %km: !q {tile.operand = "k"}, %om: !s {tile.operand = "o"})
    attributes {tile.kernel} {
  %zero = arith.constant dense<0.0> : tensor<48x64xf32>
  %tile, %head, %batch = tile.program_id
  %q = tile.load %qm[%batch, %tile, %head] : !q -> tensor<48x32xf32>
  %r = tile.load %rm[%batch, %tile, %head] : !q -> tensor<48x32xf32>
  // Keys are transposed in blocks of 8 by 8; there is no loop, so nothing to
  // prefetch.
  // CHECK-NOT: memref.prefetch
  // CHECK-COUNT-24: vector.shuffle
  // CHECK-COUNT-8: vector.store %{{.*}} : memref<2048xf32>, vector<8xf32>
  %k = tile.load %km[%batch, %tile, %head] : !q -> tensor<64x32xf32>
  // CHECK: scf.for %{{.*}} = %c0 to %c4 step %c1
  // CHECK:   scf.for %{{.*}} = %c0 to %c48 step %c3
  // CHECK:     %{{.*}}:12 = scf.for %{{.*}} = %c0 to %c32 step %c4
  // CHECK-COUNT-48: vector.fma
  // CHECK-COUNT-12: vector.store
  // WIDE: scf.for %{{.*}} = %c0 to %c2 step %c1
  // WIDE:   scf.for %{{.*}} = %c0 to %c48 step %c6
  // WIDE:     %{{.*}}:24 = scf.for
  %s1 = tile.dot %q, %k, %zero transpose : tensor<48x32xf32>, tensor<64x32xf32> -> tensor<48x64xf32>
  %s2 = tile.dot %r, %k, %zero transpose : tensor<48x32xf32>, tensor<64x32xf32> -> tensor<48x64xf32>
  %sum = arith.addf %s1, %s2 : tensor<48x64xf32>
  // CHECK: arith.addf
  tile.store %sum, %om[%batch, %tile, %head] : tensor<48x64xf32>, !s
  return
}

// The accumulator is an expression: the registers start with it. Rows and
// columns that are left over have microkernels of their own.
// CHECK-LABEL: func.func @rest
func.func @rest(%qm: memref<1x96x2x8xf32> {tile.operand = "q"},
                %vm: memref<1x96x2x24xf32> {tile.operand = "v"},
                %om: memref<1x96x2x24xf32> {tile.operand = "o"}) attributes {tile.kernel} {
  %two = arith.constant dense<2.0> : tensor<7x24xf32>
  %tile, %head, %batch = tile.program_id
  %p = tile.load %qm[%batch, %tile, %head] : memref<1x96x2x8xf32> -> tensor<7x8xf32>
  %v = tile.load %vm[%batch, %tile, %head] : memref<1x96x2x24xf32> -> tensor<8x24xf32>
  %o = tile.load %om[%batch, %tile, %head] : memref<1x96x2x24xf32> -> tensor<7x24xf32>
  %scaled = arith.mulf %o, %two : tensor<7x24xf32>
  // CHECK: arith.mulf
  // CHECK: %{{.*}}:12 = scf.for %{{.*}} = %c0 to %c8 step %c4 iter_args
  // CHECK: %{{.*}}:2 = scf.for %{{.*}} = %c0 to %c8 step %c4 iter_args
  // CHECK: %{{.*}}:6 = scf.for %{{.*}} = %c0 to %c8 step %c4 iter_args
  // CHECK: %{{.*}} = scf.for %{{.*}} = %c0 to %c8 step %c4 iter_args
  %r = tile.dot %p, %v, %scaled : tensor<7x8xf32>, tensor<8x24xf32> -> tensor<7x24xf32>
  tile.store %r, %om[%batch, %tile, %head] : tensor<7x24xf32>, memref<1x96x2x24xf32>
  return
}

// A product of few rows reads the keys where they lie, four at a time, and adds
// up the lanes. A key that does not exist is read from one that does, and gives 0.
// CHECK-LABEL: func.func @few_rows
func.func @few_rows(%qm: !q {tile.operand = "q"}, %km: !q {tile.operand = "k"},
                    %om: !s {tile.operand = "o"}) attributes {tile.kernel} {
  %zero = arith.constant dense<0.0> : tensor<1x64xf32>
  %tile, %head, %batch = tile.program_id
  %q = tile.load %qm[%batch, %tile, %head] : !q -> tensor<1x32xf32>
  %k = tile.load %km[%batch, %tile, %head] : !q -> tensor<64x32xf32>
  // CHECK: scf.for %{{.*}} = %c0 to %c64 step %c4
  // CHECK:   %[[EXISTS:.*]] = arith.cmpi slt, %[[TOKEN:.*]], %c96
  // CHECK:   arith.minsi %[[TOKEN]], %c95
  // CHECK:   %[[SUMS:.*]]:4 = scf.for %{{.*}} = %c0 to %c32 step %c8
  // CHECK-COUNT-4: vector.fma
  // CHECK:   vector.shuffle %[[SUMS]]#0, %[[SUMS]]#0 [0, 1, 2, 3]
  // CHECK:   arith.select %[[EXISTS]]
  // CHECK:   memref.store
  %s = tile.dot %q, %k, %zero transpose : tensor<1x32xf32>, tensor<64x32xf32> -> tensor<1x64xf32>
  tile.store %s, %om[%batch, %tile, %head] : tensor<1x64xf32>, !s
  return
}

// A product whose left side is a product of the same right side can't share it.
// CHECK-LABEL: func.func @chain
// CHECK: vector.fma
// CHECK: vector.store
// CHECK: vector.fma
// CHECK: vector.store
func.func @chain(%m: memref<1x96x2x8xf32> {tile.operand = "q"},
                 %om: memref<1x96x2x8xf32> {tile.operand = "o"}) attributes {tile.kernel} {
  %zero = arith.constant dense<0.0> : tensor<8x8xf32>
  %tile, %head, %batch = tile.program_id
  %a = tile.load %m[%batch, %tile, %head] : memref<1x96x2x8xf32> -> tensor<8x8xf32>
  %b = tile.dot %a, %a, %zero : tensor<8x8xf32>, tensor<8x8xf32> -> tensor<8x8xf32>
  %c = tile.dot %b, %a, %zero : tensor<8x8xf32>, tensor<8x8xf32> -> tensor<8x8xf32>
  tile.store %c, %om[%batch, %tile, %head] : tensor<8x8xf32>, memref<1x96x2x8xf32>
  return
}
