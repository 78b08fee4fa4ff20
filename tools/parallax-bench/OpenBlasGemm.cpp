//===- OpenBlasGemm.cpp - The float32 product of the processor ------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/parallax-bench/Gemm.h"

#include <fmt/format.h>

#include <thread>

namespace parallax::tools {

namespace {

// CBLAS_LAYOUT and CBLAS_TRANSPOSE.
constexpr int kRowMajor = 101;
constexpr int kNotTransposed = 111;
constexpr int kSize = 2048;

struct Functions {
  void (*setThreads)(int);
  void (*multiply)(int layout, int transposeA, int transposeB, int m, int n,
                   int k, float alpha, const float *a, int strideA,
                   const float *b, int strideB, float beta, float *c,
                   int strideC);
};

class OpenBlasGemm final : public Gemm {
public:
  OpenBlasGemm(const Functions &blas, int threads)
      : Gemm(kSize), blas(blas), threads(threads),
        a(randomNumbers(size_t(size) * size)), b(a), c(a) {}

  std::string name() const override {
    return fmt::format("OpenBLAS f32 {}^3, {} threads", size, threads);
  }
  Result<void> launch(void *) override {
    blas.setThreads(threads);
    blas.multiply(kRowMajor, kNotTransposed, kNotTransposed, size, size, size,
                  1, a.data(), size, b.data(), size, 0, c.data(), size);
    return {};
  }

private:
  Functions blas;
  int threads;
  std::vector<float> a, b, c;
};

} // namespace

Result<std::unique_ptr<Gemm>> createOpenBlasGemm(const std::string &library,
                                                 int threads) {
  Functions blas;
  Result<std::string> opened =
      openLibrary("OpenBLAS", {"libopenblas.so.0", "libopenblas.so"}, library,
                  {{"openblas_set_num_threads",
                    reinterpret_cast<void **>(&blas.setThreads)},
                   {"cblas_sgemm", reinterpret_cast<void **>(&blas.multiply)}});
  if (!opened)
    return opened.error();
  if (threads == 0)
    threads = static_cast<int>(std::thread::hardware_concurrency());
  return std::unique_ptr<Gemm>(std::make_unique<OpenBlasGemm>(blas, threads));
}

} // namespace parallax::tools
