//===- KernelImageTest.cpp - A compiled kernel as bytes -------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "parallax/KernelImage.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <cstring>

using namespace parallax;
using testing::HasSubstr;

namespace {

KernelImage someImage() {
  KernelImage image;
  image.name = "parallax_forward";
  image.target = "sm_90a";
  image.schedule = "128x64, 2 consumers";
  image.ptx = ".version 8.7\n";
  image.code = {0x7f, 'E', 'L', 'F', 0, 255};
  image.threads = 384;
  image.dynamicSharedBytes = 227 * 1024;
  image.tileTokens = 128;
  image.packedHeads = 4;
  image.splitKeys = 128;
  image.cluster = 8;
  image.persistentCtas = 2;
  image.awaitsGrids = true;
  image.parameters = {
      {KernelParameter::Kind::TensorMap, Operand::K, 0, {64, 1, 64, 1}},
      {KernelParameter::Kind::Stride, Operand::O, 2},
      {KernelParameter::Kind::Scale},
      {KernelParameter::Kind::GridSize, Operand::Q, 3, {}, true},
  };
  image.resources = {168, 8, 4, 232448, {"C7510: potential loss", ""}};
  return image;
}

void expectEqual(const KernelImage &x, const KernelImage &y) {
  EXPECT_EQ(x.name, y.name);
  EXPECT_EQ(x.target, y.target);
  EXPECT_EQ(x.schedule, y.schedule);
  EXPECT_EQ(x.ptx, y.ptx);
  EXPECT_EQ(x.code, y.code);
  EXPECT_EQ(x.threads, y.threads);
  EXPECT_EQ(x.dynamicSharedBytes, y.dynamicSharedBytes);
  EXPECT_EQ(x.tileTokens, y.tileTokens);
  EXPECT_EQ(x.packedHeads, y.packedHeads);
  EXPECT_EQ(x.splitKeys, y.splitKeys);
  EXPECT_EQ(x.cluster, y.cluster);
  EXPECT_EQ(x.persistentCtas, y.persistentCtas);
  EXPECT_EQ(x.awaitsGrids, y.awaitsGrids);
  EXPECT_EQ(x.parameters, y.parameters);
  EXPECT_EQ(x.resources.registers, y.resources.registers);
  EXPECT_EQ(x.resources.spillStores, y.resources.spillStores);
  EXPECT_EQ(x.resources.spillLoads, y.resources.spillLoads);
  EXPECT_EQ(x.resources.sharedBytes, y.resources.sharedBytes);
  EXPECT_EQ(x.resources.notes, y.resources.notes);
}

Result<KernelImage> read(const std::vector<uint8_t> &bytes) {
  return KernelImage::deserialize(bytes.data(), bytes.size());
}

} // namespace

TEST(KernelImage, RoundTrips) {
  for (const KernelImage &image : {someImage(), KernelImage()}) {
    Result<KernelImage> back = read(image.serialize());
    ASSERT_TRUE(back) << back.error().message;
    expectEqual(*back, image);
    EXPECT_EQ(back->serialize(), image.serialize());
  }
}

TEST(KernelImage, EveryTruncationIsRefused) {
  std::vector<uint8_t> bytes = someImage().serialize();
  for (size_t size = 0; size < bytes.size(); ++size) {
    // On the heap at its exact size, so that a sanitizer sees a byte too far.
    std::vector<uint8_t> part(bytes.begin(), bytes.begin() + size);
    EXPECT_FALSE(read(part)) << size;
  }
}

TEST(KernelImage, BytesBehindItAreRefused) {
  std::vector<uint8_t> bytes = someImage().serialize();
  bytes.push_back(0);
  EXPECT_FALSE(read(bytes));
}

TEST(KernelImage, AnotherVersionIsRefused) {
  std::vector<uint8_t> bytes = someImage().serialize();
  ++bytes[0];
  Result<KernelImage> image = read(bytes);
  ASSERT_FALSE(image);
  EXPECT_THAT(image.error().message, HasSubstr("version"));
}

// The form has no checksum of its own: a flipped byte gives an error or an
// image that says what the bytes say, never a crash or a wild allocation.
TEST(KernelImage, EveryFlippedByteIsReadSafely) {
  const std::vector<uint8_t> bytes = someImage().serialize();
  for (size_t i = 0; i < bytes.size(); ++i)
    for (uint8_t flip : {0x01, 0x80, 0xff}) {
      std::vector<uint8_t> broken = bytes;
      broken[i] ^= flip;
      if (Result<KernelImage> image = read(broken))
        EXPECT_EQ(image->serialize(), broken) << i;
    }
}

TEST(KernelImage, OperandNamesRoundTrip) {
  for (int i = 0; i < kNumOperands; ++i) {
    auto operand = static_cast<Operand>(i);
    EXPECT_EQ(*parseOperand(toString(operand)), operand);
  }
  EXPECT_FALSE(parseOperand("w"));
}
