// Caches in pages: a tile in one page, of a few pages, of many.
//
// RUN: parallax-opt %s --problem-to-tile --canonicalize --cse \
// RUN:   --tile-to-hopper --canonicalize --cse --split-input-file | FileCheck %s

#schedule = {rows = 64, keys = 64, packed_heads = 4, consumers = 1, stages = 2}
!t = memref<?x?x?x128xbf16, strided<[?, ?, ?, 1]>>
!pool = memref<?x256x?x128xbf16, strided<[?, ?, ?, 1]>>
!table = memref<?x?xi32, strided<[?, 1]>>

// CHECK-LABEL: func.func @one
// CHECK-SAME: {hopper.parameter = {dim = 1 : i64, kind = "size", operand = "block_table"}}
// CHECK-SAME: %[[TABLE:[^:]*]]: !llvm.ptr<1> {hopper.parameter = {kind = "pointer", operand = "block_table"}}
// CHECK-SAME: %[[STRIDE:[^:]*]]: i64 {hopper.parameter = {dim = 0 : i64, kind = "stride", operand = "block_table"}}
// CHECK-SAME: {hopper.parameter = {box = array<i64: 64, 1, 64, 1>, kind = "tensor_map", operand = "k"}}
func.func @one(%q: !t, %r: !t, %k: !pool, %v: !pool, %o: !t, %used: memref<?xi32>,
               %table: !table, %scale: f32)
    attributes {parallax.schedule = #schedule} {
  // CHECK-DAG: %[[NONE:.*]] = arith.constant -1 : i32
  // CHECK-DAG: %[[C256:.*]] = arith.constant 256 : i32
  // CHECK: %[[STEP:.*]] = arith.trunci %[[STRIDE]]
  // CHECK: %[[LENGTH:.*]] = arith.minsi
  // CHECK: hopper.roles producer
  // CHECK: scf.for %[[J:[^ ]*]] =
  // CHECK:   %[[ROW:.*]] = arith.muli %{{.*}}, %[[STEP]]
  // CHECK:   %[[PAGE:.*]] = arith.divui %[[J]], %[[C256]]
  // CHECK:   %[[TOKEN:.*]] = arith.remui %[[J]], %[[C256]]
  // The last entry is that of the last token below the limit.
  // CHECK:   %[[UP:.*]] = arith.addi %[[LENGTH]], %c255_i32
  // CHECK:   %[[END:.*]] = arith.divui %[[UP]], %[[C256]]
  // CHECK:   %[[LAST:.*]] = arith.subi %[[END]], %c1_i32
  // CHECK:   %[[CLAMPED:.*]] = arith.minsi %[[PAGE]], %[[LAST]]
  // CHECK:   %[[INDEX:.*]] = arith.maxsi %[[CLAMPED]], %c0_i32
  // CHECK:   %[[AT:.*]] = arith.addi %[[ROW]], %[[INDEX]]
  // CHECK:   %[[READ:.*]] = hopper.load_scalar %[[TABLE]][%[[AT]]] : i32
  // CHECK:   %[[EXISTS:.*]] = arith.cmpi slt, %[[PAGE]], %[[END]]
  // CHECK:   %[[ENTRY:.*]] = arith.select %[[EXISTS]], %[[READ]], %[[NONE]]
  // It is read before the stage is waited for, and once for k and v.
  // CHECK:   hopper.wait
  // CHECK:   hopper.expect %{{.*}}, 16384
  // CHECK:   hopper.tma_load %{{.*}}[%c0_i32, %{{.*}}, %[[TOKEN]], %[[ENTRY]]], %{{.*}} box [1, 64]
  // CHECK-NOT: load_scalar
  // CHECK:   hopper.tma_load %{{.*}}[%c0_i32, %{{.*}}, %[[TOKEN]], %[[ENTRY]]], %{{.*}} box [1, 64]
  // CHECK: consumers
  parallax.decode ins(%q, %r, %k, %v : !t, !t, !pool, !pool) outs(%o : !t)
    scale(%scale) mask(none) used_lengths(%used : memref<?xi32>)
    block_table(%table : !table)
  return
}

// -----

#schedule = {rows = 64, keys = 64, packed_heads = 4, consumers = 1, stages = 2}
!t = memref<?x?x?x128xbf16, strided<[?, ?, ?, 1]>>
!pool = memref<?x32x?x128xbf16, strided<[?, ?, ?, 1]>>
!table = memref<?x?xi32, strided<[?, 1]>>

// Without used lengths a row of the table is full; a tile may end behind it.
// CHECK-LABEL: func.func @few
// CHECK-SAME: %[[COLUMNS:[^:]*]]: i32 {hopper.parameter = {dim = 1 : i64, kind = "size", operand = "block_table"}}
// CHECK-SAME: {hopper.parameter = {box = array<i64: 64, 1, 32, 1>, kind = "tensor_map", operand = "k"}}
func.func @few(%q: !t, %r: !t, %k: !pool, %v: !pool, %o: !t, %table: !table, %scale: f32)
    attributes {parallax.schedule = #schedule} {
  // CHECK: scf.for
  // CHECK: arith.subi %[[COLUMNS]], %c1_i32
  // CHECK: hopper.load_scalar
  // CHECK: arith.cmpi slt, %{{.*}}, %[[COLUMNS]]
  // CHECK: %[[A:.*]] = arith.select
  // CHECK: hopper.load_scalar
  // CHECK: %[[B:.*]] = arith.select
  // CHECK: hopper.wait
  // CHECK: hopper.expect %{{.*}}, 16384
  // CHECK: hopper.tma_load %{{.*}}[%c0_i32, %{{.*}}, %c0_i32, %[[A]]], %{{.*}} rows(%c0_i32), %{{.*}} box [1, 32]
  // CHECK: hopper.tma_load %{{.*}}[%c0_i32, %{{.*}}, %c0_i32, %[[B]]], %{{.*}} rows(%c32_i32), %{{.*}} box [1, 32]
  // CHECK: hopper.wait
  // CHECK: consumers
  parallax.decode ins(%q, %r, %k, %v : !t, !t, !pool, !pool) outs(%o : !t)
    scale(%scale) mask(none) block_table(%table : !table)
  return
}

// -----

#schedule = {rows = 64, keys = 64, packed_heads = 4, consumers = 1, stages = 2, converted_stages = 2,
             producer_registers = 56}
!t = memref<?x?x?x128xbf16, strided<[?, ?, ?, 1]>>
!pool = memref<?x2x?x128xf8E4M3FN, strided<[?, ?, ?, 1]>>
!table = memref<?x?xi32, strided<[?, 1]>>

// 32 of them, of 8 bits: 8 at a time, once the stage is empty.
// CHECK-LABEL: func.func @many
// CHECK-SAME: {hopper.parameter = {box = array<i64: 128, 1, 2, 1>, kind = "tensor_map", operand = "k"}}
func.func @many(%q: !t, %r: !t, %k: !pool, %v: !pool, %o: !t, %table: !table, %scale: f32)
    attributes {parallax.schedule = #schedule} {
  // CHECK: hopper.roles
  // CHECK-NOT: load_scalar
  // CHECK: hopper.wait
  // CHECK: hopper.expect %{{.*}}, 8192
  // CHECK: scf.for %[[I:.*]] = %c0_i32 to %c32_i32 step %c8_i32
  // CHECK-COUNT-8: hopper.load_scalar
  // CHECK: %[[OFFSET:.*]] = arith.muli %[[I]], %c2_i32
  // CHECK: hopper.tma_load %{{.*}} rows(%[[OFFSET]]), %{{.*}} box [1, 2]
  // CHECK-COUNT-7: hopper.tma_load
  // CHECK: loop_annotation
  // CHECK: hopper.wait
  // CHECK: scf.for
  // CHECK-COUNT-8: hopper.load_scalar
  // CHECK: } converters
  parallax.decode ins(%q, %r, %k, %v : !t, !t, !pool, !pool) outs(%o : !t)
    scale(%scale) mask(none) block_table(%table : !table)
  return
}

// -----

#schedule = {rows = 64, keys = 64, packed_heads = 4, consumers = 1, stages = 2}
!t = memref<?x?x?x96xbf16, strided<[?, ?, ?, 1]>>
!pool = memref<?x2x?x96xbf16, strided<[?, ?, ?, 1]>>
!table = memref<?x?xi32, strided<[?, 1]>>

// As small as that of 16 bits: threads copy them, and the producer does q and r.
// CHECK-LABEL: func.func @gathered
// CHECK-SAME: %[[K:[^:]*]]: !llvm.ptr<1> {hopper.parameter = {kind = "pointer", operand = "k"}}
// CHECK-SAME: %[[PAGE:[^:]*]]: i64 {hopper.parameter = {dim = 0 : i64, kind = "stride", operand = "k"}}
// CHECK-SAME: %[[TOKEN:[^:]*]]: i64 {hopper.parameter = {dim = 1 : i64, kind = "stride", operand = "k"}}
// CHECK-SAME: %[[HEAD:[^:]*]]: i64 {hopper.parameter = {dim = 2 : i64, kind = "stride", operand = "k"}}
// CHECK-SAME: %[[V:[^:]*]]: !llvm.ptr<1> {hopper.parameter = {kind = "pointer", operand = "v"}}
// CHECK-SAME: %[[TABLE:[^:]*]]: !llvm.ptr<1> {hopper.parameter = {kind = "pointer", operand = "block_table"}}
func.func @gathered(%q: !t, %r: !t, %k: !pool, %v: !pool, %o: !t, %used: memref<?xi32>,
                    %table: !table, %scale: f32)
    attributes {parallax.schedule = #schedule} {
  // CHECK: %[[LENGTH:.*]] = arith.minsi
  // CHECK: %[[RING:.*]] = hopper.alloc : !hopper.smem<2x64x128xbf16>
  // CHECK: %[[FULL:.*]] = hopper.barriers count 96 : !hopper.barrier<2>
  // CHECK: %[[EMPTY:.*]] = hopper.barriers count 4 : !hopper.barrier<2>
  // CHECK: hopper.roles producer
  // CHECK-NOT: scf.for
  // CHECK: } converters {
  // CHECK: scf.for %[[J:[^ ]*]] = {{.*}} iter_args(%[[N:[^ ]*]] =
  // The entries are read before the stage is waited for, and once for k and v.
  // CHECK: %[[PAGES:.*]] = hopper.load_entries %[[TABLE]][%{{.*}}] from %[[J]] limit %[[LENGTH]] size 2
  // CHECK: hopper.wait %[[EMPTY]][%[[N]]] lag 1
  // CHECK: %[[BASE:.*]] = arith.muli %{{.*}}, %[[HEAD]] : i64
  // CHECK: hopper.gather %[[K]][%[[BASE]], %[[PAGE]], %[[TOKEN]]] pages %[[PAGES]] at %[[J]] size 2 columns 96 to %[[RING]][%[[N]]], %[[FULL]][%[[N]]]
  // CHECK-NOT: load_entries
  // CHECK: hopper.gather %[[V]]{{.*}} pages %[[PAGES]] at %[[J]]
  // CHECK: } consumers
  // What the threads wrote is fenced where it is read; nothing is left to zero.
  // CHECK: hopper.wait %[[FULL]][%{{.*}}]
  // CHECK-NEXT: hopper.fence_async
  // CHECK-NOT: hopper.zero_rows
  parallax.decode ins(%q, %r, %k, %v : !t, !t, !pool, !pool) outs(%o : !t)
    scale(%scale) mask(none) used_lengths(%used : memref<?xi32>)
    block_table(%table : !table)
  return
}
