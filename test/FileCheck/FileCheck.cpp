//===- FileCheck.cpp - FileCheck without shared libraries -----------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The distributions' FileCheck needs half a dozen shared libraries that a
// bundle can't count on. This is LLVM's FileCheck library with those of its
// options that our tests use.
//
//===----------------------------------------------------------------------===//

#include "llvm/FileCheck/FileCheck.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/WithColor.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

static cl::opt<std::string> checkFile(cl::Positional, cl::Required,
                                      cl::desc("<check file>"));
static cl::opt<std::string> inputFile("input-file", cl::init("-"));
static cl::list<std::string> prefixes("check-prefix");
static cl::alias morePrefixes("check-prefixes", cl::aliasopt(prefixes),
                              cl::CommaSeparated, cl::NotHidden);
static cl::list<std::string> implicitNot("implicit-check-not");
static cl::list<std::string> defines("D", cl::Prefix);
static cl::opt<bool> matchFullLines("match-full-lines");
static cl::opt<bool> strictWhitespace("strict-whitespace");
static cl::opt<bool> allowEmpty("allow-empty");
static cl::opt<bool> allowUnusedPrefixes("allow-unused-prefixes");
static cl::opt<bool> enableVarScope("enable-var-scope");

/// Reads a file into the manager, its white space made canonical. Null after
/// an error, which is printed.
static const MemoryBuffer *read(const std::string &path, FileCheck &checker,
                                SourceMgr &sources) {
  ErrorOr<std::unique_ptr<MemoryBuffer>> file =
      MemoryBuffer::getFileOrSTDIN(path);
  if (std::error_code error = file.getError()) {
    WithColor::error() << "expected to read " << path << ", got "
                       << error.message() << '\n';
    return nullptr;
  }
  SmallString<4096> text;
  StringRef canonical = checker.CanonicalizeFile(**file, text);
  unsigned id = sources.AddNewSourceBuffer(
      MemoryBuffer::getMemBufferCopy(canonical, path), SMLoc());
  return sources.getMemoryBuffer(id);
}

int main(int argc, char **argv) {
  InitLLVM init(argc, argv);
  cl::ParseCommandLineOptions(argc, argv);

  FileCheckRequest request;
  for (const std::string &prefix : prefixes)
    request.CheckPrefixes.push_back(prefix);
  for (const std::string &pattern : implicitNot)
    request.ImplicitCheckNot.push_back(pattern);
  for (const std::string &define : defines)
    request.GlobalDefines.push_back(define);
  request.MatchFullLines = matchFullLines;
  request.NoCanonicalizeWhiteSpace = strictWhitespace;
  request.AllowEmptyInput = allowEmpty;
  request.AllowUnusedPrefixes = allowUnusedPrefixes;
  request.EnableVarScope = enableVarScope;

  FileCheck checker(request);
  if (!checker.ValidateCheckPrefixes())
    return 2;
  SourceMgr sources;
  const MemoryBuffer *check = read(checkFile, checker, sources);
  if (!check || checker.readCheckFile(sources, check->getBuffer()))
    return 2;
  const MemoryBuffer *input = read(inputFile, checker, sources);
  if (!input)
    return 2;
  if (input->getBuffer().empty() && !allowEmpty) {
    errs() << "FileCheck error: '" << inputFile << "' is empty.\n";
    return 2;
  }
  return checker.checkInput(sources, input->getBuffer()) ? 0 : 1;
}
