//===- Process.h - A shell whose lines are read in time ---------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_TOOLS_PARALLAX_BENCH_PROCESS_H
#define PARALLAX_TOOLS_PARALLAX_BENCH_PROCESS_H

#include "parallax/Result.h"

#include <memory>
#include <string>
#include <string_view>

namespace parallax::tools {

/// A command in a shell, with all that it starts killed when this goes. Its
/// stderr is ours.
class Process {
public:
  /// `input` is what it finds on its stdin.
  static Result<std::unique_ptr<Process>> start(const std::string &command,
                                                std::string_view input);
  ~Process();
  Process(const Process &) = delete;

  enum class Read { Line, End, Late };
  /// The next line of its stdout, if that comes within `seconds`.
  Read readLine(double seconds, std::string &line);

  /// Waits for its end. Fails if that was no exit with 0.
  Result<void> wait();

private:
  Process(int child, int output) : child(child), output(output) {}

  int child, output;
  std::string buffer;
};

} // namespace parallax::tools

#endif // PARALLAX_TOOLS_PARALLAX_BENCH_PROCESS_H
