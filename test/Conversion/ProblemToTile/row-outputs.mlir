// The optional outputs, and what they say of a row that saw no key.
//
// RUN: parallax-opt %s --problem-to-tile | FileCheck %s

#schedule = {rows = 64, keys = 32}
!t = memref<?x?x?x64xbf16, strided<[?, ?, ?, 1]>>
!rows = memref<?x?x?xf32>

// CHECK-LABEL: func.func @all
// CHECK-SAME: %[[ROW_MAX:[^:]*]]: memref<?x?x?xf32> {tile.operand = "row_max"}
// CHECK-SAME: %[[D1:[^:]*]]: memref<?x?x?xf32> {tile.operand = "d1"}
// CHECK-SAME: %[[TBAR:[^:]*]]: memref<?x?x?xf32> {tile.operand = "tbar"}
// CHECK-SAME: %[[LSE:[^:]*]]: memref<?x?x?xf32> {tile.operand = "log_sum_exp"}
// CHECK: %[[LOOP:.*]]:5 = scf.for
// CHECK: %[[SEES:.*]] = arith.cmpf ogt, %[[LOOP]]#1
// CHECK: %[[INV:.*]] = arith.select %[[SEES]], %{{.*}}, %{{.*}}
// CHECK: %[[MEAN:.*]] = arith.mulf %[[LOOP]]#2, %[[INV]]
// The maximum is in natural units, -infinity for a row without keys.
// CHECK: %[[NOTHING:.*]] = arith.constant dense<0xFF800000> : tensor<64xf32>
// CHECK: %[[LN2:.*]] = arith.constant dense<0.693147182> : tensor<64xf32>
// CHECK: %[[M:.*]] = arith.mulf %[[LOOP]]#0, %[[LN2]]
// CHECK: %[[MAX:.*]] = arith.select %[[SEES]], %[[M]], %[[NOTHING]]
// CHECK: tile.store %[[MAX]], %[[ROW_MAX]][%{{.*}}] : tensor<64xf32>, memref<?x?x?xf32>
// CHECK: tile.store %[[LOOP]]#1, %[[D1]]
// CHECK: tile.store %[[MEAN]], %[[TBAR]]
// CHECK: %[[LOG2:.*]] = math.log2 %[[LOOP]]#1
// CHECK: %[[SUM:.*]] = arith.addf %[[LOOP]]#0, %[[LOG2]]
// CHECK: %[[LOG:.*]] = arith.mulf %[[SUM]], %{{.*}}
// CHECK: %[[OUT:.*]] = arith.select %[[SEES]], %[[LOG]], %[[NOTHING]]
// CHECK: tile.store %[[OUT]], %[[LSE]]
func.func @all(%q: !t, %r: !t, %k: !t, %v: !t, %o: !t, %scale: f32, %m: !rows,
               %d1: !rows, %tbar: !rows, %lse: !rows)
    attributes {parallax.schedule = #schedule} {
  parallax.forward ins(%q, %r, %k, %v : !t, !t, !t, !t) outs(%o : !t)
    scale(%scale) mask(causal) row_max(%m : !rows) d1(%d1 : !rows)
    tbar(%tbar : !rows) log_sum_exp(%lse : !rows)
  return
}

// One of them alone.
// CHECK-LABEL: func.func @one
// CHECK: tile.store %{{.*}} : tensor<64x64xbf16>
// CHECK: tile.store %{{.*}} : tensor<64xf32>
// CHECK-NOT: tile.store
// CHECK: return
func.func @one(%q: !t, %r: !t, %k: !t, %v: !t, %o: !t, %scale: f32, %lse: !rows)
    attributes {parallax.schedule = #schedule} {
  parallax.forward ins(%q, %r, %k, %v : !t, !t, !t, !t) outs(%o : !t)
    scale(%scale) mask(none) log_sum_exp(%lse : !rows)
  return
}

// With a lag m moves only when scores exceed it by 8 powers of two, so that the
// loop carries the true maximum for the outputs that speak of it: d1 is made
// relative to it.
// CHECK-LABEL: func.func @lag
// CHECK-SAME: %[[ROW_MAX:[^:]*]]: memref<?x?x?xf32> {tile.operand = "row_max"}
// CHECK-SAME: %[[D1:[^:]*]]: memref<?x?x?xf32> {tile.operand = "d1"}
// CHECK: %[[LOOP:.*]]:6 = scf.for {{.*}} iter_args(%[[M:[^ ]*]] = %[[LOWEST:[^ ]*]], {{.*}}, %[[TRUE:[^ ]*]] = %[[LOWEST]])
// CHECK: %[[TOP:.*]] = tile.reduce max
// CHECK: %[[EIGHT:.*]] = arith.constant dense<8.000000e+00>
// CHECK: %[[LIMIT:.*]] = arith.addf %[[M]], %[[EIGHT]]
// CHECK: %[[GROWN:.*]] = arith.cmpf ogt, %[[TOP]], %[[LIMIT]]
// CHECK: %[[M1:.*]] = arith.select %[[GROWN]], %[[TOP]], %[[M]]
// CHECK: arith.subf %[[M]], %[[M1]]
// CHECK: %[[TRUE1:.*]] = arith.maximumf %[[TRUE]], %[[TOP]]
// CHECK: scf.yield %[[M1]], {{.*}}, %[[TRUE1]] :
// CHECK: arith.mulf %[[LOOP]]#5, %{{.*}}
// CHECK: tile.store %{{.*}}, %[[ROW_MAX]]
// CHECK: %[[BEHIND:.*]] = arith.subf %[[LOOP]]#0, %[[LOOP]]#5
// CHECK: %[[FACTOR:.*]] = math.exp2 %[[BEHIND]]
// CHECK: arith.mulf %[[LOOP]]#1, %[[FACTOR]]
// CHECK: tile.store %{{.*}}, %[[D1]]
func.func @lag(%q: !t, %r: !t, %k: !t, %v: !t, %o: !t, %scale: f32, %m: !rows,
               %d1: !rows)
    attributes {parallax.schedule = {rows = 64, keys = 32, rescale_lag = 8}} {
  parallax.forward ins(%q, %r, %k, %v : !t, !t, !t, !t) outs(%o : !t)
    scale(%scale) mask(none) row_max(%m : !rows) d1(%d1 : !rows)
  return
}

// Outputs that a lagging maximum does as well for carry no other: tbar is a
// mean, and log_sum_exp is (m + log2 d1) * ln 2 for every m.
// CHECK-LABEL: func.func @lag_alone
// CHECK-SAME: %[[TBAR:[^:]*]]: memref<?x?x?xf32> {tile.operand = "tbar"}
// CHECK-SAME: %[[LSE:[^:]*]]: memref<?x?x?xf32> {tile.operand = "log_sum_exp"}
// CHECK: %[[LOOP:.*]]:5 = scf.for {{.*}} iter_args(%[[M:[^ ]*]] = %{{[^ ]*}},
// CHECK: %[[TOP:.*]] = tile.reduce max
// CHECK-NOT: arith.maximumf
// CHECK: arith.select %{{.*}}, %[[TOP]], %[[M]]
// CHECK-NOT: arith.maximumf
// CHECK: scf.yield
// CHECK-NOT: math.exp2
// CHECK: tile.store %{{.*}}, %[[TBAR]]
// CHECK-NOT: math.exp2
// CHECK: %[[LOG2:.*]] = math.log2 %[[LOOP]]#1
// CHECK: %[[SUM:.*]] = arith.addf %[[LOOP]]#0, %[[LOG2]]
// CHECK: arith.mulf %[[SUM]],
// CHECK: tile.store %{{.*}}, %[[LSE]]
func.func @lag_alone(%q: !t, %r: !t, %k: !t, %v: !t, %o: !t, %scale: f32,
                     %tbar: !rows, %lse: !rows)
    attributes {parallax.schedule = {rows = 64, keys = 32, rescale_lag = 8}} {
  parallax.forward ins(%q, %r, %k, %v : !t, !t, !t, !t) outs(%o : !t)
    scale(%scale) mask(none) tbar(%tbar : !rows) log_sum_exp(%lse : !rows)
  return
}
