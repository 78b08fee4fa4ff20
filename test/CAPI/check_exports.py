"""Checks what a shared library exports.

    check_exports.py LIBRARY HEADER

Every function that the C header declares is there, and all else is a name of
the parallax namespace.
"""

import re
import shutil
import subprocess
import sys

nm = shutil.which("llvm-nm-22") or "nm"
library, header = sys.argv[1:]
lines = subprocess.run(
    [nm, "-D", "--defined-only", library], check=True, capture_output=True, text=True
).stdout.splitlines()
names = {line.split()[-1].split("@")[0] for line in lines}

with open(header, encoding="utf-8") as file:
    declared = set(re.findall(r"\b(plx[A-Z]\w*)\(", file.read()))
missing = declared - names
if missing:
    sys.exit("expected these to be exported: %s" % " ".join(sorted(missing)))

# Mangled: _ZN8parallax..., _ZNK8parallax..., and _ZTS and the like of them.
mangled = re.compile(r"_Z(N|NK|TI|TS|TV|TIN|TSN|TVN)8parallax")
others = {n for n in names - declared if not mangled.match(n)}
if others:
    sys.exit("expected no other export, got: %s" % " ".join(sorted(others)[:10]))
print("exports are those of the headers: %d of C, %d of C++" % (len(declared), len(names - declared)))
