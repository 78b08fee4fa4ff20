//===- Cpu.h - From LLVM IR to an object file -------------------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_EMIT_CPU_H
#define PARALLAX_EMIT_CPU_H

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace llvm {
class Module;
class TargetMachine;
} // namespace llvm

namespace parallax {

/// A processor, in LLVM's words.
struct CpuTarget {
  std::string triple, cpu, features;

  /// The one that this process runs on.
  static CpuTarget host();

  /// float32 values in a vector register, and how many registers there are:
  /// what `tile-to-vector` wants to know.
  int64_t lanes() const;
  int64_t registers() const;

  std::unique_ptr<llvm::TargetMachine> createTargetMachine() const;

private:
  bool has(std::string_view feature) const;
};

/// Optimises `module` for `target`, with explicit vectors as wide as its
/// registers.
void optimizeForCpu(llvm::Module &module, const CpuTarget &target,
                    llvm::TargetMachine &machine);

} // namespace parallax

#endif // PARALLAX_EMIT_CPU_H
