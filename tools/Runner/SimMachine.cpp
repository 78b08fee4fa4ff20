//===- SimMachine.cpp - The simulator as a machine ------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/Runner/SimMachine.h"

#include "lib/Schedule/ChooseSchedule.h"
#include "lib/Simulator/Simulator.h"
#include "parallax/Compiler.h"

#include <cerrno>
#include <chrono>
#include <cstring>
#include <fmt/format.h>
#include <fstream>
#include <iterator>

namespace parallax::tools {

namespace {

class SimSampler final : public Sampler {
public:
  explicit SimSampler(std::vector<Machine::Launch> launches)
      : launches(std::move(launches)) {}

  Result<double> sample() override {
    auto begin = std::chrono::steady_clock::now();
    for (const Machine::Launch &launch : launches)
      if (Result<void> ok = launch(nullptr); !ok)
        return ok.error();
    std::chrono::duration<double, std::milli> taken =
        std::chrono::steady_clock::now() - begin;
    return taken.count() / double(launches.size());
  }

private:
  std::vector<Machine::Launch> launches;
};

class SimMachine final : public Machine {
public:
  std::string name() const override {
    return "simulator of the hopper dialect";
  }
  Result<void *> place(void *data, size_t) override { return data; }
  Result<void> fetch(void *, void *) override { return {}; }
  Result<void> update(const void *, void *) override { return {}; }
  int64_t cacheBytes() const override { return 0; }

  Result<std::unique_ptr<Sampler>> sampler(std::vector<Launch> launches,
                                           double) override {
    return std::unique_ptr<Sampler>(
        std::make_unique<SimSampler>(std::move(launches)));
  }

  Result<void> evaluate(const Problem &, const Arguments &) override {
    return Error{ErrorCode::NotFound,
                 "expected a CUDA device for the on-device oracle, got the "
                 "simulator"};
  }

  Result<std::vector<Launch>> streams(const Problem &,
                                      const std::vector<Arguments> &,
                                      std::vector<int32_t>, int64_t) override {
    return Error{ErrorCode::NotFound,
                 "expected a CUDA device for the streaming floor, got the "
                 "simulator"};
  }
};

Error ioError(std::string_view what, const std::string &path) {
  return {ErrorCode::IoFailed, fmt::format("expected to {} {}, got: {}", what,
                                           path, std::strerror(errno))};
}

Result<std::string> readText(const std::string &path) {
  errno = 0;
  std::ifstream file(path);
  if (!file)
    return ioError("read", path);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

Result<void> writeText(const std::string &path, const std::string &text) {
  errno = 0;
  std::ofstream file(path);
  if (!file || !(file << text) || !file.flush())
    return ioError("write", path);
  return {};
}

/// The kernel's text, and into `prepared` what it is.
Result<std::string> textOf(const Problem &problem, const SimOptions &options,
                           Prepared &prepared) {
  if (!options.kernel.empty()) {
    prepared.source = "file";
    prepared.schedule = options.kernel;
    return readText(options.kernel);
  }
  // As the Jit does: the schedule is chosen for the problem, and the kernel
  // compiled for what it specialises on.
  Result<Schedule> schedule =
      chooseSchedule(problem, Target::Sm90a, options.pinned, options.schedule,
                     options.batchInvariant || options.splits);
  if (!schedule)
    return schedule.error();
  CompileOptions compiling;
  compiling.target = Target::Sm90a;
  compiling.to = "hopper";
  compiling.schedule = toText(*schedule);
  Result<Compilation> compiled = compile(specialized(problem), compiling);
  if (!compiled)
    return compiled.error();
  prepared.source = "compiled";
  prepared.schedule = compiled->schedule;
  return compiled->text;
}

} // namespace

std::unique_ptr<Machine> createSimMachine() {
  return std::make_unique<SimMachine>();
}

Prepare prepareBySimulation(const SimOptions &options) {
  return [=](const Problem &problem) -> Result<Prepared> {
    Prepared prepared;
    prepared.problem = problem;
    Result<std::string> text = textOf(problem, options, prepared);
    if (!text)
      return text.error();
    Result<simulator::Kernel> kernel = simulator::Kernel::parse(
        *text, options.kernel.empty() ? "kernel" : options.kernel);
    if (!kernel)
      return kernel.error();
    prepared.launch = [=, kernel = *kernel](const Arguments &arguments,
                                            void *) -> Result<void> {
      Result<simulator::Launch> launch = simulator::bind(
          kernel, problem, arguments.pointers,
          {options.splits, options.batchInvariant, options.ctas});
      if (!launch)
        return launch.error();
      simulator::Options simulating;
      simulating.seed = options.seed;
      simulating.orders = options.orders;
      simulating.trace = !options.trace.empty();
      simulator::Outcome outcome =
          kernel.run(launch->arguments, launch->grid, simulating);
      if (simulating.trace)
        if (Result<void> ok = writeText(options.trace, outcome.trace); !ok)
          return ok;
      if (outcome.reports.empty())
        return {};
      std::string message = outcome.reports.front().text();
      // A wait graph has a line for each role.
      for (size_t at; (at = message.find('\n')) != std::string::npos;)
        message.replace(at, 2, ";");
      if (outcome.reports.size() > 1)
        message += fmt::format("; {} reports more", outcome.reports.size() - 1);
      return Error{ErrorCode::CompileFailed, message};
    };
    return prepared;
  };
}

} // namespace parallax::tools
