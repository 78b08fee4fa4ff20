// Multiplications: one block of inline assembly each, whose descriptors name
// operands in shared memory by stage, row and column in units of 16 bytes.
//
// RUN: parallax-opt %s --hopper-to-nvvm | FileCheck %s

// CHECK-LABEL: llvm.func @matmul
// CHECK-SAME: (%[[N:.*]]: i32, %[[ROW:.*]]: i32)
// CHECK: %[[SMEM:.*]] = llvm.mlir.addressof
// CHECK: %[[K:.*]] = llvm.getelementptr %[[SMEM]][32768]

// a in shared memory: 8 units a row. b: stages of 512 units.
// CHECK: %[[A0:.*]] = llvm.ptrtoint %[[SMEM]]
// CHECK: arith.ori %{{.*}}, %c65536
// CHECK: %[[ROWS:.*]] = arith.muli %[[ROW]], %{{c8.*}} :
// CHECK: %[[A:.*]] = arith.addi %{{.*}}, %[[ROWS]]
// CHECK: %[[B0:.*]] = llvm.ptrtoint %[[K]]
// CHECK: %[[STAGE:.*]] = arith.remui %[[N]], %{{c2.*}} :
// CHECK: %[[OFFSET:.*]] = arith.muli %[[STAGE]], %c512
// CHECK: %[[B:.*]] = arith.addi %{{.*}}, %[[OFFSET]]
// 5 steps of 16 columns: 2 units each, then the next block of 64 columns, which
// lies 128 rows further in a and 32 rows further in b. The first sets.
// CHECK: llvm.inline_asm has_side_effects
// CHECK-SAME: wgmma.fence.sync.aligned;
// CHECK-SAME: add.s32 low, $8, 0;\0Amov.b64 da, {low, 1073741888};\0Aadd.s32 low, $9, 0;\0Amov.b64 db, {low, 1073741888};
// CHECK-SAME: wgmma.mma_async.sync.aligned.m64n16k16.f32.bf16.bf16 {$0, $1, $2, $3, $4, $5, $6, $7}, da, db, set, 1, 1, 0, 0;
// CHECK-SAME: add.s32 low, $8, 2;{{.*}}add.s32 low, $9, 2;
// CHECK-SAME: add.s32 low, $8, 6;{{.*}}add.s32 low, $9, 6;
// CHECK-SAME: add.s32 low, $8, 1024;{{.*}}add.s32 low, $9, 256;{{.*}}da, db, add, 1, 1, 0, 0;\0A}"
// CHECK-SAME: "=f,=f,=f,=f,=f,=f,=f,=f,r,r" %[[A]], %[[B]] :
// CHECK-NOT: wgmma.fence
// CHECK: nvvm.wgmma.commit.group.sync.aligned
// The wait gives the registers new names.
// CHECK: %[[WAIT:.*]] = llvm.inline_asm has_side_effects {{.*}}"wgmma.wait_group.sync.aligned 1;", "=f,=f,=f,=f,=f,=f,=f,=f,0,1,2,3,4,5,6,7"
// CHECK: %[[T0:.*]] = llvm.extractvalue %[[WAIT]][0]
// CHECK: %[[T1:.*]] = llvm.extractvalue %[[WAIT]][1]
// CHECK: %[[PAIR:.*]] = nvvm.convert.f32x2.to.bf16x2 %[[T1]], %[[T0]]
// CHECK: %[[P0:.*]] = llvm.bitcast %[[PAIR]]

// a in registers, b with its rows inner: its leading stride, from one block of
// 64 columns to the next, is 4096 bytes: 256 << 16. Columns count 32 * 2 bytes.
// CHECK: llvm.ptrtoint %[[K]]
// CHECK: arith.ori %{{.*}}, %c16777216
// CHECK: %[[BYTES:.*]] = arith.muli %[[ROW]], %c64
// CHECK: %[[COLUMN:.*]] = arith.divui %[[BYTES]], %c16
// CHECK: %[[B:.*]] = arith.addi %{{.*}}, %[[COLUMN]]
// CHECK: llvm.inline_asm has_side_effects
// CHECK-SAME: add.s32 low, $12, 0;\0Amov.b64 db, {low, 1073741888};
// CHECK-SAME: m64n16k16.f32.bf16.bf16 {$0, $1, $2, $3, $4, $5, $6, $7}, {$8, $9, $10, $11}, db, add, 1, 1, 1;\0A}"
// CHECK-SAME: "=f,=f,=f,=f,=f,=f,=f,=f,r,r,r,r,r,0,1,2,3,4,5,6,7" %[[P0]], %{{.*}}, %{{.*}}, %{{.*}}, %[[B]], %[[T0]], %[[T1]],
// Fragments that a wait is given stay in their registers until it.
// CHECK: "wgmma.wait_group.sync.aligned 0;", "=f,=f,=f,=f,=f,=f,=f,=f,=r,=r,=r,=r,0,1,2,3,4,5,6,7,8,9,10,11"
// CHECK-SAME: %[[P0]], %
func.func @matmul(%n: i32, %row: i32) attributes {hopper.kernel} {
  %q = hopper.alloc : !hopper.smem<128x128xbf16>
  %k = hopper.alloc : !hopper.smem<2x32x128xbf16>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %s = hopper.wgmma %q rows(%row), %k[%n] transpose inner 80 : !hopper.smem<128x128xbf16>, !hopper.smem<2x32x128xbf16> -> tensor<64x16xf32, #hopper.acc>
    hopper.commit
    %t = hopper.wait_group pending 1 %s : tensor<64x16xf32, #hopper.acc>
    %p = hopper.pack %t : tensor<64x16xf32, #hopper.acc> -> tensor<64x16xbf16, #hopper.operand_a>
    %o = hopper.wgmma %p, %k[%n] columns(%row) into %t : tensor<64x16xbf16, #hopper.operand_a>, !hopper.smem<2x32x128xbf16> -> tensor<64x16xf32, #hopper.acc>
    hopper.commit
    %u, %v = hopper.wait_group pending 0 %o, %p : tensor<64x16xf32, #hopper.acc>, tensor<64x16xbf16, #hopper.operand_a>
    %r = hopper.reduce max %u : tensor<64x16xf32, #hopper.acc> -> tensor<64xf32, #hopper.row>
  }
  return
}

// No instruction may take more registers than a thread starts with: 80 of three
// warpgroups of two CTAs an SM. 128 columns are made in two halves then: the
// second is the next block of 64 columns of b, 2048 bytes or 128 units further,
// or if its rows are outer the next 64 rows, 512 units further.
// CHECK-LABEL: llvm.func @few_registers
// CHECK: llvm.inline_asm
// CHECK-SAME: add.s32 low, $68, 0;{{.*}}m64n64k16.f32.bf16.bf16 {$0, $1, {{.*}}, $31}, {$64, $65, $66, $67}, db, add, 1, 1, 1;
// CHECK-SAME: add.s32 low, $68, 128;{{.*}}m64n64k16.f32.bf16.bf16 {$32, $33, {{.*}}, $63}, {$64, $65, $66, $67}, db, add, 1, 1, 1;\0A}"
// CHECK: llvm.inline_asm {{.*}}wgmma.fence
// CHECK-SAME: add.s32 low, $65, 0;{{.*}}m64n64k16.f32.bf16.bf16 {$0, $1, {{.*}}, $31}, da, db, set, 1, 1, 0, 0;
// CHECK-SAME: add.s32 low, $65, 512;{{.*}}m64n64k16.f32.bf16.bf16 {$32, $33, {{.*}}, $63}, da, db, set, 1, 1, 0, 0;
func.func @few_registers() attributes {hopper.kernel, hopper.ctas_per_sm = 2} {
  %q = hopper.alloc : !hopper.smem<64x64xbf16>
  %v = hopper.alloc : !hopper.smem<16x128xbf16>
  %k = hopper.alloc : !hopper.smem<128x64xbf16>
  hopper.roles producer registers(24) {
  } converters registers(56) {
  } consumers(1) registers(160) {
  ^bb0(%w: i32):
    %zero = arith.constant dense<0.0> : tensor<64x128xf32, #hopper.acc>
    %p = arith.constant dense<1.0> : tensor<64x16xf32, #hopper.acc>
    %a = hopper.pack %p : tensor<64x16xf32, #hopper.acc> -> tensor<64x16xbf16, #hopper.operand_a>
    %o = hopper.wgmma %a, %v into %zero : tensor<64x16xbf16, #hopper.operand_a>, !hopper.smem<16x128xbf16> -> tensor<64x128xf32, #hopper.acc>
    hopper.commit
    %o2 = hopper.wait_group pending 0 %o : tensor<64x128xf32, #hopper.acc>
    %s = hopper.wgmma %q, %k transpose inner 16 : !hopper.smem<64x64xbf16>, !hopper.smem<128x64xbf16> -> tensor<64x128xf32, #hopper.acc>
    hopper.commit
    %s2 = hopper.wait_group pending 0 %s : tensor<64x128xf32, #hopper.acc>
  }
  return
}
