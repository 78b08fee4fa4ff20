"""Checks that every file includes only what its layer may see.

    check_includes.py ROOT              checks the tree, one line a violation
    check_includes.py ROOT --self-test  plants violations, expects each found

The rule is a table: for each folder, the folders its files may include from
besides their own. The most specific folder that holds a file decides.
"""

import argparse
import os
import re
import sys
import tempfile

# Plain data: what a problem is, and how its operands lie in memory.
DATA = ["include/parallax", "lib/Data"]
DIALECTS = ["dialect/Problem", "dialect/Tile", "dialect/Hopper"]
LEAVES = DATA + ["lib/Schedule"]

# Folder -> what it may include from the project besides itself.
ALLOWED = {
    "include/parallax": [],
    "include/parallax-c": [],
    "dialect/Problem": DATA,
    "dialect/Tile": DATA,
    "dialect/Hopper": DATA,
    "runtime": DATA,
    "runtime/Cpu": DATA + ["runtime"],
    "lib/Data": DATA,
    "lib/Schedule": DATA,
    "lib/Simulator": LEAVES + ["dialect/Hopper"],
    "lib/Transforms": LEAVES + DIALECTS,
    "lib/Conversion": LEAVES + DIALECTS,
    "lib/Emit": LEAVES + DIALECTS,
    "lib/Pipeline": LEAVES + DIALECTS
    + ["lib/Simulator", "lib/Transforms", "lib/Conversion", "lib/Emit"],
    "lib/Compiler": LEAVES + DIALECTS
    + ["lib/Simulator", "lib/Transforms", "lib/Conversion", "lib/Emit", "lib/Pipeline", "runtime/Cpu"],
    "lib/Jit": DATA + ["lib/Schedule", "lib/Compiler", "runtime", "runtime/Cpu"],
    "lib/CAPI": DATA + ["include/parallax-c"],
    "tools": DATA + ["include/parallax-c", "lib/Pipeline", "lib/Schedule", "lib/Simulator", "lib/Compiler", "runtime"],
    "test": None,  # Tests look where they like.
}

# A conversion sees the two levels its name says, a transform the one.
LEVEL_FOLDERS = {
    "Problem": "dialect/Problem",
    "Tile": "dialect/Tile",
    "Hopper": "dialect/Hopper",
}

# The compiler's libraries, seen by nothing that the runtime is built from.
NO_MLIR = ["include/parallax", "include/parallax-c", "lib/Data", "runtime", "runtime/Cpu", "lib/Jit", "lib/CAPI"]
NO_GETENV = ["include", "dialect", "lib", "runtime"]

SOURCES = (".cpp", ".h", ".td", ".cu", ".def", ".inc")
INCLUDE = re.compile(r'^\s*#?\s*include\s+([<"])([^">]+)[">]')
GETENV = re.compile(r"\b(secure_)?getenv\s*\(")
# Home folders, temporary folders and checkouts of one machine.
MACHINE_PATH = re.compile(r"(?<![\w.$%}{*])/(?:home|root|work|farm|Users)/[\w.-]+")
TEXT = SOURCES + (".py", ".txt", ".cmake", ".md", ".mlir", ".test", ".json", ".in", ".toml", "")


def folder_of(path):
    """The most specific folder of the table that holds a file."""
    found = [f for f in ALLOWED if path == f or path.startswith(f + "/")]
    return max(found, key=len, default=None)


def levels_of(folder):
    """'lib/Conversion/TileToHopper' -> the dialects it may see, or None."""
    parts = folder.split("/")
    if len(parts) < 4 or parts[1] not in ("Conversion", "Transforms"):
        return None
    names = parts[2].split("To") if parts[1] == "Conversion" else [parts[2]]
    return [LEVEL_FOLDERS[n] for n in names if n in LEVEL_FOLDERS]


def target_of(path, spelled, quoted, exists):
    """The project file that an include names, or None for a foreign one."""
    if not quoted:
        return None
    if spelled.startswith(("parallax/", "parallax-c/")):
        return "include/" + spelled
    beside = os.path.normpath(os.path.join(os.path.dirname(path), spelled))
    if folder_of(spelled) is None and exists(beside):
        return beside
    return spelled if folder_of(spelled) else None


def check_file(path, text, exists):
    """Yields (line, complaint)."""
    folder = folder_of(path)
    allowed = ALLOWED.get(folder)
    levels = levels_of(path)
    for number, line in enumerate(text.splitlines(), 1):
        match = INCLUDE.match(line) if path.endswith(SOURCES) else None
        if match and allowed is not None:
            spelled = match.group(2)
            target = target_of(path, spelled, match.group(1) == '"', exists)
            other = folder_of(target) if target else None
            if other and other != folder and other not in allowed:
                yield number, "expected an include that %s may see, got %s" % (folder, spelled)
            elif levels is not None and other in DIALECTS and other not in levels:
                yield number, "expected only %s, got %s" % (" and ".join(levels) or "no dialect", spelled)
            if folder in NO_MLIR and spelled.startswith(("mlir/", "llvm/", "mlir-c/", "llvm-c/")):
                yield number, "expected no MLIR or LLVM in %s, got %s" % (folder, spelled)
        if path.split("/")[0] in NO_GETENV and GETENV.search(line):
            yield number, "expected options to come from the caller, got getenv"
        found = MACHINE_PATH.search(line)
        if found:
            yield number, "expected no path of one machine, got %s" % found.group(0)


def project_files(root):
    for top, folders, names in os.walk(root):
        relative = os.path.relpath(top, root)
        folders[:] = sorted(f for f in folders if f != "__pycache__" and (not f.startswith(".") or f == ".ci")
                            and not (relative == "." and f in ("build", "dist")))
        for name in sorted(names):
            path = os.path.normpath(os.path.join(relative, name))
            if os.path.splitext(name)[1] in TEXT and name != os.path.basename(__file__) and name != ".git":
                yield path


def check_tree(root):
    complaints = []
    for path in project_files(root):
        with open(os.path.join(root, path), encoding="utf-8", errors="replace") as file:
            text = file.read()
        exists = lambda p: os.path.exists(os.path.join(root, p))
        complaints += ["%s:%d: %s" % (path, line, what) for line, what in check_file(path, text, exists)]
    return complaints


PLANTED = [
    ("dialect/Tile/Bad.cpp", '#include "dialect/Hopper/HopperDialect.h"', "dialect/Tile may see"),
    ("dialect/Tile/Bad.td", 'include "dialect/Problem/ProblemOps.td"', "dialect/Tile may see"),
    ("runtime/Bad.cpp", '#include "lib/Compiler/Compiler.h"', "runtime may see"),
    ("runtime/Deep/Bad.h", '#include "llvm/ADT/SmallVector.h"', "no MLIR or LLVM"),
    ("include/parallax/Bad.h", "#include <mlir/IR/Value.h>", "no MLIR or LLVM"),
    ("include/parallax/Bad.h", '#include "lib/Schedule/Schedule.h"', "include/parallax may see"),
    ("lib/Conversion/TileToHopper/Bad.cpp", '#include "dialect/Problem/ProblemDialect.h"', "expected only"),
    ("lib/Transforms/Tile/Bad.cpp", '#include "dialect/Hopper/HopperDialect.h"', "expected only"),
    ("lib/Simulator/Bad.cpp", '#include "dialect/Tile/TileDialect.h"', "lib/Simulator may see"),
    ("lib/Schedule/Bad.cpp", '#include "lib/Pipeline/Pipeline.h"', "lib/Schedule may see"),
    ("lib/Emit/Bad.cpp", '  return std::getenv("X");', "got getenv"),
    ("docs/bad.md", "see /" + "home/someone/notes", "path of one machine"),
]
CLEAN = [
    ("dialect/Tile/Good.cpp", '#include "dialect/Tile/TileDialect.h"'),
    ("lib/Conversion/TileToHopper/Good.cpp", '#include "dialect/Hopper/HopperDialect.h"'),
    ("runtime/Good.cpp", '#include "parallax/KernelImage.h"'),
    ("tools/parallax-run/Good.cpp", '#include "llvm/Support/JSON.h"'),
    ("lib/Emit/Good.cpp", '#include "mlir/IR/Value.h"'),
]


def self_test():
    for path, line, expected in PLANTED:
        with tempfile.TemporaryDirectory() as root:
            os.makedirs(os.path.join(root, os.path.dirname(path)))
            with open(os.path.join(root, path), "w", encoding="utf-8") as file:
                file.write("// A comment.\n" + line + "\n")
            found = check_tree(root)
            if len(found) != 1 or not found[0].startswith(path + ":2: ") or expected not in found[0]:
                sys.exit("expected '%s' for %s in %s, got %s" % (expected, line, path, found))
    for path, line in CLEAN:
        found = list(check_file(path, line, lambda p: False))
        if found:
            sys.exit("expected no complaint for %s in %s, got %s" % (line, path, found))
    print("found %d planted violations" % len(PLANTED))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("root")
    parser.add_argument("--self-test", action="store_true")
    arguments = parser.parse_args()
    if arguments.self_test:
        self_test()
        return
    complaints = check_tree(arguments.root)
    for complaint in complaints:
        print(complaint)
    if complaints:
        sys.exit(1)
    print("%d files obey the rule" % len(list(project_files(arguments.root))))


if __name__ == "__main__":
    main()
