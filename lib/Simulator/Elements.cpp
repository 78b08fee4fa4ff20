//===- Elements.cpp - Elementwise ops for the simulator -------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Simulator/Elements.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace parallax::simulator;

static std::optional<Element> elementOf(llvm::StringRef name) {
  static constexpr std::pair<llvm::StringLiteral, Element> kElements[] = {
      {"arith.addf", Element::AddF},
      {"arith.subf", Element::SubF},
      {"arith.mulf", Element::MulF},
      {"arith.divf", Element::DivF},
      {"arith.negf", Element::NegF},
      {"math.absf", Element::AbsF},
      {"arith.maximumf", Element::MaximumF},
      {"arith.minimumf", Element::MinimumF},
      {"arith.maxnumf", Element::MaxNumF},
      {"arith.minnumf", Element::MinNumF},
      {"math.exp2", Element::Exp2},
      {"math.log2", Element::Log2},
      {"math.fma", Element::FmaF},
      {"arith.cmpf", Element::CmpF},
      {"arith.sitofp", Element::SignedToF},
      {"arith.uitofp", Element::UnsignedToF},
      {"arith.fptosi", Element::FToSigned},
      {"arith.addi", Element::AddI},
      {"arith.subi", Element::SubI},
      {"arith.muli", Element::MulI},
      {"arith.divsi", Element::DivS},
      {"arith.divui", Element::DivU},
      {"hopper.divide", Element::Quotient},
      {"arith.remsi", Element::RemS},
      {"arith.remui", Element::RemU},
      {"arith.ceildivsi", Element::CeilDivS},
      {"arith.floordivsi", Element::FloorDivS},
      {"arith.minsi", Element::MinS},
      {"arith.maxsi", Element::MaxS},
      {"arith.minui", Element::MinU},
      {"arith.maxui", Element::MaxU},
      {"arith.andi", Element::And},
      {"arith.ori", Element::Or},
      {"arith.xori", Element::Xor},
      {"arith.shli", Element::Shl},
      {"arith.shrsi", Element::ShrS},
      {"arith.shrui", Element::ShrU},
      {"arith.cmpi", Element::CmpI},
      {"arith.select", Element::Select},
      {"arith.extsi", Element::Extend},
      {"arith.extui", Element::ZeroExtend},
      {"arith.trunci", Element::Truncate},
      {"arith.bitcast", Element::Copy},
      {"arith.index_cast", Element::Copy},
  };
  for (auto [text, element] : kElements)
    if (text == name)
      return element;
  return std::nullopt;
}

bool parallax::simulator::describeElement(Operation &op,
                                          Instruction &instruction) {
  std::optional<Element> element = elementOf(op.getName().getStringRef());
  if (!element || op.getNumOperands() > 3)
    return false;
  instruction.code = Code::Element;
  instruction.element = *element;
  if (auto compare = dyn_cast<arith::CmpFOp>(op))
    instruction.predicate = static_cast<uint8_t>(compare.getPredicate());
  if (auto compare = dyn_cast<arith::CmpIOp>(op))
    instruction.predicate = static_cast<uint8_t>(compare.getPredicate());
  // Truncation cuts to the result's width, everything else works in the
  // operand's; what a select chooses is copied whole.
  Type type = getElementTypeOrSelf(*element == Element::Truncate
                                       ? op.getResult(0).getType()
                                       : op.getOperand(0).getType());
  instruction.width = type.isIndex() ? 64 : type.getIntOrFloatBitWidth();
  return true;
}
