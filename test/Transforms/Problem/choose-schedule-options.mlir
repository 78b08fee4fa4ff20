// Options of choose-schedule that say nothing, or what the target can't run.
//
// RUN: not parallax-opt %s --choose-schedule=target=sm_80 2>&1 | FileCheck %s --check-prefix=TARGET
// RUN: not parallax-opt %s --choose-schedule=override=colour=3 2>&1 | FileCheck %s --check-prefix=FIELD
// RUN: not parallax-opt %s --choose-schedule=override=keys=many 2>&1 | FileCheck %s --check-prefix=NUMBER
// RUN: not parallax-opt %s --choose-schedule=override=keys=40 2>&1 | FileCheck %s --check-prefix=KEYS
// RUN: not parallax-opt %s "--choose-schedule=target=cpu override=rows=0" 2>&1 | FileCheck %s --check-prefix=CPU
//
// TARGET: 'parallax.forward' op expected target to be one of cpu, sm_90a, got 'sm_80'
// FIELD: 'parallax.forward' op expected a field of a schedule, one of rows, keys, {{.*}}, got 'colour'
// NUMBER: 'parallax.forward' op expected a number of 32 bits for keys of a schedule, got 'many'
// KEYS: 'parallax.forward' op schedule 128x40 {{.*}}: expected keys to be a multiple of 16 in [16, 256], got 40
// CPU: 'parallax.forward' op expected a tile of 1 to 1024 rows and keys {{.*}}, got 0 rows

!t = memref<?x?x?x64xbf16, strided<[?, ?, ?, 1]>>
func.func @f(%q: !t, %r: !t, %k: !t, %v: !t, %o: !t, %scale: f32) {
  parallax.forward ins(%q, %r, %k, %v : !t, !t, !t, !t) outs(%o : !t)
    scale(%scale) mask(none)
  return
}
