// Persistent CTAs that share keys: those of all sequences are dealt in equal
// pieces, and each CTA walks the sequences that it has some of.
//
// RUN: parallax-opt %s --problem-to-tile --canonicalize --cse \
// RUN:   --tile-to-hopper --canonicalize --cse | FileCheck %s

#schedule = {rows = 8, keys = 64, consumers = 1, packed_heads = 4, stages = 3, split_tiles = 2, persistent = true, producer_registers = 40}
!q = memref<?x?x8x64xbf16, strided<[?, ?, ?, 1]>>
!k = memref<?x?x2x64xbf16, strided<[?, ?, ?, 1]>>

// CHECK-LABEL: func.func @dealt
// CHECK-SAME: %[[HEADS:[^:]*]]: i32 {hopper.parameter = {dim = 1 : i64, kind = "grid_size"}}
// CHECK-SAME: %[[BATCHES:[^:]*]]: i32 {hopper.parameter = {dim = 2 : i64, kind = "grid_size"}}
// CHECK-SAME: %[[GANGS:[^:]*]]: i32 {hopper.parameter = {dim = 3 : i64, kind = "grid_size"}}
// CHECK-SAME: %[[LENGTHS:[^:]*]]: !llvm.ptr<1> {hopper.parameter = {kind = "pointer", operand = "used_lengths"}}
// CHECK-SAME: hopper.persistent_ctas = 1 : i64
// CHECK-SAME: hopper.split_keys = 128 : i64
func.func @dealt(%q: !q, %r: !q, %k: !k, %v: !k, %u: memref<?xi32>, %o: !q, %scale: f32)
    attributes {parallax.schedule = #schedule} {
  // CHECK-DAG: %[[HEAD:.*]] = hopper.cta_id{{$}}
  // CHECK-DAG: %[[GANG:.*]] = hopper.cta_id 1
  // CHECK-DAG: %[[TILE:.*]] = hopper.cta_id 2
  // A sequence without keys weighs as much as a tile of them.
  // CHECK: %{{.*}}, %[[ALL:.*]] = hopper.find %c2147483647_i32 of %[[BATCHES]] {
  // CHECK: %[[LENGTH:.*]] = hopper.load_scalar %[[LENGTHS]]
  // CHECK: %[[TILES:.*]] = arith.divui %{{.*}}, %c64_i32
  // CHECK: %[[WEIGHT:.*]] = arith.maxui %[[TILES]], %c1_i32
  // CHECK: hopper.weight %[[WEIGHT]]
  // CHECK: %[[UP:.*]] = arith.addi %[[ALL]], %[[GANGS]]
  // CHECK: %[[MOST:.*]] = arith.subi %[[UP]], %c1_i32
  // CHECK: %[[EQUAL:.*]] = arith.divui %[[MOST]], %[[GANGS]]
  // CHECK: %[[SIZE:.*]] = arith.maxui %[[EQUAL]], %c2_i32
  // CHECK: %[[AT:.*]] = arith.muli %[[GANG]], %[[SIZE]]
  // CHECK: %[[BEGIN:.*]] = arith.minui %[[AT]], %[[ALL]]
  // CHECK: %[[BEHIND:.*]] = arith.addi %[[BEGIN]], %[[SIZE]]
  // CHECK: %[[END:.*]] = arith.minui %[[BEHIND]], %[[ALL]]
  // CHECK: %[[LAST_TILE:.*]] = arith.subi %[[END]], %c1_i32
  // CHECK: %[[INDEX:.*]]:2, %[[BEFORE:.*]]:2 = hopper.find %[[BEGIN]], %[[LAST_TILE]] of %[[BATCHES]] {
  // CHECK: %[[FIRST:.*]] = arith.subi %[[BEGIN]], %[[BEFORE]]#0
  // CHECK: %[[COUNT:.*]] = arith.select %{{.*}}, %{{.*}}, %c0_i32
  // The producer says which sequence comes next, and what of it.
  // CHECK: hopper.roles producer registers(40) {
  // CHECK: scf.for %[[NUMBER:.*]] = %c0_i32 to %[[COUNT]] step %c1_i32 iter_args(%{{.*}} = %c0_i32, %[[NEXT:.*]] = %[[BEGIN]])
  // CHECK-DAG: %[[IS_FIRST:.*]] = arith.cmpi eq, %[[NUMBER]], %c0_i32
  // CHECK-DAG: %[[IS_LAST:.*]] = arith.cmpi eq, %[[NUMBER]], %c1_i32
  // CHECK: %[[LATER:.*]] = arith.select %[[IS_LAST]], %[[INDEX]]#1, %{{.*}}
  // CHECK: %[[ITS:.*]] = arith.select %[[IS_FIRST]], %[[INDEX]]#0, %[[LATER]]
  // CHECK: arith.select %[[IS_LAST]], %[[BEFORE]]#1, %[[NEXT]]
  // CHECK: hopper.load_scalar %[[LENGTHS]][%[[ITS]]] : i32
  // CHECK: arith.select %[[IS_FIRST]], %[[FIRST]], %c0_i32
  // CHECK: hopper.wait %{{.*}}[%[[NUMBER]]] lag 1
  // CHECK: hopper.put_scalar %[[ITS]], %[[BOARD:.*]][%[[NUMBER]]]
  // CHECK: hopper.tma_load {{.*}}, %[[TILE_Q:.*]][%[[NUMBER]]] {{.*}} : !hopper.smem<2x16x64xbf16>
  // CHECK: scf.for
  // CHECK: hopper.tma_load
  // CHECK: } consumers(1)
  // CHECK: scf.for %[[NUMBER:.*]] = %c0_i32 to %[[COUNT]]
  // CHECK: hopper.wait
  // CHECK: hopper.get_scalar %[[BOARD]][%[[NUMBER]]]
  // CHECK: scf.for
  // CHECK: hopper.get_scalar %[[BOARD]][%[[NUMBER]]]
  // CHECK: hopper.arrive_last
  // CHECK: hopper.merge_rows
  // CHECK: hopper.arrive
  parallax.decode ins(%q, %r, %k, %v : !q, !q, !k, !k) outs(%o : !q)
    scale(%scale) mask(none) used_lengths(%u : memref<?xi32>)
  return
}

#joined = {rows = 8, keys = 64, consumers = 1, packed_heads = 4, stages = 3, split_tiles = 2, persistent = true, producer_registers = 40, converter_registers = 208}

// With registers for it, a warpgroup beside the consumers joins the parts that
// these have stored, and the board is empty when both have read it.
// CHECK-LABEL: func.func @joined
func.func @joined(%q: !q, %r: !q, %k: !k, %v: !k, %u: memref<?xi32>, %o: !q, %scale: f32)
    attributes {parallax.schedule = #joined} {
  // CHECK: %[[EMPTY:.*]] = hopper.barriers count 8 : !hopper.barrier<2>
  // CHECK: %[[STORED:.*]] = hopper.barriers count 4 : !hopper.barrier<2>
  // CHECK: hopper.roles producer
  // CHECK: hopper.wait %[[EMPTY]][%{{.*}}] lag 1
  // CHECK: } converters registers(208) {
  // CHECK: scf.for %[[NUMBER:.*]] = %c0_i32 to %[[COUNT:.*]] step
  // CHECK: hopper.wait %[[STORED]][%[[NUMBER]]]
  // CHECK: hopper.get_scalar %{{.*}}[%[[NUMBER]]]
  // CHECK: hopper.warpgroup_barrier
  // CHECK: hopper.arrive %[[EMPTY]][%[[NUMBER]]]
  // CHECK: scf.if
  // CHECK: scf.if
  // CHECK-NOT: hopper.store_rows
  // CHECK: %[[IS_LAST:.*]] = hopper.arrive_last {{.*}} looks
  // CHECK: scf.if %[[IS_LAST]]
  // CHECK: hopper.merge_rows
  // CHECK: hopper.store_rows
  // CHECK: } consumers(1)
  // CHECK: scf.for %[[NUMBER:.*]] = %c0_i32 to %[[COUNT]] step
  // CHECK-NOT: hopper.arrive_last
  // CHECK-NOT: hopper.merge_rows
  // CHECK: hopper.store_rows {{.*}}xf32, #hopper.row>
  // CHECK: hopper.warpgroup_barrier
  // CHECK: hopper.arrive %[[EMPTY]][%[[NUMBER]]]
  // CHECK: hopper.arrive %[[STORED]][%[[NUMBER]]]
  // CHECK: return
  parallax.decode ins(%q, %r, %k, %v : !q, !q, !k, !k) outs(%o : !q)
    scale(%scale) mask(none) used_lengths(%u : memref<?xi32>)
  return
}
