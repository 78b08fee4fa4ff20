"""Checks that pinned schedules are used: check_tuned.py TUNED BENCH RUN.

TUNED is what parallax-bench --tune wrote, BENCH the JSON of a run of the same
list with it, and RUN that of parallax-run for the list's first problem.
"""

import json
import re
import sys

tuned, bench, run = (json.load(open(path, encoding="utf-8")) for path in sys.argv[1:4])
assert tuned["parallax_schedules"] == 1, tuned
entries = tuned["schedules"]
assert len(entries) == len(bench["problems"]) == 2, entries
for entry, problem in zip(entries, bench["problems"]):
    names = {"target", "problem", "schedule", "ms", "speedup", "device", "version"}
    assert set(entry) == names, set(entry) ^ names
    assert entry["target"] == "cpu" and entry["ms"] > 0 and entry["speedup"] >= 1, entry
    assert entry["device"] == bench["device"] and re.match(r"\d+\.\d+", entry["version"]), entry
    assert problem["error"] is None and problem["schedule"] == entry["schedule"], (problem, entry)
assert run["schedule"] == entries[0]["schedule"], run
print("2 schedules are used as they are pinned")
