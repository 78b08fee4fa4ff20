//===- Npz.cpp - Arrays in NumPy's .npz files -----------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/Support/Npz.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>
#include <fmt/core.h>
#include <fmt/ranges.h>
#include <memory>
#include <minizip/unzip.h>
#include <minizip/zip.h>
#include <optional>

namespace parallax::tools {

static_assert(std::endian::native == std::endian::little);

static Error malformed(std::string what) {
  return {ErrorCode::IoFailed, "expected a .npy array, got " + std::move(what)};
}

/// What stands after `'key':` in a header, which is the text of a Python
/// dictionary with a known set of keys.
static std::optional<std::string_view> valueOf(std::string_view header,
                                               std::string_view key) {
  size_t at = header.find(fmt::format("'{}':", key));
  if (at == std::string_view::npos)
    return std::nullopt;
  std::string_view rest = header.substr(at + key.size() + 3);
  rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  return rest;
}

/// "(2, 3, )" and the like.
static std::optional<std::vector<int64_t>> parseShape(std::string_view text) {
  size_t close = text.find(')');
  if (!text.starts_with('(') || close == std::string_view::npos)
    return std::nullopt;
  std::vector<int64_t> shape;
  const char *at = text.data() + 1, *end = text.data() + close;
  while (at != end) {
    if (*at == ' ' || *at == ',') {
      ++at;
      continue;
    }
    int64_t size = 0;
    auto [next, error] = std::from_chars(at, end, size);
    if (error != std::errc() || size < 0)
      return std::nullopt;
    shape.push_back(size);
    at = next;
  }
  return shape;
}

template <typename T>
static void appendValues(std::string_view bytes, std::vector<double> &values) {
  for (size_t at = 0; at != bytes.size(); at += sizeof(T)) {
    T value;
    std::memcpy(&value, bytes.data() + at, sizeof(T));
    values.push_back(value);
  }
}

Result<NpyArray> parseNpy(std::string_view bytes) {
  using namespace std::literals;
  if (bytes.size() < 10 || !bytes.starts_with("\x93NUMPY"sv))
    return malformed("a file without its magic number");
  // Version 1 has a 16-bit header length, versions 2 and 3 a 32-bit one.
  size_t lengthBytes = bytes[6] == 1 ? 2 : 4;
  size_t start = 8 + lengthBytes, length = 0;
  if (bytes.size() < start)
    return malformed("a file that ends in its header");
  std::memcpy(&length, bytes.data() + 8, lengthBytes);
  if (bytes.size() - start < length)
    return malformed("a file that ends in its header");
  std::string_view header = bytes.substr(start, length);
  std::string_view data = bytes.substr(start + length);

  auto descr = valueOf(header, "descr"),
       order = valueOf(header, "fortran_order"),
       shapeText = valueOf(header, "shape");
  auto shape = shapeText ? parseShape(*shapeText) : std::nullopt;
  if (!descr || !order || !shape)
    return malformed("a header without descr, fortran_order and shape");
  if (!order->starts_with("False"))
    return malformed("one in Fortran order; save numpy.ascontiguousarray");

  std::string_view type = descr->substr(0, std::min<size_t>(5, descr->size()));
  const bool isBytes = type == "'|u1'" || type == "'|V1'";
  size_t size = isBytes ? 1 : type == "'<f4'" || type == "'<i4'" ? 4 : 8;
  if (!isBytes && type != "'<f4'" && type != "'<i4'" && type != "'<f8'")
    return malformed(fmt::format(
        "type {}; save as float32, float64, int32 or, of e4m3, uint8", type));

  // Counts down from what is there, so that no shape overflows.
  size_t count = data.size() / size;
  size_t expected = 1;
  for (int64_t extent : *shape) {
    if (extent != 0 && expected > count / static_cast<size_t>(extent))
      return malformed(fmt::format("{} bytes for shape ({})", data.size(),
                                   fmt::join(*shape, ", ")));
    expected *= extent;
  }
  if (data.size() != expected * size)
    return malformed(fmt::format("{} bytes for shape ({})", data.size(),
                                 fmt::join(*shape, ", ")));

  NpyArray array;
  array.shape = std::move(*shape);
  array.isBytes = isBytes;
  array.values.reserve(expected);
  if (isBytes)
    appendValues<uint8_t>(data, array.values);
  else if (type == "'<f4'")
    appendValues<float>(data, array.values);
  else if (type == "'<i4'")
    appendValues<int32_t>(data, array.values);
  else
    appendValues<double>(data, array.values);
  return array;
}

/// The bytes of the entry that the archive stands at.
static Result<std::string> readEntry(unzFile archive, uint64_t size) {
  Error failure = {ErrorCode::IoFailed,
                   "expected an intact entry, got one that fails its check"};
  // minizip reads in unsigned int; nothing a test holds comes near.
  if (size > (uint64_t(1) << 31))
    return Error{
        ErrorCode::Unsupported,
        fmt::format("expected an array of at most 2 GiB, got {} bytes", size)};
  if (unzOpenCurrentFile(archive) != UNZ_OK)
    return failure;
  std::string bytes(size, '\0');
  int64_t got = size ? unzReadCurrentFile(archive, bytes.data(), size) : 0;
  // Closing compares the checksum once all has been read.
  int closed = unzCloseCurrentFile(archive);
  if (got != static_cast<int64_t>(size) || closed != UNZ_OK)
    return failure;
  return bytes;
}

Result<std::map<std::string, NpyArray>>
readNpz(const std::string &path, const std::vector<std::string> &names) {
  std::unique_ptr<void, decltype(&unzClose)> archive(unzOpen64(path.c_str()),
                                                     &unzClose);
  if (!archive)
    return Error{ErrorCode::NotFound,
                 fmt::format("expected a readable .npz file, got '{}'", path)};
  std::map<std::string, NpyArray> arrays;
  for (const std::string &name : names) {
    std::string entry = name + ".npy";
    if (unzLocateFile(archive.get(), entry.c_str(), /*iCaseSensitivity=*/1) !=
        UNZ_OK)
      continue;
    unz_file_info64 info;
    if (unzGetCurrentFileInfo64(archive.get(), &info, nullptr, 0, nullptr, 0,
                                nullptr, 0) != UNZ_OK)
      return Error{ErrorCode::IoFailed,
                   fmt::format("{}: expected a zip archive, got a broken "
                               "directory",
                               path)};
    auto bytes = readEntry(archive.get(), info.uncompressed_size);
    if (!bytes)
      return Error{bytes.error().code, fmt::format("{}: {}: {}", path, entry,
                                                   bytes.error().message)};
    auto array = parseNpy(*bytes);
    if (!array)
      return Error{array.error().code, fmt::format("{}: {}: {}", path, entry,
                                                   array.error().message)};
    arrays.emplace(name, std::move(*array));
  }
  return arrays;
}

/// A version 1 file, whose data begin at a multiple of 64 bytes.
static std::string formatNpy(const NpyArray &array) {
  std::string header = fmt::format(
      "{{'descr': '<f4', 'fortran_order': False, 'shape': ({}{}), }}",
      fmt::join(array.shape, ", "), array.shape.size() == 1 ? "," : "");
  constexpr size_t prefix = 10;
  header.append(63 - (prefix + header.size()) % 64, ' ') += '\n';
  const auto length = static_cast<uint16_t>(header.size());
  std::string bytes("\x93NUMPY\x01\x00", 8);
  bytes.append(reinterpret_cast<const char *>(&length), sizeof(length));
  bytes += header;
  const size_t start = bytes.size();
  bytes.resize(start + array.values.size() * sizeof(float));
  for (size_t i = 0; i != array.values.size(); ++i) {
    const auto value = static_cast<float>(array.values[i]);
    std::memcpy(&bytes[start + i * sizeof(float)], &value, sizeof(float));
  }
  return bytes;
}

static bool writeEntry(zipFile archive, const std::string &name,
                       const std::string &bytes) {
  // Stored, as numpy.savez does; more than 4 GiB need the larger headers.
  const bool isLarge = bytes.size() >= (uint64_t(1) << 32);
  zip_fileinfo info = {};
  info.tmz_date = {0, 0, 0, 1, 0, 1980}; // The same bytes every time.
  if (zipOpenNewFileInZip64(archive, name.c_str(), &info, nullptr, 0, nullptr,
                            0, nullptr, /*method=*/0, /*level=*/0,
                            isLarge) != ZIP_OK)
    return false;
  constexpr size_t most = 1 << 30; // minizip writes an unsigned int.
  bool ok = true;
  for (size_t at = 0; ok && at < bytes.size(); at += most)
    ok = zipWriteInFileInZip(archive, bytes.data() + at,
                             std::min(most, bytes.size() - at)) == ZIP_OK;
  return zipCloseFileInZip(archive) == ZIP_OK && ok;
}

Result<void> writeNpz(const std::string &path,
                      const std::map<std::string, NpyArray> &arrays) {
  const Error failure = {
      ErrorCode::IoFailed,
      fmt::format("expected to write {}, got a failure", path)};
  zipFile archive = zipOpen64(path.c_str(), APPEND_STATUS_CREATE);
  if (!archive)
    return failure;
  bool ok = true;
  for (const auto &[name, array] : arrays)
    ok = ok && writeEntry(archive, name + ".npy", formatNpy(array));
  if (zipClose(archive, nullptr) != ZIP_OK || !ok)
    return failure;
  return {};
}

} // namespace parallax::tools
