// Each problem gets the schedule that it has, else the one that the heuristic
// of its target proposes; named fields are replaced in both.
//
// RUN: parallax-opt %s --choose-schedule | FileCheck %s --check-prefixes=CHECK,SM90
// RUN: parallax-opt %s --choose-schedule=target=cpu | FileCheck %s --check-prefixes=CHECK,CPU
// RUN: parallax-opt %s "--choose-schedule=override='keys=48 stages=3'" | FileCheck %s --check-prefix=OVERRIDE

!t = memref<?x?x?x64xbf16, strided<[?, ?, ?, 1]>>
!q = memref<?x4x32x256xf16, strided<[?, ?, ?, 1]>>
!k = memref<?x?x4x256xf16, strided<[?, ?, ?, 1]>>

// SM90-LABEL: func.func @forward
// SM90-SAME: parallax.schedule = {cluster = 0 : i64, consumer_registers = 240 : i64, consumers = 2 : i64
// SM90-SAME: rows = 128 : i64
// CPU-LABEL: func.func @forward
// CPU-SAME: parallax.schedule = {
// CPU-SAME: keys = 64 : i64
// CPU-SAME: rows = 48 : i64
// OVERRIDE-LABEL: func.func @forward
// OVERRIDE-SAME: consumers = 2 : i64
// OVERRIDE-SAME: keys = 48 : i64
// OVERRIDE-SAME: rows = 128 : i64
// OVERRIDE-SAME: stages = 3 : i64
func.func @forward(%q: !t, %r: !t, %k: !t, %v: !t, %o: !t, %scale: f32) {
  parallax.forward ins(%q, %r, %k, %v : !t, !t, !t, !t) outs(%o : !t)
    scale(%scale) mask(causal)
  return
}

// Heads that share a key head share a tile: 8 of 32 and 4.
// SM90-LABEL: func.func @decode
// SM90-SAME: packed_heads = 8 : i64, partition = 1 : i64
// SM90-SAME: rows = 64 : i64
// CPU-LABEL: func.func @decode
// CPU-SAME: packed_heads = 8 : i64
// CPU-SAME: rows = 32 : i64
func.func @decode(%q: !q, %r: !q, %k: !k, %v: !k, %o: !q, %scale: f32) {
  parallax.decode ins(%q, %r, %k, %v : !q, !q, !k, !k) outs(%o : !q)
    scale(%scale) mask(none)
  return
}

// A schedule that is there stays; fields that it leaves out have defaults.
// CHECK-LABEL: func.func @given
// CHECK-SAME: parallax.schedule = {cluster = 0 : i64, consumer_registers = 232 : i64, consumers = 1 : i64, converted_stages = 0 : i64, converter_registers = 0 : i64, ctas_per_sm = 1 : i64, keys = 32 : i64, overlap = 1 : i64, packed_heads = 1 : i64, partition = 0 : i64, persistent = 0 : i64, ping_pong = 0 : i64, producer_registers = 24 : i64, queries_in_registers = 0 : i64, rescale_lag = 3 : i64, rows = 64 : i64, split_tiles = 0 : i64, stages = 2 : i64, tensor_sums = 0 : i64}
// OVERRIDE-LABEL: func.func @given
// OVERRIDE-SAME: parallax.schedule = {cluster = 0 : i64, consumer_registers = 232 : i64, consumers = 1 : i64, converted_stages = 0 : i64, converter_registers = 0 : i64, ctas_per_sm = 1 : i64, keys = 48 : i64, overlap = 1 : i64, packed_heads = 1 : i64, partition = 0 : i64, persistent = 0 : i64, ping_pong = 0 : i64, producer_registers = 24 : i64, queries_in_registers = 0 : i64, rescale_lag = 3 : i64, rows = 64 : i64, split_tiles = 0 : i64, stages = 3 : i64, tensor_sums = 0 : i64}
func.func @given(%q: !t, %r: !t, %k: !t, %v: !t, %o: !t, %scale: f32)
    attributes {parallax.schedule = {rows = 64, keys = 32, consumers = 1, overlap = 1,
                                     rescale_lag = 3, consumer_registers = 232}} {
  parallax.forward ins(%q, %r, %k, %v : !t, !t, !t, !t) outs(%o : !t)
    scale(%scale) mask(none)
  return
}

// Without a problem there is nothing to choose.
// CHECK-LABEL: func.func @other
// CHECK-NOT: parallax.schedule
// CHECK: return
func.func @other() {
  return
}
