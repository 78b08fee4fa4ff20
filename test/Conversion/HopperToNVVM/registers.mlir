// Work on register tensors: a 64x16 accumulator is 8 registers of a thread, a
// row value 2, one for each half of its rows.
//
// RUN: parallax-opt %s --hopper-to-nvvm | FileCheck %s

// CHECK-LABEL: llvm.func @registers
// CHECK-SAME: (%[[N:.*]]: i32, %[[X:.*]]: f32)
// CHECK: %[[LANE:.*]] = arith.andi
// CHECK: } else {

// mask: a register's column compares with bounds relative to the thread's first
// column: below the diagonal t + shift + 1, and from `window` before it.
// CHECK: %[[IN_FOUR:.*]] = arith.andi %[[LANE]], %{{c3.*}} :
// CHECK: %[[TWICE:.*]] = arith.muli %[[IN_FOUR]], %{{c2.*}} :
// CHECK: %[[KEY:.*]] = arith.addi %[[N]], %[[TWICE]]
// CHECK: %[[LEFT:.*]] = arith.subi %[[N]], %[[KEY]]
// CHECK: %[[T:.*]] = arith.divui %{{.*}}, %{{c4.*}} :
// CHECK: %[[TOKEN:.*]] = arith.addi %[[N]], %[[T]]
// CHECK: %[[SHIFTED:.*]] = arith.addi %[[TOKEN]], %[[N]]
// CHECK: %[[RELATIVE:.*]] = arith.subi %[[SHIFTED]], %[[KEY]]
// CHECK: %[[DIAGONAL:.*]] = arith.addi %[[RELATIVE]], %{{c1.*}} :
// CHECK: %[[BELOW:.*]] = arith.minsi %[[LEFT]], %[[DIAGONAL]]
// CHECK: %[[ABOVE:.*]] = arith.subi %[[DIAGONAL]], %[[N]]
// CHECK: %[[BELOW8:.*]] = arith.minsi
// CHECK: %[[ABOVE8:.*]] = arith.subi
// A warp in which no lane hides anything branches around it: column 9 is the
// last, 0 the first.
// CHECK: %[[H0:.*]] = arith.cmpi sle, %[[BELOW]], %{{c9.*}} :
// CHECK: %[[H1:.*]] = arith.cmpi slt, %{{c0.*}}, %[[ABOVE]] :
// CHECK: %[[H2:.*]] = arith.ori %[[H0]], %[[H1]]
// CHECK: %[[H3:.*]] = arith.cmpi sle, %[[BELOW8]], %{{c9.*}} :
// CHECK: %[[H4:.*]] = arith.ori %[[H2]], %[[H3]]
// CHECK: %[[H5:.*]] = arith.cmpi slt, %{{c0.*}}, %[[ABOVE8]] :
// CHECK: %[[HIDES:.*]] = arith.ori %[[H4]], %[[H5]]
// CHECK: %[[INF:.*]] = arith.constant 0xFF800000 : f32
// CHECK: %[[ANY:.*]] = nvvm.vote.sync {{ *}}any %{{.*}}, %[[HIDES]]
// CHECK: %[[S:.*]]:8 = scf.if %[[ANY]] ->
// CHECK: %[[A:.*]] = arith.cmpi slt, %{{c0.*}}, %[[BELOW]] :
// CHECK: %[[B:.*]] = arith.cmpi sle, %[[ABOVE]], %{{c0.*}} :
// CHECK: %[[KEPT:.*]] = arith.andi %[[A]], %[[B]]
// CHECK: %[[S0:.*]] = arith.select %[[KEPT]], %[[X]], %[[INF]]
// CHECK: arith.cmpi slt, %{{c1.*}}, %[[BELOW]] :
// CHECK: arith.cmpi slt, %{{c0.*}}, %[[BELOW8]] :
// CHECK: arith.cmpi slt, %{{c1.*}}, %[[BELOW8]] :
// CHECK: arith.cmpi slt, %{{c8.*}}, %[[BELOW]] :
// CHECK: arith.cmpi slt, %{{c9.*}}, %[[BELOW]] :
// CHECK: scf.yield %[[S0]], %
// CHECK: } else {
// CHECK: scf.yield %[[X]], %[[X]],

// reduce to a row: in the thread, then across the lanes that share it.
// CHECK: %[[M0:.*]] = arith.maxnumf %[[S]]#0, %[[S]]#4
// CHECK: %[[M1:.*]] = arith.maxnumf
// CHECK: %[[M:.*]] = arith.maxnumf %[[M0]], %[[M1]]
// CHECK: %[[FAR1:.*]] = nvvm.shfl.sync {{ *}}bfly %{{.*}}, %[[M]], %{{c1.*}}, %{{.*}}
// CHECK: %[[M2:.*]] = arith.maxnumf %[[M]], %[[FAR1]]
// CHECK: %[[FAR2:.*]] = nvvm.shfl.sync {{ *}}bfly %{{.*}}, %[[M2]], %{{c2.*}}, %{{.*}}
// CHECK: %[[ROW:.*]] = arith.maxnumf %[[M2]], %[[FAR2]]
// broadcast: registers 2 and 3 of each 4 belong to the other half.
// CHECK: nvvm.shfl.sync {{ *}}bfly
// CHECK: nvvm.shfl.sync {{ *}}bfly
// CHECK: %[[ROW8:.*]] = arith.maxnumf
// CHECK: %[[D0:.*]] = arith.subf %[[S]]#0, %[[ROW]] fastmath<contract>
// CHECK: arith.subf %{{.*}}, %[[ROW]]
// CHECK: arith.subf %{{.*}}, %[[ROW8]]
// CHECK: arith.subf %{{.*}}, %[[ROW8]]
// CHECK: arith.subf %[[S]]#4, %[[ROW]]
// CHECK: %[[E0:.*]] = llvm.call_intrinsic "llvm.nvvm.ex2.approx.ftz.f32"(%[[D0]])
// CHECK: %[[E1:.*]] = llvm.call_intrinsic "llvm.nvvm.ex2.approx.ftz.f32"
// CHECK-COUNT-6: llvm.call_intrinsic "llvm.nvvm.ex2.approx.ftz.f32"

// reduce to row_partial crosses no lane; from there to a row it does.
// CHECK-NOT: nvvm.shfl
// CHECK-COUNT-6: arith.addf
// CHECK: nvvm.shfl.sync {{ *}}bfly
// CHECK: llvm.call_intrinsic "llvm.nvvm.rcp.approx.ftz.f"
// CHECK: arith.mulf %[[ROW]], %{{.*}}
// CHECK: llvm.call_intrinsic "llvm.nvvm.lg2.approx.ftz.f"

// pack puts the lower column in the lower half; unpack undoes it.
// CHECK: %[[PAIR:.*]] = nvvm.convert.f32x2.to.bf16x2 %[[E1]], %[[E0]] {rnd = #nvvm.fp_rnd_mode<rn>}
// CHECK: %[[WORD:.*]] = llvm.bitcast %[[PAIR]] : vector<2xbf16> to i32
// CHECK: arith.shli %[[WORD]], %{{c16.*}} :
// CHECK: arith.andi %[[WORD]], %c-65536
func.func @registers(%n: i32, %x: f32) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %s = tensor.splat %x : tensor<64x16xf32, #hopper.acc>
    %m = hopper.mask %s at(%n, %n, %n) length(%n) causal(%n) window(%n) heads 4 : tensor<64x16xf32, #hopper.acc>
    %r = hopper.reduce max %m : tensor<64x16xf32, #hopper.acc> -> tensor<64xf32, #hopper.row>
    %b = hopper.broadcast %r : tensor<64xf32, #hopper.row> -> tensor<64x16xf32, #hopper.acc>
    %d = arith.subf %m, %b : tensor<64x16xf32, #hopper.acc>
    %e = math.exp2 %d : tensor<64x16xf32, #hopper.acc>
    %l = hopper.reduce add %e : tensor<64x16xf32, #hopper.acc> -> tensor<64x4xf32, #hopper.row_partial>
    %q = hopper.reduce add %l : tensor<64x4xf32, #hopper.row_partial> -> tensor<64xf32, #hopper.row>
    %z = arith.divf %r, %q : tensor<64xf32, #hopper.row>
    %g = math.log2 %z : tensor<64xf32, #hopper.row>
    %a = hopper.pack %e : tensor<64x16xf32, #hopper.acc> -> tensor<64x16xbf16, #hopper.operand_a>
    %u = hopper.unpack %a : tensor<64x16xbf16, #hopper.operand_a> -> tensor<64x16xf32, #hopper.acc>
  }
  return
}

// The rows of a fragment are summed by products with ones, 16 columns at a time
// in two chains; columns 0 and 2 of the four are the rows 8 apart.
// CHECK-LABEL: llvm.func @sum_of_fragment
// CHECK: %[[ONES:.*]] = arith.constant 1065369472 : i32
// CHECK: %[[ZERO:.*]] = arith.constant 0.0{{.*}} : f32
// CHECK: %[[A:.*]] = llvm.inline_asm {{.*}}"mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {$0, $1, $2, $3}, {$4, $5, $6, $7}, {$8, $8}, {$9, $10, $11, $12};", "=f,=f,=f,=f,r,r,r,r,r,0,1,2,3" %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %[[ONES]], %[[ZERO]], %[[ZERO]], %[[ZERO]], %[[ZERO]] :
// CHECK: %[[A0:.*]] = llvm.extractvalue %[[A]][0]
// CHECK: %[[ZERO1:.*]] = arith.constant 0.0{{.*}} : f32
// CHECK: llvm.inline_asm {{.*}}"mma.sync{{.*}}, %[[ZERO1]], %[[ZERO1]], %[[ZERO1]], %[[ZERO1]] :
// CHECK: %[[C:.*]] = llvm.inline_asm {{.*}}"mma.sync{{.*}}, %[[A0]], %
// CHECK: %[[C0:.*]] = llvm.extractvalue %[[C]][0]
// CHECK: %[[C2:.*]] = llvm.extractvalue %[[C]][2]
// CHECK: arith.addf %[[C0]], %{{.*}} fastmath<contract>
// CHECK: arith.addf %[[C2]], %{{.*}} fastmath<contract>
// CHECK-NOT: nvvm.shfl
// One row a thread: the other half of its products is of zeros.
// CHECK: %[[NONE:.*]] = arith.constant 0 : i32
// CHECK: llvm.inline_asm {{.*}}"mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {{.*}} %{{.*}}, %[[NONE]], %{{.*}}, %[[NONE]], %
// CHECK-NOT: mma.sync
func.func @sum_of_fragment(%x: f32) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %p = tensor.splat %x : tensor<64x48xf32, #hopper.acc>
    %a = hopper.pack %p : tensor<64x48xf32, #hopper.acc> -> tensor<64x48xbf16, #hopper.operand_a>
    %d = hopper.reduce add %a : tensor<64x48xbf16, #hopper.operand_a> -> tensor<64xf32, #hopper.row>
    %g = math.log2 %d : tensor<64xf32, #hopper.row>
    %p2 = tensor.splat %x : tensor<32x16xf32, #hopper.acc>
    %a2 = hopper.pack %p2 : tensor<32x16xf32, #hopper.acc> -> tensor<32x16xf16, #hopper.operand_a>
    %d2 = hopper.reduce add %a2 : tensor<32x16xf16, #hopper.operand_a> -> tensor<32xf32, #hopper.row>
    %g2 = math.log2 %d2 : tensor<32xf32, #hopper.row>
  }
  return
}

// A constant of a packed fragment holds its element twice in each register.
// CHECK-LABEL: llvm.func @packed_constant
// CHECK: %[[TWO:.*]] = arith.constant 1073758208 : i32
// CHECK: "=f,{{.*}}" %[[TWO]], %[[TWO]], %[[TWO]], %[[TWO]], %
func.func @packed_constant() attributes {hopper.kernel} {
  %k = hopper.alloc : !hopper.smem<16x64xbf16>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %a = arith.constant dense<2.0> : tensor<64x16xbf16, #hopper.operand_a>
    %o = hopper.wgmma %a, %k : tensor<64x16xbf16, #hopper.operand_a>,
        !hopper.smem<16x64xbf16> -> tensor<64x16xf32, #hopper.acc>
  }
  return
}

// A warp in which all factors of its rows are 1 branches around the products. A
// NaN is not 1.
// CHECK-LABEL: llvm.func @rescale
// CHECK-SAME: (%[[X:.*]]: f32, %[[F:.*]]: f32)
// CHECK: %[[D0:.*]] = arith.cmpf une, %[[F]], %{{.*}} : f32
// CHECK: %[[D1:.*]] = arith.cmpf une, %[[F]], %{{.*}} : f32
// CHECK: %[[DIFFERS:.*]] = arith.ori %[[D0]], %[[D1]]
// CHECK: %[[ANY:.*]] = nvvm.vote.sync {{ *}}any %{{.*}}, %[[DIFFERS]]
// CHECK: scf.if %[[ANY]] -> (f32, f32, f32, f32)
// CHECK-COUNT-4: arith.mulf %[[X]], %[[F]]
// CHECK-NOT: arith.mulf
// CHECK: } else {
// CHECK-NEXT: scf.yield %[[X]], %[[X]], %[[X]], %[[X]]
func.func @rescale(%x: f32, %f: f32) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %acc = tensor.splat %x : tensor<64x8xf32, #hopper.acc>
    %factor = tensor.splat %f : tensor<64xf32, #hopper.row>
    %o = hopper.rescale %acc by %factor : tensor<64x8xf32, #hopper.acc>,
        tensor<64xf32, #hopper.row>
  }
  return
}
