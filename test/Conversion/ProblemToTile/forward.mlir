// The online softmax of one query tile, for each mask, and its arithmetic.
//
// RUN: parallax-opt %s --problem-to-tile | FileCheck %s

#schedule = {rows = 64, keys = 32}
!t = memref<?x?x?x64xbf16, strided<[?, ?, ?, 1]>>

// Without a mask all keys of the tensor are seen, in one loop. S and T are
// products of one loaded key tile; the sums add the weights that were rounded;
// both accumulators use the same rounded weights.
// CHECK-LABEL: func.func @none
// CHECK-SAME: %[[Q:[^:]*]]: memref<?x?x?x64xbf16, strided<[?, ?, ?, 1]>> {tile.operand = "q"}
// CHECK-SAME: %[[R:[^:]*]]: {{[^{]*}} {tile.operand = "r"}
// CHECK-SAME: %[[K:[^:]*]]: {{[^{]*}} {tile.operand = "k"}
// CHECK-SAME: %[[V:[^:]*]]: {{[^{]*}} {tile.operand = "v"}
// CHECK-SAME: %[[O:[^:]*]]: {{[^{]*}} {tile.operand = "o"}
// CHECK-SAME: %[[SCALE:[^:]*]]: f32 {tile.operand = "scale"}) attributes {parallax.schedule = {{.*}}, tile.kernel}
func.func @none(%q: !t, %r: !t, %k: !t, %v: !t, %o: !t, %scale: f32)
    attributes {parallax.schedule = #schedule} {
  // CHECK: %[[TILE:.*]], %[[HEAD:.*]], %[[BATCH:.*]] = tile.program_id
  // CHECK: %[[ROWS:.*]] = arith.constant 64 : index
  // CHECK: %[[TOKEN:.*]] = arith.muli %[[TILE]], %[[ROWS]]
  // CHECK: %[[HK:.*]] = memref.dim %[[K]], %{{.*}}
  // CHECK: %[[TIMES:.*]] = arith.muli %{{.*}}, %[[HK]]
  // CHECK: %[[HQ:.*]] = memref.dim %[[Q]], %{{.*}}
  // CHECK: %[[KEY_HEAD:.*]] = arith.divui %[[TIMES]], %[[HQ]]
  // CHECK: %[[LOG2E:.*]] = arith.constant 1.44269502 : f32
  // CHECK: %[[FACTOR:.*]] = arith.mulf %[[SCALE]], %[[LOG2E]]
  // CHECK: %[[QT:.*]] = tile.load %[[Q]][%[[BATCH]], %[[TOKEN]], %{{.*}}] : {{.*}} -> tensor<64x64xbf16>
  // CHECK: %[[RT:.*]] = tile.load %[[R]][%[[BATCH]], %[[TOKEN]], %{{.*}}] : {{.*}} -> tensor<64x64xbf16>
  // CHECK: %[[LOWEST:.*]] = arith.constant dense<-3.40282347E+38> : tensor<64xf32>
  // CHECK: %[[LOOP:.*]]:5 = scf.for %[[J:.*]] = %{{.*}} to %[[LK:.*]] step %{{.*}} iter_args(%[[M:.*]] = %[[LOWEST]], %[[D1:.*]] = %{{.*}}, %[[D2:.*]] = %{{.*}}, %[[O1:.*]] = %{{.*}}, %[[O2:.*]] = %{{.*}})
  // CHECK: %[[KT:.*]] = tile.load %[[K]][%[[BATCH]], %[[J]], %[[KEY_HEAD]]] : {{.*}} -> tensor<32x64xbf16>
  // CHECK: %[[S:.*]] = tile.dot %[[QT]], %[[KT]], %{{.*}} transpose
  // CHECK: %[[T:.*]] = tile.dot %[[RT]], %[[KT]], %{{.*}} transpose
  // CHECK: %[[SPLAT:.*]] = tensor.splat %[[FACTOR]]
  // CHECK: %[[SS:.*]] = arith.mulf %[[S]], %[[SPLAT]]
  // CHECK: %[[X:.*]] = tile.mask %[[SS]] at(%[[TOKEN]], %[[J]]) length(%[[LK]]) : tensor<64x32xf32>
  // CHECK: %[[MAX:.*]] = tile.reduce max %[[X]]
  // CHECK: %[[M1:.*]] = arith.maximumf %[[M]], %[[MAX]]
  // CHECK: %[[DM:.*]] = arith.subf %[[M]], %[[M1]]
  // CHECK: %[[ALPHA:.*]] = math.exp2 %[[DM]]
  // CHECK: %[[MB:.*]] = tile.broadcast %[[M1]]
  // CHECK: %[[Y:.*]] = arith.subf %[[X]], %[[MB]]
  // CHECK: %[[W:.*]] = math.exp2 %[[Y]]
  // CHECK: %[[P1:.*]] = arith.truncf %[[W]] : tensor<64x32xf32> to tensor<64x32xbf16>
  // CHECK: %[[P1F:.*]] = arith.extf %[[P1]]
  // CHECK: %[[WT:.*]] = arith.mulf %[[W]], %[[T]]
  // CHECK: %[[P2:.*]] = arith.truncf %[[WT]]
  // CHECK: %[[P2F:.*]] = arith.extf %[[P2]]
  // CHECK: %[[D1A:.*]] = arith.mulf %[[D1]], %[[ALPHA]]
  // CHECK: %[[SUM1:.*]] = tile.reduce add %[[P1F]]
  // CHECK: %[[D1B:.*]] = arith.addf %[[D1A]], %[[SUM1]]
  // CHECK: %[[D2A:.*]] = arith.mulf %[[D2]], %[[ALPHA]]
  // CHECK: %[[SUM2:.*]] = tile.reduce add %[[P2F]]
  // CHECK: %[[D2B:.*]] = arith.addf %[[D2A]], %[[SUM2]]
  // CHECK: %[[VT:.*]] = tile.load %[[V]][%[[BATCH]], %[[J]], %[[KEY_HEAD]]]
  // CHECK: %[[AB:.*]] = tile.broadcast %[[ALPHA]] : tensor<64xf32> -> tensor<64x64xf32>
  // CHECK: %[[O1A:.*]] = arith.mulf %[[O1]], %[[AB]]
  // CHECK: %[[O1B:.*]] = tile.dot %[[P1]], %[[VT]], %[[O1A]] :
  // CHECK: %[[O2A:.*]] = arith.mulf %[[O2]], %[[AB]]
  // CHECK: %[[O2B:.*]] = tile.dot %[[P2]], %[[VT]], %[[O2A]] :
  // CHECK: scf.yield %[[M1]], %[[D1B]], %[[D2B]], %[[O1B]], %[[O2B]]
  // The output is O1/d1 * (1 + d2/d1) - O2/d1, 0 where no key was seen.
  // CHECK: %[[SEES:.*]] = arith.cmpf ogt, %[[LOOP]]#1, %{{.*}}
  // CHECK: %[[DIV:.*]] = arith.divf %{{.*}}, %[[LOOP]]#1
  // CHECK: %[[INV:.*]] = arith.select %[[SEES]], %[[DIV]], %{{.*}}
  // CHECK: %[[MEAN:.*]] = arith.mulf %[[LOOP]]#2, %[[INV]]
  // CHECK: %[[MORE:.*]] = arith.addf %{{.*}}, %[[MEAN]]
  // CHECK: %[[F:.*]] = arith.mulf %[[INV]], %[[MORE]]
  // CHECK: %[[FB:.*]] = tile.broadcast %[[F]]
  // CHECK: %[[E1:.*]] = arith.mulf %[[LOOP]]#3, %[[FB]]
  // CHECK: %[[IB:.*]] = tile.broadcast %[[INV]]
  // CHECK: %[[E2:.*]] = arith.mulf %[[LOOP]]#4, %[[IB]]
  // CHECK: %[[OUT:.*]] = arith.subf %[[E1]], %[[E2]]
  // CHECK: %[[OUTB:.*]] = arith.truncf %[[OUT]]
  // CHECK: tile.store %[[OUTB]], %[[O]][%[[BATCH]], %[[TOKEN]], %{{.*}}] : tensor<64x64xbf16>
  // CHECK-NOT: tile.store
  // CHECK-NOT: parallax.
  parallax.forward ins(%q, %r, %k, %v : !t, !t, !t, !t) outs(%o : !t)
    scale(%scale) mask(none)
  return
}

// The keys end where the last row's do, aligned bottom right.
// CHECK-LABEL: func.func @causal
// CHECK-SAME: %[[Q:[^:]*]]: memref
// CHECK-SAME: %[[K:[^:]*]]: {{[^{]*}} {tile.operand = "k"}
func.func @causal(%q: !t, %r: !t, %k: !t, %v: !t, %o: !t, %scale: f32)
    attributes {parallax.schedule = #schedule} {
  // CHECK: %[[TOKEN:.*]] = arith.muli
  // CHECK: %[[LQ:.*]] = memref.dim %[[Q]], %{{c1.*}} :
  // CHECK: %[[LK:.*]] = memref.dim %[[K]], %{{c1.*}} :
  // CHECK: %[[SHIFT:.*]] = arith.subi %[[LK]], %[[LQ]]
  // CHECK: %[[C63:.*]] = arith.constant 63 : index
  // CHECK: %[[LAST:.*]] = arith.addi %[[TOKEN]], %[[C63]]
  // CHECK: %[[LQ1:.*]] = arith.subi %[[LQ]], %{{.*}}
  // CHECK: %[[LAST1:.*]] = arith.minsi %[[LAST]], %[[LQ1]]
  // CHECK: %[[KEY:.*]] = arith.addi %[[LAST1]], %[[SHIFT]]
  // CHECK: %[[END:.*]] = arith.addi %[[KEY]], %{{.*}}
  // CHECK: %[[STOP:.*]] = arith.minsi %[[LK]], %[[END]]
  // CHECK: scf.for %[[J:.*]] = %{{.*}} to %[[STOP]] step
  // CHECK: tile.mask %{{.*}} at(%[[TOKEN]], %[[J]]) length(%[[LK]]) causal(%[[SHIFT]]) :
  parallax.forward ins(%q, %r, %k, %v : !t, !t, !t, !t) outs(%o : !t)
    scale(%scale) mask(causal)
  return
}

// They start on the edge of the tile that holds the first row's first key:
// max(max(token + shift + 1, 0) - window, 0), which can't wrap around even when
// the window is 2^31 - 1 and the shift negative.
// CHECK-LABEL: func.func @window
// CHECK-SAME: %[[W32:[^:]*]]: i32 {tile.operand = "window"})
func.func @window(%q: !t, %r: !t, %k: !t, %v: !t, %o: !t, %scale: f32, %w: i32)
    attributes {parallax.schedule = #schedule} {
  // CHECK: %[[TOKEN:.*]] = arith.muli
  // CHECK: %[[SHIFT:.*]] = arith.subi
  // CHECK: %[[W:.*]] = arith.index_cast %[[W32]] : i32 to index
  // CHECK: %[[STOP:.*]] = arith.minsi
  // CHECK: %[[STOP:.*]] = arith.minsi
  // CHECK: %[[T:.*]] = arith.addi %[[TOKEN]], %[[SHIFT]]
  // CHECK: %[[DIAGONAL:.*]] = arith.addi %[[T]], %{{c1.*}} :
  // CHECK: %[[CLAMPED:.*]] = arith.maxsi %[[DIAGONAL]], %{{c0.*}} :
  // CHECK: %[[FIRST:.*]] = arith.subi %[[CLAMPED]], %[[W]]
  // CHECK: %[[FIRST0:.*]] = arith.maxsi %[[FIRST]], %{{c0.*}} :
  // CHECK: %[[DOWN:.*]] = arith.divui %[[FIRST0]], %[[KEYS:c32.*]] :
  // CHECK: %[[BEGIN:.*]] = arith.muli %[[DOWN]], %{{c32.*}} :
  // CHECK: scf.for %[[J:.*]] = %[[BEGIN]] to %[[STOP]] step
  // CHECK: tile.mask %{{.*}} causal(%[[SHIFT]]) window(%[[W]]) :
  parallax.forward ins(%q, %r, %k, %v : !t, !t, !t, !t) outs(%o : !t)
    scale(%scale) mask(causal) window(%w)
  return
}

!f = memref<?x?x?x64xf32, strided<[?, ?, ?, 1]>>

// float32 weights are not rounded.
// CHECK-LABEL: func.func @float
func.func @float(%q: !f, %r: !f, %k: !f, %v: !f, %o: !f, %scale: f32)
    attributes {parallax.schedule = #schedule} {
  // CHECK: %[[W:.*]] = math.exp2 %{{.*}} : tensor<64x32xf32>
  // CHECK-NOT: arith.truncf
  // CHECK: tile.reduce add %[[W]]
  // CHECK: tile.dot %[[W]]
  // CHECK-NOT: arith.truncf
  // CHECK: tile.store %{{.*}} : tensor<64x64xf32>
  parallax.forward ins(%q, %r, %k, %v : !f, !f, !f, !f) outs(%o : !f)
    scale(%scale) mask(none)
  return
}

// A function without a problem stays as it is.
// CHECK-LABEL: func.func @other
// CHECK-NOT: tile.
// CHECK: return
func.func @other() { return }
