"""Checks that every example in a dialect's .td files is part of a test.

    check_examples.py SOURCE [--self-test]

An example is a ```mlir block of a description. It must stand in one of the
.mlir files of test/Dialect/NAME, up to white space and comment lines. Those
files are parsed, printed and parsed again, so a passing run means that the
documentation shows programs that the verifier accepts.
"""

import pathlib
import re
import sys


def examples(text):
    return [block.group(1) for block in re.finditer(r"```mlir\n(.*?)```", text, re.S)]


def words(text):
    lines = (line for line in text.splitlines() if not line.strip().startswith("//"))
    return " ".join(" ".join(lines).split())


def missing(sources, tests):
    """The examples of {name: text} that no text of `tests` holds."""
    tested = [words(text) for text in tests]
    return [
        (name, example)
        for name, text in sources.items()
        for example in examples(text)
        if not any(words(example) in text for text in tested)
    ]


def self_test():
    sources = {"a.td": "```mlir\n  %a = x.y\n      : i32\n```\n```mlir\nx.z\n```"}
    tests = ["f() {\n // CHECK: x\n %a = x.y : i32\n}"]
    assert [e for _, e in missing(sources, tests)] == ["x.z\n"], missing(sources, tests)
    print("found the planted omission")


def main():
    root = pathlib.Path(sys.argv[1])
    if "--self-test" in sys.argv:
        return self_test()
    count = failures = 0
    for folder in sorted((root / "dialect").iterdir()):
        sources = {path.name: path.read_text() for path in sorted(folder.glob("*.td"))}
        tests = [path.read_text() for path in (root / "test/Dialect" / folder.name).glob("*.mlir")]
        count += sum(len(examples(text)) for text in sources.values())
        for name, example in missing(sources, tests):
            failures += 1
            print(f"{folder.name}/{name}: expected this example in a test:\n{example}")
    print(f"{count} examples, {failures} untested")
    return failures != 0


if __name__ == "__main__":
    sys.exit(main())
