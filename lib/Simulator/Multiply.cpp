//===- Multiply.cpp - Asynchronous multiplications ------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A multiplication reads its operands somewhere between its issue and the wait
// that retires its group; until then its result is NaN. What it uses is marked,
// so that any other use of those registers is found.
//
//===----------------------------------------------------------------------===//

#include "lib/Simulator/Cta.h"

#include <limits>

using namespace parallax;
using namespace parallax::simulator;

void Cta::issue(Role &role, const Instruction &i) {
  auto m = std::make_shared<Multiplication>();
  m->instruction = &i;
  m->group = role.openGroup;
  const Tile &b = program.tiles[i.tileB];
  const int64_t inner = i.imm[0], n = i.shape.columns;
  const bool transpose = i.imm[1];
  m->baseB = stageBase(role, b, i.in[3]);
  m->columnB = scalar(role, i.in[4]);
  m->rowA = scalar(role, i.in[2]);
  const int64_t rowsB = transpose ? n : inner, columnsB = transpose ? inner : n;
  if (!isInside(role, i, b, 0, rowsB, m->columnB, columnsB))
    return;
  access(role, Access::Kind::Wgmma,
         regionOf(b, m->baseB, 0, rowsB, m->columnB, columnsB), i, b.name);
  m->accesses.push_back(races.last());
  if (i.tile >= 0) {
    const Tile &a = program.tiles[i.tile];
    m->baseA = stageBase(role, a, i.in[1]);
    if (!isInside(role, i, a, m->rowA, i.box[0], 0, inner))
      return;
    access(role, Access::Kind::Wgmma,
           regionOf(a, m->baseA, m->rowA, i.box[0], 0, inner), i, a.name);
    m->accesses.push_back(races.last());
  } else {
    m->a = role.tensors[i.in[0]];
    // Two multiplications may read one fragment.
    if (m->a->use != Tensor::Use::Fragment)
      read(role, i.in[0], i);
  }
  if (i.in[5] >= 0) {
    m->accumulator = role.tensors[i.in[5]];
    read(role, i.in[5], i);
  }
  // A constant is made anew for whoever uses it.
  auto mark = [&](const TensorRef &tensor, Tensor::Use use) {
    if (!tensor || tensor->group == std::numeric_limits<int64_t>::min())
      return;
    tensor->use = use;
    tensor->group = m->group;
    tensor->op = i.op;
  };
  mark(m->a, Tensor::Use::Fragment);
  mark(m->accumulator, Tensor::Use::Accumulator);
  m->result = make(role, i);
  std::fill_n(m->result->data.get(), i.shape.count(),
              std::numeric_limits<float>::quiet_NaN());
  mark(m->result, Tensor::Use::Result);
  role.inFlight.push_back(m);
  if (multiplyOneIn == 1)
    multiplyNow(*m);
  else
    pending.push_back(m);
}

void Cta::multiplyNow(Multiplication &m) {
  if (m.isDone)
    return;
  m.isDone = true;
  const Instruction &i = *m.instruction;
  const Tile &tileB = program.tiles[i.tileB];
  const int64_t inner = i.imm[0], n = i.shape.columns;
  std::vector<float> b(inner * n), a;
  if (i.imm[1])
    memory.read(tileB, m.baseB, 0, n, 0, inner, true, b.data(), n);
  else
    memory.read(tileB, m.baseB, 0, inner, m.columnB, n, false, b.data(), n);
  const float *dataA;
  int64_t strideA = inner;
  if (m.a) {
    dataA = m.a->data.get();
    strideA = m.a->shape.columns;
  } else {
    // Rows that are not given may hold anything.
    a.resize(64 * inner, std::numeric_limits<float>::quiet_NaN());
    memory.read(program.tiles[i.tile], m.baseA, m.rowA, i.box[0], 0, inner,
                false, a.data(), inner);
    dataA = a.data();
  }
  multiply(dataA, strideA, b.data(), inner, n,
           m.accumulator ? m.accumulator->data.get() : nullptr,
           m.result->data.get());
}

void Cta::waitGroup(Role &role, const Instruction &i) {
  role.retiredGroups = std::max(role.retiredGroups, role.openGroup - i.imm[0]);
  while (!role.inFlight.empty() &&
         role.inFlight.front()->group < role.retiredGroups) {
    Multiplication &m = *role.inFlight.front();
    multiplyNow(m);
    for (int32_t access : m.accesses) {
      races[access].isDone = true;
      races[access].doneEpoch = role.clock.own(role.index);
    }
    role.inFlight.pop_front();
  }
  std::erase_if(pending, [](auto &m) { return m->isDone; });
  std::vector<TensorRef> results;
  for (int32_t slot : i.extra) {
    TensorRef tensor = role.tensors[slot];
    if (tensor->use != Tensor::Use::None &&
        tensor->group < role.retiredGroups) {
      tensor = std::make_shared<Tensor>(*tensor);
      tensor->use = Tensor::Use::None;
    }
    results.push_back(std::move(tensor));
  }
  for (size_t n = 0; n != results.size(); ++n)
    role.tensors[i.results[n]] = std::move(results[n]);
}
