//===- Command.cpp - A time that another program measures -----------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/parallax-bench/Command.h"

#include "tools/CommandLine/Tool.h"

#include <fmt/format.h>

#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <sys/wait.h>

namespace parallax::tools {

Result<Peer> parsePeer(const std::string &text) {
  const size_t equals = text.find('=');
  if (equals == 0 || equals == std::string::npos || equals + 1 == text.size())
    return Error{
        ErrorCode::InvalidArgument,
        fmt::format("expected --peer to be NAME=COMMAND, got '{}'", text)};
  return Peer{text.substr(0, equals), text.substr(equals + 1)};
}

/// The last line that is not blank, without blanks around it.
static std::string lastLine(const std::string &text) {
  constexpr const char *blanks = " \t\r\n";
  const size_t last = text.find_last_not_of(blanks);
  if (last == std::string::npos)
    return "";
  const size_t newline = text.find_last_of('\n', last);
  const size_t from = newline == std::string::npos ? 0 : newline + 1;
  const size_t begin = text.find_first_not_of(blanks, from);
  return text.substr(begin, last + 1 - begin);
}

Result<double> timeCommand(const std::string &command) {
  std::fflush(nullptr);
  std::FILE *pipe = ::popen(command.c_str(), "r");
  if (!pipe)
    return Error{
        ErrorCode::IoFailed,
        fmt::format("expected to run a shell, got: {}", std::strerror(errno))};
  std::string output;
  char block[4096];
  while (size_t size = std::fread(block, 1, sizeof(block), pipe))
    output.append(block, size);
  const int status = ::pclose(pipe);
  if (status != 0)
    return Error{ErrorCode::IoFailed,
                 WIFSIGNALED(status)
                     ? fmt::format("expected it to exit with 0, got signal {}",
                                   WTERMSIG(status))
                     : fmt::format("expected it to exit with 0, got {}",
                                   WEXITSTATUS(status))};
  Result<double> ms = parseNumber("its last line", lastLine(output));
  if (ms && !(std::isfinite(*ms) && *ms > 0))
    return Error{ErrorCode::InvalidArgument,
                 fmt::format("expected milliseconds above 0, got {}", *ms)};
  return ms;
}

} // namespace parallax::tools
