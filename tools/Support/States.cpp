//===- States.cpp - States to merge, from files ---------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/Support/Case.h"
#include "tools/Support/Npz.h"

#include <algorithm>
#include <fmt/core.h>
#include <fmt/ranges.h>

namespace parallax::tools {

static Error wrong(std::string message) {
  return {ErrorCode::InvalidArgument, std::move(message)};
}

namespace {

using Shape = std::vector<int64_t>;

/// The names of a state's tensors and where their values go.
struct Field {
  const char *name;
  std::vector<float> Parts::*values;
  bool isWide; ///< Has a head dimension.
};
constexpr Field kFields[] = {{"o1", &Parts::o1, true},
                             {"o2", &Parts::o2, true},
                             {"m", &Parts::m, false},
                             {"d1", &Parts::d1, false},
                             {"d2", &Parts::d2, false}};

class StateReader {
public:
  Result<void> add(const std::string &path);
  Result<Case> finish(Problem problem);

private:
  Result<void> addParts(const std::string &path, const std::string &prefix,
                        bool hasParts, std::map<std::string, NpyArray> &arrays);

  Shape sizes; ///< (batch, length, heads, head dimension), of the first file.
  int64_t count = 0;
  Parts parts;
  NpyArray expected;
};

Result<void> StateReader::add(const std::string &path) {
  std::vector<std::string> names = {"o"};
  for (const Field &field : kFields)
    for (const char *prefix : {"part_", "state_"})
      names.push_back(std::string(prefix) + field.name);
  auto arrays = readNpz(path, names);
  if (!arrays)
    return arrays.error();
  const bool hasParts = arrays->count("part_m"),
             isState = !hasParts && arrays->count("state_m");
  if (!hasParts && !isState && !arrays->count("o"))
    return wrong(
        fmt::format("expected part_m, state_m or o in {}, got none", path));
  if (arrays->count("o") && !isState) {
    if (!expected.shape.empty())
      return wrong(fmt::format("expected one o, got another in {}", path));
    expected = std::move(arrays->at("o"));
  }
  if (hasParts || isState)
    return addParts(path, hasParts ? "part_" : "state_", hasParts, *arrays);
  return {};
}

Result<void> StateReader::addParts(const std::string &path,
                                   const std::string &prefix, bool hasParts,
                                   std::map<std::string, NpyArray> &arrays) {
  int64_t here = 1;
  for (const Field &field : kFields) {
    const std::string name = prefix + field.name;
    if (!arrays.count(name))
      return wrong(fmt::format("expected the five tensors of a state in {}, "
                               "got no {}",
                               path, name));
    NpyArray &array = arrays[name];
    Shape shape = array.shape;
    if (hasParts && !shape.empty()) {
      if (&field == kFields)
        here = shape.front();
      if (shape.front() == here)
        shape.erase(shape.begin());
    }
    // The first says what all must be.
    if (sizes.empty() && shape.size() == 4)
      sizes = shape;
    Shape wanted = sizes;
    if (!field.isWide && !wanted.empty())
      wanted.pop_back();
    if (wanted.empty() || shape != wanted || array.isBytes)
      return wrong(fmt::format(
          "{}: expected {} of shape ({}batch, length, heads{}), as that of the "
          "first state, ({}), got ({})",
          path, name, hasParts ? "parts, " : "",
          field.isWide ? ", head dimension" : "", fmt::join(sizes, ", "),
          fmt::join(array.shape, ", ")));
    std::vector<float> &to = parts.*field.values;
    to.insert(to.end(), array.values.begin(), array.values.end());
  }
  count += here;
  return {};
}

Result<Case> StateReader::finish(Problem problem) {
  if (!count)
    return wrong("expected states to merge, got none");
  if (!expected.shape.empty() && expected.shape != sizes)
    return wrong(fmt::format("expected o of shape ({}), got ({})",
                             fmt::join(sizes, ", "),
                             fmt::join(expected.shape, ", ")));
  problem = withSizes(problem, {sizes[0], sizes[1], problem.keyLength, sizes[2],
                                problem.kvHeads, sizes[3]});
  problem.parts = count;
  if (auto ok = verify(problem); !ok)
    return ok.error();
  Case result;
  result.problem = problem;
  result.inputs.parts = std::move(parts);
  result.expected = std::move(expected.values);
  return result;
}

} // namespace

Result<Case> readStates(Problem problem,
                        const std::vector<std::string> &paths) {
  StateReader reader;
  for (const std::string &path : paths)
    if (auto ok = reader.add(path); !ok)
      return ok.error();
  return reader.finish(problem);
}

} // namespace parallax::tools
