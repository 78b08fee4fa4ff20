//===- RegisterOps.td - Work on register tensors ----------*- tablegen -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_DIALECT_HOPPER_REGISTEROPS
#define PARALLAX_DIALECT_HOPPER_REGISTEROPS

include "dialect/Hopper/HopperBase.td"

def Hopper_ReduceKind : I32EnumAttr<"ReduceKind", "reduction of a row", [
    I32EnumAttrCase<"Add", 0, "add">, I32EnumAttrCase<"Max", 1, "max">]> {
  let cppNamespace = "::parallax::hopper";
}

def StackOp : Hopper_ConsumerOp<"stack", [Pure, AllTypesMatch<["first", "second"]>]> {
  let summary = "two tiles as one of twice the rows";
  let description = [{
    Row 16g + i of the result is row 8g + i of the first, row 16g + 8 + i that of
    the second, i below 8. Each thread keeps its registers, so it costs nothing.

    Of tiles that are `per_warp` row 2i of the result is row i of the first, row
    2i + 1 that of the second. Of 16 bits they become an operand, which crosses the
    threads of a warp.

    Constraints:
    - (C1) the operands have 32 rows, or 16 or 32 if they are `per_warp`, the result
      twice as many, and they agree in the rest; but of `acc<per_warp>` of 16 bits
      the result is `operand_a<per_warp>`.

    ```mlir
    %pp = hopper.stack %p1, %p2 : tensor<32x64xbf16, #hopper.operand_a>
        -> tensor<64x64xbf16, #hopper.operand_a>
    %ww = hopper.stack %w1, %w2 : tensor<16x16xbf16, #hopper.acc<per_warp>>
        -> tensor<32x16xbf16, #hopper.operand_a<per_warp>>
    ```
  }];
  let arguments = (ins AnyTypeOf<[Hopper_AnyAcc, Hopper_OperandA]>:$first,
      AnyTypeOf<[Hopper_AnyAcc, Hopper_OperandA]>:$second);
  let results = (outs Hopper_AnyFragment:$result);
  let assemblyFormat = [{
    $first `,` $second attr-dict `:` type($first) `->` type($result)
  }];
  let hasVerifier = 1;
}

def UnstackOp : Hopper_ConsumerOp<"unstack", [Pure, AllTypesMatch<["first", "second"]>]> {
  let summary = "the two tiles that one of twice the rows holds";
  let description = [{
    The inverse of `hopper.stack`, of accumulators and of operands that are not
    `per_warp`.

    Constraints: as (C1) of `hopper.stack`.

    ```mlir
    %ss, %t = hopper.unstack %st : tensor<64x64xf32, #hopper.acc>
        -> tensor<32x64xf32, #hopper.acc>
    ```
  }];
  let arguments = (ins AnyTypeOf<[Hopper_AnyAcc, Hopper_OperandA]>:$source);
  let results = (outs Hopper_AnyFragment:$first, Hopper_AnyFragment:$second);
  let assemblyFormat = "$source attr-dict `:` type($source) `->` type($first)";
  let hasVerifier = 1;
}

def PackOp : Hopper_ConsumerOp<"pack", [Pure]> {
  let summary = "round an accumulator to a fragment of wgmma's A operand";
  let description = [{
    Rounds to the nearest, ties to even. No value crosses threads. What is
    `per_warp` becomes an accumulator of 16 bits.

    Constraints:
    - (C1) shapes agree, and both are `per_warp` or neither; the source is of f32,
      the result of 16 bits.

    ```mlir
    %a = hopper.pack %p : tensor<64x64xf32, #hopper.acc>
        -> tensor<64x64xbf16, #hopper.operand_a>
    ```
  }];
  let arguments = (ins Hopper_AnyAcc:$source);
  let results = (outs AnyTypeOf<[Hopper_OperandA, Hopper_WarpAcc]>:$result);
  let assemblyFormat = "$source attr-dict `:` type($source) `->` type($result)";
  let hasVerifier = 1;
}

def UnpackOp : Hopper_ConsumerOp<"unpack", [Pure]> {
  let summary = "the values of a fragment as f32";
  let description = [{
    Exact. The inverse of `hopper.pack`, so unpack(pack(x)) is x rounded.

    Constraints: as (C1) of `hopper.pack`, the other way.

    ```mlir
    %p = hopper.unpack %a : tensor<64x64xbf16, #hopper.operand_a>
        -> tensor<64x64xf32, #hopper.acc>
    ```
  }];
  let arguments = (ins AnyTypeOf<[Hopper_OperandA, Hopper_WarpAcc]>:$source);
  let results = (outs Hopper_AnyAcc:$result);
  let assemblyFormat = "$source attr-dict `:` type($source) `->` type($result)";
  let hasVerifier = 1;
}

def ReduceOp : Hopper_ConsumerOp<"reduce", [Pure]> {
  let summary = "reduce each row to one value, or to one a lane";
  let description = [{
    Reduces the second dimension. To `#hopper.row` it crosses the lanes that share
    a row; to `#hopper.row_partial` it doesn't: element (i, l) of the result reduces
    the columns that lane has of row i. Of a fragment of
    wgmma's A operand the sum is one product by ones on the tensor cores, in
    f32: a multiplication a warp for 16 columns, which no group has to wait for.

    Constraints:
    - (C1) the source is `acc` or `row_partial` of f32 or a fragment, the result
      `row` or `row_partial` of f32, and not both are `row_partial`.
    - (C2) they have as many rows, and both are `per_warp` or neither.
    - (C3) of a fragment: a sum, to `row`.

    ```mlir
    %m = hopper.reduce max %s : tensor<64x64xf32, #hopper.acc>
        -> tensor<64xf32, #hopper.row>
    %l = hopper.reduce add %p : tensor<64x64xf32, #hopper.acc>
        -> tensor<64x4xf32, #hopper.row_partial>
    %d = hopper.reduce add %l : tensor<64x4xf32, #hopper.row_partial>
        -> tensor<64xf32, #hopper.row>
    %e = hopper.reduce add %a : tensor<64x64xbf16, #hopper.operand_a>
        -> tensor<64xf32, #hopper.row>
    ```
  }];
  let arguments = (ins Hopper_ReduceKind:$kind,
      AnyTypeOf<[Hopper_AnyAcc, Hopper_AnyRowPartial, Hopper_OperandA]>:$source);
  let results = (outs AnyTypeOf<[Hopper_AnyRow, Hopper_AnyRowPartial]>:$result);
  let assemblyFormat = "$kind $source attr-dict `:` type($source) `->` type($result)";
  let hasVerifier = 1;
}

def BroadcastOp : Hopper_WarpgroupOp<"broadcast", [Pure]> {
  let summary = "repeat a row's value along its row";
  let description = [{
    Element (i, j) of the result is element i of the source.

    Constraints:
    - (C1) element types agree.
    - (C2) both are `lanes`, or neither is, both are `per_warp`, or neither, and
      they have as many rows.

    ```mlir
    %b = hopper.broadcast %m : tensor<64xf32, #hopper.row>
        -> tensor<64x64xf32, #hopper.acc>
    ```
  }];
  let arguments = (ins AnyTypeOf<[Hopper_AnyRow, Hopper_Lanes]>:$source);
  let results = (outs AnyTypeOf<[Hopper_AnyAcc, Hopper_AnyRowPartial, Hopper_Lanes]>:$result);
  let assemblyFormat = "$source attr-dict `:` type($source) `->` type($result)";
  let hasVerifier = 1;
}

def RescaleOp : Hopper_ConsumerOp<"rescale", [Pure,
    AllTypesMatch<["source", "result"]>]> {
  let summary = "multiply the rows of an accumulator, most often by 1";
  let description = [{
    As `arith.mulf` by the broadcast factor. A warp whose factors are all 1
    skips the multiplications: it votes and branches.

    Constraints:
    - (C1) source and factor are f32, of as many rows, and both are `per_warp` or
      neither.

    ```mlir
    %o = hopper.rescale %acc by %alpha : tensor<64x128xf32, #hopper.acc>,
        tensor<64xf32, #hopper.row>
    ```
  }];
  let arguments = (ins Hopper_AnyAcc:$source, Hopper_AnyRow:$factor);
  let results = (outs Hopper_AnyAcc:$result);
  let assemblyFormat = [{
    $source `by` $factor attr-dict `:` type($source) `,` type($factor)
  }];
  let hasVerifier = 1;
}

def MaskOp : Hopper_ConsumerOp<"mask", [Pure, AttrSizedOperandSegments,
    AllTypesMatch<["source", "result"]>]> {
  let summary = "set the scores that a query does not see to -infinity";
  let description = [{
    Element (i, j) is the score of row R = `row` + i of the query tile, which is
    query token `t = token + R floordiv heads`, and of key `c = key + j`. It is
    kept iff `c < length`, and with `causal` `c <= t + shift`, and with `window`
    `c > t + shift - window`. A warp that keeps all of its elements votes and
    branches around the rest.

    If the source is `per_warp` each warp has the same rows and keys of its own: of
    the N columns and R rows that warp w holds, element (i, j) is of row `row` + i
    mod R and of key `key` + w N + j.

    Constraints:
    - (C1) `heads` is in [1, 256], what a tensor map's box can hold.
    - (C2) a window needs causal.
    - (C3) the source is f32.

    ```mlir
    %x = hopper.mask %s at(%row, %token, %key) length(%n) causal(%shift)
        window(%w) heads 4 : tensor<64x64xf32, #hopper.acc>
    %y = hopper.mask %own at(%row, %token, %key) length(%n)
        : tensor<16x64xf32, #hopper.acc<per_warp>>
    ```
  }];
  let arguments = (ins Hopper_AnyAcc:$source, I32:$row, I32:$token, I32:$key,
    I32:$length, Optional<I32>:$shift, Optional<I32>:$window,
    DefaultValuedAttr<I64Attr, "1">:$heads);
  let results = (outs Hopper_AnyAcc:$result);
  let assemblyFormat = [{
    $source `at` `(` $row `,` $token `,` $key `)` `length` `(` $length `)`
    (`causal` `(` $shift^ `)`)? (`window` `(` $window^ `)`)?
    (`heads` $heads^)? attr-dict `:` type($source)
  }];
  let hasVerifier = 1;
}

#endif // PARALLAX_DIALECT_HOPPER_REGISTEROPS
