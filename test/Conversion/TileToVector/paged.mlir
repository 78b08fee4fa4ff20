// Loads through a block table, whose entries are looked at only for rows that
// exist, and of parts.
//
// RUN: parallax-opt %s --tile-to-vector --canonicalize --cse | FileCheck %s

!pool = memref<?x4x2x16xf32, strided<[?, 32, 16, 1]>>

// CHECK-LABEL: func.func @read
// CHECK-SAME: {kind = "pointer", operand = "k"}, {dim = 0 : i64, kind = "size", operand = "k"}, {dim = 0 : i64, kind = "stride", operand = "k"}, {kind = "pointer", operand = "block_table"}, {dim = 0 : i64, kind = "size", operand = "block_table"}, {dim = 0 : i64, kind = "stride", operand = "block_table"}, {dim = 1 : i64, kind = "size", operand = "block_table"}
func.func @read(%k: !pool {tile.operand = "k"},
                %table: memref<?x?xi32, strided<[?, 1]>> {tile.operand = "block_table"},
                %o: memref<1x8x2x16xf32> {tile.operand = "o"}) attributes {tile.kernel} {
  // The limit is all that the table has entries for.
  // CHECK: %[[ENTRIES:.*]] = memref.dim %[[TABLE:.*]], %c1
  // CHECK: %[[BOUND:.*]] = arith.muli %[[ENTRIES]], %c4
  // CHECK: scf.for
  // CHECK:   %[[TOKEN:.*]] = arith.addi
  // CHECK:   %[[EXISTS:.*]] = arith.cmpi slt, %[[TOKEN]], %[[BOUND]]
  // CHECK-NOT: memref.load
  // CHECK:   scf.if %[[EXISTS]] {
  // CHECK:     %[[ENTRY:.*]] = arith.divui %[[TOKEN]], %c4
  // CHECK:     %[[PAGE32:.*]] = memref.load %[[TABLE]][%{{.*}}, %[[ENTRY]]]
  // CHECK:     %[[PAGE:.*]] = arith.index_cast %[[PAGE32]]
  // CHECK:     %[[ROW:.*]] = arith.remui %[[TOKEN]], %c4
  // CHECK:     vector.load %{{.*}}[%[[PAGE]], %[[ROW]], %{{.*}}, %{{.*}}]
  %tile, %head, %batch = tile.program_id
  %t = tile.load %k[%batch, %tile, %head]
    table(%table : memref<?x?xi32, strided<[?, 1]>>) : !pool -> tensor<8x16xf32>
  tile.store %t, %o[%batch, %tile, %head] : tensor<8x16xf32>, memref<1x8x2x16xf32>
  return
}

!parts = memref<?x1x8x2x16xf32>

// One tensor of several: its number is the first index.
// CHECK-LABEL: func.func @part
func.func @part(%p: !parts {tile.operand = "part_o1"},
                %o: memref<1x8x2x16xf32> {tile.operand = "o"}) attributes {tile.kernel} {
  // CHECK: scf.if
  // CHECK: vector.load %{{.*}}[%c3{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}] : memref<?x1x8x2x16xf32>
  %tile, %head, %batch = tile.program_id
  %n = arith.constant 3 : index
  %t = tile.load %p[%batch, %tile, %head] part(%n) : !parts -> tensor<8x16xf32>
  tile.store %t, %o[%batch, %tile, %head] : tensor<8x16xf32>, memref<1x8x2x16xf32>
  return
}

// A token may lie before the memory, and is not written there.
// CHECK-LABEL: func.func @append
func.func @append(%x: memref<1x?x2x16xf32> {tile.operand = "new_k"},
                  %table: memref<?x?xi32, strided<[?, 1]>> {tile.operand = "block_table"},
                  %k: !pool {tile.operand = "k"}) attributes {tile.kernel} {
  // CHECK: %[[FIRST:.*]] = arith.subi
  // CHECK: %[[TOKENS:.*]] = memref.dim %[[X:.*]], %c1
  // CHECK: scf.for %[[I:.*]] = %c0 to %[[TOKENS]] step %c1
  // CHECK:   %[[TOKEN:.*]] = arith.addi %[[FIRST]], %[[I]]
  // CHECK:   %[[BELOW:.*]] = arith.cmpi slt, %[[TOKEN]], %c6
  // CHECK:   %[[ABOVE:.*]] = arith.cmpi sge, %[[TOKEN]], %c0
  // CHECK:   %[[EXISTS:.*]] = arith.andi %[[BELOW]], %[[ABOVE]]
  // CHECK:   scf.if %[[EXISTS]] {
  // CHECK:     memref.load
  // CHECK:     %[[READ:.*]] = vector.load %[[X]][%{{.*}}, %[[I]], %{{.*}}, %{{.*}}]
  // CHECK:     vector.store %[[READ]]
  %tile, %head, %batch = tile.program_id
  %limit = arith.constant 6 : index
  %first = arith.subi %tile, %limit : index
  tile.append %x, %k[%batch, %first, %head] limit(%limit)
    table(%table : memref<?x?xi32, strided<[?, 1]>>) : memref<1x?x2x16xf32>, !pool
  return
}
