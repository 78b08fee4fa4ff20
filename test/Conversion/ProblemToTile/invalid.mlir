// What problem-to-tile refuses.
//
// RUN: parallax-opt %s --problem-to-tile --split-input-file --verify-diagnostics

#schedule = {rows = 64, keys = 64, packed_heads = 4}
!t = memref<1x64x8x64xbf16>
func.func @two(%q: !t, %r: !t, %k: !t, %v: !t, %o: !t, %scale: f32)
    attributes {parallax.schedule = #schedule} {
  parallax.forward ins(%q, %r, %k, %v : !t, !t, !t, !t) outs(%o : !t)
    scale(%scale) mask(none)
  // expected-error @below {{expected one problem a function, got 2}}
  parallax.forward ins(%q, %r, %k, %v : !t, !t, !t, !t) outs(%o : !t)
    scale(%scale) mask(none)
  return
}

// -----
// 8 query heads of 4 key heads: 4 packed heads would belong to 2 key heads.
#schedule = {rows = 64, keys = 64, packed_heads = 4}
!t = memref<1x64x8x64xbf16>
!k = memref<1x64x4x64xbf16>
func.func @group(%q: !t, %r: !t, %k: !k, %v: !k, %o: !t, %scale: f32)
    attributes {parallax.schedule = #schedule} {
  // expected-error @below {{expected packed heads that divide the 2 query heads of a key head, got 4}}
  parallax.forward ins(%q, %r, %k, %v : !t, !t, !k, !k) outs(%o : !t)
    scale(%scale) mask(none)
  return
}

// -----
// A kernel has one parameter for an argument, which can't be q and r.
#schedule = {rows = 64, keys = 64, packed_heads = 4}
!t = memref<1x64x8x64xbf16>
!k = memref<1x64x2x64xbf16>
// expected-error @below {{expected argument 0 to be one operand, got q and r}}
func.func @same(%q: !t, %k: !k, %v: !k, %o: !t, %scale: f32)
    attributes {parallax.schedule = #schedule} {
  parallax.forward ins(%q, %q, %k, %v : !t, !t, !k, !k) outs(%o : !t)
    scale(%scale) mask(none)
  return
}

// -----
// Nor is there one for memory that is made in the function.
#schedule = {rows = 64, keys = 64, packed_heads = 4}
!t = memref<1x64x8x64xbf16>
!k = memref<1x64x2x64xbf16>
// expected-error @below {{expected k to be an argument}}
func.func @alloc(%q: !t, %r: !t, %v: !k, %o: !t, %scale: f32)
    attributes {parallax.schedule = #schedule} {
  %k = memref.alloc() : !k
  parallax.forward ins(%q, %r, %k, %v : !t, !t, !k, !k) outs(%o : !t)
    scale(%scale) mask(none)
  return
}

// -----
#schedule = {rows = 64, keys = 64, packed_heads = 4}
!t = memref<1x64x8x64xbf16>
!k = memref<1x64x2x64xbf16>
func.func @nested(%q: !t, %r: !t, %k: !k, %v: !k, %o: !t, %scale: f32, %c: i1)
    attributes {parallax.schedule = #schedule} {
  scf.if %c {
    // expected-error @below {{expected at the top level of a function of one block}}
    parallax.forward ins(%q, %r, %k, %v : !t, !t, !k, !k) outs(%o : !t)
      scale(%scale) mask(none)
  }
  return
}

// -----
#schedule = {rows = 64, keys = 64, packed_heads = 4}
!t = memref<1x64x8x64xbf16>
!k = memref<1x64x2x64xbf16>
func.func @blocks(%q: !t, %r: !t, %k: !k, %v: !k, %o: !t, %scale: f32)
    attributes {parallax.schedule = #schedule} {
  cf.br ^next
^next:
  // expected-error @below {{expected at the top level of a function of one block}}
  parallax.forward ins(%q, %r, %k, %v : !t, !t, !k, !k) outs(%o : !t)
    scale(%scale) mask(none)
  return
}

// -----
#schedule = {rows = 64, keys = 64, packed_heads = 4}
!t = memref<1x64x8x64xbf16>
!k = memref<1x64x2x64xbf16>
// expected-error @below {{expected a function without results, got 1}}
func.func @result(%q: !t, %r: !t, %k: !k, %v: !k, %o: !t, %scale: f32) -> f32
    attributes {parallax.schedule = #schedule} {
  parallax.forward ins(%q, %r, %k, %v : !t, !t, !k, !k) outs(%o : !t)
    scale(%scale) mask(none)
  return %scale : f32
}

// -----
!t = memref<1x64x8x64xbf16>
// expected-error @below {{expected a dictionary 'parallax.schedule', got none; choose-schedule writes one}}
func.func @schedule(%q: !t, %r: !t, %k: !t, %v: !t, %o: !t, %scale: f32) {
  parallax.forward ins(%q, %r, %k, %v : !t, !t, !t, !t) outs(%o : !t)
    scale(%scale) mask(none)
  return
}

// -----
!t = memref<1x64x8x64xbf16>
// expected-error @below {{expected a dictionary 'parallax.schedule'}}
func.func @schedule(%q: !t, %r: !t, %k: !t, %v: !t, %o: !t, %scale: f32)
    attributes {parallax.schedule = 3} {
  parallax.forward ins(%q, %r, %k, %v : !t, !t, !t, !t) outs(%o : !t)
    scale(%scale) mask(none)
  return
}

// -----
!t = memref<1x64x8x64xbf16>
// expected-error @below {{expected small integers for fields of a schedule in 'parallax.schedule', got "colour" = 3}}
func.func @schedule(%q: !t, %r: !t, %k: !t, %v: !t, %o: !t, %scale: f32)
    attributes {parallax.schedule = {colour = 3}} {
  parallax.forward ins(%q, %r, %k, %v : !t, !t, !t, !t) outs(%o : !t)
    scale(%scale) mask(none)
  return
}

// -----
!t = memref<1x64x8x64xbf16>
// expected-error @below {{expected small integers for fields of a schedule in 'parallax.schedule', got "rows" = 9223372036854775807}}
func.func @schedule(%q: !t, %r: !t, %k: !t, %v: !t, %o: !t, %scale: f32)
    attributes {parallax.schedule = {rows = 9223372036854775807}} {
  parallax.forward ins(%q, %r, %k, %v : !t, !t, !t, !t) outs(%o : !t)
    scale(%scale) mask(none)
  return
}

// -----
!t = memref<1x64x8x64xbf16>
// expected-error @below {{expected tiles of 1 to 4096 rows, got 0}}
func.func @schedule(%q: !t, %r: !t, %k: !t, %v: !t, %o: !t, %scale: f32)
    attributes {parallax.schedule = {rows = 0}} {
  parallax.forward ins(%q, %r, %k, %v : !t, !t, !t, !t) outs(%o : !t)
    scale(%scale) mask(none)
  return
}

// -----
!t = memref<1x64x8x64xbf16>
// expected-error @below {{expected tiles of 1 to 4096 keys, got -32}}
func.func @schedule(%q: !t, %r: !t, %k: !t, %v: !t, %o: !t, %scale: f32)
    attributes {parallax.schedule = {keys = -32}} {
  parallax.forward ins(%q, %r, %k, %v : !t, !t, !t, !t) outs(%o : !t)
    scale(%scale) mask(none)
  return
}

// -----
!t = memref<1x64x8x64xbf16>
// expected-error @below {{expected 1 to 64 packed heads, the rows of a tile, got 0}}
func.func @schedule(%q: !t, %r: !t, %k: !t, %v: !t, %o: !t, %scale: f32)
    attributes {parallax.schedule = {packed_heads = 0}} {
  parallax.forward ins(%q, %r, %k, %v : !t, !t, !t, !t) outs(%o : !t)
    scale(%scale) mask(none)
  return
}

// -----
!t = memref<1x64x8x64xbf16>
// expected-error @below {{expected 1 to 64 packed heads, the rows of a tile, got 65}}
func.func @schedule(%q: !t, %r: !t, %k: !t, %v: !t, %o: !t, %scale: f32)
    attributes {parallax.schedule = {packed_heads = 65}} {
  parallax.forward ins(%q, %r, %k, %v : !t, !t, !t, !t) outs(%o : !t)
    scale(%scale) mask(none)
  return
}
