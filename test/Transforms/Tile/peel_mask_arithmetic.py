"""Checks the loops that tile-peel-mask writes against the mask's definition.

    peel_mask_arithmetic.py PARALLAX_OPT

Puts numbers for the token, the lengths, the shift and the window into a loop,
walks the loops that come out, and compares: every tile of the loop is walked
once, and a tile of the second loop, which carries no mask, has only elements
that the mask keeps.
"""

import itertools
import random
import re
import subprocess
import sys

KEYS, ROWS = 16, 8

FUNCTION = """
func.func @f{number}() {{
  %begin = arith.constant {begin} : index
  %end = arith.constant {end} : index
  %t = arith.constant {token} : index
  %n = arith.constant {length} : index
  %shift = arith.constant {shift} : index
  %w = arith.constant {window} : index
  %keys = arith.constant {keys} : index
  %x = arith.constant dense<0.0> : tensor<{rows}x{keys}xf32>
  scf.for %j = %begin to %end step %keys {{
    %m = tile.mask %x at(%t, %j) length(%n) {mask} heads {heads} : tensor<{rows}x{keys}xf32>
    "test.tile"(%j, %m) : (index, tensor<{rows}x{keys}xf32>) -> ()
  }}
  return
}}
"""
MASKS = {"none": "", "causal": "causal(%shift)", "window": "causal(%shift) window(%w)"}


def kept(case, row, key):
    token = case["token"] + row // case["heads"]
    diagonal = token + case["shift"]
    if key >= case["length"]:
        return False
    if case["kind"] == "none":
        return True
    return key <= diagonal and (case["kind"] == "causal" or key > diagonal - case["window"])




OPS = {
    "addi": lambda a, b: a + b,
    "subi": lambda a, b: a - b,
    "muli": lambda a, b: a * b,
    "divui": lambda a, b: a // b,
    "maxsi": max,
    "minsi": min,
}


def tiles(lines):
    """(first key, masked) of each tile of a function's loops, in order."""
    names, walked, loop = {}, [], None
    for line in lines:
        if match := re.match(r"\s*scf.for (%\S+) = (%\S+) to (%\S+) step (%\S+) ", line):
            loop = (match[1], range(*(names[match[i]] for i in (2, 3, 4))), [])
        elif loop and re.match(r"\s*}$", line):
            induction, values, body = loop
            masked = any("tile.mask" in text for text in body)
            for value in values:
                walked.append((first_key(body, {**names, induction: value}), masked))
            loop = None
        elif loop:
            loop[2].append(line)
        else:
            evaluate(line, names)
    return walked


def evaluate(line, names):
    """Adds the result of an integer operation to the names."""
    if match := re.match(r"\s*(%\S+) = arith.constant (-?\d+) : index", line):
        names[match[1]] = int(match[2])
    elif match := re.match(r"\s*(%\S+) = arith.cmpi ult, (%\S+), (%\S+) :", line):
        names[match[1]] = names[match[2]] < names[match[3]]
    elif match := re.match(r"\s*(%\S+) = arith.select (%\S+), (%\S+), (%\S+) :", line):
        names[match[1]] = names[match[3] if names[match[2]] else match[4]]
    elif match := re.match(r"\s*(%\S+) = arith.(\w+) (%\S+), (%\S+) :", line):
        names[match[1]] = OPS[match[2]](names[match[3]], names[match[4]])


def first_key(body, names):
    for line in body:
        if match := re.match(r'\s*"test.tile"\((%\w+),', line):
            return names[match[1]]
        evaluate(line, names)
    raise AssertionError("no test.tile in " + "".join(body))


def check(case, walked):
    wanted = list(range(case["begin"], case["end"], KEYS))
    assert sorted(key for key, _ in walked) == wanted, (case, walked)
    for first, masked in walked:
        cells = itertools.product(range(ROWS), range(first, first + KEYS))
        whole = all(kept(case, row, key) for row, key in cells)
        assert masked or whole, (case, first, "a masked element in a full tile")
    return sum(not masked for _, masked in walked)


def random_case(generator):
    length = generator.choice([0, 1, 15, 16, 17, 48, 100])
    return {
        "begin": KEYS * generator.randrange(0, 3),
        "end": generator.choice([-40, 0, length, length + 5, 60]),
        "token": generator.choice([0, 4, 8, 40, 96]),
        "length": length,
        "shift": generator.choice([-100, -17, -1, 0, 1, 16, 90]),
        "window": generator.choice([1, 2, 16, 20, 64, 2**31 - 1]),
        "heads": generator.choice([1, 2, 3, 8]),
        "kind": generator.choice(list(MASKS)),
    }


def main():
    generator = random.Random(7)
    cases = [random_case(generator) for _ in range(1500)]
    text = "".join(
        FUNCTION.format(number=i, keys=KEYS, rows=ROWS, mask=MASKS[case["kind"]], **case)
        for i, case in enumerate(cases)
    )
    passes = ["--tile-peel-mask", "--allow-unregistered-dialect"]
    run = subprocess.run([sys.argv[1], *passes], input=text, capture_output=True, text=True, check=True)
    functions = re.split(r"func.func @f(\d+)", run.stdout)[1:]
    full = 0
    for number, body in zip(functions[::2], functions[1::2]):
        full += check(cases[int(number)], tiles(body.splitlines()))
    assert len(functions) == 2 * len(cases)
    print(f"{len(cases)} cases, {full} full tiles")


if __name__ == "__main__":
    main()
