//===- Mutator.cpp - Changes MLIR text by words and lines -----------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/Fuzz/Mutator.h"

#include <algorithm>
#include <cctype>
#include <cstring>
#include <random>
#include <string>
#include <string_view>
#include <vector>

extern "C" size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t maxSize);

namespace {

using Random = std::minstd_rand;

constexpr std::string_view kNumbers[] = {
    "0",    "1",          "-1",         "2",          "7",
    "8",    "16",         "24",         "63",         "64",
    "65",   "128",        "255",        "256",        "264",
    "4096", "2147483647", "4294967296", "1048576000", "9223372036854775807",
};

constexpr std::string_view kWords[] = {
    "bf16",          "f16",        "f32",
    "f64",           "i1",         "i32",
    "i64",           "index",      "tensor",
    "memref",        "vector",     "?",
    "hopper.acc",    "none",       "causal",
    "transpose",     "hopper.row", "tile.kernel",
    "hopper.kernel", "unsigned",   "operand_a",
    "row_partial",   "q",          "k",
    "tile",          "hopper",     "parallax",
    "forward",       "decode",
};

bool isWord(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.';
}

size_t pick(Random &random, size_t count) { return random() % count; }

/// A word of the text: digits alone, or letters, or a name after % or !.
struct Span {
  size_t begin, size;
};

std::vector<Span> spansOf(const std::string &text, bool digits) {
  std::vector<Span> spans;
  for (size_t i = 0; i < text.size();) {
    const size_t begin = i;
    while (i < text.size() && isWord(text[i]) &&
           (!digits || std::isdigit(static_cast<unsigned char>(text[i]))))
      ++i;
    if (i > begin)
      spans.push_back({begin, i - begin});
    else
      ++i;
  }
  return spans;
}

void replaceNumber(std::string &text, Random &random) {
  const auto spans = spansOf(text, /*digits=*/true);
  if (spans.empty())
    return;
  const Span span = spans[pick(random, spans.size())];
  text.replace(span.begin, span.size,
               kNumbers[pick(random, std::size(kNumbers))]);
}

/// Replaces a word by a known one, or by another of the text.
void replaceWord(std::string &text, Random &random) {
  const auto spans = spansOf(text, /*digits=*/false);
  if (spans.empty())
    return;
  const Span span = spans[pick(random, spans.size())];
  const Span other = spans[pick(random, spans.size())];
  const std::string word =
      random() % 2 ? std::string(kWords[pick(random, std::size(kWords))])
                   : text.substr(other.begin, other.size);
  text.replace(span.begin, span.size, word);
}

void changeLine(std::string &text, Random &random) {
  std::vector<std::string> lines;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size() - 1) + 1;
    lines.push_back(text.substr(begin, end - begin));
    begin = end;
  }
  if (lines.empty())
    return;
  const size_t from = pick(random, lines.size());
  const size_t to = pick(random, lines.size());
  const std::string line = lines[from];
  const unsigned action = random() % 3;
  if (action != 0) // Remove it, to move it or not.
    lines.erase(lines.begin() + from);
  if (action != 1)
    lines.insert(lines.begin() + std::min(to, lines.size()), line);
  text.clear();
  for (const std::string &each : lines)
    text += each;
}

} // namespace

size_t parallax::fuzz::mutateText(uint8_t *data, size_t size, size_t maxSize,
                                  unsigned seed) {
  Random random(seed + 1);
  if (random() % 16 == 0)
    return LLVMFuzzerMutate(data, size, maxSize);
  std::string text(reinterpret_cast<const char *>(data), size);
  for (unsigned i = 0, count = 1 + random() % 3; i != count; ++i)
    switch (random() % 4) {
    case 0:
    case 1:
      replaceNumber(text, random);
      break;
    case 2:
      replaceWord(text, random);
      break;
    default:
      changeLine(text, random);
    }
  const size_t length = std::min(text.size(), maxSize);
  std::memcpy(data, text.data(), length);
  return length;
}
