//===- Types.cpp - Types and encodings of the hopper dialect --------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialect/Hopper/HopperDialect.h"

#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace parallax::hopper;

using ErrorFn = llvm::function_ref<InFlightDiagnostic()>;

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

Type SmemType::parse(AsmParser &parser) {
  SMLoc loc = parser.getCurrentLocation();
  SmallVector<int64_t> shape;
  Type element;
  if (parser.parseLess() ||
      parser.parseDimensionList(shape, /*allowDynamic=*/false) ||
      parser.parseType(element) || parser.parseGreater())
    return {};
  if (shape.size() != 2 && shape.size() != 3) {
    parser.emitError(loc, "expected rows x columns or stages x rows x columns, "
                          "got rank ")
        << shape.size();
    return {};
  }
  if (shape.size() == 2)
    shape.insert(shape.begin(), 1);
  return parser.getChecked<SmemType>(loc, parser.getContext(), shape[0],
                                     shape[1], shape[2], element);
}

void SmemType::print(AsmPrinter &printer) const {
  printer << "<";
  if (getStages() != 1)
    printer << getStages() << "x";
  printer << getRows() << "x" << getColumns() << "x" << getElementType() << ">";
}

/// Whether the product of positive numbers is at most `most`; it may be one
/// that 64 bits can't hold.
static bool productFits(ArrayRef<int64_t> factors, int64_t most) {
  for (int64_t factor : factors)
    most /= factor;
  return most > 0;
}

LogicalResult SmemType::verify(ErrorFn emitError, int64_t stages, int64_t rows,
                               int64_t columns, Type element) {
  if (stages < 1) // (C1)
    return emitError() << "expected at least one stage, got " << stages;
  if (rows < 8 || rows % 8) // (C2)
    return emitError() << "expected rows that are a multiple of 8, got "
                       << rows;
  if (!element.isBF16() && !element.isF16() && !element.isF32() &&
      !isa<Float8E4M3FNType>(element)) // (C4)
    return emitError() << "expected bf16, f16, f32 or f8E4M3FN elements, got "
                       << element;
  const int64_t elementBytes = element.getIntOrFloatBitWidth() / 8;
  const int64_t block = kBlockBytes / elementBytes;
  if (columns < block || columns % block) // (C3)
    return emitError() << "expected columns that are a multiple of " << block
                       << ", got " << columns;
  if (!productFits({stages, rows, columns, elementBytes},
                   kSharedBytesPerCta)) // (C5)
    return emitError() << "expected at most " << kSharedBytesPerCta
                       << " bytes, got " << stages << "x" << rows << "x"
                       << columns << " elements of " << elementBytes;
  return success();
}

LogicalResult BarrierType::verify(ErrorFn emitError, int64_t stages) {
  if (stages < 1 || stages > 1024) // (C1)
    return emitError() << "expected 1 to 1024 stages, got " << stages;
  return success();
}

//===----------------------------------------------------------------------===//
// Encodings
//===----------------------------------------------------------------------===//

/// All rows of a warpgroup, or those that hopper.stack makes them of.
static bool isRows(int64_t rows, bool perWarp) {
  return rows == kRows || rows == kRows / 2 || (perWarp && rows == kRows / 4);
}

static StringRef rowsOf(bool perWarp) {
  return perWarp ? "64, 32 or 16" : "64 or 32";
}

static LogicalResult verifyElement(Type element, ErrorFn emitError) {
  if (element.isF32() || element.isInteger(32) || element.isInteger(1))
    return success();
  return emitError() << "expected f32, i32 or i1 elements, got " << element;
}

LogicalResult AccAttr::verifyEncoding(ArrayRef<int64_t> shape, Type element,
                                      ErrorFn emitError) const {
  const int64_t step = getPerWarp() ? 16 : 8;
  if (shape.size() != 2 || !isRows(shape[0], getPerWarp()) || shape[1] < step ||
      shape[1] > 512 || shape[1] % step) // (C1)
    return emitError() << "expected " << rowsOf(getPerWarp())
                       << " rows and a multiple of " << step
                       << " columns, at most 512, for " << *this;
  if (getPerWarp() && (element.isBF16() || element.isF16()))
    return success();
  return verifyElement(element, emitError);
}

LogicalResult OperandAAttr::verifyEncoding(ArrayRef<int64_t> shape,
                                           Type element,
                                           ErrorFn emitError) const {
  if (shape.size() != 2 || !isRows(shape[0], false) || shape[1] < 16 ||
      shape[1] > 1024 || shape[1] % 16) // (C1)
    return emitError()
           << "expected " << rowsOf(false)
           << " rows and a multiple of 16 columns, at most 1024, for " << *this;
  if (!element.isBF16() && !element.isF16())
    return emitError() << "expected bf16 or f16 elements, got " << element;
  return success();
}

LogicalResult RowAttr::verifyEncoding(ArrayRef<int64_t> shape, Type element,
                                      ErrorFn emitError) const {
  if (shape.size() != 1 || !isRows(shape[0], getPerWarp()))
    return emitError() << "expected " << rowsOf(getPerWarp()) << " values for "
                       << *this;
  return verifyElement(element, emitError);
}

LogicalResult RowPartialAttr::verifyEncoding(ArrayRef<int64_t> shape,
                                             Type element,
                                             ErrorFn emitError) const {
  const int64_t lanes = rowLanes(getPerWarp());
  if (shape.size() != 2 || !isRows(shape[0], getPerWarp()) || shape[1] != lanes)
    return emitError() << "expected " << rowsOf(getPerWarp()) << " rows and "
                       << lanes << " columns for " << *this;
  return verifyElement(element, emitError);
}

LogicalResult LanesAttr::verifyEncoding(ArrayRef<int64_t> shape, Type element,
                                        ErrorFn emitError) const {
  bool isRow = shape.size() == 1;
  if (shape.empty() || shape.size() > 2 ||
      !llvm::is_contained({1, 2, 4}, shape[0]) ||
      (!isRow && (shape[1] < 8 || shape[1] > 256 || shape[1] % 8)))
    return emitError() << "expected shape R, or RxN, R 1, 2 or 4, N a multiple "
                          "of 8 in [8, 256], for "
                       << *this;
  return verifyElement(element, emitError);
}

LogicalResult EntriesAttr::verifyEncoding(ArrayRef<int64_t> shape, Type element,
                                          ErrorFn emitError) const {
  if (shape.size() != 1 || shape[0] < 8 || shape[0] > 256 || shape[0] % 8)
    return emitError() << "expected shape N, a multiple of 8 in [8, 256], for "
                       << *this;
  if (!element.isInteger(32))
    return emitError() << "expected i32 elements, got " << element;
  return success();
}

//===----------------------------------------------------------------------===//
// Registers
//===----------------------------------------------------------------------===//

bool parallax::hopper::isRegisterTensor(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor &&
         isa_and_nonnull<AccAttr, OperandAAttr, RowAttr, RowPartialAttr,
                         LanesAttr, EntriesAttr>(tensor.getEncoding());
}

bool parallax::hopper::isPerWarp(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor && tensor.getEncoding() &&
         TypeSwitch<Attribute, bool>(tensor.getEncoding())
             .Case<AccAttr, OperandAAttr, RowAttr, RowPartialAttr>(
                 [](auto encoding) { return encoding.getPerWarp(); })
             .Default(false);
}

LaneLayout LaneLayout::of(int64_t rows, int64_t columns) {
  constexpr int64_t warpLanes = 32;
  LaneLayout layout;
  layout.warps = kLaneRows / rows;
  const int64_t fours = llvm::divideCeil(columns, 4 * layout.warps);
  layout.lanes =
      std::min(warpLanes, static_cast<int64_t>(llvm::PowerOf2Ceil(fours)));
  layout.fours = llvm::divideCeil(fours, layout.lanes);
  layout.copies = warpLanes / layout.lanes;
  return layout;
}

RegisterLayout parallax::hopper::getRegisterLayout(RankedTensorType type) {
  constexpr int64_t threads = 128;
  Attribute encoding = type.getEncoding();
  int64_t rows = type.getDimSize(0);
  const int64_t bits = type.getElementTypeBitWidth();
  // Values a row: acc has N of them; the lanes of a row hold as many of the
  // others.
  if (isa<OperandAAttr>(encoding) || (isa<AccAttr>(encoding) && bits == 16))
    return {rows * type.getDimSize(1) / (2 * threads),
            IntegerType::get(type.getContext(), 32)};
  if (isa<AccAttr>(encoding))
    return {rows * type.getDimSize(1) / threads, type.getElementType()};
  if (isa<EntriesAttr>(encoding))
    return {2 * ((rows / 8 + kConverterWarps - 1) / kConverterWarps),
            type.getElementType()};
  if (isa<LanesAttr>(encoding))
    return {type.getRank() == 1
                ? 1
                : 4 * LaneLayout::of(rows, type.getDimSize(1)).fours,
            type.getElementType()};
  return {rows * rowLanes(isPerWarp(type)) / threads, type.getElementType()};
}
