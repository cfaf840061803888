#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
# Did c1 let go before c2 got the lock? Their containers share one clock.
# Exit 0: yes; 1: they held it together; 2: unknown.
import os
import subprocess
import sys
import time

PROJECT = os.environ.get("CUTSET_PROJECT", "cutset-zookeeper")


def held(name):
    """When it got the lock and when it let go; what is not yet known is missing"""
    answer = subprocess.run(["docker", "exec", f"{PROJECT}_{name}_1", "cat", "held"], capture_output=True, text=True)
    return [float(word) for word in answer.stdout.split()]


end = time.monotonic() + 12
while len(first := held("c1")) < 2 and time.monotonic() < end:
    time.sleep(0.2)
second = held("c2")
if len(first) < 2 or not second:
    print("not known")
    sys.exit(2)
print(f"c1 let go {abs(second[0] - first[1]):.1f} s {'before' if first[1] <= second[0] else 'after'} c2 got the lock")
sys.exit(0 if first[1] <= second[0] else 1)
