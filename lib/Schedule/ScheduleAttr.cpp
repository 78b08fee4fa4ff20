//===- ScheduleAttr.cpp - A schedule in the IR ----------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Schedule/ScheduleAttr.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/Operation.h"

using namespace mlir;
using namespace parallax;

void parallax::setSchedule(Operation *function, const Schedule &schedule) {
  Builder b(function->getContext());
  SmallVector<NamedAttribute> fields;
  for (const ScheduleField &field : scheduleFields())
    fields.push_back(
        b.getNamedAttr(field.name, b.getI64IntegerAttr(field.get(schedule))));
  function->setAttr(kScheduleAttr, b.getDictionaryAttr(fields));
}

FailureOr<Schedule> parallax::getSchedule(Operation *function) {
  auto fields = function->getAttrOfType<DictionaryAttr>(kScheduleAttr);
  if (!fields) {
    function->emitOpError("expected a dictionary '")
        << kScheduleAttr << "', got none; choose-schedule writes one";
    return failure();
  }
  Schedule schedule;
  for (NamedAttribute entry : fields) {
    const ScheduleField *known = nullptr;
    for (const ScheduleField &field : scheduleFields())
      if (entry.getName() == StringRef(field.name))
        known = &field;
    auto value = dyn_cast<IntegerAttr>(entry.getValue());
    if (!known || !value || value.getValue().getSignificantBits() > 32) {
      function->emitOpError("expected small integers for fields of a schedule "
                            "in '")
          << kScheduleAttr << "', got " << entry.getName() << " = "
          << entry.getValue();
      return failure();
    }
    known->set(schedule, value.getValue().getSExtValue());
  }
  return schedule;
}
