//===- Tool.cpp - What every command-line tool does -----------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/CommandLine/Tool.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <new>
#include <unistd.h>

namespace parallax::tools {

std::unique_ptr<CLI::App> makeApp(const std::string &name,
                                  const std::string &description,
                                  const std::string &footer) {
  auto app = std::make_unique<CLI::App>(description, name);
  app->footer(footer);
  app->set_version_flag("--version", "Parallax " PARALLAX_VERSION);
  app->get_formatter()->column_width(30);
  // Help is the same whatever the arguments beside it.
  app->failure_message(CLI::FailureMessage::simple);
  return app;
}

/// `message` as one line that begins in lower case and has no full stop.
static std::string oneLine(std::string message) {
  while (!message.empty() && (message.back() == '\n' || message.back() == '.'))
    message.pop_back();
  for (char &c : message)
    if (c == '\n' || c == '\r')
      c = ' ';
  if (message.size() > 1 && std::isupper(message[0]) &&
      !std::isupper(message[1]))
    message[0] = std::tolower(message[0]);
  return message;
}

static int fail(const CLI::App &app, const std::string &message) {
  fmt::print(stderr, "{}: error: {}\n", app.get_name(), oneLine(message));
  return 1;
}

int runTool(CLI::App &app, int argc, char **argv,
            const std::function<Result<void>()> &body) {
  try {
    app.parse(argc, argv);
    if (Result<void> ok = body(); !ok)
      return fail(app, ok.error().message);
    // A full disk or a closed pipe shows here and nowhere else.
    if (std::fflush(stdout) != 0)
      return fail(app, fmt::format("expected to write the output, got: {}",
                                   std::strerror(errno)));
    return 0;
  } catch (const CLI::Success &success) { // --help, --version
    return app.exit(success);
  } catch (const CLI::ExtrasError &error) {
    return fail(app, fmt::format("expected an option of --help, got: {}",
                                 fmt::join(app.remaining(), " ")));
  } catch (const CLI::ParseError &error) {
    return fail(app, error.what());
  } catch (const std::bad_alloc &) {
    return fail(app, "expected enough memory, got none");
  } catch (const std::exception &error) {
    return fail(app, error.what());
  }
}

Result<int64_t> parseInteger(std::string_view option, const std::string &text,
                             int64_t least, int64_t most) {
  int64_t value = 0;
  const char *end = text.data() + text.size();
  auto parsed = std::from_chars(text.data(), end, value);
  if (parsed.ec != std::errc() || parsed.ptr != end || value < least ||
      value > most)
    return Error{ErrorCode::InvalidArgument,
                 fmt::format("expected {} to be an integer in [{}, {}], got "
                             "'{}'",
                             option, least, most, text)};
  return value;
}

Result<double> parseNumber(std::string_view option, const std::string &text) {
  char *end = nullptr;
  double value = std::strtod(text.c_str(), &end);
  if (text.empty() || end != text.c_str() + text.size())
    return Error{
        ErrorCode::InvalidArgument,
        fmt::format("expected {} to be a number, got '{}'", option, text)};
  return value;
}

std::vector<std::string> splitList(const std::string &text) {
  std::vector<std::string> items;
  for (size_t begin = 0; begin <= text.size() && !text.empty();) {
    const size_t end = std::min(text.find(',', begin), text.size());
    items.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return items;
}

static Error ioError(std::string_view what, const std::string &path) {
  const int code = errno;
  return {code == ENOENT ? ErrorCode::NotFound : ErrorCode::IoFailed,
          fmt::format("expected to {} {}, got: {}", what, path,
                      std::strerror(code))};
}

Result<std::string> readFile(const std::string &path) {
  std::unique_ptr<std::FILE, int (*)(std::FILE *)> file(
      std::fopen(path.c_str(), "rb"), std::fclose);
  if (!file)
    return ioError("read", path);
  std::string text;
  char block[1 << 14];
  while (size_t size = std::fread(block, 1, sizeof(block), file.get()))
    text.append(block, size);
  if (std::ferror(file.get()))
    return ioError("read", path);
  return text;
}

Result<void> writeFile(const std::string &path, std::string_view bytes) {
  errno = 0;
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  file.close();
  if (!file)
    return ioError("write", path);
  return {};
}

Result<void> writeFileAtomically(const std::string &path,
                                 std::string_view bytes) {
  const std::string temporary = fmt::format("{}.{}.tmp", path, ::getpid());
  std::unique_ptr<std::FILE, int (*)(std::FILE *)> file(
      std::fopen(temporary.c_str(), "wb"), std::fclose);
  if (!file)
    return ioError("write", path);
  const bool isWritten =
      std::fwrite(bytes.data(), 1, bytes.size(), file.get()) == bytes.size() &&
      std::fflush(file.get()) == 0 && ::fsync(::fileno(file.get())) == 0;
  if (isWritten && std::rename(temporary.c_str(), path.c_str()) == 0)
    return {};
  const Error error = ioError("write", path);
  std::remove(temporary.c_str());
  return error;
}

} // namespace parallax::tools
