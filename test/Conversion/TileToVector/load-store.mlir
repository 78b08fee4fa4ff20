// Tiles between memory and scratch, and what a caller has to give.
//
// RUN: parallax-opt %s --tile-to-vector --canonicalize --cse | FileCheck %s

!memory = memref<?x?x2x16xbf16, strided<[?, ?, 16, 1]>>
!rows = memref<?x?x2xf32>

// A parameter for what the type leaves open, in order.
// CHECK-LABEL: func.func @packed_heads
// CHECK-SAME: (%{{.*}}: !llvm.ptr, %{{.*}}: !llvm.ptr, %[[TILE:.*]]: i64, %[[HEAD:.*]]: i64, %[[BATCH:.*]]: i64)
// CHECK-NOT: tile.kernel
// CHECK-SAME: tile.parameters = [{kind = "pointer", operand = "q"}, {dim = 0 : i64, kind = "size", operand = "q"}, {dim = 0 : i64, kind = "stride", operand = "q"}, {dim = 1 : i64, kind = "size", operand = "q"}, {dim = 1 : i64, kind = "stride", operand = "q"}, {kind = "pointer", operand = "o"}
// CHECK-SAME: tile.scratch_bytes = 256 : i64
func.func @packed_heads(%q: !memory {tile.operand = "q"}, %o: !memory {tile.operand = "o"},
                        %unused: f32 {tile.operand = "scale"}) attributes {tile.kernel} {
  // Row i is token i / 2 of head i % 2; those at or past the length are zero,
  // and bf16 becomes the float32 that it is.
  // CHECK-DAG: %[[TOKEN:.*]] = arith.index_cast %[[TILE]]
  // CHECK-DAG: %[[FIRST_HEAD:.*]] = arith.index_cast %[[HEAD]]
  // CHECK-DAG: %[[B:.*]] = arith.index_cast %[[BATCH]]
  // CHECK: %[[LENGTH:.*]] = memref.dim %[[Q:.*]], %c1
  // CHECK: scf.for %[[I:.*]] = %c0 to %c4 step %c1 {
  // CHECK:   %[[IN_TILE:.*]] = arith.divui %[[I]], %c2
  // CHECK:   %[[T:.*]] = arith.addi %[[TOKEN]], %[[IN_TILE]]
  // CHECK:   %[[IN_GROUP:.*]] = arith.remui %[[I]], %c2
  // CHECK:   %[[H:.*]] = arith.addi %[[FIRST_HEAD]], %[[IN_GROUP]]
  // CHECK:   %[[EXISTS:.*]] = arith.cmpi slt, %[[T]], %[[LENGTH]]
  // CHECK:   scf.if %[[EXISTS]] {
  // CHECK:     scf.for %[[C:.*]] = %c0 to %c16 step %c8 {
  // CHECK:       %[[READ:.*]] = vector.load %[[Q]][%[[B]], %[[T]], %[[H]], %[[C]]]
  // CHECK:       %[[BITS:.*]] = arith.bitcast %[[READ]] : vector<8xbf16> to vector<8xi16>
  // CHECK:       %[[WIDE:.*]] = arith.extui %[[BITS]]
  // CHECK:       %[[SHIFTED:.*]] = arith.shli %[[WIDE]]
  // CHECK:       %[[FLOAT:.*]] = arith.bitcast %[[SHIFTED]] : vector<8xi32> to vector<8xf32>
  // CHECK:       vector.store %[[FLOAT]], %[[S:.*]][%[[I]], %[[C]]] : memref<4x16xf32>
  // CHECK:   } else {
  // CHECK:       vector.store %cst{{.*}}, %[[S]]
  %tile, %head, %batch = tile.program_id
  %t = tile.load %q[%batch, %tile, %head] heads 2 : !memory -> tensor<4x16xbf16>
  // CHECK: scf.for
  // CHECK:   arith.cmpi slt
  // CHECK:   scf.if
  // CHECK:     arith.trunci %{{.*}} : vector<8xi32> to vector<8xi16>
  // CHECK:     vector.store %{{.*}} : memref<?x?x2x16xbf16, strided<[?, ?, 16, 1]>>, vector<8xbf16>
  tile.store %t, %o[%batch, %tile, %head] heads 2 : tensor<4x16xbf16>, !memory
  return
}

// Row 3 of a tile of 3 heads belongs to no whole token: it is not stored.
// CHECK-LABEL: func.func @incomplete_token
// CHECK: scf.for {{.*}} to %c4 step
// CHECK: scf.for {{.*}} to %c3 step
func.func @incomplete_token(%q: memref<1x9x3x8xf32> {tile.operand = "q"},
                            %o: memref<1x9x3x8xf32> {tile.operand = "o"}) attributes {tile.kernel} {
  %tile, %head, %batch = tile.program_id
  %t = tile.load %q[%batch, %tile, %head] heads 3 : memref<1x9x3x8xf32> -> tensor<4x8xf32>
  tile.store %t, %o[%batch, %tile, %head] heads 3 : tensor<4x8xf32>, memref<1x9x3x8xf32>
  return
}

// A limit is clamped to the length. 24 columns are not whole vectors of 16.
// CHECK-LABEL: func.func @limit
// CHECK: %[[USED:.*]] = memref.load
// CHECK: %[[LIMIT:.*]] = arith.index_cast %[[USED]]
// CHECK: %[[BOUND:.*]] = arith.minsi %[[LIMIT]], %c9
// CHECK: arith.cmpi slt, %{{.*}}, %[[BOUND]]
func.func @limit(%k: memref<1x9x1x24xf32> {tile.operand = "k"},
                 %used: memref<1xi32> {tile.operand = "used_lengths"},
                 %o: memref<1x9x1x24xf32> {tile.operand = "o"}) attributes {tile.kernel} {
  %tile, %head, %batch = tile.program_id
  %length = memref.load %used[%batch] : memref<1xi32>
  %limit = arith.index_cast %length : i32 to index
  %t = tile.load %k[%batch, %tile, %head] limit(%limit) : memref<1x9x1x24xf32> -> tensor<4x24xf32>
  tile.store %t, %o[%batch, %tile, %head] : tensor<4x24xf32>, memref<1x9x1x24xf32>
  return
}

// Row values are padded to whole vectors and stored one by one.
// CHECK-LABEL: func.func @row
// CHECK-SAME: tile.scratch_bytes = 128 : i64
// CHECK: scf.for %[[I:.*]] = %c0 to %c5 step %c1
// CHECK:   memref.store %cst{{.*}}, %[[S:.*]][%[[I]]] : memref<8xf32>
// CHECK:   scf.if
// CHECK:     memref.load %{{.*}} : memref<?x?x2xf32>
// CHECK: vector.load %[[S]][%c0] : memref<8xf32>, vector<8xf32>
// CHECK: arith.addf
// CHECK: scf.for %{{.*}} = %c0 to %c5 step %c1
// CHECK:   scf.if
// CHECK:     memref.store %{{.*}} : memref<?x?x2xf32>
func.func @row(%m: !rows {tile.operand = "row_max"}, %d: !rows {tile.operand = "d1"})
    attributes {tile.kernel} {
  %tile, %head, %batch = tile.program_id
  %t = tile.load %m[%batch, %tile, %head] : !rows -> tensor<5xf32>
  %twice = arith.addf %t, %t : tensor<5xf32>
  tile.store %twice, %d[%batch, %tile, %head] : tensor<5xf32>, !rows
  return
}
