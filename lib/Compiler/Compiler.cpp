//===- Compiler.cpp - From a problem to code ------------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Walks the phases of lib/Pipeline: MLIR passes, then LLVM IR, PTX and code.
// One MLIR context serves one compilation, so that compilations may run on many
// threads at once.
//
//===----------------------------------------------------------------------===//

#include "parallax/Compiler.h"

#include "dialect/Problem/ProblemData.h"
#include "lib/Compiler/Resources.h"
#include "lib/Emit/Assembler.h"
#include "lib/Emit/Cpu.h"
#include "lib/Emit/DescribeKernel.h"
#include "lib/Emit/Ptx.h"
#include "lib/Emit/Translate.h"
#include "lib/Pipeline/Phases.h"
#include "lib/Pipeline/Register.h"
#include "lib/Schedule/ChooseSchedule.h"
#include "lib/Schedule/ScheduleAttr.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Target/TargetMachine.h"

#include <fmt/format.h>

#include <chrono>

using namespace parallax;
using Clock = std::chrono::steady_clock;

namespace {

/// Remembers the first error of a scope, as one line.
class FirstDiagnostic {
public:
  explicit FirstDiagnostic(mlir::MLIRContext &context)
      : handler(&context, [this](mlir::Diagnostic &diagnostic) {
          if (diagnostic.getSeverity() == mlir::DiagnosticSeverity::Error &&
              message.empty())
            message = describe(diagnostic);
        }) {}

  Error error(std::string_view otherwise) const {
    return {ErrorCode::CompileFailed,
            message.empty() ? std::string(otherwise) : message};
  }

private:
  static std::string describe(mlir::Diagnostic &diagnostic) {
    std::string text = diagnostic.str();
    text = text.substr(0, text.find('\n'));
    if (auto at =
            llvm::dyn_cast<mlir::FileLineColLoc>(diagnostic.getLocation()))
      text = fmt::format("{}:{}:{}: {}", at.getFilename().str(), at.getLine(),
                         at.getColumn(), text);
    return text;
  }

  std::string message;
  mlir::ScopedDiagnosticHandler handler;
};

/// One compilation on its way through the phases.
class Run {
public:
  explicit Run(const CompileOptions &options) : options(options) {
    mlir::DialectRegistry registry;
    registerDialects(registry);
    context.appendDialectRegistry(registry);
  }

  Result<Compilation> compile(const Problem &problem);
  Result<Compilation> compileText(std::string_view text);
  std::string problemText(const Problem &problem);

private:
  Result<Compilation> walk();
  Result<void> pinSchedule();
  Result<void> enter(const Phase &phase);
  Result<void> runPasses(const Phase &phase);
  Result<void> readKernel(const Phase &phase);
  Result<void> makeLlvmIr();
  Result<void> makePtx();
  Result<void> makeCubin();
  Result<void> makeObject();
  /// The text of where the compilation stands; empty after code was made.
  std::string text(PhaseForm form) const;

  const CompileOptions &options;
  mlir::MLIRContext context{mlir::MLIRContext::Threading::DISABLED};
  mlir::OwningOpRef<mlir::ModuleOp> module;
  llvm::LLVMContext llvmContext;
  std::unique_ptr<llvm::TargetMachine> machine;
  std::unique_ptr<llvm::Module> llvmModule;
  Schedule schedule;
  Compilation result;
};

} // namespace

Result<Compilation> Run::compile(const Problem &problem) {
  if (Result<void> ok = verify(problem); !ok)
    return ok.error();
  context.loadAllAvailableDialects();
  module = problem::buildProblem(context, problem);
  return walk();
}

std::string Run::problemText(const Problem &problem) {
  context.loadAllAvailableDialects();
  module = problem::buildProblem(context, problem);
  return text(PhaseForm::Mlir);
}

Result<Compilation> Run::compileText(std::string_view text) {
  FirstDiagnostic diagnostics(context);
  module = mlir::parseSourceString<mlir::ModuleOp>(
      llvm::StringRef(text), mlir::ParserConfig(&context), "input");
  if (!module) {
    Error error = diagnostics.error("expected a module of MLIR");
    error.code = ErrorCode::InvalidArgument;
    return error;
  }
  int64_t count = 0;
  for (auto function : module->getOps<mlir::func::FuncOp>())
    for (mlir::Operation *op : problem::findProblems(function)) {
      ++count;
      if (Result<void> ok = verify(problem::readProblem(op)); !ok)
        return ok.error();
    }
  if (count != 1)
    return Error{ErrorCode::InvalidArgument,
                 fmt::format("expected text with one problem, an op of "
                             "the parallax dialect, got {}",
                             count)};
  return walk();
}

Result<Compilation> Run::walk() {
  const auto phases = phasesOf(options.target);
  const std::string_view last =
      options.to.empty() ? phases.back().name : std::string_view(options.to);
  if (llvm::none_of(phases, [&](const Phase &p) { return p.name == last; }))
    return Error{ErrorCode::InvalidArgument,
                 fmt::format("expected a phase of target {}, one of {}, got "
                             "'{}'",
                             toString(options.target),
                             fmt::join(parallax::phases(options.target), ", "),
                             last)};
  if (Result<void> ok = pinSchedule(); !ok)
    return ok.error();
  for (const Phase &phase : phases) {
    const Clock::time_point start = Clock::now();
    if (Result<void> ok = enter(phase); !ok)
      return ok.error();
    const std::chrono::duration<double, std::milli> took = Clock::now() - start;
    result.times.push_back({std::string(phase.name), took.count()});
    if (options.onPhase)
      options.onPhase(phase.name, text(phase.form));
    if (phase.name != last)
      continue;
    result.phase = phase.name;
    result.text = text(phase.form);
    if (phase.form != PhaseForm::Ptx && phase.form != PhaseForm::Code)
      result.image.reset();
    break;
  }
  return std::move(result);
}

/// Writes a pinned schedule to where choose-schedule begins with what it finds.
Result<void> Run::pinSchedule() {
  for (auto function : module->getOps<mlir::func::FuncOp>()) {
    auto problems = problem::findProblems(function);
    if (problems.empty() || function->hasAttr(kScheduleAttr))
      continue;
    Result<std::optional<Schedule>> pinned = pinnedSchedule(
        problem::readProblem(problems.front()), options.target, options.pinned);
    if (!pinned)
      return pinned.error();
    if (*pinned)
      setSchedule(function, **pinned);
  }
  return {};
}

Result<void> Run::enter(const Phase &phase) {
  if (phase.addPasses)
    if (Result<void> ok = runPasses(phase); !ok)
      return ok;
  switch (phase.form) {
  case PhaseForm::Mlir:
    return {};
  case PhaseForm::LlvmIr:
    return makeLlvmIr();
  case PhaseForm::Ptx:
    return makePtx();
  case PhaseForm::Code:
    return options.target == Target::Cpu ? makeObject() : makeCubin();
  }
  llvm_unreachable("a form of a phase");
}

Result<void> Run::runPasses(const Phase &phase) {
  FirstDiagnostic diagnostics(context);
  mlir::PassManager passes(&context);
  phase.addPasses(passes, {options.target, options.schedule});
  if (failed(passes.run(*module)))
    return diagnostics.error(
        fmt::format("expected phase {} to succeed", phase.name));
  return readKernel(phase);
}

/// Keeps what later phases no longer show: the schedule and how the kernel is
/// launched.
Result<void> Run::readKernel(const Phase &phase) {
  if (phase.name == "problem")
    for (auto function : module->getOps<mlir::func::FuncOp>())
      if (auto chosen = function->hasAttr(kScheduleAttr)
                            ? getSchedule(function)
                            : mlir::FailureOr<Schedule>();
          succeeded(chosen)) {
        schedule = *chosen;
        result.schedule = toText(schedule);
      }
  if (phase.name != "hopper" && phase.name != "vector")
    return {};
  Result<KernelImage> image = options.target == Target::Cpu
                                  ? describeCpuKernel(*module, schedule.tile)
                                  : describeHopperKernel(*module);
  if (!image)
    return image.error();
  image->schedule = result.schedule;
  result.image = std::move(*image);
  return {};
}

Result<void> Run::makeLlvmIr() {
  FirstDiagnostic diagnostics(context);
  Result<std::unique_ptr<llvm::Module>> translated =
      translateToLLVM(*module, llvmContext);
  if (!translated)
    return diagnostics.error(translated.error().message);
  llvmModule = std::move(*translated);
  if (options.target == Target::Cpu) {
    const CpuTarget host = CpuTarget::host();
    machine = host.createTargetMachine();
    optimizeForCpu(*llvmModule, host, *machine);
  } else {
    machine = createNvptxTarget();
    optimize(*llvmModule, *machine, "default<O3>");
  }
  return {};
}

Result<void> Run::makePtx() {
  Result<std::string> ptx =
      emitFile(*llvmModule, *machine, EmittedFile::Assembly);
  if (!ptx)
    return ptx.error();
  result.image->ptx = std::move(*ptx);
  return {};
}

Result<void> Run::makeCubin() {
  Result<Cubin> cubin = assemble(result.image->ptx, result.image->target);
  if (!cubin)
    return cubin.error();
  KernelImage &image = *result.image;
  image.code = cubin->bytes;
  image.resources = cubin->resources;
  image.resources.sharedBytes += image.dynamicSharedBytes;
  if (!options.allowSpills)
    if (Result<void> ok = checkResources(image); !ok)
      return ok;
  result.bytes = std::move(cubin->bytes);
  return {};
}

Result<void> Run::makeObject() {
  Result<std::string> object =
      emitFile(*llvmModule, *machine, EmittedFile::Object);
  if (!object)
    return object.error();
  result.bytes.assign(object->begin(), object->end());
  result.image->code = result.bytes;
  return {};
}

std::string Run::text(PhaseForm form) const {
  std::string text;
  if (form == PhaseForm::Mlir) {
    llvm::raw_string_ostream stream(text);
    module.get()->print(stream);
  } else if (form == PhaseForm::LlvmIr) {
    text = toText(*llvmModule);
  } else if (form == PhaseForm::Ptx) {
    text = result.image->ptx;
  }
  return text;
}

std::vector<std::string_view> parallax::phases(Target target) {
  std::vector<std::string_view> names;
  for (const Phase &phase : phasesOf(target))
    names.push_back(phase.name);
  return names;
}

Result<Compilation> parallax::compile(const Problem &problem,
                                      const CompileOptions &options) {
  return Run(options).compile(problem);
}

Result<Compilation> parallax::compileText(std::string_view text,
                                          const CompileOptions &options) {
  return Run(options).compileText(text);
}

Result<std::string> parallax::problemText(const Problem &problem) {
  if (Result<void> ok = verify(problem); !ok)
    return ok.error();
  return Run(CompileOptions()).problemText(problem);
}
