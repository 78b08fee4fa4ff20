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

namespace parallax::tools {

/// Somebody else's kernel: a command that is given a problem's flags.
struct Peer {
  std::string name, command;
};

/// Of "NAME=COMMAND".
Result<Peer> parsePeer(const std::string &text);

/// Runs `command` in a shell and reads milliseconds from the last line that it
/// prints. Its stderr is ours.
Result<double> timeCommand(const std::string &command);

} // namespace parallax::tools

#endif // PARALLAX_TOOLS_PARALLAX_BENCH_COMMAND_H
