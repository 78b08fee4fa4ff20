"""Checks that every wrong call of a tool is one clear error.

    check_errors.py TOOL DATA

TOOL is parallax-compile, parallax-run or parallax-bench, DATA the folder of golden cases. For
each row of the table below the tool must exit with 1, print nothing on stdout
and on stderr one line, "TOOL: error: MESSAGE", whose message begins in lower
case, has no full stop and holds the text of the row.
"""

import os
import subprocess
import sys
import tempfile

# A problem, wrong in one way, for any tool.
PROBLEMS = [
    ("--q-heads 3 --kv-heads 2", "expected query heads to be a multiple of key heads, got 3 and 2"),
    ("--head-dim 7", "got 7"),
    ("--head-dim 264", "got 264"),
    ("--head-dim 0", "expected --head-dim to be an integer in [1, 2147483647], got '0'"),
    ("--mask causal --window 0", "expected --window to be an integer in [1, 2147483647], got '0'"),
    ("--mask causal --window -1", "got '-1'"),
    ("--mask causal --window 2147483648", "got '2147483648'"),
    ("--mask causal --window 3x", "got '3x'"),
    ("--window 8", "expected a causal mask beside a window, got none"),
    ("--scale nan", "expected a finite float32 scale, got nan"),
    ("--scale inf", "expected a finite float32 scale, got inf"),
    ("--scale 1e39", "expected a finite float32 scale"),
    ("--scale wide", "expected --scale to be a number, got 'wide'"),
    ("--k-len 0", "expected --k-len to be an integer in [1, 2147483647], got '0'"),
    ("--q-len -4", "got '-4'"),
    ("--batch 0", "got '0'"),
    ("--batch 2147483648", "expected --batch to be an integer in [1, 2147483647], got '2147483648'"),
    ("--batch 99999999999999999999", "got '99999999999999999999'"),
    ("--op decode --q-len 17", "expected 1 to 16 query tokens in a decode, got 17"),
    ("--op backward", "expected op to be one of forward, decode, merge, got 'backward'"),
    ("--dtype f64", "expected dtype to be one of f32, bf16, f16, e4m3, got 'f64'"),
    ("--mask local", "expected mask to be one of none, causal, got 'local'"),
    ("--outputs d1,d2", "expected --outputs among row_max, d1, tbar, log_sum_exp, state, no_o, got 'd2'"),
    ("--page-size 16", "expected no pages in a forward, got a page size of 16; use decode for a cache"),
    ("--op decode --k-len 96 --page-size 48", "expected a page size that is a power of two in [1, 256], got 48"),
    ("--op decode --k-len 512 --page-size 512", "in [1, 256], got 512"),
    ("--op decode --page-size 0", "expected --page-size to be an integer in [1, 2147483647], got '0'"),
    ("--op decode --k-len 100 --page-size 16", "expected a key length of whole pages, a multiple of 16, got 100"),
    ("--new-len 1", "expected no new keys in a forward, got some; use decode for a cache"),
    ("--op decode --new-len 0", "expected --new-len to be an integer in [1, 2147483647], got '0'"),
    ("--op decode --k-len 8 --new-len 9", "expected a new length of at most the cache's 8, got 9"),
    ("--outputs no_o", "expected an output, got none"),
    ("--parts 3", "expected no parts in a forward, got 3; use merge"),
    ("--op merge --parts 0", "expected --parts to be an integer in [1, 2147483647], got '0'"),
    ("--op merge --k-len 8", "expected no keys, mask, window and scale in a merge"),
    ("--op merge --mask causal", "expected no keys, mask, window and scale in a merge"),
    ("--op merge --outputs row_max", "expected no row_max and d1 of a merge"),
    ("--nonsense", "expected an option of --help, got: --nonsense"),
    ("--op", "--op"),
]

# A file of schedules that is missing or malformed, for any tool.
PINNED = [
    ("--pinned nowhere.json", "expected to read nowhere.json, got: No such file or directory"),
    ("--pinned garbage.mlir", "garbage.mlir: expected JSON, got a parse error at line 1, column 2"),
    ("--pinned other.json", 'other.json: expected an object with "parallax_schedules": 1'),
    ("--pinned unfit.json", "unfit.json: entry 1 (mask=causal): schedule 128x7"),
    ("--pinned unfit.json", "expected keys to be a multiple of 16 in [16, 256], got 7"),
]

COMPILE = [
    ("--target sm_80 --to tile", "sm_90a, got 'sm_80'"),
    ("--to cubit", "one of problem, tile, hopper, nvvm, llvm, ptx, cubin, got 'cubit'"),
    ("--target cpu --to ptx", "one of problem, tile, vector, llvm, object, got 'ptx'"),
    ("--to hopper --schedule keys=7", "error: "),
    ("--to hopper --schedule nonsense", "error: "),
    ("--to cubin", "expected -o FILE for cubin"),
    ("--to tile --used-lengths", "expected no used lengths in a forward"),
    ("--to tile --op decode --page-size 64 --schedule keys=48", "expected tiles of whole pages or part of one, of 64 tokens, got 48 keys"),
    ("--to tile --layout ragged", "expected --layout to be blhd or bhld, got 'ragged'"),
    ("--to tile --layout bhld", "expected --q-len, --k-len, --q-heads and --kv-heads beside --layout"),
    ("nowhere.mlir --to tile", "expected to read nowhere.mlir, got: No such file or directory"),
    (". --to tile", "expected to read ., got: Is a directory"),
    ("nowhere.mlir --to tile --op decode", "got both nowhere.mlir and options"),
    ("garbage.mlir --to tile", "error: "),
    ("empty.mlir --to tile", "error: "),
    ("--to tile -o nowhere/x.mlir", "expected to write nowhere/x.mlir, got: No such file or directory"),
    ("--to tile -o x --report nowhere/x.json", "expected to write nowhere/x.json"),
    ("--to tile --dump garbage.mlir", "expected to make the folder garbage.mlir"),
]

GOLDEN = "--npz DATA/golden/decode_window.npz --op decode --mask causal --window 37 --dtype f32"
RUN = [
    ("--target tpu", "expected --target to be cpu, cuda or sim, got 'tpu'"),
    ("--kernel garbage.mlir", "expected --kernel with --target sim, got cpu"),
    ("--trace x.json", "expected --trace with --target sim, got cpu"),
    ("--target sim --orders 0", "expected --orders to be an integer in [1, 1000000], got '0'"),
    ("--target sim --dtype f32 --q-len 8 --k-len 8", "error: "),
    ("--target sim --q-len 8 --k-len 8 --kernel nowhere.mlir", "expected to read nowhere.mlir, got: No such file or directory"),
    ("--target sim --q-len 8 --k-len 8 --kernel empty.mlir", "expected a func.func with hopper.kernel, got none"),
    ("--target sim --q-len 8 --k-len 8 --trace nowhere/x.json", "expected to write nowhere/x.json, got: No such file or directory"),
    ("--layout ragged", "expected layout blhd, bhld or sliced, got 'ragged'"),
    ("--repeat 0", "expected --repeat to be an integer in [1, 1000000], got '0'"),
    ("--threads -1", "got '-1'"),
    ("--device x", "got 'x'"),
    ("--seed -1", "got '-1'"),
    ("--mask causal --window dynamic --q-len 8 --k-len 8", "expected window to be given"),
    ("--used-lengths 3 --k-len 8", "expected no used lengths in a forward"),
    ("--op decode --used-lengths 3,9 --batch 2 --k-len 8", "expected --used-lengths to be an integer in [1, 8], got '9'"),
    ("--op decode --used-lengths 0 --k-len 8", "got '0'"),
    ("--op decode --used-lengths 3,, --k-len 8", "got ''"),
    ("--op decode --used-lengths 3 --batch 2 --k-len 8", "expected 2 used lengths, one a sequence, got 1"),
    ("--batch 2147483647 --q-len 2147483647", "memory"),
    ("--npz nowhere.npz", "nowhere.npz"),
    ("--npz garbage.mlir", "garbage.mlir"),
    ("--npz .", "error: "),
    ("--npz DATA/golden/decode_window.npz --batch 3", "got both"),
    (GOLDEN + " --max-error-ratio 1e-30", "of its largest element, got an error of"),
    (GOLDEN + " --rms-ratio 0", "expected o within"),
    (GOLDEN + " --max-error-ratio much", "expected --max-error-ratio to be a number, got 'much'"),
    # Another window than the file's is another result.
    (GOLDEN.replace("37", "36"), "expected o within"),
]

BENCH = [
    ("--target tpu", "expected --target to be cpu or cuda, got 'tpu'"),
    ("--suite everything", "expected --suite to be forward, decode, cpu or smoke, got 'everything'"),
    ("--suite smoke --k-len 8", "expected problems from a list, a suite or options"),
    ("list.txt --suite smoke", "expected problems from a list, a suite or options"),
    ("nowhere.txt", "expected to read nowhere.txt, got: No such file or directory"),
    ("empty.mlir", "expected a problem a line in empty.mlir, got none"),
    ("garbage.mlir", "garbage.mlir:1: expected options that say a problem, got: func.func"),
    ("list.txt", "list.txt:3: expected query heads to be a multiple of key heads, got 3 and 2"),
    ("--suite smoke --rounds 0", "expected --rounds to be an integer in [1, 1000000], got '0'"),
    ("--suite smoke --sets -1", "got '-1'"),
    ("--suite smoke --sample-ms 0", "expected --sample-ms in (0, 10000], got 0"),
    ("--suite smoke --sample-ms long", "expected --sample-ms to be a number, got 'long'"),
    ("--suite smoke --peer nothing", "expected --peer to be NAME=COMMAND, got 'nothing'"),
    ("--suite smoke --list-peer nothing", "expected --list-peer to be NAME=COMMAND, got 'nothing'"),
    ("--suite smoke --peer a=x --list-peer a=y", "expected peers of different names, got 'a' twice"),
    ("--suite smoke --peer-timeout 0", "expected --peer-timeout in (0, 1000000], got 0"),
    ("--suite smoke --peer a=x --peer a=y", "expected peers of different names, got 'a' twice"),
    ("--suite smoke --gemm-command x", "expected --target cuda beside --gemm-command, got cpu"),
    ("--suite smoke --host --svg x.svg", "expected only --json, --pinned and a --schedule beside --host"),
    ("--suite smoke --host --tune x.json", "expected only --json, --pinned and a --schedule beside --host"),
    ("--suite smoke --host --schedule keys=32 --schedule keys=48", "expected one --schedule beside --host, got 2"),
    ("--suite smoke --host --schedule rows=0", "expected a tile of 1 to 1024 rows"),
    ("--suite smoke --host --pinned nowhere.json", "expected to read nowhere.json, got: No such file or directory"),
    ("--suite smoke --layout ragged", "expected layout blhd, bhld or sliced, got 'ragged'"),
    ("--suite smoke --schedule keys=many", "expected a number of 32 bits for keys of a schedule, got 'many'"),
    ("--suite smoke --schedule rows=48 --schedule colour=3", "expected a field of a schedule, one of rows, keys"),
    ("--suite smoke --candidates --tune x.json", "expected only problems and --target beside --candidates, got more"),
    ("--suite smoke --keep", "expected --tune beside --keep, got none"),
    ("--suite smoke --tune x.json --schedule keys=48", "how to measure beside --tune, got --csv"),
    ("--suite smoke --tune x.json --json y.json", "how to measure beside --tune, got --csv"),
    ("--suite smoke --tune nowhere/x.json", "expected to write nowhere/x.json, got: No such file or directory"),
    ("--suite smoke --tune other.json", 'other.json: expected an object with "parallax_schedules": 1'),
    ("--suite smoke --tune .", "expected to read ., got: Is a directory"),
]
TABLES = {"parallax-compile": COMPILE, "parallax-run": RUN, "parallax-bench": BENCH}


def check(tool, arguments, expected, environment=None):
    done = subprocess.run(
        [tool] + arguments.split(), capture_output=True, text=True, env=environment, timeout=120
    )
    prefix = tool + ": error: "
    lines = done.stderr.splitlines()
    message = lines[0][len(prefix):] if lines else ""
    complaint = (
        "exit status 1, got %d" % done.returncode if done.returncode != 1
        else "one line on stderr, got %d" % len(lines) if len(lines) != 1
        else "it to begin with '%s'" % prefix if not lines[0].startswith(prefix)
        else "lower case and no full stop" if message[:2].istitle() or message.endswith(".")
        else "'%s'" % expected if expected not in lines[0]
        else None
    )
    # A result past the tolerance is shown all the same.
    if not complaint and done.stdout and "expected o within" not in message:
        complaint = "nothing on stdout, got %r" % done.stdout[:200]
    if complaint:
        return "%s %s: expected %s\n  %s" % (tool, arguments, complaint, done.stderr)
    return None


def main():
    tool, data = sys.argv[1], os.path.abspath(sys.argv[2])
    extra = "--to tile " if tool == "parallax-compile" else ""
    table = [(extra + arguments, text) for arguments, text in PROBLEMS]
    table += [(extra + arguments, text) for arguments, text in PINNED]
    table += TABLES[tool]
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        with open("garbage.mlir", "w", encoding="utf-8") as file:
            file.write("func.func @f( {\n  what is this?\n")
        open("empty.mlir", "w", encoding="utf-8").close()
        with open("other.json", "w", encoding="utf-8") as file:
            file.write("{}")
        with open("unfit.json", "w", encoding="utf-8") as file:
            file.write('{"parallax_schedules": 1, "schedules": [{"target": "sm_90a", '
                       '"problem": "mask=causal", "schedule": "keys=7"}]}')
        with open("list.txt", "w", encoding="utf-8") as file:
            file.write("# a list\n--k-len 8\n--q-heads 3 --kv-heads 2\n")
        found = [check(tool, arguments.replace("DATA", data), text) for arguments, text in table]
    complaints = [complaint for complaint in found if complaint]
    if complaints:
        sys.exit("\n".join(complaints))
    print("%d wrong calls, one clear error each" % len(table))


if __name__ == "__main__":
    main()
