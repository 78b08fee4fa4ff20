// Warps that have keys of their own: mma.sync, whose 16 rows are keys or columns of values. Each warp reads
// them from its own rows of a tile, and converts those of e4m3 in registers. Its other operand are queries or
// weights, q's and r's in turn.
//
// RUN: parallax-opt %s --hopper-to-nvvm -split-input-file | FileCheck %s

!k = !hopper.smem<2x64x128xf8E4M3FN>
!ofWarps = tensor<16x16xf32, #hopper.acc<per_warp>>
!sums = tensor<16x32xf32, #hopper.acc<per_warp>>
!row = tensor<16xf32, #hopper.row<per_warp>>

// CHECK-LABEL: llvm.func @warps
// CHECK: %[[Q:.*]] = llvm.mlir.addressof
// CHECK: %[[LANE:.*]] = arith.andi %{{.*}}, %c31_
// CHECK: %[[WARP:.*]] = nvvm.shfl.sync idx
// CHECK: %[[K:.*]] = llvm.getelementptr %[[Q]][2048]
// CHECK: %[[OTHER:.*]] = llvm.getelementptr %[[Q]][18432]

// The same 4 rows of q and of r, which lie behind them, for all warps: lane 4 g + t has columns 4 t to 4 t + 3
// of q's row g / 2, or of r's if g is odd. Those are two registers, and lie in chunk t / 2, swizzled.
// CHECK: %[[T:.*]] = arith.andi %[[LANE]], %c3_
// CHECK: %[[G:.*]] = arith.divui %[[LANE]], %c4_
// CHECK: %[[OF_Q:.*]] = arith.divui %[[G]], %c2_
// CHECK: %[[IS_R:.*]] = arith.andi %[[G]], %c1_
// CHECK: %[[OF_R:.*]] = arith.muli %[[IS_R]], %c4_
// CHECK: %[[ROW:.*]] = arith.addi %[[OF_Q]], %[[OF_R]]
// CHECK: %[[ROW_BYTES:.*]] = arith.muli %[[ROW]], %c128_
// CHECK: %[[START:.*]] = llvm.getelementptr %[[Q]][%[[ROW_BYTES]]]
// CHECK: %[[SWIZZLE:.*]] = arith.andi %[[ROW]], %c7_
// CHECK: %[[HALF:.*]] = arith.divui %[[T]], %c2_
// CHECK: %[[CHUNK:.*]] = arith.xori %[[HALF]], %[[SWIZZLE]]
// CHECK: %[[CHUNK_BYTES:.*]] = arith.muli %[[CHUNK]], %c16_
// CHECK: %[[IN_ROW:.*]] = llvm.getelementptr %[[START]][%[[CHUNK_BYTES]]]
// CHECK: %[[ODD_T:.*]] = arith.andi %[[T]], %c1_
// CHECK: %[[FOUR:.*]] = arith.muli %[[ODD_T]], %c8_
// CHECK: %[[ADDRESS:.*]] = llvm.getelementptr %[[IN_ROW]][%[[FOUR]]]
// CHECK: %[[READ:.*]] = llvm.load %[[ADDRESS]] {{.*}} -> vector<2xi32>
// CHECK: %[[Q0:.*]] = llvm.extractelement %[[READ]][%c0_
// CHECK: %[[Q1:.*]] = llvm.extractelement %[[READ]][%c1_
// The next 16 columns are two chunks further.
// CHECK: %[[NEXT:.*]] = arith.addi %{{.*}}, %c2_
// CHECK: arith.xori %[[NEXT]], %[[SWIZZLE]]
// CHECK: %[[READ:.*]] = llvm.load %{{.*}} -> vector<2xi32>
// CHECK: %[[Q2:.*]] = llvm.extractelement %[[READ]][%c0_
// CHECK: %[[Q3:.*]] = llvm.extractelement %[[READ]][%c1_
// CHECK: arith.addi %{{.*}}, %c4_
// CHECK: llvm.load %{{.*}} -> vector<2xi32>
// CHECK: arith.addi %{{.*}}, %c6_
// CHECK: llvm.load %{{.*}} -> vector<2xi32>
// The fifth step lies in the next block of 64 columns.
// CHECK: %[[FIFTH:.*]] = llvm.getelementptr %{{.*}}[1024]
// CHECK: %[[ADDRESS:.*]] = llvm.getelementptr %[[FIFTH]][%
// CHECK: %[[READ:.*]] = llvm.load %[[ADDRESS]] {{.*}} -> vector<2xi32>
// CHECK: %[[Q8:.*]] = llvm.extractelement %[[READ]][%c0_
// CHECK: %[[Q9:.*]] = llvm.extractelement %[[READ]][%c1_

// Keys: lane l names row l mod 8 of the first 8 keys of the warp's 16 or of the last, in turn, and chunk l / 16,
// swizzled. Two matrices are a step of 16 columns.
// CHECK: %[[STAGE:.*]] = llvm.getelementptr %[[K]][%
// CHECK: %[[MATRIX:.*]] = arith.divui %[[LANE]], %c8_
// CHECK: %[[EIGHT:.*]] = arith.andi %[[LANE]], %c7_
// CHECK: %[[OWN:.*]] = arith.andi %[[WARP]], %c3_
// CHECK: %[[IS_LAST:.*]] = arith.andi %[[MATRIX]], %c1_
// CHECK: %[[LAST:.*]] = arith.muli %[[IS_LAST]], %c8_
// CHECK: %[[KEY:.*]] = arith.addi %[[EIGHT]], %[[LAST]]
// CHECK: %[[CHUNK:.*]] = arith.divui %[[MATRIX]], %c2_
// CHECK: %[[FIRST:.*]] = arith.muli %[[OWN]], %c16_
// CHECK: %[[IN_TILE:.*]] = arith.addi %[[FIRST]], %[[KEY]]
// CHECK: %[[SWIZZLED:.*]] = arith.xori %[[CHUNK]], %[[EIGHT]]
// CHECK: %[[ROW_BYTES:.*]] = arith.muli %[[IN_TILE]], %c128_
// CHECK: %[[START:.*]] = llvm.getelementptr %[[STAGE]][%[[ROW_BYTES]]]
// CHECK: %[[CHUNK_BYTES:.*]] = arith.muli %[[SWIZZLED]], %c16_
// CHECK: %[[ADDRESS:.*]] = llvm.getelementptr %[[START]][%[[CHUNK_BYTES]]]
// CHECK: %[[MATRICES:.*]] = nvvm.ldmatrix %[[ADDRESS]] {{.*}} layout = #nvvm.mma_layout<row>, num = 4
// CHECK: %[[W0:.*]] = llvm.extractvalue %[[MATRICES]][0]
// CHECK: %[[W1:.*]] = llvm.extractvalue %[[MATRICES]][1]
// CHECK: %[[W2:.*]] = llvm.extractvalue %[[MATRICES]][2]
// CHECK: %[[W3:.*]] = llvm.extractvalue %[[MATRICES]][3]

// A are the lower two elements of both halves of the keys, then the upper two.
// CHECK: %[[PAIR:.*]] = arith.trunci %[[W0]]
// CHECK: llvm.call_intrinsic "llvm.nvvm.e4m3x2.to.f16x2.rn"(%[[PAIR]])
// CHECK: %[[A0:.*]] = llvm.bitcast
// CHECK: %[[PAIR:.*]] = arith.trunci %[[W1]]
// CHECK: llvm.call_intrinsic "llvm.nvvm.e4m3x2.to.f16x2.rn"(%[[PAIR]])
// CHECK: %[[A1:.*]] = llvm.bitcast
// CHECK: %[[UPPER:.*]] = arith.shrui %[[W0]], %c16_
// CHECK: %[[PAIR:.*]] = arith.trunci %[[UPPER]]
// CHECK: llvm.call_intrinsic "llvm.nvvm.e4m3x2.to.f16x2.rn"(%[[PAIR]])
// CHECK: %[[A2:.*]] = llvm.bitcast
// CHECK: %[[UPPER:.*]] = arith.shrui %[[W1]], %c16_
// CHECK: %[[PAIR:.*]] = arith.trunci %[[UPPER]]
// CHECK: llvm.call_intrinsic "llvm.nvvm.e4m3x2.to.f16x2.rn"(%[[PAIR]])
// CHECK: %[[A3:.*]] = llvm.bitcast
// CHECK: %[[S0:.*]] = llvm.inline_asm {{.*}}mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32
// CHECK-SAME: %[[A0]], %[[A1]], %[[A2]], %[[A3]], %[[Q0]], %[[Q1]], %cst
// CHECK: %[[S00:.*]] = llvm.extractvalue %[[S0]][0]
// CHECK: %[[S01:.*]] = llvm.extractvalue %[[S0]][1]
// CHECK: %[[S02:.*]] = llvm.extractvalue %[[S0]][2]
// CHECK: %[[S03:.*]] = llvm.extractvalue %[[S0]][3]
// The next step has sums of its own.
// CHECK: arith.trunci %[[W2]]
// CHECK: %[[A0:.*]] = llvm.bitcast
// CHECK: arith.trunci %[[W3]]
// CHECK: %[[A1:.*]] = llvm.bitcast
// CHECK: arith.shrui %[[W2]]
// CHECK: %[[A2:.*]] = llvm.bitcast
// CHECK: arith.shrui %[[W3]]
// CHECK: %[[A3:.*]] = llvm.bitcast
// CHECK: %[[S1:.*]] = llvm.inline_asm {{.*}}mma.sync
// CHECK-SAME: %[[A0]], %[[A1]], %[[A2]], %[[A3]], %[[Q2]], %[[Q3]], %cst
// CHECK: %[[S10:.*]] = llvm.extractvalue %[[S1]][0]
// Two steps further, two chunks further: so have those.
// CHECK: %[[NEXT:.*]] = arith.addi %[[CHUNK]], %c2_
// CHECK: arith.xori %[[NEXT]], %[[EIGHT]]
// CHECK: nvvm.ldmatrix {{.*}}<row>, num = 4
// CHECK: %[[S2:.*]] = llvm.inline_asm {{.*}}mma.sync{{.*}}, %cst
// CHECK: %[[S20:.*]] = llvm.extractvalue %[[S2]][0]
// CHECK: %[[S3:.*]] = llvm.inline_asm {{.*}}mma.sync{{.*}}, %cst
// CHECK: %[[S30:.*]] = llvm.extractvalue %[[S3]][0]
// The fifth adds to the first's. It is the last, so that two matrices are nobody's.
// CHECK: %[[NEXT:.*]] = arith.addi %[[CHUNK]], %c4_
// CHECK: arith.xori %[[NEXT]], %[[EIGHT]]
// CHECK: nvvm.ldmatrix {{.*}}<row>, num = 4
// CHECK: %[[S4:.*]] = llvm.inline_asm {{.*}}mma.sync
// CHECK-SAME: %[[Q8]], %[[Q9]], %[[S00]], %[[S01]], %[[S02]], %[[S03]]
// CHECK: %[[S40:.*]] = llvm.extractvalue %[[S4]][0]
// CHECK-NOT: mma.sync
// Sums of four become one, two by two.
// CHECK: %[[LEFT:.*]] = arith.addf %[[S40]], %[[S10]]
// CHECK-COUNT-3: arith.addf
// CHECK: %[[RIGHT:.*]] = arith.addf %[[S20]], %[[S30]]
// CHECK-COUNT-3: arith.addf
// CHECK: %[[X0:.*]] = arith.addf %[[LEFT]], %[[RIGHT]] :
// CHECK: %[[Y0:.*]] = arith.addf
// CHECK: %[[X1:.*]] = arith.addf
// CHECK: %[[Y1:.*]] = arith.addf
// CHECK-NEXT: arith.constant
// CHECK-NEXT: nvvm.bar.warp.sync

// q's and r's scores are in turn. A lane's key is key g of a warp's 16, which are 16 further than those of the
// warp before, and its other is 8 further; its row is row t.
// CHECK: %[[OF_LANE:.*]] = arith.divui %[[LANE]], %c4_
// CHECK: %[[KEY:.*]] = arith.addi %arg2, %[[OF_LANE]]
// CHECK: %[[OWN:.*]] = arith.andi %[[WARP]], %c3_
// CHECK: %[[OF_WARP:.*]] = arith.muli %[[OWN]], %c16_
// CHECK: %[[FIRST:.*]] = arith.addi %[[KEY]], %[[OF_WARP]]
// CHECK: %[[T:.*]] = arith.andi %[[LANE]], %c3_
// CHECK: arith.addi %[[T]], %arg0
// CHECK: %[[BELOW:.*]] = arith.subi %arg0, %[[FIRST]]
// CHECK: %[[HIDES:.*]] = arith.cmpi sle, %[[BELOW]], %c8_
// CHECK: nvvm.vote.sync any %{{.*}}, %[[HIDES]]
// CHECK: %[[KEPT:.*]]:2 = scf.if
// CHECK: %[[IS_KEPT:.*]] = arith.cmpi slt, %c0_i32{{.*}}, %[[BELOW]]
// CHECK: arith.select %[[IS_KEPT]], %[[X0]], %cst
// CHECK: %[[IS_KEPT:.*]] = arith.cmpi slt, %c8_i32{{.*}}, %[[BELOW]]
// CHECK: arith.select %[[IS_KEPT]], %[[X1]], %cst
// CHECK: } else {
// CHECK: scf.yield %[[X0]], %[[X1]]

// Weights: two keys of a row in a register, 8 apart. Of those of q and of r a permutation takes the lower, then
// the upper halves, and a matrix of each, transposed, is a register of the operand.
// CHECK: nvvm.convert.f32x2.to.bf16x2 %[[KEPT]]#1, %[[KEPT]]#0
// CHECK: %[[P:.*]] = llvm.bitcast
// CHECK: nvvm.convert.f32x2.to.bf16x2 %[[Y1]], %[[Y0]]
// CHECK: %[[R:.*]] = llvm.bitcast
// CHECK: %[[PAIR:.*]] = llvm.call_intrinsic "llvm.nvvm.prmt"(%[[P]], %[[R]], %c21520_
// CHECK: %[[B0:.*]] = llvm.inline_asm {{.*}}"movmatrix.sync.aligned.m8n8.trans.b16 $0, $1;", "=r,r" %[[PAIR]] :
// CHECK: %[[PAIR:.*]] = llvm.call_intrinsic "llvm.nvvm.prmt"(%[[P]], %[[R]], %c30258_
// CHECK: %[[B1:.*]] = llvm.inline_asm {{.*}}"movmatrix.sync.aligned.m8n8.trans.b16 $0, $1;", "=r,r" %[[PAIR]] :

// Values: matrices are 8 keys by 16 columns, transposed: of the first 8 keys and the last, then those of the next
// 16 columns. A permutation puts the keys of a column side by side, of the even columns and the odd ones, which
// are the rows of A.
// CHECK: %[[MATRIX:.*]] = arith.divui %[[LANE]], %c8_
// CHECK: %[[EIGHT:.*]] = arith.andi %[[LANE]], %c7_
// CHECK: %[[LOW:.*]] = arith.andi %[[MATRIX]], %c1_
// CHECK: %[[HIGH:.*]] = arith.divui %[[MATRIX]], %c2_
// CHECK: %[[LAST:.*]] = arith.muli %[[LOW]], %c8_
// CHECK: %[[KEY:.*]] = arith.addi %[[EIGHT]], %[[LAST]]
// CHECK: arith.addi %{{.*}}, %[[KEY]]
// CHECK: arith.xori %[[HIGH]], %[[EIGHT]]
// CHECK: %[[MATRICES:.*]] = nvvm.ldmatrix %{{.*}} layout = #nvvm.mma_layout<col>, num = 4
// CHECK: %[[W0:.*]] = llvm.extractvalue %[[MATRICES]][0]
// CHECK: %[[W1:.*]] = llvm.extractvalue %[[MATRICES]][1]
// CHECK: %[[W2:.*]] = llvm.extractvalue %[[MATRICES]][2]
// CHECK: %[[W3:.*]] = llvm.extractvalue %[[MATRICES]][3]
// CHECK: %[[FIRST:.*]] = llvm.call_intrinsic "llvm.nvvm.prmt"(%[[W0]], %{{.*}}, %c12576
// CHECK: %[[SECOND:.*]] = llvm.call_intrinsic "llvm.nvvm.prmt"(%[[W1]], %{{.*}}, %c12576
// CHECK: arith.trunci %[[FIRST]]
// CHECK: %[[A0:.*]] = llvm.bitcast
// CHECK: arith.shrui %[[FIRST]], %c16_
// CHECK: %[[A1:.*]] = llvm.bitcast
// CHECK: arith.trunci %[[SECOND]]
// CHECK: %[[A2:.*]] = llvm.bitcast
// CHECK: arith.shrui %[[SECOND]], %c16_
// CHECK: %[[A3:.*]] = llvm.bitcast
// CHECK: %[[O:.*]] = llvm.inline_asm {{.*}}mma.sync
// CHECK-SAME: %[[A0]], %[[A1]], %[[A2]], %[[A3]], %[[B0]], %[[B1]], %cst
// CHECK: %[[O0:.*]] = llvm.extractvalue %[[O]][0]
// CHECK: %[[O1:.*]] = llvm.extractvalue %[[O]][1]
// CHECK: %[[O2:.*]] = llvm.extractvalue %[[O]][2]
// CHECK: %[[O3:.*]] = llvm.extractvalue %[[O]][3]
// CHECK: llvm.call_intrinsic "llvm.nvvm.prmt"(%[[W2]], %{{.*}}, %c12576
// CHECK: llvm.call_intrinsic "llvm.nvvm.prmt"(%[[W3]], %{{.*}}, %c12576
// CHECK: %[[O:.*]] = llvm.inline_asm {{.*}}mma.sync{{.*}} %[[B0]], %[[B1]], %cst
// CHECK: %[[O4:.*]] = llvm.extractvalue %[[O]][0]
// CHECK: %[[O5:.*]] = llvm.extractvalue %[[O]][1]
// CHECK: %[[O6:.*]] = llvm.extractvalue %[[O]][2]
// CHECK: %[[O7:.*]] = llvm.extractvalue %[[O]][3]
// CHECK-NOT: mma.sync
// CHECK: nvvm.bar.warp.sync

// The warps have met. Each lane has row t of its warp's 4, and of it two neighbours of 16 columns, an even and an odd
// one: it writes O1's to the first ring, where rows are 32 bytes further apart than their 32 sums are long, and O2's to
// the same place of the second. One lane of a row writes m, d1 and d2 behind O1's sums.
// CHECK: %[[OWN:.*]] = arith.andi %[[WARP]], %c3_
// CHECK: %[[T:.*]] = arith.andi %[[LANE]], %c3_
// CHECK: %[[G:.*]] = arith.divui %[[LANE]], %c4_
// CHECK: nvvm.barrier id = {{.*}} number_of_threads = %c128
// CHECK: %[[OWN2:.*]] = arith.andi %[[WARP]], %c3_
// CHECK: %[[PART:.*]] = arith.muli %[[OWN2]], %c640_
// CHECK: %[[G2:.*]] = arith.divui %[[LANE]], %c4_
// CHECK: %[[T2:.*]] = arith.andi %[[LANE]], %c3_
// CHECK: %[[ROW:.*]] = arith.muli %[[T2]], %c160_
// CHECK: %[[IN_RING:.*]] = arith.addi %[[PART]], %[[ROW]]
// CHECK: %[[START1:.*]] = llvm.getelementptr %[[K]][%[[IN_RING]]]
// CHECK: %[[COLUMN:.*]] = arith.muli %[[G2]], %c8_
// CHECK: %[[ADDRESS:.*]] = llvm.getelementptr %[[START1]][%[[COLUMN]]]
// CHECK: %[[EVEN:.*]] = llvm.insertelement %[[O0]], %
// CHECK: %[[BOTH:.*]] = llvm.insertelement %[[O2]], %[[EVEN]][
// CHECK: llvm.store %[[BOTH]], %[[ADDRESS]] {alignment
// CHECK: %[[NEXT:.*]] = llvm.getelementptr %[[ADDRESS]][64]
// CHECK: %[[EVEN:.*]] = llvm.insertelement %[[O4]], %
// CHECK: %[[BOTH:.*]] = llvm.insertelement %[[O6]], %[[EVEN]][
// CHECK: llvm.store %[[BOTH]], %[[NEXT]] {alignment
// CHECK-NOT: llvm.store
// CHECK-NOT: nvvm.barrier
// CHECK: %[[START2:.*]] = llvm.getelementptr %[[OTHER]][%[[IN_RING]]]
// CHECK: %[[COLUMN:.*]] = arith.muli %[[G2]], %c8_
// CHECK: %[[ADDRESS:.*]] = llvm.getelementptr %[[START2]][%[[COLUMN]]]
// CHECK: %[[EVEN:.*]] = llvm.insertelement %[[O1]], %
// CHECK: %[[BOTH:.*]] = llvm.insertelement %[[O3]], %[[EVEN]][
// CHECK: llvm.store %[[BOTH]], %[[ADDRESS]] {alignment
// CHECK: %[[NEXT:.*]] = llvm.getelementptr %[[ADDRESS]][64]
// CHECK: %[[EVEN:.*]] = llvm.insertelement %[[O5]], %
// CHECK: %[[BOTH:.*]] = llvm.insertelement %[[O7]], %[[EVEN]][
// CHECK: llvm.store %[[BOTH]], %[[NEXT]] {alignment
// CHECK-NOT: llvm.store
// CHECK-NOT: nvvm.barrier
// CHECK: %[[IS_ONE:.*]] = arith.cmpi eq, %[[G2]], %c0_
// CHECK: scf.if %[[IS_ONE]] {
// CHECK: %[[OF_ROW:.*]] = llvm.getelementptr %[[K]][%[[IN_RING]]]
// CHECK: %[[BEHIND:.*]] = llvm.getelementptr %[[OF_ROW]][128]
// CHECK: llvm.store %{{.*}}, %[[BEHIND]] {alignment = 16 : i64} : vector<4xf32>, !llvm.ptr<3>
// CHECK-NOT: llvm.store
// CHECK: nvvm.barrier id = {{.*}} number_of_threads = %c128
// The first warp reads all four: row g mod 4 of each, m, d1 and d2, then O1's sums, then O2's. Nobody meets again.
// CHECK-NOT: nvvm.barrier
// CHECK: %[[IS_FIRST:.*]] = arith.cmpi eq, %[[OWN]], %c0_
// CHECK: %[[OF_G:.*]] = arith.andi %[[G]], %c3_
// CHECK: %[[MERGED_ROW:.*]] = arith.muli %[[OF_G]], %c160_
// CHECK: %[[MERGED:.*]]:7 = scf.if %[[IS_FIRST]] ->
// CHECK: %[[OF_ROW:.*]] = llvm.getelementptr %[[K]][%[[MERGED_ROW]]]
// CHECK: %[[BEHIND:.*]] = llvm.getelementptr %[[OF_ROW]][128]
// CHECK: llvm.load %[[BEHIND]] {{.*}} -> vector<4xf32>
// CHECK: %[[OF_ROW:.*]] = llvm.getelementptr %[[K]][%[[MERGED_ROW]]]
// CHECK: %[[OF_PART:.*]] = llvm.getelementptr %[[OF_ROW]][640]
// CHECK: %[[BEHIND:.*]] = llvm.getelementptr %[[OF_PART]][128]
// CHECK: llvm.load %[[BEHIND]] {{.*}} -> vector<4xf32>
// CHECK: %[[OF_ROW:.*]] = llvm.getelementptr %[[K]][%[[MERGED_ROW]]]
// CHECK: %[[OF_PART:.*]] = llvm.getelementptr %[[OF_ROW]][1280]
// CHECK: %[[BEHIND:.*]] = llvm.getelementptr %[[OF_PART]][128]
// CHECK: llvm.load %[[BEHIND]] {{.*}} -> vector<4xf32>
// CHECK: %[[OF_ROW:.*]] = llvm.getelementptr %[[K]][%[[MERGED_ROW]]]
// CHECK: %[[OF_PART:.*]] = llvm.getelementptr %[[OF_ROW]][1920]
// CHECK: %[[BEHIND:.*]] = llvm.getelementptr %[[OF_PART]][128]
// CHECK: llvm.load %[[BEHIND]] {{.*}} -> vector<4xf32>
// CHECK-NOT: llvm.load
// CHECK: } else {
// CHECK-NOT: nvvm.barrier
// CHECK: scf.if %[[IS_FIRST]] -> (f32, f32, f32, f32, f32, f32, f32, f32) {
// CHECK: %[[COLUMN:.*]] = arith.muli %[[T]], %c8_
// CHECK: %[[OF_ROW:.*]] = llvm.getelementptr %[[K]][%[[MERGED_ROW]]]
// CHECK: %[[ADDRESS:.*]] = llvm.getelementptr %[[OF_ROW]][%[[COLUMN]]]
// CHECK: %[[READ:.*]] = llvm.load %[[ADDRESS]] {{.*}} -> vector<2xf32>
// CHECK: %[[VALUE:.*]] = llvm.extractelement %[[READ]][%c0_
// CHECK: arith.mulf %[[VALUE]], %[[MERGED]]#3
// CHECK: %[[OF_ROW:.*]] = llvm.getelementptr %[[K]][%[[MERGED_ROW]]]
// CHECK: %[[OF_PART:.*]] = llvm.getelementptr %[[OF_ROW]][640]
// CHECK: %[[ADDRESS:.*]] = llvm.getelementptr %[[OF_PART]][%[[COLUMN]]]
// CHECK: %[[READ:.*]] = llvm.load %[[ADDRESS]] {{.*}} -> vector<2xf32>
// CHECK: %[[VALUE:.*]] = llvm.extractelement %[[READ]][%c0_
// CHECK: arith.mulf %[[VALUE]], %[[MERGED]]#4
// CHECK: %[[OF_ROW:.*]] = llvm.getelementptr %[[K]][%[[MERGED_ROW]]]
// CHECK: %[[OF_PART:.*]] = llvm.getelementptr %[[OF_ROW]][1280]
// CHECK: %[[ADDRESS:.*]] = llvm.getelementptr %[[OF_PART]][%[[COLUMN]]]
// CHECK: %[[READ:.*]] = llvm.load %[[ADDRESS]] {{.*}} -> vector<2xf32>
// CHECK: %[[VALUE:.*]] = llvm.extractelement %[[READ]][%c0_
// CHECK: arith.mulf %[[VALUE]], %[[MERGED]]#5
// CHECK: %[[OF_ROW:.*]] = llvm.getelementptr %[[K]][%[[MERGED_ROW]]]
// CHECK: %[[OF_PART:.*]] = llvm.getelementptr %[[OF_ROW]][1920]
// CHECK: %[[ADDRESS:.*]] = llvm.getelementptr %[[OF_PART]][%[[COLUMN]]]
// CHECK: %[[READ:.*]] = llvm.load %[[ADDRESS]] {{.*}} -> vector<2xf32>
// CHECK: %[[VALUE:.*]] = llvm.extractelement %[[READ]][%c0_
// CHECK: arith.mulf %[[VALUE]], %[[MERGED]]#6
// CHECK-COUNT-12: llvm.getelementptr %[[K]][%[[MERGED_ROW]]]
// CHECK: llvm.load %{{.*}} -> vector<2xf32>
// CHECK-NOT: llvm.load
// CHECK: } else {
// CHECK-NOT: nvvm.barrier
// CHECK: scf.if %[[IS_FIRST]] -> (f32, f32, f32, f32, f32, f32, f32, f32) {
// CHECK: %[[COLUMN:.*]] = arith.muli %[[T]], %c8_
// CHECK: %[[OF_ROW:.*]] = llvm.getelementptr %[[OTHER]][%[[MERGED_ROW]]]
// CHECK: %[[ADDRESS:.*]] = llvm.getelementptr %[[OF_ROW]][%[[COLUMN]]]
// CHECK: %[[READ:.*]] = llvm.load %[[ADDRESS]] {{.*}} -> vector<2xf32>
// CHECK: %[[VALUE:.*]] = llvm.extractelement %[[READ]][%c0_
// CHECK: arith.mulf %[[VALUE]], %[[MERGED]]#3
// CHECK: %[[OF_ROW:.*]] = llvm.getelementptr %[[OTHER]][%[[MERGED_ROW]]]
// CHECK: %[[OF_PART:.*]] = llvm.getelementptr %[[OF_ROW]][640]
// CHECK: %[[ADDRESS:.*]] = llvm.getelementptr %[[OF_PART]][%[[COLUMN]]]
// CHECK: %[[READ:.*]] = llvm.load %[[ADDRESS]] {{.*}} -> vector<2xf32>
// CHECK: %[[VALUE:.*]] = llvm.extractelement %[[READ]][%c0_
// CHECK: arith.mulf %[[VALUE]], %[[MERGED]]#4
// CHECK: %[[OF_ROW:.*]] = llvm.getelementptr %[[OTHER]][%[[MERGED_ROW]]]
// CHECK: %[[OF_PART:.*]] = llvm.getelementptr %[[OF_ROW]][1280]
// CHECK: %[[ADDRESS:.*]] = llvm.getelementptr %[[OF_PART]][%[[COLUMN]]]
// CHECK: %[[READ:.*]] = llvm.load %[[ADDRESS]] {{.*}} -> vector<2xf32>
// CHECK: %[[VALUE:.*]] = llvm.extractelement %[[READ]][%c0_
// CHECK: arith.mulf %[[VALUE]], %[[MERGED]]#5
// CHECK: %[[OF_ROW:.*]] = llvm.getelementptr %[[OTHER]][%[[MERGED_ROW]]]
// CHECK: %[[OF_PART:.*]] = llvm.getelementptr %[[OF_ROW]][1920]
// CHECK: %[[ADDRESS:.*]] = llvm.getelementptr %[[OF_PART]][%[[COLUMN]]]
// CHECK: %[[READ:.*]] = llvm.load %[[ADDRESS]] {{.*}} -> vector<2xf32>
// CHECK: %[[VALUE:.*]] = llvm.extractelement %[[READ]][%c0_
// CHECK: arith.mulf %[[VALUE]], %[[MERGED]]#6
// CHECK-COUNT-12: llvm.getelementptr %[[OTHER]][%[[MERGED_ROW]]]
// CHECK: llvm.load %{{.*}} -> vector<2xf32>
// CHECK-NOT: llvm.load
// CHECK: } else {
// CHECK-NOT: nvvm.barrier
// CHECK-NOT: llvm.load
// CHECK-NOT: nvvm.barrier
// CHECK: llvm.return
func.func @warps(%n: i32, %token: i32, %key: i32) attributes {hopper.kernel} {
  %q = hopper.alloc : !hopper.smem<8x128xbf16>
  %k = hopper.alloc : !k
  %other = hopper.alloc : !k
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %a = hopper.load_fragment %q in_fours : !hopper.smem<8x128xbf16> -> tensor<32x80xbf16, #hopper.operand_a<per_warp>>
    %st = hopper.warp_mma %a, %k[%n] transpose : tensor<32x80xbf16, #hopper.operand_a<per_warp>>, !k -> tensor<32x16xf32, #hopper.acc<per_warp>>
    %s, %t = hopper.unstack %st : tensor<32x16xf32, #hopper.acc<per_warp>> -> !ofWarps
    %x = hopper.mask %s at(%n, %token, %key) length(%n) : !ofWarps
    %p1 = hopper.pack %x : !ofWarps -> tensor<16x16xbf16, #hopper.acc<per_warp>>
    %p2 = hopper.pack %t : !ofWarps -> tensor<16x16xbf16, #hopper.acc<per_warp>>
    %p = hopper.stack %p1, %p2 : tensor<16x16xbf16, #hopper.acc<per_warp>> -> tensor<32x16xbf16, #hopper.operand_a<per_warp>>
    %acc = arith.constant dense<0.0> : tensor<32x32xf32, #hopper.acc<per_warp>>
    %o = hopper.warp_mma %p, %k[%n] into %acc : tensor<32x16xbf16, #hopper.operand_a<per_warp>>, !k -> tensor<32x32xf32, #hopper.acc<per_warp>>
    %o1, %o2 = hopper.unstack %o : tensor<32x32xf32, #hopper.acc<per_warp>> -> !sums
    %m = arith.constant dense<0.0> : !row
    %r:5 = hopper.merge_warps %m, %m, %m, %o1, %o2 through %k, %other : !row, !sums, !k -> tensor<32xf32, #hopper.row>, tensor<32x32xf32, #hopper.acc>
  }
  return
}

// -----

// Elements of 16 bits are A as they lie.
!wide = !hopper.smem<64x128xbf16>
!ofWarps = tensor<16x16xf32, #hopper.acc<per_warp>>
!row = tensor<16xf32, #hopper.row<per_warp>>

// The same 4 rows of q and r for all warps: lane l names row l mod 8, of q and r in turn, and chunk l / 8, so
// that four matrices are two steps.
// CHECK-LABEL: llvm.func @wide
// CHECK: %[[Q:.*]] = llvm.mlir.addressof
// CHECK: %[[LANE:.*]] = arith.andi %{{.*}}, %c31_
// CHECK: %[[WARP:.*]] = nvvm.shfl.sync idx
// CHECK: %[[K:.*]] = llvm.getelementptr %[[Q]][2048]
// CHECK: %[[OTHER:.*]] = llvm.getelementptr %[[Q]][18432]
// CHECK: %[[MATRIX:.*]] = arith.divui %[[LANE]], %c8_
// CHECK: %[[EIGHT:.*]] = arith.andi %[[LANE]], %c7_
// CHECK: %[[OF_Q:.*]] = arith.divui %[[EIGHT]], %c2_
// CHECK: %[[IS_R:.*]] = arith.andi %[[EIGHT]], %c1_
// CHECK: %[[OF_R:.*]] = arith.muli %[[IS_R]], %c4_
// CHECK: %[[ROW:.*]] = arith.addi %[[OF_Q]], %[[OF_R]]
// CHECK: %[[ROW_BYTES:.*]] = arith.muli %[[ROW]], %c128_
// CHECK: %[[START:.*]] = llvm.getelementptr %[[Q]][%[[ROW_BYTES]]]
// CHECK: %[[SWIZZLE:.*]] = arith.andi %[[ROW]], %c7_
// CHECK: %[[CHUNK:.*]] = arith.xori %[[MATRIX]], %[[SWIZZLE]]
// CHECK: %[[CHUNK_BYTES:.*]] = arith.muli %[[CHUNK]], %c16_
// CHECK: %[[ADDRESS:.*]] = llvm.getelementptr %[[START]][%[[CHUNK_BYTES]]]
// CHECK: %[[READ:.*]] = nvvm.ldmatrix %[[ADDRESS]] {{.*}}<row>, num = 4
// CHECK: %[[Q0:.*]] = llvm.extractvalue %[[READ]][0]
// CHECK: %[[Q1:.*]] = llvm.extractvalue %[[READ]][1]
// CHECK: %[[Q2:.*]] = llvm.extractvalue %[[READ]][2]
// CHECK: %[[Q3:.*]] = llvm.extractvalue %[[READ]][3]
// CHECK: %[[NEXT:.*]] = arith.addi %[[MATRIX]], %c4_
// CHECK: arith.xori %[[NEXT]], %[[SWIZZLE]]
// CHECK: %[[READ:.*]] = nvvm.ldmatrix {{.*}}<row>, num = 4
// CHECK: %[[Q4:.*]] = llvm.extractvalue %[[READ]][0]
// The fifth step lies in the next block of 64 columns, and the sixth is nobody's.
// CHECK: %[[NEXT:.*]] = llvm.getelementptr %{{.*}}[1024]
// CHECK: %[[READ:.*]] = nvvm.ldmatrix %[[NEXT]] {{.*}}<row>, num = 4
// CHECK: %[[Q8:.*]] = llvm.extractvalue %[[READ]][0]
// CHECK: %[[Q9:.*]] = llvm.extractvalue %[[READ]][1]

// Four matrices are the first 8 of a warp's 16 keys and the last, then those of the next 8 columns. Each step is a
// chunk more than a matrix, so they are two further.
// CHECK: %[[MATRIX:.*]] = arith.divui %[[LANE]], %c8_
// CHECK: %[[EIGHT:.*]] = arith.andi %[[LANE]], %c7_
// CHECK: %[[IS_LAST:.*]] = arith.andi %[[MATRIX]], %c1_
// CHECK: %[[LAST:.*]] = arith.muli %[[IS_LAST]], %c8_
// CHECK: %[[KEY:.*]] = arith.addi %[[EIGHT]], %[[LAST]]
// CHECK: %[[CHUNK:.*]] = arith.divui %[[MATRIX]], %c2_
// CHECK: %[[IN_TILE:.*]] = arith.addi %{{.*}}, %[[KEY]]
// CHECK: %[[SWIZZLED:.*]] = arith.xori %[[CHUNK]], %[[EIGHT]]
// CHECK: %[[ROW_BYTES:.*]] = arith.muli %[[IN_TILE]], %c128_
// CHECK: %[[START:.*]] = llvm.getelementptr %[[K]][%[[ROW_BYTES]]]
// CHECK: %[[KEYS:.*]] = nvvm.ldmatrix {{.*}}<row>, num = 4
// CHECK: %[[A0:.*]] = llvm.extractvalue %[[KEYS]][0]
// CHECK: %[[A1:.*]] = llvm.extractvalue %[[KEYS]][1]
// CHECK: %[[A2:.*]] = llvm.extractvalue %[[KEYS]][2]
// CHECK: %[[A3:.*]] = llvm.extractvalue %[[KEYS]][3]
// CHECK: %[[S:.*]] = llvm.inline_asm {{.*}}mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32
// CHECK-SAME: %[[A0]], %[[A1]], %[[A2]], %[[A3]], %[[Q0]], %[[Q1]], %cst
// CHECK: %[[S0:.*]] = llvm.extractvalue %[[S]][0]
// CHECK: arith.addi %[[CHUNK]], %c2_
// CHECK: nvvm.ldmatrix {{.*}}<row>, num = 4
// CHECK: mma.sync{{.*}} %[[Q2]], %[[Q3]], %cst
// CHECK: arith.addi %[[CHUNK]], %c4_
// CHECK: nvvm.ldmatrix {{.*}}<row>, num = 4
// CHECK: mma.sync{{.*}} %[[Q4]], {{.*}} %cst
// CHECK: arith.addi %[[CHUNK]], %c6_
// CHECK: nvvm.ldmatrix {{.*}}<row>, num = 4
// CHECK: mma.sync{{.*}}, %cst
// The fifth step lies in the next block of 64 columns, 8192 bytes further, and adds to the first's sums.
// CHECK: llvm.getelementptr %[[K]][8192]
// CHECK: %[[KEYS:.*]] = nvvm.ldmatrix {{.*}}<row>
// CHECK: %[[A0:.*]] = llvm.extractvalue %[[KEYS]][0]
// CHECK: %[[A1:.*]] = llvm.extractvalue %[[KEYS]][1]
// CHECK: %[[A2:.*]] = llvm.extractvalue %[[KEYS]][2]
// CHECK: %[[A3:.*]] = llvm.extractvalue %[[KEYS]][3]
// CHECK: mma.sync{{.*}} %[[A0]], %[[A1]], %[[A2]], %[[A3]], %[[Q8]], %[[Q9]], %[[S0]],
// CHECK-NOT: mma.sync
// CHECK-NOT: e4m3
// CHECK-COUNT-12: arith.addf
// CHECK-NOT: arith.addf
// CHECK: nvvm.bar.warp.sync

// Weights are B.
// CHECK: %[[B0:.*]] = llvm.inline_asm {{.*}}movmatrix
// CHECK: %[[B1:.*]] = llvm.inline_asm {{.*}}movmatrix

// Values, transposed: of 16 keys by 16 columns the first 8 columns and the last, then those of the last 8 keys.
// CHECK: %[[MATRIX:.*]] = arith.divui %[[LANE]], %c8_
// CHECK: %[[EIGHT:.*]] = arith.andi %[[LANE]], %c7_
// CHECK: %[[LOW:.*]] = arith.andi %[[MATRIX]], %c1_
// CHECK: %[[HIGH:.*]] = arith.divui %[[MATRIX]], %c2_
// CHECK: %[[LAST:.*]] = arith.muli %[[HIGH]], %c8_
// CHECK: %[[KEY:.*]] = arith.addi %[[EIGHT]], %[[LAST]]
// CHECK: arith.addi %{{.*}}, %[[KEY]]
// CHECK: arith.xori %[[LOW]], %[[EIGHT]]
// CHECK: %[[VALUES:.*]] = nvvm.ldmatrix {{.*}}<col>, num = 4
// CHECK: %[[V0:.*]] = llvm.extractvalue %[[VALUES]][0]
// CHECK: %[[V1:.*]] = llvm.extractvalue %[[VALUES]][1]
// CHECK: %[[V2:.*]] = llvm.extractvalue %[[VALUES]][2]
// CHECK: %[[V3:.*]] = llvm.extractvalue %[[VALUES]][3]
// CHECK: %[[O:.*]] = llvm.inline_asm {{.*}}mma.sync{{.*}} %[[V0]], %[[V1]], %[[V2]], %[[V3]], %[[B0]], %[[B1]], %cst
// CHECK: %[[O0:.*]] = llvm.extractvalue %[[O]][0]
// CHECK: %[[O1:.*]] = llvm.extractvalue %[[O]][1]
// CHECK: %[[O2:.*]] = llvm.extractvalue %[[O]][2]
// CHECK: %[[O3:.*]] = llvm.extractvalue %[[O]][3]
// CHECK-NOT: mma.sync
// CHECK: nvvm.bar.warp.sync

// A thread has columns that are 8 apart.
// CHECK: %[[OWN:.*]] = arith.andi %[[WARP]], %c3_
// CHECK: %[[T:.*]] = arith.andi %[[LANE]], %c3_
// CHECK: %[[G:.*]] = arith.divui %[[LANE]], %c4_
// CHECK: nvvm.barrier id = {{.*}} number_of_threads = %c128
// CHECK: %[[OWN2:.*]] = arith.andi %[[WARP]], %c3_
// CHECK: %[[PART:.*]] = arith.muli %[[OWN2]], %c384_
// CHECK: %[[G2:.*]] = arith.divui %[[LANE]], %c4_
// CHECK: %[[T2:.*]] = arith.andi %[[LANE]], %c3_
// CHECK: %[[ROW:.*]] = arith.muli %[[T2]], %c96_
// CHECK: %[[IN_RING:.*]] = arith.addi %[[PART]], %[[ROW]]
// CHECK: %[[START1:.*]] = llvm.getelementptr %[[K]][%[[IN_RING]]]
// CHECK: %[[COLUMN:.*]] = arith.muli %[[G2]], %c4_
// CHECK: %[[ADDRESS:.*]] = llvm.getelementptr %[[START1]][%[[COLUMN]]]
// CHECK: %[[FIRST:.*]] = llvm.insertelement %[[O0]], %
// CHECK: llvm.store %[[FIRST]], %[[ADDRESS]] {alignment
// CHECK: %[[NEXT:.*]] = llvm.getelementptr %[[ADDRESS]][32]
// CHECK: %[[SECOND:.*]] = llvm.insertelement %[[O2]], %
// CHECK: llvm.store %[[SECOND]], %[[NEXT]] {alignment
// CHECK-NOT: llvm.store
// CHECK-NOT: nvvm.barrier
// CHECK: %[[START2:.*]] = llvm.getelementptr %[[OTHER]][%[[IN_RING]]]
// CHECK: %[[COLUMN:.*]] = arith.muli %[[G2]], %c4_
// CHECK: %[[ADDRESS:.*]] = llvm.getelementptr %[[START2]][%[[COLUMN]]]
// CHECK: %[[FIRST:.*]] = llvm.insertelement %[[O1]], %
// CHECK: llvm.store %[[FIRST]], %[[ADDRESS]] {alignment
// CHECK: %[[NEXT:.*]] = llvm.getelementptr %[[ADDRESS]][32]
// CHECK: %[[SECOND:.*]] = llvm.insertelement %[[O3]], %
// CHECK: llvm.store %[[SECOND]], %[[NEXT]] {alignment
// CHECK-NOT: llvm.store
// CHECK-NOT: nvvm.barrier
// CHECK: %[[IS_ONE:.*]] = arith.cmpi eq, %[[G2]], %c0_
// CHECK: scf.if %[[IS_ONE]] {
// CHECK: %[[OF_ROW:.*]] = llvm.getelementptr %[[K]][%[[IN_RING]]]
// CHECK: %[[BEHIND:.*]] = llvm.getelementptr %[[OF_ROW]][64]
// CHECK: llvm.store %{{.*}}, %[[BEHIND]] {alignment = 16 : i64} : vector<4xf32>, !llvm.ptr<3>
// CHECK-NOT: llvm.store
// CHECK: nvvm.barrier id = {{.*}} number_of_threads = %c128
// CHECK-NOT: nvvm.barrier
// Of both rings the first warp reads two pairs of columns of each warp.
// CHECK: %[[IS_FIRST:.*]] = arith.cmpi eq, %[[OWN]], %c0_
// CHECK: %[[OF_G:.*]] = arith.andi %[[G]], %c3_
// CHECK: %[[MERGED_ROW:.*]] = arith.muli %[[OF_G]], %c96_
// CHECK-COUNT-4: llvm.load %{{.*}} -> vector<4xf32>
// CHECK-NOT: nvvm.barrier
// CHECK-COUNT-16: llvm.load %{{.*}} -> vector<2xf32>
// CHECK-NOT: llvm.load
// CHECK-NOT: nvvm.barrier
// CHECK: llvm.return
func.func @wide(%n: i32) attributes {hopper.kernel} {
  %q = hopper.alloc : !hopper.smem<8x128xbf16>
  %k = hopper.alloc : !wide
  %other = hopper.alloc : !wide
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %a = hopper.load_fragment %q : !hopper.smem<8x128xbf16> -> tensor<32x80xbf16, #hopper.operand_a<per_warp>>
    %st = hopper.warp_mma %a, %k transpose : tensor<32x80xbf16, #hopper.operand_a<per_warp>>, !wide -> tensor<32x16xf32, #hopper.acc<per_warp>>
    %s, %t = hopper.unstack %st : tensor<32x16xf32, #hopper.acc<per_warp>> -> !ofWarps
    %p1 = hopper.pack %s : !ofWarps -> tensor<16x16xbf16, #hopper.acc<per_warp>>
    %p2 = hopper.pack %t : !ofWarps -> tensor<16x16xbf16, #hopper.acc<per_warp>>
    %p = hopper.stack %p1, %p2 : tensor<16x16xbf16, #hopper.acc<per_warp>> -> tensor<32x16xbf16, #hopper.operand_a<per_warp>>
    %o = hopper.warp_mma %p, %k : tensor<32x16xbf16, #hopper.operand_a<per_warp>>, !wide -> tensor<32x16xf32, #hopper.acc<per_warp>>
    %o1, %o2 = hopper.unstack %o : tensor<32x16xf32, #hopper.acc<per_warp>> -> !ofWarps
    %m = arith.constant dense<0.0> : !row
    %r:5 = hopper.merge_warps %m, %m, %m, %o1, %o2 through %k, %other : !row, !ofWarps, !wide -> tensor<32xf32, #hopper.row>, tensor<32x16xf32, #hopper.acc>
  }
  return
}

// -----

// Of 8 rows two groups are multiplied, each of four rows of q and of r, and by the same keys. Of 32 keys a warp has
// two tiles, so that four products wait for none before them: two chains are enough.
!k = !hopper.smem<128x128xf16>
!scores = tensor<32x32xf32, #hopper.acc<per_warp>>
!sums = tensor<32x16xf32, #hopper.acc<per_warp>>
!row = tensor<32xf32, #hopper.row<per_warp>>

// Rows of the first group are 0, 2, 4 and 6 of q and r, of the second those between.
// CHECK-LABEL: llvm.func @groups
// CHECK: %[[Q:.*]] = llvm.mlir.addressof
// CHECK: %[[LANE:.*]] = arith.andi %{{.*}}, %c31_
// CHECK: %[[WARP:.*]] = nvvm.shfl.sync idx
// CHECK: %[[K:.*]] = llvm.getelementptr %[[Q]][2048]
// CHECK: %[[OTHER:.*]] = llvm.getelementptr %[[Q]][34816]
// CHECK: %[[MATRIX:.*]] = arith.divui %[[LANE]], %c8_
// CHECK: %[[EIGHT:.*]] = arith.andi %[[LANE]], %c7_
// CHECK: %[[PAIR:.*]] = arith.divui %[[EIGHT]], %c2_
// CHECK: %[[OF_Q:.*]] = arith.muli %[[PAIR]], %c2_
// CHECK: %[[IS_R:.*]] = arith.andi %[[EIGHT]], %c1_
// CHECK: %[[OF_R:.*]] = arith.muli %[[IS_R]], %c8_
// CHECK: %[[ROW:.*]] = arith.addi %[[OF_Q]], %[[OF_R]]
// CHECK: arith.muli %[[ROW]], %c128_
// CHECK: %[[READ:.*]] = nvvm.ldmatrix {{.*}}<row>, num = 4
// CHECK: %[[Q0:.*]] = llvm.extractvalue %[[READ]][0]
// CHECK: %[[Q1:.*]] = llvm.extractvalue %[[READ]][1]
// CHECK: %[[Q2:.*]] = llvm.extractvalue %[[READ]][2]
// CHECK: %[[Q3:.*]] = llvm.extractvalue %[[READ]][3]
// CHECK: %[[READ:.*]] = nvvm.ldmatrix {{.*}}<row>, num = 4
// CHECK: %[[Q4:.*]] = llvm.extractvalue %[[READ]][0]
// CHECK: %[[OF_Q:.*]] = arith.muli %{{.*}}, %c2_
// CHECK: %[[BETWEEN:.*]] = arith.addi %[[OF_Q]], %c1_
// CHECK: %[[OF_R:.*]] = arith.muli %{{.*}}, %c8_
// CHECK: %[[ROW:.*]] = arith.addi %[[BETWEEN]], %[[OF_R]]
// CHECK: arith.muli %[[ROW]], %c128_
// CHECK: %[[READ:.*]] = nvvm.ldmatrix {{.*}}<row>, num = 4
// CHECK: %[[R0:.*]] = llvm.extractvalue %[[READ]][0]
// CHECK: %[[R1:.*]] = llvm.extractvalue %[[READ]][1]
// CHECK: %[[READ:.*]] = nvvm.ldmatrix {{.*}}<row>, num = 4
// CHECK: %[[R4:.*]] = llvm.extractvalue %[[READ]][0]

// A warp's keys are 32 further than those of the one before. Those of the second tile of 16 lie 2048 bytes behind
// the first's.
// CHECK: %[[OWN:.*]] = arith.andi %[[WARP]], %c3_
// CHECK: arith.muli %[[OWN]], %c32_
// CHECK: %[[TILES:.*]] = nvvm.ldmatrix %[[START:.*]] {eltType{{.*}}<row>, num = 4
// CHECK: %[[A0:.*]] = llvm.extractvalue %[[TILES]][0]
// CHECK: %[[A1:.*]] = llvm.extractvalue %[[TILES]][1]
// CHECK: %[[A2:.*]] = llvm.extractvalue %[[TILES]][2]
// CHECK: %[[A3:.*]] = llvm.extractvalue %[[TILES]][3]
// CHECK: %[[P:.*]] = llvm.inline_asm {{.*}}mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32
// CHECK-SAME: %[[A0]], %[[A1]], %[[A2]], %[[A3]], %[[Q0]], %[[Q1]], %cst
// CHECK: %[[P0:.*]] = llvm.extractvalue %[[P]][0]
// CHECK: %[[P1:.*]] = llvm.extractvalue %[[P]][1]
// CHECK: mma.sync{{.*}} %[[A0]], %[[A1]], %[[A2]], %[[A3]], %[[R0]], %[[R1]], %cst
// CHECK: %[[SECOND:.*]] = llvm.getelementptr %[[START]][2048]
// CHECK: %[[TILES:.*]] = nvvm.ldmatrix %[[SECOND]] {{.*}}<row>, num = 4
// CHECK: %[[A0:.*]] = llvm.extractvalue %[[TILES]][0]
// CHECK: mma.sync{{.*}} %[[A0]], {{.*}}, %[[Q0]], %[[Q1]], %cst
// CHECK: mma.sync{{.*}} %[[A0]], {{.*}}, %[[R0]], %[[R1]], %cst
// The second step has other sums, the third the first's again.
// CHECK: %[[C:.*]] = llvm.inline_asm {{.*}}mma.sync{{.*}}, %[[Q2]], %[[Q3]], %cst
// CHECK-COUNT-3: mma.sync{{.*}}, %cst
// CHECK: mma.sync{{.*}}, %[[Q4]], {{.*}}, %[[P0]], %[[P1]],
// CHECK: mma.sync{{.*}}, %[[R4]], {{.*}} : (
// CHECK-COUNT-6: mma.sync
// CHECK-NOT: mma.sync
// Each of the 16 sums of one chain is added to one of the other.
// CHECK-COUNT-16: arith.addf
// CHECK-NOT: arith.addf
// CHECK: nvvm.bar.warp.sync

// A lane has rows 2 t and 2 t + 1 of both, of keys that are 8 apart: a token of each has its own diagonal.
// CHECK: %[[G:.*]] = arith.divui %[[LANE]], %c4_
// CHECK: %[[KEY:.*]] = arith.addi %arg2, %[[G]]
// CHECK: %[[OWN:.*]] = arith.andi %[[WARP]], %c3_
// CHECK: %[[OF_WARP:.*]] = arith.muli %[[OWN]], %c32_
// CHECK: %[[FIRST_KEY:.*]] = arith.addi %[[KEY]], %[[OF_WARP]]
// CHECK: %[[T:.*]] = arith.andi %[[LANE]], %c3_
// CHECK: %[[OF_LANE:.*]] = arith.muli %[[T]], %c2_
// CHECK: %[[FIRST:.*]] = arith.addi %[[OF_LANE]], %arg0
// CHECK: %[[LENGTH:.*]] = arith.subi %arg0, %[[FIRST_KEY]]
// CHECK: %[[OF_ROW:.*]] = arith.divui %[[FIRST]], %c4_
// CHECK: %[[TOKEN:.*]] = arith.addi %arg1, %[[OF_ROW]]
// CHECK: %[[DIAGONAL:.*]] = arith.addi %{{.*}}, %c1_
// CHECK: %[[BELOW0:.*]] = arith.minsi %[[LENGTH]], %[[DIAGONAL]]
// CHECK: %[[ABOVE0:.*]] = arith.subi %[[DIAGONAL]], %arg4
// CHECK: %[[LENGTH:.*]] = arith.subi %arg0, %[[FIRST_KEY]]
// CHECK: %[[NEXT:.*]] = arith.addi %[[FIRST]], %c1_
// CHECK: arith.divui %[[NEXT]], %c4_
// CHECK: %[[DIAGONAL:.*]] = arith.addi %{{.*}}, %c1_
// CHECK: %[[BELOW1:.*]] = arith.minsi %[[LENGTH]], %[[DIAGONAL]]
// CHECK: %[[ABOVE1:.*]] = arith.subi %[[DIAGONAL]], %arg4
// CHECK: arith.cmpi sle, %[[BELOW0]], %c24_
// CHECK: arith.cmpi slt, %c0_i32{{.*}}, %[[ABOVE0]]
// CHECK: arith.cmpi sle, %[[BELOW1]], %c24_
// CHECK: arith.cmpi slt, %c0_i32{{.*}}, %[[ABOVE1]]
// CHECK: nvvm.vote.sync any
// CHECK: %[[KEPT:.*]]:8 = scf.if
// CHECK: arith.cmpi slt, %[[C0:c0_i32.*]], %[[BELOW0]]
// CHECK: arith.cmpi sle, %[[ABOVE0]], %[[C0]]
// CHECK: arith.cmpi slt, %[[C1:c0_i32.*]], %[[BELOW1]]
// CHECK: arith.cmpi sle, %[[ABOVE1]], %[[C1]]
// CHECK: arith.cmpi slt, %c8_i32{{.*}}, %[[BELOW0]]
// CHECK: arith.cmpi slt, %c8_i32{{.*}}, %[[BELOW1]]
// CHECK: arith.cmpi slt, %c16_i32{{.*}}, %[[BELOW0]]
// CHECK: arith.cmpi slt, %c16_i32{{.*}}, %[[BELOW1]]
// CHECK: arith.cmpi slt, %c24_i32{{.*}}, %[[BELOW0]]
// CHECK: arith.cmpi slt, %c24_i32{{.*}}, %[[BELOW1]]
// CHECK: } else {

// The maximum of a row is over its lane's four keys, then the 8 lanes that share it; the sum of one over its lane's.
// CHECK: %[[EVEN:.*]] = arith.maxnumf %[[KEPT]]#0, %[[KEPT]]#4
// CHECK: %[[ODD:.*]] = arith.maxnumf %[[KEPT]]#2, %[[KEPT]]#6
// CHECK: arith.maxnumf %[[EVEN]], %[[ODD]]
// CHECK: arith.maxnumf %[[KEPT]]#1, %[[KEPT]]#5
// CHECK: nvvm.shfl.sync bfly %{{.*}}, %{{.*}}, %c4_
// CHECK: nvvm.shfl.sync bfly %{{.*}}, %{{.*}}, %c8_
// CHECK: nvvm.shfl.sync bfly %{{.*}}, %{{.*}}, %c16_
// CHECK: nvvm.shfl.sync bfly %{{.*}}, %{{.*}}, %c4_
// CHECK: nvvm.shfl.sync bfly %{{.*}}, %{{.*}}, %c8_
// CHECK: nvvm.shfl.sync bfly %{{.*}}, %{{.*}}, %c16_
// CHECK-NOT: nvvm.shfl

// Weights: rows 2 t and 2 t + 1 of 8 keys are a register. Of a step's four the first and the third have rows 2 t
// of q and r: they are the first group's operand, of which keys 8 further are the upper half.
// CHECK: nvvm.convert.f32x2.to.f16x2 %[[KEPT]]#1, %[[KEPT]]#0
// CHECK: %[[P0:.*]] = llvm.bitcast
// CHECK: nvvm.convert.f32x2.to.f16x2 %[[KEPT]]#3, %[[KEPT]]#2
// CHECK: %[[P1:.*]] = llvm.bitcast
// CHECK: nvvm.convert.f32x2.to.f16x2 %[[KEPT]]#5, %[[KEPT]]#4
// CHECK: %[[P2:.*]] = llvm.bitcast
// CHECK: nvvm.convert.f32x2.to.f16x2 %[[KEPT]]#7, %[[KEPT]]#6
// CHECK: %[[P3:.*]] = llvm.bitcast
// CHECK: %[[T0:.*]] = llvm.bitcast
// CHECK: %[[T1:.*]] = llvm.bitcast
// CHECK: %[[T2:.*]] = llvm.bitcast
// CHECK: %[[T3:.*]] = llvm.bitcast
// CHECK: %[[PAIR:.*]] = llvm.call_intrinsic "llvm.nvvm.prmt"(%[[P0]], %[[T0]], %c21520_
// CHECK: %[[B0:.*]] = llvm.inline_asm {{.*}}movmatrix{{.*}} %[[PAIR]] :
// CHECK: %[[PAIR:.*]] = llvm.call_intrinsic "llvm.nvvm.prmt"(%[[P1]], %[[T1]], %c21520_
// CHECK: %[[B1:.*]] = llvm.inline_asm {{.*}}movmatrix{{.*}} %[[PAIR]] :
// CHECK: %[[PAIR:.*]] = llvm.call_intrinsic "llvm.nvvm.prmt"(%[[P0]], %[[T0]], %c30258_
// CHECK: %[[C0:.*]] = llvm.inline_asm {{.*}}movmatrix{{.*}} %[[PAIR]] :
// CHECK: %[[PAIR:.*]] = llvm.call_intrinsic "llvm.nvvm.prmt"(%[[P1]], %[[T1]], %c30258_
// CHECK: %[[C1:.*]] = llvm.inline_asm {{.*}}movmatrix{{.*}} %[[PAIR]] :
// CHECK: llvm.call_intrinsic "llvm.nvvm.prmt"(%[[P2]], %[[T2]], %c21520_
// CHECK: %[[B2:.*]] = llvm.inline_asm {{.*}}movmatrix
// CHECK: llvm.call_intrinsic "llvm.nvvm.prmt"(%[[P3]], %[[T3]], %c21520_
// CHECK: llvm.call_intrinsic "llvm.nvvm.prmt"(%[[P2]], %[[T2]], %c30258_
// CHECK: %[[C2:.*]] = llvm.inline_asm {{.*}}movmatrix
// CHECK: llvm.call_intrinsic "llvm.nvvm.prmt"(%[[P3]], %[[T3]], %c30258_
// Both groups have the same values, and the second 16 keys add to the sums of the first.
// CHECK: nvvm.ldmatrix %[[START:.*]] {eltType{{.*}}<col>, num = 4
// CHECK: %[[O:.*]] = llvm.inline_asm {{.*}}mma.sync{{.*}}, %[[B0]], %[[B1]], %cst
// CHECK: %[[O0:.*]] = llvm.extractvalue %[[O]][0]
// CHECK: %[[O:.*]] = llvm.inline_asm {{.*}}mma.sync{{.*}}, %[[C0]], %[[C1]], %cst
// CHECK: %[[U0:.*]] = llvm.extractvalue %[[O]][0]
// CHECK: %[[SECOND:.*]] = llvm.getelementptr %[[START]][2048]
// CHECK: nvvm.ldmatrix %[[SECOND]] {{.*}}<col>, num = 4
// CHECK: %[[O:.*]] = llvm.inline_asm {{.*}}mma.sync{{.*}}, %[[B2]], {{.*}}, %[[O0]],
// CHECK: %[[O0:.*]] = llvm.extractvalue %[[O]][0]
// CHECK: %[[O1:.*]] = llvm.extractvalue %[[O]][1]
// CHECK: %[[O2:.*]] = llvm.extractvalue %[[O]][2]
// CHECK: %[[O3:.*]] = llvm.extractvalue %[[O]][3]
// CHECK: %[[O:.*]] = llvm.inline_asm {{.*}}mma.sync{{.*}}, %[[C2]], {{.*}}, %[[U0]],
// CHECK: %[[U0:.*]] = llvm.extractvalue %[[O]][0]
// CHECK: %[[U1:.*]] = llvm.extractvalue %[[O]][1]
// CHECK: %[[U2:.*]] = llvm.extractvalue %[[O]][2]
// CHECK: %[[U3:.*]] = llvm.extractvalue %[[O]][3]
// CHECK-NOT: mma.sync
// CHECK: nvvm.bar.warp.sync

// Row 2 t, which is of the first group, then row 2 t + 1, of the second: 96 bytes further. q's sums and r's go to a
// ring each, m, d1 and d2 behind q's. The first warp reads row g of all 8.
// CHECK: %[[OWN:.*]] = arith.andi %[[WARP]], %c3_
// CHECK: %[[T:.*]] = arith.andi %[[LANE]], %c3_
// CHECK: %[[G:.*]] = arith.divui %[[LANE]], %c4_
// CHECK: nvvm.barrier id = {{.*}} number_of_threads = %c128
// CHECK: %[[OWN2:.*]] = arith.andi %[[WARP]], %c3_
// CHECK: %[[PART:.*]] = arith.muli %[[OWN2]], %c768_
// CHECK: %[[G2:.*]] = arith.divui %[[LANE]], %c4_
// CHECK: %[[T2:.*]] = arith.andi %[[LANE]], %c3_
// CHECK: %[[OF_LANE:.*]] = arith.muli %[[T2]], %c2_
// CHECK: %[[ROW:.*]] = arith.muli %[[OF_LANE]], %c96_
// CHECK: %[[IN_RING:.*]] = arith.addi %[[PART]], %[[ROW]]
// CHECK: %[[START1:.*]] = llvm.getelementptr %[[K]][%[[IN_RING]]]
// CHECK: %[[COLUMN:.*]] = arith.muli %[[G2]], %c4_
// CHECK: %[[ADDRESS:.*]] = llvm.getelementptr %[[START1]][%[[COLUMN]]]
// CHECK: %[[FIRST:.*]] = llvm.insertelement %[[O0]], %
// CHECK: llvm.store %[[FIRST]], %[[ADDRESS]] {alignment
// CHECK: %[[NEXT:.*]] = llvm.getelementptr %[[ADDRESS]][32]
// CHECK: %[[SECOND:.*]] = llvm.insertelement %[[O2]], %
// CHECK: llvm.store %[[SECOND]], %[[NEXT]] {alignment
// CHECK-NOT: llvm.store
// CHECK-NOT: nvvm.barrier
// CHECK: %[[START2:.*]] = llvm.getelementptr %[[OTHER]][%[[IN_RING]]]
// CHECK: %[[COLUMN:.*]] = arith.muli %[[G2]], %c4_
// CHECK: %[[ADDRESS:.*]] = llvm.getelementptr %[[START2]][%[[COLUMN]]]
// CHECK: %[[FIRST:.*]] = llvm.insertelement %[[O1]], %
// CHECK: llvm.store %[[FIRST]], %[[ADDRESS]] {alignment
// CHECK: %[[NEXT:.*]] = llvm.getelementptr %[[ADDRESS]][32]
// CHECK: %[[SECOND:.*]] = llvm.insertelement %[[O3]], %
// CHECK: llvm.store %[[SECOND]], %[[NEXT]] {alignment
// CHECK-NOT: llvm.store
// CHECK-NOT: nvvm.barrier
// CHECK: %[[IS_ONE:.*]] = arith.cmpi eq, %[[G2]], %c0_
// CHECK: scf.if %[[IS_ONE]] {
// CHECK: %[[OF_ROW:.*]] = llvm.getelementptr %[[K]][%[[IN_RING]]]
// CHECK: %[[BEHIND:.*]] = llvm.getelementptr %[[OF_ROW]][64]
// CHECK: llvm.store %{{.*}}, %[[BEHIND]] {alignment = 16 : i64} : vector<4xf32>, !llvm.ptr<3>
// CHECK-NOT: llvm.store
// CHECK-NOT: nvvm.barrier
// CHECK: %[[NEXT:.*]] = arith.addi %[[OF_LANE]], %c1_
// CHECK: %[[ROW:.*]] = arith.muli %[[NEXT]], %c96_
// CHECK: %[[IN_RING:.*]] = arith.addi %[[PART]], %[[ROW]]
// CHECK: %[[START1:.*]] = llvm.getelementptr %[[K]][%[[IN_RING]]]
// CHECK: %[[COLUMN:.*]] = arith.muli %[[G2]], %c4_
// CHECK: %[[ADDRESS:.*]] = llvm.getelementptr %[[START1]][%[[COLUMN]]]
// CHECK: %[[FIRST:.*]] = llvm.insertelement %[[U0]], %
// CHECK: llvm.store %[[FIRST]], %[[ADDRESS]] {alignment
// CHECK: %[[NEXT:.*]] = llvm.getelementptr %[[ADDRESS]][32]
// CHECK: %[[SECOND:.*]] = llvm.insertelement %[[U2]], %
// CHECK: llvm.store %[[SECOND]], %[[NEXT]] {alignment
// CHECK-NOT: llvm.store
// CHECK-NOT: nvvm.barrier
// CHECK: %[[START2:.*]] = llvm.getelementptr %[[OTHER]][%[[IN_RING]]]
// CHECK: %[[COLUMN:.*]] = arith.muli %[[G2]], %c4_
// CHECK: %[[ADDRESS:.*]] = llvm.getelementptr %[[START2]][%[[COLUMN]]]
// CHECK: %[[FIRST:.*]] = llvm.insertelement %[[U1]], %
// CHECK: llvm.store %[[FIRST]], %[[ADDRESS]] {alignment
// CHECK: %[[NEXT:.*]] = llvm.getelementptr %[[ADDRESS]][32]
// CHECK: %[[SECOND:.*]] = llvm.insertelement %[[U3]], %
// CHECK: llvm.store %[[SECOND]], %[[NEXT]] {alignment
// CHECK-NOT: llvm.store
// CHECK-NOT: nvvm.barrier
// CHECK: %[[IS_ONE:.*]] = arith.cmpi eq, %[[G2]], %c0_
// CHECK: scf.if %[[IS_ONE]] {
// CHECK: %[[OF_ROW:.*]] = llvm.getelementptr %[[K]][%[[IN_RING]]]
// CHECK: %[[BEHIND:.*]] = llvm.getelementptr %[[OF_ROW]][64]
// CHECK: llvm.store %{{.*}}, %[[BEHIND]] {alignment = 16 : i64} : vector<4xf32>, !llvm.ptr<3>
// CHECK-NOT: llvm.store
// CHECK: nvvm.barrier id = {{.*}} number_of_threads = %c128
// CHECK-NOT: nvvm.barrier
// CHECK: %[[IS_FIRST:.*]] = arith.cmpi eq, %[[OWN]], %c0_
// CHECK: %[[OF_G:.*]] = arith.andi %[[G]], %c7_
// CHECK: %[[MERGED_ROW:.*]] = arith.muli %[[OF_G]], %c96_
// CHECK: %[[MERGED:.*]]:7 = scf.if %[[IS_FIRST]] ->
// CHECK: %[[OF_ROW:.*]] = llvm.getelementptr %[[K]][%[[MERGED_ROW]]]
// CHECK: %[[BEHIND:.*]] = llvm.getelementptr %[[OF_ROW]][64]
// CHECK: llvm.load %[[BEHIND]] {{.*}} -> vector<4xf32>
// CHECK: %[[OF_ROW:.*]] = llvm.getelementptr %[[K]][%[[MERGED_ROW]]]
// CHECK: %[[OF_PART:.*]] = llvm.getelementptr %[[OF_ROW]][768]
// CHECK: %[[BEHIND:.*]] = llvm.getelementptr %[[OF_PART]][64]
// CHECK: llvm.load %[[BEHIND]] {{.*}} -> vector<4xf32>
// CHECK: %[[OF_ROW:.*]] = llvm.getelementptr %[[K]][%[[MERGED_ROW]]]
// CHECK: %[[OF_PART:.*]] = llvm.getelementptr %[[OF_ROW]][1536]
// CHECK: %[[BEHIND:.*]] = llvm.getelementptr %[[OF_PART]][64]
// CHECK: llvm.load %[[BEHIND]] {{.*}} -> vector<4xf32>
// CHECK: %[[OF_ROW:.*]] = llvm.getelementptr %[[K]][%[[MERGED_ROW]]]
// CHECK: %[[OF_PART:.*]] = llvm.getelementptr %[[OF_ROW]][2304]
// CHECK: %[[BEHIND:.*]] = llvm.getelementptr %[[OF_PART]][64]
// CHECK: llvm.load %[[BEHIND]] {{.*}} -> vector<4xf32>
// CHECK-NOT: llvm.load
// CHECK: } else {
// CHECK-NOT: nvvm.barrier
// CHECK: scf.if %[[IS_FIRST]] -> (f32, f32, f32, f32) {
// CHECK: %[[COLUMN:.*]] = arith.muli %[[T]], %c8_
// CHECK: %[[OF_ROW:.*]] = llvm.getelementptr %[[K]][%[[MERGED_ROW]]]
// CHECK: %[[ADDRESS:.*]] = llvm.getelementptr %[[OF_ROW]][%[[COLUMN]]]
// CHECK: %[[READ:.*]] = llvm.load %[[ADDRESS]] {{.*}} -> vector<2xf32>
// CHECK: %[[VALUE:.*]] = llvm.extractelement %[[READ]][%c0_
// CHECK: arith.mulf %[[VALUE]], %[[MERGED]]#3
// CHECK: %[[OF_ROW:.*]] = llvm.getelementptr %[[K]][%[[MERGED_ROW]]]
// CHECK: %[[OF_PART:.*]] = llvm.getelementptr %[[OF_ROW]][768]
// CHECK: %[[ADDRESS:.*]] = llvm.getelementptr %[[OF_PART]][%[[COLUMN]]]
// CHECK: %[[READ:.*]] = llvm.load %[[ADDRESS]] {{.*}} -> vector<2xf32>
// CHECK: %[[VALUE:.*]] = llvm.extractelement %[[READ]][%c0_
// CHECK: arith.mulf %[[VALUE]], %[[MERGED]]#4
// CHECK: %[[OF_ROW:.*]] = llvm.getelementptr %[[K]][%[[MERGED_ROW]]]
// CHECK: %[[OF_PART:.*]] = llvm.getelementptr %[[OF_ROW]][1536]
// CHECK: %[[ADDRESS:.*]] = llvm.getelementptr %[[OF_PART]][%[[COLUMN]]]
// CHECK: %[[READ:.*]] = llvm.load %[[ADDRESS]] {{.*}} -> vector<2xf32>
// CHECK: %[[VALUE:.*]] = llvm.extractelement %[[READ]][%c0_
// CHECK: arith.mulf %[[VALUE]], %[[MERGED]]#5
// CHECK: %[[OF_ROW:.*]] = llvm.getelementptr %[[K]][%[[MERGED_ROW]]]
// CHECK: %[[OF_PART:.*]] = llvm.getelementptr %[[OF_ROW]][2304]
// CHECK: %[[ADDRESS:.*]] = llvm.getelementptr %[[OF_PART]][%[[COLUMN]]]
// CHECK: %[[READ:.*]] = llvm.load %[[ADDRESS]] {{.*}} -> vector<2xf32>
// CHECK: %[[VALUE:.*]] = llvm.extractelement %[[READ]][%c0_
// CHECK: arith.mulf %[[VALUE]], %[[MERGED]]#6
// CHECK: %[[OF_ROW:.*]] = llvm.getelementptr %[[K]][%[[MERGED_ROW]]]
// CHECK: %[[ADDRESS:.*]] = llvm.getelementptr %[[OF_ROW]][%[[COLUMN]]]
// CHECK: %[[NEXT:.*]] = llvm.getelementptr %[[ADDRESS]][32]
// CHECK: llvm.load %[[NEXT]] {{.*}} -> vector<2xf32>
// CHECK: %[[OF_ROW:.*]] = llvm.getelementptr %[[K]][%[[MERGED_ROW]]]
// CHECK: %[[OF_PART:.*]] = llvm.getelementptr %[[OF_ROW]][768]
// CHECK: %[[ADDRESS:.*]] = llvm.getelementptr %[[OF_PART]][%[[COLUMN]]]
// CHECK: %[[NEXT:.*]] = llvm.getelementptr %[[ADDRESS]][32]
// CHECK: llvm.load %[[NEXT]] {{.*}} -> vector<2xf32>
// CHECK: %[[OF_ROW:.*]] = llvm.getelementptr %[[K]][%[[MERGED_ROW]]]
// CHECK: %[[OF_PART:.*]] = llvm.getelementptr %[[OF_ROW]][1536]
// CHECK: %[[ADDRESS:.*]] = llvm.getelementptr %[[OF_PART]][%[[COLUMN]]]
// CHECK: %[[NEXT:.*]] = llvm.getelementptr %[[ADDRESS]][32]
// CHECK: llvm.load %[[NEXT]] {{.*}} -> vector<2xf32>
// CHECK: %[[OF_ROW:.*]] = llvm.getelementptr %[[K]][%[[MERGED_ROW]]]
// CHECK: %[[OF_PART:.*]] = llvm.getelementptr %[[OF_ROW]][2304]
// CHECK: %[[ADDRESS:.*]] = llvm.getelementptr %[[OF_PART]][%[[COLUMN]]]
// CHECK: %[[NEXT:.*]] = llvm.getelementptr %[[ADDRESS]][32]
// CHECK: llvm.load %[[NEXT]] {{.*}} -> vector<2xf32>
// CHECK-NOT: llvm.load
// CHECK: } else {
// CHECK-NOT: nvvm.barrier
// CHECK: scf.if %[[IS_FIRST]] -> (f32, f32, f32, f32) {
// CHECK: %[[COLUMN:.*]] = arith.muli %[[T]], %c8_
// CHECK: %[[OF_ROW:.*]] = llvm.getelementptr %[[OTHER]][%[[MERGED_ROW]]]
// CHECK: %[[ADDRESS:.*]] = llvm.getelementptr %[[OF_ROW]][%[[COLUMN]]]
// CHECK: %[[READ:.*]] = llvm.load %[[ADDRESS]] {{.*}} -> vector<2xf32>
// CHECK: %[[VALUE:.*]] = llvm.extractelement %[[READ]][%c0_
// CHECK: arith.mulf %[[VALUE]], %[[MERGED]]#3
// CHECK: %[[OF_ROW:.*]] = llvm.getelementptr %[[OTHER]][%[[MERGED_ROW]]]
// CHECK: %[[OF_PART:.*]] = llvm.getelementptr %[[OF_ROW]][768]
// CHECK: %[[ADDRESS:.*]] = llvm.getelementptr %[[OF_PART]][%[[COLUMN]]]
// CHECK: %[[READ:.*]] = llvm.load %[[ADDRESS]] {{.*}} -> vector<2xf32>
// CHECK: %[[VALUE:.*]] = llvm.extractelement %[[READ]][%c0_
// CHECK: arith.mulf %[[VALUE]], %[[MERGED]]#4
// CHECK: %[[OF_ROW:.*]] = llvm.getelementptr %[[OTHER]][%[[MERGED_ROW]]]
// CHECK: %[[OF_PART:.*]] = llvm.getelementptr %[[OF_ROW]][1536]
// CHECK: %[[ADDRESS:.*]] = llvm.getelementptr %[[OF_PART]][%[[COLUMN]]]
// CHECK: %[[READ:.*]] = llvm.load %[[ADDRESS]] {{.*}} -> vector<2xf32>
// CHECK: %[[VALUE:.*]] = llvm.extractelement %[[READ]][%c0_
// CHECK: arith.mulf %[[VALUE]], %[[MERGED]]#5
// CHECK: %[[OF_ROW:.*]] = llvm.getelementptr %[[OTHER]][%[[MERGED_ROW]]]
// CHECK: %[[OF_PART:.*]] = llvm.getelementptr %[[OF_ROW]][2304]
// CHECK: %[[ADDRESS:.*]] = llvm.getelementptr %[[OF_PART]][%[[COLUMN]]]
// CHECK: %[[READ:.*]] = llvm.load %[[ADDRESS]] {{.*}} -> vector<2xf32>
// CHECK: %[[VALUE:.*]] = llvm.extractelement %[[READ]][%c0_
// CHECK: arith.mulf %[[VALUE]], %[[MERGED]]#6
// CHECK: %[[OF_ROW:.*]] = llvm.getelementptr %[[OTHER]][%[[MERGED_ROW]]]
// CHECK: %[[ADDRESS:.*]] = llvm.getelementptr %[[OF_ROW]][%[[COLUMN]]]
// CHECK: %[[NEXT:.*]] = llvm.getelementptr %[[ADDRESS]][32]
// CHECK: llvm.load %[[NEXT]] {{.*}} -> vector<2xf32>
// CHECK: %[[OF_ROW:.*]] = llvm.getelementptr %[[OTHER]][%[[MERGED_ROW]]]
// CHECK: %[[OF_PART:.*]] = llvm.getelementptr %[[OF_ROW]][768]
// CHECK: %[[ADDRESS:.*]] = llvm.getelementptr %[[OF_PART]][%[[COLUMN]]]
// CHECK: %[[NEXT:.*]] = llvm.getelementptr %[[ADDRESS]][32]
// CHECK: llvm.load %[[NEXT]] {{.*}} -> vector<2xf32>
// CHECK: %[[OF_ROW:.*]] = llvm.getelementptr %[[OTHER]][%[[MERGED_ROW]]]
// CHECK: %[[OF_PART:.*]] = llvm.getelementptr %[[OF_ROW]][1536]
// CHECK: %[[ADDRESS:.*]] = llvm.getelementptr %[[OF_PART]][%[[COLUMN]]]
// CHECK: %[[NEXT:.*]] = llvm.getelementptr %[[ADDRESS]][32]
// CHECK: llvm.load %[[NEXT]] {{.*}} -> vector<2xf32>
// CHECK: %[[OF_ROW:.*]] = llvm.getelementptr %[[OTHER]][%[[MERGED_ROW]]]
// CHECK: %[[OF_PART:.*]] = llvm.getelementptr %[[OF_ROW]][2304]
// CHECK: %[[ADDRESS:.*]] = llvm.getelementptr %[[OF_PART]][%[[COLUMN]]]
// CHECK: %[[NEXT:.*]] = llvm.getelementptr %[[ADDRESS]][32]
// CHECK: llvm.load %[[NEXT]] {{.*}} -> vector<2xf32>
// CHECK-NOT: llvm.load
// CHECK: } else {
// CHECK-NOT: nvvm.barrier
// CHECK-NOT: llvm.load
// CHECK-NOT: nvvm.barrier
// CHECK: llvm.return
func.func @groups(%n: i32, %token: i32, %key: i32, %shift: i32, %window: i32) attributes {hopper.kernel} {
  %q = hopper.alloc : !hopper.smem<16x64xf16>
  %k = hopper.alloc : !k
  %other = hopper.alloc : !k
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %a = hopper.load_fragment %q : !hopper.smem<16x64xf16> -> tensor<64x64xf16, #hopper.operand_a<per_warp>>
    %st = hopper.warp_mma %a, %k transpose : tensor<64x64xf16, #hopper.operand_a<per_warp>>, !k -> tensor<64x32xf32, #hopper.acc<per_warp>>
    %s, %t = hopper.unstack %st : tensor<64x32xf32, #hopper.acc<per_warp>> -> !scores
    %x = hopper.mask %s at(%n, %token, %key) length(%n) causal(%shift) window(%window) heads 4 : !scores
    %m = hopper.reduce max %x : !scores -> !row
    %l = hopper.reduce add %x : !scores -> tensor<32x8xf32, #hopper.row_partial<per_warp>>
    %p1 = hopper.pack %x : !scores -> tensor<32x32xf16, #hopper.acc<per_warp>>
    %p2 = hopper.pack %t : !scores -> tensor<32x32xf16, #hopper.acc<per_warp>>
    %p = hopper.stack %p1, %p2 : tensor<32x32xf16, #hopper.acc<per_warp>> -> tensor<64x32xf16, #hopper.operand_a<per_warp>>
    %o = hopper.warp_mma %p, %k : tensor<64x32xf16, #hopper.operand_a<per_warp>>, !k -> tensor<64x16xf32, #hopper.acc<per_warp>>
    %o1, %o2 = hopper.unstack %o : tensor<64x16xf32, #hopper.acc<per_warp>> -> !sums
    %r:5 = hopper.merge_warps %m, %m, %m, %o1, %o2 through %k, %other : !row, !sums, !k -> tensor<32xf32, #hopper.row>, tensor<32x16xf32, #hopper.acc>
  }
  return
}

// -----

// Two groups in fours: lane 4 g + t has of the first row 2 (g / 2) of q, or of r if g is odd, of the second the next.
!k = !hopper.smem<64x128xf8E4M3FN>

// CHECK-LABEL: llvm.func @groups_in_fours
// CHECK: %[[LANE:.*]] = arith.andi %{{.*}}, %c31_
// CHECK: %[[G:.*]] = arith.divui %[[LANE]], %c4_
// CHECK: %[[PAIR:.*]] = arith.divui %[[G]], %c2_
// CHECK: %[[OF_Q:.*]] = arith.muli %[[PAIR]], %c2_
// CHECK: %[[IS_R:.*]] = arith.andi %[[G]], %c1_
// CHECK: %[[OF_R:.*]] = arith.muli %[[IS_R]], %c8_
// CHECK: %[[ROW:.*]] = arith.addi %[[OF_Q]], %[[OF_R]]
// CHECK: %[[FIRST:.*]] = llvm.load %{{.*}} -> vector<2xi32>
// CHECK: %[[Q0:.*]] = llvm.extractelement %[[FIRST]][%c0_
// CHECK: %[[Q1:.*]] = llvm.extractelement %[[FIRST]][%c1_
// CHECK: %[[OF_Q:.*]] = arith.muli %{{.*}}, %c2_
// CHECK: %[[NEXT:.*]] = arith.addi %[[OF_Q]], %c1_
// CHECK: %[[OF_R:.*]] = arith.muli %{{.*}}, %c8_
// CHECK: arith.addi %[[NEXT]], %[[OF_R]]
// CHECK: %[[SECOND:.*]] = llvm.load %{{.*}} -> vector<2xi32>
// CHECK: %[[R0:.*]] = llvm.extractelement %[[SECOND]][%c0_
// CHECK: %[[R1:.*]] = llvm.extractelement %[[SECOND]][%c1_
// CHECK: nvvm.ldmatrix {{.*}}<row>, num = 4
// CHECK: %[[A0:.*]] = llvm.bitcast
// CHECK: %[[A1:.*]] = llvm.bitcast
// CHECK: %[[A2:.*]] = llvm.bitcast
// CHECK: %[[A3:.*]] = llvm.bitcast
// CHECK: mma.sync{{.*}} %[[A0]], %[[A1]], %[[A2]], %[[A3]], %[[Q0]], %[[Q1]], %cst
// CHECK: mma.sync{{.*}} %[[A0]], %[[A1]], %[[A2]], %[[A3]], %[[R0]], %[[R1]], %cst
// CHECK-NOT: mma.sync
func.func @groups_in_fours(%n: i32) attributes {hopper.kernel} {
  %q = hopper.alloc : !hopper.smem<16x64xbf16>
  %k = hopper.alloc : !k
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %a = hopper.load_fragment %q in_fours : !hopper.smem<16x64xbf16> -> tensor<64x16xbf16, #hopper.operand_a<per_warp>>
    %s = hopper.warp_mma %a, %k transpose : tensor<64x16xbf16, #hopper.operand_a<per_warp>>, !k -> tensor<64x16xf32, #hopper.acc<per_warp>>
  }
  return
}

// -----

// A constant of 16 bits is two copies in each register.
// CHECK-LABEL: llvm.func @packed
// CHECK: %[[ONES:.*]] = arith.constant 1065369472 : i32
// CHECK: llvm.call_intrinsic "llvm.nvvm.prmt"(%[[ONES]], %[[ONES]]
func.func @packed() attributes {hopper.kernel} {
  %v = hopper.alloc : !hopper.smem<64x64xbf16>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %p = arith.constant dense<1.0> : tensor<16x16xbf16, #hopper.acc<per_warp>>
    %a = hopper.stack %p, %p : tensor<16x16xbf16, #hopper.acc<per_warp>> -> tensor<32x16xbf16, #hopper.operand_a<per_warp>>
    %o = hopper.warp_mma %a, %v : tensor<32x16xbf16, #hopper.operand_a<per_warp>>, !hopper.smem<64x64xbf16> -> tensor<32x16xf32, #hopper.acc<per_warp>>
  }
  return
}
