//===- MatmulOps.td - Asynchronous warpgroup multiplication -*- tablegen -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_DIALECT_HOPPER_MATMULOPS
#define PARALLAX_DIALECT_HOPPER_MATMULOPS

include "dialect/Hopper/HopperBase.td"

def WgmmaOp : Hopper_ConsumerOp<"wgmma", [AttrSizedOperandSegments,
    OptionalTypesMatchWith<"the accumulator has the result's type", "result",
                           "accumulator", "$_self">]> {
  let summary = "start a multiplication by one warpgroup";
  let description = [{
    `result = accumulator + a * b`, or `a * transpose(b)` with `transpose`; no
    accumulator is an accumulator of zeros. Products are exact, sums are f32,
    and the inner dimension is summed over its first `inner` elements (by
    default all of a's columns).

    `a` is 64 rows: a fragment, or rows `row` to `row` + 63 of a stage, of which
    `only` the first so many are given: the others may hold anything, may lie
    behind the tile, and the result's rows from there on are unspecified. `b` is a
    stage: with `transpose` its rows are the result's columns, without it its
    rows are the inner dimension and the result's columns are its columns from
    `column` on.

    Asynchronous: it belongs to the warpgroup's open group, which
    `hopper.commit` closes. Until a `hopper.wait_group` retires that group the
    result may only be passed to that wait, its accumulator and fragment
    registers may not be read or written, and the shared memory not written.

    Constraints:
    - (C1) the element type of `a` and `b` is the same.
    - (C2) the result is 64xN of f32, N at most 256.
    - (C3) `inner` is a positive multiple of 16, at most the columns of `a` and
      at most b's columns (with `transpose`) or rows (without).
    - (C4) N is at most b's rows (with `transpose`) or columns (without).
    - (C5) a ring of more than one stage is indexed; a fragment has no stage and
      no row.
    - (C6) `columns` needs a `b` that isn't transposed.
    - (C7) `a` in shared memory has at least 64 rows, or those that are given; a
      fragment 64.
    - (C8) `only` is a multiple of 8 in [8, 64], of an `a` in shared memory.

    The run-time `row` is a multiple of 8 and `column` a multiple of 64.

    ```mlir
    %s = hopper.wgmma %q rows(%r), %k[%n] transpose
        : !hopper.smem<128x128xbf16>, !hopper.smem<3x64x128xbf16>
        -> tensor<64x64xf32, #hopper.acc>
    %o = hopper.wgmma %p, %v[%n] into %acc
        : tensor<64x64xbf16, #hopper.operand_a>, !hopper.smem<3x64x128xbf16>
        -> tensor<64x128xf32, #hopper.acc>
    ```
  }];
  let arguments = (ins
    AnyTypeOf<[Hopper_OperandTile, Hopper_OperandA]>:$a, Optional<I32>:$a_stage,
    Optional<I32>:$row, Hopper_OperandTile:$b, Optional<I32>:$b_stage,
    Optional<I32>:$column, Optional<Hopper_Acc>:$accumulator,
    UnitAttr:$transpose, OptionalAttr<I64Attr>:$inner,
    OptionalAttr<I64Attr>:$only);
  let results = (outs Hopper_Acc:$result);
  let assemblyFormat = [{
    $a (`[` $a_stage^ `]`)? (`rows` `(` $row^ `)`)? `,`
    $b (`[` $b_stage^ `]`)? (`columns` `(` $column^ `)`)?
    (`into` $accumulator^)? (`transpose` $transpose^)? (`inner` $inner^)?
    (`only` $only^)?
    attr-dict `:` type($a) `,` qualified(type($b)) `->` type($result)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// Elements of the inner dimension that are summed.
    int64_t getInnerSize();
  }];
}

def CommitOp : Hopper_ConsumerOp<"commit"> {
  let summary = "close the warpgroup's open group of multiplications";
  let description = [{
    ```mlir
    hopper.commit
    ```
  }];
  let assemblyFormat = "attr-dict";
}

def WaitGroupOp : Hopper_ConsumerOp<"wait_group",
    [DeclareOpInterfaceMethods<InferTypeOpInterface>]> {
  let summary = "wait until at most some groups of multiplications are pending";
  let description = [{
    Groups retire in the order of their commits. The results are the operands;
    those whose group has retired may be used. Pass every accumulator that
    retires here, and the fragments that must stay in their registers until
    here, and use the results in place of the operands from here on.

    Constraints:
    - (C1) pending is in [0, 7].
    - (C2) an accumulator is f32.

    ```mlir
    %t = hopper.wait_group pending 1 %s : tensor<64x64xf32, #hopper.acc>
    ```
  }];
  let arguments = (ins I64Attr:$pending, Variadic<Hopper_Fragment>:$fragments);
  let results = (outs Variadic<Hopper_Fragment>:$results);
  let assemblyFormat = "`pending` $pending ($fragments^ `:` type($fragments))? attr-dict";
  let hasVerifier = 1;
}

def WarpMmaOp : Hopper_ConsumerOp<"warp_mma", [AttrSizedOperandSegments,
    OptionalTypesMatchWith<"the accumulator has the result's type", "result",
                           "accumulator", "$_self">]> {
  let summary = "multiply by rows that each warp has of its own";
  let description = [{
    Warp w has rows w K/4 to (w + 1) K/4 - 1 of `b`, a stage of K rows, and a
    quarter of the rows of `a` and of the result: no warp reads what is another's.
    With r = w K/4, and F and G as below,

        result[i, j] = accumulator + sum of a[i, d] b[r + j, F(d)]

    over a's columns d with `transpose`, and else over those of a, j:

        result[i, d] = accumulator + sum of a[i, j] b[r + j, G(d)]

    No accumulator is one of zeros. Elements of b, if they are not of a's type,
    become it, which is exact; products are exact, sums are f32.

    F(d) and G(d) are d if b's elements are of 16 bits, and of 8 the orders in
    which a thread has columns as they lie side by side, four or two at a time:
    F(16 s + 8 h + 2 t + e) = 16 s + 4 t + 2 h + e, with h and e in {0, 1} and t in
    [0, 3], and G(16 s + 8 h + g) = 16 s + 2 g + h with g in [0, 7].
    `hopper.load_fragment` with `in_fours` reads queries in the first;
    `hopper.merge_warps` and `hopper.send_rows` undo the second.

    Nothing is in flight behind it: each warp may arrive at the barrier that
    gives the stage back.

    Constraints:
    - (C1) b is of a's type, or of f8E4M3FN and has one block of columns, and K
      is a multiple of 64.
    - (C2) the result is of f32; with `transpose` it has K/4 columns, without it a
      multiple of 16, at most b's.
    - (C3) a has the result's rows; with `transpose` at most b's columns, without
      it K/4.
    - (C4) a ring of more than one stage is indexed.

    ```mlir
    %s = hopper.warp_mma %q, %k[%n] transpose
        : tensor<32x128xbf16, #hopper.operand_a<per_warp>>,
          !hopper.smem<4x64x128xf8E4M3FN>
        -> tensor<32x16xf32, #hopper.acc<per_warp>>
    %o = hopper.warp_mma %p, %v[%n] into %acc
        : tensor<32x16xbf16, #hopper.operand_a<per_warp>>,
          !hopper.smem<4x64x128xf8E4M3FN>
        -> tensor<32x128xf32, #hopper.acc<per_warp>>
    ```
  }];
  let arguments = (ins Hopper_WarpOperandA:$a, Hopper_MultipliedTile:$b,
    Optional<I32>:$b_stage, Optional<Hopper_WarpAcc>:$accumulator,
    UnitAttr:$transpose);
  let results = (outs Hopper_WarpAcc:$result);
  let assemblyFormat = [{
    $a `,` $b (`[` $b_stage^ `]`)? (`into` $accumulator^)?
    (`transpose` $transpose^)? attr-dict `:` type($a) `,`
    qualified(type($b)) `->` type($result)
  }];
  let hasVerifier = 1;
}

#endif // PARALLAX_DIALECT_HOPPER_MATMULOPS
