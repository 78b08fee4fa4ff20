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

    The state of a row is (m, d1, d2, O1, O2), where m is any number and p1 is
    `2^(x - m)` with `x = log2(e) * s1`: the same sums, relative to a reference
    that need not be the maximum. States of disjoint keys merge exactly.

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
def Problem_CacheTensor : MemRefRankOf<[F32, F16, BF16, F8E4M3FN], [4]>;
def Problem_Scales : MemRefRankOf<[F32], [1]>;
def Problem_Lengths : MemRefRankOf<[I32], [1]>;
def Problem_BlockTable : MemRefRankOf<[I32], [2]>;
def Problem_State : MemRefRankOf<[F32], [3, 4]>;
def Problem_PartTiles : MemRefRankOf<[F32], [5]>;
def Problem_PartRows : MemRefRankOf<[F32], [4]>;

class Problem_AttentionOp<string mnemonic, string extraConstraints>
    : Op<Problem_Dialect, mnemonic, [AttrSizedOperandSegments]> {
  string common = [{

    `mask` is `none`, or `causal`: aligned bottom right, so that query i sees
    key j iff `j <= i + keyLength - queryLength`. A `window` of W narrows it to
    the last W of these, the query's own included. `row_max`, `d1`, `tbar` and
    `log_sum_exp` are optional float32 outputs of shape (batch, length, heads).
    A row that sees no key gets o = 0 and a log-sum-exp of -infinity. A scale
    that is `positive` is above 0, so the largest q.k has the largest weight.

    `state` asks for o1, o2, m, d1 and d2, float32: o1 and o2 of o's shape, the
    others of shape (batch, length, heads). m is the reference that was used, in
    base 2. A row that sees no key has zeros, and the lowest finite m.

    Constraints:
    - (C1) q, r and o have one element type; k and v have it, or f8E4M3FN.
    - (C2) they have one static head dimension, a multiple of 8 in [8, 256].
    - (C3) q, r and o have one shape; k and v have one shape; all have one
      batch size, but for k and v that are pools of pages.
    - (C4) every static size is at least 1.
    - (C5) static query heads are a multiple of static key heads.
    - (C6) the stride of the head dimension is 1.
    - (C7) a window needs a causal mask; a constant one is at least 1.
    - (C8) a constant scale is finite, and above 0 if it is said to be positive.
    - (C9) optional outputs have o's batch, length and heads.
    - (C10) no stride of o is 0 in a dimension larger than 1.
    - (C11) there is an output.
    - (C12) a state has five tensors, contiguous, of the shapes above.
  }];
  let description = !strconcat(common, extraConstraints);
  let arguments = (ins
    Arg<Problem_Tensor, "query", [MemRead]>:$query,
    Arg<Problem_Tensor, "the vector r of each query", [MemRead]>:$r,
    Arg<Problem_CacheTensor, "key", [MemRead, MemWrite]>:$key,
    Arg<Problem_CacheTensor, "value", [MemRead, MemWrite]>:$value,
    Arg<Optional<Problem_Tensor>, "output", [MemWrite]>:$out,
    F32:$scale, UnitAttr:$positiveScale, Problem_MaskKind:$mask, Optional<I32>:$window,
    Arg<Optional<Problem_Lengths>, "used length of each sequence", [MemRead]>:$usedLengths,
    Arg<Optional<Problem_BlockTable>, "pages of each sequence", [MemRead]>:$blockTable,
    Arg<Variadic<Problem_CacheTensor>, "new keys and values", [MemRead]>:$append,
    Arg<Optional<Problem_Scales>, "scale of each head's keys", [MemRead]>:$keyScale,
    Arg<Optional<Problem_Scales>, "scale of each head's values", [MemRead]>:$valueScale,
    Arg<Optional<Problem_Rows>, "row maximum", [MemWrite]>:$rowMax,
    Arg<Optional<Problem_Rows>, "sum of weights", [MemWrite]>:$d1,
    Arg<Optional<Problem_Rows>, "mean of r.k", [MemWrite]>:$tbar,
    Arg<Optional<Problem_Rows>, "log-sum-exp", [MemWrite]>:$logSumExp,
    Arg<Variadic<Problem_State>, "o1, o2, m, d1, d2", [MemWrite]>:$state);
  let assemblyFormat = [{
    `ins` `(` $query `,` $r `,` $key `,` $value `:` type($query) `,` type($r)
      `,` type($key) `,` type($value) `)`
    (`outs` `(` $out^ `:` type($out) `)`)? `scale` `(` $scale `)`
    (`positive` $positiveScale^)? `mask` `(` $mask `)`
    (`window` `(` $window^ `)`)?
    (`used_lengths` `(` $usedLengths^ `:` type($usedLengths) `)`)?
    (`block_table` `(` $blockTable^ `:` type($blockTable) `)`)?
    (`append` `(` $append^ `:` type($append) `)`)?
    (`k_scale` `(` $keyScale^ `:` type($keyScale) `)`)?
    (`v_scale` `(` $valueScale^ `:` type($valueScale) `)`)?
    (`row_max` `(` $rowMax^ `:` type($rowMax) `)`)?
    (`d1` `(` $d1^ `:` type($d1) `)`)?
    (`tbar` `(` $tbar^ `:` type($tbar) `)`)?
    (`log_sum_exp` `(` $logSumExp^ `:` type($logSumExp) `)`)?
    (`state` `(` $state^ `:` type($state) `)`)? attr-dict
  }];
  let hasVerifier = 1;
}

def ForwardOp : Problem_AttentionOp<"forward", [{
    - (C13) there are no used lengths, no block table, nothing to append and no
      k and v of f8E4M3FN: they belong to `parallax.decode`.

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
    - (C13) a static query length is in [1, 16].
    - (C14) used lengths have one element a batch entry.
    - (C15) a block table has one row a batch entry, and a stride of 1 along its
      rows.
    - (C16) with a block table, the page size is static and a power of two in
      [1, 256].
    - (C17) append has two tensors, of k's element type, heads and head
      dimension, of q's batch size, of one length, and with a last stride of 1.
    - (C18) with an append, no stride of k and v is 0 in a dimension larger than
      1.
    - (C19) `k_scale` and `v_scale` have one element a head of k, and stand
      beside k and v of f8E4M3FN.

    Only the first `used_lengths[b]` keys of sequence b exist, clamped to the
    cache's length; the mask is aligned to them, and what the cache holds beyond
    never reaches an output.

    With a `block_table`, k and v are pools of shape (pages, page size, heads,
    head dimension), and key j of sequence b is token `j mod pageSize` of page
    `block_table[b, j floordiv pageSize]`. The cache's length is that of a row of
    the table times the page size. Sequences may share pages; entries past the
    last page that a sequence uses may hold anything.

    k and v of f8E4M3FN hold keys and values divided by the float32 scales of
    their heads, or by 1: with `k_scale` a key is `k * k_scale[head]` in s1 and in
    s2, with `v_scale` a value is `v * v_scale[head]`.

    `append` gives new keys and values, which are written into the cache before
    attention, as the last tokens that each sequence uses: of n new ones, number
    i becomes key `used_lengths[b] - n + i`, unless that is negative or past the
    cache. Pages that are written are not shared.

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

    func.func @scaled(%q: memref<8x1x32x128xbf16>, %k: memref<8x4096x8x128xf8E4M3FN>,
                      %v: memref<8x4096x8x128xf8E4M3FN>, %o: memref<8x1x32x128xbf16>,
                      %k_scale: memref<8xf32>, %v_scale: memref<8xf32, strided<[?]>>,
                      %scale: f32) {
      parallax.decode
        ins(%q, %q, %k, %v : memref<8x1x32x128xbf16>, memref<8x1x32x128xbf16>,
            memref<8x4096x8x128xf8E4M3FN>, memref<8x4096x8x128xf8E4M3FN>)
        outs(%o : memref<8x1x32x128xbf16>) scale(%scale) mask(none)
        k_scale(%k_scale : memref<8xf32>)
        v_scale(%v_scale : memref<8xf32, strided<[?]>>)
      return
    }

    func.func @append(%q: memref<8x2x32x128xbf16>, %k: memref<8x4096x8x128xbf16>,
                      %v: memref<8x4096x8x128xbf16>, %o: memref<8x2x32x128xbf16>,
                      %used: memref<8xi32>, %new_k: memref<8x2x8x128xbf16>,
                      %new_v: memref<8x2x8x128xbf16>, %scale: f32) {
      parallax.decode
        ins(%q, %q, %k, %v : memref<8x2x32x128xbf16>, memref<8x2x32x128xbf16>,
            memref<8x4096x8x128xbf16>, memref<8x4096x8x128xbf16>)
        outs(%o : memref<8x2x32x128xbf16>) scale(%scale) mask(causal)
        used_lengths(%used : memref<8xi32>)
        append(%new_k, %new_v : memref<8x2x8x128xbf16>, memref<8x2x8x128xbf16>)
      return
    }
    ```
  }]> {
  let summary = "attention of a few query tokens against a cache";
}

def MergeOp : Op<Problem_Dialect, "merge", [AttrSizedOperandSegments]> {
  let summary = "one result of states that have seen different keys";
  let description = [{
    The operands are o1, o2, m, d1 and d2 of shapes (parts, batch, length, heads,
    head dimension) and, for the last three, (parts, batch, length, heads): the
    states that `parallax.forward` and `parallax.decode` write, one behind the
    other. The result is that of one problem with all keys. A part whose d1 is 0
    is empty and counts for nothing, whatever else it holds. Of rows that are
    empty in all parts o is 0 and the log-sum-exp -infinity.

    Constraints:
    - (C1) o1 and o2 have one shape; m, d1 and d2 have its first four sizes.
    - (C2) the head dimension is static, a multiple of 8 in [8, 256].
    - (C3) every static size is at least 1.
    - (C4) o has the parts' batch, length, heads and head dimension, a stride of
      1 in the last and, in those larger than 1, none of 0.
    - (C5) `tbar` and `log_sum_exp` have o's batch, length and heads.
    - (C6) the parts are contiguous.
    - (C7) there is an output.
    - (C8) a state has five tensors, contiguous: o1 and o2 of o's shape, m, d1
      and d2 of shape (batch, length, heads).

    ```mlir
    func.func @merge(%o1: memref<4x8x1x32x128xf32>, %o2: memref<4x8x1x32x128xf32>,
                     %m: memref<4x8x1x32xf32>, %d1: memref<4x8x1x32xf32>,
                     %d2: memref<4x8x1x32xf32>, %o: memref<8x1x32x128xbf16>) {
      parallax.merge
        ins(%o1, %o2, %m, %d1, %d2 : memref<4x8x1x32x128xf32>,
            memref<4x8x1x32x128xf32>, memref<4x8x1x32xf32>,
            memref<4x8x1x32xf32>, memref<4x8x1x32xf32>)
        outs(%o : memref<8x1x32x128xbf16>)
      return
    }
    ```
  }];
  let arguments = (ins
    Arg<Problem_PartTiles, "O1 of each part", [MemRead]>:$o1,
    Arg<Problem_PartTiles, "O2 of each part", [MemRead]>:$o2,
    Arg<Problem_PartRows, "reference of each part", [MemRead]>:$m,
    Arg<Problem_PartRows, "d1 of each part", [MemRead]>:$d1,
    Arg<Problem_PartRows, "d2 of each part", [MemRead]>:$d2,
    Arg<Optional<Problem_Tensor>, "output", [MemWrite]>:$out,
    Arg<Optional<Problem_Rows>, "mean of r.k", [MemWrite]>:$tbar,
    Arg<Optional<Problem_Rows>, "log-sum-exp", [MemWrite]>:$logSumExp,
    Arg<Variadic<Problem_State>, "o1, o2, m, d1, d2", [MemWrite]>:$state);
  let assemblyFormat = [{
    `ins` `(` $o1 `,` $o2 `,` $m `,` $d1 `,` $d2 `:` type($o1) `,` type($o2) `,`
      type($m) `,` type($d1) `,` type($d2) `)`
    (`outs` `(` $out^ `:` type($out) `)`)?
    (`tbar` `(` $tbar^ `:` type($tbar) `)`)?
    (`log_sum_exp` `(` $logSumExp^ `:` type($logSumExp) `)`)?
    (`state` `(` $state^ `:` type($state) `)`)? attr-dict
  }];
  let hasVerifier = 1;
}

#endif // PARALLAX_DIALECT_PROBLEM_PROBLEMOPS
