"""Takes problems of every head dimension from L1 to the LLVM dialect.

    every_head_dim.py [--sample] PARALLAX_OPT forward|decode

Every head dimension, mask and half-precision type, with the schedule that is
proposed for each. Every phase verifies its output; this checks that a kernel
comes out for each problem and that no operation of a higher level is left.
--sample takes half of them.
"""

import itertools
import random
import re
import subprocess
import sys

HEAD_DIMS = range(8, 257, 8)
MASKS = ("none", "causal", "window")
TYPES = ("bf16", "f16")
# Query heads of one key head; 5, 7 and 12 don't divide the 64 rows of a tile.
GROUPS = (1, 2, 4, 5, 7, 8, 12, 64)

FUNCTION = """
func.func @{name}(%q: {q}, %r: {q}, %k: {k}, %v: {k}, %o: {q}, %scale: f32, %w: i32
                  {parameters}) {{
  parallax.{kind} ins(%q, %r, %k, %v : {q}, {q}, {k}, {k}) outs(%o : {q})
    scale(%scale) mask({mask}) {operands}
  return
}}
"""
LEVELS = ("parallax.", "tile.", "hopper.", "scf.", "arith.", "math.", "memref.", "tensor.", "func.", "cf.", "builtin.unrealized")


def function(index, kind, head_dim, mask, element):
    layout = "strided<[?, ?, ?, 1]>"
    key_heads = 2
    group = GROUPS[index % len(GROUPS)]
    length = 1 + index % 16 if kind == "decode" else "?"
    q = f"memref<?x{length}x{key_heads * group}x{head_dim}x{element}, {layout}>"
    k = f"memref<?x?x{key_heads}x{head_dim}x{element}, {layout}>"
    parameters, operands = "", ""
    if mask == "window":
        operands += " window(%w)"
    if kind == "decode" and index % 3:
        parameters += ", %used: memref<?xi32>"
        operands += " used_lengths(%used : memref<?xi32>)"
    if index % 4 == 0:
        rows = f"memref<?x{length}x{key_heads * group}xf32>"
        parameters += f", %m: {rows}, %lse: {rows}"
        operands += f" row_max(%m : {rows}) log_sum_exp(%lse : {rows})"
    text = FUNCTION.format(
        name=f"{kind}_{element}_{mask}_{head_dim}",
        kind=kind,
        q=q,
        k=k,
        mask="none" if mask == "none" else "causal",
        parameters=parameters,
        operands=operands,
    )
    # A kernel has no parameter for an argument that is no operand.
    return text if mask == "window" else text.replace(", %w: i32", "")


def operations(text):
    """The names of the operations in generic form."""
    return set(re.findall(r'"([a-z0-9_]+\.[a-z0-9_.]+)"\(', text))


def main():
    *options, tool, kind = sys.argv[1:]
    cases = list(enumerate(itertools.product([kind], HEAD_DIMS, MASKS, TYPES)))
    if options == ["--sample"]:
        cases = random.Random(1).sample(cases, len(cases) // 2)
    module = "".join(function(index, *case) for index, case in cases)
    command = [tool, "--to-nvvm", "--mlir-print-op-generic"]
    run = subprocess.run(command, input=module, capture_output=True, text=True)
    if run.returncode:
        print(f"expected success, got status {run.returncode} and\n{run.stderr[:4000]}")
        return 1
    left = sorted(name for name in operations(run.stdout) if name.startswith(LEVELS))
    kernels = len(re.findall(r"nvvm\.kernel", run.stdout))
    print(f"{len(cases)} problems, {kernels} kernels, left: {left}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
