// What tile-to-vector refuses.
//
// RUN: parallax-opt %s --tile-to-vector --split-input-file --verify-diagnostics
// RUN: not parallax-opt %s --tile-to-vector=lanes=3 --split-input-file 2>&1 | FileCheck %s
// CHECK: expected a power of two of lanes and at least 8 registers, got 3 and 16

!t = memref<1x96x2x16xf32>
// expected-error @below {{expected every argument to be an operand of the problem, got argument 0}}
func.func @unmarked(%q: !t) attributes {tile.kernel} {
  return
}

// -----

!t = memref<1x96x2x16xf32>
func.func @not_loaded(%q: !t {tile.operand = "q"}, %o: !t {tile.operand = "o"}) attributes {tile.kernel} {
  %zero = arith.constant dense<0.0> : tensor<16x16xf32>
  %tile, %head, %batch = tile.program_id
  %a = tile.load %q[%batch, %tile, %head] : !t -> tensor<16x16xf32>
  // expected-error @below {{expected a right side that is loaded}}
  %b = tile.dot %a, %zero, %zero : tensor<16x16xf32>, tensor<16x16xf32> -> tensor<16x16xf32>
  tile.store %b, %o[%batch, %tile, %head] : tensor<16x16xf32>, !t
  return
}

// -----

!t = memref<1x96x2x16xf32>
func.func @both_ways(%q: !t {tile.operand = "q"}, %o: !t {tile.operand = "o"}) attributes {tile.kernel} {
  %zero = arith.constant dense<0.0> : tensor<16x16xf32>
  %tile, %head, %batch = tile.program_id
  // expected-error @below {{expected a tile that products take as it is or transposed, not both}}
  %a = tile.load %q[%batch, %tile, %head] : !t -> tensor<16x16xf32>
  %b = tile.dot %a, %a, %zero : tensor<16x16xf32>, tensor<16x16xf32> -> tensor<16x16xf32>
  %c = tile.dot %a, %a, %b transpose : tensor<16x16xf32>, tensor<16x16xf32> -> tensor<16x16xf32>
  tile.store %c, %o[%batch, %tile, %head] : tensor<16x16xf32>, !t
  return
}

// -----

!t = memref<1x96x2x16xbf16>
func.func @narrow(%q: !t {tile.operand = "q"}, %o: !t {tile.operand = "o"}) attributes {tile.kernel} {
  %tile, %head, %batch = tile.program_id
  %a = tile.load %q[%batch, %tile, %head] : !t -> tensor<16x16xbf16>
  // expected-error @below {{expected an operation on tiles that vectors can do}}
  %b = arith.addf %a, %a : tensor<16x16xbf16>
  tile.store %b, %o[%batch, %tile, %head] : tensor<16x16xbf16>, !t
  return
}

// -----

!t = memref<1x96x2x16xf32>
func.func @branch(%q: !t {tile.operand = "q"}) attributes {tile.kernel} {
  %tile, %head, %batch = tile.program_id
  %is = arith.cmpi eq, %tile, %head : index
  // expected-error @below {{expected no control flow but scf.for}}
  scf.if %is {
  }
  return
}

// -----

// expected-error @below {{expected a program of one block and no results}}
func.func @result(%scale: f32 {tile.operand = "scale"}) -> f32 attributes {tile.kernel} {
  return %scale : f32
}

// -----

func.func @split(%m: memref<?x?x?xf32> {tile.operand = "row_max"}) attributes {tile.kernel} {
  %n = arith.constant 4 : index
  // expected-error @below {{expected a program that takes all keys of its tile on the cpu}}
  %share:6 = tile.share %n least 1
  return
}

// -----

func.func @part(%p: memref<?x?x?x?xf32> {tile.operand = "part_m"}) attributes {tile.kernel} {
  %zero = arith.constant dense<0.0> : tensor<16xf32>
  %tile, %head, %batch = tile.program_id
  // expected-error @below {{expected a program that takes all keys of its tile on the cpu}}
  tile.store %zero, %p[%batch, %tile, %head] part(%tile) : tensor<16xf32>, memref<?x?x?x?xf32>
  return
}

// -----

func.func @row(%p: memref<?x?x?x?xf32> {tile.operand = "part_m"}) attributes {tile.kernel} {
  %tile, %head, %batch = tile.program_id
  // expected-error @below {{expected a program that takes all keys of its tile on the cpu}}
  %x = tile.load %p[%batch, %tile, %head] part(%tile) row(%head) : memref<?x?x?x?xf32> -> tensor<4xf32>
  return
}
