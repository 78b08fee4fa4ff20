//===- Gemm.cpp - The matrix product that kernels are compared with -------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/parallax-bench/Gemm.h"

#include <fmt/format.h>

#include <cmath>
#include <dlfcn.h>
#include <random>

namespace parallax::tools {

double Gemm::flops() const { return 2.0 * std::pow(size, 3); }

Result<std::unique_ptr<Gemm>> Gemm::create(Target target, Machine &machine,
                                           const std::string &library,
                                           int threads) {
  return target == Target::Cpu ? createOpenBlasGemm(library, threads)
                               : createCublasGemm(machine, library);
}

Result<std::string> openLibrary(std::string_view what,
                                std::vector<std::string> names,
                                const std::string &first,
                                const std::vector<LibrarySymbol> &symbols) {
  // One that was asked for is not replaced by another.
  if (!first.empty())
    names = {first};
  std::string reasons;
  for (const std::string &name : names) {
    void *library = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!library) {
      reasons += fmt::format("; {}", dlerror());
      continue;
    }
    const char *missing = nullptr;
    for (const LibrarySymbol &symbol : symbols)
      if (!(*symbol.address = dlsym(library, symbol.name)) && !missing)
        missing = symbol.name;
    if (!missing)
      return name;
    reasons += fmt::format("; {} has no {}", name, missing);
  }
  return Error{
      ErrorCode::NotFound,
      fmt::format("expected {}, got none that can be loaded{}", what, reasons)};
}

std::vector<float> randomNumbers(size_t count) {
  constexpr size_t period = 1'048'573; // A prime: no two rows are the same.
  std::mt19937_64 engine(1);
  std::normal_distribution<float> normal;
  std::vector<float> numbers;
  numbers.reserve(count);
  while (numbers.size() < std::min(count, period))
    numbers.push_back(normal(engine));
  while (numbers.size() < count)
    numbers.push_back(numbers[numbers.size() - period]);
  return numbers;
}

} // namespace parallax::tools
