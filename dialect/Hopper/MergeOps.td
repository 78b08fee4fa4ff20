//===- MergeOps.td - CTAs that share keys ------------------*- tablegen -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The states of rows that several CTAs have computed become one, either of
// parts in global memory or, in a cluster, of what they send to each other's
// shared memory.
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_DIALECT_HOPPER_MERGEOPS
#define PARALLAX_DIALECT_HOPPER_MERGEOPS

include "dialect/Hopper/HopperBase.td"

/// m, d1 and d2 are of one type, and O1 and O2.
def Hopper_SameRows : AllTypesMatch<["m", "d1", "d2"]>;
def Hopper_SameSums : AllTypesMatch<["o1", "o2"]>;

def MergeRowsOp : Hopper_WarpgroupOp<"merge_rows", [Hopper_SameRows, Hopper_SameSums]> {
  let summary = "merge the parts of rows in global memory";
  let description = [{
    Parts 0 to `count` - 1 hold the states (m, d1, d2, O1, O2) of the same rows,
    sums over different keys relative to m, which is of base 2. Their merger is

        m = max m_n    b_n = 2^(m_n - m)    d1 = sum b_n d1_n, and so d2, O1, O2

    of the parts whose d1_n is positive; others are empty, and what else they
    hold does not matter. If all are, m is the lowest float and the sums are 0.

    Row i of the result is row R = `row` + i of a tile, as in
    `hopper.store_rows`: token t = R floordiv heads, head h = R mod heads. In part
    n its values m, d1 and d2 are the elements base + n * partStride + (token + t)
    * tokenStride + h of their arrays, its O1 and O2 the N elements behind N times
    that. A row that is not there, R >= `rows` or token + t >= length, is the one
    at `row`, which is.

    What other CTAs have written is read if a `hopper.arrive_last` orders it.

    Constraints:
    - (C1) the results are f32, of as many rows.
    - (C2) `heads` is in [1, 256], and `rows` in [`heads`, 2^31).

    ```mlir
    %m, %d1, %d2, %o1, %o2 = hopper.merge_rows %pm, %pd1, %pd2, %po1, %po2
        count(%n) [%base, %part_stride, %token_stride]
        at(%row, %token) length(%length) heads 4 rows 64
        : tensor<4xf32, #hopper.lanes>, tensor<4x128xf32, #hopper.lanes>
    ```
  }];
  let arguments = (ins
    Arg<Hopper_GlobalPointer, "", [MemRead]>:$partM,
    Arg<Hopper_GlobalPointer, "", [MemRead]>:$partD1,
    Arg<Hopper_GlobalPointer, "", [MemRead]>:$partD2,
    Arg<Hopper_GlobalPointer, "", [MemRead]>:$partO1,
    Arg<Hopper_GlobalPointer, "", [MemRead]>:$partO2,
    I32:$count, I64:$base, I64:$partStride, I64:$tokenStride, I32:$row,
    I32:$token, I32:$length, DefaultValuedAttr<I64Attr, "1">:$heads,
    I64Attr:$rows);
  let results = (outs Hopper_Lanes:$m, Hopper_Lanes:$d1, Hopper_Lanes:$d2,
                      Hopper_Lanes:$o1, Hopper_Lanes:$o2);
  let assemblyFormat = [{
    $partM `,` $partD1 `,` $partD2 `,` $partO1 `,` $partO2 `count` `(` $count `)`
    `[` $base `,` $partStride `,` $tokenStride `]` `at` `(` $row `,` $token `)`
    `length` `(` $length `)` (`heads` $heads^)? `rows` $rows attr-dict `:`
    type($m) `,` type($o1)
  }];
  let hasVerifier = 1;
}

def ClusterArriveOp : Hopper_Op<"cluster_arrive", [Hopper_InKernel]> {
  let summary = "say that this CTA runs and its barriers are there";
  let description = [{
    Stands before the roles: every thread comes here, once.

    ```mlir
    hopper.cluster_arrive
    ```
  }];
  let assemblyFormat = "attr-dict";
}

def ClusterWaitOp : Hopper_ConsumerOp<"cluster_wait"> {
  let summary = "wait until all CTAs of the cluster run";
  let description = [{
    Behind it other CTAs' barriers and memory are there, until they end.

    Constraints:
    - (C1) a `hopper.cluster_arrive` stands before the roles.

    ```mlir
    hopper.cluster_wait
    ```
  }];
  let assemblyFormat = "attr-dict";
  let hasVerifier = 1;
}

/// Two rings through which O1 and O2 cross between a warpgroup's threads.
def Hopper_SameRings : AllTypesMatch<["first", "second"]>;

def SendRowsOp : Hopper_ConsumerOp<"send_rows", [
    Hopper_SameRows, Hopper_SameSums, Hopper_SameRings]> {
  let summary = "send the states of rows to the CTAs of the cluster that merge them";
  let description = [{
    Of `count` CTAs, 2, 4 or 8, number i gets rows i, i + `count`, ... below
    `rows`, which is at most `most`. Row R of this CTA, number j, becomes row
    (R floordiv count) * count + j of CTA (R mod count)'s `inbox`, and counts as
    4 (2 N + 4) bytes for the first phase of its `barrier` once it is there: O1,
    O2, of N columns, then m, d1 and d2. Columns come in their own order.

    Of values that are `per_warp` each warp's row R is the state of that row from
    its keys, O1 and O2 as `hopper.warp_mma` has made them, and their merger is
    sent, as of `hopper.merge_rows`.

    O1 crosses through the first ring and O2 through the second, all stages, which
    are no more than memory here: the warpgroup's threads meet before they are
    written. The inbox is as little a tile, and nobody may have used it before.

    Constraints:
    - (C1) values are f32; m, d1 and d2 of as many rows as O1 and O2: 32, or 16 or 32
      if all are `per_warp`.
    - (C2) N is a multiple of 16.
    - (C3) `most` is in [1, 32], or at most a warp's rows, and so many rows of N + 8
      values, of each warp if they are `per_warp`, fit a ring.
    - (C4) `most` + 7 rows fit the inbox, and the barrier has one slot.
    - (C5) the rings are two.

    Run-time conditions: a `hopper.cluster_wait` comes before, and each CTA that
    is sent to comes to a `hopper.await_rows`.

    ```mlir
    hopper.send_rows %m, %d1, %d2, %o1, %o2 through %k, %v to %inbox, %arrived
        rows(%rows) of %n most 8 : tensor<32xf32, #hopper.row<per_warp>>,
          tensor<32x128xf32, #hopper.acc<per_warp>>, !hopper.smem<3x64x128xbf16>,
          !hopper.smem<128x64xbf16>, !hopper.barrier<1>
    ```
  }];
  let arguments = (ins Hopper_AnyRow:$m, Hopper_AnyRow:$d1, Hopper_AnyRow:$d2,
    Hopper_AnyAcc:$o1, Hopper_AnyAcc:$o2,
    Arg<Hopper_MultipliedTile, "", [MemRead, MemWrite]>:$first,
    Arg<Hopper_MultipliedTile, "", [MemRead, MemWrite]>:$second,
    Hopper_OperandTile:$inbox, Hopper_BarrierType:$barrier, I32:$rows, I32:$count,
    I64Attr:$most);
  let assemblyFormat = [{
    $m `,` $d1 `,` $d2 `,` $o1 `,` $o2 `through` $first `,` $second
    `to` $inbox `,` $barrier `rows` `(` $rows `)` `of` $count `most` $most
    attr-dict `:` type($m) `,` type($o1) `,` qualified(type($first)) `,`
    qualified(type($inbox)) `,` qualified(type($barrier))
  }];
  let extraClassDeclaration = [{
    int64_t getColumns() { return getO1().getType().getDimSize(1); }
    /// Parts of a row in the ring.
    int64_t getParts() { return isPerWarp(getO1().getType()) ? kWarps : 1; }
    /// Of a ring.
    int64_t getBytes() { return getParts() * getMost() * crossingBytes(getColumns()); }
    /// Whether `hopper.warp_mma` has columns in an order of its own.
    bool areInPairs() {
      return getParts() > 1 && getFirst().getType().getElementBytes() == 1;
    }
  }];
  let hasVerifier = 1;
}

def AwaitRowsOp : Hopper_ConsumerOp<"await_rows"> {
  let summary = "wait until all rows that are sent to this CTA are there";
  let description = [{
    The other half of `hopper.send_rows`, with the same `rows`, `count` and
    barrier, and rows of `columns` columns, N.

    Constraints:
    - (C1) the barrier has one slot, and `columns` is a multiple of 16 in
      [16, 256].

    ```mlir
    hopper.await_rows %arrived rows(%rows) of %n columns 128 : !hopper.barrier<1>
    ```
  }];
  let arguments = (ins Hopper_BarrierType:$barrier, I32:$rows, I32:$count,
                       I64Attr:$columns);
  let assemblyFormat = [{
    $barrier `rows` `(` $rows `)` `of` $count `columns` $columns attr-dict `:`
    qualified(type($barrier))
  }];
  let hasVerifier = 1;
}

def MergeReceivedOp : Hopper_ConsumerOp<"merge_received", [Hopper_SameRows, Hopper_SameSums]> {
  let summary = "merge a row that the CTAs of the cluster have sent";
  let description = [{
    The merger, as of `hopper.merge_rows`, of row `row`, one of this CTA's, of
    CTAs 0 to `count` - 1, as `hopper.send_rows` has brought it to the inbox. Of
    its N columns the first ones.

    Constraints:
    - (C1) the results are f32, of one row.
    - (C2) a row fits the inbox, of N columns, those of the result rounded up to
      16.

    ```mlir
    %m, %d1, %d2, %o1, %o2 = hopper.merge_received %inbox of %n at(%row)
        : !hopper.smem<128x64xbf16> -> tensor<1xf32, #hopper.lanes>,
          tensor<1x128xf32, #hopper.lanes>
    ```
  }];
  let arguments = (ins Arg<Hopper_OperandTile, "", [MemRead]>:$inbox, I32:$count,
                       I32:$row);
  let results = (outs Hopper_Lanes:$m, Hopper_Lanes:$d1, Hopper_Lanes:$d2,
                      Hopper_Lanes:$o1, Hopper_Lanes:$o2);
  let assemblyFormat = [{
    $inbox `of` $count `at` `(` $row `)` attr-dict `:` qualified(type($inbox))
    `->` type($m) `,` type($o1)
  }];
  let extraClassDeclaration = [{
    int64_t getSentColumns() {
      return ::llvm::alignTo(getO1().getType().getDimSize(1), 16);
    }
  }];
  let hasVerifier = 1;
}

def MergeWarpsOp : Hopper_ConsumerOp<"merge_warps", [
    Hopper_SameRows, Hopper_SameSums, Hopper_SameRings,
    AllTypesMatch<["merged_m", "merged_d1", "merged_d2"]>,
    AllTypesMatch<["merged_o1", "merged_o2"]>]> {
  let summary = "merge the states of the same rows that each warp has";
  let description = [{
    Each warp's rows of the operands, 4 or 8, are the states of as many rows from
    its keys, O1 and O2 as `hopper.warp_mma` has made them. The first rows of the
    results are their merger, as of `hopper.merge_rows`, with columns in their
    own order. The other rows are unspecified.

    O1 crosses through the first ring and O2 through the second, all stages, which
    are no more than memory here; the warpgroup's threads meet before they are
    written, and must meet again before others write them.

    Constraints:
    - (C1) values are f32 of 16 or 32 rows, and the results of 32.
    - (C2) O1 and O2 have a multiple of 16 columns, N, the results as many, and
      all rows of N + 8 values fit a ring.
    - (C3) the rings are two.

    ```mlir
    %rm, %rd1, %rd2, %ro1, %ro2 = hopper.merge_warps %m, %d1, %d2, %o1, %o2
        through %k, %v : tensor<16xf32, #hopper.row<per_warp>>,
          tensor<16x128xf32, #hopper.acc<per_warp>>,
          !hopper.smem<4x64x128xf8E4M3FN> -> tensor<32xf32, #hopper.row>,
          tensor<32x128xf32, #hopper.acc>
    ```
  }];
  let arguments = (ins Hopper_WarpRow:$m, Hopper_WarpRow:$d1, Hopper_WarpRow:$d2,
    Hopper_WarpAcc:$o1, Hopper_WarpAcc:$o2,
    Arg<Hopper_MultipliedTile, "", [MemRead, MemWrite]>:$first,
    Arg<Hopper_MultipliedTile, "", [MemRead, MemWrite]>:$second);
  let results = (outs Hopper_Row:$merged_m, Hopper_Row:$merged_d1,
    Hopper_Row:$merged_d2, Hopper_Acc:$merged_o1, Hopper_Acc:$merged_o2);
  let assemblyFormat = [{
    $m `,` $d1 `,` $d2 `,` $o1 `,` $o2 `through` $first `,` $second attr-dict
    `:` type($m) `,` type($o1) `,` qualified(type($first)) `->` type($merged_m)
    `,` type($merged_o1)
  }];
  let extraClassDeclaration = [{
    int64_t getColumns() { return getO1().getType().getDimSize(1); }
    /// Of a ring.
    int64_t getBytes() {
      return getO1().getType().getDimSize(0) * crossingBytes(getColumns());
    }
    /// Whether `hopper.warp_mma` has columns in an order of its own.
    bool areInPairs() { return getFirst().getType().getElementBytes() == 1; }
  }];
  let hasVerifier = 1;
}

def FindOp : Hopper_Op<"find", [
    Hopper_InKernel, RecursiveMemoryEffects, SameVariadicResultSize,
    DeclareOpInterfaceMethods<InferTypeOpInterface>]> {
  let summary = "find where the sum of weights reaches numbers";
  let description = [{
    The region says what element i of `count` weighs: at least 0, and all
    together less than 2^31. For each target, its one of `indices` is the largest
    j, at most `count`, such that elements 0 to j - 1 weigh no more than the
    target, and its one of `befores` is what they weigh. With a target of
    2^31 - 1 that is all elements.

    Every warp computes it, each lane some of the elements.

    Constraints:
    - (C1) the region has one argument, of i32.
    - (C2) the region ends in a `hopper.weight`.
    - (C3) there is a target.

    ```mlir
    // index of a, index of b, what is before a, and before b.
    %found:4 = hopper.find %a, %b of %count {
    ^bb0(%i: i32):
      %length = hopper.load_scalar %lengths[%i] : i32
      hopper.weight %length
    }
    ```
  }];
  let arguments = (ins Variadic<I32>:$targets, I32:$count);
  let results = (outs Variadic<I32>:$indices, Variadic<I32>:$befores);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$targets `of` $count $body attr-dict";
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
  let skipDefaultBuilders = 1;
  let builders = [OpBuilder<(ins
      "::mlir::ValueRange":$targets, "::mlir::Value":$count,
      "::llvm::function_ref<::mlir::Value(::mlir::Value)>":$weightOf)>];
}

def WeightOp : Hopper_Op<"weight", [Terminator, Pure, HasParent<"FindOp">]> {
  let summary = "what an element weighs";
  let description = [{
    Stands at the end of the region of `hopper.find`.
  }];
  let arguments = (ins I32:$weight);
  let assemblyFormat = "$weight attr-dict";
}

#endif // PARALLAX_DIALECT_HOPPER_MERGEOPS
