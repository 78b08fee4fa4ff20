//===- Cpu.cpp - From LLVM IR to an object file ---------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Kernels come as explicit vectors in registers, blocked and unrolled, without
// calls and without anything on the stack. What is left to LLVM is to share
// address arithmetic and to move it out of loops: the passes below, which take
// a quarter of O3's time and leave the same loops.
//
//===----------------------------------------------------------------------===//

#include "lib/Emit/Cpu.h"

#include "lib/Emit/Translate.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/Target/TargetOptions.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/SubtargetFeature.h"
#include "llvm/TargetParser/Triple.h"

#include <mutex>

using namespace parallax;

CpuTarget CpuTarget::host() {
  llvm::SubtargetFeatures features;
  for (const auto &feature : llvm::sys::getHostCPUFeatures())
    features.AddFeature(feature.getKey(), feature.getValue());
  return {llvm::sys::getProcessTriple(), llvm::sys::getHostCPUName().str(),
          features.getString()};
}

bool CpuTarget::has(std::string_view feature) const {
  for (llvm::StringRef each : llvm::split(features, ','))
    if (each.consume_front("+") && each == llvm::StringRef(feature))
      return true;
  return false;
}

int64_t CpuTarget::lanes() const {
  if (!llvm::Triple(triple).isX86())
    return 4;
  return has("avx512f") ? 16 : has("avx") ? 8 : 4;
}

int64_t CpuTarget::registers() const {
  return !llvm::Triple(triple).isX86() || has("avx512f") ? 32 : 16;
}

std::unique_ptr<llvm::TargetMachine> CpuTarget::createTargetMachine() const {
  static std::once_flag once;
  std::call_once(once, [] {
    llvm::InitializeNativeTarget();
    llvm::InitializeNativeTargetAsmPrinter();
  });
  std::string error;
  const llvm::Triple parsed(triple);
  const llvm::Target *found = llvm::TargetRegistry::lookupTarget(parsed, error);
  if (!found)
    return nullptr;
  return std::unique_ptr<llvm::TargetMachine>(found->createTargetMachine(
      parsed, cpu, features, llvm::TargetOptions(), llvm::Reloc::PIC_,
      std::nullopt, llvm::CodeGenOptLevel::Aggressive));
}

static constexpr llvm::StringLiteral kPasses =
    "function(simplifycfg,early-cse<memssa>,instcombine<no-verify-fixpoint>,"
    "loop-mssa(loop-rotate,licm),loop(loop-unroll-full),early-cse)";

void parallax::optimizeForCpu(llvm::Module &module, const CpuTarget &target,
                              llvm::TargetMachine &machine) {
  const std::string bits = std::to_string(32 * target.lanes());
  for (llvm::Function &function : module) {
    if (function.isDeclaration())
      continue;
    function.addFnAttr("target-cpu", target.cpu);
    function.addFnAttr("target-features", target.features);
    // Else LLVM splits vectors of 512 bits on processors that slow down.
    function.addFnAttr("prefer-vector-width", bits);
    function.addFnAttr("min-legal-vector-width", bits);
    function.addFnAttr(llvm::Attribute::NoUnwind);
  }
  optimize(module, machine, kPasses);
}
