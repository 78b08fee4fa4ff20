"""Compiles what the heuristic picks to cubins.

    no_spills.py [--sample | --lot N] PARALLAX_COMPILE DIRECTORY

These are every head dimension at which the schedule or the padding
changes with every mask, type and kind once or more; decodes of every such head
dimension, kind of cache and size of small pages with some lengths, groups of
heads and all else by lot; states, negative scales, every choice of outputs
where registers are scarcest, and what spilled once. --sample takes a fifth of
them, and all that spilled once. A compilation fails if the kernel spills or the
assembler serialised its multiplications.

--lot N takes N decodes by another lot, to look for what is not among them.
"""

import concurrent.futures
import itertools
import os
import random
import subprocess
import sys

HEAD_DIMS = (8, 64, 96, 104, 128, 136, 192, 200, 256)
MASKS = ((), ("--mask", "causal"), ("--mask", "causal", "--window", "100"))
TYPES = ("bf16", "f16")
KINDS = ("forward", "decode")
NAMES = ("row_max", "d1", "tbar", "log_sum_exp")
OUTPUTS = ("--outputs", ",".join(NAMES))
PAGES = (0, 1, 2, 4, 8, 16, 64)
QUERY_LENGTHS = (1, 2, 4, 16)
GROUPS = (1, 2, 4, 7, 8, 32)
SCALES = ((), ("--k-scale", "head", "--v-scale", "head"), ("--v-scale", "tensor"), ("--k-scale", "tensor"))
# The division of registers among producer, converters and consumers was wrong.
SPILLED = (
    "--op decode --cache-dtype e4m3 --head-dim 64 --page-size 2 --q-len 2 --q-heads 4 --kv-heads 2 --mask causal"
    " --used-lengths --outputs row_max,d1,tbar,log_sum_exp --k-scale head --v-scale head",
    "--op decode --head-dim 144 --page-size 1 --q-len 4 --q-heads 14 --kv-heads 2 --new-len 1",
    "--op decode --dtype f16 --head-dim 192 --page-size 1 --q-len 4 --q-heads 16 --kv-heads 2 --mask causal --window 100"
    " --outputs row_max --new-len 1",
    "--op decode --dtype f16 --cache-dtype e4m3 --head-dim 256 --page-size 8 --q-len 5 --q-heads 16 --kv-heads 2"
    " --mask causal --outputs row_max,d1,tbar,log_sum_exp --k-scale tensor --v-scale head",
    "--op decode --cache-dtype e4m3 --head-dim 248 --page-size 8 --q-len 4 --q-heads 14 --kv-heads 2 --mask causal"
    " --window 100 --used-lengths --outputs row_max,d1,tbar,log_sum_exp --v-scale tensor",
    "--op decode --dtype f16 --cache-dtype e4m3 --head-dim 128 --page-size 4 --q-len 4 --q-heads 14 --kv-heads 2"
    " --used-lengths --outputs row_max,d1,log_sum_exp --k-scale head --v-scale head --new-len 1",
    "--op decode --cache-dtype e4m3 --head-dim 104 --page-size 1 --q-len 2 --q-heads 16 --kv-heads 2 --mask causal"
    " --used-lengths --outputs row_max,tbar,log_sum_exp --k-scale tensor",
    "--op decode --dtype f16 --cache-dtype e4m3 --head-dim 80 --page-size 8 --q-heads 4 --kv-heads 2"
    " --used-lengths --outputs d1,tbar,log_sum_exp --k-scale head --v-scale head --new-len 1 --q-len 1",
)


def draw(lot, head_dim, cache, page, query_length):
    """A decode with what is not given by lot."""
    group = lot.choice(GROUPS)
    command = ["--op", "decode", "--head-dim", str(head_dim), "--dtype", lot.choice(TYPES), *lot.choice(MASKS)]
    command += ["--q-len", str(query_length), "--q-heads", str(2 * group), "--kv-heads", "2"]
    if cache:
        command += ["--cache-dtype", cache, *lot.choice(SCALES)]
    if page:
        command += ["--page-size", str(page)]
    some = [name for name in NAMES if lot.random() < 0.5]
    if outputs := lot.choice(((), NAMES, some)):
        command += ["--outputs", ",".join(outputs)]
    if lot.random() < 0.7:
        command += ["--used-lengths"]
    if lot.random() < 0.4:
        command += ["--new-len", "1"]
    if lot.random() < 0.1:
        command += ["--scale", "-1"]
    return command


def draw_all(lot):
    return draw(lot, lot.randrange(8, 257, 8), lot.choice(("", "e4m3")), lot.choice(PAGES), lot.choice(QUERY_LENGTHS))


def cases():
    everything = itertools.product(HEAD_DIMS, TYPES, KINDS, range(len(MASKS)))
    for index, (head_dim, dtype, kind, mask) in enumerate(everything):
        command = ["--op", kind, "--dtype", dtype, "--head-dim", str(head_dim), *MASKS[mask]]
        if kind == "decode":
            command += ["--q-heads", "32", "--kv-heads", "4"]
            if mask == 1:
                command += ["--used-lengths"]
        # The mask with all outputs goes round.
        if index // len(MASKS) % len(MASKS) == mask:
            command += OUTPUTS
        yield command
        # Long sequences have a schedule of their own.
        if kind == "forward" and head_dim > 96 and mask < 2:
            yield [*command, "--k-len", "16384"]
    lot = random.Random(2)
    for given in itertools.product(HEAD_DIMS, ("", "e4m3"), PAGES, QUERY_LENGTHS):
        yield draw(lot, *given)
    # Few sequences, whose warps have keys of their own and whose CTAs are clusters.
    lot = random.Random(3)
    for index, given in enumerate(itertools.product((8, 64, 96, 104, 128), ("", "e4m3"), (0, 16, 64), (1, 2, 4))):
        yield [*draw(lot, *given), "--batch", "1", "--k-len", ("512", "16384", "4096")[index % 4 % 3]]
    # Keys of many sequences, which are dealt.
    for index, (head_dim, dtype, mask) in enumerate(itertools.product((8, 64, 96, 104, 128), TYPES, MASKS[:2])):
        command = ["--op", "decode", "--head-dim", str(head_dim), "--dtype", dtype, *mask, "--used-lengths"]
        command += ["--batch", "32", "--k-len", "8192", "--q-heads", "32", "--kv-heads", "8"]
        command += ["--q-len", str(QUERY_LENGTHS[index % 3])]
        yield command + (["--outputs", "tbar,log_sum_exp,state"] if index % 2 else [])
    # States, and scales that are not positive.
    for head_dim, dtype, mask in itertools.product((64, 96, 128, 256), TYPES, MASKS):
        yield ["--head-dim", str(head_dim), "--dtype", dtype, *mask, "--outputs", "state,row_max,d1"]
        yield ["--head-dim", str(head_dim), "--dtype", dtype, *mask, "--scale", "-1"]
    for count in range(1, len(NAMES)):
        for outputs in itertools.combinations(NAMES, count):
            for mask in MASKS[1:]:
                yield ["--head-dim", "128", *mask, "--outputs", ",".join(outputs)]


def compile_one(tool, directory, index, options):
    output = os.path.join(directory, f"{index}.cubin")
    run = subprocess.run([tool, *options, "--specialize", "--to", "cubin", "-o", output], capture_output=True, text=True)
    if run.returncode:
        return f"{' '.join(options)}: status {run.returncode}: {run.stderr.strip()}"
    with open(output, "rb") as file:
        if file.read(4) != b"\x7fELF":
            return f"{' '.join(options)}: expected a cubin"
    os.remove(output)
    return None


def main():
    *options, tool, directory = sys.argv[1:]
    os.makedirs(directory, exist_ok=True)
    everything = list(cases())
    if options == ["--sample"]:
        everything = random.Random(1).sample(everything, len(everything) // 5)
    everything += [case.split() for case in SPILLED]
    if options[:1] == ["--lot"]:
        lot = random.Random()
        everything = [draw_all(lot) for _ in range(int(options[1]))]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = [pool.submit(compile_one, tool, directory, *case) for case in enumerate(everything)]
        failures = [failure for job in jobs if (failure := job.result())]
    for failure in failures:
        print(failure)
    print(f"{len(everything)} kernels, {len(failures)} failed")
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main())
