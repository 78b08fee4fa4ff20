"""Compiles what the heuristic picks to cubins.

    no_spills.py [--sample] PARALLAX_COMPILE DIRECTORY

These are every head dimension at which the schedule or the padding
changes with every mask, type and kind once or more, every size of small pages,
caches of e4m3, states, negative scales, and every choice of outputs where registers are scarcest; --sample takes a third
of them. A compilation fails if the kernel spills or the assembler serialised its
multiplications.
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
OUTPUTS = ("--outputs", "row_max,d1,tbar,log_sum_exp")


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
    # The producer of small pages needs more registers.
    pages = [1 << n for n in range(7)]
    for index, (page, head_dim) in enumerate(itertools.product(pages, (64, 128, 256))):
        yield ["--op", "decode", "--dtype", TYPES[index % 2], "--head-dim", str(head_dim), "--page-size", str(page),
               *MASKS[index // 3 % 3], *(OUTPUTS if index % 4 == 0 else ()), "--used-lengths", *(("--new-len", "1") if index % 2 else ())]
    # Converters take registers of the consumers.
    scales = (("--k-scale", "head", "--v-scale", "head"), ("--v-scale", "tensor"), ())
    for index, (head_dim, dtype, pages, heads) in enumerate(itertools.product(HEAD_DIMS, TYPES, ("", "1", "64"), ("4", "32"))):
        yield ["--op", "decode", "--dtype", dtype, "--cache-dtype", "e4m3", "--head-dim", str(head_dim), "--q-heads", "32",
               "--kv-heads", heads, *(("--page-size", pages) if pages else ()), *scales[index % 3], *MASKS[index // 2 % 3],
               *(OUTPUTS if index % 5 == 0 else ()), *(("--used-lengths",) if index % 4 else ())]
    # States, and scales that are not positive.
    for head_dim, dtype, mask in itertools.product((64, 96, 128, 256), TYPES, MASKS):
        yield ["--head-dim", str(head_dim), "--dtype", dtype, *mask, "--outputs", "state,row_max,d1"]
        yield ["--head-dim", str(head_dim), "--dtype", dtype, *mask, "--scale", "-1"]
    names = OUTPUTS[1].split(",")
    for count in range(1, len(names)):
        for outputs in itertools.combinations(names, count):
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
        everything = random.Random(1).sample(everything, len(everything) // 3)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = [pool.submit(compile_one, tool, directory, *case) for case in enumerate(everything)]
        failures = [failure for job in jobs if (failure := job.result())]
    for failure in failures:
        print(failure)
    print(f"{len(everything)} kernels, {len(failures)} failed")
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main())
