//===- Values.cpp - Ops that only compute ---------------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Simulator/Cta.h"

#include <bit>
#include <fmt/format.h>
#include <limits>

using namespace parallax;
using namespace parallax::simulator;

/// A tensor's value, and a report if wgmma still uses its registers.
const Tensor *Cta::read(Role &role, int32_t slot, const Instruction &i) {
  const Tensor *tensor = role.tensors[slot].get();
  const bool isRetired = tensor->group < role.retiredGroups;
  if (tensor->use == Tensor::Use::None ||
      (isRetired && tensor->use != Tensor::Use::Result))
    return tensor;
  const bool isResult = tensor->use == Tensor::Use::Result;
  std::string what =
      isResult ? isRetired
                     ? "the result of a multiplication is used, not that of "
                       "the wait_group that retired it"
                     : "the result of a multiplication in flight is used"
      : tensor->use == Tensor::Use::Accumulator
          ? "the accumulator of a multiplication in flight is used"
          : "the fragment of a multiplication in flight is used";
  Report &r = report(Report::Kind::UseInFlight, role.index, i.op, what);
  r.otherIndex = tensor->op;
  r.phase = fmt::format("group {}, of which {} have retired", tensor->group,
                        role.retiredGroups);
  return tensor;
}

TensorRef Cta::make(Role &role, const Instruction &i) {
  TensorRef tensor = std::make_shared<Tensor>(i.shape);
  role.tensors[i.result] = tensor;
  return tensor;
}

void Cta::compute(Role &role, const Instruction &i) {
  if (i.code == Code::Move) {
    if (i.isTensor)
      role.tensors[i.result] = role.tensors[i.in[0]];
    else
      role.scalars[i.result] = role.scalars[i.in[0]];
    return;
  }
  if (i.code == Code::AwaitGrids) {
    role.hasAwaited = true;
    return;
  }
  if (i.isTensor)
    return computeTensor(role, i);
  int64_t none;
  int64_t &result = i.result < 0 ? none : role.scalars[i.result];
  switch (i.code) {
  case Code::Constant:
    result = i.imm[0];
    break;
  case Code::CtaId:
    result = place.index[i.imm[0]];
    break;
  case Code::LoadScalar: {
    const Argument &pointer = arguments[i.map];
    const int64_t index = scalar(role, i.in[0]), bytes = i.width / 8;
    if (index < 0 || (index + 1) * bytes > pointer.bytes) {
      report(Report::Kind::OutOfBounds, role.index, i.op,
             fmt::format("expected an index below {}, got {}",
                         pointer.bytes / bytes, index));
      break;
    }
    const auto *from =
        static_cast<const uint8_t *>(pointer.pointer) + index * bytes;
    int32_t narrow;
    if (bytes == 4) {
      std::memcpy(&narrow, from, 4);
      result = narrow;
    } else {
      std::memcpy(&result, from, 8);
    }
    break;
  }
  case Code::Append:
    append(role, i);
    break;
  default:
    result = evaluateScalar(i, scalar(role, i.in[0]), scalar(role, i.in[1]),
                            scalar(role, i.in[2]));
  }
}

static void mask(const Instruction &i, const Tensor &source, Tensor &result,
                 int64_t row, int64_t token, int64_t key, int64_t length,
                 std::optional<int64_t> shift, std::optional<int64_t> window) {
  const int64_t columns = source.shape.columns;
  const int64_t ofWarp = source.shape.rows / 4;
  const bool perWarp = i.imm[1];
  const int64_t first = key;
  for (int64_t r = 0; r < source.shape.rows; ++r) {
    const int64_t inTile = row + (perWarp ? r % ofWarp : r);
    const int64_t t = token + inTile / i.imm[0];
    key = first + (perWarp ? r / ofWarp * columns : 0);
    int64_t begin = 0, end = length - key;
    if (shift)
      end = std::min(end, t + *shift - key + 1);
    if (window)
      begin = t + *shift - *window - key + 1;
    for (int64_t c = 0; c < columns; ++c)
      result.data[r * columns + c] =
          c >= begin && c < end ? source.data[r * columns + c]
                                : -std::numeric_limits<float>::infinity();
  }
}

/// A result's slot is never an operand's, so that operands stay while the
/// result is made.
void Cta::computeTensor(Role &role, const Instruction &i) {
  const int64_t count = i.shape.count();
  auto source = [&] { return read(role, i.in[0], i); };
  switch (i.code) {
  case Code::LoadEntries:
    return loadEntries(role, i);
  case Code::Constant:
  case Code::Splat: {
    const int64_t bits =
        i.code == Code::Splat ? scalar(role, i.in[0]) : i.imm[0];
    std::fill_n(make(role, i)->data.get(), count,
                std::bit_cast<float>(uint32_t(bits)));
    role.tensors[i.result]->group = std::numeric_limits<int64_t>::min();
    return;
  }
  case Code::Pack: {
    const Tensor *from = source();
    TensorRef to = make(role, i);
    for (int64_t at = 0; at < count; ++at)
      to->data[at] = fromHalf(toHalf(from->data[at], i.half), i.half);
    return;
  }
  case Code::Unpack: {
    const Tensor *from = source();
    TensorRef to = std::make_shared<Tensor>(*from);
    to->use = Tensor::Use::None;
    role.tensors[i.result] = to;
    return;
  }
  case Code::Stack:
  case Code::Unstack: {
    const int64_t group = i.imm[1] ? 1 : 8; // Rows of each in turn.
    const bool stacks = i.code == Code::Stack;
    const Tensor *halves[2] = {source(),
                               stacks ? read(role, i.in[1], i) : nullptr};
    TensorRef to = make(role, i);
    const int64_t columns = i.shape.columns;
    for (int64_t r = 0; r < i.shape.rows; ++r) {
      // The row of the stacked tile, and that of a half.
      const int64_t half = stacks ? r / group % 2 : i.imm[0];
      const int64_t other = stacks ? r / (2 * group) * group + r % group
                                   : (r / group * 2 + half) * group + r % group;
      std::copy_n(halves[stacks ? half : 0]->data.get() + other * columns,
                  columns, to->data.get() + r * columns);
    }
    return;
  }
  case Code::Reduce: {
    const Tensor *from = source();
    reduce(*from, i.imm[0], i.imm[1], *make(role, i));
    return;
  }
  case Code::Broadcast:
  case Code::Rescale: {
    const bool scales = i.code == Code::Rescale;
    const Tensor *from = source();
    const Tensor *factor = scales ? read(role, i.in[1], i) : from;
    TensorRef to = make(role, i);
    const int64_t columns = i.shape.columns;
    for (int64_t r = 0; r < i.shape.rows; ++r)
      for (int64_t c = 0; c < columns; ++c)
        to->data[r * columns + c] =
            scales ? from->data[r * columns + c] * factor->data[r]
                   : from->data[r];
    return;
  }
  case Code::Mask: {
    const Tensor *from = source();
    auto optional = [&](int32_t slot) -> std::optional<int64_t> {
      if (slot < 0)
        return std::nullopt;
      return scalar(role, slot);
    };
    mask(i, *from, *make(role, i), scalar(role, i.in[1]), scalar(role, i.in[2]),
         scalar(role, i.in[3]), scalar(role, i.in[4]), optional(i.in[5]),
         optional(i.extra[0]));
    return;
  }
  default:
    break;
  }
  Lanes lanes[3] = {{nullptr, true}, {nullptr, true}, {nullptr, true}};
  float scalars[3];
  for (int n = 0; n < 3; ++n) {
    if (i.in[n] < 0)
      continue;
    if (i.operandIsTensor >> n & 1) {
      lanes[n] = {read(role, i.in[n], i)->data.get(), false};
    } else {
      scalars[n] = std::bit_cast<float>(uint32_t(scalar(role, i.in[n])));
      lanes[n] = {&scalars[n], true};
    }
  }
  evaluate(i, lanes, make(role, i)->data.get(), count);
}
