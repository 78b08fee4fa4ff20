// The examples of ProblemOps.td, and every optional part of both ops.
//
// RUN: parallax-opt %s | parallax-opt | FileCheck %s
// RUN: parallax-opt %s --mlir-print-op-generic | parallax-opt | FileCheck %s

// CHECK-LABEL: func.func @forward
func.func @forward(%q: memref<2x4096x16x128xbf16>, %r: memref<2x4096x16x128xbf16>,
                   %k: memref<2x4096x4x128xbf16>, %v: memref<2x4096x4x128xbf16>,
                   %o: memref<2x4096x16x128xbf16>) {
  %scale = arith.constant 0.08838834764 : f32
  // CHECK: parallax.forward ins(%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} : memref<2x4096x16x128xbf16>, memref<2x4096x16x128xbf16>, memref<2x4096x4x128xbf16>, memref<2x4096x4x128xbf16>)
  // CHECK-SAME: outs(%{{.*}} : memref<2x4096x16x128xbf16>) scale(%{{.*}}) mask(causal){{$}}
  parallax.forward
    ins(%q, %r, %k, %v : memref<2x4096x16x128xbf16>, memref<2x4096x16x128xbf16>,
                         memref<2x4096x4x128xbf16>, memref<2x4096x4x128xbf16>)
    outs(%o : memref<2x4096x16x128xbf16>) scale(%scale) mask(causal)
  return
}

// CHECK-LABEL: func.func @decode
func.func @decode(%q: memref<8x1x32x128xbf16>, %r: memref<8x1x32x128xbf16>,
                  %k: memref<8x?x8x128xbf16, strided<[?, ?, ?, 1]>>,
                  %v: memref<8x?x8x128xbf16, strided<[?, ?, ?, 1]>>,
                  %o: memref<8x1x32x128xbf16>, %used: memref<8xi32>, %scale: f32) {
  // CHECK: parallax.decode ins(
  // CHECK-SAME: memref<8x?x8x128xbf16, strided<[?, ?, ?, 1]>>)
  // CHECK-SAME: mask(causal) used_lengths(%{{.*}} : memref<8xi32>){{$}}
  parallax.decode
    ins(%q, %r, %k, %v : memref<8x1x32x128xbf16>, memref<8x1x32x128xbf16>,
        memref<8x?x8x128xbf16, strided<[?, ?, ?, 1]>>,
        memref<8x?x8x128xbf16, strided<[?, ?, ?, 1]>>)
    outs(%o : memref<8x1x32x128xbf16>) scale(%scale) mask(causal)
    used_lengths(%used : memref<8xi32>)
  return
}

!pool = memref<?x64x8x128xbf16, strided<[?, ?, ?, 1]>>
// CHECK-LABEL: func.func @paged
func.func @paged(%q: memref<8x1x32x128xbf16>, %r: memref<8x1x32x128xbf16>,
                 %k: !pool, %v: !pool, %o: memref<8x1x32x128xbf16>,
                 %used: memref<8xi32>, %scale: f32,
                 %table: memref<8x?xi32, strided<[?, 1]>>) {
  // CHECK: parallax.decode
  // CHECK-SAME: used_lengths(%{{.*}} : memref<8xi32>) block_table(%{{.*}} : memref<8x?xi32, strided<[?, 1]>>){{$}}
  parallax.decode
    ins(%q, %r, %k, %v : memref<8x1x32x128xbf16>, memref<8x1x32x128xbf16>,
        !pool, !pool)
    outs(%o : memref<8x1x32x128xbf16>) scale(%scale) mask(causal)
    used_lengths(%used : memref<8xi32>)
    block_table(%table : memref<8x?xi32, strided<[?, 1]>>)
  return
}

// CHECK-LABEL: func.func @scaled
func.func @scaled(%q: memref<8x1x32x128xbf16>, %k: memref<8x4096x8x128xf8E4M3FN>,
                  %v: memref<8x4096x8x128xf8E4M3FN>, %o: memref<8x1x32x128xbf16>,
                  %k_scale: memref<8xf32>, %v_scale: memref<8xf32, strided<[?]>>,
                  %scale: f32) {
  // CHECK: parallax.decode
  // CHECK-SAME: mask(none) k_scale(%{{.*}} : memref<8xf32>) v_scale(%{{.*}} : memref<8xf32, strided<[?]>>){{$}}
  parallax.decode
    ins(%q, %q, %k, %v : memref<8x1x32x128xbf16>, memref<8x1x32x128xbf16>,
        memref<8x4096x8x128xf8E4M3FN>, memref<8x4096x8x128xf8E4M3FN>)
    outs(%o : memref<8x1x32x128xbf16>) scale(%scale) mask(none)
    k_scale(%k_scale : memref<8xf32>)
    v_scale(%v_scale : memref<8xf32, strided<[?]>>)
  return
}

// CHECK-LABEL: func.func @append
func.func @append(%q: memref<8x2x32x128xbf16>, %k: memref<8x4096x8x128xbf16>,
                  %v: memref<8x4096x8x128xbf16>, %o: memref<8x2x32x128xbf16>,
                  %used: memref<8xi32>, %new_k: memref<8x2x8x128xbf16>,
                  %new_v: memref<8x2x8x128xbf16>, %scale: f32) {
  // CHECK: parallax.decode
  // CHECK-SAME: used_lengths(%{{.*}} : memref<8xi32>) append(%{{.*}}, %{{.*}} : memref<8x2x8x128xbf16>, memref<8x2x8x128xbf16>){{$}}
  parallax.decode
    ins(%q, %q, %k, %v : memref<8x2x32x128xbf16>, memref<8x2x32x128xbf16>,
        memref<8x4096x8x128xbf16>, memref<8x4096x8x128xbf16>)
    outs(%o : memref<8x2x32x128xbf16>) scale(%scale) mask(causal)
    used_lengths(%used : memref<8xi32>)
    append(%new_k, %new_v : memref<8x2x8x128xbf16>, memref<8x2x8x128xbf16>)
  return
}

// CHECK-LABEL: func.func @merge
func.func @merge(%o1: memref<4x8x1x32x128xf32>, %o2: memref<4x8x1x32x128xf32>,
                 %m: memref<4x8x1x32xf32>, %d1: memref<4x8x1x32xf32>,
                 %d2: memref<4x8x1x32xf32>, %o: memref<8x1x32x128xbf16>) {
  // CHECK: parallax.merge ins(
  // CHECK-SAME: memref<4x8x1x32x128xf32>, memref<4x8x1x32x128xf32>, memref<4x8x1x32xf32>, memref<4x8x1x32xf32>, memref<4x8x1x32xf32>) outs(%{{.*}} : memref<8x1x32x128xbf16>){{$}}
  parallax.merge
    ins(%o1, %o2, %m, %d1, %d2 : memref<4x8x1x32x128xf32>,
        memref<4x8x1x32x128xf32>, memref<4x8x1x32xf32>,
        memref<4x8x1x32xf32>, memref<4x8x1x32xf32>)
    outs(%o : memref<8x1x32x128xbf16>)
  return
}

!t = memref<?x?x?x64xf32, strided<[?, ?, ?, 1]>>
!wide = memref<?x?x?x64xf32>
!parts = memref<?x?x?x?x64xf32>
!part_rows = memref<?x?x?x?xf32>
!rows = memref<?x?x?xf32>

// CHECK-LABEL: func.func @all_parts
func.func @all_parts(%q: !t, %r: !t, %k: !t, %v: !t, %o: !t, %scale: f32,
                     %window: i32, %used: memref<?xi32>, %m: !rows, %d1: !rows,
                     %tbar: !rows, %lse: !rows) {
  // CHECK: parallax.forward
  // CHECK-SAME: mask(none)
  // CHECK-SAME: row_max(%{{.*}} : memref<?x?x?xf32>) d1(%{{.*}} : memref<?x?x?xf32>) tbar(%{{.*}} : memref<?x?x?xf32>) log_sum_exp(%{{.*}} : memref<?x?x?xf32>) {note = "kept"}
  parallax.forward ins(%q, %r, %k, %v : !t, !t, !t, !t) outs(%o : !t)
    scale(%scale) mask(none) row_max(%m : !rows) d1(%d1 : !rows)
    tbar(%tbar : !rows) log_sum_exp(%lse : !rows) {note = "kept"}
  // CHECK: parallax.decode
  // CHECK-SAME: mask(causal) window(%{{.*}}) used_lengths(%{{.*}} : memref<?xi32>) row_max(%{{.*}}) log_sum_exp(%{{.*}} : memref<?x?x?xf32>)
  parallax.decode ins(%q, %r, %k, %v : !t, !t, !t, !t) outs(%o : !t)
    scale(%scale) mask(causal) window(%window) used_lengths(%used : memref<?xi32>)
    row_max(%m : !rows) log_sum_exp(%lse : !rows)
  return
}

// The limits that the constraints still allow: head dimensions 8 and 256, one
// head and one token, 16 query tokens, strides of 0 where a size is 1 and in
// inputs, a window of one key, a negative scale, f16.
// CHECK-LABEL: func.func @limits
func.func @limits(%a: memref<1x1x1x8xf16>, %b: memref<1x16x8x256xf16>,
                  %k: memref<1x64x8x256xf16, strided<[0, 0, 0, 1]>>,
                  %o: memref<1x16x8x256xf16, strided<[0, 2048, 256, 1]>>) {
  %scale = arith.constant -1.0 : f32
  %window = arith.constant 1 : i32
  // CHECK: parallax.forward
  parallax.forward ins(%a, %a, %a, %a : memref<1x1x1x8xf16>, memref<1x1x1x8xf16>,
                       memref<1x1x1x8xf16>, memref<1x1x1x8xf16>)
    outs(%a : memref<1x1x1x8xf16>) scale(%scale) mask(causal) window(%window)
  // CHECK: parallax.decode
  parallax.decode ins(%b, %b, %k, %k : memref<1x16x8x256xf16>, memref<1x16x8x256xf16>,
      memref<1x64x8x256xf16, strided<[0, 0, 0, 1]>>,
      memref<1x64x8x256xf16, strided<[0, 0, 0, 1]>>)
    outs(%o : memref<1x16x8x256xf16, strided<[0, 2048, 256, 1]>>)
    scale(%scale) mask(none)
  return
}

// States beside o, instead of it, and of states.
// CHECK-LABEL: func.func @states
func.func @states(%q: !t, %r: !t, %k: !t, %v: !t, %o: !t, %scale: f32,
                  %o1: !wide, %o2: !wide, %m: !rows, %d1: !rows, %d2: !rows,
                  %p1: !parts, %p2: !parts, %pm: !part_rows, %pd1: !part_rows,
                  %pd2: !part_rows, %lse: !rows) {
  // CHECK: parallax.forward
  // CHECK-SAME: outs(
  // CHECK-SAME: state(%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} : memref<?x?x?x64xf32>, memref<?x?x?x64xf32>, memref<?x?x?xf32>, memref<?x?x?xf32>, memref<?x?x?xf32>){{$}}
  parallax.forward ins(%q, %r, %k, %v : !t, !t, !t, !t) outs(%o : !t)
    scale(%scale) mask(none)
    state(%o1, %o2, %m, %d1, %d2 : !wide, !wide, !rows, !rows, !rows)
  // CHECK: parallax.decode ins(
  // CHECK-NOT: outs
  // CHECK-SAME: state(
  parallax.decode ins(%q, %r, %k, %v : !t, !t, !t, !t)
    scale(%scale) mask(none)
    state(%o1, %o2, %m, %d1, %d2 : !wide, !wide, !rows, !rows, !rows)
  // CHECK: parallax.merge
  // CHECK-SAME: tbar(%{{.*}} : memref<?x?x?xf32>) log_sum_exp(%{{.*}} : memref<?x?x?xf32>) state(
  parallax.merge ins(%p1, %p2, %pm, %pd1, %pd2 : !parts, !parts, !part_rows,
      !part_rows, !part_rows) tbar(%lse : !rows) log_sum_exp(%lse : !rows)
    state(%o1, %o2, %m, %d1, %d2 : !wide, !wide, !rows, !rows, !rows)
  return
}
