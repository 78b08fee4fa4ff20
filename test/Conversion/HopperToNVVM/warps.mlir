// Warps that have keys of their own: mma.sync, whose B operand each warp reads
// from its own rows of a tile of e4m3, and converts in registers.
//
// RUN: parallax-opt %s --hopper-to-nvvm -split-input-file | FileCheck %s

!k = !hopper.smem<2x64x128xf8E4M3FN>

// CHECK-LABEL: llvm.func @warps
// CHECK: %[[Q:.*]] = llvm.mlir.addressof
// CHECK: %[[K:.*]] = llvm.getelementptr %[[Q]][2048]

// The same 16 rows for all warps: lane g, t has columns 4 t to 4 t + 3 of rows g
// and g + 8, of which the first two, then the last two are one register.
// CHECK: %[[ROW:.*]] = arith.divui %[[LANE:.*]], %c4
// CHECK: %[[T:.*]] = arith.andi %[[LANE]], %c3
// CHECK: %[[UP:.*]] = llvm.load {{.*}} : !llvm.ptr<3> -> vector<2xi32>
// CHECK: %[[NEXT:.*]] = llvm.getelementptr %{{.*}}[1024]
// CHECK: %[[DOWN:.*]] = llvm.load %[[NEXT]] {{.*}} : !llvm.ptr<3> -> vector<2xi32>
// CHECK: %[[A0:.*]] = llvm.extractelement %[[UP]][%c0
// CHECK: %[[A1:.*]] = llvm.extractelement %[[DOWN]][%c0
// CHECK: %[[A2:.*]] = llvm.extractelement %[[UP]][%c1
// CHECK: %[[A3:.*]] = llvm.extractelement %[[DOWN]][%c1

// Keys: lane l names row l mod 8 of the warp's 16, and chunk l / 8, swizzled. A
// matrix is a step of 16 columns, and its two pairs are converted.
// CHECK: %[[STAGE:.*]] = llvm.getelementptr %[[K]]
// CHECK: %[[CHUNK:.*]] = arith.divui %[[LANE]], %c8
// CHECK: %[[EIGHT:.*]] = arith.andi %[[LANE]], %c7
// CHECK: %[[FIRST:.*]] = arith.muli %[[WARP:.*]], %c16
// CHECK: arith.addi %[[FIRST]], %[[EIGHT]]
// CHECK: arith.xori %[[CHUNK]], %[[EIGHT]]
// CHECK: %[[MATRICES:.*]] = nvvm.ldmatrix %{{.*}} layout = #nvvm.mma_layout<row>, num = 4
// CHECK: %[[STEP:.*]] = llvm.extractvalue %[[MATRICES]][0]
// The next 8 keys.
// CHECK: nvvm.ldmatrix {{.*}}<row>
// CHECK: %[[LOW:.*]] = arith.trunci %[[STEP]]
// CHECK: llvm.call_intrinsic "llvm.nvvm.e4m3x2.to.f16x2.rn"(%[[LOW]])
// CHECK: %[[B0:.*]] = llvm.bitcast
// CHECK: arith.shrui %[[STEP]], %c16
// CHECK: llvm.call_intrinsic "llvm.nvvm.e4m3x2.to.f16x2.rn"
// CHECK: %[[B1:.*]] = llvm.bitcast
// CHECK: mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32
// CHECK-SAME: %[[A0]], %[[A1]], %[[A2]], %[[A3]], %[[B0]], %[[B1]], %cst
// CHECK-COUNT-3: mma.sync
// CHECK: nvvm.bar.warp.sync

// A warp's first key is 16 further than that of the one before, its first row is
// not.
// CHECK: %[[OWN:.*]] = arith.muli %[[WARP2:.*]], %c16
// CHECK: arith.addi %{{.*}}, %[[OWN]]
// CHECK: nvvm.vote.sync any

// Values: matrices are 8 keys by 16 columns, transposed. A permutation puts the
// keys of a column side by side, for the even columns and the odd ones. Of the
// accumulator's eight registers each takes every other one.
// CHECK: %[[MATRICES:.*]] = nvvm.ldmatrix %{{.*}} layout = #nvvm.mma_layout<col>, num = 4
// CHECK: %[[R0:.*]] = llvm.extractvalue %[[MATRICES]][0]
// CHECK: %[[R1:.*]] = llvm.extractvalue %[[MATRICES]][1]
// CHECK: llvm.call_intrinsic "llvm.nvvm.prmt"(%[[R0]], %{{.*}}, %c12576
// CHECK: llvm.call_intrinsic "llvm.nvvm.prmt"(%[[R1]], %{{.*}}, %c12576
// CHECK: %[[EVEN:.*]] = llvm.inline_asm {{.*}}mma.sync
// CHECK: %[[E0:.*]] = llvm.extractvalue %[[EVEN]][0]
// CHECK: %[[E1:.*]] = llvm.extractvalue %[[EVEN]][1]
// CHECK: %[[ODD:.*]] = llvm.inline_asm {{.*}}mma.sync
// CHECK: %[[D0:.*]] = llvm.extractvalue %[[ODD]][0]
// CHECK: %[[D1:.*]] = llvm.extractvalue %[[ODD]][1]
// CHECK-COUNT-2: mma.sync
// CHECK: nvvm.bar.warp.sync

// The warps have met. One lane of a row writes m, d1 and d2 behind its 32 sums,
// and each four neighbours: even, odd, even, odd.
// CHECK: nvvm.barrier id = {{.*}} number_of_threads = %c128
// CHECK: llvm.getelementptr %{{.*}}[128]
// CHECK: llvm.store %{{.*}} : vector<4xf32>, !llvm.ptr<3>
// CHECK: %[[V0:.*]] = llvm.insertelement %[[E0]], %
// CHECK: %[[V1:.*]] = llvm.insertelement %[[D0]], %[[V0]]
// CHECK: %[[V2:.*]] = llvm.insertelement %[[E1]], %[[V1]]
// CHECK: %[[V3:.*]] = llvm.insertelement %[[D1]], %[[V2]]
// CHECK: llvm.store %[[V3]], %
// CHECK: llvm.store
// CHECK: nvvm.barrier
// The first warp reads all four.
// CHECK: %[[MERGED:.*]]:7 = scf.if
// CHECK-COUNT-4: llvm.load %{{.*}} -> vector<4xf32>
// CHECK: scf.if %{{.*}} -> (f32, f32, f32, f32, f32, f32, f32, f32)
// CHECK-COUNT-16: llvm.load %{{.*}} -> vector<2xf32>
// O2, to the same place.
// CHECK: nvvm.barrier
// CHECK-COUNT-2: llvm.store
// CHECK: nvvm.barrier
// CHECK: scf.if
func.func @warps(%n: i32, %token: i32, %key: i32) attributes {hopper.kernel} {
  %q = hopper.alloc : !hopper.smem<16x64xbf16>
  %k = hopper.alloc : !k
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %a = hopper.load_fragment %q per_warp in_fours : !hopper.smem<16x64xbf16> -> tensor<64x32xbf16, #hopper.operand_a>
    %s = hopper.warp_mma %a, %k[%n] transpose : tensor<64x32xbf16, #hopper.operand_a>, !k -> tensor<64x16xf32, #hopper.acc>
    %x = hopper.mask %s at(%n, %token, %key) length(%n) per_warp : tensor<64x16xf32, #hopper.acc>
    %p = hopper.pack %x : tensor<64x16xf32, #hopper.acc> -> tensor<64x16xbf16, #hopper.operand_a>
    %acc = arith.constant dense<0.0> : tensor<64x32xf32, #hopper.acc>
    %o = hopper.warp_mma %p, %k[%n] into %acc : tensor<64x16xbf16, #hopper.operand_a>, !k -> tensor<64x32xf32, #hopper.acc>
    %o1, %o2 = hopper.unstack %o : tensor<64x32xf32, #hopper.acc> -> tensor<32x32xf32, #hopper.acc>
    %m = arith.constant dense<0.0> : tensor<32xf32, #hopper.row>
    %r:5 = hopper.merge_warps %m, %m, %m, %o1, %o2 through %k : tensor<32xf32, #hopper.row>, tensor<32x32xf32, #hopper.acc>, !k
  }
  return
}

// -----

// Elements of 16 bits are B as they lie. The 16 rows of A are the same for all
// warps: lane l names row l mod 16.
!wide = !hopper.smem<64x128xbf16>

// CHECK-LABEL: llvm.func @wide
// CHECK: %[[ROW:.*]] = arith.andi %[[LANE:.*]], %c15
// CHECK: arith.muli %[[ROW]], %c128
// CHECK-COUNT-5: nvvm.ldmatrix {{.*}}<row>, num = 4

// Four matrices are two steps of 8 keys. Steps 4 and 5 lie in the next block of
// 64 columns, 8192 bytes further; the fifth is the last.
// CHECK: nvvm.ldmatrix {{.*}}<row>
// CHECK: nvvm.ldmatrix {{.*}}<row>
// CHECK-COUNT-4: mma.sync
// CHECK: nvvm.ldmatrix {{.*}}<row>
// CHECK: nvvm.ldmatrix {{.*}}<row>
// CHECK-COUNT-4: mma.sync
// CHECK: llvm.getelementptr %{{.*}}[8192]
// CHECK: %[[KEYS:.*]] = nvvm.ldmatrix {{.*}}<row>
// CHECK: %[[B0:.*]] = llvm.extractvalue %[[KEYS]][0]
// CHECK: %[[B1:.*]] = llvm.extractvalue %[[KEYS]][1]
// CHECK: nvvm.ldmatrix {{.*}}<row>
// CHECK: mma.sync{{.*}}%[[B0]], %[[B1]]
// CHECK: mma.sync
// CHECK-NOT: mma.sync
// CHECK-NOT: e4m3
// CHECK: nvvm.bar.warp.sync

// Values, transposed: 16 keys of 16 columns, each 8 of which are a B.
// CHECK: %[[VALUES:.*]] = nvvm.ldmatrix {{.*}}<col>
// CHECK: %[[V0:.*]] = llvm.extractvalue %[[VALUES]][0]
// CHECK: %[[V1:.*]] = llvm.extractvalue %[[VALUES]][1]
// CHECK: %[[V2:.*]] = llvm.extractvalue %[[VALUES]][2]
// CHECK: %[[V3:.*]] = llvm.extractvalue %[[VALUES]][3]
// CHECK: mma.sync{{.*}}%[[V0]], %[[V1]]
// CHECK: mma.sync{{.*}}%[[V2]], %[[V3]]
// CHECK-NOT: mma.sync
// CHECK: nvvm.bar.warp.sync

// A thread has pairs of neighbours.
// CHECK: llvm.store %{{.*}} : vector<4xf32>, !llvm.ptr<3>
// CHECK-COUNT-2: llvm.store %{{.*}} : vector<2xf32>, !llvm.ptr<3>
func.func @wide(%n: i32) attributes {hopper.kernel} {
  %q = hopper.alloc : !hopper.smem<16x128xbf16>
  %k = hopper.alloc : !wide
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %a = hopper.load_fragment %q per_warp : !hopper.smem<16x128xbf16> -> tensor<64x80xbf16, #hopper.operand_a>
    %s = hopper.warp_mma %a, %k transpose : tensor<64x80xbf16, #hopper.operand_a>, !wide -> tensor<64x16xf32, #hopper.acc>
    %p = hopper.pack %s : tensor<64x16xf32, #hopper.acc> -> tensor<64x16xbf16, #hopper.operand_a>
    %o = hopper.warp_mma %p, %k : tensor<64x16xbf16, #hopper.operand_a>, !wide -> tensor<64x16xf32, #hopper.acc>
    %o1, %o2 = hopper.unstack %o : tensor<64x16xf32, #hopper.acc> -> tensor<32x16xf32, #hopper.acc>
    %m = arith.constant dense<0.0> : tensor<32xf32, #hopper.row>
    %r:5 = hopper.merge_warps %m, %m, %m, %o1, %o2 through %k : tensor<32xf32, #hopper.row>, tensor<32x16xf32, #hopper.acc>, !wide
  }
  return
}
