//===- Gemm.h - The matrix product that kernels are compared with *- C++
//-*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A large product by the machine's best library says what its matrix units give
// today. The library is found with dlopen: nothing of it is needed to build.
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_TOOLS_PARALLAX_BENCH_GEMM_H
#define PARALLAX_TOOLS_PARALLAX_BENCH_GEMM_H

#include "tools/Runner/Machine.h"

namespace parallax::tools {

class Gemm {
public:
  virtual ~Gemm() = default;

  /// cuBLAS's bf16 product on a device, or OpenBLAS's float32 product on the
  /// processor; random matrices are placed on `machine`. `library` is tried
  /// before the usual names, if it isn't empty. NotFound if none loads. The
  /// machine must outlive it, and it its launches.
  static Result<std::unique_ptr<Gemm>> create(Target target, Machine &machine,
                                              const std::string &library,
                                              int threads);

  virtual std::string name() const = 0;
  virtual Result<void> launch(void *stream) = 0;

  /// Of one product.
  double flops() const;

  /// Its matrices are square.
  const int size;

protected:
  explicit Gemm(int size) : size(size) {}
};

/// The edge of the matrices on a device.
inline constexpr int kDeviceGemmSize = 8192;

Result<std::unique_ptr<Gemm>> createCublasGemm(Machine &machine,
                                               const std::string &library);
Result<std::unique_ptr<Gemm>> createOpenBlasGemm(const std::string &library,
                                                 int threads);

/// The first of `names` that dlopen takes and that has all of `symbols`, whose
/// addresses go to where they are wanted.
struct LibrarySymbol {
  const char *name;
  void **address;
};
Result<std::string> openLibrary(std::string_view what,
                                std::vector<std::string> names,
                                const std::string &first,
                                const std::vector<LibrarySymbol> &symbols);

/// `count` normally distributed numbers, which repeat after a while.
std::vector<float> randomNumbers(size_t count);

} // namespace parallax::tools

#endif // PARALLAX_TOOLS_PARALLAX_BENCH_GEMM_H
