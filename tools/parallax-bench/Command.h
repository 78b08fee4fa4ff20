//===- Command.h - A time that another program measures ---------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_TOOLS_PARALLAX_BENCH_COMMAND_H
#define PARALLAX_TOOLS_PARALLAX_BENCH_COMMAND_H

#include "parallax/Result.h"

#include <string>
#include <string_view>
#include <vector>

namespace parallax::tools {

/// Somebody else's kernel: a command that is given a problem's flags, or all of
/// them on its stdin.
struct Peer {
  std::string name, command;
  bool takesList = false;
};

/// Of "NAME=COMMAND", the value of `option`.
Result<Peer> parsePeer(const std::string &text, std::string_view option);

/// Runs `command` in a shell and reads milliseconds from the last line that it
/// prints. Its stderr is ours. After `seconds` it is killed.
Result<double> timeCommand(const std::string &command, double seconds);

/// Runs `command` in a shell with `problems` on its stdin, a line each, and
/// reads a line of milliseconds for each; any other text is why it has none.
/// Where a line does not come within `seconds`, or it ends too early, that
/// problem is given up and it is run again for those behind it.
std::vector<Result<double>> timeList(const std::string &command,
                                     const std::vector<std::string> &problems,
                                     double seconds);

} // namespace parallax::tools

#endif // PARALLAX_TOOLS_PARALLAX_BENCH_COMMAND_H
