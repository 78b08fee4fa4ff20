//===- MemoryOps.td - Shared memory and TMA ---------------*- tablegen -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_DIALECT_HOPPER_MEMORYOPS
#define PARALLAX_DIALECT_HOPPER_MEMORYOPS

include "dialect/Hopper/HopperBase.td"

def AllocOp : Hopper_Op<"alloc", [Hopper_InKernel,
    DeclareOpInterfaceMethods<MemoryEffectsOpInterface>]> {
  let summary = "allocate a ring of shared-memory tiles for the kernel's life";
  let description = [{
    Its contents are undefined.

    ```mlir
    %k = hopper.alloc : !hopper.smem<3x64x128xbf16>
    ```
  }];
  let results = (outs Hopper_SmemType:$result);
  let assemblyFormat = "attr-dict `:` qualified(type($result))";
}

def TmaLoadOp : Hopper_ProducerOp<"tma_load", [AttrSizedOperandSegments]> {
  let summary = "copy a tile from global to shared memory, asynchronously";
  let description = [{
    Starts one copy for each block of columns of one stage, up to `columns` (by
    default all of the tile's). `box` is [heads, tokens]: row
    t * heads + h of the tile, counted from `row` (0 by default), becomes element
    [batch, token + t, head + h, column ..] of the tensor, zero where that is out
    of its bounds, for example in batch entry -1. Rows outside the box keep what
    they hold. A batch entry may be a page of a cache.

    Each byte, those out of bounds included, counts against the barrier's
    `hopper.expect`: columns * heads * tokens * the element's in all.

    Constraints:
    - (C1) the box's heads and tokens are in [1, 256], and their product is at
      most the tile's rows.
    - (C2) `columns` is a multiple of a block's, positive, at most the tile's.
    - (C3) a ring of more than one stage is indexed.
    - (C4) `box` is that of the kernel's parameter `map`.

    The run-time `row` is a multiple of 8, or the box stays inside 8 rows that
    begin at one; it stays inside the tile.

    ```mlir
    hopper.tma_load %map[%c0, %head, %token, %batch], %k[%n], %full[%n]
        box [1, 64] : !hopper.smem<3x64x128xbf16>, !hopper.barrier<3>
    ```
  }];
  let arguments = (ins
    Hopper_TensorMap:$map, I32:$column, I32:$head, I32:$token, I32:$batch,
    Hopper_SmemType:$tile, Optional<I32>:$stage, Optional<I32>:$row,
    Hopper_BarrierType:$barrier, Optional<I32>:$use,
    DenseI64ArrayAttr:$box, OptionalAttr<I64Attr>:$columns);
  let assemblyFormat = [{
    $map `[` $column `,` $head `,` $token `,` $batch `]` `,`
    $tile (`[` $stage^ `]`)? (`rows` `(` $row^ `)`)? `,`
    $barrier (`[` $use^ `]`)? `box` $box (`columns` $columns^)?
    attr-dict `:` qualified(type($tile)) `,` qualified(type($barrier))
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    int64_t getLoadedColumns() {
      return getColumns().value_or(getTile().getType().getColumns());
    }
    /// What the barrier's `hopper.expect` must count for this load.
    int64_t getBytes() {
      return getLoadedColumns() * getBox()[0] * getBox()[1] *
             getTile().getType().getElementBytes();
    }
  }];
}

def TmaStoreOp : Hopper_ConsumerOp<"tma_store", [AttrSizedOperandSegments]> {
  let summary = "copy rows of a tile to global memory, or add them to what is there";
  let description = [{
    One thread of the warpgroup starts the copies, one for each block of columns,
    and waits until they have read the tile. Geometry as `hopper.tma_load`;
    elements out of the tensor's bounds are dropped.

    What the warpgroup's threads wrote to the tile must have been made visible
    by `hopper.fence_async` and then `hopper.warpgroup_barrier`.

    With `add`, an element of the tile is added to the one in memory. The sum is
    rounded to the nearest even of their type; what becomes of denormals of f32
    is not said. Each element is added at once (atomically), sooner or later, in
    any order among those that are added to one place, by all CTAs.

    No other step of the kernel is ordered after what this writes, nor is this
    after what other steps have written there: of those to one place, only `add`s
    don't race. What is there before the first comes from another kernel, and
    another reads the sum.

    Constraints: (C1) to (C4) of `hopper.tma_load`.

    ```mlir
    hopper.tma_store %o rows(%r), %map[%c0, %head, %token, %batch] box [1, 64]
        : !hopper.smem<128x128xbf16>
    hopper.tma_store %dq, %sums[%c0, %head, %token, %batch] box [1, 64] add
        : !hopper.smem<64x128xf32>
    ```
  }];
  let arguments = (ins
    Hopper_StoredTile:$tile, Optional<I32>:$stage, Optional<I32>:$row,
    Hopper_TensorMap:$map, I32:$column, I32:$head, I32:$token, I32:$batch,
    DenseI64ArrayAttr:$box, OptionalAttr<I64Attr>:$columns, UnitAttr:$add);
  let assemblyFormat = [{
    $tile (`[` $stage^ `]`)? (`rows` `(` $row^ `)`)? `,`
    $map `[` $column `,` $head `,` $token `,` $batch `]`
    `box` $box (`columns` $columns^)? (`add` $add^)? attr-dict `:`
    qualified(type($tile))
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    int64_t getStoredColumns() {
      return getColumns().value_or(getTile().getType().getColumns());
    }
  }];
}

def StoreFragmentOp : Hopper_ConsumerOp<"store_fragment", [AttrSizedOperandSegments]> {
  let summary = "round an accumulator and write it to a shared-memory tile";
  let description = [{
    Element (i, j) of the value is rounded to the tile's element type and
    written to row `row` + i, column `column` + j of the stage.

    Constraints:
    - (C1) the value is f32, of 64 rows, with at most the tile's rows and columns.
    - (C2) a ring of more than one stage is indexed.

    The run-time `row` is a multiple of 8 and `column` one of a block's columns.

    ```mlir
    hopper.store_fragment %o, %tile rows(%r)
        : tensor<64x128xf32, #hopper.acc>, !hopper.smem<128x128xbf16>
    ```
  }];
  let arguments = (ins Hopper_Acc:$value, Hopper_StoredTile:$tile,
    Optional<I32>:$stage, Optional<I32>:$row, Optional<I32>:$column);
  let assemblyFormat = [{
    $value `,` $tile (`[` $stage^ `]`)? (`rows` `(` $row^ `)`)?
    (`columns` `(` $column^ `)`)? attr-dict `:` type($value) `,` qualified(type($tile))
  }];
  let hasVerifier = 1;
}

def LoadFragmentOp : Hopper_ConsumerOp<"load_fragment", [AttrSizedOperandSegments]> {
  let summary = "read a shared-memory tile as the A operand of multiplications";
  let description = [{
    Element (i, j) of the result is that of row `row` + i and column j of the
    stage. Of the 64 rows `only` the first so many are given: the others may
    hold anything, in the tile or behind it, and in the result.

    A result of R rows that is `per_warp` has for each warp the same rows, of two
    tiles that lie behind each other, as `hopper.stack` has them: row
    w R/4 + 2i + s is row `row` + i + s R/8. Its column j is that of the tile, or
    with `in_fours` column F(j), the order in which `hopper.warp_mma` takes what it
    multiplies by elements of 8 bits.

    A multiplication reads an A operand in shared memory again each time, one in
    registers costs it nothing. What others wrote to the tile must be visible to
    the warpgroup's threads, and nobody may write it until they have met.

    Constraints:
    - (C1) the element type is the tile's.
    - (C2) the result has 64 rows, or is `per_warp`, and at most the tile's
      columns, the tile as many rows as are given, or a quarter if it is
      `per_warp`.
    - (C3) a ring of more than one stage is indexed.
    - (C4) `only` is a multiple of 8 in [8, 64].
    - (C5) where the result is `per_warp` nothing is `only`; `in_fours` goes with
      it.

    The run-time `row` is a multiple of 8.

    ```mlir
    %qr = hopper.load_fragment %q only 16 : !hopper.smem<64x128xbf16>
        -> tensor<64x128xbf16, #hopper.operand_a>
    %each = hopper.load_fragment %few : !hopper.smem<8x128xbf16>
        -> tensor<32x128xbf16, #hopper.operand_a<per_warp>>
    %fours = hopper.load_fragment %few in_fours : !hopper.smem<8x128xbf16>
        -> tensor<32x128xbf16, #hopper.operand_a<per_warp>>
    ```
  }];
  let arguments = (ins Hopper_OperandTile:$tile, Optional<I32>:$stage,
    Optional<I32>:$row, OptionalAttr<I64Attr>:$only, UnitAttr:$in_fours);
  let results = (outs Hopper_AnyOperandA:$result);
  let assemblyFormat = [{
    $tile (`[` $stage^ `]`)? (`rows` `(` $row^ `)`)? (`only` $only^)?
    (`in_fours` $in_fours^)? attr-dict `:` qualified(type($tile)) `->`
    type($result)
  }];
  let hasVerifier = 1;
}

def PutOp : Hopper_ConsumerOp<"put"> {
  let summary = "write a warpgroup's registers to shared memory";
  let description = [{
    Thread t's register i goes to the 16 bytes number 128 (i floordiv 4) + t of
    the stage, or of all stages if there is no index. Only `hopper.get` of the
    same type, by the same thread of any warpgroup, knows how to read that. The
    tile is no more than memory here: its rows and columns mean nothing.

    A barrier that all threads of both warpgroups come to must stand between.

    Constraints:
    - (C1) the elements are f32, bf16 or f16.
    - (C2) its registers, 512 bytes each in a warpgroup, fit one stage, or
      without an index all of them.

    ```mlir
    hopper.put %p, %mail[%n]
        : tensor<64x64xbf16, #hopper.operand_a>, !hopper.smem<2x64x64xbf16>
    ```
  }];
  let arguments = (ins AnyTypeOf<[Hopper_Fragment, Hopper_Row]>:$value,
                       Hopper_OperandTile:$tile, Optional<I32>:$stage);
  let assemblyFormat = [{
    $value `,` $tile (`[` $stage^ `]`)? attr-dict `:` type($value) `,`
    qualified(type($tile))
  }];
  let hasVerifier = 1;
}

def GetOp : Hopper_ConsumerOp<"get"> {
  let summary = "read what another warpgroup has put";
  let description = [{
    Constraints: as (C1) and (C2) of `hopper.put`.

    ```mlir
    %p1 = hopper.get %mail[%n] : !hopper.smem<2x64x64xbf16>
        -> tensor<64x64xbf16, #hopper.operand_a>
    ```
  }];
  let arguments = (ins Hopper_OperandTile:$tile, Optional<I32>:$stage);
  let results = (outs AnyTypeOf<[Hopper_Fragment, Hopper_Row]>:$result);
  let assemblyFormat = [{
    $tile (`[` $stage^ `]`)? attr-dict `:` qualified(type($tile)) `->`
    type($result)
  }];
  let hasVerifier = 1;
}

def ZeroRowsOp : Hopper_ConsumerOp<"zero_rows"> {
  let summary = "zero the last rows of a tile";
  let description = [{
    Rows `row` and above of the stage become zero and visible to the warpgroup's
    wgmmas (it ends with the fence of `hopper.fence_async` and a
    `hopper.warpgroup_barrier`). Nothing happens if `row` is the tile's rows or
    more. Warpgroups that share the tile may all do it: they write the same.

    This keeps a NaN that lies beyond a sequence's used length, where a weight
    of 0 would multiply it, from reaching an output.

    Constraints:
    - (C1) a ring of more than one stage is indexed.

    ```mlir
    hopper.zero_rows %v[%n] from %valid : !hopper.smem<3x64x128xbf16>
    ```
  }];
  let arguments = (ins Hopper_MultipliedTile:$tile, Optional<I32>:$stage, I32:$row);
  let assemblyFormat = [{
    $tile (`[` $stage^ `]`)? `from` $row attr-dict `:` qualified(type($tile))
  }];
  let hasVerifier = 1;
}

def ConvertOp : Hopper_Op<"convert", [Hopper_InConverters, AttrSizedOperandSegments]> {
  let summary = "convert a tile's elements to those that are multiplied";
  let description = [{
    Each element of a stage of `source` becomes the element at its row and column
    of a stage of `target`, whose type holds it exactly; a NaN stays one. Rows
    `row` and above become zero instead, if it is given, whatever they hold.

    The warps take the groups of 8 rows in turn. What a warp has read
    and written, multiplications included, is before its later arrivals: it ends
    with the fence of `hopper.fence_async` and a meeting of the warp.

    Constraints:
    - (C1) the source's elements are f8E4M3FN, the target's of 16 bits.
    - (C2) they have as many rows, and the target at most the source's columns.
    - (C3) a ring of more than one stage is indexed.

    ```mlir
    hopper.convert %narrow[%n] to %k[%n] from %valid
        : !hopper.smem<4x64x128xf8E4M3FN>, !hopper.smem<2x64x128xbf16>
    ```
  }];
  let arguments = (ins
    Hopper_SmemType:$source, Optional<I32>:$source_stage,
    Hopper_OperandTile:$target, Optional<I32>:$target_stage, Optional<I32>:$row);
  let assemblyFormat = [{
    $source (`[` $source_stage^ `]`)? `to` $target (`[` $target_stage^ `]`)?
    (`from` $row^)? attr-dict `:` qualified(type($source)) `,`
    qualified(type($target))
  }];
  let hasVerifier = 1;
}

def LoadEntriesOp : Hopper_Op<"load_entries", [Hopper_InConverters]> {
  let summary = "read which page each row of a tile lies in";
  let description = [{
    Row i of the tile is token T = `token` + i of a sequence. Element i is
    `table[row + T floordiv size]` if T is below `limit`, else -1, and nothing
    past the entry of token `limit` - 1 is read; of a sequence without tokens,
    the first entry is. No thread of the kernel writes the table.

    Constraints:
    - (C1) `size` is a power of two in [1, 256].

    ```mlir
    %pages = hopper.load_entries %pointer[%row] from %token limit %valid size 4
        : tensor<64xi32, #hopper.entries>
    ```
  }];
  let arguments = (ins Arg<Hopper_GlobalPointer, "", [MemRead]>:$table, I32:$row,
    I32:$token, I32:$limit, I64Attr:$size);
  let results = (outs Hopper_Entries:$result);
  let assemblyFormat = [{
    $table `[` $row `]` `from` $token `limit` $limit `size` $size attr-dict `:`
    type($result)
  }];
  let hasVerifier = 1;
}

def GatherOp : Hopper_Op<"gather", [Hopper_InConverters, AttrSizedOperandSegments]> {
  let summary = "copy rows from pages in global memory to a tile, asynchronously";
  let description = [{
    Row i of a stage becomes the `columns` elements from

        base + page[i] * page_stride + ((token + i) mod size) * token_stride

    of the array on, and zero in the columns behind them; all of it is zero where
    the page is -1.

    Each thread of the converters arrives on the barrier when what it copies has
    landed, so that the ring has count 96, or 128 if they are a warpgroup. The copies are by threads: who reads
    them by TMA or wgmma does that behind a `hopper.fence_async` of its own, after
    it has waited.

    Constraints:
    - (C1) the elements are of 16 bits, and `columns` a multiple of 8, at most
      the tile's.
    - (C2) there is an entry for each of the tile's rows.
    - (C3) a ring of more than one stage is indexed.
    - (C4) `size` is a power of two in [1, 256].

    Rows begin at multiples of 16 bytes.

    ```mlir
    hopper.gather %pointer[%base, %stride, %stride] pages %pages at %token
        size 4 columns 128 to %k[%n], %filled[%n]
        : tensor<64xi32, #hopper.entries>, !hopper.smem<2x64x128xbf16>,
          !hopper.barrier<2>
    ```
  }];
  let arguments = (ins
    Hopper_GlobalPointer:$source, I64:$base,
    I64:$pageStride, I64:$tokenStride, Hopper_Entries:$entries, I32:$token,
    I64Attr:$size, I64Attr:$columns, Hopper_OperandTile:$tile,
    Optional<I32>:$stage, Hopper_BarrierType:$barrier, Optional<I32>:$use);
  let assemblyFormat = [{
    $source `[` $base `,` $pageStride `,` $tokenStride `]` `pages` $entries `at`
    $token `size` $size `columns` $columns `to` $tile (`[` $stage^ `]`)? `,`
    $barrier (`[` $use^ `]`)? attr-dict `:` type($entries) `,`
    qualified(type($tile)) `,` qualified(type($barrier))
  }];
  let hasVerifier = 1;
}

def FenceAsyncOp : Hopper_ConsumerOp<"fence_async"> {
  let summary = "order threads' shared-memory writes before later TMA and wgmma";
  let description = [{
    Each thread orders its own writes, and those that it has waited for; a barrier
    after it extends that to the copies and multiplications which another thread
    starts.

    ```mlir
    hopper.fence_async
    ```
  }];
  let assemblyFormat = "attr-dict";
}

def StoreRowsOp : Hopper_WarpgroupOp<"store_rows"> {
  let summary = "write rows to global memory";
  let description = [{
    Row i of the value is row R = `row` + i of the tile, which stands for token
    t = R floordiv heads and head h = R mod heads of the tile. It is written to
    the elements from base + (token + t) * tokenStride + h * headStride of
    `pointer` on, iff R < `rows` and token + t < length: one element of a value
    a row, the first `columns` (by default all) of a tile.

    The elements in memory are f32, or those that the value is rounded to: `as`.

    Constraints:
    - (C1) the value is f32.
    - (C2) `heads` is in [1, 256], and `rows` in [`heads`, 2^31).
    - (C3) `columns` are a positive multiple of 8, at most the value's, of an
      accumulator.
    - (C4) `as` is bf16 or f16, of a tile.

    Rows of a tile begin at multiples of 16 bytes if they are f32, else of 8.

    ```mlir
    hopper.store_rows %m, %pointer[%base, %token_stride, %head_stride]
        at(%row, %token) length(%length) heads 4 rows 128
        : tensor<64xf32, #hopper.row>
    ```
  }];
  let arguments = (ins AnyTypeOf<[Hopper_Row, Hopper_Acc, Hopper_Lanes]>:$value,
    Arg<Hopper_GlobalPointer, "", [MemWrite]>:$pointer,
    I64:$base, I64:$tokenStride, I64:$headStride, I32:$row, I32:$token,
    I32:$length, DefaultValuedAttr<I64Attr, "1">:$heads, I64Attr:$rows,
    OptionalAttr<I64Attr>:$columns, OptionalAttr<TypeAttr>:$element);
  let assemblyFormat = [{
    $value `,` $pointer `[` $base `,` $tokenStride `,` $headStride `]`
    `at` `(` $row `,` $token `)` `length` `(` $length `)` (`heads` $heads^)?
    `rows` $rows (`columns` $columns^)? (`as` $element^)?
    attr-dict `:` type($value)
  }];
  let hasVerifier = 1;
}

def LoadRowsOp : Hopper_ConsumerOp<"load_rows"> {
  let summary = "read rows from global memory";
  let description = [{
    The inverse of `hopper.store_rows`. A row that is not there has the values
    of row `row`, which is. What other CTAs have written is read if a
    `hopper.arrive_last` orders it.

    Constraints:
    - (C1) the result is f32.
    - (C2) `heads` is in [1, 256], and `rows` in [`heads`, 2^31).

    Rows of a tile begin at multiples of 16 bytes.

    ```mlir
    %o1 = hopper.load_rows %pointer[%base, %token_stride, %head_stride]
        at(%row, %token) length(%length) heads 4 rows 64
        : tensor<4x128xf32, #hopper.lanes>
    ```
  }];
  let arguments = (ins Arg<Hopper_GlobalPointer, "", [MemRead]>:$pointer,
    I64:$base, I64:$tokenStride, I64:$headStride, I32:$row, I32:$token,
    I32:$length, DefaultValuedAttr<I64Attr, "1">:$heads, I64Attr:$rows);
  let results = (outs Hopper_Lanes:$result);
  let assemblyFormat = [{
    $pointer `[` $base `,` $tokenStride `,` $headStride `]`
    `at` `(` $row `,` $token `)` `length` `(` $length `)` (`heads` $heads^)?
    `rows` $rows attr-dict `:` type($result)
  }];
  let hasVerifier = 1;
}

def ArriveLastOp : Hopper_WarpgroupOp<"arrive_last"> {
  let summary = "arrive at a ticket in global memory, and say if that is the last";
  let description = [{
    True in the last of `count` warpgroups of the grid that arrive at ticket
    `index`, an i32 of the array: there, all that the others have stored before
    they arrived is visible afterwards. The ticket counts from 0, and is 0 again
    after the last.

    One that `looks` reads the ticket first: if all others have come, nobody else
    needs what this CTA has stored, which saves the last the time of a fence, and
    costs all others a read.

    ```mlir
    %is_last = hopper.arrive_last %tickets[%index] of %count
    %is_last_soon = hopper.arrive_last %tickets[%index] of %count looks
    ```
  }];
  let arguments = (ins
    Arg<Hopper_GlobalPointer, "", [MemRead, MemWrite]>:$tickets, I32:$index,
    I32:$count, UnitAttr:$looks);
  let results = (outs I1:$isLast);
  let assemblyFormat =
    "$tickets `[` $index `]` `of` $count (`looks` $looks^)? attr-dict";
}

def PutScalarOp : Hopper_ProducerOp<"put_scalar"> {
  let summary = "write a scalar to shared memory";
  let description = [{
    The scalar goes to bytes 4 i to 4 i + 3 of the stage, where only
    `hopper.get_scalar` reads it; the tile is no more than memory here. A barrier
    that the producer arrives at afterwards orders the two.

    Constraints:
    - (C1) i is not negative, and the bytes lie in the stage.
    - (C2) a ring of more than one stage is indexed.

    ```mlir
    hopper.put_scalar %head, %board[%n] at 1 : !hopper.smem<2x8x64xbf16>
    ```
  }];
  let arguments = (ins I32:$value, Hopper_SmemType:$tile, Optional<I32>:$stage,
                       I64Attr:$index);
  let assemblyFormat = [{
    $value `,` $tile (`[` $stage^ `]`)? `at` $index attr-dict `:`
    qualified(type($tile))
  }];
  let hasVerifier = 1;
}

def GetScalarOp : Hopper_WarpgroupOp<"get_scalar"> {
  let summary = "read a scalar that the producer has put";
  let description = [{
    It is read whenever it is asked for, so that it takes no register from one
    time to the next.

    Constraints: as (C1) and (C2) of `hopper.put_scalar`.

    ```mlir
    %head = hopper.get_scalar %board[%n] at 1 : !hopper.smem<2x8x64xbf16>
    ```
  }];
  let arguments = (ins Arg<Hopper_SmemType, "", [MemRead]>:$tile,
                       Optional<I32>:$stage, I64Attr:$index);
  let results = (outs I32:$result);
  let assemblyFormat = [{
    $tile (`[` $stage^ `]`)? `at` $index attr-dict `:` qualified(type($tile))
  }];
  let hasVerifier = 1;
}

def LoadScalarOp : Hopper_Op<"load_scalar"> {
  let summary = "read a scalar from global memory";
  let description = [{
    Reads element `index` of an array of the result's type. No thread of the
    kernel writes it.

    Constraints:
    - (C1) the result is i32, i64 or f32.

    ```mlir
    %used = hopper.load_scalar %pointer[%batch] : i32
    ```
  }];
  let arguments = (ins Arg<Hopper_GlobalPointer, "", [MemRead]>:$pointer, I32:$index);
  let results = (outs AnyTypeOf<[I32, I64, F32]>:$result);
  let assemblyFormat = "$pointer `[` $index `]` attr-dict `:` type($result)";
}

def AppendOp : Hopper_Op<"append", [Hopper_InKernel, AttrSizedOperandSegments]> {
  let summary = "copy rows from one array in global memory to another";
  let description = [{
    All threads of the kernel copy `count` rows of `columns` 16-bit elements, and
    order them before the TMA loads of the roles. Row i begins at element
    `source_base + i * source_stride` of the source. With P = `first` + i it is
    written iff P is in [0, limit), to the rows from
    `target_base + P * target_stride` on, or with `pages` to

        target_base + table[row + P floordiv size] * page_stride
                    + (P mod size) * target_stride

    Other kernels may write the same values to the same place.

    Constraints:
    - (C1) `columns` is a positive multiple of 4.
    - (C2) `size` is a power of two in [1, 256], and is there iff `pages` are.

    Rows begin at multiples of 16 bytes.

    ```mlir
    hopper.append %pointer[%base, %stride], %pool[%base, %stride] from %first
        count %n limit %length columns 128
        pages(%table[%batch], %page_stride) size 16
    ```
  }];
  let arguments = (ins
    Arg<Hopper_GlobalPointer, "", [MemRead]>:$source, I64:$sourceBase,
    I64:$sourceStride,
    Arg<Hopper_GlobalPointer, "", [MemWrite]>:$target, I64:$targetBase,
    I64:$targetStride, I32:$first, I32:$count, I32:$limit,
    I64Attr:$columns,
    Arg<Optional<Hopper_GlobalPointer>, "", [MemRead]>:$table,
    Optional<I32>:$row, Optional<I64>:$pageStride, OptionalAttr<I64Attr>:$size);
  let assemblyFormat = [{
    $source `[` $sourceBase `,` $sourceStride `]` `,`
    $target `[` $targetBase `,` $targetStride `]` `from` $first `count` $count
    `limit` $limit `columns` $columns
    (`pages` `(` $table^ `[` $row `]` `,` $pageStride `)` `size` $size)? attr-dict
  }];
  let hasVerifier = 1;
}

#endif // PARALLAX_DIALECT_HOPPER_MEMORYOPS
