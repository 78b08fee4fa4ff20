// States of rows become one.
//
// RUN: parallax-opt %s --hopper-to-nvvm | FileCheck %s

!row = tensor<1xf32, #hopper.lanes>
!sums = tensor<1x128xf32, #hopper.lanes>

// A row in four warps: of each, 8 lanes hold 32 columns, and read every fourth
// of 32 parts. All loads come first; those of parts that are not there are not
// done.
// CHECK-LABEL: llvm.func @parts
// CHECK: scf.for %{{.*}} = %{{.*}} to %{{.*}} step %c32
// CHECK-COUNT-3: @exists ld.global.f32 {$0}, [$1];
// CHECK-NOT: nvvm.shfl
// CHECK-COUNT-16: @exists ld.global.v4.f32 {$0, $1, $2, $3}, [$4];
// CHECK-NOT: ld.global
// CHECK-COUNT-5: nvvm.shfl.sync bfly
// CHECK: nvvm.shfl.sync idx
// CHECK: scf.yield
// Sums over the lanes that hold the same.
// CHECK-COUNT-16: nvvm.shfl.sync bfly
// CHECK: llvm.store {{.*}} vector<2xi32>
func.func @parts(%p: !llvm.ptr<1>, %n: i32, %i: i32, %b: i64) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %m, %d1, %d2, %o1, %o2 = hopper.merge_rows %p, %p, %p, %p, %p count(%n) [%b, %b, %b] at(%i, %i) length(%n) rows 8 : !row, !sums
    hopper.store_rows %o1, %p[%b, %b, %b] at(%i, %i) length(%n) rows 8 as bf16 : !sums
  }
  return
}

// A row a warp: every lane reads all of 16 parts, or of up to 8 by code for 8.
// CHECK-LABEL: llvm.func @rows
// CHECK: arith.cmpi sle, %{{.*}}, %c8
// CHECK: scf.if
// CHECK-NOT: scf.for
// CHECK-COUNT-16: @exists ld.global.v4.f32
// CHECK-NOT: ld.global.v4.f32
// CHECK: } else {
// CHECK: scf.for %{{.*}} = %{{.*}} to %{{.*}} step %c16
// CHECK-COUNT-32: @exists ld.global.v4.f32
// CHECK-NOT: ld.global
// CHECK: llvm.return
func.func @rows(%p: !llvm.ptr<1>, %n: i32, %i: i32, %b: i64) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %m, %d1, %d2, %o1, %o2 = hopper.merge_rows %p, %p, %p, %p, %p count(%n) [%b, %b, %b] at(%i, %i) length(%n) heads 4 rows 64 : tensor<4xf32, #hopper.lanes>, tensor<4x128xf32, #hopper.lanes>
    hopper.store_rows %m, %p[%b, %b, %b] at(%i, %i) length(%n) heads 4 rows 64 : tensor<4xf32, #hopper.lanes>
  }
  return
}

// O1, O2, then m, d1 and d2 of a row, in its 1040 bytes, of up to 8 CTAs. Those
// of four warps become one on the way: a thread weighs four columns of each.
// CHECK-LABEL: llvm.func @exchange
// CHECK: %[[K:.*]] = llvm.mlir.addressof
// CHECK: %[[LANE:.*]] = arith.andi %{{.*}}, %c31_
// CHECK: %[[WARP:.*]] = nvvm.shfl.sync idx
// CHECK: %[[OTHER:.*]] = llvm.getelementptr %[[K]][49152]
// CHECK: nvvm.cluster.arrive.relaxed{{$}}
// CHECK: nvvm.cluster.wait {aligned}
// CHECK: nvvm.barrier id = {{.*}} number_of_threads = %c128
// In each ring part 1's rows lie behind the 8 of part 0, which are 32 bytes further apart than 128 sums are long.
// CHECK: %[[OWN:.*]] = arith.andi %[[WARP]], %c3_
// CHECK: %[[PART:.*]] = arith.muli %[[OWN]], %c4352_
// A lane has columns g, g + 8, ... of rows 2 t and 2 t + 1: O1's go to the first ring, O2's to the same place of the
// second, and m, d1 and d2 behind O1's.
// CHECK: %[[G:.*]] = arith.divui %[[LANE]], %c4_
// CHECK: %[[T:.*]] = arith.andi %[[LANE]], %c3_
// CHECK: %[[ROW:.*]] = arith.muli %[[T]], %c2_
// CHECK: %[[BYTES:.*]] = arith.muli %[[ROW]], %c544_
// CHECK: %[[IN_RING:.*]] = arith.addi %[[PART]], %[[BYTES]]
// CHECK: %[[IS_SENT:.*]] = arith.cmpi slt, %[[ROW]], %arg1
// CHECK: scf.if %[[IS_SENT]] {
// CHECK: %[[START:.*]] = llvm.getelementptr %[[K]][%[[IN_RING]]]
// CHECK: %[[COLUMN:.*]] = arith.muli %[[G]], %c4_
// CHECK: %[[FIRST:.*]] = llvm.getelementptr %[[START]][%[[COLUMN]]]
// CHECK: llvm.store %{{.*}}, %[[FIRST]] {alignment = 4 : i64} : vector<1xf32>, !llvm.ptr<3>
// CHECK: %[[NEXT:.*]] = llvm.getelementptr %[[FIRST]][32]
// CHECK: llvm.store %{{.*}}, %[[NEXT]] {alignment
// CHECK-COUNT-13: llvm.store %{{.*}} : vector<1xf32>, !llvm.ptr<3>
// CHECK-NOT: llvm.store
// CHECK-NOT: nvvm.barrier
// CHECK: %[[LAST:.*]] = llvm.getelementptr %[[FIRST]][480]
// CHECK: llvm.store %{{.*}}, %[[LAST]] {alignment
// CHECK-NOT: llvm.store
// CHECK-NOT: nvvm.barrier
// CHECK: %[[START:.*]] = llvm.getelementptr %[[OTHER]][%[[IN_RING]]]
// CHECK: %[[COLUMN:.*]] = arith.muli %[[G]], %c4_
// CHECK: %[[FIRST:.*]] = llvm.getelementptr %[[START]][%[[COLUMN]]]
// CHECK: llvm.store %{{.*}}, %[[FIRST]] {alignment = 4 : i64} : vector<1xf32>, !llvm.ptr<3>
// CHECK: %[[NEXT:.*]] = llvm.getelementptr %[[FIRST]][32]
// CHECK: llvm.store %{{.*}}, %[[NEXT]] {alignment
// CHECK-COUNT-13: llvm.store %{{.*}} : vector<1xf32>, !llvm.ptr<3>
// CHECK-NOT: llvm.store
// CHECK-NOT: nvvm.barrier
// CHECK: %[[LAST:.*]] = llvm.getelementptr %[[FIRST]][480]
// CHECK: llvm.store %{{.*}}, %[[LAST]] {alignment
// CHECK-NOT: llvm.store
// CHECK-NOT: nvvm.barrier
// CHECK: %[[IS_FIRST:.*]] = arith.cmpi eq, %[[G]], %c0_
// CHECK: scf.if %[[IS_FIRST]] {
// CHECK: %[[START:.*]] = llvm.getelementptr %[[K]][%[[IN_RING]]]
// CHECK: %[[BEHIND:.*]] = llvm.getelementptr %[[START]][512]
// CHECK: llvm.store %{{.*}}, %[[BEHIND]] {alignment = 16 : i64} : vector<4xf32>, !llvm.ptr<3>
// CHECK-NOT: llvm.store
// CHECK-NOT: nvvm.barrier
// CHECK: %[[LAST:.*]] = arith.addi %[[ROW]], %c1_
// CHECK: %[[BYTES:.*]] = arith.muli %[[LAST]], %c544_
// CHECK: %[[IN_RING:.*]] = arith.addi %[[PART]], %[[BYTES]]
// CHECK: %[[IS_SENT:.*]] = arith.cmpi slt, %[[LAST]], %arg1
// CHECK: scf.if %[[IS_SENT]] {
// CHECK: llvm.getelementptr %[[K]][%[[IN_RING]]]
// CHECK-COUNT-16: llvm.store %{{.*}} : vector<1xf32>, !llvm.ptr<3>
// CHECK-NOT: llvm.store
// CHECK-NOT: nvvm.barrier
// CHECK: llvm.getelementptr %[[OTHER]][%[[IN_RING]]]
// CHECK-COUNT-16: llvm.store %{{.*}} : vector<1xf32>, !llvm.ptr<3>
// CHECK-NOT: llvm.store
// CHECK-NOT: nvvm.barrier
// CHECK: scf.if
// CHECK: %[[START:.*]] = llvm.getelementptr %[[K]][%[[IN_RING]]]
// CHECK: %[[BEHIND:.*]] = llvm.getelementptr %[[START]][512]
// CHECK: llvm.store %{{.*}}, %[[BEHIND]] {{.*}} : vector<4xf32>, !llvm.ptr<3>
// CHECK-NOT: llvm.store
// CHECK: nvvm.barrier id = {{.*}} number_of_threads = %c128
// CHECK-NOT: nvvm.barrier
// 32 threads send a row, each four columns of both: it reads those and m, d1 and d2 of all four parts.
// CHECK: %[[INBOX:.*]] = llvm.ptrtoint
// CHECK: %[[BARRIER:.*]] = llvm.ptrtoint
// CHECK: %[[OF_O1:.*]] = llvm.ptrtoint %[[K]] :
// CHECK: %[[OF_O2:.*]] = llvm.ptrtoint %[[OTHER]] :
// CHECK: %[[THREAD:.*]] = arith.andi %{{.*}}, %c127_
// CHECK: %[[END:.*]] = arith.muli %arg1, %c32_
// CHECK: scf.for %[[I:.*]] = %[[THREAD]] to %[[END]] step %c128_
// CHECK: %[[ROW:.*]] = arith.divui %[[I]], %c32_
// CHECK: %[[FOUR:.*]] = arith.remui %[[I]], %c32_
// CHECK: %[[BYTES:.*]] = arith.muli %[[ROW]], %c544_
// CHECK: %[[START:.*]] = arith.addi %[[OF_O1]], %[[BYTES]]
// CHECK: %[[COLUMN:.*]] = arith.muli %[[FOUR]], %c16_
// CHECK: %[[ADDRESS:.*]] = arith.addi %[[START]], %[[COLUMN]]
// CHECK: %[[READ:.*]] = llvm.inline_asm {{.*}}ld.shared.v4.f32{{.*}} %[[ADDRESS]] :
// CHECK: %[[X0:.*]] = llvm.extractvalue %[[READ]][0]
// CHECK: %[[BEHIND:.*]] = arith.addi %[[START]], %c512_
// CHECK: ld.shared.v4.f32{{.*}} %[[BEHIND]] :
// CHECK: %[[BYTES:.*]] = arith.muli %[[ROW]], %c544_
// CHECK: %[[START:.*]] = arith.addi %[[OF_O2]], %[[BYTES]]
// CHECK: %[[COLUMN:.*]] = arith.muli %[[FOUR]], %c16_
// CHECK: %[[ADDRESS:.*]] = arith.addi %[[START]], %[[COLUMN]]
// CHECK: %[[READ:.*]] = llvm.inline_asm {{.*}}ld.shared.v4.f32{{.*}} %[[ADDRESS]] :
// CHECK: %[[Y0:.*]] = llvm.extractvalue %[[READ]][0]
// CHECK: %[[BYTES:.*]] = arith.muli %[[ROW]], %c544_
// CHECK: %[[IN_RING:.*]] = arith.addi %[[OF_O1]], %[[BYTES]]
// CHECK: %[[START:.*]] = arith.addi %[[IN_RING]], %c4352_
// CHECK: %[[COLUMN:.*]] = arith.muli %[[FOUR]], %c16_
// CHECK: %[[ADDRESS:.*]] = arith.addi %[[START]], %[[COLUMN]]
// CHECK: %[[READ:.*]] = llvm.inline_asm {{.*}}ld.shared.v4.f32{{.*}} %[[ADDRESS]] :
// CHECK: %[[X1:.*]] = llvm.extractvalue %[[READ]][0]
// CHECK: %[[BEHIND:.*]] = arith.addi %[[START]], %c512_
// CHECK: ld.shared.v4.f32{{.*}} %[[BEHIND]] :
// CHECK: %[[BYTES:.*]] = arith.muli %[[ROW]], %c544_
// CHECK: %[[IN_RING:.*]] = arith.addi %[[OF_O2]], %[[BYTES]]
// CHECK: %[[START:.*]] = arith.addi %[[IN_RING]], %c4352_
// CHECK: %[[COLUMN:.*]] = arith.muli %[[FOUR]], %c16_
// CHECK: %[[ADDRESS:.*]] = arith.addi %[[START]], %[[COLUMN]]
// CHECK: %[[READ:.*]] = llvm.inline_asm {{.*}}ld.shared.v4.f32{{.*}} %[[ADDRESS]] :
// CHECK: %[[Y1:.*]] = llvm.extractvalue %[[READ]][0]
// CHECK: %[[BYTES:.*]] = arith.muli %[[ROW]], %c544_
// CHECK: %[[IN_RING:.*]] = arith.addi %[[OF_O1]], %[[BYTES]]
// CHECK: %[[START:.*]] = arith.addi %[[IN_RING]], %c8704_
// CHECK: %[[COLUMN:.*]] = arith.muli %[[FOUR]], %c16_
// CHECK: %[[ADDRESS:.*]] = arith.addi %[[START]], %[[COLUMN]]
// CHECK: %[[READ:.*]] = llvm.inline_asm {{.*}}ld.shared.v4.f32{{.*}} %[[ADDRESS]] :
// CHECK: %[[X2:.*]] = llvm.extractvalue %[[READ]][0]
// CHECK: %[[BEHIND:.*]] = arith.addi %[[START]], %c512_
// CHECK: ld.shared.v4.f32{{.*}} %[[BEHIND]] :
// CHECK: %[[BYTES:.*]] = arith.muli %[[ROW]], %c544_
// CHECK: %[[IN_RING:.*]] = arith.addi %[[OF_O2]], %[[BYTES]]
// CHECK: %[[START:.*]] = arith.addi %[[IN_RING]], %c8704_
// CHECK: %[[COLUMN:.*]] = arith.muli %[[FOUR]], %c16_
// CHECK: %[[ADDRESS:.*]] = arith.addi %[[START]], %[[COLUMN]]
// CHECK: %[[READ:.*]] = llvm.inline_asm {{.*}}ld.shared.v4.f32{{.*}} %[[ADDRESS]] :
// CHECK: %[[Y2:.*]] = llvm.extractvalue %[[READ]][0]
// CHECK: %[[BYTES:.*]] = arith.muli %[[ROW]], %c544_
// CHECK: %[[IN_RING:.*]] = arith.addi %[[OF_O1]], %[[BYTES]]
// CHECK: %[[START:.*]] = arith.addi %[[IN_RING]], %c13056_
// CHECK: %[[COLUMN:.*]] = arith.muli %[[FOUR]], %c16_
// CHECK: %[[ADDRESS:.*]] = arith.addi %[[START]], %[[COLUMN]]
// CHECK: %[[READ:.*]] = llvm.inline_asm {{.*}}ld.shared.v4.f32{{.*}} %[[ADDRESS]] :
// CHECK: %[[X3:.*]] = llvm.extractvalue %[[READ]][0]
// CHECK: %[[BEHIND:.*]] = arith.addi %[[START]], %c512_
// CHECK: ld.shared.v4.f32{{.*}} %[[BEHIND]] :
// CHECK: %[[BYTES:.*]] = arith.muli %[[ROW]], %c544_
// CHECK: %[[IN_RING:.*]] = arith.addi %[[OF_O2]], %[[BYTES]]
// CHECK: %[[START:.*]] = arith.addi %[[IN_RING]], %c13056_
// CHECK: %[[COLUMN:.*]] = arith.muli %[[FOUR]], %c16_
// CHECK: %[[ADDRESS:.*]] = arith.addi %[[START]], %[[COLUMN]]
// CHECK: %[[READ:.*]] = llvm.inline_asm {{.*}}ld.shared.v4.f32{{.*}} %[[ADDRESS]] :
// CHECK: %[[Y3:.*]] = llvm.extractvalue %[[READ]][0]
// CHECK-NOT: ld.shared
// CHECK-NOT: nvvm.barrier
// CHECK: arith.subf %{{.*}}, %[[M:.*]] :
// CHECK: %[[WEIGHT:.*]] = llvm.call_intrinsic "llvm.nvvm.ex2
// CHECK: %[[W0:.*]] = arith.select %{{.*}}, %[[WEIGHT]],
// CHECK: %[[WEIGHT:.*]] = llvm.call_intrinsic "llvm.nvvm.ex2
// CHECK: %[[W1:.*]] = arith.select %{{.*}}, %[[WEIGHT]],
// CHECK: %[[WEIGHT:.*]] = llvm.call_intrinsic "llvm.nvvm.ex2
// CHECK: %[[W2:.*]] = arith.select %{{.*}}, %[[WEIGHT]],
// CHECK: %[[WEIGHT:.*]] = llvm.call_intrinsic "llvm.nvvm.ex2
// CHECK: %[[W3:.*]] = arith.select %{{.*}}, %[[WEIGHT]],
// CHECK-NOT: llvm.nvvm.ex2
// CHECK: %[[PRODUCT:.*]] = arith.mulf %[[X0]], %[[W0]] fastmath
// CHECK: %[[SUM0:.*]] = arith.addf %cst{{.*}}, %[[PRODUCT]] fastmath
// CHECK: %[[PRODUCT:.*]] = arith.mulf %[[X1]], %[[W1]] fastmath
// CHECK: %[[SUM1:.*]] = arith.addf %[[SUM0]], %[[PRODUCT]] fastmath
// CHECK: %[[PRODUCT:.*]] = arith.mulf %[[X2]], %[[W2]] fastmath
// CHECK: %[[SUM2:.*]] = arith.addf %[[SUM1]], %[[PRODUCT]] fastmath
// CHECK: %[[PRODUCT:.*]] = arith.mulf %[[X3]], %[[W3]] fastmath
// CHECK: %[[X_ALL:.*]] = arith.addf %[[SUM2]], %[[PRODUCT]] fastmath
// CHECK: %[[PRODUCT:.*]] = arith.mulf %[[Y0]], %[[W0]] fastmath
// CHECK: %[[SUM0:.*]] = arith.addf %cst{{.*}}, %[[PRODUCT]] fastmath
// CHECK: %[[PRODUCT:.*]] = arith.mulf %[[Y1]], %[[W1]] fastmath
// CHECK: %[[SUM1:.*]] = arith.addf %[[SUM0]], %[[PRODUCT]] fastmath
// CHECK: %[[PRODUCT:.*]] = arith.mulf %[[Y2]], %[[W2]] fastmath
// CHECK: %[[SUM2:.*]] = arith.addf %[[SUM1]], %[[PRODUCT]] fastmath
// CHECK: %[[PRODUCT:.*]] = arith.mulf %[[Y3]], %[[W3]] fastmath
// CHECK: %[[Y_ALL:.*]] = arith.addf %[[SUM2]], %[[PRODUCT]] fastmath
// Behind O1's four columns of the other CTA's slot, 512 bytes further, those of O2; m, d1 and d2 one of the 32 sends.
// CHECK: %[[SLOT:.*]] = arith.muli %{{.*}}, %c1040_
// CHECK: %[[OWN:.*]] = arith.addi %[[INBOX]], %[[SLOT]]
// CHECK: %[[THEIRS:.*]] = llvm.inline_asm {{.*}}mapa.shared::cluster.u32{{.*}} %[[OWN]], %[[CTA:.*]] :
// CHECK: %[[THEIR_BARRIER:.*]] = llvm.inline_asm {{.*}}mapa.shared::cluster.u32{{.*}} %[[BARRIER]], %[[CTA]] :
// CHECK: %[[COLUMN:.*]] = arith.muli %[[FOUR]], %c16_
// CHECK: %[[FIRST:.*]] = arith.addi %[[THEIRS]], %[[COLUMN]]
// CHECK: st.async.shared::cluster.mbarrier::complete_tx::bytes.v4.f32{{.*}} %[[FIRST]], %[[THEIR_BARRIER]], %[[X_ALL]],
// CHECK: %[[SECOND:.*]] = arith.addi %[[FIRST]], %c512_
// CHECK: st.async.shared::cluster.mbarrier::complete_tx::bytes.v4.f32{{.*}} %[[SECOND]], %[[THEIR_BARRIER]], %[[Y_ALL]],
// CHECK-NOT: st.async
// CHECK-NOT: nvvm.barrier
// CHECK: %[[IS_FIRST:.*]] = arith.cmpi eq, %[[FOUR]], %c0_
// CHECK: scf.if %[[IS_FIRST]] {
// CHECK: %[[BEHIND:.*]] = arith.addi %[[THEIRS]], %c1024_
// CHECK: st.async.shared::cluster.mbarrier::complete_tx::bytes.v4.f32{{.*}} %[[BEHIND]], %[[THEIR_BARRIER]], %[[M]],
// CHECK-NOT: st.async
// CHECK-NOT: nvvm.barrier
// One thread says how many bytes come.
// CHECK: scf.if
// CHECK: mbarrier.arrive.expect_tx.shared::cta.b64
// CHECK: mbarrier.try_wait.parity.shared::cta.b64
// Nobody asks another CTA, nor another lane. Of 2 CTAs: m, d1 and d2, then four
// columns of O1 and of O2 of each; of 4 and of 8 the same.
// CHECK-NOT: mapa
// CHECK: scf.if
// CHECK-COUNT-6: ld.shared.v4.f32
// CHECK: } else {
// CHECK: scf.if
// CHECK-COUNT-12: ld.shared.v4.f32
// CHECK: } else {
// CHECK-NOT: shfl
// CHECK-COUNT-24: ld.shared.v4.f32
// CHECK-NOT: ld.shared
// CHECK-NOT: mapa
func.func @exchange(%p: !llvm.ptr<1>, %n: i32, %i: i32, %b: i64) attributes {hopper.kernel} {
  %k = hopper.alloc : !hopper.smem<3x64x128xbf16>
  %other = hopper.alloc : !hopper.smem<3x64x128xbf16>
  %inbox = hopper.alloc : !hopper.smem<128x64xbf16>
  %bar = hopper.barriers count 1 : !hopper.barrier<1>
  hopper.cluster_arrive
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    hopper.cluster_wait
    %one = arith.constant dense<1.0> : tensor<32xf32, #hopper.row<per_warp>>
    %o = arith.constant dense<1.0> : tensor<32x128xf32, #hopper.acc<per_warp>>
    hopper.send_rows %one, %one, %one, %o, %o through %k, %other to %inbox, %bar rows(%n) of %i most 8 : tensor<32xf32, #hopper.row<per_warp>>, tensor<32x128xf32, #hopper.acc<per_warp>>, !hopper.smem<3x64x128xbf16>, !hopper.smem<128x64xbf16>, !hopper.barrier<1>
    hopper.await_rows %bar rows(%n) of %i columns 128 : !hopper.barrier<1>
    %m, %d1, %d2, %o1, %o2 = hopper.merge_received %inbox of %n at(%i) : !hopper.smem<128x64xbf16> -> !row, !sums
    hopper.store_rows %o1, %p[%b, %b, %b] at(%i, %i) length(%n) rows 8 as bf16 : !sums
  }
  return
}

// Of 4 rows, and of e4m3: a lane has row t, and columns 2 g and 2 g + 1 of each 16. No more than 3 rows are sent.
// CHECK-LABEL: llvm.func @exchange_in_pairs
// CHECK: %[[K:.*]] = llvm.mlir.addressof
// CHECK: %[[LANE:.*]] = arith.andi %{{.*}}, %c31_
// CHECK: %[[OTHER:.*]] = llvm.getelementptr %[[K]][8192]
// CHECK: nvvm.cluster.wait {aligned}
// CHECK: nvvm.barrier id = {{.*}} number_of_threads = %c128
// CHECK: %[[PART:.*]] = arith.muli %{{.*}}, %c480_
// CHECK: %[[G:.*]] = arith.divui %[[LANE]], %c4_
// CHECK: %[[T:.*]] = arith.andi %[[LANE]], %c3_
// CHECK: %[[BYTES:.*]] = arith.muli %[[T]], %c160_
// CHECK: %[[IN_RING:.*]] = arith.addi %[[PART]], %[[BYTES]]
// CHECK: %[[IS_SENT:.*]] = arith.cmpi slt, %[[T]], %arg0
// CHECK: scf.if %[[IS_SENT]] {
// CHECK: %[[START:.*]] = llvm.getelementptr %[[K]][%[[IN_RING]]]
// CHECK: %[[COLUMN:.*]] = arith.muli %[[G]], %c8_
// CHECK: %[[FIRST:.*]] = llvm.getelementptr %[[START]][%[[COLUMN]]]
// CHECK: llvm.store %{{.*}}, %[[FIRST]] {alignment = 8 : i64} : vector<2xf32>, !llvm.ptr<3>
// CHECK: %[[NEXT:.*]] = llvm.getelementptr %[[FIRST]][64]
// CHECK: llvm.store %{{.*}}, %[[NEXT]] {alignment = 8 : i64} : vector<2xf32>, !llvm.ptr<3>
// CHECK-NOT: llvm.store
// CHECK-NOT: nvvm.barrier
// CHECK: %[[START:.*]] = llvm.getelementptr %[[OTHER]][%[[IN_RING]]]
// CHECK: %[[COLUMN:.*]] = arith.muli %[[G]], %c8_
// CHECK: %[[FIRST:.*]] = llvm.getelementptr %[[START]][%[[COLUMN]]]
// CHECK: llvm.store %{{.*}}, %[[FIRST]] {alignment = 8 : i64} : vector<2xf32>, !llvm.ptr<3>
// CHECK: %[[NEXT:.*]] = llvm.getelementptr %[[FIRST]][64]
// CHECK: llvm.store %{{.*}}, %[[NEXT]] {alignment = 8 : i64} : vector<2xf32>, !llvm.ptr<3>
// CHECK-NOT: llvm.store
// CHECK-NOT: nvvm.barrier
// CHECK: scf.if
// CHECK: %[[START:.*]] = llvm.getelementptr %[[K]][%[[IN_RING]]]
// CHECK: %[[BEHIND:.*]] = llvm.getelementptr %[[START]][128]
// CHECK: llvm.store %{{.*}}, %[[BEHIND]] {alignment = 16 : i64} : vector<4xf32>, !llvm.ptr<3>
// CHECK-NOT: llvm.store
// CHECK: nvvm.barrier
// 8 threads send a row, of which each part has two loads of sums and one of m, d1 and d2.
// CHECK: %[[OF_O1:.*]] = llvm.ptrtoint %[[K]] :
// CHECK: %[[OF_O2:.*]] = llvm.ptrtoint %[[OTHER]] :
// CHECK: %[[END:.*]] = arith.muli %arg0, %c8_
// CHECK: scf.for %{{.*}} = %{{.*}} to %[[END]] step %c128_
// CHECK-COUNT-12: ld.shared.v4.f32
// CHECK-NOT: ld.shared
// CHECK-NOT: nvvm.barrier
// CHECK-COUNT-4: llvm.nvvm.ex2
// CHECK-NOT: llvm.nvvm.ex2
// CHECK: arith.muli %{{.*}}, %c272_
// CHECK-COUNT-2: mapa
// CHECK-NOT: mapa
// CHECK: st.async
// CHECK: arith.addi %{{.*}}, %c128_
// CHECK: st.async
// CHECK-NOT: st.async
// CHECK-NOT: nvvm.barrier
// CHECK: scf.if
// CHECK: arith.addi %{{.*}}, %c256_
// CHECK: st.async
// CHECK-NOT: st.async
// CHECK-NOT: nvvm.barrier
// CHECK: mbarrier.arrive.expect_tx
func.func @exchange_in_pairs(%n: i32, %i: i32) attributes {hopper.kernel} {
  %k = hopper.alloc : !hopper.smem<64x128xf8E4M3FN>
  %other = hopper.alloc : !hopper.smem<64x128xf8E4M3FN>
  %inbox = hopper.alloc : !hopper.smem<128x64xbf16>
  %bar = hopper.barriers count 1 : !hopper.barrier<1>
  hopper.cluster_arrive
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    hopper.cluster_wait
    %one = arith.constant dense<1.0> : tensor<16xf32, #hopper.row<per_warp>>
    %o = arith.constant dense<1.0> : tensor<16x32xf32, #hopper.acc<per_warp>>
    hopper.send_rows %one, %one, %one, %o, %o through %k, %other to %inbox, %bar rows(%n) of %i most 3 : tensor<16xf32, #hopper.row<per_warp>>, tensor<16x32xf32, #hopper.acc<per_warp>>, !hopper.smem<64x128xf8E4M3FN>, !hopper.smem<128x64xbf16>, !hopper.barrier<1>
    hopper.await_rows %bar rows(%n) of %i columns 32 : !hopper.barrier<1>
  }
  return
}

// Of rows that all warps share nothing is merged on the way: four lanes have each of a warp's 8 rows.
// CHECK-LABEL: llvm.func @exchange_whole
// CHECK: %[[K:.*]] = llvm.mlir.addressof
// CHECK: %[[LANE:.*]] = arith.andi %{{.*}}, %c31_
// CHECK: %[[OTHER:.*]] = llvm.getelementptr %[[K]][16384]
// CHECK: nvvm.cluster.wait {aligned}
// CHECK: nvvm.barrier id = {{.*}} number_of_threads = %c128
// CHECK: %[[OF_WARP:.*]] = arith.muli %{{.*}}, %c8_
// CHECK: %[[G:.*]] = arith.divui %[[LANE]], %c4_
// CHECK: %[[ROW:.*]] = arith.addi %[[OF_WARP]], %[[G]]
// CHECK: %[[T:.*]] = arith.andi %[[LANE]], %c3_
// CHECK: %[[IN_RING:.*]] = arith.muli %[[ROW]], %c160_
// CHECK: %[[IS_SENT:.*]] = arith.cmpi slt, %[[ROW]], %arg0
// CHECK: scf.if %[[IS_SENT]] {
// CHECK: %[[START:.*]] = llvm.getelementptr %[[K]][%[[IN_RING]]]
// CHECK: %[[COLUMN:.*]] = arith.muli %[[T]], %c8_
// CHECK: %[[FIRST:.*]] = llvm.getelementptr %[[START]][%[[COLUMN]]]
// CHECK: llvm.store %{{.*}}, %[[FIRST]] {alignment = 8 : i64} : vector<2xf32>, !llvm.ptr<3>
// CHECK: %[[NEXT:.*]] = llvm.getelementptr %[[FIRST]][32]
// CHECK: llvm.store %{{.*}}, %[[NEXT]] {alignment = 8 : i64} : vector<2xf32>, !llvm.ptr<3>
// CHECK-COUNT-2: llvm.store %{{.*}} : vector<2xf32>, !llvm.ptr<3>
// CHECK-NOT: llvm.store
// CHECK-NOT: nvvm.barrier
// CHECK: %[[START:.*]] = llvm.getelementptr %[[OTHER]][%[[IN_RING]]]
// CHECK: %[[COLUMN:.*]] = arith.muli %[[T]], %c8_
// CHECK: %[[FIRST:.*]] = llvm.getelementptr %[[START]][%[[COLUMN]]]
// CHECK: llvm.store %{{.*}}, %[[FIRST]] {alignment = 8 : i64} : vector<2xf32>, !llvm.ptr<3>
// CHECK: %[[NEXT:.*]] = llvm.getelementptr %[[FIRST]][32]
// CHECK: llvm.store %{{.*}}, %[[NEXT]] {alignment = 8 : i64} : vector<2xf32>, !llvm.ptr<3>
// CHECK-COUNT-2: llvm.store %{{.*}} : vector<2xf32>, !llvm.ptr<3>
// CHECK-NOT: llvm.store
// CHECK-NOT: nvvm.barrier
// CHECK: %[[IS_FIRST:.*]] = arith.cmpi eq, %[[T]], %c0_
// CHECK: scf.if %[[IS_FIRST]] {
// CHECK: %[[START:.*]] = llvm.getelementptr %[[K]][%[[IN_RING]]]
// CHECK: %[[BEHIND:.*]] = llvm.getelementptr %[[START]][128]
// CHECK: llvm.store %{{.*}}, %[[BEHIND]] {alignment = 16 : i64} : vector<4xf32>, !llvm.ptr<3>
// CHECK-NOT: llvm.store
// CHECK: nvvm.barrier
// A thread sends what it reads.
// CHECK: %[[OF_O1:.*]] = llvm.ptrtoint %[[K]] :
// CHECK: %[[OF_O2:.*]] = llvm.ptrtoint %[[OTHER]] :
// CHECK: %[[END:.*]] = arith.muli %arg0, %c8_
// CHECK: scf.for %[[I:.*]] = %{{.*}} to %[[END]] step %c128_
// CHECK: %[[ROW:.*]] = arith.divui %[[I]], %c8_
// CHECK: %[[FOUR:.*]] = arith.remui %[[I]], %c8_
// CHECK: %[[BYTES:.*]] = arith.muli %[[ROW]], %c160_
// CHECK: %[[START:.*]] = arith.addi %[[OF_O1]], %[[BYTES]]
// CHECK: %[[COLUMN:.*]] = arith.muli %[[FOUR]], %c16_
// CHECK: %[[ADDRESS:.*]] = arith.addi %[[START]], %[[COLUMN]]
// CHECK: %[[READ:.*]] = llvm.inline_asm {{.*}}ld.shared.v4.f32{{.*}} %[[ADDRESS]] :
// CHECK: %[[X:.*]] = llvm.extractvalue %[[READ]][0]
// CHECK: %[[BEHIND:.*]] = arith.addi %[[START]], %c128_
// CHECK: %[[READ:.*]] = llvm.inline_asm {{.*}}ld.shared.v4.f32{{.*}} %[[BEHIND]] :
// CHECK: %[[M:.*]] = llvm.extractvalue %[[READ]][0]
// CHECK: %[[BYTES:.*]] = arith.muli %[[ROW]], %c160_
// CHECK: %[[START:.*]] = arith.addi %[[OF_O2]], %[[BYTES]]
// CHECK: %[[COLUMN:.*]] = arith.muli %[[FOUR]], %c16_
// CHECK: %[[ADDRESS:.*]] = arith.addi %[[START]], %[[COLUMN]]
// CHECK: %[[READ:.*]] = llvm.inline_asm {{.*}}ld.shared.v4.f32{{.*}} %[[ADDRESS]] :
// CHECK: %[[Y:.*]] = llvm.extractvalue %[[READ]][0]
// CHECK-NOT: ld.shared
// CHECK-NOT: llvm.nvvm.ex2
// CHECK: arith.muli %{{.*}}, %c272_
// CHECK-COUNT-2: mapa
// CHECK-NOT: mapa
// CHECK: st.async{{.*}} %[[FIRST:.*]], %{{.*}}, %[[X]], %{{.*}}, %{{.*}}, %{{.*}} :
// CHECK: %[[SECOND:.*]] = arith.addi %[[FIRST]], %c128_
// CHECK: st.async{{.*}} %[[SECOND]], %{{.*}}, %[[Y]], %{{.*}}, %{{.*}}, %{{.*}} :
// CHECK-NOT: st.async
// CHECK-NOT: nvvm.barrier
// CHECK: %[[IS_FIRST:.*]] = arith.cmpi eq, %[[FOUR]], %c0_
// CHECK: scf.if %[[IS_FIRST]] {
// CHECK: %[[BEHIND:.*]] = arith.addi %{{.*}}, %c256_
// CHECK: st.async{{.*}} %[[BEHIND]], %{{.*}}, %[[M]],
// CHECK-NOT: st.async
// CHECK-NOT: nvvm.barrier
// CHECK-NOT: llvm.nvvm.ex2
// CHECK: mbarrier.arrive.expect_tx
func.func @exchange_whole(%n: i32, %i: i32) attributes {hopper.kernel} {
  %k = hopper.alloc : !hopper.smem<128x64xbf16>
  %other = hopper.alloc : !hopper.smem<128x64xbf16>
  %inbox = hopper.alloc : !hopper.smem<128x64xbf16>
  %bar = hopper.barriers count 1 : !hopper.barrier<1>
  hopper.cluster_arrive
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    hopper.cluster_wait
    %one = arith.constant dense<1.0> : tensor<32xf32, #hopper.row>
    %o = arith.constant dense<1.0> : tensor<32x32xf32, #hopper.acc>
    hopper.send_rows %one, %one, %one, %o, %o through %k, %other to %inbox, %bar rows(%n) of %i most 32 : tensor<32xf32, #hopper.row>, tensor<32x32xf32, #hopper.acc>, !hopper.smem<128x64xbf16>, !hopper.smem<128x64xbf16>, !hopper.barrier<1>
    hopper.await_rows %bar rows(%n) of %i columns 32 : !hopper.barrier<1>
  }
  return
}

// The upper half of twice the dividend by the lower half of the reciprocal,
// shifted by its upper half.
// CHECK-LABEL: llvm.func @divide
// CHECK: arith.shli %{{.*}}, %c1
// CHECK: arith.muli %{{.*}} : i64
// CHECK-COUNT-2: arith.shrui %{{.*}}, %c32
// CHECK: %[[Q:.*]] = arith.shrui %{{.*}} : i32
// CHECK-NOT: div
func.func @divide(%a: i32, %b: i64) attributes {hopper.kernel} {
  %q = hopper.divide %a by %b
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    hopper.named_arrive %q threads 128
  }
  return
}
