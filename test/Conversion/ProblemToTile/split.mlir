// Programs that share a tile's keys: each takes its part of the key tiles, and
// the last to arrive merges what all have stored.
//
// RUN: parallax-opt %s --problem-to-tile --canonicalize --cse | FileCheck %s

#schedule = {rows = 64, keys = 64, consumers = 1, packed_heads = 4, split_tiles = 2}
!q = memref<?x?x8x64xbf16, strided<[?, ?, ?, 1]>>
!k = memref<?x?x2x64xbf16, strided<[?, ?, ?, 1]>>

// CHECK-LABEL: func.func @split
// CHECK-SAME: %[[TICKETS:[^:]*]]: memref<?xi32> {tile.operand = "tickets"}
// CHECK-SAME: %[[M:[^:]*]]: memref<?x1x?x4xf32> {tile.operand = "split_m"}
// CHECK-SAME: %[[D1:[^:]*]]: memref<?x1x?x4xf32> {tile.operand = "split_d1"}
// CHECK-SAME: %[[D2:[^:]*]]: memref<?x1x?x4xf32> {tile.operand = "split_d2"}
// CHECK-SAME: %[[O1:[^:]*]]: memref<?x1x?x4x64xf32> {tile.operand = "split_o1"}
// CHECK-SAME: %[[O2:[^:]*]]: memref<?x1x?x4x64xf32> {tile.operand = "split_o2"}
func.func @split(%q: !q, %r: !q, %k: !k, %v: !k, %o: !q, %scale: f32)
    attributes {parallax.schedule = #schedule} {
  // CHECK: %[[UP:.*]] = arith.addi %{{.*}}, %c63
  // CHECK: %[[TILES:.*]] = arith.divui %[[UP]], %c64
  // CHECK: %[[FIRST_TILE:.*]], %[[LAST_TILE:.*]], %[[PART:.*]], %[[PARTS:.*]], %[[SLOT:.*]], %[[TICKET:.*]] = tile.share %[[TILES]] least 2
  // CHECK: %[[AT:.*]] = arith.muli %[[FIRST_TILE]], %c64
  // CHECK: %[[FIRST:.*]] = arith.minui %[[AT]], %[[END:.*]] :
  // CHECK: %[[BEHIND:.*]] = arith.muli %[[LAST_TILE]], %c64
  // CHECK: %[[LAST:.*]] = arith.minui %[[BEHIND]], %[[END]]
  // CHECK: %[[R:.*]]:5 = scf.for %{{.*}} = %[[FIRST]] to %[[LAST]] step %c64
  // CHECK: %[[ALONE:.*]] = arith.cmpi eq, %[[PARTS]], %c1
  // CHECK: scf.if %[[ALONE]] {
  // CHECK: %[[IS_FIRST:.*]] = arith.cmpi eq, %[[PART]], %c0
  // CHECK: scf.if %[[IS_FIRST]] {
  // CHECK: tile.store {{.*}} heads 4 : tensor<64x64xbf16>, memref<?x?x8x64xbf16
  // CHECK: } else {
  // CHECK: %[[HAS_KEYS:.*]] = arith.cmpi slt, %[[PART]], %[[PARTS]]
  // CHECK: scf.if %[[HAS_KEYS]] {
  // CHECK: %[[PLACE:.*]] = arith.addi %[[SLOT]], %[[PART]]
  // CHECK: tile.store %[[R]]#3, %[[O1]][%c0, %{{.*}}, %c0] part(%[[PLACE]]) heads 4
  // CHECK: tile.store %[[R]]#4, %[[O2]]{{.*}} part(%[[PLACE]])
  // CHECK: tile.store %[[R]]#0, %[[M]]{{.*}} part(%[[PLACE]])
  // CHECK: tile.store %[[R]]#1, %[[D1]]{{.*}} part(%[[PLACE]])
  // CHECK: tile.store %[[R]]#2, %[[D2]]{{.*}} part(%[[PLACE]])
  // CHECK: %[[IS_LAST:.*]] = tile.arrive %[[TICKETS]][%[[TICKET]]] of %[[PARTS]]
  // CHECK: scf.if %[[IS_LAST]] {
  // CHECK: scf.for %[[ROW:.*]] = %c0{{.*}} to %{{.*}} step %c4
  // CHECK: tile.merge_parts %[[M]], %[[D1]], %[[D2]], %[[O1]], %[[O2]] of %[[PARTS]][%c0, %{{.*}}, %c0] part(%[[SLOT]]) row(%[[ROW]]) of 64 heads 4 : {{.*}} -> tensor<4xf32>, tensor<4x64xf32>
  // CHECK: tile.store %{{.*}} row(%[[ROW]]) of 64 heads 4 : tensor<4x64xbf16>
  parallax.decode ins(%q, %r, %k, %v : !q, !q, !k, !k) outs(%o : !q)
    scale(%scale) mask(none)
  return
}

// Where they may be a cluster each merges every so many rows of what all, also
// those without keys, have published to it. One head of few tokens: a row at a time, by either way.
#cluster = {rows = 8, keys = 64, consumers = 1, split_tiles = 1, cluster = 8}
// CHECK-LABEL: func.func @cluster
func.func @cluster(%q: !q, %r: !q, %k: !k, %v: !k, %o: !q, %scale: f32)
    attributes {parallax.schedule = #cluster} {
  // CHECK: %{{.*}}, %{{.*}}, %[[PART:.*]], %[[PARTS:.*]], %{{.*}}, %{{.*}} = tile.share %{{.*}} least 1
  // CHECK: %[[R:.*]]:5 = scf.for
  // CHECK: %[[ALL:.*]] = tile.cluster_size
  // CHECK: %[[IN_CLUSTER:.*]] = arith.cmpi sgt, %[[ALL]], %{{.*}} : index
  // CHECK: scf.if %[[IN_CLUSTER]] {
  // CHECK-NEXT: tile.publish %[[R]]#0, %[[R]]#1, %[[R]]#2, %[[R]]#3, %[[R]]#4 rows(%{{.*}}) of %[[ALL]] : tensor<8xf32>, tensor<8x64xf32>
  // CHECK-NEXT: scf.for %[[ROW:.*]] = %[[PART]] to %{{.*}} step %[[ALL]]
  // CHECK: tile.merge_published of %[[ALL]] row(%[[ROW]]) : tensor<1xf32>, tensor<1x64xf32>
  // CHECK: tile.store %{{.*}} row(%[[ROW]]) of 8 : tensor<1x64xbf16>
  // CHECK: } else {
  // CHECK: %[[HAS_KEYS:.*]] = arith.cmpi slt, %[[PART]], %[[PARTS]] :
  // CHECK: scf.if %[[HAS_KEYS]] {
  // CHECK: tile.arrive
  // CHECK: tile.merge_parts {{.*}} of 8 : {{.*}} -> tensor<1xf32>, tensor<1x64xf32>
  parallax.decode ins(%q, %r, %k, %v : !q, !q, !k, !k) outs(%o : !q)
    scale(%scale) mask(none)
  return
}
