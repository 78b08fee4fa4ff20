"""Checks what tile-to-hopper refuses, and that it takes the program it starts from.

    refuses.py PARALLAX_OPT

Each case replaces lines of one small program and names a part of the error.
"""

import subprocess
import sys

PROGRAM = """
!t = memref<?x?x?x64xbf16, strided<[?, ?, ?, 1]>>
func.func @f(%q: !t {tile.operand = "q"}, %k: !t {tile.operand = "k"},
             %v: !t {tile.operand = "v"}, %o: !t {tile.operand = "o"},
             %m: memref<?x?x?xf32> {tile.operand = "row_max"},
             %u: memref<?xi32> {tile.operand = "used_lengths"},
             %scale: f32 {tile.operand = "scale"})
    attributes {tile.kernel, parallax.schedule = {rows = 64, keys = 32, consumers = 1}} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %n = memref.dim %k, %c1 : !t
  %t, %h, %b = tile.program_id
  %x = memref.load %u[%b] : memref<?xi32>
  %zero = arith.constant dense<0.0> : tensor<64x32xf32>
  %wide = arith.constant dense<0.0> : tensor<64x64xf32>
  %qt = tile.load %q[%b, %t, %h] : !t -> tensor<64x64xbf16>
  %acc = scf.for %j = %c0 to %n step %c32 iter_args(%a = %wide) -> (tensor<64x64xf32>) {
    %kt = tile.load %k[%b, %j, %h] : !t -> tensor<32x64xbf16>
    %s = tile.dot %qt, %kt, %zero transpose : tensor<64x64xbf16>, tensor<32x64xbf16> -> tensor<64x32xf32>
    %p = arith.truncf %s : tensor<64x32xf32> to tensor<64x32xbf16>
    %vt = tile.load %v[%b, %j, %h] : !t -> tensor<32x64xbf16>
    %a1 = tile.dot %p, %vt, %a : tensor<64x32xbf16>, tensor<32x64xbf16> -> tensor<64x64xf32>
    scf.yield %a1 : tensor<64x64xf32>
  }
  %row = tile.reduce max %acc : tensor<64x64xf32> -> tensor<64xf32>
  %out = arith.truncf %acc : tensor<64x64xf32> to tensor<64x64xbf16>
  tile.store %out, %o[%b, %t, %h] : tensor<64x64xbf16>, !t
  tile.store %row, %m[%b, %t, %h] : tensor<64xf32>, memref<?x?x?xf32>
  return
}
"""

RETURN = "  return\n"
QT = "  %qt = tile.load"
LOOP = "  %acc = scf.for"
KT = "    %kt = tile.load"
VT = "    %vt = tile.load"
YIELD = "    scf.yield %a1"
SCHEDULE = "rows = 64, keys = 32, consumers = 1"
DIVIDED = "rows = 64, keys = 32, consumers = 2, partition = 1, stages = 4"

# (what the error says, the text to replace, by what), or with more pairs.
CASES = [
    # The function.
    ("unmarked argument 0", ' {tile.operand = "q"}', ""),
    ("expected a memref, f32 or i32 as argument 6, got 'f64'", "%scale: f32", "%scale: f64"),
    ("expected memory that starts at its pointer as argument 4", "%m: memref<?x?x?xf32>",
     "%m: memref<?x?x?xf32, strided<[?, ?, ?], offset: 4>>",
     "[%b, %t, %h] : tensor<64xf32>, memref<?x?x?xf32>",
     "[%b, %t, %h] : tensor<64xf32>, memref<?x?x?xf32, strided<[?, ?, ?], offset: 4>>"),
    ("expected contiguous memory as argument 4, which is accessed by element",
     "memref<?x?x?xf32>", "memref<?x?x?xf32, strided<[?, ?, ?]>>"),
    ("expected contiguous memory as argument 5", "memref<?xi32>", "memref<?xi32, strided<[2]>>"),
    ("expected a program of one block", RETURN, "  cf.br ^end\n^end:\n" + RETURN),
    ("expected a program without results, got 1", "    attributes", "    -> f32 attributes",
     RETURN, "  return %scale : f32\n"),
    # The schedule.
    ("expected query tiles of the schedule's 128 rows, got 64", "rows = 64", "rows = 128"),
    ("expected 64 rows, 64 a consumer", SCHEDULE, "rows = 64, keys = 32, consumers = 1",
     "tensor<64x", "tensor<72x", "rows = 64", "rows = 72"),
    ("expected 1 to 3 consumers, got 0", "consumers = 1", "consumers = 0"),
    ("expected at least 1 stage", "consumers = 1", "consumers = 1, stages = 0"),
    ("expected at least 1 stage and at most 232448 bytes", "consumers = 1", "consumers = 1, stages = 40"),
    ("expected at most 256 registers over the warpgroups of each of 2 CTAs an SM, got 24 + 1 * 240", "consumers = 1", "consumers = 1, ctas_per_sm = 2"),
    ("expected accumulators and 16 more registers", "consumers = 1", "consumers = 1, consumer_registers = 64"),
    ("expected registers that are a multiple of 8 in [24, 256], got 236", "consumers = 1", "consumers = 1, consumer_registers = 236"),
    ("expected an overlap of 0 to 3, got 4", "consumers = 1", "consumers = 1, overlap = 4"),
    ("expected 2 consumers to take turns, got 1", "consumers = 1", "consumers = 1, ping_pong = 1"),
    ("expected a rescale lag of 0 to 16 powers of two, got 17", "consumers = 1", "consumers = 1, rescale_lag = 17"),
    ("expected 1 to 64 packed heads, got 65", "consumers = 1", "consumers = 1, packed_heads = 65"),
    ("expected a schedule whose CTAs take one tile each, got persistent = 1", "consumers = 1", "consumers = 1, persistent = 1",
     "%u: memref<?xi32>", "%u: memref<?xf32>", "%x = memref.load %u[%b] : memref<?xi32>",
     "%x = memref.load %u[%b] : memref<?xf32>"),
    ("expected a tile.program_id in a program of persistent CTAs, got none", "consumers = 1", "consumers = 1, persistent = 1",
     "%t, %h, %b = tile.program_id", "%t = arith.constant 0 : index\n  %h = arith.constant 0 : index\n  %b = arith.constant 0 : index"),
    # Types.
    ("expected bf16 or f16 operands on sm_90a, got 'f32'", "xbf16", "xf32",
     "    %p = arith.truncf %s : tensor<64x32xf32> to tensor<64x32xf32>\n", "", "%p, %vt", "%s, %vt",
     "  %out = arith.truncf %acc : tensor<64x64xf32> to tensor<64x64xf32>\n", "", "%out, %o", "%acc, %o"),
    ("expected a head dimension that is a multiple of 8 in [8, 256], got 264",
     "64xbf16", "264xbf16", "64x64x", "64x264x"),
    ("expected a product of queries and keys", "    %a1 = tile.dot", "    //", "scf.yield %a1", "scf.yield %a",
     "    %s = tile.dot", "    //", "    %p = arith", "    //"),
    ("expected a tile of 64 rows and 32 scores or 64 columns", YIELD,
     "    %z = arith.constant dense<0.0> : tensor<64x16xf32>\n" + YIELD),
    ("expected a tile of 64 rows", YIELD, "    %z = arith.constant dense<0.0> : tensor<64x32xf64>\n" + YIELD),
    ("expected a tile of 64 rows", YIELD, "    %z = arith.constant dense<0.0> : vector<64xf32>\n"
     "    %y = arith.addf %z, %z : vector<64xf32>\n" + YIELD),
    ("expected scalars of index, i32, i1 or f32, got 'i64'", LOOP, "  %w = arith.extsi %x : i32 to i64\n" + LOOP),
    ("expected sizes of 32 bits, got 4294967296", "constant 32 : index", "constant 4294967296 : index"),
    # Memory.
    ("'memref.alloc' op expected an op of the tile program", QT,
     "  %new = memref.alloc(%n, %n, %n) : memref<?x?x?x64xbf16>\n"
     "  %z = tile.load %new[%b, %t, %h] : memref<?x?x?x64xbf16> -> tensor<64x64xbf16>\n" + QT),
    ("expected a constant dimension of ranked memory", "memref.dim %k, %c1", "memref.dim %k, %c32"),
    ("expected elements of 1-D memory of i32", "memref.load %u[%b] : memref<?xi32>",
     "memref.load %m[%b, %b, %b] : memref<?x?x?xf32>"),
    ("expected one tile.program_id, got two", QT, "  %t2, %h2, %b2 = tile.program_id\n" + QT),
    ("expected a tile.program_id, got none", "%t, %h, %b = tile.program_id", "%s7 = arith.constant 0 : index\n  %b, %t, %h, %s8, %s9, %s10 = tile.share %s7 least 1"),
    ("expected one tile.share, got two", QT, "  %s1:6 = tile.share %n least 1\n  %s2:6 = tile.share %n least 1\n" + QT),
    ("expected a tile.share, got none", RETURN,
     "  %is = arith.cmpi eq, %n, %c1 : index\n  scf.if %is {\n    %l = tile.arrive %u[%n] of %n : memref<?xi32>\n  }\n" + RETURN),
    ("expected an output of rows beside parts", "  tile.store %row, %m[%b, %t, %h] : tensor<64xf32>, memref<?x?x?xf32>",
     "  tile.store %row, %m[%b, %t, %h] part(%c0) : tensor<64xf32>, memref<?x?x?x?xf32>",
     "%m: memref<?x?x?xf32>", "%m: memref<?x?x?x?xf32>"),
    ("expected parts whose rows lie side by side", "  tile.store %row, %m[%b, %t, %h] : tensor<64xf32>, memref<?x?x?xf32>",
     "  tile.store %row, %m[%b, %t, %h] part(%c0) : tensor<64xf32>, memref<?x?x?x?xf32, strided<[?, ?, ?, 2]>>",
     "%m: memref<?x?x?xf32>", "%m: memref<?x?x?x?xf32, strided<[?, ?, ?, 2]>>"),
    ("expected a branch without results", RETURN,
     "  %is = arith.cmpi eq, %n, %c1 : index\n  %z = scf.if %is -> (index) {\n    scf.yield %n : index\n  } else {\n    scf.yield %c1 : index\n  }\n" + RETURN),
    # Loads outside loops.
    ("expected a tile outside loops to be one of 64 rows of 1 packed heads", "%q[%b, %t, %h]", "%q[%b, %t, %h] limit(%n)"),
    ("expected a tile outside loops to be one of", "%q[%b, %t, %h]", "%q[%b, %t, %h] heads 4"),
    ("expected a tile loaded before the loop to be the left side of scores", "  tile.store %out", "  tile.store %qt"),
    ("expected a tile of whole pages or part of one, of 64 tokens, got one of 48",
     "!t = memref", "!p = memref<?x64x?x64xbf16, strided<[?, ?, ?, 1]>>\n!t = memref",
     '%k: !t {tile.operand = "k"}', '%k: !p {tile.operand = "k"}, %e: memref<?x?xi32, strided<[?, 1]>> {tile.operand = "block_table"}',
     "memref.dim %k, %c1 : !t", "memref.dim %k, %c1 : !p",
     "%k[%b, %j, %h] : !t", "%k[%b, %j, %h] table(%e : memref<?x?xi32, strided<[?, 1]>>) : !p",
     "keys = 32", "keys = 48", "%c32 = arith.constant 32", "%c32 = arith.constant 48",
     "tensor<64x32x", "tensor<64x48x", "tensor<32x64x", "tensor<48x64x"),
    ("expected a tile outside loops to be one of 64 rows of 1 packed heads without a limit, table and "
     "conversion",
     '%q: !t {tile.operand = "q"}', '%q: !p {tile.operand = "q"}, %e: memref<?x?xi32> {tile.operand = "block_table"}',
     "!t = memref", "!p = memref<?x64x?x64xbf16, strided<[?, ?, ?, 1]>>\n!t = memref",
     "%q[%b, %t, %h] : !t", "%q[%b, %t, %h] table(%e : memref<?x?xi32>) : !p"),
    ("expected parts to be read behind the loops",
     '%u: memref', '%parts: memref<?x?x?x?x64xbf16> {tile.operand = "part_o1"}, %u: memref',
     "%q[%b, %t, %h] : !t", "%parts[%b, %t, %h] part(%c0) : memref<?x?x?x?x64xbf16>"),
    ("expected appends before all loads, loops and stores",
     LOOP, "  tile.append %q, %k[%b, %t, %h] limit(%n) : !t, !t\n" + LOOP),
    ("expected tokens of 64 'bf16', got 'memref<?x?x?x32xbf16>'",
     QT, "  tile.append %x32, %x32[%b, %t, %h] limit(%n) : memref<?x?x?x32xbf16>, memref<?x?x?x32xbf16>\n" + QT,
     '%u: memref', '%x32: memref<?x?x?x32xbf16> {tile.operand = "new_k"}, %u: memref'),
    # Loops.
    ("expected a loop over signed index or i32", "scf.for %j", "scf.for unsigned %j"),
    ("expected an op of the tile program that a consumer warpgroup can compute", YIELD,
     "    scf.for %i = %c0 to %n step %c1 {\n    }\n" + YIELD),
    ("expected an op of the tile program", KT, "    %z = memref.dim %k, %c1 : !t\n" + KT),
    ("expected one tile of each memory an iteration, got two", "tile.load %v[", "tile.load %k["),
    ("expected a tile in a loop to be one of 32x64 keys or values of one head", "%k[%b, %j, %h]", "%k[%b, %j, %h] heads 2"),
    ("expected a tile loaded in a loop to be the right side of products and nothing else", YIELD,
     "    %z = arith.negf %vt : tensor<32x64xbf16>\n" + YIELD),
    ("expected a tile loaded in a loop to be the right side of products and nothing else", YIELD,
     "    %z = tile.load %o[%b, %j, %h] : !t -> tensor<32x64xbf16>\n" + YIELD),
    ("expected scores of a loaded tile", "tile.dot %qt, %kt", "tile.dot %wideb, %kt",
     "  %qt =", "  %wideb = arith.constant dense<0.0> : tensor<64x64xbf16>\n  %qt ="),
    ("expected a tile of 64 rows", "iter_args(%a = %wide) -> (tensor<64x64xf32>)",
     "iter_args(%a = %wide, %i = %c0) -> (tensor<64x64xf32>, index)",
     "scf.yield %a1 : tensor<64x64xf32>", "scf.yield %a1, %i : tensor<64x64xf32>, index",
     "%acc = scf", "%acc:2 = scf", "max %acc", "max %acc#0", "truncf %acc", "truncf %acc#0"),
    ("expected a right side loaded in the same loop", YIELD,
     "    %z = tile.dot %qt, %zz, %wide transpose : tensor<64x64xbf16>, tensor<64x64xbf16> -> tensor<64x64xf32>\n" + YIELD,
     QT, "  %zz = arith.constant dense<0.0> : tensor<64x64xbf16>\n" + QT),
    # What warps that divide keys carry, they must be able to merge.
    ("expected a loop that carries a state", SCHEDULE,
     "rows = 8, keys = 64, consumers = 1, partition = 2, stages = 2, queries_in_registers = 1",
     "!t = memref", "!n = memref<?x?x?x64xf8E4M3FN, strided<[?, ?, ?, 1]>>\n!t = memref",
     "%k: !t", "%k: !n", "%v: !t", "%v: !n", "%k, %c1 : !t", "%k, %c1 : !n", "%j, %h] : !t", "%j, %h] : !n",
     "%c32 = arith.constant 32", "%c32 = arith.constant 64", "tensor<64x32x", "tensor<8x64x", "tensor<64x64x", "tensor<8x64x",
     "tensor<32x64x", "tensor<64x64x", "tensor<64xf32>", "tensor<8xf32>"),
    # Stores.
    ("expected loads before all stores", "  %row =",
     "  tile.store %row0, %m[%b, %t, %h] : tensor<64xf32>, memref<?x?x?xf32>\n"
     "  %z = tile.load %q[%b, %t, %h] : !t -> tensor<64x64xbf16>\n  %row =",
     QT, "  %row0 = arith.constant dense<0.0> : tensor<64xf32>\n" + QT),
    ("expected loops before all stores", LOOP,
     "  %row0 = arith.constant dense<0.0> : tensor<64xf32>\n"
     "  tile.store %row0, %m[%b, %t, %h] : tensor<64xf32>, memref<?x?x?xf32>\n" + LOOP),
    ("expected an op of the tile program", YIELD,
     "    %row0 = arith.constant dense<0.0> : tensor<64xf32>\n"
     "    tile.store %row0, %m[%b, %t, %h] : tensor<64xf32>, memref<?x?x?xf32>\n" + YIELD),
    ("expected one stored tile, got two", "  tile.store %row", "  tile.store %out, %q[%b, %t, %h] : tensor<64x64xbf16>, !t\n  tile.store %row"),
    ("expected the schedule's 1 packed heads, got 2", "%o[%b, %t, %h]", "%o[%b, %t, %h] heads 2"),
    ("expected an output of 'tensor<64x64xbf16>', got 'tensor<64x32xbf16>'",
     "%o: !t", "%o: memref<?x?x?x32xbf16, strided<[?, ?, ?, 1]>>",
     "tile.store %out, %o[%b, %t, %h] : tensor<64x64xbf16>, !t",
     "tile.store %outs, %o[%b, %t, %h] : tensor<64x32xbf16>, memref<?x?x?x32xbf16, strided<[?, ?, ?, 1]>>",
     QT, "  %outs = arith.constant dense<0.0> : tensor<64x32xbf16>\n" + QT),
    # With 64 keys scores have the output's shape, but not its place.
    ("expected to store the output, got scores", "32x", "64x", "%c32 = arith.constant 32", "%c32 = arith.constant 64",
     "keys = 32", "keys = 64", "iter_args(%a = %wide) -> (tensor<64x64xf32>)",
     "iter_args(%a = %wide, %e = %wide) -> (tensor<64x64xf32>, tensor<64x64xf32>)",
     "scf.yield %a1 : tensor<64x64xf32>", "scf.yield %a1, %s : tensor<64x64xf32>, tensor<64x64xf32>",
     "%acc = scf", "%acc:2 = scf", "max %acc", "max %acc#0", "truncf %acc", "truncf %acc#1"),
    # Handovers.
    ("expected a schedule that divides products", YIELD, "    %z = tile.handover %p from 0 to 1 : tensor<64x32xbf16>\n" + YIELD),
    ("expected from 0 to 1, or behind the loops from 1 to 0, got from 1 to 0", SCHEDULE, DIVIDED,
     YIELD, "    %z = tile.handover %p from 1 to 0 : tensor<64x32xbf16>\n" + YIELD),
    ("expected from 0 to 1, or behind the loops from 1 to 0, got from 0 to 2", SCHEDULE, DIVIDED,
     YIELD, "    %z = tile.handover %p from 0 to 2 : tensor<64x32xbf16>\n" + YIELD),
    ("expected one handover of a type a message", SCHEDULE, DIVIDED, YIELD,
     "    %y = tile.handover %p from 0 to 1 : tensor<64x32xbf16>\n"
     "    %z = tile.handover %p from 0 to 1 : tensor<64x32xbf16>\n" + YIELD),
    ("expected weights as 'bf16' or the output as f32, got 'f32'", SCHEDULE, DIVIDED,
     YIELD, "    %z = tile.handover %s from 0 to 1 : tensor<64x32xf32>\n" + YIELD),
    ("expected both consumers to read each tile of keys or values, got no use by consumer 1", SCHEDULE, DIVIDED),
    ("expected to be used by consumer 1, got a use by consumer 0", SCHEDULE, DIVIDED, "%p, %vt", "%z, %vt",
     VT, "    %z = tile.handover %p from 0 to 1 : tensor<64x32xbf16>\n" + VT),
]


def mutate(case):
    text = PROGRAM
    for old, new in zip(case[1::2], case[2::2]):
        assert old in text, f"no '{old}' to replace"
        text = text.replace(old, new)
    return text


def run(tool, text):
    command = [tool, "--tile-to-hopper", "--split-input-file"]
    return subprocess.run(command, input=text, capture_output=True, text=True)


def main():
    tool = sys.argv[1]
    accepted = run(tool, PROGRAM)
    assert accepted.returncode == 0 and "hopper.roles" in accepted.stdout, accepted.stderr
    failures = 0
    for case in CASES:
        result = run(tool, mutate(case))
        if result.returncode != 1 or case[0] not in result.stderr:
            failures += 1
            print(f"expected '{case[0]}', got status {result.returncode} and\n{result.stderr[:1500]}")
    print(f"{len(CASES)} programs, {failures} not refused as expected")
    return failures != 0


if __name__ == "__main__":
    sys.exit(main())
