//===- Process.cpp - A shell whose lines are read in time -----------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/parallax-bench/Process.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

namespace parallax::tools {

Result<std::unique_ptr<Process>> Process::start(const std::string &command,
                                                std::string_view input) {
  auto failed = [](int code) {
    return Error{
        ErrorCode::IoFailed,
        fmt::format("expected to run a shell, got: {}", std::strerror(code))};
  };
  // A file holds any input, and nobody waits for who does not read it.
  std::unique_ptr<std::FILE, int (*)(std::FILE *)> file(std::tmpfile(),
                                                        std::fclose);
  if (!file ||
      std::fwrite(input.data(), 1, input.size(), file.get()) != input.size() ||
      std::fflush(file.get()) != 0)
    return failed(errno);
  std::rewind(file.get());
  ::fcntl(::fileno(file.get()), F_SETFD, FD_CLOEXEC);
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0)
    return failed(errno);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, ::fileno(file.get()),
                                     STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  std::string shell = "sh", flag = "-c", text = command;
  char *arguments[] = {shell.data(), flag.data(), text.data(), nullptr};
  pid_t child = 0;
  std::fflush(nullptr);
  const int status = ::posix_spawn(&child, "/bin/sh", &actions, &attributes,
                                   arguments, environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::posix_spawnattr_destroy(&attributes);
  ::close(ends[1]);
  if (status != 0) {
    ::close(ends[0]);
    return failed(status);
  }
  return std::unique_ptr<Process>(new Process(child, ends[0]));
}

Process::~Process() {
  ::close(output);
  if (child == 0)
    return;
  ::kill(-child, SIGKILL);
  ::waitpid(child, nullptr, 0);
}

Process::Read Process::readLine(double seconds, std::string &line) {
  using Clock = std::chrono::steady_clock;
  const auto end = Clock::now() + std::chrono::duration<double>(seconds);
  while (true) {
    const size_t newline = buffer.find('\n');
    if (newline != std::string::npos) {
      line = buffer.substr(0, newline);
      buffer.erase(0, newline + 1);
      return Read::Line;
    }
    const std::chrono::duration<double, std::milli> left = end - Clock::now();
    pollfd waiting = {output, POLLIN, 0};
    const int ready =
        ::poll(&waiting, 1,
               static_cast<int>(std::clamp(std::ceil(left.count()), 0.0, 1e9)));
    if (ready < 0 && errno == EINTR)
      continue;
    if (ready == 0)
      return Read::Late;
    char block[4096];
    const ssize_t size = ::read(output, block, sizeof(block));
    if (size > 0)
      buffer.append(block, size);
    if (size > 0 || (size < 0 && errno == EINTR))
      continue;
    // A last line need not end in one.
    line = std::exchange(buffer, "");
    return line.empty() ? Read::End : Read::Line;
  }
}

Result<void> Process::wait() {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR)
    ;
  child = 0;
  if (status == 0)
    return {};
  return Error{ErrorCode::IoFailed,
               WIFSIGNALED(status)
                   ? fmt::format("expected it to exit with 0, got signal {}",
                                 WTERMSIG(status))
                   : fmt::format("expected it to exit with 0, got {}",
                                 WEXITSTATUS(status))};
}

} // namespace parallax::tools
