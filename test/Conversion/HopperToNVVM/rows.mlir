// Rows in global memory, and who is last.
//
// RUN: parallax-opt %s --hopper-to-nvvm | FileCheck %s

// Who has nothing to read reads what the first has, so that nothing branches:
// rows that are not there, and lanes past the last column.
// CHECK-LABEL: llvm.func @load
// CHECK: %[[ROW:.*]] = arith.select %{{.*}}, %{{.*}}, %{{.*}} : i32
// CHECK: %[[COLUMN:.*]] = arith.select %{{.*}}, %{{.*}}, %c0{{.*}} : i32
// CHECK: llvm.load %{{.*}} {alignment = 16 : i64} : !llvm.ptr<1> -> vector<4xf32>
// CHECK: %[[PACKED:.*]] = nvvm.convert.f32x2.to.bf16x2
// CHECK: llvm.store %{{.*}} {alignment = 8 : i64} : vector<2xi32>
func.func @load(%p: !llvm.ptr<1>, %n: i32, %row: i32, %b: i64) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %x = hopper.load_rows %p[%b, %b, %b] at(%row, %n) length(%n) heads 4 rows 64 : tensor<4x64xf32, #hopper.lanes>
    hopper.store_rows %x, %p[%b, %b, %b] at(%row, %n) length(%n) heads 4 rows 64 as bf16 : tensor<4x64xf32, #hopper.lanes>
  }
  return
}

// A wide row lies in two registers of four columns.
// CHECK-LABEL: llvm.func @wide
// CHECK-COUNT-2: llvm.load {{.*}} vector<4xf32>
// CHECK: %[[ALL:.*]] = arith.addf %{{.*}}, %{{.*}} {{.*}} : f32
// CHECK-COUNT-2: llvm.store {{.*}} {alignment = 16 : i64} : vector<4xf32>
func.func @wide(%p: !llvm.ptr<1>, %n: i32, %b: i64) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %m = hopper.load_rows %p[%b, %b, %b] at(%n, %n) length(%n) rows 64 : tensor<4xf32, #hopper.lanes>
    %x = hopper.load_rows %p[%b, %b, %b] at(%n, %n) length(%n) rows 64 : tensor<4x200xf32, #hopper.lanes>
    %y = hopper.broadcast %m : tensor<4xf32, #hopper.lanes> -> tensor<4x200xf32, #hopper.lanes>
    %z = arith.addf %x, %y : tensor<4x200xf32, #hopper.lanes>
    hopper.store_rows %z, %p[%b, %b, %b] at(%n, %n) length(%n) rows 64 : tensor<4x200xf32, #hopper.lanes>
  }
  return
}

// Both halves of an accumulator, under a predicate each.
// CHECK-LABEL: llvm.func @accumulator
// CHECK: @exists st.global.v2.f32 [$1+0], {$2, $3};
// CHECK: @exists st.global.v2.f32 [$1+0], {$2, $3};
// CHECK: @exists st.global.v2.f32 [$1+32], {$2, $3};
// CHECK-NOT: [$1+64]
func.func @accumulator(%p: !llvm.ptr<1>, %n: i32, %b: i64) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %x = arith.constant dense<1.0> : tensor<64x64xf32, #hopper.acc>
    hopper.store_rows %x, %p[%b, %b, %b] at(%n, %n) length(%n) rows 64 columns 16 : tensor<64x64xf32, #hopper.acc>
  }
  return
}

// One thread counts, between two barriers of its warpgroup; all know.
// CHECK-LABEL: llvm.func @last
// CHECK: nvvm.barrier
// CHECK: @counts atom.acq_rel.gpu.global.inc.u32 old, [$1], $2;
// CHECK-SAME: barrier.cta.red.or.pred last, $4, 128, last;
// CHECK: arith.cmpi ne
func.func @last(%p: !llvm.ptr<1>, %n: i32) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %last = hopper.arrive_last %p[%n] of %n
    scf.if %last {
      hopper.fence_async
    }
  }
  return
}

// One that looks needs no atomic, and no fence before it, if it is the last.
// CHECK-LABEL: llvm.func @looks
// CHECK: nvvm.barrier
// CHECK: @counts ld.acquire.gpu.global.u32 old, [$1];
// CHECK-SAME: setp.eq.and.u32 last, old, $2, counts;
// CHECK-SAME: @last st.relaxed.gpu.global.u32 [$1], 0;
// CHECK-SAME: @last setp.ne.u32 counts, 0, 0;
// CHECK-SAME: @counts atom.acq_rel.gpu.global.inc.u32 old, [$1], $2;
// CHECK-SAME: barrier.cta.red.or.pred last, $4, 128, last;
func.func @looks(%p: !llvm.ptr<1>, %n: i32) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %last = hopper.arrive_last %p[%n] of %n looks
    scf.if %last {
      hopper.fence_async
    }
  }
  return
}

// Stacking moves nothing: two registers of an accumulator in turn, one of a
// fragment.
// CHECK-LABEL: llvm.func @stack
// CHECK-SAME: %[[P:[^,]*]]: !llvm.ptr<1>
// CHECK: %[[A:.*]] = arith.constant 1.0{{.*}} : f32
// CHECK: %[[B:.*]] = arith.constant 2.0{{.*}} : f32
// CHECK: st.global.v2.f32 [$1+0], {$2, $3};{{.*}} %{{.*}}, %{{.*}}, %[[A]], %[[A]] :
// CHECK: st.global.v2.f32 [$1+0], {$2, $3};{{.*}} %{{.*}}, %{{.*}}, %[[B]], %[[B]] :
// CHECK: st.global.v2.f32 [$1+32], {$2, $3};{{.*}} %{{.*}}, %{{.*}}, %[[A]], %[[A]] :
// CHECK: st.global.b32 [$1+0], $2;
func.func @stack(%p: !llvm.ptr<1>, %n: i32, %b: i64) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %x = arith.constant dense<1.0> : tensor<32x16xf32, #hopper.acc>
    %y = arith.constant dense<2.0> : tensor<32x16xf32, #hopper.acc>
    %z = hopper.stack %x, %y : tensor<32x16xf32, #hopper.acc> -> tensor<64x16xf32, #hopper.acc>
    hopper.store_rows %z, %p[%b, %b, %b] at(%n, %n) length(%n) rows 64 : tensor<64x16xf32, #hopper.acc>
    %f, %s = hopper.unstack %z : tensor<64x16xf32, #hopper.acc> -> tensor<32x16xf32, #hopper.acc>
    hopper.store_rows %s, %p[%b, %b, %b] at(%n, %n) length(%n) rows 32 as bf16 : tensor<32x16xf32, #hopper.acc>
  }
  return
}
