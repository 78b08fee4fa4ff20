//===- NvPtxCompiler.cpp - The assembler that is linked in ----------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Emit/Assembler.h"
#include "lib/Emit/AssemblerLog.h"

#include <fmt/format.h>
#include <nvPTXCompiler.h>

#include <array>

using namespace parallax;

namespace {

/// A compiler handle of nvPTXCompiler.
class Compiler {
public:
  ~Compiler() {
    if (handle)
      nvPTXCompilerDestroy(&handle);
  }
  nvPTXCompileResult create(const std::string &ptx) {
    return nvPTXCompilerCreate(&handle, ptx.size(), ptx.c_str());
  }
  operator nvPTXCompilerHandle() const { return handle; }

private:
  nvPTXCompilerHandle handle = nullptr;
};

using GetSize = nvPTXCompileResult (*)(nvPTXCompilerHandle, size_t *);
using GetLog = nvPTXCompileResult (*)(nvPTXCompilerHandle, char *);

std::string readLog(const Compiler &compiler, GetSize getSize, GetLog getLog) {
  size_t size = 0;
  if (getSize(compiler, &size) != NVPTXCOMPILE_SUCCESS || size == 0)
    return {};
  std::string log(size + 1, '\0');
  if (getLog(compiler, log.data()) != NVPTXCOMPILE_SUCCESS)
    return {};
  log.resize(log.find('\0'));
  return log;
}

/// The first line that is an error, else the first line.
std::string firstError(std::string log) {
  if (const size_t at = log.find("error"); at != std::string::npos)
    log.erase(0, log.rfind('\n', at) + 1);
  return log.substr(0, log.find('\n'));
}

} // namespace

std::string parallax::assemblerVersion() {
  unsigned major = 0, minor = 0;
  nvPTXCompilerGetVersion(&major, &minor);
  return fmt::format("nvPTXCompiler {}.{}", major, minor);
}

Result<Cubin> parallax::assemble(const std::string &ptx,
                                 std::string_view target) {
  Compiler compiler;
  if (nvPTXCompileResult status = compiler.create(ptx);
      status != NVPTXCOMPILE_SUCCESS)
    return Error{ErrorCode::CompileFailed,
                 fmt::format("expected PTX that the assembler takes, got "
                             "nvPTXCompiler status {}",
                             static_cast<int>(status))};
  const std::string architecture = fmt::format("--gpu-name={}", target);
  const std::array options = {architecture.c_str(), "--verbose", "-O3"};
  if (nvPTXCompileResult status =
          nvPTXCompilerCompile(compiler, options.size(), options.data());
      status != NVPTXCOMPILE_SUCCESS)
    return Error{
        ErrorCode::CompileFailed,
        fmt::format("assembler: {} (nvPTXCompiler status {})",
                    firstError(readLog(compiler, nvPTXCompilerGetErrorLogSize,
                                       nvPTXCompilerGetErrorLog)),
                    static_cast<int>(status))};
  Cubin cubin;
  size_t size = 0;
  if (nvPTXCompilerGetCompiledProgramSize(compiler, &size) !=
      NVPTXCOMPILE_SUCCESS)
    return Error{ErrorCode::CompileFailed,
                 "expected a cubin of the assembler, got none"};
  cubin.bytes.resize(size);
  if (nvPTXCompilerGetCompiledProgram(compiler, cubin.bytes.data()) !=
      NVPTXCOMPILE_SUCCESS)
    return Error{ErrorCode::CompileFailed,
                 "expected a cubin of the assembler, got none"};
  cubin.resources = parseAssemblerLog(
      readLog(compiler, nvPTXCompilerGetInfoLogSize, nvPTXCompilerGetInfoLog));
  return cubin;
}
