//===- Cta.cpp - Who is next, and what is wrong ---------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Simulator/Cluster.h"

#include <fmt/format.h>

using namespace parallax;
using namespace parallax::simulator;

Cta::Cta(const Program &program, const std::vector<Argument> &arguments,
         GridMemory &grid, Cluster &cluster, const CtaPlace &place,
         int64_t order, const Options &options)
    : program(program), arguments(arguments), grid(grid), cluster(cluster),
      place(place), cta(place.number), order(order), options(options),
      random(options.seed * 1000003 + order * 8191 + place.number),
      roles(1 + program.consumers + program.hasConverters),
      barriers(program.barriers),
      memory((program.sharedBytes + 1023) / 1024 * 1024),
      races((program.sharedBytes + 1023) / 1024), events(options.trace),
      weights(roles.size(), 1) {
  for (const Ring &ring : program.rings)
    for (int64_t i = 0; i != ring.stages; ++i)
      barriers[ring.first + i].count = ring.count;
  for (Barrier &barrier : barriers)
    barrier.arriving = newClock();

  Role common;
  common.list = &program.prologue;
  common.scalars.resize(program.scalars);
  common.tensors.resize(program.tensors);
  common.clock = newClock();
  for (size_t i = 0; i != program.argumentSlots.size(); ++i)
    if (program.argumentSlots[i] >= 0)
      common.scalars[program.argumentSlots[i]] = arguments[i].scalar;
  advance(common);
  for (size_t n = 0; n != roles.size(); ++n) {
    Role &role = roles[n];
    role = common;
    role.index = n;
    // What a multiplication marks is of its role.
    for (TensorRef &tensor : role.tensors)
      if (tensor)
        tensor = std::make_shared<Tensor>(*tensor);
    role.at = 0;
    role.isEnded = false;
    role.list = n == 0           ? &program.producer
                : isConverter(n) ? &program.converter
                                 : &program.consumer;
    if (role.list == &program.consumer)
      role.scalars[program.warpgroup] = n - 1;
    events.name(n, roleName(n));
  }
}

/// The first orders are the extremes: all as late, then as early as may be.
void Cta::redraw() {
  redrawAt = step + 8 + random.below(56);
  if (order == 0) {
    landOneIn = multiplyOneIn = 0;
  } else if (order == 1) {
    landOneIn = multiplyOneIn = 1;
  } else {
    constexpr int64_t often[] = {0, 1, 2, 4, 16};
    landOneIn = often[random.below(5)];
    multiplyOneIn = often[random.below(5)];
  }
  // Strict: the heaviest that can run does, so that others wait long.
  isStrict = !random.oneIn(3);
  for (int64_t &weight : weights)
    weight = 1 + random.below(16);
}

bool Cta::canRun(const Role &role) const {
  if (role.isEnded)
    return false;
  if (role.waitsBarrier >= 0)
    return barriers[role.waitsBarrier].phase != role.waitsPhase;
  if (role.waitsNamed >= 0)
    return named_[role.waitsNamed].generation != role.waitsGeneration;
  return true;
}

void Cta::pick() {
  if (step >= redrawAt)
    redraw();
  std::vector<Role *> ready;
  int64_t total = 0;
  for (Role &role : roles)
    if (canRun(role)) {
      ready.push_back(&role);
      total += weights[role.index];
    }
  const bool lands = !copies.empty() &&
                     (ready.empty() || (landOneIn && random.oneIn(landOneIn)));
  if (lands)
    return land(random.below(copies.size()));
  if (!pending.empty() && multiplyOneIn && random.oneIn(multiplyOneIn)) {
    const size_t index = random.below(pending.size());
    multiplyNow(*pending[index]);
    pending.erase(pending.begin() + index);
    return;
  }
  if (ready.empty()) {
    isBlocked = cluster.size() > 1; // Others may send what is waited for.
    return isBlocked ? void() : reportDeadlock();
  }
  Role *next = ready.front();
  if (isStrict) {
    for (Role *role : ready)
      if (weights[role->index] > weights[next->index])
        next = role;
  } else {
    int64_t at = random.below(total);
    for (Role *role : ready) {
      next = role;
      if ((at -= weights[role->index]) < 0)
        break;
    }
  }
  advance(*next);
}

std::optional<Report> Cta::run() {
  if (program.sharedBytes > 232448)
    report(Report::Kind::OverCommitment, 0, -1,
           fmt::format("expected at most 232448 bytes of shared memory, got {}",
                       program.sharedBytes));
  else if (program.liveRegisters > program.consumerRegisters)
    report(Report::Kind::OverCommitment, 1, program.liveOp,
           fmt::format("expected at most {} registers, got {} of accumulators "
                       "and fragments in flight together",
                       program.consumerRegisters, program.liveRegisters));
  isBlocked = hasGoneOn = false;
  while (!found && !isBlocked) {
    if (hasEnded()) {
      checkExit();
      break;
    }
    if (++step > options.steps) {
      report(Report::Kind::StepLimit, 0, -1,
             fmt::format("expected an end within {} steps", options.steps));
      break;
    }
    pick();
    hasGoneOn |= !isBlocked;
  }
  return found;
}

void Cta::checkExit() {
  for (Role &role : roles)
    if (!role.inFlight.empty()) {
      report(Report::Kind::InFlightAtExit, role.index,
             role.inFlight.front()->instruction->op,
             "no wait_group retires the multiplication");
      return;
    }
  // A copy has landed for sure if someone knows its phase to be complete.
  for (const Access &access : races.all()) {
    if (access.kind != Access::Kind::TmaLoad &&
        access.kind != Access::Kind::Gather)
      continue;
    const bool isKnown =
        access.isDone && std::ranges::any_of(roles, [&](auto &r) {
          return r.clock.phases(access.barrier) > access.phase;
        });
    if (!isKnown) {
      report(Report::Kind::InFlightAtExit, access.role, access.op,
             "nobody waits for the copy")
          .barrier = barrierName(access.barrier);
      return;
    }
  }
  for (size_t i = 0; i != barriers.size(); ++i)
    if (barriers[i].arrived || barriers[i].bytes) {
      Report &r = report(
          Report::Kind::LeakedArrivals, 0, -1,
          fmt::format("{} of {} arrivals and {} bytes are pending at exit",
                      barriers[i].arrived, barriers[i].count,
                      barriers[i].bytes));
      r.barrier = barrierName(i);
      r.phase = fmt::format("phase {}", barriers[i].phase);
      return;
    }
  // A named barrier may keep arrivals that nobody waits for: the turns of a
  // ping-pong end with one, and hardware forgets it with the CTA.
}

/// The wait graph: who waits for what, what is missing, who could bring it.
void Cta::reportDeadlock() {
  std::string graph;
  const Role *first = nullptr;
  for (const Role &role : roles) {
    if (role.isEnded) {
      graph += fmt::format("\n  {} has ended", roleName(role.index));
      continue;
    }
    if (!first)
      first = &role;
    const Instruction &i = (*role.list)[role.at];
    graph += fmt::format("\n  {} at {}", roleName(role.index),
                         program.ops[i.op].location);
    if (role.waitsNamed >= 0) {
      const NamedBarrier &barrier = named_[role.waitsNamed];
      graph += fmt::format(" waits for named {}: {} of {} threads have come",
                           role.waitsNamed, barrier.arrived, barrier.threads);
      continue;
    }
    const Barrier &barrier = barriers[role.waitsBarrier];
    graph += fmt::format(" waits for phase {} of {}: {} of {} arrivals, {} "
                         "bytes missing; could come from",
                         role.waitsPhase, barrierName(role.waitsBarrier),
                         barrier.arrived, barrier.count, barrier.bytes);
    bool any = false;
    for (auto [list, who] : {std::pair(&program.producer, "producer"),
                             std::pair(&program.consumer, "consumers"),
                             std::pair(&program.converter, "converters")})
      for (const Instruction &other : *list)
        if ((other.code == Code::Arrive || other.code == Code::Expect ||
             other.code == Code::Gather || other.code == Code::SendRows) &&
            other.barrier == i.barrier) {
          graph += fmt::format("{} {} at {}", any ? "," : "", who,
                               program.ops[other.op].location);
          any = true;
        }
    if (!any)
      graph += " nobody";
  }
  const Instruction &i = (*first->list)[first->at];
  Report &r = report(Report::Kind::Deadlock, first->index, i.op,
                     "nobody can go on" + graph);
  if (first->waitsBarrier >= 0) {
    r.barrier = barrierName(first->waitsBarrier);
    r.phase = fmt::format("waits for phase {}", first->waitsPhase);
  } else {
    r.barrier = fmt::format("named {}", first->waitsNamed);
  }
}

Report Cta::deadlock() {
  reportDeadlock();
  return *found;
}

std::string Cta::roleName(int role) const {
  if (role >= static_cast<int>(roles.size()))
    return fmt::format("cta {} of the cluster", role - roles.size());
  if (isConverter(role))
    return "converters";
  return role ? fmt::format("consumer {}", role - 1) : "producer";
}

std::string Cta::barrierName(int64_t barrier) const {
  for (const Ring &ring : program.rings)
    if (barrier < ring.first + ring.stages)
      return ring.stages == 1
                 ? ring.name
                 : fmt::format("{}[{}]", ring.name, barrier - ring.first);
  return "?";
}

/// The report, which ends the run; of several the first counts.
Report &Cta::report(Report::Kind kind, int role, int32_t op,
                    std::string detail) {
  static thread_local Report ignored;
  if (found)
    return ignored;
  found.emplace();
  found->kind = kind;
  found->role = roleName(role);
  found->opIndex = op;
  found->detail = std::move(detail);
  found->cta = cta;
  found->order = order;
  return *found;
}

void Cta::report(const RaceDetector::Conflict &conflict, const Role &role,
                 int32_t op, const std::string &what) {
  Report &r = report(conflict.kind, role.index, op,
                     fmt::format("of {}: {}", what, conflict.detail));
  if (conflict.other < 0)
    return;
  const Access &other = races[conflict.other];
  r.otherIndex = other.op;
  r.other = roleName(other.role);
  if (other.barrier >= 0) {
    r.barrier = barrierName(other.barrier);
    r.phase = other.isDone ? fmt::format("phase {}", other.phase)
                           : "of a copy under way";
  }
}
