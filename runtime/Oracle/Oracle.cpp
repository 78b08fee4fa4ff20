//===- Oracle.cpp - The definition, evaluated on the device ---------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Oracle/Oracle.h"

#include "lib/Data/OperandShape.h"
#include "runtime/kernels/OracleParameters.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

using namespace parallax;

namespace {

constexpr int kThreads = 128;
constexpr int64_t kMaxGrid = std::numeric_limits<int32_t>::max();

OracleElementType elementType(DType dtype) {
  switch (dtype) {
  case DType::F32:
    return OracleF32;
  case DType::BF16:
    return OracleBF16;
  case DType::F16:
    return OracleF16;
  case DType::E4M3:
    return OracleE4M3;
  }
  return OracleF32;
}

} // namespace

Result<Oracle> Oracle::create(const Context &context, const Nvrtc &nvrtc) {
  auto image = std::make_shared<KernelImage>();
  image->name = "parallax_oracle";
  image->target = fmt::format("sm_{}", context.device().capability);
  Result<std::vector<uint8_t>> cubin =
      nvrtc.compile(kOracleSource, "oracle.cu", image->target);
  if (!cubin)
    return cubin.error();
  image->code = std::move(*cubin);
  Result<Kernel> kernel = Kernel::load(context, std::move(image));
  if (!kernel)
    return kernel.error();
  return Oracle(*kernel);
}

Result<void> Oracle::run(const Problem &given,
                         const LaunchPlan::Pointers &pointers,
                         void *stream) const {
  const Problem p = withDefaultStrides(given);
  if (Result<void> ok = verifyForLaunch(p); !ok)
    return ok;
  for (int i = 0; i < kNumOperands; ++i) {
    const auto operand = static_cast<Operand>(i);
    if (hasOperand(p, operand) && !pointers[i])
      return Error{ErrorCode::InvalidArgument,
                   fmt::format("expected a device pointer of {}, got null",
                               toString(operand))};
  }

  auto pointer = [&](Operand operand) -> void * {
    return hasOperand(p, operand) ? pointers[static_cast<size_t>(operand)]
                                  : nullptr;
  };
  auto floats = [&](Operand operand) {
    return static_cast<float *>(pointer(operand));
  };
  auto tensor = [&](Operand operand, const Strides &strides) {
    return OracleTensor{pointer(operand), strides.batch, strides.length,
                        strides.head};
  };
  OracleParameters parameters = {};
  parameters.q = tensor(Operand::Q, p.q);
  parameters.r = tensor(Operand::R, p.r);
  parameters.k = tensor(Operand::K, p.k);
  parameters.v = tensor(Operand::V, p.v);
  parameters.newK = tensor(Operand::NewK, p.newK);
  parameters.newV = tensor(Operand::NewV, p.newV);
  parameters.newLength = static_cast<int>(p.newLength.value_or(0));
  parameters.o = floats(Operand::O);
  parameters.rowMax = floats(Operand::RowMax);
  parameters.d1 = floats(Operand::D1);
  parameters.tbar = floats(Operand::TBar);
  parameters.logSumExp = floats(Operand::LogSumExp);
  parameters.stateO1 = floats(Operand::StateO1);
  parameters.stateO2 = floats(Operand::StateO2);
  parameters.stateM = floats(Operand::StateM);
  parameters.stateD1 = floats(Operand::StateD1);
  parameters.stateD2 = floats(Operand::StateD2);
  parameters.partO1 = floats(Operand::PartO1);
  parameters.partO2 = floats(Operand::PartO2);
  parameters.partM = floats(Operand::PartM);
  parameters.partD1 = floats(Operand::PartD1);
  parameters.partD2 = floats(Operand::PartD2);
  parameters.parts =
      p.kind == ProblemKind::Merge ? static_cast<int>(p.parts) : 0;
  parameters.batch = static_cast<int>(p.batch);
  parameters.usedLengths =
      static_cast<const int *>(pointer(Operand::UsedLengths));
  parameters.blockTable =
      static_cast<const int *>(pointer(Operand::BlockTable));
  parameters.blockTableStride = p.blockTableStride;
  parameters.pageSize = static_cast<int>(p.pageSize);
  // A kernel is given the scale as float32.
  parameters.scale = static_cast<float>(p.effectiveScale());
  parameters.queryLength = p.queryLength;
  parameters.keyLength = p.keyLength;
  parameters.queryHeads = p.queryHeads;
  parameters.kvHeads = p.kvHeads;
  parameters.headDim = p.headDim;
  parameters.elementType = elementType(p.dtype);
  parameters.keyElementType = elementType(p.keyDType());
  parameters.keyScale = floats(Operand::KScale);
  parameters.valueScale = floats(Operand::VScale);
  parameters.keyScaleStride = p.keyScaleStride;
  parameters.valueScaleStride = p.valueScaleStride;
  parameters.causal = p.mask == MaskKind::Causal;
  parameters.window = p.window.value_or(0);

  const Driver &driver = kernel.context().driver();
  ContextScope scope(kernel.context());
  if (Result<void> ok = scope.status(); !ok)
    return ok;
  const int64_t rows = p.batch * p.queryLength * p.queryHeads;
  for (; parameters.firstRow < rows; parameters.firstRow += kMaxGrid) {
    void *arguments[] = {&parameters};
    const int64_t grid =
        std::min<int64_t>(kMaxGrid, rows - parameters.firstRow);
    DriverStatus status = driver->launchKernel(
        kernel.function(), grid, 1, 1, kThreads, 1, 1, 0,
        static_cast<StreamHandle>(stream), arguments, nullptr);
    if (status != 0)
      return driver.error("cuLaunchKernel", status);
  }
  return {};
}
