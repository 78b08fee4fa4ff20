#!/usr/bin/env python3
"""Runs the tests of this bundle: lit tests and unit tests in one run.

    run-tests [--filter REGEX] [--verbose] [--jobs N] [--output DIR]

    --filter REGEX   only tests whose path matches
    --verbose        show each test's commands
    --jobs N         tests at a time; default: one for each processor
    --output DIR     where tests write; default: a folder beside this program

The last line is "N passed, N failed, N skipped"; exit 0 when none failed. GPU
tests run where there is a Hopper card and are skipped elsewhere.
"""

import argparse
import importlib.util
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.realpath(__file__))
TESTS = os.path.join(ROOT, "tests")
# lit, without an installation.
LIT = "import sys; sys.path.insert(0, %r); from lit.main import main; main()" % os.path.join(ROOT, "share", "lit")


def main():
    parser = argparse.ArgumentParser(
        prog="run-tests", usage="run-tests [options]", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter, add_help=False,
    )
    parser.add_argument("-h", "--help", action="store_true")
    parser.add_argument("--filter")
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("--jobs", type=int)
    parser.add_argument("--output", default=os.path.join(ROOT, "test-output"))
    arguments = parser.parse_args()
    if arguments.help:
        print(__doc__.strip())
        return 0

    output = os.path.abspath(arguments.output)
    for path in (ROOT, output):
        if " " in path:  # lit's commands are split at spaces.
            sys.exit("run-tests: error: expected a path without spaces, got " + path)
    try:
        os.makedirs(output, exist_ok=True)
    except OSError as error:
        sys.exit("run-tests: error: expected a folder to write to, got: %s; give one with --output" % error)
    results = os.path.join(output, "results.json")
    if os.path.exists(results):
        os.remove(results)

    command = [sys.executable, "-c", LIT, "-s", "-v", "--output", results]
    if importlib.util.find_spec("psutil"):  # lit needs it to stop a test.
        command += ["--timeout", "300"]
    if arguments.filter:
        command.append("--filter=" + arguments.filter)
    if arguments.verbose:
        command.append("-a")
    if arguments.jobs:
        command += ["-j", str(arguments.jobs)]
    environment = dict(os.environ, PARALLAX_TEST_OUTPUT=output, PYTHONDONTWRITEBYTECODE="1")
    subprocess.run(command + [TESTS], env=environment, check=False)
    if not os.path.exists(results):
        sys.exit("run-tests: error: expected lit to write %s, got nothing" % results)
    return subprocess.run([sys.executable, os.path.join(TESTS, "summarize.py"), results], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
