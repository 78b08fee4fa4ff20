//===- Memory.h - Shared memory and TMA of one CTA --------------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Shared memory is bytes. A tile's layout is that of `!hopper.smem`: blocks of
// columns, 128 bytes a row, and in each row the 16-byte chunk c of row r at
// chunk c xor (r mod 8). So an address that is wrong reads what the hardware
// would read. What was never written is NaN.
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_SIMULATOR_MEMORY_H
#define PARALLAX_SIMULATOR_MEMORY_H

#include "lib/Simulator/Program.h"
#include "lib/Simulator/Simulator.h"

#include <cstring>

namespace parallax::simulator {

class SharedMemory {
public:
  explicit SharedMemory(int64_t bytes) : bytes(bytes, 0xff) {}

  /// Where element (row, column) of the stage at `base` lies.
  uint8_t *address(const Tile &tile, int64_t base, int64_t row,
                   int64_t column) {
    const int64_t block = tile.blockColumns();
    const int64_t inRow = column % block * tile.elementBytes;
    const int64_t chunk = (inRow / 16) ^ (row % 8);
    return bytes.data() + base + column / block * tile.blockBytes() +
           row * 128 + chunk * 16 + inRow % 16;
  }
  /// The bits of an element of 16 bits.
  uint16_t &at(const Tile &tile, int64_t base, int64_t row, int64_t column) {
    return *reinterpret_cast<uint16_t *>(address(tile, base, row, column));
  }

  /// Rows `row` to `row` + `rows` - 1, columns `column` to `column` +
  /// `columns` - 1 as f32, element (i, j) at i * stride + j, or at
  /// j * stride + i if transposed.
  void read(const Tile &tile, int64_t base, int64_t row, int64_t rows,
            int64_t column, int64_t columns, bool transpose, float *to,
            int64_t stride);

  int32_t &scalar(int64_t offset) {
    return *reinterpret_cast<int32_t *>(bytes.data() + offset);
  }

  /// `count` registers' values from `base` on, as f32 or 16-bit floats.
  void put(int64_t base, const float *values, int64_t count, int half);
  void get(int64_t base, float *values, int64_t count, int half) const;

private:
  std::vector<uint8_t> bytes;
};

/// An element as f32; `half` says of what type it is, as in `toHalf`, or 0.
float readElement(const void *element, int half);
void writeElement(void *element, float value, int half);

/// A box of a block's columns of a tensor at the coordinates (column, head,
/// token, batch) and the rows of a tile it fills.
struct Box {
  const Argument *map;
  int64_t column, head, token, batch;
  int32_t heads, tokens;
  const Tile *tile;
  int64_t base; ///< Of the stage.
  int64_t row;  ///< Of the tile.
  int64_t tileColumn;
};

/// Global to shared memory, zero where the tensor ends.
void load(const Box &box, SharedMemory &memory);
/// Shared to global memory, dropping what lies outside of the tensor.
void store(const Box &box, SharedMemory &memory);

/// What is to be added to elements of global memory.
struct Additions {
  int half; ///< What they are, as in `toHalf`; 0: f32.
  std::vector<std::pair<void *, float>> elements;
};
/// Those of a box, dropping what lies outside of the tensor.
Additions additionsOf(const Box &box, SharedMemory &memory);

/// A piece of global memory.
struct Run {
  const uint8_t *begin;
  int64_t bytes;
};
/// What of the tensor a box covers.
std::vector<Run> runsOf(const Box &box);

} // namespace parallax::simulator

#endif // PARALLAX_SIMULATOR_MEMORY_H
