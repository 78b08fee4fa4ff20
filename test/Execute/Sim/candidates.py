"""Simulates every schedule that a tuner would try, for small problems.

    candidates.py [--sample] PARALLAX_BENCH PARALLAX_RUN

A tuner skips what does not compile or is wrong, but what hangs on a card or
races is for the simulator to find. --sample takes a third of them.
"""

import concurrent.futures
import os
import random
import subprocess
import sys

DECODE = "--op decode --mask causal --batch 2 --q-len 2 --q-heads 4 --kv-heads 2 "
PROBLEMS = [
    "--mask causal --q-heads 2 --kv-heads 1 --q-len 150 --k-len 300 --head-dim 64",
    "--mask causal --q-heads 1 --kv-heads 1 --q-len 150 --k-len 300 --head-dim 128 --outputs log_sum_exp",
    "--dtype f16 --q-heads 1 --kv-heads 1 --q-len 70 --k-len 300 --head-dim 256",
    DECODE + "--k-len 600 --head-dim 128 --used-lengths 600,77",
    DECODE + "--k-len 320 --head-dim 64 --page-size 16 --used-lengths 65,320 --window 200",
    DECODE + "--k-len 300 --head-dim 192",
]


def output_of(command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def check(tool, problem, schedule):
    command = [tool, "--target", "sim", "--orders", "1", *problem.split(), "--schedule", schedule]
    done = subprocess.run(command, capture_output=True, text=True)
    return done.returncode == 0, "%s\n  %s\n  %s" % (problem, schedule, done.stderr.strip())


def main():
    *options, bench, tool = sys.argv[1:]
    jobs = []
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for problem in PROBLEMS:
            lines = output_of([bench, "--target", "cuda", "--candidates", *problem.split()]).splitlines()
            schedules = [line for line in lines if not line.startswith("#")]
            assert schedules, lines
            if options == ["--sample"]:
                schedules = random.Random(1).sample(schedules, (len(schedules) + 2) // 3)
            jobs += [pool.submit(check, tool, problem, schedule) for schedule in schedules]
    failed = [text for passed, text in (job.result() for job in jobs) if not passed]
    for text in failed:
        print("FAIL", text)
    print("%d schedules simulated, %d failed" % (len(jobs), len(failed)))
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
