// The arithmetic of the two loops: masked tiles are [0, left) and [right, n),
// full ones [left, right).
//
// RUN: parallax-opt %s --tile-peel-mask --canonicalize --allow-unregistered-dialect | FileCheck %s

!k = memref<1x?x1x64xbf16, strided<[?, ?, ?, 1]>>

// Only the length masks: all tiles but the last partial one are full, and load
// without a limit.
// CHECK-LABEL: func.func @none
// CHECK-SAME: %[[K:[^:]*]]: memref{{.*}}, %[[T:[^:]*]]: index, %[[N:[^:]*]]: index, %[[END:[^:]*]]: index
func.func @none(%k: !k, %t: index, %n: index, %end: index) -> tensor<64x32xf32> {
  %c0 = arith.constant 0 : index
  %c32 = arith.constant 32 : index
  %zero = arith.constant dense<0.0> : tensor<64x32xf32>
  // The loop's tiles: (max(end, 0) + 31) / 32.
  // CHECK: %[[SIZE:.*]] = arith.maxsi %[[END]], %c0
  // CHECK: %[[UP:.*]] = arith.addi %[[SIZE]], %c31
  // CHECK: %[[COUNT:.*]] = arith.divui %[[UP]], %c32
  // The full ones: min(max(n, 0) / 32, count).
  // CHECK: %[[LENGTH:.*]] = arith.maxsi %[[N]], %c0
  // CHECK: %[[DOWN:.*]] = arith.divui %[[LENGTH]], %c32
  // CHECK: %[[FULL:.*]] = arith.minsi %{{.*}}, %[[COUNT]]
  // CHECK: %[[MASKED:.*]] = arith.subi %[[COUNT]], %[[FULL]]
  // CHECK: %[[A:.*]] = scf.for %[[I:.*]] = %c0 to %[[MASKED]] step %c1 iter_args(%[[X:.*]] = %cst)
  // CHECK: %[[J:.*]] = arith.muli %{{.*}}, %c32
  // CHECK: tile.load %[[K]][%c0, %[[J]], %c0] limit(%[[N]])
  // CHECK: %[[M:.*]] = tile.mask %[[X]] at(%[[T]], %[[J]]) length(%[[N]]) :
  // CHECK: %[[NEG:.*]] = arith.negf %[[M]]
  // CHECK: scf.yield %[[NEG]]
  // CHECK: %[[B:.*]] = scf.for %[[I2:.*]] = %c0 to %[[FULL]] step %c1 iter_args(%[[Y:.*]] = %[[A]])
  // CHECK: %[[J2:.*]] = arith.muli %[[I2]], %c32
  // CHECK: tile.load %[[K]][%c0, %[[J2]], %c0] :
  // CHECK: arith.negf %[[Y]]
  // CHECK-NOT: tile.mask
  // CHECK: return %[[B]]
  %r = scf.for %j = %c0 to %end step %c32 iter_args(%x = %zero) -> (tensor<64x32xf32>) {
    %kt = tile.load %k[%c0, %j, %c0] limit(%n) : !k -> tensor<32x64xbf16>
    %m = tile.mask %x at(%t, %j) length(%n) : tensor<64x32xf32>
    "test.use"(%kt) : (tensor<32x64xbf16>) -> ()
    %y = arith.negf %m : tensor<64x32xf32>
    scf.yield %y : tensor<64x32xf32>
  }
  return %r : tensor<64x32xf32>
}

// Causal: the first row decides where full tiles end.
// CHECK-LABEL: func.func @causal
// CHECK-SAME: %[[T:[^:]*]]: index, %[[N:[^:]*]]: index, %[[SHIFT:[^:]*]]: index
func.func @causal(%t: index, %n: index, %shift: index) -> tensor<64x32xf32> {
  %c0 = arith.constant 0 : index
  %c32 = arith.constant 32 : index
  %zero = arith.constant dense<0.0> : tensor<64x32xf32>
  // CHECK: %[[S:.*]] = arith.addi %[[T]], %[[SHIFT]]
  // CHECK: %[[DIAGONAL:.*]] = arith.addi %[[S]], %c1
  // CHECK: %[[STOP:.*]] = arith.minsi %[[N]], %[[DIAGONAL]]
  // CHECK: %[[STOP0:.*]] = arith.maxsi %[[STOP]], %c0
  // CHECK: arith.divui %[[STOP0]], %c32
  // CHECK: scf.for
  // CHECK: tile.mask %{{.*}} causal(%[[SHIFT]]) :
  // CHECK: scf.for
  // CHECK-NOT: tile.mask
  %r = scf.for %j = %c0 to %n step %c32 iter_args(%x = %zero) -> (tensor<64x32xf32>) {
    %m = tile.mask %x at(%t, %j) length(%n) causal(%shift) : tensor<64x32xf32>
    %y = arith.negf %m : tensor<64x32xf32>
    scf.yield %y : tensor<64x32xf32>
  }
  return %r : tensor<64x32xf32>
}

// A window: the last row, token + 16 - 1 with 4 packed heads, decides where
// full tiles begin; a loop that starts at `begin` counts from there.
// CHECK-LABEL: func.func @window
// CHECK-SAME: %[[BEGIN:[^:]*]]: index, %[[T:[^:]*]]: index, %[[N:[^:]*]]: index, %[[SHIFT:[^:]*]]: index, %[[W:[^:]*]]: index
func.func @window(%begin: index, %t: index, %n: index, %shift: index, %w: index)
    -> tensor<64x32xf32> {
  %c32 = arith.constant 32 : index
  %zero = arith.constant dense<0.0> : tensor<64x32xf32>
  // CHECK: %[[SPAN:.*]] = arith.subi %[[N]], %[[BEGIN]]
  // CHECK: %[[COUNT:.*]] = arith.divui %{{.*}}, %c32
  // CHECK: %[[S:.*]] = arith.addi %[[T]], %[[SHIFT]]
  // CHECK: %[[STOP:.*]] = arith.minsi %[[N]], %{{.*}}
  // CHECK: %[[LAST:.*]] = arith.addi %[[S]], %c16
  // CHECK: %[[FIRST:.*]] = arith.subi %[[LAST]], %[[W]]
  // CHECK: %[[REL:.*]] = arith.subi %[[FIRST]], %[[BEGIN]]
  // CHECK: %[[REL0:.*]] = arith.maxsi %[[REL]], %c0
  // CHECK: %[[UP:.*]] = arith.addi %[[REL0]], %c31
  // CHECK: %[[TILES:.*]] = arith.divui %[[UP]], %c32
  // CHECK: %[[LEFT:.*]] = arith.minsi %[[TILES]], %[[COUNT]]
  // CHECK: %[[DOWN:.*]] = arith.divui %{{.*}}, %c32
  // CHECK: %[[RIGHT0:.*]] = arith.maxsi %[[DOWN]], %[[LEFT]]
  // CHECK: %[[RIGHT:.*]] = arith.minsi %[[RIGHT0]], %[[COUNT]]
  // CHECK: %[[FULL:.*]] = arith.subi %[[RIGHT]], %[[LEFT]]
  // CHECK: %[[MASKED:.*]] = arith.subi %[[COUNT]], %[[FULL]]
  // CHECK: scf.for %[[I:.*]] = %c0 to %[[MASKED]] step %c1
  // CHECK: %[[IS_LEFT:.*]] = arith.cmpi ult, %[[I]], %[[LEFT]]
  // CHECK: %[[OVER:.*]] = arith.addi %[[I]], %[[FULL]]
  // CHECK: %[[TILE:.*]] = arith.select %[[IS_LEFT]], %[[I]], %[[OVER]]
  // CHECK: %[[OFFSET:.*]] = arith.muli %[[TILE]], %c32
  // CHECK: %[[J:.*]] = arith.addi %[[BEGIN]], %[[OFFSET]]
  // CHECK: tile.mask %{{.*}} at(%[[T]], %[[J]]) length(%[[N]]) causal(%[[SHIFT]]) window(%[[W]]) heads 4
  // CHECK: scf.for %[[I2:.*]] = %c0 to %[[FULL]] step %c1
  // CHECK: %[[TILE2:.*]] = arith.addi %[[LEFT]], %[[I2]]
  // CHECK: %[[OFFSET2:.*]] = arith.muli %[[TILE2]], %c32
  // CHECK: %[[J2:.*]] = arith.addi %[[BEGIN]], %[[OFFSET2]]
  // CHECK: "test.use"(%[[J2]])
  %r = scf.for %j = %begin to %n step %c32 iter_args(%x = %zero) -> (tensor<64x32xf32>) {
    "test.use"(%j) : (index) -> ()
    %m = tile.mask %x at(%t, %j) length(%n) causal(%shift) window(%w) heads 4
        : tensor<64x32xf32>
    %y = arith.negf %m : tensor<64x32xf32>
    scf.yield %y : tensor<64x32xf32>
  }
  return %r : tensor<64x32xf32>
}
