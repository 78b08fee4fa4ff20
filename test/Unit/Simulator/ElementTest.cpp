//===- ElementTest.cpp - Tests of the simulator's arithmetic --------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Simulator/Memory.h"
#include "lib/Simulator/Tensor.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

using namespace parallax;
using namespace parallax::simulator;

static float exp2Of(float x) {
  Instruction i;
  i.element = Element::Exp2;
  return std::bit_cast<float>(
      uint32_t(evaluateScalar(i, std::bit_cast<uint32_t>(x), 0, 0)));
}

TEST(ElementTest, Exp2IsNearAndFlushesDenormals) {
  for (float x = -125.9f; x < 127.9f; x += 0.0371f)
    EXPECT_NEAR(exp2Of(x) / std::exp2(double(x)), 1, 4e-7) << x;
  constexpr float infinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(exp2Of(0), 1);
  EXPECT_EQ(exp2Of(-infinity), 0);
  EXPECT_EQ(exp2Of(-3.4e38f), 0);
  EXPECT_EQ(exp2Of(-130), 0);
  EXPECT_EQ(exp2Of(infinity), infinity);
  EXPECT_TRUE(std::isnan(exp2Of(std::nanf(""))));
}

TEST(ElementTest, HalvesRoundToNearestEven) {
  // 1 + 2^-8 lies between two bf16, 1 + 3 * 2^-8 too: to the even one.
  EXPECT_EQ(fromHalf(toHalf(1 + 0x1p-8f, 1), 1), 1);
  EXPECT_EQ(fromHalf(toHalf(1 + 3 * 0x1p-8f, 1), 1), 1 + 0x1p-6f);
  EXPECT_EQ(fromHalf(toHalf(1 + 0x1p-11f, 2), 2), 1);
  EXPECT_EQ(fromHalf(toHalf(65520, 2), 2),
            std::numeric_limits<float>::infinity());
  EXPECT_TRUE(std::isnan(fromHalf(toHalf(std::nanf(""), 1), 1)));
}

TEST(ElementTest, IntegersWrapAtTheirWidth) {
  Instruction i;
  i.width = 32;
  i.element = Element::AddI;
  EXPECT_EQ(evaluateScalar(i, 0x7fffffff, 1, 0), -0x80000000ll);
  i.element = Element::DivU;
  EXPECT_EQ(evaluateScalar(i, -1, 2, 0), 0x7fffffff);
  i.element = Element::DivS;
  EXPECT_EQ(evaluateScalar(i, -7, 2, 0), -3);
  i.element = Element::RemU;
  EXPECT_EQ(evaluateScalar(i, 7, 4, 0), 3);
  i.element = Element::CmpI;
  i.predicate = 6; // ult
  EXPECT_EQ(evaluateScalar(i, -1, 0, 0), 0);
}

TEST(ElementTest, ReduceKeepsLanesApart) {
  Tensor source({64, 16}), partial({64, 4}), row({64, 1});
  for (int64_t r = 0; r < 64; ++r)
    for (int64_t c = 0; c < 16; ++c)
      source.data[r * 16 + c] = float(c);
  reduce(source, /*isMax=*/false, /*perWarp=*/false, partial);
  // Lane 1 has columns 2, 3, 10 and 11.
  EXPECT_EQ(partial.data[5 * 4 + 1], 26);
  reduce(partial, /*isMax=*/false, /*perWarp=*/false, row);
  EXPECT_EQ(row.data[5], 120);
  reduce(source, /*isMax=*/true, /*perWarp=*/false, row);
  EXPECT_EQ(row.data[5], 15);
  // Of each warp's own rows lane 1 has columns 1 and 9.
  Tensor eight({64, 8});
  reduce(source, /*isMax=*/false, /*perWarp=*/true, eight);
  EXPECT_EQ(eight.data[5 * 8 + 1], 10);
  reduce(eight, /*isMax=*/false, /*perWarp=*/true, row);
  EXPECT_EQ(row.data[5], 120);
}

TEST(ElementTest, TilesAreSwizzled) {
  const Tile tile = {0, 1, 64, 128, true, 2, "tile"};
  SharedMemory memory(64 * 128 * 2);
  auto *first = &memory.at(tile, 0, 0, 0);
  auto offset = [&](int64_t row, int64_t column) {
    return &memory.at(tile, 0, row, column) - first;
  };
  EXPECT_EQ(offset(0, 1), 1);
  EXPECT_EQ(offset(1, 0), 64 + 8);      // Chunk 0 xor 1.
  EXPECT_EQ(offset(7, 63), 7 * 64 + 7); // Chunk 7 xor 7.
  EXPECT_EQ(offset(8, 0), 8 * 64);
  EXPECT_EQ(offset(0, 64), 64 * 64); // The next block.
}

// A block's row has 128 elements of 8 bits, a chunk 16.
TEST(ElementTest, NarrowTilesAreSwizzled) {
  const Tile tile = {0, 2, 64, 256, false, 1, "tile"};
  EXPECT_EQ(tile.stageBytes(), 64 * 256);
  SharedMemory memory(2 * 64 * 256);
  auto *first = memory.address(tile, 0, 0, 0);
  auto offset = [&](int64_t row, int64_t column) {
    return memory.address(tile, 0, row, column) - first;
  };
  EXPECT_EQ(offset(0, 15), 15);
  EXPECT_EQ(offset(1, 0), 128 + 16);       // Chunk 0 xor 1.
  EXPECT_EQ(offset(7, 127), 7 * 128 + 15); // Chunk 7 xor 7.
  EXPECT_EQ(offset(0, 128), 64 * 128);     // The next block.
}

TEST(ElementTest, E4M3) {
  EXPECT_EQ(fromE4M3(0x00), 0);
  EXPECT_TRUE(std::signbit(fromE4M3(0x80)));
  EXPECT_EQ(fromE4M3(0x01), 0x1p-9f);
  EXPECT_EQ(fromE4M3(0x07), 7 * 0x1p-9f);
  EXPECT_EQ(fromE4M3(0x08), 0x1p-6f);
  EXPECT_EQ(fromE4M3(0xb8), -1);
  EXPECT_EQ(fromE4M3(0x7e), 448);
  EXPECT_TRUE(std::isnan(fromE4M3(0x7f)));
  EXPECT_TRUE(std::isnan(fromE4M3(0xff)));
}

TEST(ElementTest, TmaFillsWithZeroAndDropsOutside) {
  uint16_t elements[2][3][64]; // Tokens, heads, columns.
  for (auto &token : elements)
    for (auto &head : token)
      for (uint16_t &element : head)
        element = 7;
  Argument map;
  map.pointer = elements;
  map.sizes = {40, 3, 2, 1};
  map.strides = {1, 64, 3 * 64, 0};
  const Tile tile = {0, 1, 64, 64, true, 2, "tile"};
  SharedMemory memory(64 * 64 * 2);
  Box box = {&map, 0, 2, 1, 0, 2, 2, &tile, 0, 8, 0};
  load(box, memory);
  // Row t * heads + h; head 3 and token 2 are outside.
  EXPECT_EQ(memory.at(tile, 0, 8, 39), 7);
  EXPECT_EQ(memory.at(tile, 0, 8, 40), 0);
  EXPECT_EQ(memory.at(tile, 0, 9, 0), 0);
  EXPECT_EQ(memory.at(tile, 0, 10, 0), 0);
  EXPECT_EQ(memory.at(tile, 0, 7, 0), 0xffff) << "outside of the box";
  memory.at(tile, 0, 8, 3) = 9;
  memory.at(tile, 0, 8, 50) = 9;
  store(box, memory);
  EXPECT_EQ(elements[1][2][3], 9);
  EXPECT_EQ(elements[1][2][50], 7);
}
