// What tile-peel-mask leaves as it is: loops whose mask it can't tell apart.
//
// RUN: parallax-opt %s --tile-peel-mask --allow-unregistered-dialect | FileCheck %s

!k = memref<1x?x1x64xbf16, strided<[?, ?, ?, 1]>>

// No mask.
// CHECK-LABEL: func.func @no_mask
// CHECK: scf.for %{{.*}} = %{{.*}} to %{{.*}} step %{{.*}} {
// CHECK-NOT: scf.for
// CHECK: return
func.func @no_mask(%n: index) {
  %c0 = arith.constant 0 : index
  %c32 = arith.constant 32 : index
  scf.for %j = %c0 to %n step %c32 {
    "test.use"(%j) : (index) -> ()
  }
  return
}

// The mask is not at the induction variable.
// CHECK-LABEL: func.func @elsewhere
// CHECK: scf.for
// CHECK: tile.mask
// CHECK-NOT: scf.for
// CHECK: return
func.func @elsewhere(%n: index, %x: tensor<64x32xf32>) {
  %c0 = arith.constant 0 : index
  %c32 = arith.constant 32 : index
  scf.for %j = %c0 to %n step %c32 {
    %next = arith.addi %j, %c32 : index
    %m = tile.mask %x at(%c0, %next) length(%n) : tensor<64x32xf32>
    "test.use"(%m) : (tensor<64x32xf32>) -> ()
  }
  return
}

// Its length changes in the loop.
// CHECK-LABEL: func.func @varies
// CHECK: scf.for
// CHECK: tile.mask
// CHECK-NOT: scf.for
// CHECK: return
func.func @varies(%n: index, %x: tensor<64x32xf32>) {
  %c0 = arith.constant 0 : index
  %c32 = arith.constant 32 : index
  scf.for %j = %c0 to %n step %c32 {
    %length = arith.addi %j, %n : index
    %m = tile.mask %x at(%c0, %j) length(%length) : tensor<64x32xf32>
    "test.use"(%m) : (tensor<64x32xf32>) -> ()
  }
  return
}

// The loop's step is not the mask's columns: its tiles overlap.
// CHECK-LABEL: func.func @overlaps
// CHECK: scf.for
// CHECK: tile.mask
// CHECK-NOT: scf.for
// CHECK: return
func.func @overlaps(%n: index, %x: tensor<64x32xf32>) {
  %c0 = arith.constant 0 : index
  %c16 = arith.constant 16 : index
  scf.for %j = %c0 to %n step %c16 {
    %m = tile.mask %x at(%c0, %j) length(%n) : tensor<64x32xf32>
    "test.use"(%m) : (tensor<64x32xf32>) -> ()
  }
  return
}

// Nor is an unknown step.
// CHECK-LABEL: func.func @unknown_step
// CHECK: scf.for
// CHECK: tile.mask
// CHECK-NOT: scf.for
// CHECK: return
func.func @unknown_step(%n: index, %step: index, %x: tensor<64x32xf32>) {
  %c0 = arith.constant 0 : index
  scf.for %j = %c0 to %n step %step {
    %m = tile.mask %x at(%c0, %j) length(%n) : tensor<64x32xf32>
    "test.use"(%m) : (tensor<64x32xf32>) -> ()
  }
  return
}

// A loop that compares without a sign runs where the signed count is 0.
// CHECK-LABEL: func.func @unsigned
// CHECK: scf.for unsigned
// CHECK: tile.mask
// CHECK-NOT: scf.for
// CHECK: return
func.func @unsigned(%n: index, %x: tensor<64x32xf32>) {
  %c0 = arith.constant 0 : index
  %c32 = arith.constant 32 : index
  scf.for unsigned %j = %c0 to %n step %c32 {
    %m = tile.mask %x at(%c0, %j) length(%n) : tensor<64x32xf32>
    "test.use"(%m) : (tensor<64x32xf32>) -> ()
  }
  return
}

// The limit of a load stays in the full loop unless it loads the mask's keys:
// these are the keys after them, twice as many, and two heads of half as many.
// CHECK-LABEL: func.func @limits
// CHECK: scf.for
// CHECK: tile.mask
// CHECK: scf.for
// CHECK: tile.load %{{.*}} limit(%{{.*}}) : {{.*}} -> tensor<32x64xbf16>
// CHECK: tile.load %{{.*}} limit(%{{.*}}) : {{.*}} -> tensor<64x64xbf16>
// CHECK: tile.load %{{.*}} limit(%{{.*}}) heads 2 : {{.*}} -> tensor<32x64xbf16>
// CHECK: tile.load %{{[^l]*}} : {{.*}} -> tensor<16x64xbf16>
func.func @limits(%k: !k, %n: index, %x: tensor<64x32xf32>) {
  %c0 = arith.constant 0 : index
  %c32 = arith.constant 32 : index
  scf.for %j = %c0 to %n step %c32 {
    %m = tile.mask %x at(%c0, %j) length(%n) : tensor<64x32xf32>
    %next = arith.addi %j, %c32 : index
    %a = tile.load %k[%c0, %next, %c0] limit(%n) : !k -> tensor<32x64xbf16>
    %b = tile.load %k[%c0, %j, %c0] limit(%n) : !k -> tensor<64x64xbf16>
    %c = tile.load %k[%c0, %j, %c0] limit(%n) heads 2 : !k -> tensor<32x64xbf16>
    %d = tile.load %k[%c0, %j, %c0] limit(%n) : !k -> tensor<16x64xbf16>
    "test.use"(%a, %b, %c, %d, %m) : (tensor<32x64xbf16>, tensor<64x64xbf16>,
        tensor<32x64xbf16>, tensor<16x64xbf16>, tensor<64x32xf32>) -> ()
  }
  return
}
