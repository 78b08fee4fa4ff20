// Each numbered constraint of TileOps.td.
//
// RUN: parallax-opt %s --split-input-file --verify-diagnostics

// (C1) of tile.load
func.func @f(%m: memref<2x64x8x64xbf16>, %i: index) {
  // expected-error @below {{expected the memory's element type 'bf16', got 'f16'}}
  %x = tile.load %m[%i, %i, %i] : memref<2x64x8x64xbf16> -> tensor<64x64xf16>
  return
}

// -----
// (C1) of tile.append
func.func @f(%x: memref<2x3x8x64xf16>, %m: memref<2x64x8x64xbf16>, %i: index) {
  // expected-error @below {{expected the memory's element type 'bf16', got 'f16'}}
  tile.append %x, %m[%i, %i, %i] limit(%i) : memref<2x3x8x64xf16>, memref<2x64x8x64xbf16>
  return
}

// -----
// (C1) of tile.append
func.func @f(%x: memref<2x3x8x32xbf16>, %m: memref<2x64x8x64xbf16>, %i: index) {
  // expected-error @below {{expected one static last dimension, got 'memref<2x3x8x32xbf16>'}}
  tile.append %x, %m[%i, %i, %i] limit(%i) : memref<2x3x8x32xbf16>, memref<2x64x8x64xbf16>
  return
}

// -----
// (C1) of tile.append
func.func @f(%x: memref<2x3x8x?xbf16>, %m: memref<2x3x8x?xbf16>, %i: index) {
  // expected-error @below {{expected one static last dimension, got 'memref<2x3x8x?xbf16>'}}
  tile.append %x, %m[%i, %i, %i] limit(%i) : memref<2x3x8x?xbf16>, memref<2x3x8x?xbf16>
  return
}

// -----
// (C1) of tile.append
func.func @f(%x: memref<2x3x8x64xbf16, strided<[3072, 1024, 128, 2]>>, %m: memref<2x64x8x64xbf16>, %i: index) {
  // expected-error @below {{expected a last stride of 1, got}}
  tile.append %x, %m[%i, %i, %i] limit(%i) : memref<2x3x8x64xbf16, strided<[3072, 1024, 128, 2]>>, memref<2x64x8x64xbf16>
  return
}

// -----
// (C2) of tile.append
func.func @f(%x: memref<2x3x8x64xbf16>, %m: memref<9x24x8x64xbf16>, %i: index, %t: memref<2x4xi32>) {
  // expected-error @below {{expected a static page size that is a power of two in [1, 256], got 24}}
  tile.append %x, %m[%i, %i, %i] limit(%i) table(%t : memref<2x4xi32>) : memref<2x3x8x64xbf16>, memref<9x24x8x64xbf16>
  return
}

// -----
// (C2) of tile.append
func.func @f(%x: memref<2x3x8x64xbf16>, %m: memref<9x16x8x64xbf16>, %i: index, %t: memref<2x4xi32, strided<[8, 2]>>) {
  // expected-error @below {{expected a table with a last stride of 1, got}}
  tile.append %x, %m[%i, %i, %i] limit(%i) table(%t : memref<2x4xi32, strided<[8, 2]>>) : memref<2x3x8x64xbf16>, memref<9x16x8x64xbf16>
  return
}

// -----
// (C2) of tile.load of a part
func.func @f(%m: memref<2x64x8x64xbf16>, %i: index) {
  // expected-error @below {{expected memory of rank 5 for a tile of rank 2 of a part, got 4}}
  %x = tile.load %m[%i, %i, %i] part(%i) : memref<2x64x8x64xbf16> -> tensor<64x64xbf16>
  return
}

// -----
// (C2) of tile.load without a part
func.func @f(%m: memref<3x2x64x8x64xbf16>, %i: index) {
  // expected-error @below {{expected memory of rank 4 for a tile of rank 2, got 5}}
  %x = tile.load %m[%i, %i, %i] : memref<3x2x64x8x64xbf16> -> tensor<64x64xbf16>
  return
}

// -----
// (C9) of tile.load
func.func @f(%m: memref<3x2x64x8x64xbf16>, %t: memref<2x4xi32>, %i: index) {
  // expected-error @below {{expected a table or a part, got both}}
  %x = tile.load %m[%i, %i, %i] table(%t : memref<2x4xi32>) part(%i) : memref<3x2x64x8x64xbf16> -> tensor<64x64xbf16>
  return
}

// -----
// (C7) of tile.load
func.func @f(%m: memref<2x64x8xf32>, %t: memref<2x4xi32>, %i: index) {
  // expected-error @below {{expected a pool of rank 4 beside a table, got 3}}
  %x = tile.load %m[%i, %i, %i] table(%t : memref<2x4xi32>) : memref<2x64x8xf32> -> tensor<64xf32>
  return
}

// -----
// (C7) of tile.load
func.func @f(%m: memref<9x24x8x64xbf16>, %t: memref<2x4xi32>, %i: index) {
  // expected-error @below {{expected a static page size that is a power of two in [1, 256], got 24}}
  %x = tile.load %m[%i, %i, %i] table(%t : memref<2x4xi32>) : memref<9x24x8x64xbf16> -> tensor<64x64xbf16>
  return
}

// -----
// (C7) of tile.load
func.func @f(%m: memref<9x512x8x64xbf16>, %t: memref<2x4xi32>, %i: index) {
  // expected-error @below {{expected a static page size that is a power of two in [1, 256], got 512}}
  %x = tile.load %m[%i, %i, %i] table(%t : memref<2x4xi32>) : memref<9x512x8x64xbf16> -> tensor<64x64xbf16>
  return
}

// -----
// (C7) of tile.load
func.func @f(%m: memref<9x?x8x64xbf16>, %t: memref<2x4xi32>, %i: index) {
  // expected-error @below {{expected a static page size that is a power of two in [1, 256], got ?}}
  %x = tile.load %m[%i, %i, %i] table(%t : memref<2x4xi32>) : memref<9x?x8x64xbf16> -> tensor<64x64xbf16>
  return
}

// -----
// (C8) of tile.load
func.func @f(%m: memref<9x16x8x64xbf16>, %t: memref<2x4xi32, strided<[8, 2]>>, %i: index) {
  // expected-error @below {{expected a table with a last stride of 1, got}}
  %x = tile.load %m[%i, %i, %i] table(%t : memref<2x4xi32, strided<[8, 2]>>) : memref<9x16x8x64xbf16> -> tensor<64x64xbf16>
  return
}

// -----
// (C2) of tile.load
func.func @f(%m: memref<2x64x8x64xbf16>, %i: index) {
  // expected-error @below {{expected memory of rank 3 for a tile of rank 1, got 4}}
  %x = tile.load %m[%i, %i, %i] : memref<2x64x8x64xbf16> -> tensor<64xbf16>
  return
}

// -----
// (C2) of tile.load
func.func @f(%m: memref<2x64x8xf32>, %i: index) {
  // expected-error @below {{expected memory of rank 4 for a tile of rank 2, got 3}}
  %x = tile.load %m[%i, %i, %i] : memref<2x64x8xf32> -> tensor<64x8xf32>
  return
}

// -----
// (C3) of tile.load
func.func @f(%m: memref<2x64x8x64xbf16>, %i: index) {
  // expected-error @below {{expected as many columns as the memory's last dimension, 64, got 32}}
  %x = tile.load %m[%i, %i, %i] : memref<2x64x8x64xbf16> -> tensor<64x32xbf16>
  return
}

// -----
// (C3) of tile.load, of an unknown last dimension
func.func @f(%m: memref<2x64x8x?xbf16>, %i: index) {
  // expected-error @below {{expected as many columns as the memory's last dimension, ?, got 32}}
  %x = tile.load %m[%i, %i, %i] : memref<2x64x8x?xbf16> -> tensor<64x32xbf16>
  return
}

// -----
// (C4) of tile.load
func.func @f(%m: memref<2x64x8x64xbf16>, %i: index) {
  // expected-error @below {{expected heads in [1, 64], the tile's rows, got 65}}
  %x = tile.load %m[%i, %i, %i] heads 65 : memref<2x64x8x64xbf16> -> tensor<64x64xbf16>
  return
}

// -----
// (C4) of tile.load
func.func @f(%m: memref<2x64x8x64xbf16>, %i: index) {
  // expected-error @below {{expected heads in [1, 64], the tile's rows, got 0}}
  %x = tile.load %m[%i, %i, %i] heads 0 : memref<2x64x8x64xbf16> -> tensor<64x64xbf16>
  return
}

// -----
// (C4) of tile.load
func.func @f(%m: memref<2x64x8xf32>, %i: index) {
  // expected-error @below {{expected heads in [1, 16], the tile's rows, got -1}}
  %x = tile.load %m[%i, %i, %i] heads -1 : memref<2x64x8xf32> -> tensor<16xf32>
  return
}

// -----
// (C5) of tile.load
func.func @f(%m: memref<2x64x8x64xbf16, strided<[?, ?, ?, 2]>>, %i: index) {
  // expected-error @below {{expected a last stride of 1, got 'memref<2x64x8x64xbf16, strided<[?, ?, ?, 2]>>'}}
  %x = tile.load %m[%i, %i, %i]
      : memref<2x64x8x64xbf16, strided<[?, ?, ?, 2]>> -> tensor<64x64xbf16>
  return
}

// -----
// (C5) of tile.load, of memory without strides
!m = memref<2x64x8x64xbf16, affine_map<(a, b, c, d) -> (d, c, b floordiv 2, a)>>
func.func @f(%m: !m, %i: index) {
  // expected-error @below {{expected a last stride of 1}}
  %x = tile.load %m[%i, %i, %i] : !m -> tensor<64x64xbf16>
  return
}

// -----
// (C6) of tile.load
func.func @f(%m: memref<2x64x8x64xbf16>, %i: index) {
  // expected-error @below {{result #0 must be 2D tile or row, of a static shape without 0}}
  %x = tile.load %m[%i, %i, %i] : memref<2x64x8x64xbf16> -> tensor<?x64xbf16>
  return
}

// -----
// (C1) of tile.store
func.func @f(%m: memref<2x64x8xf32>, %x: tensor<64xbf16>, %i: index) {
  // expected-error @below {{expected the memory's element type 'f32', got 'bf16'}}
  tile.store %x, %m[%i, %i, %i] : tensor<64xbf16>, memref<2x64x8xf32>
  return
}

// -----
// (C2) of tile.store
func.func @f(%m: memref<2x64x8xf32>, %x: tensor<64x8xf32>, %i: index) {
  // expected-error @below {{expected memory of rank 4 for a tile of rank 2, got 3}}
  tile.store %x, %m[%i, %i, %i] : tensor<64x8xf32>, memref<2x64x8xf32>
  return
}

// -----
// (C3) of tile.store
func.func @f(%m: memref<2x64x8x64xf32>, %x: tensor<64x8xf32>, %i: index) {
  // expected-error @below {{expected as many columns as the memory's last dimension, 64, got 8}}
  tile.store %x, %m[%i, %i, %i] : tensor<64x8xf32>, memref<2x64x8x64xf32>
  return
}

// -----
// (C4) of tile.store
func.func @f(%m: memref<2x64x8xf32>, %x: tensor<64xf32>, %i: index) {
  // expected-error @below {{expected heads in [1, 64], the tile's rows, got 128}}
  tile.store %x, %m[%i, %i, %i] heads 128 : tensor<64xf32>, memref<2x64x8xf32>
  return
}

// -----
// (C5) of tile.store
func.func @f(%m: memref<2x64x8x64xf32, strided<[?, ?, ?, ?]>>, %x: tensor<64x64xf32>, %i: index) {
  // expected-error @below {{expected a last stride of 1}}
  tile.store %x, %m[%i, %i, %i]
      : tensor<64x64xf32>, memref<2x64x8x64xf32, strided<[?, ?, ?, ?]>>
  return
}

// -----
// (C6) of tile.store
func.func @f(%m: memref<2x64x8x64xf32>, %x: tensor<0x64xf32>, %i: index) {
  // expected-error @below {{operand #0 must be 2D tile or row, of a static shape without 0}}
  tile.store %x, %m[%i, %i, %i] : tensor<0x64xf32>, memref<2x64x8x64xf32>
  return
}

// -----
// (C1) of tile.dot
func.func @f(%a: tensor<64x32xbf16>, %b: tensor<32x16xf16>, %c: tensor<64x16xf32>) {
  // expected-error @below {{expected operands of one element type, got 'bf16' and 'f16'}}
  %x = tile.dot %a, %b, %c : tensor<64x32xbf16>, tensor<32x16xf16> -> tensor<64x16xf32>
  return
}

// -----
// (C2) of tile.dot
func.func @f(%a: tensor<64x32xbf16>, %b: tensor<16x32xbf16>, %c: tensor<64x16xf32>) {
  // expected-error @below {{expected inner dimensions that agree, got 32 and 16}}
  %x = tile.dot %a, %b, %c : tensor<64x32xbf16>, tensor<16x32xbf16> -> tensor<64x16xf32>
  return
}

// -----
// (C2) of tile.dot
func.func @f(%a: tensor<64x32xbf16>, %b: tensor<32x16xbf16>, %c: tensor<64x32xf32>) {
  // expected-error @below {{expected inner dimensions that agree, got 32 and 16}}
  %x = tile.dot %a, %b, %c transpose : tensor<64x32xbf16>, tensor<32x16xbf16> -> tensor<64x32xf32>
  return
}

// -----
// (C3) of tile.dot
func.func @f(%a: tensor<64x32xbf16>, %b: tensor<16x32xbf16>, %c: tensor<64x32xf32>) {
  // expected-error @below {{expected an accumulator of shape 64x16, got 64x32}}
  %x = tile.dot %a, %b, %c transpose : tensor<64x32xbf16>, tensor<16x32xbf16> -> tensor<64x32xf32>
  return
}

// -----
// (C3) of tile.dot
func.func @f(%a: tensor<64x32xbf16>, %b: tensor<32x16xbf16>, %c: tensor<32x16xf32>) {
  // expected-error @below {{expected an accumulator of shape 64x16, got 32x16}}
  %x = tile.dot %a, %b, %c : tensor<64x32xbf16>, tensor<32x16xbf16> -> tensor<32x16xf32>
  return
}

// -----
// (C3) of tile.dot
func.func @f(%a: tensor<64x32xbf16>, %b: tensor<32x16xbf16>, %c: tensor<64x16xbf16>) {
  // expected-error @below {{operand #2 must be 2D tile of a static shape without 0 of 32-bit float values}}
  %x = tile.dot %a, %b, %c : tensor<64x32xbf16>, tensor<32x16xbf16> -> tensor<64x16xbf16>
  return
}

// -----
// (C1) of tile.reduce
func.func @f(%s: tensor<64x32xf32>) {
  // expected-error @below {{expected one element a row of the tile, 64, got 32}}
  %x = tile.reduce add %s : tensor<64x32xf32> -> tensor<32xf32>
  return
}

// -----
// (C1) of tile.reduce
func.func @f(%s: tensor<64x32xf16>) {
  // expected-error @below {{must be 2D tile of a static shape without 0 of 32-bit float values}}
  %x = tile.reduce add %s : tensor<64x32xf16> -> tensor<64xf16>
  return
}

// -----
// (C1) of tile.broadcast
func.func @f(%r: tensor<64xf32>) {
  // expected-error @below {{expected one element a row of the tile, 32, got 64}}
  %x = tile.broadcast %r : tensor<64xf32> -> tensor<32x64xf32>
  return
}

// -----
// (C1) of tile.mask
func.func @f(%s: tensor<64x32xf32>, %i: index) {
  // expected-error @below {{expected heads in [1, 64], the tile's rows, got 65}}
  %x = tile.mask %s at(%i, %i) length(%i) heads 65 : tensor<64x32xf32>
  return
}

// -----
// (C2) of tile.mask
func.func @f(%s: tensor<64x32xf32>, %i: index) {
  // expected-error @below {{expected causal beside a window, got a window alone}}
  %x = tile.mask %s at(%i, %i) length(%i) window(%i) : tensor<64x32xf32>
  return
}

// -----
// A mask of an unknown or empty tile has no rows or columns to speak of.
func.func @f(%s: tensor<64x?xf32>, %i: index) {
  // expected-error @below {{operand #0 must be 2D tile of a static shape without 0}}
  %x = tile.mask %s at(%i, %i) length(%i) : tensor<64x?xf32>
  return
}

// -----
func.func @f(%s: tensor<64x0xf32>, %i: index) {
  // expected-error @below {{operand #0 must be 2D tile of a static shape without 0}}
  %x = tile.mask %s at(%i, %i) length(%i) : tensor<64x0xf32>
  return
}

// -----
// Attributes of the dialect.
// expected-error @below {{expected 'tile.kernel' on a function with a body}}
func.func private @f() attributes {tile.kernel}

// -----
// expected-error @below {{expected 'tile.kernel' to be a unit attribute, got 3 : i64}}
func.func @f() attributes {tile.kernel = 3} { return }

// -----
// expected-error @below {{expected no attribute of this dialect but 'tile.kernel', got 'tile.other'}}
func.func @f() attributes {tile.other} { return }

// -----
// expected-error @below {{expected 'tile.operand' to be the name of an operand, got "x"}}
func.func @f(%q: memref<1x8x1x8xf32> {tile.operand = "x"}) { return }

// -----
// expected-error @below {{expected 'tile.operand' to be the name of an operand, got 1 : i64}}
func.func @f(%q: memref<1x8x1x8xf32> {tile.operand = 1}) { return }

// -----
// expected-error @below {{expected no argument attribute of this dialect but 'tile.operand', got 'tile.kernel'}}
func.func @f(%q: memref<1x8x1x8xf32> {tile.kernel}) { return }

// -----
// (C1) of tile.handover
func.func @f(%x: tensor<64xf32>) {
  // expected-error @below {{expected two different consumers, got 1 and 1}}
  %y = tile.handover %x from 1 to 1 : tensor<64xf32>
  return
}

// -----
func.func @f(%x: tensor<64xf32>) {
  // expected-error @below {{expected two different consumers, got 0 and -1}}
  %y = tile.handover %x from 0 to -1 : tensor<64xf32>
  return
}

// -----
// (C10) of tile.load
func.func @f(%m: memref<?x?x?xf32>, %i: index) {
  // expected-error @below {{expected a part beside a row, got none}}
  %x = tile.load %m[%i, %i, %i] row(%i) : memref<?x?x?xf32> -> tensor<4xf32>
  return
}

// -----
// (C7) of tile.store
func.func @f(%m: memref<?x?x?xf32>, %x: tensor<4xf32>, %i: index) {
  // expected-error @below {{expected heads in [1, 8], the tile's rows, got 9}}
  tile.store %x, %m[%i, %i, %i] row(%i) of 8 heads 9 : tensor<4xf32>, memref<?x?x?xf32>
  return
}

// -----
func.func @f(%m: memref<?x?x?xf32>, %x: tensor<4xf32>, %i: index) {
  // expected-error @below {{expected the rows of the larger tile beside a row}}
  "tile.store"(%x, %m, %i, %i, %i, %i) {operandSegmentSizes = array<i32: 1, 1, 1, 1, 1, 0, 1>}
      : (tensor<4xf32>, memref<?x?x?xf32>, index, index, index, index) -> ()
  return
}

// -----
// (C2) of tile.load: a part has one more dimension.
func.func @f(%m: memref<?x?x?xf32>, %x: tensor<4xf32>, %i: index) {
  // expected-error @below {{expected memory of rank 4 for a tile of rank 1 of a part, got 3}}
  tile.store %x, %m[%i, %i, %i] part(%i) : tensor<4xf32>, memref<?x?x?xf32>
  return
}

// -----
// (C1) of tile.load: rows are not converted
func.func @f(%m: memref<2x64x8xf8E4M3FN>, %i: index) {
  // expected-error @below {{expected the memory's element type 'f8E4M3FN', got 'f32'}}
  %x = tile.load %m[%i, %i, %i] : memref<2x64x8xf8E4M3FN> -> tensor<64xf32>
  return
}

// -----

// (C1) of tile.publish
func.func @f(%m: tensor<4xf32>, %o: tensor<8x128xf32>, %n: index) {
  // expected-error @below {{expected one element a row of the tile, 8, got 4}}
  tile.publish %m, %m, %m, %o, %o rows(%n) of %n : tensor<4xf32>, tensor<8x128xf32>
  return
}

// -----

// (C1) of tile.merge_published
func.func @f(%n: index) {
  // expected-error @below {{expected one row, got 2}}
  %m, %d1, %d2, %o1, %o2 = tile.merge_published of %n row(%n) : tensor<2xf32>, tensor<2x128xf32>
  return
}

// -----

// (C2) of tile.merge_parts
func.func @f(%m: memref<?x?x?x?xf32>, %o: memref<?x?x?x?x64xf32>, %n: index) {
  // expected-error @below {{expected sums of as many columns as their memory, got 'tensor<4x128xf32>' and 'memref<?x?x?x?x64xf32>'}}
  %r:5 = tile.merge_parts %m, %m, %m, %o, %o of %n[%n, %n, %n] part(%n) row(%n) of 64 : memref<?x?x?x?xf32>, memref<?x?x?x?x64xf32> -> tensor<4xf32>, tensor<4x128xf32>
  return
}

// -----

// (C3) of tile.merge_parts
func.func @f(%m: memref<?x?x?x?xf32>, %o: memref<?x?x?x?x64xf32>, %n: index) {
  // expected-error @below {{expected heads in [1, 4], the tile's rows, got 8}}
  %r:5 = tile.merge_parts %m, %m, %m, %o, %o of %n[%n, %n, %n] part(%n) row(%n) of 4 heads 8 : memref<?x?x?x?xf32>, memref<?x?x?x?x64xf32> -> tensor<4xf32>, tensor<4x64xf32>
  return
}

// -----

// (C1) of tile.share
func.func @share_least(%n: index) {
  // expected-error@+1 {{'tile.share' op expected shares of at least 1 tile, got 0}}
  %s:6 = tile.share %n least 0
  return
}
