//===- TileOps.td - The tile dialect ----------------------*- tablegen -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_DIALECT_TILE_TILEOPS
#define PARALLAX_DIALECT_TILE_TILEOPS

include "mlir/IR/EnumAttr.td"
include "mlir/IR/OpBase.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Tile_Dialect : Dialect {
  let name = "tile";
  let cppNamespace = "::parallax::tile";
  let summary = "L2: the algorithm over whole tiles";
  let description = [{
    Values are whole tiles: `tensor<64x128xbf16>` with no memory space and no
    thread. Loops are `scf`, elementwise work is `arith` and `math` on tensors,
    a scalar becomes a tile by `tensor.splat`. What is left is here: moving
    tiles between memory and values, the two contractions of attention, row
    reductions, and the mask.

    Tensors in memory are memrefs of logical shape (batch, length, heads, head
    dimension) or, for one value a row, (batch, length, heads), with any strides
    that the type says. A tile's row `i` is query or key token
    `token + i floordiv heads`, head `head + i mod heads`: with `heads = 1` a
    row is a token; with more, the query heads that share a key head are packed
    into one tile.

    A program is a `func.func` marked `tile.kernel`, whose arguments say by
    `tile.operand` which operand of the problem they are.
  }];
  let hasOperationAttrVerify = 1;
  let hasRegionArgAttrVerify = 1;
}

class Tile_Op<string mnemonic, list<Trait> traits = []>
    : Op<Tile_Dialect, mnemonic, traits>;

def Tile_ReduceKind : I32EnumAttr<"ReduceKind", "reduction of a row", [
    I32EnumAttrCase<"Add", 0, "add">, I32EnumAttrCase<"Max", 1, "max">]> {
  let cppNamespace = "::parallax::tile";
}

/// A tile has a shape that is known and not empty, and no layout yet.
class Tile_TypeOf<int rank, list<Type> elements, string name>
    : Type<And<[RankedTensorOf<elements>.predicate,
                CPred<"::parallax::tile::isTile($_self, " # rank # ")">]>,
           name # " of a static shape without 0 of " #
           !interleave(!foreach(e, elements, e.summary), " or ") # " values",
           "::mlir::RankedTensorType">;

def Tile_Tile2D : Tile_TypeOf<2, [F32, F16, BF16], "2D tile">;
def Tile_Row : Tile_TypeOf<1, [F32, F16, BF16], "row">;
def Tile_Tile2DF32 : Tile_TypeOf<2, [F32], "2D tile">;
def Tile_RowF32 : Tile_TypeOf<1, [F32], "row">;
def Tile_TileOrRow : AnyTypeOf<[Tile_Tile2D, Tile_Row],
    "2D tile or row, of a static shape without 0", "::mlir::RankedTensorType">;
def Tile_Memory : MemRefRankOf<[F32, F16, BF16], [3, 4]>;
def Tile_Tensor : MemRefRankOf<[F32, F16, BF16], [4]>;
def Tile_LoadMemory : MemRefRankOf<[F32, F16, BF16], [3, 4, 5]>;
def Tile_SourceMemory : MemRefRankOf<[F32, F16, BF16, F8E4M3FN], [3, 4, 5]>;
def Tile_CacheTensor : MemRefRankOf<[F32, F16, BF16, F8E4M3FN], [4]>;
def Tile_BlockTable : MemRefRankOf<[I32], [2]>;
def Tile_Tickets : MemRefRankOf<[I32], [1]>;
def Tile_PartRows : MemRefRankOf<[F32], [4]>;
def Tile_PartSums : MemRefRankOf<[F32], [5]>;

/// Of a state, m, d1 and d2 are of one type, and O1 and O2.
def Tile_SameRows : AllTypesMatch<["m", "d1", "d2"]>;
def Tile_SameSums : AllTypesMatch<["o1", "o2"]>;

def ProgramIdOp : Tile_Op<"program_id", [Pure]> {
  let summary = "which tile of the problem this program computes";
  let description = [{
    The three coordinates of the program in the problem's grid: query tile,
    head (of packed heads) and batch entry. Programs are independent and run in
    any order.

    ```mlir
    %tile, %head, %batch = tile.program_id
    ```
  }];
  let results = (outs Index:$tile, Index:$head, Index:$batch);
  let assemblyFormat = "attr-dict";
}

def ShareOp : Tile_Op<"share", [Pure]> {
  let summary = "this program's share of the keys of its tile";
  let description = [{
    Programs of one tile, head and batch entry divide its key tiles [0, tiles)
    among themselves, in order: this one takes [first, last), as number `part` of
    `parts`, which is at least 1. Where `part` is not less than `parts`, nothing
    is left for it: the share is empty. So is that of the one part of no tiles.

    Shares that are not their tile's last are of `least` key tiles at least.

    What the parts of a tile write lies side by side in a workspace: part n has
    place `slot + n` in it, which no other part of any tile has. `ticket` is the
    tile's own among those that have several parts; it is below 65536.

    Constraints:
    - (C1) `least` is at least 1.

    ```mlir
    %first, %last, %part, %parts, %slot, %ticket = tile.share %tiles least 2
    ```
  }];
  let arguments = (ins Index:$tiles, I64Attr:$least);
  let results = (outs Index:$first, Index:$last, Index:$part, Index:$parts,
                      Index:$slot, Index:$ticket);
  let assemblyFormat = "$tiles `least` $least attr-dict";
  let hasVerifier = 1;
}

def ArriveOp : Tile_Op<"arrive"> {
  let summary = "say that this program has stored its part";
  let description = [{
    True in the last of the `count` programs that arrive at ticket number
    `ticket`: there, all that the others have stored before they arrived can be
    loaded. A program arrives at most once. A ticket is 0 before the first
    program arrives and again when the last has.

    ```mlir
    %is_last = tile.arrive %tickets[%ticket] of %n : memref<?xi32>
    ```
  }];
  let arguments = (ins
    Arg<Tile_Tickets, "", [MemRead, MemWrite]>:$tickets, Index:$ticket,
    Index:$count);
  let results = (outs I1:$isLast);
  let assemblyFormat = [{
    $tickets `[` $ticket `]` `of` $count attr-dict `:` type($tickets)
  }];
}

def ClusterSizeOp : Tile_Op<"cluster_size", [Pure]> {
  let summary = "how many programs can publish to each other";
  let description = [{
    All programs of the tile, which then run at the same time, or 1. It is the
    same for all programs of a launch.

    ```mlir
    %programs = tile.cluster_size
    ```
  }];
  let results = (outs Index:$result);
  let assemblyFormat = "attr-dict";
}

def PublishOp : Tile_Op<"publish", [Tile_SameRows, Tile_SameSums]> {
  let summary = "give the programs of a tile the states of the rows they merge";
  let description = [{
    Of `count` programs, number i merges rows i, i + `count`, ... below `rows`:
    this gives it their states, and waits until all programs have given this one
    those of its own. Only if `tile.cluster_size` is `count`, not 1, and at most
    once.

    Constraints:
    - (C1) m, d1 and d2 are of as many rows as the sums O1 and O2.

    ```mlir
    tile.publish %m, %d1, %d2, %o1, %o2 rows(%rows) of %n
        : tensor<8xf32>, tensor<8x128xf32>
    ```
  }];
  let arguments = (ins Tile_RowF32:$m, Tile_RowF32:$d1, Tile_RowF32:$d2,
                       Tile_Tile2DF32:$o1, Tile_Tile2DF32:$o2, Index:$rows,
                       Index:$count);
  let assemblyFormat = [{
    $m `,` $d1 `,` $d2 `,` $o1 `,` $o2 `rows` `(` $rows `)` `of` $count attr-dict
    `:` type($m) `,` type($o1)
  }];
  let hasVerifier = 1;
}

def MergePublishedOp : Tile_Op<"merge_published", [Tile_SameRows, Tile_SameSums]> {
  let summary = "merge a row of what the programs of a tile have published";
  let description = [{
    Of programs 0 to `count` - 1 the states of row `row`, one of this program's,
    become one, as `tile.merge_parts` merges parts.

    Constraints:
    - (C1) m, d1 and d2 are of as many rows as the sums O1 and O2: one.

    ```mlir
    %m, %d1, %d2, %o1, %o2 = tile.merge_published of %n row(%i)
        : tensor<1xf32>, tensor<1x128xf32>
    ```
  }];
  let arguments = (ins Index:$count, Index:$row);
  let results = (outs Tile_RowF32:$m, Tile_RowF32:$d1, Tile_RowF32:$d2,
                      Tile_Tile2DF32:$o1, Tile_Tile2DF32:$o2);
  let assemblyFormat = [{
    `of` $count `row` `(` $row `)` attr-dict `:` type($m) `,` type($o1)
  }];
  let hasVerifier = 1;
}

def MergePartsOp : Tile_Op<"merge_parts", [Tile_SameRows, Tile_SameSums,
    AllTypesMatch<["partM", "partD1", "partD2"]>,
    AllTypesMatch<["partO1", "partO2"]>]> {
  let summary = "merge the parts of a few rows";
  let description = [{
    Of the `count` parts from number `part` on, the states (m, d1, d2, O1, O2) of
    the same rows, sums over different keys relative to m, which is of base 2,
    become one:

        m = max m_n    b_n = 2^(m_n - m)    d1 = sum b_n d1_n, and so d2, O1, O2

    of the parts whose d1_n is positive; others are empty, and what else they
    hold does not matter. If all are, m is the lowest float and the sums are 0.

    Parts lie as those of `tile.load`, and the result's row i is row `row` + i of
    the tile of `rows` rows at (`batch`, `token`, `head`), which packs `heads`.
    Rows that are not there have unspecified values, but row `row` is.

    Constraints:
    - (C1) m, d1 and d2 are of as many rows as the sums O1 and O2.
    - (C2) the memory of O1 and O2 has as many columns.
    - (C3) `rows` is at least `heads`, and that at least 1.

    ```mlir
    %m, %d1, %d2, %o1, %o2 = tile.merge_parts %pm, %pd1, %pd2, %po1, %po2 of %n
        [%batch, %token, %head] part(%slot) row(%i) of 64 heads 4
        : memref<?x?x?x?xf32>, memref<?x?x?x?x128xf32>
        -> tensor<4xf32>, tensor<4x128xf32>
    ```
  }];
  let arguments = (ins
    Arg<Tile_PartRows, "", [MemRead]>:$partM,
    Arg<Tile_PartRows, "", [MemRead]>:$partD1,
    Arg<Tile_PartRows, "", [MemRead]>:$partD2,
    Arg<Tile_PartSums, "", [MemRead]>:$partO1,
    Arg<Tile_PartSums, "", [MemRead]>:$partO2,
    Index:$count, Index:$batch, Index:$token, Index:$head, Index:$part,
    Index:$row, I64Attr:$rows, DefaultValuedAttr<I64Attr, "1">:$heads);
  let results = (outs Tile_RowF32:$m, Tile_RowF32:$d1, Tile_RowF32:$d2,
                      Tile_Tile2DF32:$o1, Tile_Tile2DF32:$o2);
  let assemblyFormat = [{
    $partM `,` $partD1 `,` $partD2 `,` $partO1 `,` $partO2 `of` $count
    `[` $batch `,` $token `,` $head `]` `part` `(` $part `)`
    `row` `(` $row `)` `of` $rows
    (`heads` $heads^)? attr-dict `:` type($partM) `,` type($partO1) `->`
    type($m) `,` type($o1)
  }];
  let hasVerifier = 1;
}

def LoadOp : Tile_Op<"load", [AttrSizedOperandSegments]> {
  let summary = "read a tile";
  let description = [{
    Reads the tile whose first row is (`batch`, `token`, `head`). Rows whose
    token is `limit` or more (by default the memory's length) are zero, whatever
    the memory holds there. `heads` packs that many heads into the rows; rows
    past the last whole token of the tile have unspecified values.

    With a `table`, the memory is a pool of shape (pages, page size, heads, head
    dimension), and token t of sequence `batch` is token `t mod pageSize` of page
    `table[batch, t floordiv pageSize]`:

    - `token` is at least 0. It need not begin a page, and a tile may span any
      number of pages, which need not lie side by side. The key tiles of
      problem-to-tile begin at multiples of their rows: one lies in one page if
      its rows divide the page size, and is made of whole pages if the page size
      divides its rows.
    - `limit` is at most the columns of the table times the page size, which it
      is by default.
    - Entry `p` of a row of the table is looked at only if one of the tile's
      rows below `limit` is in it, that is if `p * pageSize` is. It is then in
      [0, pages). Entries beyond may hold anything, and the pages that they
      happen to name are not read.
    - Two entries, of one row or of two, may name the same page.

    With a `part`, the memory has one more dimension, in front: it holds that
    many tensors one behind the other, and the tile is read from number `part`.

    With a `row`, the tile is a piece of a larger one, which begins at (`batch`,
    `token`, `head`) and packs `heads`: its row i is row `row + i` of that.

    Elements of f8E4M3FN become the tile's wider ones, which hold each exactly; a
    NaN stays one.

    Constraints:
    - (C1) the tile's element type is the memory's element type, or any if that
      is f8E4M3FN, of a 2-D tile.
    - (C2) rank: a 2-D tile is read from 4-D memory, a row from 3-D memory; with
      a part, the memory's rank is one more.
    - (C3) a 2-D tile has as many columns as the memory's last dimension.
    - (C4) `heads` is at least 1 and at most the tile's rows.
    - (C5) the memory's last stride is 1 if the tile is 2-D.
    - (C6) the tile has a static shape without 0, as every tile of this dialect.
    - (C7) with a table, the memory is 4-D and its page size, dimension 1, is
      static and a power of two in [1, 256].
    - (C8) the table's last stride is 1.
    - (C9) there is a table or a part, not both.
    - (C10) with a row, there is a part; `heads` may exceed the tile's rows.

    ```mlir
    %k = tile.load %key[%batch, %j, %head]
        : memref<?x?x?x128xbf16, strided<[?, ?, ?, 1]>> -> tensor<64x128xbf16>
    %q = tile.load %query[%batch, %i, %head] limit(%n) heads 4
        : memref<?x?x?x128xbf16, strided<[?, ?, ?, 1]>> -> tensor<64x128xbf16>
    %p = tile.load %pool[%batch, %j, %head] limit(%n)
        table(%table : memref<?x?xi32, strided<[?, 1]>>)
        : memref<?x16x?x128xbf16, strided<[?, ?, ?, 1]>> -> tensor<64x128xbf16>
    %narrow = tile.load %cache[%batch, %j, %head]
        : memref<?x?x?x128xf8E4M3FN, strided<[?, ?, ?, 1]>> -> tensor<64x128xbf16>
    %d1 = tile.load %d1s[%batch, %i, %head] part(%n)
        : memref<?x?x?x?xf32> -> tensor<64xf32>
    ```
  }];
  let arguments = (ins
    Arg<Tile_SourceMemory, "", [MemRead]>:$memory,
    Index:$batch, Index:$token, Index:$head, Optional<Index>:$limit,
    Arg<Optional<Tile_BlockTable>, "", [MemRead]>:$table, Optional<Index>:$part,
    Optional<Index>:$row, DefaultValuedAttr<I64Attr, "1">:$heads);
  let results = (outs Tile_TileOrRow:$result);
  let builders = [
    OpBuilder<(ins "::mlir::Type":$result, "::mlir::Value":$memory,
                   "::mlir::Value":$batch, "::mlir::Value":$token,
                   "::mlir::Value":$head, "::mlir::Value":$limit,
                   "int64_t":$heads), [{
      build($_builder, $_state, result, memory, batch, token, head, limit,
            /*table=*/::mlir::Value(), /*part=*/::mlir::Value(),
            /*row=*/::mlir::Value(), heads);
    }]>];
  let extraClassDeclaration = [{
    /// Whether elements become wider ones.
    bool converts() {
      return ::llvm::cast<::mlir::RankedTensorType>(getType()).getElementType() !=
             ::llvm::cast<::mlir::MemRefType>(getMemory().getType())
                 .getElementType();
    }
    /// Tokens of a page of the memory, which is a pool.
    int64_t getPageSize() {
      return ::llvm::cast<::mlir::MemRefType>(getMemory().getType()).getDimSize(1);
    }
  }];
  let assemblyFormat = [{
    $memory `[` $batch `,` $token `,` $head `]` (`limit` `(` $limit^ `)`)?
    (`table` `(` $table^ `:` type($table) `)`)? (`part` `(` $part^ `)`)?
    (`row` `(` $row^ `)`)? (`heads` $heads^)? attr-dict `:` type($memory) `->`
    type($result)
  }];
  let hasVerifier = 1;
}

def StoreOp : Tile_Op<"store", [AttrSizedOperandSegments]> {
  let summary = "write a tile";
  let description = [{
    Writes the tile's rows whose token lies in the memory; others, and rows past
    the last whole token of a packed tile, are dropped. A `part` and a `row` are
    as those of `tile.load`; of a piece of a larger tile of `rows` rows, the
    larger one's whole tokens count.

    Constraints:
    - (C1) to (C6) as of `tile.load`.
    - (C7) `rows` is there iff a row is, and is at least `heads`.

    ```mlir
    tile.store %o, %out[%batch, %i, %head] heads 4
        : tensor<64x128xbf16>, memref<?x?x?x128xbf16, strided<[?, ?, ?, 1]>>
    ```
  }];
  let arguments = (ins
    Tile_TileOrRow:$value, Arg<Tile_LoadMemory, "", [MemWrite]>:$memory,
    Index:$batch, Index:$token, Index:$head, Optional<Index>:$part,
    Optional<Index>:$row, DefaultValuedAttr<I64Attr, "1">:$heads,
    OptionalAttr<I64Attr>:$rows);
  let builders = [
    OpBuilder<(ins "::mlir::Value":$value, "::mlir::Value":$memory,
                   "::mlir::Value":$batch, "::mlir::Value":$token,
                   "::mlir::Value":$head, "int64_t":$heads), [{
      build($_builder, $_state, value, memory, batch, token, head,
            /*part=*/::mlir::Value(), /*row=*/::mlir::Value(), heads,
            /*rows=*/::mlir::IntegerAttr());
    }]>];
  let assemblyFormat = [{
    $value `,` $memory `[` $batch `,` $token `,` $head `]`
    (`part` `(` $part^ `)`)? (`row` `(` $row^ `)` `of` $rows)? (`heads` $heads^)?
    attr-dict `:` type($value) `,` type($memory)
  }];
  let hasVerifier = 1;
}

def AppendOp : Tile_Op<"append"> {
  let summary = "write new tokens into a cache";
  let description = [{
    Token i of sequence `batch` and head `head` of `source` becomes token
    `token + i` of the same sequence and head of the memory, for all tokens of
    the source whose place is in [0, limit); others are dropped. `token` may be
    negative. With a `table`, the memory is a pool of pages, as for `tile.load`,
    and only entries of tokens that are written are looked at.

    What a program loads after it is as it has written it. Programs of one
    sequence and head may all append, since they write the same.

    Constraints:
    - (C1) source and memory have one element type and one static last
      dimension, and last strides of 1.
    - (C2) with a table, the memory's page size, dimension 1, is static and a
      power of two in [1, 256], and the table's last stride is 1.

    ```mlir
    tile.append %new, %pool[%batch, %i, %head] limit(%n)
        table(%table : memref<?x?xi32, strided<[?, 1]>>)
        : memref<?x?x?x128xbf16>, memref<?x16x?x128xbf16, strided<[?, ?, ?, 1]>>
    ```
  }];
  let arguments = (ins
    Arg<Tile_CacheTensor, "", [MemRead]>:$source,
    Arg<Tile_CacheTensor, "", [MemWrite]>:$memory,
    Index:$batch, Index:$token, Index:$head, Index:$limit,
    Arg<Optional<Tile_BlockTable>, "", [MemRead]>:$table);
  let assemblyFormat = [{
    $source `,` $memory `[` $batch `,` $token `,` $head `]` `limit` `(` $limit `)`
    (`table` `(` $table^ `:` type($table) `)`)? attr-dict `:` type($source) `,`
    type($memory)
  }];
  let hasVerifier = 1;
}

def DotOp : Tile_Op<"dot", [Pure, AllTypesMatch<["accumulator", "result"]>]> {
  let summary = "accumulate a product of two tiles";
  let description = [{
    `result = accumulator + lhs * rhs`, or `lhs * transpose(rhs)` with
    `transpose`. Products are exact and sums are float32.

    Constraints:
    - (C1) lhs and rhs have the same element type.
    - (C2) the inner dimensions agree.
    - (C3) the accumulator is float32 with the outer dimensions' shape.

    ```mlir
    %s = tile.dot %q, %k, %zero transpose
        : tensor<64x128xbf16>, tensor<32x128xbf16> -> tensor<64x32xf32>
    ```
  }];
  let arguments = (ins Tile_Tile2D:$lhs, Tile_Tile2D:$rhs,
                       Tile_Tile2DF32:$accumulator, UnitAttr:$transpose);
  let results = (outs Tile_Tile2DF32:$result);
  let assemblyFormat = [{
    $lhs `,` $rhs `,` $accumulator (`transpose` $transpose^)? attr-dict `:`
    type($lhs) `,` type($rhs) `->` type($result)
  }];
  let hasVerifier = 1;
}

def ReduceOp : Tile_Op<"reduce", [Pure]> {
  let summary = "reduce each row of a tile to one value";
  let description = [{
    Constraints:
    - (C1) the result has one element a row of the source, of its element type.

    ```mlir
    %m = tile.reduce max %s : tensor<64x32xf32> -> tensor<64xf32>
    ```
  }];
  let arguments = (ins Tile_ReduceKind:$kind, Tile_Tile2DF32:$source);
  let results = (outs Tile_RowF32:$result);
  let assemblyFormat = "$kind $source attr-dict `:` type($source) `->` type($result)";
  let hasVerifier = 1;
}

def BroadcastOp : Tile_Op<"broadcast", [Pure]> {
  let summary = "repeat a row value along its row";
  let description = [{
    Constraints:
    - (C1) the source has one element a row of the result, of its element type.

    ```mlir
    %b = tile.broadcast %m : tensor<64xf32> -> tensor<64x32xf32>
    ```
  }];
  let arguments = (ins Tile_RowF32:$source);
  let results = (outs Tile_Tile2DF32:$result);
  let assemblyFormat = "$source attr-dict `:` type($source) `->` type($result)";
  let hasVerifier = 1;
}

def MaskOp : Tile_Op<"mask",
    [Pure, AttrSizedOperandSegments, AllTypesMatch<["source", "result"]>]> {
  let summary = "set the scores that a query does not see to -infinity";
  let description = [{
    Element (i, j) is the score of query token `t = token + i floordiv heads`
    and key `c = key + j`. It is kept iff `c < length`, and with `causal`
    `c <= t + shift`, and with `window` `c > t + shift - window`. Key length
    minus query length is the shift that aligns the mask bottom right.

    Constraints:
    - (C1) `heads` is at least 1 and at most the tile's rows.
    - (C2) a window needs causal.

    ```mlir
    %x = tile.mask %s at(%i, %j) length(%n) causal(%shift) window(%w) heads 4
        : tensor<64x32xf32>
    ```
  }];
  let arguments = (ins Tile_Tile2DF32:$source, Index:$token, Index:$key,
    Index:$length, Optional<Index>:$shift, Optional<Index>:$window,
    DefaultValuedAttr<I64Attr, "1">:$heads);
  let results = (outs Tile_Tile2DF32:$result);
  let assemblyFormat = [{
    $source `at` `(` $token `,` $key `)` `length` `(` $length `)`
    (`causal` `(` $shift^ `)`)? (`window` `(` $window^ `)`)?
    (`heads` $heads^)? attr-dict `:` type($source)
  }];
  let hasVerifier = 1;
}

def HandoverOp : Tile_Op<"handover", [Pure, AllTypesMatch<["source", "result"]>]> {
  let summary = "what one consumer made, for another to use";
  let description = [{
    The result is the source. Where a schedule divides the products of a tile
    among consumers, this says which values cross: a consumer computes what its
    stores and handovers need, and takes the result of a handover to it as
    given. Ops that several need are computed by each.

    Constraints:
    - (C1) `from` and `to` are different and not negative.

    ```mlir
    %a = tile.handover %alpha from 0 to 1 : tensor<64xf32>
    ```
  }];
  let arguments = (ins Tile_TileOrRow:$source, I64Attr:$from, I64Attr:$to);
  let results = (outs Tile_TileOrRow:$result);
  let assemblyFormat = "$source `from` $from `to` $to attr-dict `:` type($source)";
  let hasVerifier = 1;
}

#endif // PARALLAX_DIALECT_TILE_TILEOPS
