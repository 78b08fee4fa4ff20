//===- Memory.cpp - Shared memory and TMA of one CTA ----------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Simulator/Memory.h"

#include "lib/Simulator/Tensor.h"
#include "lib/Simulator/Vectorised.h"

#include <algorithm>

using namespace parallax;
using namespace parallax::simulator;

VECTORISED void SharedMemory::read(const Tile &tile, int64_t base, int64_t row,
                                   int64_t rows, int64_t column,
                                   int64_t columns, bool transpose, float *to,
                                   int64_t stride) {
  constexpr int64_t chunk = 8; // Elements that lie side by side.
  const int64_t down = transpose ? 1 : stride, right = transpose ? stride : 1;
  const int64_t end = column + columns;
  for (int64_t i = 0; i < rows; ++i, to += down)
    for (int64_t c = column / chunk * chunk; c < end; c += chunk) {
      const uint16_t *from = &at(tile, base, row + i, c);
      float values[chunk];
      if (tile.isBFloat16)
        for (int64_t n = 0; n < chunk; ++n)
          values[n] = fromHalf(from[n], 1);
      else
        for (int64_t n = 0; n < chunk; ++n)
          values[n] = fromHalf(from[n], 2);
      if (!transpose && c >= column && c + chunk <= end)
        std::copy_n(values, chunk, to + (c - column));
      else
        for (int64_t n = std::max(c, column); n < std::min(c + chunk, end); ++n)
          to[(n - column) * right] = values[n - c];
    }
}

void SharedMemory::put(int64_t base, const float *values, int64_t count,
                       int half) {
  uint8_t *to = bytes.data() + base;
  if (!half) {
    std::memcpy(to, values, count * sizeof(float));
    return;
  }
  for (int64_t i = 0; i < count; ++i)
    reinterpret_cast<uint16_t *>(to)[i] = toHalf(values[i], half);
}

void SharedMemory::get(int64_t base, float *values, int64_t count,
                       int half) const {
  const uint8_t *from = bytes.data() + base;
  if (!half) {
    std::memcpy(values, from, count * sizeof(float));
    return;
  }
  for (int64_t i = 0; i < count; ++i)
    values[i] = fromHalf(reinterpret_cast<const uint16_t *>(from)[i], half);
}

float simulator::readElement(const void *element, int half) {
  if (half) {
    uint16_t bits;
    std::memcpy(&bits, element, sizeof(bits));
    return fromHalf(bits, half);
  }
  float value;
  std::memcpy(&value, element, sizeof(value));
  return value;
}

void simulator::writeElement(void *element, float value, int half) {
  if (!half) {
    std::memcpy(element, &value, sizeof(value));
    return;
  }
  const uint16_t bits = toHalf(value, half);
  std::memcpy(element, &bits, sizeof(bits));
}

/// Calls function(column 0 of the tensor's row or null, row) for a box.
template <typename Function>
static void visitRows(const Box &box, Function &&function) {
  const Argument &map = *box.map;
  const bool batchInside = box.batch >= 0 && box.batch < map.sizes[3];
  for (int64_t t = 0; t < box.tokens; ++t)
    for (int64_t h = 0; h < box.heads; ++h) {
      const int64_t token = box.token + t, head = box.head + h;
      const bool inside = batchInside && token >= 0 && token < map.sizes[2] &&
                          head >= 0 && head < map.sizes[1];
      uint8_t *row = nullptr;
      if (inside)
        row = static_cast<uint8_t *>(map.pointer) +
              box.tile->elementBytes *
                  (box.batch * map.strides[3] + token * map.strides[2] +
                   head * map.strides[1]);
      function(row, box.row + t * box.heads + h);
    }
}

/// Calls function(element of global memory or null, row, column) for a box.
template <typename Function>
static void visit(const Box &box, Function &&function) {
  visitRows(box, [&](uint8_t *memory, int64_t row) {
    for (int64_t c = 0; c < box.tile->blockColumns(); ++c) {
      const int64_t column = box.column + c;
      const bool visible = memory && column >= 0 && column < box.map->sizes[0];
      function(visible ? memory + box.tile->elementBytes * column : nullptr,
               row, box.tileColumn + c);
    }
  });
}

void simulator::load(const Box &box, SharedMemory &memory) {
  visit(box, [&](const uint8_t *element, int64_t row, int64_t column) {
    uint8_t *to = memory.address(*box.tile, box.base, row, column);
    for (int32_t i = 0; i != box.tile->elementBytes; ++i)
      to[i] = element ? element[i] : 0;
  });
}

void simulator::store(const Box &box, SharedMemory &memory) {
  visit(box, [&](uint8_t *element, int64_t row, int64_t column) {
    if (element)
      std::memcpy(element, memory.address(*box.tile, box.base, row, column),
                  box.tile->elementBytes);
  });
}

Additions simulator::additionsOf(const Box &box, SharedMemory &memory) {
  const int half = box.tile->half();
  Additions additions = {half, {}};
  visit(box, [&](uint8_t *element, int64_t row, int64_t column) {
    if (element)
      additions.elements.emplace_back(
          element,
          readElement(memory.address(*box.tile, box.base, row, column), half));
  });
  return additions;
}

std::vector<Run> simulator::runsOf(const Box &box) {
  const int64_t first = std::max<int64_t>(box.column, 0);
  const int64_t end =
      std::min(box.column + box.tile->blockColumns(), box.map->sizes[0]);
  std::vector<Run> runs;
  if (first < end)
    visitRows(box, [&](const uint8_t *memory, int64_t) {
      if (memory)
        runs.push_back({memory + first * box.tile->elementBytes,
                        (end - first) * box.tile->elementBytes});
    });
  return runs;
}
