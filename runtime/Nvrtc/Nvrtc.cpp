//===- Nvrtc.cpp - Compiles CUDA C++ at run time --------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Nvrtc/Nvrtc.h"

#include <fmt/format.h>

#include <dlfcn.h>

using namespace parallax;

namespace {

using Status = int;
using Program = struct OpaqueProgram *;

} // namespace

// The library is never unloaded: NVRTC keeps threads and tables of its own.
struct Nvrtc::State {
  std::pair<int, int> version;

  Status (*getVersion)(int *, int *);
  Status (*createProgram)(Program *, const char *, const char *, int,
                          const char *const *, const char *const *);
  Status (*compileProgram)(Program, int, const char *const *);
  Status (*destroyProgram)(Program *);
  Status (*getLogSize)(Program, size_t *);
  Status (*getLog)(Program, char *);
  Status (*getCubinSize)(Program, size_t *);
  Status (*getCubin)(Program, char *);
  const char *(*getErrorString)(Status);

  /// The name of a function that the library lacks, or null.
  const char *resolve(void *library) {
    const std::pair<const char *, void **> symbols[] = {
        {"nvrtcVersion", reinterpret_cast<void **>(&getVersion)},
        {"nvrtcCreateProgram", reinterpret_cast<void **>(&createProgram)},
        {"nvrtcCompileProgram", reinterpret_cast<void **>(&compileProgram)},
        {"nvrtcDestroyProgram", reinterpret_cast<void **>(&destroyProgram)},
        {"nvrtcGetProgramLogSize", reinterpret_cast<void **>(&getLogSize)},
        {"nvrtcGetProgramLog", reinterpret_cast<void **>(&getLog)},
        {"nvrtcGetCUBINSize", reinterpret_cast<void **>(&getCubinSize)},
        {"nvrtcGetCUBIN", reinterpret_cast<void **>(&getCubin)},
        {"nvrtcGetErrorString", reinterpret_cast<void **>(&getErrorString)},
    };
    for (auto [name, slot] : symbols)
      if (!(*slot = dlsym(library, name)))
        return name;
    return nullptr;
  }
};

Result<Nvrtc> Nvrtc::load(const NvrtcOptions &options) {
  std::string reasons;
  for (const std::string &name : options.libraries) {
    void *library = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!library) {
      reasons += fmt::format("; {}", dlerror());
      continue;
    }
    auto state = std::make_shared<State>();
    if (const char *missing = state->resolve(library)) {
      reasons += fmt::format("; {} has no {}", name, missing);
      continue;
    }
    auto &[major, minor] = state->version;
    if (state->getVersion(&major, &minor) != 0) {
      reasons += fmt::format("; {} does not say its version", name);
      continue;
    }
    return Nvrtc(std::move(state));
  }
  return Error{ErrorCode::NotFound,
               fmt::format("expected NVRTC, got none that can be loaded; "
                           "install the package nvidia-cuda-nvrtc or name the "
                           "library's path{}",
                           reasons)};
}

std::pair<int, int> Nvrtc::version() const { return state->version; }

namespace {

/// What stands in `log` from the first line that says "error".
std::string firstError(const std::string &log) {
  size_t error = log.find("error");
  if (error == std::string::npos)
    return log;
  size_t begin = log.rfind('\n', error);
  begin = begin == std::string::npos ? 0 : begin + 1;
  return log.substr(begin, log.find('\n', error) - begin);
}

} // namespace

Result<std::vector<uint8_t>>
Nvrtc::compile(const std::string &source, const std::string &name,
               const std::string &architecture) const {
  auto failed = [&](const char *what, Status status) {
    return Error{
        ErrorCode::CompileFailed,
        fmt::format("{} of {}: {}", what, name, state->getErrorString(status))};
  };

  struct Owner {
    const State &nvrtc;
    Program program = nullptr;
    ~Owner() {
      if (program)
        nvrtc.destroyProgram(&program);
    }
  } owner{*state};
  if (Status status = state->createProgram(&owner.program, source.c_str(),
                                           name.c_str(), 0, nullptr, nullptr);
      status != 0)
    return failed("nvrtcCreateProgram", status);

  const std::string target = "--gpu-architecture=" + architecture;
  const char *const arguments[] = {target.c_str(), "--std=c++17"};
  if (Status status =
          state->compileProgram(owner.program, std::size(arguments), arguments);
      status != 0) {
    size_t size = 0;
    std::string log;
    if (state->getLogSize(owner.program, &size) == 0 && size > 1) {
      log.resize(size);
      if (state->getLog(owner.program, log.data()) != 0)
        log.clear();
      log.resize(log.find_last_not_of(std::string("\0\n", 2)) + 1);
    }
    if (log.empty())
      return failed("nvrtcCompileProgram", status);
    return Error{ErrorCode::CompileFailed, firstError(log)};
  }

  size_t size = 0;
  if (Status status = state->getCubinSize(owner.program, &size); status != 0)
    return failed("nvrtcGetCUBINSize", status);
  if (size == 0)
    return Error{ErrorCode::CompileFailed,
                 fmt::format("expected a cubin for a real architecture, got "
                             "none for {}",
                             architecture)};
  std::vector<uint8_t> cubin(size);
  if (Status status = state->getCubin(owner.program,
                                      reinterpret_cast<char *>(cubin.data()));
      status != 0)
    return failed("nvrtcGetCUBIN", status);
  return cubin;
}
