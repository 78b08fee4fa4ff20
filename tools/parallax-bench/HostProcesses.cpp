//===- HostProcesses.cpp - Costs that need a process each -----------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A compilation is cold once in a process. So each is a child's, forked before
// anything of LLVM has run here, which writes "PHASE MILLISECONDS" lines into a
// pipe, or one line "error MESSAGE".
//
//===----------------------------------------------------------------------===//

#include "tools/parallax-bench/HostCosts.h"

#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <spawn.h>
#include <sstream>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

namespace parallax::tools {

namespace {

/// What the child does.
std::string compileOnce(const HostOptions &options) {
  Result<Compilation> compiled = compileAsJit(options);
  if (!compiled)
    return "error " + compiled.error().message;
  std::string lines;
  for (const PhaseTime &time : compiled->times)
    lines += fmt::format("{} {}\n", time.name, time.ms);
  return lines;
}

/// What a child that runs `body` says; empty if it could not say anything.
template <typename Body> std::string inChild(Body body) {
  int ends[2];
  if (::pipe(ends) != 0)
    return "";
  std::fflush(nullptr);
  const pid_t child = ::fork();
  if (child == 0) {
    const std::string text = body();
    const bool isWritten =
        ::write(ends[1], text.data(), text.size()) == ssize_t(text.size());
    // Without what exit does: that belongs to the parent.
    std::_Exit(isWritten ? 0 : 1);
  }
  ::close(ends[1]);
  std::string text;
  char block[4096];
  for (ssize_t size; (size = ::read(ends[0], block, sizeof(block))) > 0;)
    text.append(block, size);
  ::close(ends[0]);
  int status = 0;
  if (child > 0)
    ::waitpid(child, &status, 0);
  return child > 0 && status == 0 ? text : "";
}

} // namespace

std::vector<HostCost> measureColdCompile(const HostOptions &options) {
  std::vector<HostCost> costs = {{"compile, cold", "ms", {}, ""}};
  for (std::string_view phase : phases(options.target))
    costs.push_back({fmt::format("compile, cold: {}", phase), "ms", {}, ""});
  for (int i = 0; i < options.repeats; ++i) {
    const std::string text = inChild([&] { return compileOnce(options); });
    if (text.empty() || text.starts_with("error ")) {
      costs.resize(1);
      costs[0].absent =
          text.empty() ? "the child that compiles failed" : text.substr(6);
      return costs;
    }
    std::istringstream lines(text);
    std::string phase;
    double ms = 0, all = 0;
    for (size_t n = 1; lines >> phase >> ms && n < costs.size(); ++n) {
      costs[n].time.add(ms);
      all += ms;
    }
    costs[0].time.add(all);
  }
  return costs;
}

HostCost measureToolStart(const HostOptions &options) {
  HostCost cost = {"parallax-opt --version", "ms", {}, ""};
  std::error_code failed;
  const std::string tool =
      std::filesystem::read_symlink("/proc/self/exe", failed)
          .replace_filename("parallax-opt");
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null",
                                     O_WRONLY, 0);
  std::string version = "--version", name = tool;
  char *arguments[] = {name.data(), version.data(), nullptr};
  // The first start reads the file.
  for (int i = -1; i < options.repeats && cost.absent.empty(); ++i) {
    const auto begin = std::chrono::steady_clock::now();
    pid_t child = 0;
    int status = ::posix_spawn(&child, tool.c_str(), &actions, nullptr,
                               arguments, environ);
    if (status != 0) {
      cost.absent = fmt::format("expected to start {}, got: {}", tool,
                                std::strerror(status));
      break;
    }
    ::waitpid(child, &status, 0);
    const std::chrono::duration<double, std::milli> taken =
        std::chrono::steady_clock::now() - begin;
    if (status != 0)
      cost.absent =
          fmt::format("expected {} to succeed, got status {}", tool, status);
    else if (i >= 0)
      cost.time.add(taken.count());
  }
  ::posix_spawn_file_actions_destroy(&actions);
  return cost;
}

} // namespace parallax::tools
