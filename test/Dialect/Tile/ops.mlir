// The examples of TileOps.td, and every optional part of each op.
//
// RUN: parallax-opt %s | parallax-opt | FileCheck %s
// RUN: parallax-opt %s --mlir-print-op-generic | parallax-opt | FileCheck %s

// CHECK-LABEL: func.func @examples
func.func @examples(
    %key: memref<?x?x?x128xbf16, strided<[?, ?, ?, 1]>>,
    %query: memref<?x?x?x128xbf16, strided<[?, ?, ?, 1]>>,
    %out: memref<?x?x?x128xbf16, strided<[?, ?, ?, 1]>>,
    %pool: memref<?x16x?x128xbf16, strided<[?, ?, ?, 1]>>,
    %table: memref<?x?xi32, strided<[?, 1]>>, %d1s: memref<?x?x?x?xf32>,
    %new: memref<?x?x?x128xbf16>, %tickets: memref<?xi32>,
    %cache: memref<?x?x?x128xf8E4M3FN, strided<[?, ?, ?, 1]>>,
    %n: index, %w: index, %shift: index, %i: index, %j: index,
    %tiles: index) {
  // CHECK: %[[TILE:.*]], %[[HEAD:.*]], %[[BATCH:.*]] = tile.program_id
  %tile, %head, %batch = tile.program_id
  // CHECK: tile.load %{{.*}}[%[[BATCH]], %{{.*}}, %[[HEAD]]] : memref<?x?x?x128xbf16, strided<[?, ?, ?, 1]>> -> tensor<64x128xbf16>
  %k = tile.load %key[%batch, %j, %head]
      : memref<?x?x?x128xbf16, strided<[?, ?, ?, 1]>> -> tensor<64x128xbf16>
  // CHECK: tile.load %{{.*}}[%[[BATCH]], %{{.*}}, %[[HEAD]]] limit(%{{.*}}) heads 4 : memref
  %q = tile.load %query[%batch, %i, %head] limit(%n) heads 4
      : memref<?x?x?x128xbf16, strided<[?, ?, ?, 1]>> -> tensor<64x128xbf16>
  // CHECK: tile.load %{{.*}}[%[[BATCH]], %{{.*}}, %[[HEAD]]] limit(%{{.*}}) table(%{{.*}} : memref<?x?xi32, strided<[?, 1]>>) : memref<?x16x
  %p = tile.load %pool[%batch, %j, %head] limit(%n)
      table(%table : memref<?x?xi32, strided<[?, 1]>>)
      : memref<?x16x?x128xbf16, strided<[?, ?, ?, 1]>> -> tensor<64x128xbf16>
  // CHECK: tile.load %{{.*}} : memref<?x?x?x128xf8E4M3FN, strided<[?, ?, ?, 1]>> -> tensor<64x128xbf16>
  %narrow = tile.load %cache[%batch, %j, %head]
      : memref<?x?x?x128xf8E4M3FN, strided<[?, ?, ?, 1]>> -> tensor<64x128xbf16>
  // CHECK: tile.load %{{.*}}[%[[BATCH]], %{{.*}}, %[[HEAD]]] part(%{{.*}}) : memref<?x?x?x?xf32> -> tensor<64xf32>
  %d1 = tile.load %d1s[%batch, %i, %head] part(%n)
      : memref<?x?x?x?xf32> -> tensor<64xf32>
  %short = tile.load %key[%batch, %j, %head]
      : memref<?x?x?x128xbf16, strided<[?, ?, ?, 1]>> -> tensor<32x128xbf16>
  %zero = arith.constant dense<0.0> : tensor<64x32xf32>
  %s = tile.dot %q, %short, %zero transpose
      : tensor<64x128xbf16>, tensor<32x128xbf16> -> tensor<64x32xf32>
  // CHECK: tile.mask %[[S:.*]] at(%{{.*}}, %{{.*}}) length(%{{.*}}) causal(%{{.*}}) window(%{{.*}}) heads 4 : tensor<64x32xf32>
  %x = tile.mask %s at(%i, %j) length(%n) causal(%shift) window(%w) heads 4
      : tensor<64x32xf32>
  // CHECK: tile.reduce max %[[S]] : tensor<64x32xf32> -> tensor<64xf32>
  %m = tile.reduce max %s : tensor<64x32xf32> -> tensor<64xf32>
  // CHECK: tile.broadcast %{{.*}} : tensor<64xf32> -> tensor<64x32xf32>
  %b = tile.broadcast %m : tensor<64xf32> -> tensor<64x32xf32>
  %weights = arith.truncf %x : tensor<64x32xf32> to tensor<64x32xbf16>
  %wide = arith.constant dense<0.0> : tensor<64x128xf32>
  // CHECK: tile.dot %{{.*}}, %{{.*}}, %{{.*}} : tensor<64x32xbf16>, tensor<32x128xbf16> -> tensor<64x128xf32>
  %acc = tile.dot %weights, %short, %wide
      : tensor<64x32xbf16>, tensor<32x128xbf16> -> tensor<64x128xf32>
  %o = arith.truncf %acc : tensor<64x128xf32> to tensor<64x128xbf16>
  // CHECK: tile.store %{{.*}}, %{{.*}}[%[[BATCH]], %{{.*}}, %[[HEAD]]] heads 4 : tensor<64x128xbf16>, memref<?x?x?x128xbf16, strided<[?, ?, ?, 1]>>
  tile.store %o, %out[%batch, %i, %head] heads 4
      : tensor<64x128xbf16>, memref<?x?x?x128xbf16, strided<[?, ?, ?, 1]>>
  // CHECK: tile.append %{{.*}}, %{{.*}}[%[[BATCH]], %{{.*}}, %[[HEAD]]] limit(%{{.*}}) table(%{{.*}} : memref<?x?xi32, strided<[?, 1]>>) : memref<?x?x?x128xbf16>, memref<?x16x?x128xbf16, strided<[?, ?, ?, 1]>>
  tile.append %new, %pool[%batch, %i, %head] limit(%n)
      table(%table : memref<?x?xi32, strided<[?, 1]>>)
      : memref<?x?x?x128xbf16>, memref<?x16x?x128xbf16, strided<[?, ?, ?, 1]>>
  // CHECK: tile.share %{{.*}} least 2
  %first, %last, %part, %parts, %slot, %ticket = tile.share %tiles least 2
  // CHECK: tile.cluster_size
  %programs = tile.cluster_size
  // CHECK: tile.arrive %{{.*}}[%{{.*}}] of %{{.*}} : memref<?xi32>
  %is_last = tile.arrive %tickets[%ticket] of %n : memref<?xi32>
  return
}

// Pieces of a tile, of parts and of what has none.
// CHECK-LABEL: func.func @pieces
func.func @pieces(%o1: memref<?x?x?x?x128xf32>, %out: memref<?x?x?x128xf32>, %i: index) {
  // CHECK: tile.load %{{.*}}[%{{.*}}] part(%{{.*}}) row(%{{.*}}) heads 8 : memref<?x?x?x?x128xf32> -> tensor<4x128xf32>
  %x = tile.load %o1[%i, %i, %i] part(%i) row(%i) heads 8
      : memref<?x?x?x?x128xf32> -> tensor<4x128xf32>
  // CHECK: tile.store %{{.*}}, %{{.*}}[%{{.*}}] row(%{{.*}}) of 64 heads 8 : tensor<4x128xf32>, memref<?x?x?x128xf32>
  tile.store %x, %out[%i, %i, %i] row(%i) of 64 heads 8
      : tensor<4x128xf32>, memref<?x?x?x128xf32>
  // CHECK: tile.store %{{.*}}, %{{.*}}[%{{.*}}] part(%{{.*}}) : tensor<4x128xf32>, memref<?x?x?x?x128xf32>
  tile.store %x, %o1[%i, %i, %i] part(%i)
      : tensor<4x128xf32>, memref<?x?x?x?x128xf32>
  return
}

// CHECK-LABEL: func.func @dot
func.func @dot(%q: tensor<64x128xbf16>, %k: tensor<32x128xbf16>,
               %zero: tensor<64x32xf32>) {
  // CHECK: tile.dot %{{.*}}, %{{.*}}, %{{.*}} transpose : tensor<64x128xbf16>, tensor<32x128xbf16> -> tensor<64x32xf32>
  %s = tile.dot %q, %k, %zero transpose
      : tensor<64x128xbf16>, tensor<32x128xbf16> -> tensor<64x32xf32>
  return
}

// What the examples leave out: rows, sums, masks of less, packed heads up to
// the rows, and rows that the heads don't divide.
// CHECK-LABEL: func.func @others
func.func @others(%rows: memref<2x?x?xf32, strided<[?, ?, 3]>>, %i: index,
                  %s: tensor<64x32xf32>) {
  // CHECK: tile.load %{{.*}}[%{{.*}}] limit(%{{.*}}) heads 64 : memref<2x?x?xf32, strided<[?, ?, 3]>> -> tensor<64xf32>
  %r = tile.load %rows[%i, %i, %i] limit(%i) heads 64
      : memref<2x?x?xf32, strided<[?, ?, 3]>> -> tensor<64xf32>
  // CHECK: tile.store %{{.*}}, %{{.*}}[%{{.*}}] heads 5 : tensor<64xf32>, memref<2x?x?xf32, strided<[?, ?, 3]>>
  tile.store %r, %rows[%i, %i, %i] heads 5
      : tensor<64xf32>, memref<2x?x?xf32, strided<[?, ?, 3]>>
  // CHECK: tile.reduce add
  %a = tile.reduce add %s : tensor<64x32xf32> -> tensor<64xf32>
  // CHECK: tile.mask %{{.*}} at(%{{.*}}, %{{.*}}) length(%{{.*}}) : tensor<64x32xf32>
  %x = tile.mask %s at(%i, %i) length(%i) : tensor<64x32xf32>
  // CHECK: tile.mask %{{.*}} at(%{{.*}}, %{{.*}}) length(%{{.*}}) causal(%{{.*}}) : tensor<64x32xf32>
  %y = tile.mask %s at(%i, %i) length(%i) causal(%i) : tensor<64x32xf32>
  return
}

// Types: f32 and f16 tiles, f16 rows.
// CHECK-LABEL: func.func @types
// CHECK-SAME: {tile.operand = "q"}
// CHECK-SAME: attributes {tile.kernel}
func.func @types(%q: memref<1x8x1x8xf32> {tile.operand = "q"},
                 %h: memref<1x8x1xf16> {tile.operand = "d1"})
    attributes {tile.kernel} {
  %c0 = arith.constant 0 : index
  // CHECK: -> tensor<8x8xf32>
  %x = tile.load %q[%c0, %c0, %c0] : memref<1x8x1x8xf32> -> tensor<8x8xf32>
  // CHECK: -> tensor<8xf16>
  %y = tile.load %h[%c0, %c0, %c0] : memref<1x8x1xf16> -> tensor<8xf16>
  // CHECK: tile.dot
  %z = tile.dot %x, %x, %x : tensor<8x8xf32>, tensor<8x8xf32> -> tensor<8x8xf32>
  return
}

// CHECK-LABEL: func.func @handover
func.func @handover(%alpha: tensor<64xf32>) {
  // CHECK: tile.handover %{{.*}} from 0 to 1 : tensor<64xf32>
  %a = tile.handover %alpha from 0 to 1 : tensor<64xf32>
  return
}

// Programs that share keys.
// CHECK-LABEL: func.func @merge
func.func @merge(%pm: memref<?x?x?x?xf32>, %pd1: memref<?x?x?x?xf32>,
                 %pd2: memref<?x?x?x?xf32>, %po1: memref<?x?x?x?x128xf32>,
                 %po2: memref<?x?x?x?x128xf32>, %batch: index, %token: index,
                 %head: index, %slot: index, %i: index, %n: index) {
  // CHECK: tile.merge_parts %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} of %{{.*}}[%{{.*}}, %{{.*}}, %{{.*}}] part(%{{.*}}) row(%{{.*}}) of 64 heads 4 : memref<?x?x?x?xf32>, memref<?x?x?x?x128xf32> -> tensor<4xf32>, tensor<4x128xf32>
  %m, %d1, %d2, %o1, %o2 = tile.merge_parts %pm, %pd1, %pd2, %po1, %po2 of %n
      [%batch, %token, %head] part(%slot) row(%i) of 64 heads 4
      : memref<?x?x?x?xf32>, memref<?x?x?x?x128xf32>
      -> tensor<4xf32>, tensor<4x128xf32>
  return
}

// CHECK-LABEL: func.func @publish
func.func @publish(%m: tensor<8xf32>, %d1: tensor<8xf32>, %d2: tensor<8xf32>,
                   %o1: tensor<8x128xf32>, %o2: tensor<8x128xf32>, %rows: index, %n: index) {
  // CHECK: tile.publish %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} rows(%{{.*}}) of %{{.*}} : tensor<8xf32>, tensor<8x128xf32>
  tile.publish %m, %d1, %d2, %o1, %o2 rows(%rows) of %n
      : tensor<8xf32>, tensor<8x128xf32>
  return
}

// CHECK-LABEL: func.func @published
func.func @published(%n: index, %i: index) {
  // CHECK: tile.merge_published of %{{.*}} row(%{{.*}}) : tensor<1xf32>, tensor<1x128xf32>
  %m, %d1, %d2, %o1, %o2 = tile.merge_published of %n row(%i)
      : tensor<1xf32>, tensor<1x128xf32>
  return
}
