//===- Simulator.cpp - Runs an L3 kernel on the CPU -----------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Simulator/Simulator.h"

#include "dialect/Hopper/HopperDialect.h"
#include "lib/Simulator/Cluster.h"
#include "lib/Simulator/Compile.h"
#include "lib/Simulator/Parameters.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"

#include <fmt/format.h>
#include <set>

using namespace parallax;
using namespace parallax::simulator;

Result<Kernel> Kernel::create(mlir::func::FuncOp function) {
  Result<Program> compiled = compile(function);
  if (!compiled)
    return compiled.error();
  auto program = std::make_shared<Program>(std::move(*compiled));
  if (Result<void> ok = readParameters(function, *program); !ok)
    return ok.error();
  Kernel kernel;
  kernel.program = std::move(program);
  return kernel;
}

namespace {
/// The IR that a kernel was parsed from.
struct Parsed {
  mlir::MLIRContext context{mlir::MLIRContext::Threading::DISABLED};
  mlir::OwningOpRef<mlir::ModuleOp> module;
};
} // namespace

Result<Kernel> Kernel::parse(std::string_view text, std::string_view name) {
  auto parsed = std::make_shared<Parsed>();
  mlir::DialectRegistry registry;
  registry.insert<hopper::HopperDialect, mlir::arith::ArithDialect,
                  mlir::func::FuncDialect, mlir::LLVM::LLVMDialect,
                  mlir::math::MathDialect, mlir::scf::SCFDialect,
                  mlir::tensor::TensorDialect>();
  parsed->context.appendDialectRegistry(registry);
  // Discardable attributes of other levels, such as the schedule, may stand.
  parsed->context.allowUnregisteredDialects();
  std::string message;
  {
    mlir::ScopedDiagnosticHandler handler(&parsed->context,
                                          [&](mlir::Diagnostic &diagnostic) {
                                            if (message.empty())
                                              message = diagnostic.str();
                                          });
    parsed->module = mlir::parseSourceString<mlir::ModuleOp>(
        llvm::StringRef(text), mlir::ParserConfig(&parsed->context),
        llvm::StringRef(name));
  }
  if (!parsed->module)
    return Error{ErrorCode::InvalidArgument, message};
  for (auto function : parsed->module->getOps<mlir::func::FuncOp>()) {
    if (!function->hasAttr(hopper::kKernelAttr))
      continue;
    Result<Kernel> kernel = create(function);
    if (kernel)
      const_cast<Program &>(*kernel->program).owner = parsed;
    return kernel;
  }
  return Error{ErrorCode::InvalidArgument,
               "expected a func.func with hopper.kernel, got none"};
}

const std::vector<KernelParameter> &Kernel::parameters() const {
  return program->parameters;
}
int32_t Kernel::tileTokens() const { return program->tileTokens; }
int32_t Kernel::packedHeads() const { return program->packedHeads; }
int32_t Kernel::splitKeys() const { return program->splitKeys; }
int32_t Kernel::persistentCtas() const { return program->persistentCtas; }
int32_t Kernel::cluster() const { return program->cluster; }
mlir::Operation *Kernel::op(int32_t index) const {
  return index < 0 ? nullptr : program->ops[index].op;
}

Outcome Kernel::run(const std::vector<Argument> &arguments, const Grid &grid,
                    const Options &options) const {
  Outcome outcome;
  std::set<std::string> seen;
  std::vector<std::string> traces;
  auto add = [&](Report report) {
    if (report.opIndex >= 0) {
      const OpInfo &op = program->ops[report.opIndex];
      report.op = op.name;
      report.location = op.location;
    }
    if (report.otherIndex >= 0) {
      const OpInfo &op = program->ops[report.otherIndex];
      report.other =
          fmt::format("{} at {}{}{}", op.name, op.location,
                      report.other.empty() ? "" : " by ", report.other);
    }
    // One fault shows in many CTAs.
    if (seen.insert(fmt::format("{} {} {} {}", int(report.kind), report.role,
                                report.opIndex, report.otherIndex))
            .second)
      outcome.reports.push_back(std::move(report));
  };
  // A fault that one order shows, others would show again.
  for (int64_t order = 0; order < options.orders && outcome.reports.empty();
       ++order) {
    GridMemory memory;
    const int64_t clusters = grid.ctas() / grid.cluster;
    for (int64_t n = 0; n < clusters; ++n) {
      // Any CTA may come to a ticket last.
      Cluster cluster(*program, arguments, memory, grid,
                      order % 2 ? clusters - 1 - n : n, order, options);
      std::optional<Report> report = cluster.run();
      for (const std::unique_ptr<Cta> &cta : cluster.ctas()) {
        outcome.steps += cta->steps();
        if (options.trace && order == 0)
          traces.push_back(cta->trace().events(cta->number()));
      }
      if (report)
        add(std::move(*report));
    }
    Random random(options.seed * 15485863 + order);
    while (const int64_t pending = memory.pending())
      memory.land(order ? random.below(pending) : 0);
    if (auto leak = memory.leak()) {
      Report report;
      report.kind = Report::Kind::LeakedArrivals;
      report.role = fmt::format("consumer {}", leak->role - 1);
      report.opIndex = leak->op;
      report.cta = leak->cta;
      report.order = order;
      report.detail =
          fmt::format("{} arrivals at ticket {} are pending at the grid's "
                      "exit, so that the next launch begins with them",
                      leak->arrived, leak->index);
      add(std::move(report));
    }
    if (order + 1 != options.orders && outcome.reports.empty())
      memory.undoAdditions(); // The next order's are not on top of them.
  }
  if (options.trace)
    outcome.trace = Trace::join(traces);
  return outcome;
}

std::string_view simulator::toString(Report::Kind kind) {
  constexpr std::string_view names[] = {
      "read before landing", "overwrite before release",
      "missing proxy fence", "use in flight",
      "phase aliasing",      "deadlock",
      "too many arrivals",   "leaked arrivals",
      "in flight at exit",   "wrong named barrier",
      "over-commitment",     "out of bounds",
      "step limit",          "absent peer",
      "unawaited grid"};
  return names[static_cast<int>(kind)];
}

std::string Report::text() const {
  std::string text = fmt::format("{}: {}", toString(kind), role);
  if (!op.empty())
    text += fmt::format(", {} at {}", op, location);
  if (!barrier.empty())
    text += fmt::format(", barrier {}", barrier);
  if (!phase.empty())
    text += fmt::format(", {}", phase);
  if (!other.empty())
    text += fmt::format(", races with {}", other);
  return fmt::format("{}; {} (cta {}, order {})", text, detail, cta, order);
}
