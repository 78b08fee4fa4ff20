//===- KernelImage.cpp - A compiled kernel and how to launch it -----------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The serialised form is a version and the fields in order, little endian, each
// string and array behind its 64-bit length. It carries no checksum: the disk
// cache has one for the whole entry. A reader never trusts a length.
//
//===----------------------------------------------------------------------===//

#include "parallax/KernelImage.h"

#include <fmt/format.h>

#include <cstring>
#include <type_traits>

using namespace parallax;

std::string_view parallax::toString(Operand operand) {
  constexpr std::string_view names[kNumOperands] = {
      "q",           "r",           "k",
      "v",           "o",           "used_lengths",
      "row_max",     "d1",          "tbar",
      "log_sum_exp", "block_table", "state_o1",
      "state_o2",    "state_m",     "state_d1",
      "state_d2",    "part_o1",     "part_o2",
      "part_m",      "part_d1",     "part_d2",
      "new_k",       "new_v",       "k_scale",
      "v_scale"};
  return names[static_cast<size_t>(operand)];
}

Result<Operand> parallax::parseOperand(std::string_view text) {
  for (int i = 0; i < kNumOperands; ++i)
    if (toString(static_cast<Operand>(i)) == text)
      return static_cast<Operand>(i);
  return Error{ErrorCode::InvalidArgument,
               fmt::format("expected the name of an operand, got '{}'", text)};
}

namespace {

constexpr uint32_t kVersion = 5;

class Writer {
public:
  template <typename T>
    requires std::is_arithmetic_v<T>
  void write(T value) {
    const auto *data = reinterpret_cast<const uint8_t *>(&value);
    bytes.insert(bytes.end(), data, data + sizeof(T));
  }
  template <typename Container> void writeBytes(const Container &container) {
    write<uint64_t>(container.size());
    bytes.insert(bytes.end(), container.begin(), container.end());
  }
  std::vector<uint8_t> take() { return std::move(bytes); }

private:
  std::vector<uint8_t> bytes;
};

class Reader {
public:
  Reader(const uint8_t *data, size_t size) : data(data), left(size) {}

  template <typename T>
    requires std::is_arithmetic_v<T>
  bool read(T &value) {
    if (left < sizeof(T))
      return false;
    std::memcpy(&value, data, sizeof(T));
    data += sizeof(T);
    left -= sizeof(T);
    return true;
  }
  template <typename Container> bool readBytes(Container &container) {
    uint64_t size;
    if (!read(size) || size > left)
      return false;
    container.assign(data, data + size);
    data += size;
    left -= size;
    return true;
  }
  /// A count of things that take at least one byte each.
  bool readCount(uint64_t &count) { return read(count) && count <= left; }
  bool atEnd() const { return left == 0; }

private:
  const uint8_t *data;
  size_t left;
};

bool readParameter(Reader &reader, KernelParameter &parameter) {
  uint8_t kind, operand;
  if (!reader.read(kind) || !reader.read(operand) ||
      !reader.read(parameter.dim))
    return false;
  if (kind > static_cast<uint8_t>(KernelParameter::Kind::Workspace) ||
      operand >= kNumOperands)
    return false;
  parameter.kind = static_cast<KernelParameter::Kind>(kind);
  parameter.operand = static_cast<Operand>(operand);
  for (int32_t &size : parameter.box)
    if (!reader.read(size))
      return false;
  uint8_t reciprocal;
  if (!reader.read(reciprocal) || reciprocal > 1)
    return false;
  parameter.reciprocal = reciprocal != 0;
  return true;
}

bool readImage(Reader &reader, KernelImage &image) {
  uint64_t parameters, notes;
  uint8_t awaitsGrids;
  if (!reader.readBytes(image.name) || !reader.readBytes(image.target) ||
      !reader.readBytes(image.schedule) || !reader.readBytes(image.ptx) ||
      !reader.readBytes(image.code) || !reader.read(image.threads) ||
      !reader.read(image.dynamicSharedBytes) ||
      !reader.read(image.tileTokens) || !reader.read(image.packedHeads) ||
      !reader.read(image.splitKeys) || !reader.read(image.persistentCtas) ||
      !reader.read(image.cluster) || !reader.read(awaitsGrids) ||
      awaitsGrids > 1 || !reader.readCount(parameters))
    return false;
  image.awaitsGrids = awaitsGrids != 0;
  image.parameters.resize(parameters);
  for (KernelParameter &parameter : image.parameters)
    if (!readParameter(reader, parameter))
      return false;
  ResourceReport &resources = image.resources;
  if (!reader.read(resources.registers) ||
      !reader.read(resources.spillStores) ||
      !reader.read(resources.spillLoads) ||
      !reader.read(resources.sharedBytes) || !reader.readCount(notes))
    return false;
  resources.notes.resize(notes);
  for (std::string &note : resources.notes)
    if (!reader.readBytes(note))
      return false;
  return reader.atEnd();
}

} // namespace

std::vector<uint8_t> KernelImage::serialize() const {
  Writer writer;
  writer.write(kVersion);
  writer.writeBytes(name);
  writer.writeBytes(target);
  writer.writeBytes(schedule);
  writer.writeBytes(ptx);
  writer.writeBytes(code);
  writer.write(threads);
  writer.write(dynamicSharedBytes);
  writer.write(tileTokens);
  writer.write(packedHeads);
  writer.write(splitKeys);
  writer.write(persistentCtas);
  writer.write(cluster);
  writer.write<uint8_t>(awaitsGrids);
  writer.write<uint64_t>(parameters.size());
  for (const KernelParameter &parameter : parameters) {
    writer.write(static_cast<uint8_t>(parameter.kind));
    writer.write(static_cast<uint8_t>(parameter.operand));
    writer.write(parameter.dim);
    for (int32_t size : parameter.box)
      writer.write(size);
    writer.write<uint8_t>(parameter.reciprocal);
  }
  writer.write(resources.registers);
  writer.write(resources.spillStores);
  writer.write(resources.spillLoads);
  writer.write(resources.sharedBytes);
  writer.write<uint64_t>(resources.notes.size());
  for (const std::string &note : resources.notes)
    writer.writeBytes(note);
  return writer.take();
}

Result<KernelImage> KernelImage::deserialize(const uint8_t *data, size_t size) {
  Reader reader(data, size);
  uint32_t version;
  if (!reader.read(version) || version != kVersion)
    return Error{
        ErrorCode::InvalidArgument,
        fmt::format("expected a kernel image of version {}", kVersion)};
  KernelImage image;
  if (!readImage(reader, image))
    return Error{
        ErrorCode::InvalidArgument,
        "expected a whole kernel image, got one that is cut or broken"};
  return image;
}
