//===- Npz.h - Arrays in NumPy's .npz files ------------------- -*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A .npz file is a zip archive of .npy arrays. Read are C-ordered,
// little-endian arrays of float32, float64 and int32, and of bytes: uint8, or a
// type that NumPy does not know, as ml_dtypes' float8_e4m3fn. Written are those
// of float32.
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_TOOLS_SUPPORT_NPZ_H
#define PARALLAX_TOOLS_SUPPORT_NPZ_H

#include "parallax/Result.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace parallax::tools {

/// One array, its numbers as double, which holds each of the types exactly.
struct NpyArray {
  std::vector<int64_t> shape;
  std::vector<double> values;
  bool isBytes = false;
};

/// Reads one .npy file from memory.
Result<NpyArray> parseNpy(std::string_view bytes);

/// Reads the arrays of the archive at `path` whose names are among `names`; one
/// that the archive lacks is left out.
Result<std::map<std::string, NpyArray>>
readNpz(const std::string &path, const std::vector<std::string> &names);

/// Writes the arrays, as float32, by their names.
Result<void> writeNpz(const std::string &path,
                      const std::map<std::string, NpyArray> &arrays);

} // namespace parallax::tools

#endif // PARALLAX_TOOLS_SUPPORT_NPZ_H
