//===- Tool.h - What every command-line tool does ---------------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_TOOLS_COMMANDLINE_TOOL_H
#define PARALLAX_TOOLS_COMMANDLINE_TOOL_H

#include "parallax/Result.h"

#include <CLI/CLI.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace parallax::tools {

/// A parser with --help and --version. `description` is the first paragraph of
/// the help, `footer` what follows the options: examples.
std::unique_ptr<CLI::App> makeApp(const std::string &name,
                                  const std::string &description,
                                  const std::string &footer);

/// Parses the arguments, then runs `body`. Whatever goes wrong, thrown or
/// returned, becomes one line on stderr, "NAME: error: MESSAGE", and 1; else 0.
int runTool(CLI::App &app, int argc, char **argv,
            const std::function<Result<void>()> &body);

/// `text` as a number in [least, most]; an error names `option`.
Result<int64_t> parseInteger(std::string_view option, const std::string &text,
                             int64_t least, int64_t most);
Result<double> parseNumber(std::string_view option, const std::string &text);

/// The items of "a,b"; none of "".
std::vector<std::string> splitList(const std::string &text);

Result<std::string> readFile(const std::string &path);
Result<void> writeFile(const std::string &path, std::string_view bytes);
/// The same, but whoever reads the path, and whenever this process dies, finds
/// the old bytes or the new ones.
Result<void> writeFileAtomically(const std::string &path,
                                 std::string_view bytes);

} // namespace parallax::tools

#endif // PARALLAX_TOOLS_COMMANDLINE_TOOL_H
