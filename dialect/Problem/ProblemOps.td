//===- ProblemOps.td - The problem dialect ----------------*- tablegen -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_DIALECT_PROBLEM_PROBLEMOPS
#define PARALLAX_DIALECT_PROBLEM_PROBLEMOPS

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/OpBase.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Problem_Dialect : Dialect {
  let name = "parallax";
  let cppNamespace = "::parallax::problem";
  let summary = "L1: one op is one attention problem";
  let description = [{
    Parallax attention adds one vector r per query to softmax attention:

        s1 = scale * q.k     s2 = r.k
        p1 = exp(s1 - max)   d1 = sum p1    O1 = sum p1 v
        p2 = p1 * s2         d2 = sum p2    O2 = sum p2 v
        o  = O1/d1 * (1 + d2/d1) - O2/d1

    Tensors are memrefs of logical shape (batch, length, heads, head dimension)
    whose strides say the layout: (B, L, H, D), (B, H, L, D) or a slice of a
    projection differ only in them. Sizes that are `?`, and a scale or window
    that is no constant, become arguments of the kernel.

    Backward and packed variable lengths will be further ops of this dialect
    (`backward`) and further optional operands of these (cumulative lengths):
    every op lists its operands by name.
  }];
}

def Problem_MaskKind : I32EnumAttr<"Mask", "which keys a query sees", [
    I32EnumAttrCase<"None", 0, "none">, I32EnumAttrCase<"Causal", 1, "causal">]> {
  let cppNamespace = "::parallax::problem";
}

def Problem_Element : AnyTypeOf<[F32, F16, BF16]>;
def Problem_Tensor : MemRefRankOf<[F32, F16, BF16], [4]>;
def Problem_Rows : MemRefRankOf<[F32], [3]>;
def Problem_Lengths : MemRefRankOf<[I32], [1]>;
def Problem_BlockTable : MemRefRankOf<[I32], [2]>;

class Problem_AttentionOp<string mnemonic, string extraConstraints>
    : Op<Problem_Dialect, mnemonic, [AttrSizedOperandSegments]> {
  string common = [{

    `mask` is `none`, or `causal`: aligned bottom right, so that query i sees
    key j iff `j <= i + keyLength - queryLength`. A `window` of W narrows it to
    the last W of these, the query's own included. `row_max`, `d1`, `tbar` and
    `log_sum_exp` are optional float32 outputs of shape (batch, length, heads).
    A row that sees no key gets o = 0 and a log-sum-exp of -infinity.

    Constraints:
    - (C1) q, r, k, v and o have one element type.
    - (C2) they have one static head dimension, a multiple of 8 in [8, 256].
    - (C3) q, r and o have one shape; k and v have one shape; all have one
      batch size, but for k and v that are pools of pages.
    - (C4) every static size is at least 1.
    - (C5) static query heads are a multiple of static key heads.
    - (C6) the stride of the head dimension is 1.
    - (C7) a window needs a causal mask; a constant one is at least 1.
    - (C8) a constant scale is finite.
    - (C9) optional outputs have o's batch, length and heads.
    - (C10) no stride of o is 0 in a dimension larger than 1.
  }];
  let description = !strconcat(common, extraConstraints);
  let arguments = (ins
    Arg<Problem_Tensor, "query", [MemRead]>:$query,
    Arg<Problem_Tensor, "the vector r of each query", [MemRead]>:$r,
    Arg<Problem_Tensor, "key", [MemRead]>:$key,
    Arg<Problem_Tensor, "value", [MemRead]>:$value,
    Arg<Problem_Tensor, "output", [MemWrite]>:$out,
    F32:$scale, Problem_MaskKind:$mask, Optional<I32>:$window,
    Arg<Optional<Problem_Lengths>, "used length of each sequence", [MemRead]>:$usedLengths,
    Arg<Optional<Problem_BlockTable>, "pages of each sequence", [MemRead]>:$blockTable,
    Arg<Optional<Problem_Rows>, "row maximum", [MemWrite]>:$rowMax,
    Arg<Optional<Problem_Rows>, "sum of weights", [MemWrite]>:$d1,
    Arg<Optional<Problem_Rows>, "mean of r.k", [MemWrite]>:$tbar,
    Arg<Optional<Problem_Rows>, "log-sum-exp", [MemWrite]>:$logSumExp);
  let assemblyFormat = [{
    `ins` `(` $query `,` $r `,` $key `,` $value `:` type($query) `,` type($r)
      `,` type($key) `,` type($value) `)`
    `outs` `(` $out `:` type($out) `)` `scale` `(` $scale `)` `mask` `(` $mask `)`
    (`window` `(` $window^ `)`)?
    (`used_lengths` `(` $usedLengths^ `:` type($usedLengths) `)`)?
    (`block_table` `(` $blockTable^ `:` type($blockTable) `)`)?
    (`row_max` `(` $rowMax^ `:` type($rowMax) `)`)?
    (`d1` `(` $d1^ `:` type($d1) `)`)?
    (`tbar` `(` $tbar^ `:` type($tbar) `)`)?
    (`log_sum_exp` `(` $logSumExp^ `:` type($logSumExp) `)`)? attr-dict
  }];
  let hasVerifier = 1;
}

def ForwardOp : Problem_AttentionOp<"forward", [{
    - (C11) there are no used lengths and no block table: they belong to
      `parallax.decode`.

    ```mlir
    func.func @forward(%q: memref<2x4096x16x128xbf16>, %r: memref<2x4096x16x128xbf16>,
                       %k: memref<2x4096x4x128xbf16>, %v: memref<2x4096x4x128xbf16>,
                       %o: memref<2x4096x16x128xbf16>) {
      %scale = arith.constant 0.08838834764 : f32
      parallax.forward
        ins(%q, %r, %k, %v : memref<2x4096x16x128xbf16>, memref<2x4096x16x128xbf16>,
                             memref<2x4096x4x128xbf16>, memref<2x4096x4x128xbf16>)
        outs(%o : memref<2x4096x16x128xbf16>) scale(%scale) mask(causal)
      return
    }
    ```
  }]> {
  let summary = "attention of many query tokens: prefill and training";
}

def DecodeOp : Problem_AttentionOp<"decode", [{
    - (C11) a static query length is in [1, 16].
    - (C12) used lengths have one element a batch entry.
    - (C13) a block table has one row a batch entry, and a stride of 1 along its
      rows.
    - (C14) with a block table, the page size is static and a power of two in
      [1, 256].

    Only the first `used_lengths[b]` keys of sequence b exist, clamped to the
    cache's length; the mask is aligned to them, and what the cache holds beyond
    never reaches an output.

    With a `block_table`, k and v are pools of shape (pages, page size, heads,
    head dimension), and key j of sequence b is token `j mod pageSize` of page
    `block_table[b, j floordiv pageSize]`. The cache's length is that of a row of
    the table times the page size. Sequences may share pages; entries past the
    last page that a sequence uses may hold anything.

    ```mlir
    func.func @decode(%q: memref<8x1x32x128xbf16>, %r: memref<8x1x32x128xbf16>,
                      %k: memref<8x?x8x128xbf16, strided<[?, ?, ?, 1]>>,
                      %v: memref<8x?x8x128xbf16, strided<[?, ?, ?, 1]>>,
                      %o: memref<8x1x32x128xbf16>, %used: memref<8xi32>, %scale: f32) {
      parallax.decode
        ins(%q, %r, %k, %v : memref<8x1x32x128xbf16>, memref<8x1x32x128xbf16>,
            memref<8x?x8x128xbf16, strided<[?, ?, ?, 1]>>,
            memref<8x?x8x128xbf16, strided<[?, ?, ?, 1]>>)
        outs(%o : memref<8x1x32x128xbf16>) scale(%scale) mask(causal)
        used_lengths(%used : memref<8xi32>)
      return
    }

    !pool = memref<?x64x8x128xbf16, strided<[?, ?, ?, 1]>>
    func.func @paged(%q: memref<8x1x32x128xbf16>, %r: memref<8x1x32x128xbf16>,
                     %k: !pool, %v: !pool, %o: memref<8x1x32x128xbf16>,
                     %used: memref<8xi32>, %scale: f32,
                     %table: memref<8x?xi32, strided<[?, 1]>>) {
      parallax.decode
        ins(%q, %r, %k, %v : memref<8x1x32x128xbf16>, memref<8x1x32x128xbf16>,
            !pool, !pool)
        outs(%o : memref<8x1x32x128xbf16>) scale(%scale) mask(causal)
        used_lengths(%used : memref<8xi32>)
        block_table(%table : memref<8x?xi32, strided<[?, 1]>>)
      return
    }
    ```
  }]> {
  let summary = "attention of a few query tokens against a cache";
}

#endif // PARALLAX_DIALECT_PROBLEM_PROBLEMOPS
