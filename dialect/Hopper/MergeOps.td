//===- MergeOps.td - CTAs that share keys ------------------*- tablegen -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The states of rows that several CTAs have computed become one, either of
// parts in global memory or, in a cluster, of what lies in each other's shared
// memory.
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_DIALECT_HOPPER_MERGEOPS
#define PARALLAX_DIALECT_HOPPER_MERGEOPS

include "dialect/Hopper/HopperBase.td"

/// m, d1 and d2 are of one type, and O1 and O2.
def Hopper_SameRows : AllTypesMatch<["m", "d1", "d2"]>;
def Hopper_SameSums : AllTypesMatch<["o1", "o2"]>;

def MergeRowsOp : Hopper_ConsumerOp<"merge_rows", [Hopper_SameRows, Hopper_SameSums]> {
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

def PutPartOp : Hopper_ConsumerOp<"put_part", [Hopper_SameRows, Hopper_SameSums]> {
  let summary = "write the state of rows to shared memory";
  let description = [{
    Row R < `rows` takes the 4 (2 N + 4) bytes number R of the ring: O1, O2, then
    m, d1 and d2. `hopper.merge_peers` reads them, of CTAs of the cluster, behind
    a `hopper.cluster_barrier`. The tile is no more than memory here.

    Constraints:
    - (C1) values are f32; m, d1 and d2 of as many rows as O1 and O2.
    - (C2) `columns`, N, is a multiple of 8 in [8, 256], at most those of O1.
    - (C3) `rows` is in [1, the values'], and they fit the ring, all stages.

    ```mlir
    hopper.put_part %m, %d1, %d2, %o1, %o2, %k rows 8 columns 128
        : tensor<32xf32, #hopper.row>, tensor<32x128xf32, #hopper.acc>,
          !hopper.smem<3x64x128xbf16>
    ```
  }];
  let arguments = (ins Hopper_Row:$m, Hopper_Row:$d1, Hopper_Row:$d2,
    Hopper_Acc:$o1, Hopper_Acc:$o2, Hopper_OperandTile:$tile, I64Attr:$rows,
    I64Attr:$columns);
  let assemblyFormat = [{
    $m `,` $d1 `,` $d2 `,` $o1 `,` $o2 `,` $tile `rows` $rows `columns` $columns
    attr-dict `:` type($m) `,` type($o1) `,` qualified(type($tile))
  }];
  let hasVerifier = 1;
}

def MergePeersOp : Hopper_ConsumerOp<"merge_peers", [Hopper_SameRows, Hopper_SameSums]> {
  let summary = "merge what CTAs of the cluster have put";
  let description = [{
    The merger, as of `hopper.merge_rows`, of row `row` of CTAs 0 to `count` - 1
    of the cluster, as each has put it by `hopper.put_part` into its `tile`.

    A `hopper.cluster_barrier` stands between, and another between this and
    whatever overwrites the memory, the end of a CTA, too.

    Constraints:
    - (C1) the results are f32, of one row.
    - (C2) a row fits the ring, all stages.

    ```mlir
    %m, %d1, %d2, %o1, %o2 = hopper.merge_peers %k count(%n) at(%row)
        : !hopper.smem<3x64x128xbf16> -> tensor<1xf32, #hopper.lanes>,
          tensor<1x128xf32, #hopper.lanes>
    ```
  }];
  let arguments = (ins Arg<Hopper_OperandTile, "", [MemRead]>:$tile, I32:$count,
                       I32:$row);
  let results = (outs Hopper_Lanes:$m, Hopper_Lanes:$d1, Hopper_Lanes:$d2,
                      Hopper_Lanes:$o1, Hopper_Lanes:$o2);
  let assemblyFormat = [{
    $tile `count` `(` $count `)` `at` `(` $row `)` attr-dict `:`
    qualified(type($tile)) `->` type($m) `,` type($o1)
  }];
  let hasVerifier = 1;
}

def MergeWarpsOp : Hopper_ConsumerOp<"merge_warps", [
    AllTypesMatch<["m", "d1", "d2", "merged_m", "merged_d1", "merged_d2"]>,
    AllTypesMatch<["o1", "o2", "merged_o1", "merged_o2"]>]> {
  let summary = "merge the states of the same rows that each warp has";
  let description = [{
    Rows 8 w to 8 w + 7 of the operands are the states of rows 0 to 7 from warp
    w's keys, O1 and O2 as `hopper.warp_mma` has made them. Rows 0 to 7 of the
    results are their merger, as of `hopper.merge_rows`, with columns in their
    own order. The other rows are unspecified.

    They cross through the ring, all stages, which is no more than memory here;
    the warpgroup's threads meet before it is written, and may have met again
    before it is written by others.

    Constraints:
    - (C1) values are f32 of 32 rows.
    - (C2) O1 and O2 have a multiple of 16 columns, N, and 32 rows of N + 8
      values fit the ring.

    ```mlir
    %rm, %rd1, %rd2, %ro1, %ro2 = hopper.merge_warps %m, %d1, %d2, %o1, %o2
        through %k : tensor<32xf32, #hopper.row>,
          tensor<32x128xf32, #hopper.acc>, !hopper.smem<4x64x128xf8E4M3FN>
    ```
  }];
  let arguments = (ins Hopper_Row:$m, Hopper_Row:$d1, Hopper_Row:$d2,
    Hopper_Acc:$o1, Hopper_Acc:$o2,
    Arg<Hopper_MultipliedTile, "", [MemRead, MemWrite]>:$tile);
  let results = (outs Hopper_Row:$merged_m, Hopper_Row:$merged_d1,
    Hopper_Row:$merged_d2, Hopper_Acc:$merged_o1, Hopper_Acc:$merged_o2);
  let assemblyFormat = [{
    $m `,` $d1 `,` $d2 `,` $o1 `,` $o2 `through` $tile attr-dict `:` type($m)
    `,` type($o1) `,` qualified(type($tile))
  }];
  let extraClassDeclaration = [{
    /// From a row's sums in the ring to the next's: what is more than they are
    /// keeps rows out of each other's banks, and holds m, d1 and d2.
    static constexpr int64_t kPadding = 8;
    int64_t getRowBytes() {
      return 4 * (getO1().getType().getDimSize(1) + kPadding);
    }
    int64_t getBytes() { return getO1().getType().getDimSize(0) * getRowBytes(); }
    /// Whether `hopper.warp_mma` has columns in an order of its own.
    bool areInFours() { return getTile().getType().getElementBytes() == 1; }
  }];
  let hasVerifier = 1;
}

def FindOp : Hopper_Op<"find", [Hopper_InKernel, RecursiveMemoryEffects]> {
  let summary = "find where the sum of weights reaches a number";
  let description = [{
    The region says what element i of `count` weighs: at least 0, and all
    together less than 2^31. `index` is the largest j, at most `count`, such that
    elements 0 to j - 1 weigh no more than `target`, and `before` is what they
    weigh. With a target of 2^31 - 1 that is all elements.

    Every warp computes it, each lane some of the elements.

    Constraints:
    - (C1) the region has one argument, of i32.
    - (C2) the region ends in a `hopper.weight`.

    ```mlir
    %index, %before = hopper.find %target of %count {
    ^bb0(%i: i32):
      %length = hopper.load_scalar %lengths[%i] : i32
      hopper.weight %length
    }
    ```
  }];
  let arguments = (ins I32:$target, I32:$count);
  let results = (outs I32:$index, I32:$before);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$target `of` $count $body attr-dict";
  let hasRegionVerifier = 1;
  let skipDefaultBuilders = 1;
  let builders = [OpBuilder<(ins
      "::mlir::Value":$target, "::mlir::Value":$count,
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

def ClusterBarrierOp : Hopper_ConsumerOp<"cluster_barrier"> {
  let summary = "wait for all threads of the cluster";
  let description = [{
    Waits until every thread of every CTA of the cluster has come here or has
    ended. What they did before is visible afterwards, in shared memory, too;
    but if it is `relaxed`, only what they have read is known to have been read.

    ```mlir
    hopper.cluster_barrier
    hopper.cluster_barrier relaxed
    ```
  }];
  let arguments = (ins UnitAttr:$relaxed);
  let assemblyFormat = "(`relaxed` $relaxed^)? attr-dict";
}

#endif // PARALLAX_DIALECT_HOPPER_MERGEOPS
