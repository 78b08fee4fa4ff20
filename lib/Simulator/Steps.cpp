//===- Steps.cpp - Barriers and the order of a role's steps ---------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Simulator/Cta.h"

#include <fmt/format.h>

using namespace parallax;
using namespace parallax::simulator;

void Cta::advance(Role &role) {
  // Between two steps only values are computed, but a loop without a step
  // would never come back.
  constexpr int64_t kMostBetween = 1 << 20;
  for (int64_t n = 0; n != kMostBetween && !found; ++n) {
    const Instruction &i = (*role.list)[role.at];
    switch (i.code) {
    case Code::Jump:
      role.at = i.target;
      continue;
    case Code::JumpUnless:
      role.at = role.scalars[i.in[0]] & 1 ? role.at + 1 : i.target;
      continue;
    case Code::JumpIfLess:
      role.at = role.scalars[i.in[0]] < role.scalars[i.in[1]] ? i.target
                                                              : role.at + 1;
      continue;
    case Code::End:
      finishStores(role);
      role.isEnded = true;
      return;
    default:
      break;
    }
    if (program.awaitsGrids && i.map >= 0 && !role.hasAwaited) {
      report(Report::Kind::UnawaitedGrid, role.index, i.op,
             "earlier launches may still use device memory");
      return;
    }
    if (i.code < Code::Wait) {
      compute(role, i);
      ++role.at;
      continue;
    }
    ++role.clock.own(role.index);
    if (role.index == 0) // One thread has always met.
      role.clock.synced(0) = role.clock.own(0);
    const int32_t before = role.at;
    perform(role, i);
    const bool isWaiting = role.waitsBarrier >= 0 || role.waitsNamed >= 0;
    if (!isWaiting)
      role.at = before + 1;
    if (events.on() && !isWaiting) {
      const int64_t begin = role.since ? role.since : step;
      events.span(role.index, begin, step - begin + 1, program.ops[i.op].name);
      role.since = 0;
    } else if (isWaiting && !role.since) {
      role.since = step;
    }
    return;
  }
  if (!found)
    report(Report::Kind::StepLimit, role.index, (*role.list)[role.at].op,
           "a loop without a step does not end");
}

void Cta::perform(Role &role, const Instruction &i) {
  switch (i.code) {
  case Code::Wait:
    return wait(role, i);
  case Code::Expect:
  case Code::Arrive: {
    uint32_t phase;
    const int64_t barrier = barrierOf(role, i, i.in[0], phase);
    if (i.code == Code::Expect)
      return arrive(role, barrier, 1, i.imm[0], i.op);
    finishStores(role);
    return arrive(role, barrier,
                  isConverter(role.index) ? program.converterWarps : 4, 0,
                  i.op);
  }
  case Code::WarpgroupBarrier:
    return meet(role);
  case Code::NamedSync:
    return named(role, i, true);
  case Code::NamedArrive:
    return named(role, i, false);
  case Code::FenceAsync:
    role.clock.fence();
    return races.fence(role.index, role.clock.own(role.index));
  case Code::TmaLoad:
    return tmaLoad(role, i);
  case Code::TmaStore:
    return tmaStore(role, i);
  case Code::StoreFragment:
    return storeFragment(role, i);
  case Code::LoadFragment:
    return loadFragment(role, i);
  case Code::Put:
    return put(role, i);
  case Code::Get:
    return get(role, i);
  case Code::PutScalar:
    return putScalar(role, i);
  case Code::GetScalar:
    return getScalar(role, i);
  case Code::ZeroRows:
    return zeroRows(role, i);
  case Code::Convert:
    return convert(role, i);
  case Code::Gather:
    return gather(role, i);
  case Code::StoreRows:
    return storeRows(role, i);
  case Code::LoadRows:
    return loadRows(role, i);
  case Code::ArriveLast:
    return arriveLast(role, i);
  case Code::MergeRows:
    return mergeRows(role, i);
  case Code::ClusterWait:
    // All CTAs have come before the roles began.
    role.knowsPeers = true;
    return;
  case Code::SendRows:
    return sendRows(role, i);
  case Code::AwaitRows:
    return awaitRows(role, i);
  case Code::MergeReceived:
    return mergeReceived(role, i);
  case Code::WarpMma:
    return warpMma(role, i);
  case Code::MergeWarps:
    return mergeWarps(role, i);
  case Code::Wgmma:
    return issue(role, i);
  case Code::Commit:
    ++role.openGroup;
    return;
  case Code::WaitGroup:
    return waitGroup(role, i);
  default:
    return;
  }
}

/// The barrier that a use means, and the number of its phase.
int64_t Cta::barrierOf(const Role &role, const Instruction &i, int32_t slot,
                       uint32_t &phase) {
  const Ring &ring = program.rings[i.barrier];
  const uint32_t use = static_cast<uint32_t>(scalar(role, slot));
  phase = use / ring.stages;
  return ring.first + use % ring.stages;
}

void Cta::wait(Role &role, const Instruction &i) {
  uint32_t use;
  const int64_t index = barrierOf(role, i, i.in[0], use);
  const Barrier &barrier = barriers[index];
  const int64_t wanted = int64_t(use) - i.imm[0];
  const int64_t ahead = int64_t(barrier.phase) - wanted;
  role.waitsBarrier = -1;
  if (ahead == 0) {
    role.waitsBarrier = index;
    role.waitsPhase = wanted;
    return;
  }
  if (ahead != 1) {
    Report &r = report(
        Report::Kind::PhaseAliasing, role.index, i.op,
        ahead < 0 ? "phases before it are not complete, so that a parity lets "
                    "the wait through too early"
                  : "later phases are complete, so that a parity may hold the "
                    "wait for ever");
    r.barrier = barrierName(index);
    r.phase = fmt::format("waits for phase {} while phase {} is current",
                          wanted, barrier.phase);
    return;
  }
  // Phase -1 was complete before the kernel began.
  if (!barrier.phase)
    return;
  role.clock.join(barrier.released);
  if (barrier.completedBy != role.index)
    events.arrow(barrier.completedBy, barrier.completedAt, role.index, step);
}

void Cta::arrive(Role &role, int64_t index, int64_t arrivals, int64_t bytes,
                 int32_t op) {
  Barrier &barrier = barriers[index];
  barrier.arrived += arrivals;
  barrier.bytes += bytes;
  barrier.arriving.join(role.clock);
  if (barrier.arrived > barrier.count) {
    Report &r = report(Report::Kind::TooManyArrivals, role.index, op,
                       fmt::format("expected {} arrivals in a phase, got {}",
                                   barrier.count, barrier.arrived));
    r.barrier = barrierName(index);
    r.phase = fmt::format("phase {}", barrier.phase);
    return;
  }
  complete(index, role.index);
}

/// Starts a barrier's next phase if all has come, `role`'s at last.
void Cta::complete(int64_t index, int role) {
  Barrier &barrier = barriers[index];
  if (barrier.arrived != barrier.count || barrier.bytes != 0)
    return;
  ++barrier.phase;
  barrier.arrived = 0;
  barrier.released = barrier.arriving;
  barrier.released.phases(index) = barrier.phase;
  barrier.arriving = newClock();
  barrier.completedBy = role;
  barrier.completedAt = step;
}

/// All threads of the warpgroup have come here: what one did before is known to
/// all, and the thread that stores has waited for its reads.
void Cta::meet(Role &role) {
  role.clock.synced(role.index) = role.clock.own(role.index);
  finishStores(role);
}

void Cta::named(Role &role, const Instruction &i, bool waits) {
  const int64_t id = scalar(role, i.in[0]);
  auto wrong = [&](std::string what) {
    report(Report::Kind::NamedBarrier, role.index, i.op, std::move(what))
        .barrier = fmt::format("named {}", id);
  };
  if (id < 0 || id > 6)
    return wrong(fmt::format("expected an id in [0, 6], got {}", id));
  NamedBarrier &barrier = named_[id];
  if (role.waitsNamed >= 0) { // Comes back from its wait.
    role.waitsNamed = -1;
    role.clock.join(barrier.released);
    return;
  }
  if (barrier.arrived && barrier.threads != i.imm[0])
    return wrong(fmt::format("expected {} threads as those who came before, "
                             "got {}",
                             barrier.threads, i.imm[0]));
  if (!barrier.arrived) {
    barrier.arriving = newClock();
    barrier.came = 0;
  }
  if (barrier.came >> role.index & 1)
    return wrong("expected each warpgroup once before the barrier completes, "
                 "got this one twice");
  barrier.came |= 1u << role.index;
  barrier.threads = i.imm[0];
  barrier.arrived += 128;
  finishStores(role);
  // Every thread arrives, so each thread's writes are released.
  Clock clock = role.clock;
  clock.synced(role.index) = clock.own(role.index);
  barrier.arriving.join(clock);
  if (waits) {
    role.waitsNamed = id;
    role.waitsGeneration = barrier.generation;
  }
  if (barrier.arrived < barrier.threads)
    return;
  barrier.released = barrier.arriving;
  barrier.arrived = 0;
  ++barrier.generation;
}
