"""Interrupts a tuning when its first problem is done: interrupt_tuning.py BENCH FILE.

The second problem is large enough that it can't be done before the signal.
"""

import json
import os
import signal
import subprocess
import sys

bench, path = sys.argv[1:]
listed = path + ".list"
with open(listed, "w", encoding="utf-8") as file:
    file.write("--k-len 40 --q-heads 2 --head-dim 16 --dtype f32\n"
               "--k-len 2048 --q-heads 8 --head-dim 128 --dtype f32\n")
if os.path.exists(path):
    os.remove(path)
process = subprocess.Popen([bench, listed, "--tune", path, "--rounds", "100"], text=True,
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE)
first = process.stdout.readline()
assert first.startswith("1x2x40x16 f32: "), first
process.send_signal(signal.SIGINT)
_, errors = process.communicate(timeout=120)
assert process.returncode == 1, (process.returncode, errors)
assert errors.splitlines()[-1].endswith(path + " holds the 1 that are done"), errors
with open(path, encoding="utf-8") as file:
    schedules = json.load(file)["schedules"]
assert len(schedules) == 1, schedules
assert not [name for name in os.listdir(os.path.dirname(path)) if name.endswith(".tmp")]
print("1 schedule was saved")
