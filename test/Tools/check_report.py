"""Checks the report of a compilation to a cubin: names and types."""

import json
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    report = json.load(file)

assert set(report) == {"target", "schedule", "cache", "kernels", "stages_ms"}, set(report)
assert report["target"] == "sm_90a" and report["cache"] == "compiled", report
assert report["schedule"], report
(kernel,) = report["kernels"]
assert set(kernel) == {"name", "registers", "spill_stores", "spill_loads", "shared_bytes", "notes"}, set(kernel)
assert isinstance(kernel["name"], str) and isinstance(kernel["notes"], list), kernel
assert 0 < kernel["registers"] <= 255 and 0 < kernel["shared_bytes"] <= 227 * 1024, kernel
assert kernel["spill_stores"] == kernel["spill_loads"] == 0, kernel
phases = ["problem", "tile", "hopper", "nvvm", "llvm", "ptx", "cubin"]
assert list(report["stages_ms"]) == phases, report["stages_ms"]
assert all(0 <= ms < 60000 for ms in report["stages_ms"].values()), report["stages_ms"]
