// What choose-schedule refuses, here with a field replaced: keys = 64.
//
// RUN: parallax-opt %s --choose-schedule=override=keys=64 --split-input-file --verify-diagnostics

!t = memref<?x?x?x64xbf16, strided<[?, ?, ?, 1]>>

// Two problems.
func.func @two(%q: !t, %r: !t, %k: !t, %v: !t, %o: !t, %p: !t, %scale: f32) {
  parallax.forward ins(%q, %r, %k, %v : !t, !t, !t, !t) outs(%o : !t)
    scale(%scale) mask(none)
  // expected-error @below {{expected one problem a function, got 2}}
  parallax.forward ins(%q, %r, %k, %v : !t, !t, !t, !t) outs(%p : !t)
    scale(%scale) mask(none)
  return
}

// -----
!t = memref<?x?x?x64xf32, strided<[?, ?, ?, 1]>>

// A problem that the target has no kernel for.
func.func @float32(%q: !t, %r: !t, %k: !t, %v: !t, %o: !t, %scale: f32) {
  // expected-error @below {{expected dtype bf16 or f16 on sm_90a, got f32; use the cpu target for float32}}
  parallax.forward ins(%q, %r, %k, %v : !t, !t, !t, !t) outs(%o : !t)
    scale(%scale) mask(none)
  return
}

// -----
!t = memref<?x?x?x64xbf16, strided<[?, ?, ?, 1]>>

// A given schedule that the target can't run.
func.func @stages(%q: !t, %r: !t, %k: !t, %v: !t, %o: !t, %scale: f32)
    attributes {parallax.schedule = {rows = 128, keys = 32, stages = 20}} {
  // expected-error @below {{schedule 128x64 2xrows stages 20: expected at least 1 stage and at most 232448 bytes}}
  parallax.forward ins(%q, %r, %k, %v : !t, !t, !t, !t) outs(%o : !t)
    scale(%scale) mask(none)
  return
}

// -----
!t = memref<?x?x?x64xbf16, strided<[?, ?, ?, 1]>>

// A given schedule that is none.
// expected-error @below {{expected small integers for fields of a schedule in 'parallax.schedule', got "colour" = 3}}
func.func @field(%q: !t, %r: !t, %k: !t, %v: !t, %o: !t, %scale: f32)
    attributes {parallax.schedule = {colour = 3}} {
  parallax.forward ins(%q, %r, %k, %v : !t, !t, !t, !t) outs(%o : !t)
    scale(%scale) mask(none)
  return
}

// -----
!t = memref<?x?x?x64xbf16, strided<[?, ?, ?, 1]>>

// A field of more than 32 bits.
// expected-error @below {{expected small integers for fields of a schedule in 'parallax.schedule', got "keys" = 4294967296}}
func.func @wide(%q: !t, %r: !t, %k: !t, %v: !t, %o: !t, %scale: f32)
    attributes {parallax.schedule = {keys = 4294967296}} {
  parallax.forward ins(%q, %r, %k, %v : !t, !t, !t, !t) outs(%o : !t)
    scale(%scale) mask(none)
  return
}

