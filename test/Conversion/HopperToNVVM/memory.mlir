// Shared memory and TMA: one copy a block of 64 columns, from one thread.
//
// RUN: parallax-opt %s --hopper-to-nvvm | FileCheck %s

// CHECK-LABEL: llvm.func @memory
// CHECK-SAME: (%[[MAP:[^:]*]]: !llvm.ptr {llvm.align = 64 : i64, llvm.byval = !llvm.array<128 x i8>, nvvm.grid_constant}, %[[P:[^:]*]]: !llvm.ptr<1>, %[[N:[^:]*]]: i32, %[[ROW:[^:]*]]: i32, %[[B:[^:]*]]: i64)
// Tiles lie one after the other from the start, barriers behind them.
// CHECK: %[[SMEM:.*]] = llvm.mlir.addressof
// CHECK: nvvm.prefetch tensormap, %[[MAP]]
// CHECK: %[[O:.*]] = llvm.getelementptr %[[SMEM]][32768]
// CHECK: %[[FULL:.*]] = llvm.getelementptr %[[SMEM]][49152]
// CHECK: %[[AT:.*]] = llvm.getelementptr %[[P]][%[[N]]] : {{.*}}, i32
// CHECK: %[[USED:.*]] = llvm.load %[[AT]]

// tma_load: stage n mod 2 of 16384 bytes, row * 128 bytes, blocks of 8192.
// CHECK: nvvm.elect.sync
// CHECK: %[[STAGE:.*]] = arith.remui %[[N]], %{{c2.*}} :
// CHECK: %[[BYTES:.*]] = arith.muli %[[STAGE]], %c16384
// CHECK: %[[T0:.*]] = llvm.getelementptr %[[SMEM]][%[[BYTES]]]
// CHECK: %[[ROWS:.*]] = arith.muli %[[ROW]], %c128
// CHECK: %[[T1:.*]] = llvm.getelementptr %[[T0]][%[[ROWS]]]
// CHECK: %[[BAR:.*]] = llvm.getelementptr %[[FULL]][%{{.*}}]
// CHECK: nvvm.cp.async.bulk.tensor.shared.cluster.global %[[T1]], %[[MAP]], %[[BAR]], box[%[[N]], %[[N]], %[[N]], %[[N]]]
// CHECK: %[[COLUMN:.*]] = arith.addi %[[N]], %c64
// CHECK: %[[T2:.*]] = llvm.getelementptr %[[T1]][8192]
// CHECK: nvvm.cp.async.bulk.tensor.shared.cluster.global %[[T2]], %[[MAP]], %[[BAR]], box[%[[COLUMN]], %[[N]], %[[N]], %[[N]]]
// CHECK-NOT: nvvm.cp.async.bulk.tensor.shared

// zero_rows: 16 bytes a thread from row max(used, 0), in both blocks.
// CHECK: %[[SOME:.*]] = arith.cmpi slt, %[[USED]], %c64
// CHECK: scf.if %[[SOME]] {
// CHECK: %[[FROM:.*]] = arith.maxsi %[[USED]], %{{c0.*}} :
// CHECK: %[[SKIP:.*]] = arith.muli %[[FROM]], %c128
// CHECK: scf.for %[[I:.*]] = %{{.*}} to %c8192_i32 step %c2048_i32
// CHECK: llvm.store %[[ZERO:.*]], %{{.*}} {alignment = 16 : i64} : vector<4xi32>
// CHECK: llvm.getelementptr %{{.*}}[8192]
// CHECK: llvm.store %[[ZERO]], %{{.*}} {alignment = 16 : i64}
// CHECK: nvvm.fence.proxy {kind = #nvvm.proxy_kind<async.shared>
// CHECK: nvvm.barrier id

// store_fragment: 16 columns by x4, the last 8 of 24 by x2; the chunk of a row
// is swizzled by its low 3 bits.
// CHECK: %[[IN_EIGHT:.*]] = arith.andi %{{.*}}, %{{c7.*}} :
// CHECK: arith.xori %{{.*}}, %[[IN_EIGHT]]
// CHECK: nvvm.stmatrix %{{[^,]*}}, %{{[^,]*}}, %{{[^,]*}}, %{{[^,]*}}, %{{[^,]*}} {
// CHECK: arith.xori %{{.*}}, %[[IN_EIGHT]]
// CHECK: nvvm.stmatrix %{{[^,]*}}, %{{[^,]*}}, %{{[^,]*}} {

// load_fragment: the same places, 16 columns by x4: rows and columns of 8 as
// wgmma's A operand has them. The second block of 64 columns lies 64 rows of 128
// bytes further.
// CHECK: %[[IN_EIGHT2:.*]] = arith.andi %{{.*}}, %{{c7.*}} :
// CHECK: %[[RIGHT:.*]] = arith.divui %{{.*}}, %{{c16.*}} :
// CHECK: %[[CHUNK:.*]] = arith.xori %[[RIGHT]], %[[IN_EIGHT2]]
// CHECK: %[[FOUR:.*]] = nvvm.ldmatrix %{{.*}} {eltType = {{.*}}b16{{.*}}layout = #nvvm.mma_layout<row>, num = 4 : i32
// CHECK: llvm.extractvalue %[[FOUR]][0]
// CHECK: llvm.extractvalue %[[FOUR]][3]
// CHECK-COUNT-3: nvvm.ldmatrix
// CHECK: llvm.getelementptr %{{.*}}[8192]
// CHECK: nvvm.ldmatrix
// CHECK-NOT: nvvm.ldmatrix

// tma_store: one thread of the warpgroup's first warp, which waits until the
// tile has been read.
// CHECK: nvvm.fence.proxy
// CHECK: %[[ROWS:.*]] = arith.muli %[[ROW]], %c128
// CHECK: %[[FROM:.*]] = llvm.getelementptr %[[O]][%[[ROWS]]]
// CHECK: nvvm.elect.sync
// CHECK: nvvm.cp.async.bulk.tensor.global.shared.cta %[[MAP]], %[[FROM]], box[%[[N]], %[[N]], %[[N]], %[[N]]]
// CHECK-NEXT: nvvm.cp.async.bulk.commit.group
// CHECK-NEXT: nvvm.cp.async.bulk.wait_group 0 {read}

// store_rows: rows below 60 whose token lies below the length, by lane 0 of 4.
// CHECK: %[[R:.*]] = arith.addi %{{.*}}, %[[ROW]]
// CHECK: arith.cmpi slt, %[[R]], %c60
// CHECK: %[[T:.*]] = arith.divui %[[R]], %{{c4.*}} :
// CHECK: %[[TOKEN:.*]] = arith.addi %[[N]], %[[T]]
// CHECK: arith.cmpi slt, %[[TOKEN]], %[[N]]
// CHECK: scf.if
// CHECK: %[[T2:.*]] = arith.divui %[[R]], %{{c4.*}} :
// CHECK: %[[TOKEN2:.*]] = arith.addi %[[N]], %[[T2]]
// CHECK: %[[WIDE:.*]] = arith.extsi %[[TOKEN2]] : i32 to i64
// CHECK: %[[STEP:.*]] = arith.muli %[[WIDE]], %[[B]]
// CHECK: %[[ROW_AT:.*]] = arith.addi %[[B]], %[[STEP]]
// CHECK: %[[H:.*]] = arith.remui %[[R]], %{{c4.*}} :
// CHECK: %[[INDEX:.*]] = arith.addi %[[ROW_AT]], %{{.*}}
// CHECK: %[[TO:.*]] = llvm.getelementptr %[[P]][%[[INDEX]]] : {{.*}}, i32
// CHECK: llvm.store %{{.*}}, %[[TO]] : f32
// CHECK-NOT: hopper.
func.func @memory(%map: !hopper.tensor_map, %p: !llvm.ptr<1>, %n: i32, %row: i32, %b: i64) attributes {hopper.kernel} {
  %k = hopper.alloc : !hopper.smem<2x64x128xbf16>
  %o = hopper.alloc : !hopper.smem<128x64xbf16>
  %full = hopper.barriers count 1 : !hopper.barrier<2>
  %used = hopper.load_scalar %p[%n] : i32
  hopper.roles producer registers(24) {
    hopper.tma_load %map[%n, %n, %n, %n], %k[%n] rows(%row), %full[%n] box [1, 64] : !hopper.smem<2x64x128xbf16>, !hopper.barrier<2>
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    hopper.zero_rows %k[%n] from %used : !hopper.smem<2x64x128xbf16>
    %x = arith.constant dense<1.0> : tensor<64x24xf32, #hopper.acc>
    hopper.store_fragment %x, %o rows(%row) : tensor<64x24xf32, #hopper.acc>, !hopper.smem<128x64xbf16>
    %qr = hopper.load_fragment %k[%n] : !hopper.smem<2x64x128xbf16> -> tensor<64x80xbf16, #hopper.operand_a>
    hopper.fence_async
    hopper.tma_store %o rows(%row), %map[%n, %n, %n, %n] box [1, 64] : !hopper.smem<128x64xbf16>
    %y = arith.constant dense<2.0> : tensor<64xf32, #hopper.row>
    hopper.store_rows %y, %p[%b, %b, %b] at(%row, %n) length(%n) heads 4 rows 60 : tensor<64xf32, #hopper.row>
  }
  return
}
