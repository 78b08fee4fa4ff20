//===- HopperBase.td - Types and encodings of the hopper dialect -*- tablegen -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_DIALECT_HOPPER_HOPPERBASE
#define PARALLAX_DIALECT_HOPPER_HOPPERBASE

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/OpBase.td"
include "mlir/IR/TensorEncoding.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Hopper_Dialect : Dialect {
  let name = "hopper";
  let cppNamespace = "::parallax::hopper";
  let summary = "L3: a warpgroup-level program for sm_90a";
  let description = [{
    A kernel is a `func.func` with the unit attribute `hopper.kernel`. Its
    arguments are `!hopper.tensor_map`, i32, i64 and f32 scalars, and
    `!llvm.ptr<1>` pointers to global memory. Its body allocates shared memory
    and barriers, computes scalars that every thread needs, and holds one
    `hopper.roles`: a producer, which is a single thread, some consumer
    warpgroups of 128 threads, which all run one region, each with its index, and
    perhaps converters, the three warps beside the producer's.

    Inside the consumers' region one operation is one step of a warpgroup.
    Values with an encoding live in the warpgroup's registers:

    | type | holds | registers a thread |
    |---|---|---|
    | `tensor<64xNxf32, #hopper.acc>` | the accumulator of wgmma | N/2 |
    | `tensor<64xKxbf16, #hopper.operand_a>` | the A operand of wgmma, packed | K/4 |
    | `tensor<64xf32, #hopper.row>` | a value a row, the same in a row's 4 lanes | 2 |
    | `tensor<64x4xf32, #hopper.row_partial>` | a value for each of a row's 4 lanes | 2 |
    | the same of 32 rows | what `hopper.stack` makes one of two of | half as many |
    | `acc<per_warp>`, R rows; of 16 bits | what each warp has of its own | N R / 128; half as many |
    | `operand_a<per_warp>`; `row`, `row_partial` | the same | K R / 256; R / 16 |
    | `tensor<4xNxf32, #hopper.lanes>` | a row a warp, 4 columns a lane | 4, or 8 if N > 128 |
    | `tensor<4xf32, #hopper.lanes>` | a value a warp | 1 |

    The converters' warps have registers of their own: `tensor<Nxi32,
    #hopper.entries>` holds the page of each row of a tile.

    Elementwise work on `acc`, `row`, `row_partial` and `lanes` is `arith` and `math` on
    these tensors, a scalar becomes one by `tensor.splat`, loops and branches
    are `scf` with i32 bounds. A branch around a step of a warpgroup must go the
    same way in all of its threads, so it may only depend on scalars. All
    scalars are warpgroup-uniform.

    Division of register tensors is by the approximate reciprocal, exp2 and
    log2 are the hardware's approximations; all flush denormals.

    The four warps of a warpgroup may also have keys of their own and the same few
    rows of queries: of what is `per_warp` each has a quarter of the rows, and
    multiplies by mma.sync, whose 16 rows are then keys.

    `%s[%n]` names a stage of a ring and `%b[%n]` a barrier of one by a linear
    use counter: use n is stage n mod S.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"]; // For its pointers.
  let useDefaultTypePrinterParser = 1;
  let useDefaultAttributePrinterParser = 1;
  let hasOperationAttrVerify = 1;
  let hasRegionArgAttrVerify = 1;
}

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

class Hopper_Type<string name, string typeMnemonic> : TypeDef<Hopper_Dialect, name> {
  let mnemonic = typeMnemonic;
}

def Hopper_SmemType : Hopper_Type<"Smem", "smem"> {
  let summary = "a ring of shared-memory tiles";
  let description = [{
    `stages` tiles of rows x columns elements. Layout: [stage][block of 64
    columns, 128 bytes][row][64 columns], each stage aligned to 1024 bytes, and
    inside it the 128-byte swizzle that TMA and wgmma share: 16-byte chunk c of
    row r lies at chunk c xor (r mod 8). A block of 8-bit elements has 128
    columns; such a tile is loaded, and converted for all else. A block of f32
    has 32; such a tile goes between threads and global memory, and is not
    multiplied.

    Constraints:
    - (C1) at least one stage.
    - (C2) rows are a positive multiple of 8, so that a stage is a multiple of
      the swizzle's 1024 bytes.
    - (C3) columns are a positive multiple of a block's.
    - (C4) the element type is bf16, f16, f32 or f8E4M3FN.
    - (C5) it takes at most 232448 bytes, the shared memory of a CTA.

    ```mlir
    !hopper.smem<128x64xbf16>, !hopper.smem<3x64x128xbf16>,
    !hopper.smem<4x64x128xf8E4M3FN>
    ```
  }];
  let parameters = (ins "int64_t":$stages, "int64_t":$rows, "int64_t":$columns,
                        "::mlir::Type":$elementType);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// Bytes of one block's row, the swizzle's width.
    static constexpr int64_t kBlockBytes = 128;
    /// Columns of one block of 16-bit elements.
    static constexpr int64_t kBlockColumns = kBlockBytes / 2;
    int64_t getElementBytes() const {
      return getElementType().getIntOrFloatBitWidth() / 8;
    }
    int64_t getBlockColumns() const { return kBlockBytes / getElementBytes(); }
    int64_t getBlocks() const { return getColumns() / getBlockColumns(); }
    /// Bytes from one block to the next.
    int64_t getBlockBytes() const { return getRows() * 128; }
    int64_t getStageBytes() const { return getBlocks() * getBlockBytes(); }
    int64_t getBytes() const { return getStages() * getStageBytes(); }
  }];
}

def Hopper_BarrierType : Hopper_Type<"Barrier", "barrier"> {
  let summary = "a ring of mbarriers";
  let description = [{
    Constraints:
    - (C1) stages are in [1, 1024].
  }];
  let parameters = (ins "int64_t":$stages);
  let assemblyFormat = "`<` $stages `>`";
  let genVerifyDecl = 1;
}

def Hopper_TensorMapType : Hopper_Type<"TensorMap", "tensor_map"> {
  let summary = "a 128-byte CUtensorMap passed by value to the kernel";
  let description = [{
    Dimensions, fastest first: (head dimension, heads, length, batch), elements
    of 4, 2 or 1 bytes, 128-byte swizzle, zero fill out of bounds. Its box is a
    block of columns, 128 bytes, times the `box` of the operations that use it, and
    1 batch entry.
  }];
  let builderCall = "$_builder.getType<::parallax::hopper::TensorMapType>()";
}

//===----------------------------------------------------------------------===//
// Encodings of register tensors
//===----------------------------------------------------------------------===//

class Hopper_Encoding<string name, string attrMnemonic>
    : AttrDef<Hopper_Dialect, name,
              [DeclareAttrInterfaceMethods<VerifiableTensorEncoding>]> {
  let mnemonic = attrMnemonic;
}

/// One that may be `per_warp`.
class Hopper_RowsEncoding<string name, string attrMnemonic>
    : Hopper_Encoding<name, attrMnemonic> {
  let parameters = (ins "bool":$perWarp);
  let builders = [AttrBuilder<(ins), [{ return $_get($_ctxt, false); }]>];
  let hasCustomAssemblyFormat = 1;
  let extraClassDefinition = [{
    ::mlir::Attribute $cppClass::parse(::mlir::AsmParser &parser, ::mlir::Type) {
      const bool perWarp = ::mlir::succeeded(parser.parseOptionalLess());
      if (perWarp && (parser.parseKeyword("per_warp") || parser.parseGreater()))
        return {};
      return $cppClass::get(parser.getContext(), perWarp);
    }
    void $cppClass::print(::mlir::AsmPrinter &printer) const {
      if (getPerWarp())
        printer << "<per_warp>";
    }
  }];
}

def Hopper_AccAttr : Hopper_RowsEncoding<"Acc", "acc"> {
  let summary = "the accumulator layout of wgmma in one warpgroup";
  let description = [{
    Of a 64xN tile, thread t holds in register 4j + 2h + c the element at row
    16 (t/32) + (t mod 32)/4 + 8h and column 8j + 2 (t mod 4) + c. Of a 32xN
    tile, it holds in register 2j + c the element at row 8 (t/32) + (t mod 32)/4
    and that column: half of what it holds of 64 rows.

    With `per_warp`, of an RxN tile, X = R/16, thread t holds in register X j + x
    the element at row 4X (t/32) + X (t mod 4) + x and column 8j + (t mod 32)/4: the
    accumulator of mma.sync, whose rows are columns here. Of 16 bits a register
    holds two of those, the first in the lower half.

    ```mlir
    tensor<64x32xf32, #hopper.acc>, tensor<16x32xbf16, #hopper.acc<per_warp>>
    ```

    Constraints:
    - (C1) shape 64xN or 32xN, N a multiple of 8 in [8, 512]; with `per_warp` 64xN,
      32xN or 16xN, N a multiple of 16.
    - (C2) the element type is f32, i32 or i1; with `per_warp` also bf16 or f16.
  }];
}

def Hopper_OperandAAttr : Hopper_RowsEncoding<"OperandA", "operand_a"> {
  let summary = "the layout of wgmma's A operand in registers, packed";
  let description = [{
    As `acc`, two neighbouring columns in one 32-bit register, the lower column
    in the lower half: register i holds acc's registers 2i and 2i + 1.

    With `per_warp`, of an RxK tile, X = R/32, thread t holds in register 2 (X i +
    x) + h the elements at row 8X (t/32) + 2X ((t mod 32)/8) + 2x + (t/4 mod 2) and
    columns 16i + 8h + 2 (t mod 4) and the next: an operand of mma.sync whose
    other one is a tile's.

    Constraints:
    - (C1) shape 64xK or 32xK, K a multiple of 16 in [16, 1024].
    - (C2) the element type is bf16 or f16.
  }];
}

def Hopper_RowAttr : Hopper_RowsEncoding<"Row", "row"> {
  let summary = "one value a row";
  let description = [{
    Thread t holds in register h the value of row 16 (t/32) + (t mod 32)/4 + 8h,
    so the 4 lanes that share a row hold the same value; of 32 rows, in its one
    register that of row 8 (t/32) + (t mod 32)/4. With `per_warp` it holds in
    register x the value of the row that it has there of such an accumulator.

    Constraints:
    - (C1) shape 64 or 32; with `per_warp` also 16.
    - (C2) the element type is f32, i32 or i1.
  }];
}

def Hopper_RowPartialAttr : Hopper_RowsEncoding<"RowPartial", "row_partial"> {
  let summary = "one value for each of the lanes that share a row";
  let description = [{
    Element (i, l) is in lane l of the 4 lanes of row i. A reduction that has
    not yet crossed the lanes: l stands for the columns with column/2 mod 4 = l.
    With `per_warp` 8 lanes share it, and l stands for those with column mod 8 = l.

    Constraints:
    - (C1) shape 64x4 or 32x4; with `per_warp` 64x8, 32x8 or 16x8.
    - (C2) the element type is f32, i32 or i1.
  }];
}

def Hopper_LanesAttr : Hopper_Encoding<"Lanes", "lanes"> {
  let summary = "a row for each warp, or for two or all four";
  let description = [{
    For values that come from memory and go there, row by row. Of RxN elements, a
    row lies in W = 4 / R warps, and in L lanes of each, the smallest power of
    two with 4 W L >= N, but 32 at most. Lane l of warp w holds in register 4j + c
    the element at row w floordiv W and column 4 (W L j + L (w mod W) + l mod L) +
    c, and nothing that counts where that is N or more; so if L is less than 32
    several lanes hold the same. Of R values, each lane of warp w holds value w
    floordiv W.

    Constraints:
    - (C1) shape R, or RxN, R 1, 2 or 4, N a multiple of 8 in [8, 256].
    - (C2) the element type is f32, i32 or i1.
  }];
}

def Hopper_EntriesAttr : Hopper_Encoding<"Entries", "entries"> {
  let summary = "the page that each row of a tile lies in";
  let description = [{
    The W warps of the converters take the groups of 8 rows in turn. In warp w of
    them lane l holds in register 2j + h the value of row 8 (w + Wj) + 4h + l/8,
    and nothing that counts where there is no such row.

    Constraints:
    - (C1) shape N, a multiple of 8 in [8, 256].
    - (C2) the element type is i32.
  }];
}

//===----------------------------------------------------------------------===//
// Constraints
//===----------------------------------------------------------------------===//

class Hopper_TensorOf<string attr, string description> : Type<
    CPred<"::llvm::isa<::mlir::RankedTensorType>($_self) && "
          "::llvm::isa_and_nonnull<::parallax::hopper::" # attr # ">("
          "::llvm::cast<::mlir::RankedTensorType>($_self).getEncoding())">,
    description, "::mlir::RankedTensorType">;

/// What can be multiplied, written and stored.
def Hopper_OperandTile : Type<
    CPred<"::llvm::isa<::parallax::hopper::SmemType>($_self) && "
          "::llvm::cast<::parallax::hopper::SmemType>($_self).getElementBytes() == 2">,
    "ring of shared-memory tiles of 16-bit elements",
    "::parallax::hopper::SmemType">;
/// What is multiplied, be it by warps that convert it on their own.
def Hopper_MultipliedTile : Type<
    CPred<"::llvm::isa<::parallax::hopper::SmemType>($_self) && "
          "::llvm::cast<::parallax::hopper::SmemType>($_self).getElementBytes() <= 2">,
    "ring of shared-memory tiles of elements of at most 16 bits",
    "::parallax::hopper::SmemType">;
/// What goes from threads to global memory by TMA.
def Hopper_StoredTile : Type<
    CPred<"::llvm::isa<::parallax::hopper::SmemType>($_self) && "
          "::llvm::cast<::parallax::hopper::SmemType>($_self).getElementBytes() >= 2">,
    "ring of shared-memory tiles of 16-bit or f32 elements",
    "::parallax::hopper::SmemType">;
class Hopper_WholeTensorOf<string attr, string description>
    : ConfinedType<Hopper_TensorOf<attr, description>,
        [CPred<"!::parallax::hopper::isPerWarp($_self)">], description,
        "::mlir::RankedTensorType">;
class Hopper_WarpTensorOf<string attr, string description>
    : ConfinedType<Hopper_TensorOf<attr, description>,
        [CPred<"::parallax::hopper::isPerWarp($_self)">], description,
        "::mlir::RankedTensorType">;
def Hopper_AnyAcc
    : Hopper_TensorOf<"AccAttr", "tensor with encoding #hopper.acc, per_warp or not">;
def Hopper_Acc
    : Hopper_WholeTensorOf<"AccAttr", "tensor with encoding #hopper.acc">;
def Hopper_WarpAcc
    : Hopper_WarpTensorOf<"AccAttr", "tensor with encoding #hopper.acc<per_warp>">;
def Hopper_AnyOperandA
    : Hopper_TensorOf<"OperandAAttr",
                      "tensor with encoding #hopper.operand_a, per_warp or not">;
def Hopper_OperandA
    : Hopper_WholeTensorOf<"OperandAAttr", "tensor with encoding #hopper.operand_a">;
def Hopper_WarpOperandA
    : Hopper_WarpTensorOf<"OperandAAttr",
                          "tensor with encoding #hopper.operand_a<per_warp>">;
def Hopper_AnyRow
    : Hopper_TensorOf<"RowAttr", "tensor with encoding #hopper.row, per_warp or not">;
def Hopper_Row
    : Hopper_WholeTensorOf<"RowAttr", "tensor with encoding #hopper.row">;
def Hopper_WarpRow
    : Hopper_WarpTensorOf<"RowAttr", "tensor with encoding #hopper.row<per_warp>">;
def Hopper_AnyRowPartial
    : Hopper_TensorOf<"RowPartialAttr",
                      "tensor with encoding #hopper.row_partial, per_warp or not">;
def Hopper_Lanes : Hopper_TensorOf<"LanesAttr", "tensor with encoding #hopper.lanes">;
def Hopper_Entries
    : Hopper_TensorOf<"EntriesAttr", "tensor with encoding #hopper.entries">;
def Hopper_Fragment : AnyTypeOf<[Hopper_Acc, Hopper_OperandA]>;
def Hopper_AnyFragment : AnyTypeOf<[Hopper_AnyAcc, Hopper_AnyOperandA]>;
def Hopper_GlobalPointer : Type<
    CPred<"::llvm::isa<::mlir::LLVM::LLVMPointerType>($_self) && "
          "::llvm::cast<::mlir::LLVM::LLVMPointerType>($_self).getAddressSpace() == 1">,
    "pointer to global memory", "::mlir::LLVM::LLVMPointerType">,
  BuildableType<"::mlir::LLVM::LLVMPointerType::get($_builder.getContext(), 1)">;
def Hopper_TensorMap : Type<
    CPred<"::llvm::isa<::parallax::hopper::TensorMapType>($_self)">,
    "tensor map", "::parallax::hopper::TensorMapType">,
  BuildableType<"$_builder.getType<::parallax::hopper::TensorMapType>()">;

/// The op is a step of a whole consumer warpgroup.
def Hopper_InConsumers : NativeOpTrait<"InConsumers"> {
  let cppNamespace = "::parallax::hopper";
}
/// The op is a step of the producer's single thread.
def Hopper_InProducer : NativeOpTrait<"InProducer"> {
  let cppNamespace = "::parallax::hopper";
}
/// The op is a step of the converters' warps.
def Hopper_InConverters : NativeOpTrait<"InConverters"> {
  let cppNamespace = "::parallax::hopper";
}
/// The op is a step of a consumer warpgroup or of the converters' warps.
def Hopper_InWarps : NativeOpTrait<"InWarps"> {
  let cppNamespace = "::parallax::hopper";
}
/// The op is a step of a whole warpgroup: a consumer's, or converters' that are
/// one.
def Hopper_InWarpgroup : NativeOpTrait<"InWarpgroup"> {
  let cppNamespace = "::parallax::hopper";
}
/// The op is a step of any role.
def Hopper_InRole : NativeOpTrait<"InRole"> {
  let cppNamespace = "::parallax::hopper";
}
/// The op is at the top level of a kernel.
def Hopper_InKernel : NativeOpTrait<"InKernel"> {
  let cppNamespace = "::parallax::hopper";
}

class Hopper_Op<string mnemonic, list<Trait> traits = []>
    : Op<Hopper_Dialect, mnemonic, traits>;
class Hopper_ConsumerOp<string mnemonic, list<Trait> traits = []>
    : Hopper_Op<mnemonic, !listconcat([Hopper_InConsumers], traits)>;
class Hopper_WarpgroupOp<string mnemonic, list<Trait> traits = []>
    : Hopper_Op<mnemonic, !listconcat([Hopper_InWarpgroup], traits)>;
class Hopper_ProducerOp<string mnemonic, list<Trait> traits = []>
    : Hopper_Op<mnemonic, !listconcat([Hopper_InProducer], traits)>;

#endif // PARALLAX_DIALECT_HOPPER_HOPPERBASE
