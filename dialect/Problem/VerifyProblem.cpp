//===- VerifyProblem.cpp - The constraints of attention ops -------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialect/Problem/ProblemDialect.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace parallax::problem;

static bool agree(int64_t a, int64_t b) {
  return ShapedType::isDynamic(a) || ShapedType::isDynamic(b) || a == b;
}

static LogicalResult verifySameShape(Operation *op, StringRef name,
                                     MemRefType type, StringRef asName,
                                     MemRefType as, ArrayRef<int> dims) {
  for (int dim : dims)
    if (!agree(type.getDimSize(dim), as.getDimSize(dim)))
      return op->emitOpError("expected ")
             << name << " to have the size of " << asName << " in dimension "
             << dim << ", " << as.getDimSize(dim) << ", got "
             << type.getDimSize(dim);
  return success();
}

/// Whether a tensor that is written has an address for each element. Its
/// strides are known to be there.
static LogicalResult verifyNoOverlap(Operation *op, StringRef name,
                                     MemRefType type) {
  SmallVector<int64_t> strides;
  int64_t offset;
  if (failed(type.getStridesAndOffset(strides, offset)))
    return success(); // Somebody else says so.
  for (int dim = 0; dim < 3; ++dim)
    if (strides[dim] == 0 && type.getDimSize(dim) != 1)
      return op->emitOpError("expected ")
             << name << " without overlap, got a stride of 0 in dimension "
             << dim;
  return success();
}

/// The strides of a tensor, which `name` is.
static LogicalResult verifyStrides(Operation *op, StringRef name,
                                   MemRefType type) {
  SmallVector<int64_t> strides;
  int64_t offset;
  if (failed(type.getStridesAndOffset(strides, offset)) || strides.back() != 1)
    return op->emitOpError("expected a head dimension of stride 1, got ")
           << type << " for " << name;
  return name == "o" ? verifyNoOverlap(op, name, type) : success();
}

/// That there is an output, and a state of tensors of `shape`, o's.
template <typename OpT>
static LogicalResult verifyOutputs(OpT op, ArrayRef<int64_t> shape) {
  bool hasRows = op.getTbar() || op.getLogSumExp();
  if constexpr (!std::is_same_v<OpT, MergeOp>)
    hasRows |= op.getRowMax() || op.getD1();
  if (!op.getOut() && !hasRows && op.getState().empty())
    return op.emitOpError("expected an output, got none");
  constexpr StringLiteral names[] = {"o1", "o2", "m", "d1", "d2"};
  if (!op.getState().empty() && op.getState().size() != std::size(names))
    return op.emitOpError("expected a state of o1, o2, m, d1 and d2, got ")
           << op.getState().size() << " tensors";
  for (auto [value, name] : llvm::zip(op.getState(), names)) {
    auto type = cast<MemRefType>(value.getType());
    auto wanted = shape.take_front(name.starts_with("o") ? 4 : 3);
    if (!type.getLayout().isIdentity())
      return op.emitOpError("expected a contiguous state, got ")
             << type << " for " << name;
    if (type.getRank() != static_cast<int64_t>(wanted.size()) ||
        !llvm::equal(type.getShape(), wanted, agree) ||
        (type.getRank() == 4 && type.isDynamicDim(3)))
      return op.emitOpError("expected ")
             << name << " of the state to have the shape of "
             << (wanted.size() == 4 ? "o" : "a row output") << ", got " << type;
  }
  return success();
}

/// Constraints (C1) to (C12), which all attention ops share.
template <typename OpT> static LogicalResult verifyAttention(OpT op) {
  auto typeOf = [](Value value) { return cast<MemRefType>(value.getType()); };
  struct Named {
    StringRef name;
    MemRefType type;
  };
  SmallVector<Named> tensors = {{"q", typeOf(op.getQuery())},
                                {"r", typeOf(op.getR())},
                                {"k", typeOf(op.getKey())},
                                {"v", typeOf(op.getValue())}};
  if (op.getOut())
    tensors.push_back({"o", typeOf(op.getOut())});
  MemRefType query = tensors[0].type, key = tensors[2].type;

  int64_t headDim = query.getDimSize(3);
  if (ShapedType::isDynamic(headDim) || headDim < 8 || headDim > 256 ||
      headDim % 8)
    return op.emitOpError("expected a static head dimension, a multiple of 8 "
                          "in [8, 256], got ")
           << (ShapedType::isDynamic(headDim) ? Twine("?") : Twine(headDim));

  for (auto [name, type] : tensors) {
    const bool isKey = name == "k" || name == "v";
    Type wanted = isKey && isa<Float8E4M3FNType>(key.getElementType())
                      ? key.getElementType()
                      : query.getElementType();
    if (type.getElementType() != wanted)
      return op.emitOpError("expected one element type, that of ")
             << (wanted == query.getElementType() ? "q, " : "k, ") << wanted
             << ", got " << type.getElementType() << " for " << name;
    for (int64_t size : type.getShape())
      if (size == 0)
        return op.emitOpError("expected sizes of at least 1, got 0 for ")
               << name;
    bool isQuery = name == "q" || name == "r" || name == "o";
    if (failed(isQuery
                   ? verifySameShape(op, name, type, "q", query, {0, 1, 2, 3})
                   : verifySameShape(op, name, type, "k", key, {0, 1, 2, 3})) ||
        failed(verifySameShape(op, name, type, "q", query, {3})) ||
        (!op.getBlockTable() &&
         failed(verifySameShape(op, name, type, "q", query, {0}))))
      return failure();
    if (type.isDynamicDim(3)) // (C2)
      return op.emitOpError("expected a static head dimension, that of q, ")
             << headDim << ", got ? for " << name;
    if (failed(verifyStrides(op, name, type)))
      return failure();
  }

  int64_t queryHeads = query.getDimSize(2), keyHeads = key.getDimSize(2);
  if (!ShapedType::isDynamic(queryHeads) && !ShapedType::isDynamic(keyHeads) &&
      queryHeads % keyHeads)
    return op.emitOpError("expected query heads to be a multiple of key heads, "
                          "got ")
           << queryHeads << " and " << keyHeads;

  if (op.getWindow()) {
    if (op.getMask() != Mask::Causal)
      return op.emitOpError("expected a causal mask beside a window, got ")
             << stringifyMask(op.getMask());
    APInt window;
    if (matchPattern(op.getWindow(), m_ConstantInt(&window)) &&
        window.getSExtValue() < 1)
      return op.emitOpError("expected a window of at least 1 key, got ")
             << window.getSExtValue();
  }
  APFloat scale(0.0f);
  if (matchPattern(op.getScale(), m_ConstantFloat(&scale)) && !scale.isFinite())
    return op.emitOpError("expected a finite scale, got ")
           << (scale.isNaN() ? "NaN" : "infinity");
  if (op.getPositiveScale() &&
      matchPattern(op.getScale(), m_ConstantFloat(&scale)) &&
      !(scale.convertToFloat() > 0))
    return op.emitOpError("expected a positive scale, got ")
           << scale.convertToFloat();

  for (Value rows :
       {op.getRowMax(), op.getD1(), op.getTbar(), op.getLogSumExp()})
    if (rows && failed(verifySameShape(op, "a row output", typeOf(rows), "q",
                                       query, {0, 1, 2})))
      return failure();
  return verifyOutputs(op, query.getShape());
}

LogicalResult ForwardOp::verify() {
  if (getUsedLengths())
    return emitOpError("expected no used lengths, got some; use "
                       "parallax.decode for a cache");
  if (getBlockTable())
    return emitOpError("expected no block table, got one; use parallax.decode "
                       "for a cache");
  if (!getAppend().empty())
    return emitOpError("expected nothing to append, got some; use "
                       "parallax.decode for a cache");
  if (getKeyScale() || getValueScale() ||
      isa<Float8E4M3FNType>(
          cast<MemRefType>(getKey().getType()).getElementType()))
    return emitOpError("expected k and v of q's element type and without "
                       "scales, got a cache of f8E4M3FN or scales; use "
                       "parallax.decode");
  return verifyAttention(*this);
}

/// Constraints (C17) and (C18) of parallax.decode.
static LogicalResult verifyAppend(DecodeOp op) {
  if (op.getAppend().size() != 2)
    return op.emitOpError("expected new keys and values to append, got ")
           << op.getAppend().size() << " tensors";
  auto query = cast<MemRefType>(op.getQuery().getType());
  auto key = cast<MemRefType>(op.getKey().getType());
  auto first = cast<MemRefType>(op.getAppend()[0].getType());
  for (auto [value, name] :
       llvm::zip(op.getAppend(), ArrayRef<StringRef>{"new k", "new v"})) {
    auto type = cast<MemRefType>(value.getType());
    if (type.getElementType() != key.getElementType())
      return op.emitOpError("expected one element type, that of k, ")
             << key.getElementType() << ", got " << type.getElementType()
             << " for " << name;
    if (failed(verifySameShape(op, name, type, "q", query, {0, 3})) ||
        failed(verifySameShape(op, name, type, "k", key, {2})) ||
        failed(verifySameShape(op, name, type, "new k", first, {1})) ||
        failed(verifyStrides(op, name, type)))
      return failure();
    if (type.isDynamicDim(3) || llvm::is_contained(type.getShape(), 0))
      return op.emitOpError("expected sizes of at least 1, and a static head "
                            "dimension, got ")
             << type << " for " << name;
  }
  for (auto [value, name] :
       {std::pair<Value, StringRef>{op.getKey(), "k"}, {op.getValue(), "v"}})
    if (failed(verifyNoOverlap(op, name, cast<MemRefType>(value.getType()))))
      return failure();
  return success();
}

/// Constraint (C19) of parallax.decode.
static LogicalResult verifyScales(DecodeOp op) {
  auto key = cast<MemRefType>(op.getKey().getType());
  for (auto [scales, name] :
       {std::pair<Value, StringRef>{op.getKeyScale(), "k_scale"},
        {op.getValueScale(), "v_scale"}}) {
    if (!scales)
      continue;
    if (!isa<Float8E4M3FNType>(key.getElementType()))
      return op.emitOpError("expected k and v of f8E4M3FN beside ")
             << name << ", got " << key.getElementType();
    auto type = cast<MemRefType>(scales.getType());
    SmallVector<int64_t> strides;
    int64_t offset;
    if (failed(type.getStridesAndOffset(strides, offset)))
      return op.emitOpError("expected strided elements of ")
             << name << ", got " << type;
    if (!agree(type.getDimSize(0), key.getDimSize(2)))
      return op.emitOpError("expected an element of ")
             << name << " for each head of k, " << key.getDimSize(2) << ", got "
             << type.getDimSize(0);
  }
  return success();
}

/// Constraints (C15) and (C16) of parallax.decode.
static LogicalResult verifyPages(DecodeOp op) {
  constexpr int64_t mostTokens = 256;
  auto query = cast<MemRefType>(op.getQuery().getType());
  auto table = cast<MemRefType>(op.getBlockTable().getType());
  if (!agree(table.getDimSize(0), query.getDimSize(0)))
    return op.emitOpError("expected one row of the block table a batch entry, ")
           << query.getDimSize(0) << ", got " << table.getDimSize(0);
  SmallVector<int64_t> strides;
  int64_t offset;
  if (failed(table.getStridesAndOffset(strides, offset)) || strides.back() != 1)
    return op.emitOpError("expected a block table whose rows have a stride of "
                          "1, got ")
           << table;
  int64_t pageSize = cast<MemRefType>(op.getKey().getType()).getDimSize(1);
  if (ShapedType::isDynamic(pageSize) || pageSize < 1 ||
      pageSize > mostTokens || !llvm::isPowerOf2_64(pageSize))
    return op.emitOpError("expected a static page size that is a power of two "
                          "in [1, ")
           << mostTokens << "], got "
           << (ShapedType::isDynamic(pageSize) ? Twine("?") : Twine(pageSize));
  return success();
}

LogicalResult DecodeOp::verify() {
  auto query = cast<MemRefType>(getQuery().getType());
  int64_t queryLength = query.getDimSize(1);
  if (!ShapedType::isDynamic(queryLength) && queryLength > 16)
    return emitOpError("expected 1 to 16 query tokens, got ")
           << queryLength << "; use parallax.forward for more";
  if (Value used = getUsedLengths()) {
    int64_t entries = cast<MemRefType>(used.getType()).getDimSize(0);
    if (!agree(entries, query.getDimSize(0)))
      return emitOpError("expected one used length a batch entry, ")
             << query.getDimSize(0) << ", got " << entries;
  }
  if (getBlockTable() && failed(verifyPages(*this)))
    return failure();
  if (!getAppend().empty() && failed(verifyAppend(*this)))
    return failure();
  if (failed(verifyScales(*this)))
    return failure();
  return verifyAttention(*this);
}

LogicalResult MergeOp::verify() {
  auto typeOf = [](Value value) { return cast<MemRefType>(value.getType()); };
  MemRefType first = typeOf(getO1());
  int64_t headDim = first.getDimSize(4);
  if (ShapedType::isDynamic(headDim) || headDim < 8 || headDim > 256 ||
      headDim % 8)
    return emitOpError("expected a static head dimension, a multiple of 8 in "
                       "[8, 256], got ")
           << (ShapedType::isDynamic(headDim) ? Twine("?") : Twine(headDim));
  const std::pair<StringRef, MemRefType> parts[] = {{"o1", first},
                                                    {"o2", typeOf(getO2())},
                                                    {"m", typeOf(getM())},
                                                    {"d1", typeOf(getD1())},
                                                    {"d2", typeOf(getD2())}};
  for (auto [name, type] : parts) {
    for (int dim = 0; dim < type.getRank(); ++dim)
      if (failed(verifySameShape(*this, name, type, "o1", first, dim)))
        return failure();
    if (llvm::is_contained(type.getShape(), 0))
      return emitOpError("expected sizes of at least 1, got 0 for ") << name;
    if (name == "o2" && type.isDynamicDim(4)) // (C2)
      return emitOpError("expected a static head dimension, that of o1, ")
             << headDim << ", got ? for o2";
    if (!type.getLayout().isIdentity())
      return emitOpError("expected contiguous parts, got ")
             << type << " for " << name;
  }
  auto ofParts =
      MemRefType::get(first.getShape().drop_front(), first.getElementType());
  if (getOut()) {
    MemRefType out = typeOf(getOut());
    if (failed(
            verifySameShape(*this, "o", out, "a part", ofParts, {0, 1, 2, 3})))
      return failure();
    if (out.isDynamicDim(3)) // (C4)
      return emitOpError("expected a static head dimension, that of o1, ")
             << headDim << ", got ? for o";
    if (failed(verifyStrides(*this, "o", out)))
      return failure();
  }
  for (Value rows : {getTbar(), getLogSumExp()})
    if (rows && failed(verifySameShape(*this, "a row output", typeOf(rows),
                                       "a part", ofParts, {0, 1, 2})))
      return failure();
  return verifyOutputs(*this, ofParts.getShape());
}
