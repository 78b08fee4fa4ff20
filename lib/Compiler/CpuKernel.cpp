//===- CpuKernel.cpp - A kernel in this process's memory ------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The object is linked against the four functions that LLVM makes calls of out
// of loops, and nothing else: a kernel that needs more is an error here, not a
// surprise on a machine that lacks it.
//
//===----------------------------------------------------------------------===//

#include "lib/Compiler/CpuKernel.h"

#include "lib/Emit/Cpu.h"
#include "runtime/Cpu/CpuLaunch.h"

#include "llvm/ExecutionEngine/Orc/AbsoluteSymbols.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Target/TargetMachine.h"

#include <fmt/format.h>

#include <cstring>

using namespace parallax;

struct CpuKernel::State {
  std::shared_ptr<const KernelImage> image;
  std::unique_ptr<llvm::orc::LLJIT> jit;
  CpuEntry entry = nullptr;
};

static llvm::orc::SymbolMap libcFunctions(llvm::orc::LLJIT &jit) {
  const std::pair<const char *, void *> functions[] = {
      {"memcpy", reinterpret_cast<void *>(&std::memcpy)},
      {"memmove", reinterpret_cast<void *>(&std::memmove)},
      {"memset", reinterpret_cast<void *>(&std::memset)},
      {"memcmp", reinterpret_cast<void *>(&std::memcmp)}};
  llvm::orc::SymbolMap symbols;
  for (auto [name, address] : functions)
    symbols[jit.mangleAndIntern(name)] = {
        llvm::orc::ExecutorAddr::fromPtr(address),
        llvm::JITSymbolFlags::Exported | llvm::JITSymbolFlags::Callable};
  return symbols;
}

Result<CpuKernel> CpuKernel::load(std::shared_ptr<const KernelImage> image) {
  if (image->target != "cpu")
    return Error{ErrorCode::InvalidArgument,
                 fmt::format("expected an image for cpu, got one for {}",
                             image->target)};
  auto failed = [&](llvm::Error error) {
    return Error{ErrorCode::CompileFailed,
                 fmt::format("expected kernel {} to load, got: {}", image->name,
                             llvm::toString(std::move(error)))};
  };
  // Errors of a lookup are returned as well as reported.
  auto ignore = [](llvm::Error error) { llvm::consumeError(std::move(error)); };

  std::unique_ptr<llvm::TargetMachine> machine =
      CpuTarget::host().createTargetMachine();
  if (!machine)
    return Error{ErrorCode::Unsupported,
                 "expected a processor that LLVM was built for"};
  auto jit = llvm::orc::LLJITBuilder()
                 .setJITTargetMachineBuilder(llvm::orc::JITTargetMachineBuilder(
                     machine->getTargetTriple()))
                 .setDataLayout(machine->createDataLayout())
                 .setPlatformSetUp(llvm::orc::setUpInactivePlatform)
                 .setLinkProcessSymbolsByDefault(false)
                 .create();
  if (!jit)
    return failed(jit.takeError());
  (*jit)->getExecutionSession().setErrorReporter(ignore);
  llvm::orc::JITDylib &dylib = (*jit)->getMainJITDylib();
  if (llvm::Error error =
          dylib.define(llvm::orc::absoluteSymbols(libcFunctions(**jit))))
    return failed(std::move(error));
  llvm::StringRef bytes(reinterpret_cast<const char *>(image->code.data()),
                        image->code.size());
  if (llvm::Error error = (*jit)->addObjectFile(
          llvm::MemoryBuffer::getMemBufferCopy(bytes, image->name)))
    return failed(std::move(error));
  auto entry = (*jit)->lookup(image->name);
  if (!entry)
    return failed(entry.takeError());

  auto state = std::make_shared<State>();
  state->image = std::move(image);
  state->entry = entry->toPtr<CpuEntry>();
  state->jit = std::move(*jit);
  return CpuKernel(std::move(state));
}

Result<void> CpuKernel::launch(const Problem &problem,
                               const std::array<void *, kNumOperands> &pointers,
                               int threads) const {
  return launchOnCpu(*state->image, state->entry, problem, pointers, threads);
}

const KernelImage &CpuKernel::image() const { return *state->image; }
