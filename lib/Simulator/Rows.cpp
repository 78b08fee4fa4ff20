//===- Rows.cpp - Steps between registers and global memory ---------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Simulator/Cta.h"

#include <cstring>
#include <fmt/format.h>

using namespace parallax;
using namespace parallax::simulator;

/// Where a row of the instruction's tile begins, in elements; none if the row
/// is not there.
std::optional<int64_t> Cta::rowOf(const Role &role, const Instruction &i,
                                  int64_t row) const {
  const int64_t heads = i.imm[0], rows = i.imm[1];
  const int64_t token = scalar(role, i.in[4]) + row / heads;
  if (row >= rows || token >= scalar(role, i.in[5]))
    return std::nullopt;
  return scalar(role, i.in[1]) + token * scalar(role, i.in[2]) +
         row % heads * scalar(role, i.extra[0]);
}

/// The memory of `count` elements from `element` on, or a report.
void *Cta::elements(const Role &role, const Instruction &i, int64_t element,
                    int64_t count) {
  const Argument &pointer = arguments[i.map];
  const int64_t bytes = i.half ? 2 : 4;
  if (element < 0 || (element + count) * bytes > pointer.bytes) {
    report(Report::Kind::OutOfBounds, role.index, i.op,
           fmt::format("expected an index below {}, got {}",
                       pointer.bytes / bytes, element + count - 1));
    return nullptr;
  }
  return static_cast<uint8_t *>(pointer.pointer) + element * bytes;
}

/// Whether an access of global memory is ordered after the stores there.
bool Cta::accessGlobal(const Role &role, const Instruction &i,
                       GridMemory::Kind kind, const void *memory,
                       int64_t bytes) {
  const GridMemory::Store who = {cta, role.index, i.op,
                                 role.clock.own(role.index), kind};
  auto race = grid.access(who, role.clock, memory, bytes);
  if (!race)
    return true;
  const bool isOther = race->cta != cta;
  Report &r = report(
      GridMemory::isWrite(kind) ? Report::Kind::OverwriteBeforeRelease
                                : Report::Kind::ReadBeforeLanding,
      role.index, i.op,
      GridMemory::isBulk(kind) || GridMemory::isBulk(race->kind)
          ? "of global memory: before the kernel's end nothing orders it and "
            "what TMA writes"
      : isOther ? "of global memory: no ticket that this warpgroup was last "
                  "at orders it after another CTA's store"
                : "of global memory: the threads that wrote have not met "
                  "since");
  r.otherIndex = race->op;
  r.other = roleName(race->role);
  if (isOther)
    r.other += fmt::format(" of cta {}", race->cta);
  return false;
}

/// The same of all that TMA moves.
bool Cta::accessBox(const Role &role, const Instruction &i,
                    GridMemory::Kind kind, const Box &box) {
  for (const Run &run : runsOf(box))
    if (!accessGlobal(role, i, kind, run.begin, run.bytes))
      return false;
  return true;
}

void Cta::storeRows(Role &role, const Instruction &i) {
  const Tensor *value = read(role, i.in[0], i);
  for (int64_t r = 0; r < value->shape.rows; ++r) {
    std::optional<int64_t> first = rowOf(role, i, scalar(role, i.in[3]) + r);
    if (!first)
      continue;
    void *memory = elements(role, i, *first, i.columns);
    if (!memory || !accessGlobal(role, i, GridMemory::Kind::Store, memory,
                                 i.columns * (i.half ? 2 : 4)))
      return;
    const float *from = value->data.get() + r * value->shape.columns;
    if (!i.half)
      std::memcpy(memory, from, i.columns * sizeof(float));
    else
      for (int64_t c = 0; c < i.columns; ++c)
        static_cast<uint16_t *>(memory)[c] = toHalf(from[c], i.half);
  }
}

void Cta::loadRows(Role &role, const Instruction &i) {
  TensorRef result = make(role, i);
  const int64_t row = scalar(role, i.in[3]);
  std::optional<int64_t> otherwise = rowOf(role, i, row);
  for (int64_t r = 0; r < i.shape.rows; ++r) {
    std::optional<int64_t> first = rowOf(role, i, row + r);
    if (!first)
      first = otherwise.value_or(-1);
    const void *memory = elements(role, i, *first, i.columns);
    if (!memory || !accessGlobal(role, i, GridMemory::Kind::Load, memory,
                                 i.columns * sizeof(float)))
      return;
    std::memcpy(result->data.get() + r * i.columns, memory,
                i.columns * sizeof(float));
  }
}

void Cta::arriveLast(Role &role, const Instruction &i) {
  meet(role);
  void *memory = elements(role, i, scalar(role, i.in[0]), 1);
  if (!memory)
    return;
  int32_t ticket;
  std::memcpy(&ticket, memory, sizeof(ticket));
  const int64_t count = scalar(role, i.in[1]);
  const bool isLast = ticket + 1 >= count;
  if (ticket >= count)
    report(Report::Kind::TooManyArrivals, role.index, i.op,
           fmt::format("expected {} arrivals at a ticket, got {}", count,
                       ticket + 1));
  ticket = isLast ? 0 : ticket + 1;
  std::memcpy(memory, &ticket, sizeof(ticket));
  grid.arrive({cta, role.index, i.op, role.clock.own(role.index)}, role.clock,
              i.map, scalar(role, i.in[0]), isLast);
  role.scalars[i.result] = isLast;
}
