// A positive scale leaves the largest score the largest: the maximum is taken
// of the products themselves, and each is multiplied where the maximum is
// subtracted, which one FMA does.
//
// RUN: parallax-opt %s --problem-to-tile | FileCheck %s

!t = memref<?x?x?x64xbf16, strided<[?, ?, ?, 1]>>

// CHECK-LABEL: func.func @positive
// CHECK: %[[FACTOR:.*]] = arith.mulf
// CHECK: scf.for
// CHECK: %[[S:.*]] = tile.dot {{.*}} transpose
// CHECK: %[[X:.*]] = tile.mask %[[S]] at
// CHECK: %[[MAX:.*]] = tile.reduce max %[[X]]
// CHECK: %[[ROWS:.*]] = tensor.splat %[[FACTOR]] : tensor<64xf32>
// CHECK: %[[TOP:.*]] = arith.mulf %[[MAX]], %[[ROWS]]
// CHECK: %[[SPLAT:.*]] = tensor.splat %[[FACTOR]] : tensor<64x32xf32>
// CHECK: %[[XS:.*]] = arith.mulf %[[X]], %[[SPLAT]]
// CHECK: %[[M:.*]] = arith.maximumf %{{.*}}, %[[TOP]]
// CHECK: %[[MB:.*]] = tile.broadcast %[[M]]
// CHECK: arith.subf %[[XS]], %[[MB]]
func.func @positive(%q: !t, %r: !t, %k: !t, %v: !t, %o: !t, %scale: f32)
    attributes {parallax.schedule = {rows = 64, keys = 32}} {
  parallax.forward ins(%q, %r, %k, %v : !t, !t, !t, !t) outs(%o : !t) scale(%scale) positive mask(none)
  return
}

// CHECK-LABEL: func.func @constant
// CHECK: scf.for
// CHECK: %[[S:.*]] = tile.dot {{.*}} transpose
// CHECK: tile.mask %[[S]] at
func.func @constant(%q: !t, %r: !t, %k: !t, %v: !t, %o: !t)
    attributes {parallax.schedule = {rows = 64, keys = 32}} {
  %scale = arith.constant 0.125 : f32
  parallax.forward ins(%q, %r, %k, %v : !t, !t, !t, !t) outs(%o : !t) scale(%scale) mask(none)
  return
}

// Another multiplies first, as does one whose schedule has no register to keep
// the factor in.
// CHECK-LABEL: func.func @negative
// CHECK: scf.for
// CHECK: %[[S:.*]] = tile.dot {{.*}} transpose
// CHECK: %[[X:.*]] = arith.mulf %[[S]],
// CHECK: tile.mask %[[X]] at
func.func @negative(%q: !t, %r: !t, %k: !t, %v: !t, %o: !t)
    attributes {parallax.schedule = {rows = 64, keys = 32}} {
  %scale = arith.constant -0.125 : f32
  parallax.forward ins(%q, %r, %k, %v : !t, !t, !t, !t) outs(%o : !t) scale(%scale) mask(none)
  return
}

// CHECK-LABEL: func.func @overlapped
// CHECK: scf.for
// CHECK: %[[S:.*]] = tile.dot {{.*}} transpose
// CHECK: %[[X:.*]] = arith.mulf %[[S]],
// CHECK: tile.mask %[[X]] at
func.func @overlapped(%q: !t, %r: !t, %k: !t, %v: !t, %o: !t, %scale: f32)
    attributes {parallax.schedule = {rows = 64, keys = 32, overlap = 2}} {
  parallax.forward ins(%q, %r, %k, %v : !t, !t, !t, !t) outs(%o : !t) scale(%scale) positive mask(none)
  return
}
