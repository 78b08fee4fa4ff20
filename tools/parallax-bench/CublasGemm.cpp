//===- CublasGemm.cpp - The bf16 product of a CUDA device -----------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// cuBLAS finds the context that the machine has made current; a CUstream is
// what it calls a cudaStream_t.
//
//===----------------------------------------------------------------------===//

#include "tools/Support/Rounding.h"
#include "tools/parallax-bench/Gemm.h"

#include <fmt/format.h>

namespace parallax::tools {

namespace {

// cublasOperation_t, cudaDataType_t, cublasComputeType_t, cublasGemmAlgo_t.
constexpr int kNotTransposed = 0;
constexpr int kBFloat16 = 14;
constexpr int kComputeFloat32 = 68;
constexpr int kDefaultAlgorithm = -1;

/// What NVIDIA recommends for Hopper. With the library's own workspace, a
/// capture would allocate.
constexpr size_t kWorkspaceBytes = 32 << 20;

using Status = int;
using Handle = struct OpaqueHandle *;

struct Functions {
  Status (*create)(Handle *);
  Status (*destroy)(Handle);
  Status (*getVersion)(Handle, int *);
  Status (*setStream)(Handle, void *stream);
  Status (*setWorkspace)(Handle, void *, size_t);
  Status (*multiply)(Handle, int transposeA, int transposeB, int m, int n,
                     int k, const void *alpha, const void *a, int typeA,
                     int strideA, const void *b, int typeB, int strideB,
                     const void *beta, void *c, int typeC, int strideC,
                     int computeType, int algorithm);
};

Result<void> check(std::string_view call, Status status) {
  if (status == 0)
    return {};
  return Error{
      ErrorCode::DriverFailed,
      fmt::format("expected {} to succeed, got status {}", call, status)};
}

class CublasGemm final : public Gemm {
public:
  explicit CublasGemm(const Functions &cublas)
      : Gemm(kDeviceGemmSize), cublas(cublas) {}
  ~CublasGemm() override {
    if (handle)
      cublas.destroy(handle);
  }

  Result<void> prepare(Machine &machine) {
    if (Result<void> ok = check("cublasCreate", cublas.create(&handle)); !ok)
      return ok;
    if (Result<void> ok =
            check("cublasGetVersion", cublas.getVersion(handle, &version));
        !ok)
      return ok;
    const size_t elements = size_t(size) * size;
    std::vector<uint16_t> matrix;
    matrix.reserve(elements);
    for (float number : randomNumbers(elements))
      matrix.push_back(toBFloat16(number));
    for (void **placed : {&a, &b, &c})
      if (Result<void> ok = place(machine, matrix, placed); !ok)
        return ok;
    return place(machine, std::vector<uint16_t>(kWorkspaceBytes / 2),
                 &workspace);
  }

  std::string name() const override {
    return fmt::format("cuBLAS {}.{}.{} bf16 {}^3", version / 10000,
                       version / 100 % 100, version % 100, size);
  }

  Result<void> launch(void *stream) override {
    // Setting the stream takes the workspace away.
    if (Result<void> ok =
            check("cublasSetStream", cublas.setStream(handle, stream));
        !ok)
      return ok;
    if (Result<void> ok =
            check("cublasSetWorkspace",
                  cublas.setWorkspace(handle, workspace, kWorkspaceBytes));
        !ok)
      return ok;
    const float one = 1, zero = 0;
    return check("cublasGemmEx",
                 cublas.multiply(handle, kNotTransposed, kNotTransposed, size,
                                 size, size, &one, a, kBFloat16, size, b,
                                 kBFloat16, size, &zero, c, kBFloat16, size,
                                 kComputeFloat32, kDefaultAlgorithm));
  }

private:
  /// A device keeps a copy, so the host's memory may go.
  static Result<void> place(Machine &machine, std::vector<uint16_t> bits,
                            void **placed) {
    Result<void *> copy =
        machine.place(bits.data(), bits.size() * sizeof(uint16_t));
    if (!copy)
      return copy.error();
    *placed = *copy;
    return {};
  }

  Functions cublas;
  Handle handle = nullptr;
  int version = 0;
  void *a = nullptr, *b = nullptr, *c = nullptr, *workspace = nullptr;
};

} // namespace

Result<std::unique_ptr<Gemm>> createCublasGemm(Machine &machine,
                                               const std::string &library) {
  Functions cublas;
  auto slot = [](auto &function) {
    return reinterpret_cast<void **>(&function);
  };
  Result<std::string> opened =
      openLibrary("cuBLAS",
                  {"libcublas.so.13", "libcublas.so.12", "libcublas.so",
                   "/usr/local/cuda/lib64/libcublas.so"},
                  library,
                  {{"cublasCreate_v2", slot(cublas.create)},
                   {"cublasDestroy_v2", slot(cublas.destroy)},
                   {"cublasGetVersion_v2", slot(cublas.getVersion)},
                   {"cublasSetStream_v2", slot(cublas.setStream)},
                   {"cublasSetWorkspace_v2", slot(cublas.setWorkspace)},
                   {"cublasGemmEx", slot(cublas.multiply)}});
  if (!opened)
    return opened.error();
  auto gemm = std::make_unique<CublasGemm>(cublas);
  if (Result<void> ok = gemm->prepare(machine); !ok)
    return ok.error();
  return std::unique_ptr<Gemm>(std::move(gemm));
}

} // namespace parallax::tools
