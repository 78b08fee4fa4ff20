// The loop is rotated by half a turn: scores of tile n, then what is left to do
// for tile n - 1, then the softmax of tile n.
//
// RUN: parallax-opt %s --problem-to-tile --canonicalize --cse --tile-overlap-products | FileCheck %s

!t = memref<?x?x?x64xbf16, strided<[?, ?, ?, 1]>>

// CHECK-LABEL: func.func @overlap
// CHECK-SAME: %[[Q:[^:]*]]: {{[^{]*}} {tile.operand = "q"}
// CHECK-SAME: %[[R:[^:]*]]: {{[^{]*}} {tile.operand = "r"}
// CHECK-SAME: %[[K:[^:]*]]: {{[^{]*}} {tile.operand = "k"}
// CHECK-SAME: %[[V:[^:]*]]: {{[^{]*}} {tile.operand = "v"}
func.func @overlap(%q: !t, %r: !t, %k: !t, %v: !t, %o: !t, %scale: f32)
    attributes {parallax.schedule = {rows = 64, keys = 32, overlap = 1}} {
  // CHECK: %[[QT:.*]] = tile.load %[[Q]]
  // CHECK: %[[RT:.*]] = tile.load %[[R]]
  // At least one tile is walked: its mask hides all of it if there is none.
  // CHECK: %[[END:.*]] = arith.maxsi %{{.*}}, %{{.*}}
  // The front of the first tile: scores, softmax, and last T.
  // CHECK: %[[K0:.*]] = tile.load %[[K]][%{{.*}}, %[[BEGIN:.*]], %{{.*}}]
  // CHECK: tile.dot %[[QT]], %[[K0]]
  // CHECK: tile.mask %{{.*}} at(%{{.*}}, %[[BEGIN]])
  // CHECK: tile.reduce max
  // CHECK: math.exp2
  // CHECK: %[[T0:.*]] = tile.dot %[[RT]], %[[K0]]
  // CHECK-NOT: tile.load %[[V]]
  // CHECK: %[[SECOND:.*]] = arith.addi %[[BEGIN]], %[[STEP:.*]] :
  // CHECK: %[[LOOP:.*]]:{{[0-9]+}} = scf.for %[[J:.*]] = %[[SECOND]] to %[[END]] step %[[STEP]] iter_args({{.*}}, %[[T:[^ ]*]] = %[[T0]]{{[,)]}}
  // CHECK: %[[BEFORE:.*]] = arith.subi %[[J]], %[[STEP]]
  // CHECK: %[[KN:.*]] = tile.load %[[K]][%{{.*}}, %[[J]], %{{.*}}]
  // CHECK: tile.dot %[[QT]], %[[KN]]
  // CHECK: arith.mulf %{{.*}}, %[[T]] : tensor<64x32xf32>
  // CHECK: tile.reduce add
  // CHECK: %[[VB:.*]] = tile.load %[[V]][%{{.*}}, %[[BEFORE]], %{{.*}}]
  // CHECK: tile.dot %{{.*}}, %[[VB]]
  // CHECK: tile.dot %{{.*}}, %[[VB]]
  // CHECK: tile.mask %{{.*}} at(%{{.*}}, %[[J]])
  // CHECK: tile.reduce max
  // CHECK: %[[TN:.*]] = tile.dot %[[RT]], %[[KN]]
  // CHECK: scf.yield {{.*}}, %[[TN]]{{[, ]}}
  // The back of the last tile.
  // CHECK: %[[LAST:.*]] = arith.addi %[[BEGIN]], %{{.*}}
  // CHECK: tile.reduce add
  // CHECK: %[[VL:.*]] = tile.load %[[V]][%{{.*}}, %[[LAST]], %{{.*}}]
  // CHECK: tile.dot %{{.*}}, %[[VL]]
  // CHECK: tile.dot %{{.*}}, %[[VL]]
  // CHECK: tile.store
  parallax.forward ins(%q, %r, %k, %v : !t, !t, !t, !t) outs(%o : !t)
    scale(%scale) mask(causal)
  return
}

// With overlap 2 the rounding of the tile before precedes the scores.
// CHECK-LABEL: func.func @rounding_first
func.func @rounding_first(%q: !t, %r: !t, %k: !t, %v: !t, %o: !t, %scale: f32)
    attributes {parallax.schedule = {rows = 64, keys = 32, overlap = 2}} {
  // CHECK: scf.for
  // CHECK: arith.truncf
  // CHECK: arith.truncf
  // CHECK: tile.dot {{.*}} transpose
  // CHECK: scf.yield
  parallax.forward ins(%q, %r, %k, %v : !t, !t, !t, !t) outs(%o : !t)
    scale(%scale) mask(none)
  return
}

// Without it nothing happens.
// CHECK-LABEL: func.func @none
func.func @none(%q: !t, %r: !t, %k: !t, %v: !t, %o: !t, %scale: f32)
    attributes {parallax.schedule = {rows = 64, keys = 32}} {
  // CHECK-NOT: tile.dot
  // CHECK: scf.for
  // CHECK: scf.yield
  // CHECK-NOT: tile.dot
  // CHECK: return
  parallax.forward ins(%q, %r, %k, %v : !t, !t, !t, !t) outs(%o : !t)
    scale(%scale) mask(none)
  return
}

// Nor to a function that has no schedule, whatever its loops.
// CHECK-LABEL: func.func @unscheduled
// CHECK-NEXT: %[[SUM:.*]] = scf.for
// CHECK-NEXT: %{{.*}} = math.exp2
// CHECK-NEXT: scf.yield
// CHECK-NEXT: }
// CHECK-NEXT: return %[[SUM]]
func.func @unscheduled(%m: index, %n: index, %x: tensor<64xf32>) -> tensor<64xf32> {
  %y = scf.for %j = %m to %n step %n iter_args(%a = %x) -> (tensor<64xf32>) {
    %e = math.exp2 %a : tensor<64xf32>
    scf.yield %e : tensor<64xf32>
  }
  return %y : tensor<64xf32>
}

// With overlap 3 the products stand alone between all scores of the next tile
// and its weights, which are carried rounded.
// CHECK-LABEL: func.func @weights_ahead
func.func @weights_ahead(%q: !t, %r: !t, %k: !t, %v: !t, %o: !t, %scale: f32)
    attributes {parallax.schedule = {rows = 64, keys = 32, overlap = 3}} {
  // CHECK: tile.dot {{.*}} transpose
  // CHECK: tile.dot {{.*}} transpose
  // CHECK: %[[P1:.*]] = arith.truncf
  // CHECK: %[[P2:.*]] = arith.truncf
  // CHECK: scf.for {{.*}} iter_args({{.*}}%[[A:[^ ]*]] = %[[P1]], {{.*}}%[[B:[^ ]*]] = %[[P2]]{{[,)]}}
  // CHECK: tile.dot {{.*}} transpose
  // CHECK: tile.dot {{.*}} transpose
  // CHECK-NOT: arith.truncf
  // CHECK: tile.dot %[[A]], %{{.*}} : tensor<64x32xbf16>
  // CHECK: tile.dot %[[B]], %{{.*}} : tensor<64x32xbf16>
  // CHECK: tile.mask
  // CHECK: arith.truncf
  // CHECK: arith.truncf
  // CHECK: tile.reduce add
  // CHECK: scf.yield
  // CHECK-NOT: tile.reduce
  // CHECK: tile.dot
  // CHECK: tile.dot
  // CHECK-NOT: tile.dot
  // CHECK: tile.store
  parallax.forward ins(%q, %r, %k, %v : !t, !t, !t, !t) outs(%o : !t)
    scale(%scale) mask(causal)
  return
}
