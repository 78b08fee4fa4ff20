"""Prints what lit's results file says, the counts alone on the last line.

    summarize.py RESULTS.json

Exits 1 when a test failed or none ran.
"""

import collections
import json
import re
import sys

PASSED = {"PASS", "XFAIL", "FLAKYPASS"}
SKIPPED = {"UNSUPPORTED", "SKIPPED"}
LEFT_OUT = {"EXCLUDED"}  # By --filter.


def reason_of(test):
    """Why a test was skipped, in one line."""
    output = test.get("output", "")
    missing = re.search(r"missing required features: (.*)", output)
    if missing:
        return "needs " + missing.group(1)
    lines = [line for line in output.splitlines() if line.strip()]
    return lines[-1].strip() if lines else "skipped itself"


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        tests = json.load(file)["tests"]
    ran = [test for test in tests if test["code"] not in LEFT_OUT]
    skipped = [test for test in ran if test["code"] in SKIPPED]
    failed = [test for test in ran if test["code"] not in PASSED | SKIPPED]
    passed = len(ran) - len(skipped) - len(failed)

    for reason, count in collections.Counter(map(reason_of, skipped)).most_common():
        print("skipped %d: %s" % (count, reason))
    for test in failed:
        print("%s: %s" % (test["code"].lower(), test["name"]))
    print("%d passed, %d failed, %d skipped" % (passed, len(failed), len(skipped)))
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()
