"""A peer that takes its problems as a list; each takes a millisecond a key."""

import sys

for line in sys.stdin:
    words = line.split()
    print("expected no window" if "--window" in words else words[words.index("--k-len") + 1], flush=True)
