// Each numbered constraint of ProblemOps.td.
//
// RUN: parallax-opt %s --split-input-file --verify-diagnostics

// (C1) forward
func.func @f(%q: memref<2x64x8x64xbf16>, %r: memref<2x64x8x64xf16>, %k: memref<2x96x4x64xbf16>, %v: memref<2x96x4x64xbf16>, %o: memref<2x64x8x64xbf16>, %scale: f32) {
  // expected-error @below {{expected one element type, that of q, 'bf16', got 'f16' for r}}
  parallax.forward ins(%q, %r, %k, %v : memref<2x64x8x64xbf16>, memref<2x64x8x64xf16>, memref<2x96x4x64xbf16>, memref<2x96x4x64xbf16>)
    outs(%o : memref<2x64x8x64xbf16>) scale(%scale) mask(causal)
  return
}

// -----
// (C1)
func.func @f(%q: memref<2x64x8x64xbf16>, %r: memref<2x64x8x64xbf16>, %k: memref<2x96x4x64xbf16>, %v: memref<2x96x4x64xf32>, %o: memref<2x64x8x64xbf16>, %scale: f32) {
  // expected-error @below {{expected one element type, that of q, 'bf16', got 'f32' for v}}
  parallax.forward ins(%q, %r, %k, %v : memref<2x64x8x64xbf16>, memref<2x64x8x64xbf16>, memref<2x96x4x64xbf16>, memref<2x96x4x64xf32>)
    outs(%o : memref<2x64x8x64xbf16>) scale(%scale) mask(causal)
  return
}

// -----
// (C1)
func.func @f(%q: memref<2x64x8x64xbf16>, %r: memref<2x64x8x64xbf16>, %k: memref<2x96x4x64xbf16>, %v: memref<2x96x4x64xbf16>, %o: memref<2x64x8x64xf16>, %scale: f32) {
  // expected-error @below {{expected one element type, that of q, 'bf16', got 'f16' for o}}
  parallax.forward ins(%q, %r, %k, %v : memref<2x64x8x64xbf16>, memref<2x64x8x64xbf16>, memref<2x96x4x64xbf16>, memref<2x96x4x64xbf16>)
    outs(%o : memref<2x64x8x64xf16>) scale(%scale) mask(causal)
  return
}

// -----
// (C2) not a multiple of 8
func.func @f(%q: memref<2x64x8x60xbf16>, %r: memref<2x64x8x60xbf16>, %k: memref<2x96x4x60xbf16>, %v: memref<2x96x4x60xbf16>, %o: memref<2x64x8x60xbf16>, %scale: f32) {
  // expected-error @below {{expected a static head dimension, a multiple of 8 in [8, 256], got 60}}
  parallax.forward ins(%q, %r, %k, %v : memref<2x64x8x60xbf16>, memref<2x64x8x60xbf16>, memref<2x96x4x60xbf16>, memref<2x96x4x60xbf16>)
    outs(%o : memref<2x64x8x60xbf16>) scale(%scale) mask(causal)
  return
}

// -----
// (C2) too large
func.func @f(%q: memref<2x64x8x264xbf16>, %r: memref<2x64x8x264xbf16>, %k: memref<2x96x4x264xbf16>, %v: memref<2x96x4x264xbf16>, %o: memref<2x64x8x264xbf16>, %scale: f32) {
  // expected-error @below {{expected a static head dimension, a multiple of 8 in [8, 256], got 264}}
  parallax.forward ins(%q, %r, %k, %v : memref<2x64x8x264xbf16>, memref<2x64x8x264xbf16>, memref<2x96x4x264xbf16>, memref<2x96x4x264xbf16>)
    outs(%o : memref<2x64x8x264xbf16>) scale(%scale) mask(causal)
  return
}

// -----
// (C2) too small
func.func @f(%q: memref<2x64x8x0xbf16>, %r: memref<2x64x8x0xbf16>, %k: memref<2x96x4x0xbf16>, %v: memref<2x96x4x0xbf16>, %o: memref<2x64x8x0xbf16>, %scale: f32) {
  // expected-error @below {{expected a static head dimension, a multiple of 8 in [8, 256], got 0}}
  parallax.forward ins(%q, %r, %k, %v : memref<2x64x8x0xbf16>, memref<2x64x8x0xbf16>, memref<2x96x4x0xbf16>, memref<2x96x4x0xbf16>)
    outs(%o : memref<2x64x8x0xbf16>) scale(%scale) mask(causal)
  return
}

// -----
// (C2) dynamic
func.func @f(%q: memref<2x64x8x?xbf16>, %r: memref<2x64x8x?xbf16>, %k: memref<2x96x4x?xbf16>, %v: memref<2x96x4x?xbf16>, %o: memref<2x64x8x?xbf16>, %scale: f32) {
  // expected-error @below {{expected a static head dimension, a multiple of 8 in [8, 256], got ?}}
  parallax.forward ins(%q, %r, %k, %v : memref<2x64x8x?xbf16>, memref<2x64x8x?xbf16>, memref<2x96x4x?xbf16>, memref<2x96x4x?xbf16>)
    outs(%o : memref<2x64x8x?xbf16>) scale(%scale) mask(causal)
  return
}

// -----
// (C2) k's is dynamic: it must be static too
func.func @f(%q: memref<2x64x8x64xbf16>, %r: memref<2x64x8x64xbf16>, %k: memref<2x96x4x?xbf16, strided<[?, ?, ?, 1]>>, %v: memref<2x96x4x?xbf16, strided<[?, ?, ?, 1]>>, %o: memref<2x64x8x64xbf16>, %scale: f32) {
  // expected-error @below {{expected a static head dimension, that of q, 64, got ? for k}}
  parallax.forward ins(%q, %r, %k, %v : memref<2x64x8x64xbf16>, memref<2x64x8x64xbf16>, memref<2x96x4x?xbf16, strided<[?, ?, ?, 1]>>, memref<2x96x4x?xbf16, strided<[?, ?, ?, 1]>>)
    outs(%o : memref<2x64x8x64xbf16>) scale(%scale) mask(causal)
  return
}

// -----
// (C2) not one
func.func @f(%q: memref<2x64x8x64xbf16>, %r: memref<2x64x8x64xbf16>, %k: memref<2x96x4x32xbf16>, %v: memref<2x96x4x32xbf16>, %o: memref<2x64x8x64xbf16>, %scale: f32) {
  // expected-error @below {{expected k to have the size of q in dimension 3, 64, got 32}}
  parallax.forward ins(%q, %r, %k, %v : memref<2x64x8x64xbf16>, memref<2x64x8x64xbf16>, memref<2x96x4x32xbf16>, memref<2x96x4x32xbf16>)
    outs(%o : memref<2x64x8x64xbf16>) scale(%scale) mask(causal)
  return
}

// -----
// (C3) r like q
func.func @f(%q: memref<2x64x8x64xbf16>, %r: memref<2x65x8x64xbf16>, %k: memref<2x96x4x64xbf16>, %v: memref<2x96x4x64xbf16>, %o: memref<2x64x8x64xbf16>, %scale: f32) {
  // expected-error @below {{expected r to have the size of q in dimension 1, 64, got 65}}
  parallax.forward ins(%q, %r, %k, %v : memref<2x64x8x64xbf16>, memref<2x65x8x64xbf16>, memref<2x96x4x64xbf16>, memref<2x96x4x64xbf16>)
    outs(%o : memref<2x64x8x64xbf16>) scale(%scale) mask(causal)
  return
}

// -----
// (C3) v like k
func.func @f(%q: memref<2x64x8x64xbf16>, %r: memref<2x64x8x64xbf16>, %k: memref<2x96x4x64xbf16>, %v: memref<2x95x4x64xbf16>, %o: memref<2x64x8x64xbf16>, %scale: f32) {
  // expected-error @below {{expected v to have the size of k in dimension 1, 96, got 95}}
  parallax.forward ins(%q, %r, %k, %v : memref<2x64x8x64xbf16>, memref<2x64x8x64xbf16>, memref<2x96x4x64xbf16>, memref<2x95x4x64xbf16>)
    outs(%o : memref<2x64x8x64xbf16>) scale(%scale) mask(causal)
  return
}

// -----
// (C3) v like k
func.func @f(%q: memref<2x64x8x64xbf16>, %r: memref<2x64x8x64xbf16>, %k: memref<2x96x4x64xbf16>, %v: memref<2x96x2x64xbf16>, %o: memref<2x64x8x64xbf16>, %scale: f32) {
  // expected-error @below {{expected v to have the size of k in dimension 2, 4, got 2}}
  parallax.forward ins(%q, %r, %k, %v : memref<2x64x8x64xbf16>, memref<2x64x8x64xbf16>, memref<2x96x4x64xbf16>, memref<2x96x2x64xbf16>)
    outs(%o : memref<2x64x8x64xbf16>) scale(%scale) mask(causal)
  return
}

// -----
// (C3) o like q
func.func @f(%q: memref<2x64x8x64xbf16>, %r: memref<2x64x8x64xbf16>, %k: memref<2x96x4x64xbf16>, %v: memref<2x96x4x64xbf16>, %o: memref<2x64x4x64xbf16>, %scale: f32) {
  // expected-error @below {{expected o to have the size of q in dimension 2, 8, got 4}}
  parallax.forward ins(%q, %r, %k, %v : memref<2x64x8x64xbf16>, memref<2x64x8x64xbf16>, memref<2x96x4x64xbf16>, memref<2x96x4x64xbf16>)
    outs(%o : memref<2x64x4x64xbf16>) scale(%scale) mask(causal)
  return
}

// -----
// (C3) one batch size
func.func @f(%q: memref<2x64x8x64xbf16>, %r: memref<2x64x8x64xbf16>, %k: memref<3x96x4x64xbf16>, %v: memref<3x96x4x64xbf16>, %o: memref<2x64x8x64xbf16>, %scale: f32) {
  // expected-error @below {{expected k to have the size of q in dimension 0, 2, got 3}}
  parallax.forward ins(%q, %r, %k, %v : memref<2x64x8x64xbf16>, memref<2x64x8x64xbf16>, memref<3x96x4x64xbf16>, memref<3x96x4x64xbf16>)
    outs(%o : memref<2x64x8x64xbf16>) scale(%scale) mask(causal)
  return
}

// -----
// (C4)
func.func @f(%q: memref<2x0x8x64xbf16>, %r: memref<2x0x8x64xbf16>, %k: memref<2x96x4x64xbf16>, %v: memref<2x96x4x64xbf16>, %o: memref<2x0x8x64xbf16>, %scale: f32) {
  // expected-error @below {{expected sizes of at least 1, got 0 for q}}
  parallax.forward ins(%q, %r, %k, %v : memref<2x0x8x64xbf16>, memref<2x0x8x64xbf16>, memref<2x96x4x64xbf16>, memref<2x96x4x64xbf16>)
    outs(%o : memref<2x0x8x64xbf16>) scale(%scale) mask(causal)
  return
}

// -----
// (C4)
func.func @f(%q: memref<2x64x8x64xbf16>, %r: memref<2x64x8x64xbf16>, %k: memref<2x96x0x64xbf16>, %v: memref<2x96x0x64xbf16>, %o: memref<2x64x8x64xbf16>, %scale: f32) {
  // expected-error @below {{expected sizes of at least 1, got 0 for k}}
  parallax.forward ins(%q, %r, %k, %v : memref<2x64x8x64xbf16>, memref<2x64x8x64xbf16>, memref<2x96x0x64xbf16>, memref<2x96x0x64xbf16>)
    outs(%o : memref<2x64x8x64xbf16>) scale(%scale) mask(causal)
  return
}

// -----
// (C5)
func.func @f(%q: memref<2x64x8x64xbf16>, %r: memref<2x64x8x64xbf16>, %k: memref<2x96x3x64xbf16>, %v: memref<2x96x3x64xbf16>, %o: memref<2x64x8x64xbf16>, %scale: f32) {
  // expected-error @below {{expected query heads to be a multiple of key heads, got 8 and 3}}
  parallax.forward ins(%q, %r, %k, %v : memref<2x64x8x64xbf16>, memref<2x64x8x64xbf16>, memref<2x96x3x64xbf16>, memref<2x96x3x64xbf16>)
    outs(%o : memref<2x64x8x64xbf16>) scale(%scale) mask(causal)
  return
}

// -----
// (C5)
func.func @f(%q: memref<2x64x8x64xbf16>, %r: memref<2x64x8x64xbf16>, %k: memref<2x96x16x64xbf16>, %v: memref<2x96x16x64xbf16>, %o: memref<2x64x8x64xbf16>, %scale: f32) {
  // expected-error @below {{expected query heads to be a multiple of key heads, got 8 and 16}}
  parallax.forward ins(%q, %r, %k, %v : memref<2x64x8x64xbf16>, memref<2x64x8x64xbf16>, memref<2x96x16x64xbf16>, memref<2x96x16x64xbf16>)
    outs(%o : memref<2x64x8x64xbf16>) scale(%scale) mask(causal)
  return
}

// -----
// (C6)
func.func @f(%q: memref<2x64x8x64xbf16>, %r: memref<2x64x8x64xbf16>, %k: memref<2x96x4x64xbf16, strided<[49152, 512, 128, 2]>>, %v: memref<2x96x4x64xbf16, strided<[49152, 512, 128, 2]>>, %o: memref<2x64x8x64xbf16>, %scale: f32) {
  // expected-error @below {{expected a head dimension of stride 1, got 'memref<2x96x4x64xbf16, strided<[49152, 512, 128, 2]>>' for k}}
  parallax.forward ins(%q, %r, %k, %v : memref<2x64x8x64xbf16>, memref<2x64x8x64xbf16>, memref<2x96x4x64xbf16, strided<[49152, 512, 128, 2]>>, memref<2x96x4x64xbf16, strided<[49152, 512, 128, 2]>>)
    outs(%o : memref<2x64x8x64xbf16>) scale(%scale) mask(causal)
  return
}

// -----
// (C6) unknown
func.func @f(%q: memref<2x64x8x64xbf16>, %r: memref<2x64x8x64xbf16>, %k: memref<2x96x4x64xbf16>, %v: memref<2x96x4x64xbf16, strided<[?, ?, ?, ?]>>, %o: memref<2x64x8x64xbf16>, %scale: f32) {
  // expected-error @below {{for v}}
  parallax.forward ins(%q, %r, %k, %v : memref<2x64x8x64xbf16>, memref<2x64x8x64xbf16>, memref<2x96x4x64xbf16>, memref<2x96x4x64xbf16, strided<[?, ?, ?, ?]>>)
    outs(%o : memref<2x64x8x64xbf16>) scale(%scale) mask(causal)
  return
}

// -----
// (C6) no strides at all
func.func @f(%q: memref<2x64x8x64xbf16>, %r: memref<2x64x8x64xbf16>, %k: memref<2x96x4x64xbf16>, %v: memref<2x96x4x64xbf16>, %o: memref<2x64x8x64xbf16, affine_map<(a, b, c, d) -> (d, c, b floordiv 2, a)>>, %scale: f32) {
  // expected-error @below {{expected a head dimension of stride 1}}
  parallax.forward ins(%q, %r, %k, %v : memref<2x64x8x64xbf16>, memref<2x64x8x64xbf16>, memref<2x96x4x64xbf16>, memref<2x96x4x64xbf16>)
    outs(%o : memref<2x64x8x64xbf16, affine_map<(a, b, c, d) -> (d, c, b floordiv 2, a)>>) scale(%scale) mask(causal)
  return
}

// -----
// (C7) a window needs a causal mask
func.func @f(%q: memref<2x64x8x64xbf16>, %r: memref<2x64x8x64xbf16>, %k: memref<2x96x4x64xbf16>, %v: memref<2x96x4x64xbf16>, %o: memref<2x64x8x64xbf16>, %scale: f32, %w: i32) {
  // expected-error @below {{expected a causal mask beside a window, got none}}
  parallax.forward ins(%q, %r, %k, %v : memref<2x64x8x64xbf16>, memref<2x64x8x64xbf16>, memref<2x96x4x64xbf16>, memref<2x96x4x64xbf16>)
    outs(%o : memref<2x64x8x64xbf16>) scale(%scale) mask(none) window(%w)
  return
}

// -----
// (C7) a constant window
func.func @f(%q: memref<2x64x8x64xbf16>, %r: memref<2x64x8x64xbf16>, %k: memref<2x96x4x64xbf16>, %v: memref<2x96x4x64xbf16>, %o: memref<2x64x8x64xbf16>, %scale: f32) {
  %w = arith.constant 0 : i32
  // expected-error @below {{expected a window of at least 1 key, got 0}}
  parallax.forward ins(%q, %r, %k, %v : memref<2x64x8x64xbf16>, memref<2x64x8x64xbf16>, memref<2x96x4x64xbf16>, memref<2x96x4x64xbf16>)
    outs(%o : memref<2x64x8x64xbf16>) scale(%scale) mask(causal) window(%w)
  return
}

// -----
// (C8)
func.func @f(%q: memref<2x64x8x64xbf16>, %r: memref<2x64x8x64xbf16>, %k: memref<2x96x4x64xbf16>, %v: memref<2x96x4x64xbf16>, %o: memref<2x64x8x64xbf16>, %scale: f32) {
  %s = arith.constant 0xFF800000 : f32
  // expected-error @below {{expected a finite scale, got infinity}}
  parallax.forward ins(%q, %r, %k, %v : memref<2x64x8x64xbf16>, memref<2x64x8x64xbf16>, memref<2x96x4x64xbf16>, memref<2x96x4x64xbf16>)
    outs(%o : memref<2x64x8x64xbf16>) scale(%s) mask(causal)
  return
}

// -----
// (C8)
func.func @f(%q: memref<2x64x8x64xbf16>, %r: memref<2x64x8x64xbf16>, %k: memref<2x96x4x64xbf16>, %v: memref<2x96x4x64xbf16>, %o: memref<2x64x8x64xbf16>, %scale: f32) {
  %s = arith.constant 0x7FC00000 : f32
  // expected-error @below {{expected a finite scale, got NaN}}
  parallax.forward ins(%q, %r, %k, %v : memref<2x64x8x64xbf16>, memref<2x64x8x64xbf16>, memref<2x96x4x64xbf16>, memref<2x96x4x64xbf16>)
    outs(%o : memref<2x64x8x64xbf16>) scale(%s) mask(causal)
  return
}

// -----
// (C8)
func.func @f(%q: memref<2x64x8x64xbf16>, %r: memref<2x64x8x64xbf16>, %k: memref<2x96x4x64xbf16>, %v: memref<2x96x4x64xbf16>, %o: memref<2x64x8x64xbf16>, %scale: f32) {
  %s = arith.constant -0.125 : f32
  // expected-error @below {{expected a positive scale, got -1.250000e-01}}
  parallax.forward ins(%q, %r, %k, %v : memref<2x64x8x64xbf16>, memref<2x64x8x64xbf16>, memref<2x96x4x64xbf16>, memref<2x96x4x64xbf16>)
    outs(%o : memref<2x64x8x64xbf16>) scale(%s) positive mask(causal)
  return
}

// -----
// (C9)
func.func @f(%q: memref<2x64x8x64xbf16>, %r: memref<2x64x8x64xbf16>, %k: memref<2x96x4x64xbf16>, %v: memref<2x96x4x64xbf16>, %o: memref<2x64x8x64xbf16>, %scale: f32, %m: memref<2x64x4xf32>) {
  // expected-error @below {{expected a row output to have the size of q in dimension 2, 8, got 4}}
  parallax.forward ins(%q, %r, %k, %v : memref<2x64x8x64xbf16>, memref<2x64x8x64xbf16>, memref<2x96x4x64xbf16>, memref<2x96x4x64xbf16>)
    outs(%o : memref<2x64x8x64xbf16>) scale(%scale) mask(causal) row_max(%m : memref<2x64x4xf32>)
  return
}

// -----
// (C9)
func.func @f(%q: memref<2x64x8x64xbf16>, %r: memref<2x64x8x64xbf16>, %k: memref<2x96x4x64xbf16>, %v: memref<2x96x4x64xbf16>, %o: memref<2x64x8x64xbf16>, %scale: f32, %m: memref<1x64x8xf32>) {
  // expected-error @below {{expected a row output to have the size of q in dimension 0, 2, got 1}}
  parallax.forward ins(%q, %r, %k, %v : memref<2x64x8x64xbf16>, memref<2x64x8x64xbf16>, memref<2x96x4x64xbf16>, memref<2x96x4x64xbf16>)
    outs(%o : memref<2x64x8x64xbf16>) scale(%scale) mask(causal) log_sum_exp(%m : memref<1x64x8xf32>)
  return
}

// -----
// (C10)
func.func @f(%q: memref<2x64x8x64xbf16>, %r: memref<2x64x8x64xbf16>, %k: memref<2x96x4x64xbf16>, %v: memref<2x96x4x64xbf16>, %o: memref<2x64x8x64xbf16, strided<[4096, 64, 0, 1]>>, %scale: f32) {
  // expected-error @below {{expected o without overlap, got a stride of 0 in dimension 2}}
  parallax.forward ins(%q, %r, %k, %v : memref<2x64x8x64xbf16>, memref<2x64x8x64xbf16>, memref<2x96x4x64xbf16>, memref<2x96x4x64xbf16>)
    outs(%o : memref<2x64x8x64xbf16, strided<[4096, 64, 0, 1]>>) scale(%scale) mask(causal)
  return
}

// -----
// (C10) of an unknown size
func.func @f(%q: memref<2x64x8x64xbf16>, %r: memref<2x64x8x64xbf16>, %k: memref<2x96x4x64xbf16>, %v: memref<2x96x4x64xbf16>, %o: memref<2x?x8x64xbf16, strided<[4096, 0, 64, 1]>>, %scale: f32) {
  // expected-error @below {{expected o without overlap, got a stride of 0 in dimension 1}}
  parallax.forward ins(%q, %r, %k, %v : memref<2x64x8x64xbf16>, memref<2x64x8x64xbf16>, memref<2x96x4x64xbf16>, memref<2x96x4x64xbf16>)
    outs(%o : memref<2x?x8x64xbf16, strided<[4096, 0, 64, 1]>>) scale(%scale) mask(causal)
  return
}

// -----
// (C13) of parallax.forward
func.func @f(%q: memref<2x64x8x64xbf16>, %r: memref<2x64x8x64xbf16>, %k: memref<2x96x4x64xbf16>, %v: memref<2x96x4x64xbf16>, %o: memref<2x64x8x64xbf16>, %scale: f32, %u: memref<2xi32>) {
  // expected-error @below {{expected no used lengths, got some; use parallax.decode for a cache}}
  parallax.forward ins(%q, %r, %k, %v : memref<2x64x8x64xbf16>, memref<2x64x8x64xbf16>, memref<2x96x4x64xbf16>, memref<2x96x4x64xbf16>)
    outs(%o : memref<2x64x8x64xbf16>) scale(%scale) mask(causal) used_lengths(%u : memref<2xi32>)
  return
}

// -----
// (C13) of parallax.decode
func.func @f(%q: memref<2x64x8x64xbf16>, %r: memref<2x64x8x64xbf16>, %k: memref<2x96x4x64xbf16>, %v: memref<2x96x4x64xbf16>, %o: memref<2x64x8x64xbf16>, %scale: f32) {
  // expected-error @below {{expected 1 to 16 query tokens, got 64; use parallax.forward for more}}
  parallax.decode ins(%q, %r, %k, %v : memref<2x64x8x64xbf16>, memref<2x64x8x64xbf16>, memref<2x96x4x64xbf16>, memref<2x96x4x64xbf16>)
    outs(%o : memref<2x64x8x64xbf16>) scale(%scale) mask(causal)
  return
}

// -----
// (C14) of parallax.decode
func.func @f(%q: memref<2x1x8x64xbf16>, %r: memref<2x1x8x64xbf16>, %k: memref<2x96x4x64xbf16>, %v: memref<2x96x4x64xbf16>, %o: memref<2x1x8x64xbf16>, %scale: f32, %u: memref<3xi32>) {
  // expected-error @below {{expected one used length a batch entry, 2, got 3}}
  parallax.decode ins(%q, %r, %k, %v : memref<2x1x8x64xbf16>, memref<2x1x8x64xbf16>, memref<2x96x4x64xbf16>, memref<2x96x4x64xbf16>)
    outs(%o : memref<2x1x8x64xbf16>) scale(%scale) mask(causal) used_lengths(%u : memref<3xi32>)
  return
}

// -----
// (C13) of parallax.forward
func.func @f(%q: memref<2x1x8x64xbf16>, %k: memref<9x16x4x64xbf16>, %v: memref<9x16x4x64xbf16>, %o: memref<2x1x8x64xbf16>, %scale: f32, %t: memref<2x8xi32>) {
  // expected-error @below {{expected no block table, got one; use parallax.decode for a cache}}
  parallax.forward ins(%q, %q, %k, %v : memref<2x1x8x64xbf16>, memref<2x1x8x64xbf16>, memref<9x16x4x64xbf16>, memref<9x16x4x64xbf16>)
    outs(%o : memref<2x1x8x64xbf16>) scale(%scale) mask(causal) block_table(%t : memref<2x8xi32>)
  return
}

// -----
// (C15) of parallax.decode
func.func @f(%q: memref<2x1x8x64xbf16>, %k: memref<9x16x4x64xbf16>, %v: memref<9x16x4x64xbf16>, %o: memref<2x1x8x64xbf16>, %scale: f32, %t: memref<3x8xi32>) {
  // expected-error @below {{expected one row of the block table a batch entry, 2, got 3}}
  parallax.decode ins(%q, %q, %k, %v : memref<2x1x8x64xbf16>, memref<2x1x8x64xbf16>, memref<9x16x4x64xbf16>, memref<9x16x4x64xbf16>)
    outs(%o : memref<2x1x8x64xbf16>) scale(%scale) mask(causal) block_table(%t : memref<3x8xi32>)
  return
}

// -----
// (C15) of parallax.decode
func.func @f(%q: memref<2x1x8x64xbf16>, %k: memref<9x16x4x64xbf16>, %v: memref<9x16x4x64xbf16>, %o: memref<2x1x8x64xbf16>, %scale: f32, %t: memref<2x8xi32, strided<[16, 2]>>) {
  // expected-error @below {{expected a block table whose rows have a stride of 1, got}}
  parallax.decode ins(%q, %q, %k, %v : memref<2x1x8x64xbf16>, memref<2x1x8x64xbf16>, memref<9x16x4x64xbf16>, memref<9x16x4x64xbf16>)
    outs(%o : memref<2x1x8x64xbf16>) scale(%scale) mask(causal) block_table(%t : memref<2x8xi32, strided<[16, 2]>>)
  return
}

// -----
// (C16) of parallax.decode
func.func @f(%q: memref<2x1x8x64xbf16>, %k: memref<9x24x4x64xbf16>, %v: memref<9x24x4x64xbf16>, %o: memref<2x1x8x64xbf16>, %scale: f32, %t: memref<2x8xi32>) {
  // expected-error @below {{expected a static page size that is a power of two in [1, 256], got 24}}
  parallax.decode ins(%q, %q, %k, %v : memref<2x1x8x64xbf16>, memref<2x1x8x64xbf16>, memref<9x24x4x64xbf16>, memref<9x24x4x64xbf16>)
    outs(%o : memref<2x1x8x64xbf16>) scale(%scale) mask(causal) block_table(%t : memref<2x8xi32>)
  return
}

// -----
// (C16) of parallax.decode
func.func @f(%q: memref<2x1x8x64xbf16>, %k: memref<9x512x4x64xbf16>, %v: memref<9x512x4x64xbf16>, %o: memref<2x1x8x64xbf16>, %scale: f32, %t: memref<2x8xi32>) {
  // expected-error @below {{expected a static page size that is a power of two in [1, 256], got 512}}
  parallax.decode ins(%q, %q, %k, %v : memref<2x1x8x64xbf16>, memref<2x1x8x64xbf16>, memref<9x512x4x64xbf16>, memref<9x512x4x64xbf16>)
    outs(%o : memref<2x1x8x64xbf16>) scale(%scale) mask(causal) block_table(%t : memref<2x8xi32>)
  return
}

// -----
// (C16) of parallax.decode
func.func @f(%q: memref<2x1x8x64xbf16>, %k: memref<9x?x4x64xbf16>, %v: memref<9x?x4x64xbf16>, %o: memref<2x1x8x64xbf16>, %scale: f32, %t: memref<2x8xi32>) {
  // expected-error @below {{expected a static page size that is a power of two in [1, 256], got ?}}
  parallax.decode ins(%q, %q, %k, %v : memref<2x1x8x64xbf16>, memref<2x1x8x64xbf16>, memref<9x?x4x64xbf16>, memref<9x?x4x64xbf16>)
    outs(%o : memref<2x1x8x64xbf16>) scale(%scale) mask(causal) block_table(%t : memref<2x8xi32>)
  return
}

// -----
// (C3) of parallax.decode, of pools
func.func @f(%q: memref<2x1x8x64xbf16>, %k: memref<9x16x4x64xbf16>, %v: memref<8x16x4x64xbf16>, %o: memref<2x1x8x64xbf16>, %scale: f32, %t: memref<2x8xi32>) {
  // expected-error @below {{expected v to have the size of k in dimension 0, 9, got 8}}
  parallax.decode ins(%q, %q, %k, %v : memref<2x1x8x64xbf16>, memref<2x1x8x64xbf16>, memref<9x16x4x64xbf16>, memref<8x16x4x64xbf16>)
    outs(%o : memref<2x1x8x64xbf16>) scale(%scale) mask(causal) block_table(%t : memref<2x8xi32>)
  return
}

// -----
// (C11) of all
func.func @f(%q: memref<2x1x8x64xbf16>, %k: memref<2x96x4x64xbf16>, %scale: f32) {
  // expected-error @below {{expected an output, got none}}
  parallax.decode ins(%q, %q, %k, %k : memref<2x1x8x64xbf16>, memref<2x1x8x64xbf16>, memref<2x96x4x64xbf16>, memref<2x96x4x64xbf16>) scale(%scale) mask(causal)
  return
}

// -----
// (C12) of all
func.func @f(%q: memref<2x1x8x64xbf16>, %k: memref<2x96x4x64xbf16>, %scale: f32, %s0: memref<2x1x8x64xf32>, %s1: memref<2x1x8x64xf32>, %s2: memref<2x1x8xf32>) {
  // expected-error @below {{expected a state of o1, o2, m, d1 and d2, got 3 tensors}}
  parallax.decode ins(%q, %q, %k, %k : memref<2x1x8x64xbf16>, memref<2x1x8x64xbf16>, memref<2x96x4x64xbf16>, memref<2x96x4x64xbf16>)
    scale(%scale) mask(causal) state(%s0, %s1, %s2 : memref<2x1x8x64xf32>, memref<2x1x8x64xf32>, memref<2x1x8xf32>)
  return
}

// -----
// (C12) of all
func.func @f(%q: memref<2x1x8x64xbf16>, %k: memref<2x96x4x64xbf16>, %scale: f32, %s0: memref<2x1x8x64xf32>, %s1: memref<2x1x8xf32>, %s2: memref<2x1x8xf32>, %s3: memref<2x1x8xf32>, %s4: memref<2x1x8xf32>) {
  // expected-error @below {{expected o2 of the state to have the shape of o, got 'memref<2x1x8xf32>'}}
  parallax.decode ins(%q, %q, %k, %k : memref<2x1x8x64xbf16>, memref<2x1x8x64xbf16>, memref<2x96x4x64xbf16>, memref<2x96x4x64xbf16>)
    scale(%scale) mask(causal) state(%s0, %s1, %s2, %s3, %s4 : memref<2x1x8x64xf32>, memref<2x1x8xf32>, memref<2x1x8xf32>, memref<2x1x8xf32>, memref<2x1x8xf32>)
  return
}

// -----
// (C12) of all
func.func @f(%q: memref<2x1x8x64xbf16>, %k: memref<2x96x4x64xbf16>, %scale: f32, %s0: memref<2x1x8x64xf32>, %s1: memref<2x1x8x64xf32>, %s2: memref<2x1x4xf32>, %s3: memref<2x1x8xf32>, %s4: memref<2x1x8xf32>) {
  // expected-error @below {{expected m of the state to have the shape of a row output, got 'memref<2x1x4xf32>'}}
  parallax.decode ins(%q, %q, %k, %k : memref<2x1x8x64xbf16>, memref<2x1x8x64xbf16>, memref<2x96x4x64xbf16>, memref<2x96x4x64xbf16>)
    scale(%scale) mask(causal) state(%s0, %s1, %s2, %s3, %s4 : memref<2x1x8x64xf32>, memref<2x1x8x64xf32>, memref<2x1x4xf32>, memref<2x1x8xf32>, memref<2x1x8xf32>)
  return
}

// -----
// (C12) of all
func.func @f(%q: memref<2x1x8x64xbf16>, %k: memref<2x96x4x64xbf16>, %scale: f32, %s0: memref<2x1x8x?xf32>, %s1: memref<2x1x8x64xf32>, %s2: memref<2x1x8xf32>, %s3: memref<2x1x8xf32>, %s4: memref<2x1x8xf32>) {
  // expected-error @below {{expected o1 of the state to have the shape of o, got 'memref<2x1x8x?xf32>'}}
  parallax.decode ins(%q, %q, %k, %k : memref<2x1x8x64xbf16>, memref<2x1x8x64xbf16>, memref<2x96x4x64xbf16>, memref<2x96x4x64xbf16>)
    scale(%scale) mask(causal) state(%s0, %s1, %s2, %s3, %s4 : memref<2x1x8x?xf32>, memref<2x1x8x64xf32>, memref<2x1x8xf32>, memref<2x1x8xf32>, memref<2x1x8xf32>)
  return
}

// -----
// (C12) of all
func.func @f(%q: memref<2x1x8x64xbf16>, %k: memref<2x96x4x64xbf16>, %scale: f32, %s0: memref<2x1x8x64xf32>, %s1: memref<2x1x8x64xf32>, %s2: memref<2x1x8xf32>, %s3: memref<2x1x8xf32>, %s4: memref<2x1x8xf32, strided<[16, 8, 1]>>) {
  // expected-error @below {{expected a contiguous state, got}}
  parallax.decode ins(%q, %q, %k, %k : memref<2x1x8x64xbf16>, memref<2x1x8x64xbf16>, memref<2x96x4x64xbf16>, memref<2x96x4x64xbf16>)
    scale(%scale) mask(causal) state(%s0, %s1, %s2, %s3, %s4 : memref<2x1x8x64xf32>, memref<2x1x8x64xf32>, memref<2x1x8xf32>, memref<2x1x8xf32>, memref<2x1x8xf32, strided<[16, 8, 1]>>)
  return
}

// -----
// (C1) of parallax.merge
func.func @f(%o1: memref<3x2x1x8x64xf32>, %o2: memref<4x2x1x8x64xf32>, %m: memref<3x2x1x8xf32>, %d1: memref<3x2x1x8xf32>, %d2: memref<3x2x1x8xf32>, %o: memref<2x1x8x64xbf16>) {
  // expected-error @below {{expected o2 to have the size of o1 in dimension 0, 3, got 4}}
  parallax.merge ins(%o1, %o2, %m, %d1, %d2 : memref<3x2x1x8x64xf32>, memref<4x2x1x8x64xf32>, memref<3x2x1x8xf32>, memref<3x2x1x8xf32>, memref<3x2x1x8xf32>) outs(%o : memref<2x1x8x64xbf16>)
  return
}

// -----
// (C1) of parallax.merge
func.func @f(%o1: memref<3x2x1x8x64xf32>, %o2: memref<3x2x1x8x64xf32>, %m: memref<3x2x1x8xf32>, %d1: memref<3x2x1x4xf32>, %d2: memref<3x2x1x8xf32>, %o: memref<2x1x8x64xbf16>) {
  // expected-error @below {{expected d1 to have the size of o1 in dimension 3, 8, got 4}}
  parallax.merge ins(%o1, %o2, %m, %d1, %d2 : memref<3x2x1x8x64xf32>, memref<3x2x1x8x64xf32>, memref<3x2x1x8xf32>, memref<3x2x1x4xf32>, memref<3x2x1x8xf32>) outs(%o : memref<2x1x8x64xbf16>)
  return
}

// -----
// (C2) of parallax.merge
func.func @f(%o1: memref<3x2x1x8x12xf32>, %o2: memref<3x2x1x8x64xf32>, %m: memref<3x2x1x8xf32>, %d1: memref<3x2x1x8xf32>, %d2: memref<3x2x1x8xf32>, %o: memref<2x1x8x64xbf16>) {
  // expected-error @below {{expected a static head dimension, a multiple of 8 in [8, 256], got 12}}
  parallax.merge ins(%o1, %o2, %m, %d1, %d2 : memref<3x2x1x8x12xf32>, memref<3x2x1x8x64xf32>, memref<3x2x1x8xf32>, memref<3x2x1x8xf32>, memref<3x2x1x8xf32>) outs(%o : memref<2x1x8x64xbf16>)
  return
}

// -----
// (C2) of parallax.merge
func.func @f(%o1: memref<3x2x1x8x64xf32>, %o2: memref<3x2x1x8x?xf32>, %m: memref<3x2x1x8xf32>, %d1: memref<3x2x1x8xf32>, %d2: memref<3x2x1x8xf32>, %o: memref<2x1x8x64xbf16>) {
  // expected-error @below {{expected a static head dimension, that of o1, 64, got ? for o2}}
  parallax.merge ins(%o1, %o2, %m, %d1, %d2 : memref<3x2x1x8x64xf32>, memref<3x2x1x8x?xf32>, memref<3x2x1x8xf32>, memref<3x2x1x8xf32>, memref<3x2x1x8xf32>) outs(%o : memref<2x1x8x64xbf16>)
  return
}

// -----
// (C3) of parallax.merge
func.func @f(%o1: memref<0x2x1x8x64xf32>, %o2: memref<3x2x1x8x64xf32>, %m: memref<3x2x1x8xf32>, %d1: memref<3x2x1x8xf32>, %d2: memref<3x2x1x8xf32>, %o: memref<2x1x8x64xbf16>) {
  // expected-error @below {{expected sizes of at least 1, got 0 for o1}}
  parallax.merge ins(%o1, %o2, %m, %d1, %d2 : memref<0x2x1x8x64xf32>, memref<3x2x1x8x64xf32>, memref<3x2x1x8xf32>, memref<3x2x1x8xf32>, memref<3x2x1x8xf32>) outs(%o : memref<2x1x8x64xbf16>)
  return
}

// -----
// (C4) of parallax.merge
func.func @f(%o1: memref<3x2x1x8x64xf32>, %o2: memref<3x2x1x8x64xf32>, %m: memref<3x2x1x8xf32>, %d1: memref<3x2x1x8xf32>, %d2: memref<3x2x1x8xf32>, %o: memref<3x1x8x64xbf16>) {
  // expected-error @below {{expected o to have the size of a part in dimension 0, 2, got 3}}
  parallax.merge ins(%o1, %o2, %m, %d1, %d2 : memref<3x2x1x8x64xf32>, memref<3x2x1x8x64xf32>, memref<3x2x1x8xf32>, memref<3x2x1x8xf32>, memref<3x2x1x8xf32>) outs(%o : memref<3x1x8x64xbf16>)
  return
}

// -----
// (C4) of parallax.merge
func.func @f(%o1: memref<3x2x1x8x64xf32>, %o2: memref<3x2x1x8x64xf32>, %m: memref<3x2x1x8xf32>, %d1: memref<3x2x1x8xf32>, %d2: memref<3x2x1x8xf32>, %o: memref<2x1x8x64xbf16, strided<[512, 512, 0, 1]>>) {
  // expected-error @below {{expected o without overlap, got a stride of 0 in dimension 2}}
  parallax.merge ins(%o1, %o2, %m, %d1, %d2 : memref<3x2x1x8x64xf32>, memref<3x2x1x8x64xf32>, memref<3x2x1x8xf32>, memref<3x2x1x8xf32>, memref<3x2x1x8xf32>) outs(%o : memref<2x1x8x64xbf16, strided<[512, 512, 0, 1]>>)
  return
}

// -----
// (C4) of parallax.merge
func.func @f(%o1: memref<3x2x1x8x64xf32>, %o2: memref<3x2x1x8x64xf32>, %m: memref<3x2x1x8xf32>, %d1: memref<3x2x1x8xf32>, %d2: memref<3x2x1x8xf32>, %o: memref<2x1x8x64xbf16, strided<[1024, 1024, 128, 2]>>) {
  // expected-error @below {{expected a head dimension of stride 1, got}}
  parallax.merge ins(%o1, %o2, %m, %d1, %d2 : memref<3x2x1x8x64xf32>, memref<3x2x1x8x64xf32>, memref<3x2x1x8xf32>, memref<3x2x1x8xf32>, memref<3x2x1x8xf32>) outs(%o : memref<2x1x8x64xbf16, strided<[1024, 1024, 128, 2]>>)
  return
}

// -----
// (C5) of parallax.merge
func.func @f(%o1: memref<3x2x1x8x64xf32>, %o2: memref<3x2x1x8x64xf32>, %m: memref<3x2x1x8xf32>, %d1: memref<3x2x1x8xf32>, %d2: memref<3x2x1x8xf32>, %o: memref<2x1x8x64xbf16>, %x: memref<2x1x4xf32>) {
  // expected-error @below {{expected a row output to have the size of a part in dimension 2, 8, got 4}}
  parallax.merge ins(%o1, %o2, %m, %d1, %d2 : memref<3x2x1x8x64xf32>, memref<3x2x1x8x64xf32>, memref<3x2x1x8xf32>, memref<3x2x1x8xf32>, memref<3x2x1x8xf32>) outs(%o : memref<2x1x8x64xbf16>) tbar(%x : memref<2x1x4xf32>)
  return
}

// -----
// (C6) of parallax.merge
func.func @f(%o1: memref<3x2x1x8x64xf32>, %o2: memref<3x2x1x8x64xf32>, %m: memref<3x2x1x8xf32, strided<[32, 16, 8, 1]>>, %d1: memref<3x2x1x8xf32>, %d2: memref<3x2x1x8xf32>, %o: memref<2x1x8x64xbf16>) {
  // expected-error @below {{expected contiguous parts, got}}
  parallax.merge ins(%o1, %o2, %m, %d1, %d2 : memref<3x2x1x8x64xf32>, memref<3x2x1x8x64xf32>, memref<3x2x1x8xf32, strided<[32, 16, 8, 1]>>, memref<3x2x1x8xf32>, memref<3x2x1x8xf32>) outs(%o : memref<2x1x8x64xbf16>)
  return
}

// -----
// (C7) of parallax.merge
func.func @f(%o1: memref<3x2x1x8x64xf32>, %o2: memref<3x2x1x8x64xf32>, %m: memref<3x2x1x8xf32>, %d1: memref<3x2x1x8xf32>, %d2: memref<3x2x1x8xf32>, %o: memref<2x1x8x64xbf16>) {
  // expected-error @below {{expected an output, got none}}
  parallax.merge ins(%o1, %o2, %m, %d1, %d2 : memref<3x2x1x8x64xf32>, memref<3x2x1x8x64xf32>, memref<3x2x1x8xf32>, memref<3x2x1x8xf32>, memref<3x2x1x8xf32>)
  return
}

// -----
// (C8) of parallax.merge
func.func @f(%o1: memref<3x2x1x8x64xf32>, %o2: memref<3x2x1x8x64xf32>, %m: memref<3x2x1x8xf32>, %d1: memref<3x2x1x8xf32>, %d2: memref<3x2x1x8xf32>, %o: memref<2x1x8x64xbf16>, %x: memref<2x1x8xf32>) {
  // expected-error @below {{expected a state of o1, o2, m, d1 and d2, got 1 tensors}}
  parallax.merge ins(%o1, %o2, %m, %d1, %d2 : memref<3x2x1x8x64xf32>, memref<3x2x1x8x64xf32>, memref<3x2x1x8xf32>, memref<3x2x1x8xf32>, memref<3x2x1x8xf32>) outs(%o : memref<2x1x8x64xbf16>) state(%x : memref<2x1x8xf32>)
  return
}

// -----
// (C13) of parallax.forward
func.func @f(%q: memref<2x1x8x64xbf16>, %k: memref<2x96x4x64xbf16>, %o: memref<2x1x8x64xbf16>, %scale: f32, %n0: memref<2x3x4x64xbf16>, %n1: memref<2x3x4x64xbf16>) {
  // expected-error @below {{expected nothing to append, got some; use parallax.decode for a cache}}
  parallax.forward ins(%q, %q, %k, %k : memref<2x1x8x64xbf16>, memref<2x1x8x64xbf16>, memref<2x96x4x64xbf16>, memref<2x96x4x64xbf16>)
    outs(%o : memref<2x1x8x64xbf16>) scale(%scale) mask(causal) append(%n0, %n1 : memref<2x3x4x64xbf16>, memref<2x3x4x64xbf16>)
  return
}

// -----
// (C17) of parallax.decode
func.func @f(%q: memref<2x1x8x64xbf16>, %k: memref<2x96x4x64xbf16>, %o: memref<2x1x8x64xbf16>, %scale: f32, %n0: memref<2x3x4x64xbf16>) {
  // expected-error @below {{expected new keys and values to append, got 1 tensors}}
  parallax.decode ins(%q, %q, %k, %k : memref<2x1x8x64xbf16>, memref<2x1x8x64xbf16>, memref<2x96x4x64xbf16>, memref<2x96x4x64xbf16>)
    outs(%o : memref<2x1x8x64xbf16>) scale(%scale) mask(causal) append(%n0 : memref<2x3x4x64xbf16>)
  return
}

// -----
// (C17) of parallax.decode
func.func @f(%q: memref<2x1x8x64xbf16>, %k: memref<2x96x4x64xbf16>, %o: memref<2x1x8x64xbf16>, %scale: f32, %n0: memref<2x3x4x64xbf16>, %n1: memref<2x3x4x64xf16>) {
  // expected-error @below {{expected one element type, that of k, 'bf16', got 'f16' for new v}}
  parallax.decode ins(%q, %q, %k, %k : memref<2x1x8x64xbf16>, memref<2x1x8x64xbf16>, memref<2x96x4x64xbf16>, memref<2x96x4x64xbf16>)
    outs(%o : memref<2x1x8x64xbf16>) scale(%scale) mask(causal) append(%n0, %n1 : memref<2x3x4x64xbf16>, memref<2x3x4x64xf16>)
  return
}

// -----
// (C17) of parallax.decode
func.func @f(%q: memref<2x1x8x64xbf16>, %k: memref<2x96x4x64xbf16>, %o: memref<2x1x8x64xbf16>, %scale: f32, %n0: memref<3x3x4x64xbf16>, %n1: memref<2x3x4x64xbf16>) {
  // expected-error @below {{expected new k to have the size of q in dimension 0, 2, got 3}}
  parallax.decode ins(%q, %q, %k, %k : memref<2x1x8x64xbf16>, memref<2x1x8x64xbf16>, memref<2x96x4x64xbf16>, memref<2x96x4x64xbf16>)
    outs(%o : memref<2x1x8x64xbf16>) scale(%scale) mask(causal) append(%n0, %n1 : memref<3x3x4x64xbf16>, memref<2x3x4x64xbf16>)
  return
}

// -----
// (C17) of parallax.decode
func.func @f(%q: memref<2x1x8x64xbf16>, %k: memref<2x96x4x64xbf16>, %o: memref<2x1x8x64xbf16>, %scale: f32, %n0: memref<2x3x8x64xbf16>, %n1: memref<2x3x4x64xbf16>) {
  // expected-error @below {{expected new k to have the size of k in dimension 2, 4, got 8}}
  parallax.decode ins(%q, %q, %k, %k : memref<2x1x8x64xbf16>, memref<2x1x8x64xbf16>, memref<2x96x4x64xbf16>, memref<2x96x4x64xbf16>)
    outs(%o : memref<2x1x8x64xbf16>) scale(%scale) mask(causal) append(%n0, %n1 : memref<2x3x8x64xbf16>, memref<2x3x4x64xbf16>)
  return
}

// -----
// (C17) of parallax.decode
func.func @f(%q: memref<2x1x8x64xbf16>, %k: memref<2x96x4x64xbf16>, %o: memref<2x1x8x64xbf16>, %scale: f32, %n0: memref<2x3x4x64xbf16>, %n1: memref<2x3x4x32xbf16>) {
  // expected-error @below {{expected new v to have the size of q in dimension 3, 64, got 32}}
  parallax.decode ins(%q, %q, %k, %k : memref<2x1x8x64xbf16>, memref<2x1x8x64xbf16>, memref<2x96x4x64xbf16>, memref<2x96x4x64xbf16>)
    outs(%o : memref<2x1x8x64xbf16>) scale(%scale) mask(causal) append(%n0, %n1 : memref<2x3x4x64xbf16>, memref<2x3x4x32xbf16>)
  return
}

// -----
// (C17) of parallax.decode
func.func @f(%q: memref<2x1x8x64xbf16>, %k: memref<2x96x4x64xbf16>, %o: memref<2x1x8x64xbf16>, %scale: f32, %n0: memref<2x3x4x64xbf16>, %n1: memref<2x2x4x64xbf16>) {
  // expected-error @below {{expected new v to have the size of new k in dimension 1, 3, got 2}}
  parallax.decode ins(%q, %q, %k, %k : memref<2x1x8x64xbf16>, memref<2x1x8x64xbf16>, memref<2x96x4x64xbf16>, memref<2x96x4x64xbf16>)
    outs(%o : memref<2x1x8x64xbf16>) scale(%scale) mask(causal) append(%n0, %n1 : memref<2x3x4x64xbf16>, memref<2x2x4x64xbf16>)
  return
}

// -----
// (C17) of parallax.decode
func.func @f(%q: memref<2x1x8x64xbf16>, %k: memref<2x96x4x64xbf16>, %o: memref<2x1x8x64xbf16>, %scale: f32, %n0: memref<2x3x4x64xbf16>, %n1: memref<2x3x4x64xbf16, strided<[1536, 512, 128, 2]>>) {
  // expected-error @below {{expected a head dimension of stride 1, got}}
  parallax.decode ins(%q, %q, %k, %k : memref<2x1x8x64xbf16>, memref<2x1x8x64xbf16>, memref<2x96x4x64xbf16>, memref<2x96x4x64xbf16>)
    outs(%o : memref<2x1x8x64xbf16>) scale(%scale) mask(causal) append(%n0, %n1 : memref<2x3x4x64xbf16>, memref<2x3x4x64xbf16, strided<[1536, 512, 128, 2]>>)
  return
}

// -----
// (C17) of parallax.decode
func.func @f(%q: memref<2x1x8x64xbf16>, %k: memref<2x96x4x64xbf16>, %o: memref<2x1x8x64xbf16>, %scale: f32, %n0: memref<2x?x4x?xbf16, strided<[?, ?, ?, 1]>>, %n1: memref<2x3x4x64xbf16>) {
  // expected-error @below {{expected sizes of at least 1, and a static head dimension, got}}
  parallax.decode ins(%q, %q, %k, %k : memref<2x1x8x64xbf16>, memref<2x1x8x64xbf16>, memref<2x96x4x64xbf16>, memref<2x96x4x64xbf16>)
    outs(%o : memref<2x1x8x64xbf16>) scale(%scale) mask(causal) append(%n0, %n1 : memref<2x?x4x?xbf16, strided<[?, ?, ?, 1]>>, memref<2x3x4x64xbf16>)
  return
}

// -----
// (C18) of parallax.decode
func.func @f(%q: memref<2x1x8x64xbf16>, %k: memref<2x96x4x64xbf16, strided<[0, 256, 64, 1]>>, %o: memref<2x1x8x64xbf16>, %scale: f32, %n0: memref<2x3x4x64xbf16>, %n1: memref<2x3x4x64xbf16>) {
  // expected-error @below {{expected k without overlap, got a stride of 0 in dimension 0}}
  parallax.decode ins(%q, %q, %k, %k : memref<2x1x8x64xbf16>, memref<2x1x8x64xbf16>, memref<2x96x4x64xbf16, strided<[0, 256, 64, 1]>>, memref<2x96x4x64xbf16, strided<[0, 256, 64, 1]>>)
    outs(%o : memref<2x1x8x64xbf16>) scale(%scale) mask(causal) append(%n0, %n1 : memref<2x3x4x64xbf16>, memref<2x3x4x64xbf16>)
  return
}

// -----
// (C1) of parallax.decode
func.func @f(%q: memref<2x1x8x64xbf16>, %k: memref<2x96x4x64xf8E4M3FN>, %v: memref<2x96x4x64xbf16>, %scale: f32) {
  // expected-error @below {{expected one element type, that of k, 'f8E4M3FN', got 'bf16' for v}}
  parallax.decode ins(%q, %q, %k, %v : memref<2x1x8x64xbf16>, memref<2x1x8x64xbf16>, memref<2x96x4x64xf8E4M3FN>, memref<2x96x4x64xbf16>)
    outs(%q : memref<2x1x8x64xbf16>) scale(%scale) mask(none)
  return
}

// -----
// (C13) of parallax.forward
func.func @f(%q: memref<2x1x8x64xbf16>, %k: memref<2x96x4x64xf8E4M3FN>, %o: memref<2x1x8x64xbf16>, %scale: f32) {
  // expected-error @below {{expected k and v of q's element type and without scales, got a cache of f8E4M3FN or scales; use parallax.decode}}
  parallax.forward ins(%q, %q, %k, %k : memref<2x1x8x64xbf16>, memref<2x1x8x64xbf16>, memref<2x96x4x64xf8E4M3FN>, memref<2x96x4x64xf8E4M3FN>)
    outs(%o : memref<2x1x8x64xbf16>) scale(%scale) mask(none)
  return
}

// -----
// (C17) of parallax.decode
func.func @f(%q: memref<2x1x8x64xbf16>, %k: memref<2x96x4x64xf8E4M3FN>, %o: memref<2x1x8x64xbf16>, %scale: f32, %n: memref<2x3x4x64xbf16>) {
  // expected-error @below {{expected one element type, that of k, 'f8E4M3FN', got 'bf16' for new k}}
  parallax.decode ins(%q, %q, %k, %k : memref<2x1x8x64xbf16>, memref<2x1x8x64xbf16>, memref<2x96x4x64xf8E4M3FN>, memref<2x96x4x64xf8E4M3FN>)
    outs(%o : memref<2x1x8x64xbf16>) scale(%scale) mask(none) append(%n, %n : memref<2x3x4x64xbf16>, memref<2x3x4x64xbf16>)
  return
}

// -----
// (C19) of parallax.decode
func.func @f(%q: memref<2x1x8x64xbf16>, %k: memref<2x96x4x64xf8E4M3FN>, %o: memref<2x1x8x64xbf16>, %scale: f32, %s: memref<8xf32>) {
  // expected-error @below {{expected an element of k_scale for each head of k, 4, got 8}}
  parallax.decode ins(%q, %q, %k, %k : memref<2x1x8x64xbf16>, memref<2x1x8x64xbf16>, memref<2x96x4x64xf8E4M3FN>, memref<2x96x4x64xf8E4M3FN>)
    outs(%o : memref<2x1x8x64xbf16>) scale(%scale) mask(none) k_scale(%s : memref<8xf32>)
  return
}

// -----
// (C19) of parallax.decode
func.func @f(%q: memref<2x1x8x64xbf16>, %k: memref<2x96x4x64xbf16>, %scale: f32, %s: memref<4xf32>) {
  // expected-error @below {{expected k and v of f8E4M3FN beside v_scale, got 'bf16'}}
  parallax.decode ins(%q, %q, %k, %k : memref<2x1x8x64xbf16>, memref<2x1x8x64xbf16>, memref<2x96x4x64xbf16>, memref<2x96x4x64xbf16>)
    outs(%q : memref<2x1x8x64xbf16>) scale(%scale) mask(none) v_scale(%s : memref<4xf32>)
  return
}
