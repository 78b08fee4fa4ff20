//===- Runner.cpp - Runs a case on a target -------------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/Runner/Runner.h"

#include "lib/Data/OperandShape.h"
#include "tools/Support/Pages.h"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>

namespace parallax::tools {

Result<std::unique_ptr<Machine>> Machine::create(Target target, int device,
                                                 bool programmaticLaunch) {
  if (target == Target::Cpu)
    return createCpuMachine();
  return createCudaMachine(device, programmaticLaunch);
}

int64_t widthOf(const Problem &problem, Operand output) {
  const bool isWide = output == Operand::O || output == Operand::StateO1 ||
                      output == Operand::StateO2;
  return isWide ? problem.headDim : 1;
}

/// A float32, contiguous tensor of one row a query.
static HostTensor rowTensor(const Problem &p, Operand operand) {
  return HostTensor(p.batch, p.queryLength, p.queryHeads, widthOf(p, operand),
                    DType::F32, Layout::BLHD);
}

/// The parts of a merge.
static void addParts(const Problem &p, const Parts &parts,
                     std::map<Operand, HostTensor> &tensors) {
  const std::tuple<Operand, const std::vector<float> *, int64_t> wanted[] = {
      {Operand::PartO1, &parts.o1, p.headDim},
      {Operand::PartO2, &parts.o2, p.headDim},
      {Operand::PartM, &parts.m, 1},
      {Operand::PartD1, &parts.d1, 1},
      {Operand::PartD2, &parts.d2, 1}};
  for (auto [operand, values, width] : wanted) {
    HostTensor tensor(p.parts * p.batch, p.queryLength, p.queryHeads, width,
                      DType::F32, Layout::BLHD);
    tensor.write(*values);
    tensors.emplace(operand, std::move(tensor));
  }
}

Result<void> Runner::placeSets(int64_t count) {
  while (static_cast<int64_t>(allSets.size()) < count) {
    Arguments arguments;
    auto place = [&](Operand operand, void *data, size_t bytes) {
      Result<void *> placed = machine->place(data, bytes);
      if (!placed)
        return Result<void>(placed.error());
      arguments[operand] = *placed;
      return Result<void>();
    };
    for (auto &[operand, tensor] : tensors)
      if (Result<void> ok = place(operand, tensor.data(), tensor.size()); !ok)
        return ok;
    for (auto [operand, values] :
         {std::pair(Operand::UsedLengths, &usedLengths),
          {Operand::BlockTable, &blockTable}})
      if (!values->empty())
        if (Result<void> ok = place(operand, values->data(),
                                    values->size() * sizeof(int32_t));
            !ok)
          return ok;
    allSets.push_back(arguments);
  }
  return {};
}

int64_t Runner::setBytes() const {
  int64_t bytes = 0;
  for (const auto &[operand, tensor] : tensors)
    bytes += tensor.size();
  return bytes;
}

Prepare prepareBy(const Jit &jit) {
  return [jit](const Problem &problem) -> Result<Prepared> {
    Result<Plan> plan = jit.plan(problem);
    if (!plan)
      return plan.error();
    return prepareBy(*plan)(problem);
  };
}

Prepare prepareBy(const Plan &plan) {
  return [plan](const Problem &) -> Result<Prepared> {
    Prepared prepared;
    prepared.problem = plan.problem();
    prepared.schedule = plan.schedule();
    prepared.source = toString(plan.source());
    if (plan.image())
      prepared.registers = plan.image()->resources.registers;
    prepared.launch = [plan](const Arguments &arguments, void *stream) {
      return plan.launch(arguments, stream);
    };
    return prepared;
  };
}

Result<Runner> Runner::create(Machine &machine, const Prepare &prepare,
                              const Case &c, Layout layout) {
  Result<Runner> runner = create(machine, c, layout);
  if (runner)
    if (Result<void> ok = runner->prepare(prepare); !ok)
      return ok.error();
  return runner;
}

Result<Runner> Runner::create(Machine &machine, const Case &c, Layout layout) {
  Runner runner(machine);
  Problem &p = runner.placed;
  p = c.problem;
  const std::tuple<Operand, Strides *, const std::vector<float> *> wanted[] = {
      {Operand::Q, &p.q, &c.inputs.q},
      {Operand::R, &p.r, &c.inputs.r},
      {Operand::O, &p.o, nullptr}};
  for (auto [operand, strides, values] : wanted) {
    if (!hasOperand(p, operand))
      continue;
    HostTensor tensor(p.batch, p.queryLength, p.queryHeads, p.headDim, p.dtype,
                      layout);
    if (values)
      tensor.write(*values);
    *strides = tensor.strides();
    // A map's nodes stay where they are, and a moved vector keeps its memory.
    runner.tensors.emplace(operand, std::move(tensor));
  }
  if (p.kind == ProblemKind::Merge) {
    addParts(p, c.inputs.parts, runner.tensors);
  } else {
    CacheTensors cache = placeCache(p, c.inputs, layout);
    runner.tensors.emplace(Operand::K, std::move(cache.k));
    runner.tensors.emplace(Operand::V, std::move(cache.v));
    runner.blockTable = std::move(cache.blockTable);
  }
  for (auto [given, operand, stride, values] :
       {std::tuple(p.keyScale, Operand::KScale, &p.keyScaleStride,
                   &c.inputs.keyScale),
        {p.valueScale, Operand::VScale, &p.valueScaleStride,
         &c.inputs.valueScale}}) {
    if (!given)
      continue;
    // A head where others have a token; one where all heads share it.
    HostTensor tensor(1, *stride == 0 ? 1 : p.kvHeads, 1, 1, DType::F32,
                      layout);
    tensor.write(*values);
    if (*stride != 0)
      *stride = tensor.strides().length;
    runner.tensors.emplace(operand, std::move(tensor));
  }
  if (p.newLength) {
    for (auto [operand, strides, values] :
         {std::tuple(Operand::NewK, &p.newK, &c.inputs.newK),
          {Operand::NewV, &p.newV, &c.inputs.newV}}) {
      HostTensor tensor(p.batch, *p.newLength, p.kvHeads, p.headDim,
                        p.keyDType(), layout);
      tensor.write(*values);
      *strides = tensor.strides();
      runner.tensors.emplace(operand, std::move(tensor));
    }
    CacheTensors after = placeCache(p, appended(p, c.inputs), layout);
    runner.appendedCache.emplace(Operand::K, std::move(after.k));
    runner.appendedCache.emplace(Operand::V, std::move(after.v));
    for (Operand operand : {Operand::K, Operand::V})
      runner.givenCache.emplace(operand, runner.tensors.at(operand));
  }
  for (Operand operand : kOutputs)
    if (operand != Operand::O && hasOperand(p, operand))
      runner.tensors.emplace(operand, rowTensor(p, operand));
  runner.usedLengths = c.inputs.usedLengths;
  if (Result<void> ok = runner.placeSets(1); !ok)
    return ok.error();
  return runner;
}

Result<void> Runner::prepare(const Prepare &prepare) {
  if (prepared.launch)
    if (Result<void> ok = clearOutputs(); !ok)
      return ok;
  auto begin = std::chrono::steady_clock::now();
  Result<Prepared> made = prepare(placed);
  if (!made)
    return made.error();
  prepared = std::move(*made);
  milliseconds = std::chrono::duration<double, std::milli>(
                     std::chrono::steady_clock::now() - begin)
                     .count();
  return {};
}

/// So that a plan that writes nothing is not judged by what another wrote.
Result<void> Runner::clearOutputs() {
  for (auto &[operand, tensor] : tensors) {
    const auto given = givenCache.find(operand);
    if (given != givenCache.end())
      tensor.assign(given->second);
    else if (std::find(std::begin(kOutputs), std::end(kOutputs), operand) !=
             std::end(kOutputs))
      tensor.clear();
    else
      continue;
    if (Result<void> ok =
            machine->update(tensor.data(), allSets.front()[operand]);
        !ok)
      return ok;
  }
  return {};
}

Result<std::unique_ptr<Sampler>> Runner::sampler(double ms) const {
  std::vector<Machine::Launch> launches;
  for (const Arguments &arguments : allSets)
    launches.push_back([launch = prepared.launch, arguments](void *stream) {
      return launch(arguments, stream);
    });
  return machine->sampler(std::move(launches), ms);
}

Result<std::vector<double>> Runner::time(int repeat) const {
  // Events resolve half a microsecond.
  Result<std::unique_ptr<Sampler>> sampler = this->sampler(1.0);
  if (!sampler)
    return sampler.error();
  std::vector<double> samples;
  while (static_cast<int>(samples.size()) < repeat) {
    Result<double> ms = (*sampler)->sample();
    if (!ms)
      return ms.error();
    samples.push_back(*ms);
  }
  std::sort(samples.begin(), samples.end());
  return samples;
}

Result<Outputs> Runner::read(std::map<Operand, HostTensor> &outputTensors,
                             const Arguments &from) const {
  Outputs outputs;
  for (auto &[operand, tensor] : outputTensors) {
    if (Result<void> ok = machine->fetch(tensor.data(), from[operand]); !ok)
      return ok.error();
    if (!tensor.paddingIsIntact())
      return Error{ErrorCode::DriverFailed,
                   fmt::format("expected the memory around {} as it was, got "
                               "other bytes",
                               toString(operand))};
    if (std::find(std::begin(kOutputs), std::end(kOutputs), operand) ==
        std::end(kOutputs))
      continue;
    std::vector<float> &values = outputs[operand];
    const int64_t width = widthOf(placed, operand);
    values.reserve(placed.batch * placed.queryLength * placed.queryHeads *
                   width);
    for (int64_t b = 0; b < placed.batch; ++b)
      for (int64_t i = 0; i < placed.queryLength; ++i)
        for (int64_t h = 0; h < placed.queryHeads; ++h)
          for (int64_t d = 0; d < width; ++d)
            values.push_back(tensor.read(b, i, h, d));
  }
  return outputs;
}

Result<void> Runner::checkCache() {
  for (const auto &[operand, expected] : appendedCache) {
    HostTensor &got = tensors.at(operand);
    if (Result<void> ok = machine->fetch(got.data(), allSets.front()[operand]);
        !ok)
      return ok;
    if (!(got == expected))
      return Error{ErrorCode::DriverFailed,
                   fmt::format("expected the new tokens in {} and all else as "
                               "it was, got other bytes",
                               toString(operand))};
  }
  return {};
}

Result<Outputs> Runner::written() {
  if (Result<void> ok = checkCache(); !ok)
    return ok.error();
  return read(tensors, allSets.front());
}

static Result<Outputs> normalized(Result<Outputs> outputs) {
  if (outputs)
    normalizeState(*outputs);
  return outputs;
}

Result<Outputs> Runner::outputs() { return normalized(written()); }

Result<Outputs> Runner::evaluate() {
  std::map<Operand, HostTensor> written;
  for (Operand operand : kOutputs)
    if (hasOperand(placed, operand))
      written.emplace(operand, rowTensor(placed, operand));
  Arguments given = allSets.front();
  for (auto &[operand, tensor] : written) {
    Result<void *> memory = machine->place(tensor.data(), tensor.size());
    if (!memory)
      return memory.error();
    given[operand] = *memory;
  }
  if (Result<void> ok = machine->evaluate(placed, given); !ok)
    return ok.error();
  return normalized(read(written, given));
}

} // namespace parallax::tools
