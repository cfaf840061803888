#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
# c1 holds the lock for a while; meanwhile c2 asks for it: lock.py [listening]. In between the workload itself looks
# at the lock: from its step 1 on c1 holds it.
# Exit 0: c2 got the lock, too, some time; 1: refused, or c1 did not get it; 2: unknown.
import os
import subprocess
import sys

from client import SERVERS, ask

PROJECT = os.environ.get("CUTSET_PROJECT", "cutset-zookeeper")


def hold(name, seconds, *options):
    return subprocess.call(["docker", "exec", *options, f"{PROJECT}_{name}_1", "/cutset/holder.py", name, str(seconds),
                            *sys.argv[1:]])


def locks():
    """How many sessions hold or want the lock, as zk2 knows it"""
    return ask(SERVERS["zk2"], "dump").count("/lock/")


if locks():
    print("the lock is not free")
    sys.exit(1)
hold("c1", 4, "-d")
if subprocess.call(["docker", "exec", f"{PROJECT}_c1_1", "timeout", "4", "sh", "-c", "until [ -s held ]; do sleep 0.05; done"]):
    print("c1 does not get the lock")
    sys.exit(1)
if locks() != 1:
    print("c1 is not seen to hold the lock")
    sys.exit(2)
print("c1 holds the lock", flush=True)
if hold("c2", 0):
    print("c2 does not get the lock")
    sys.exit(2)
print("c2 got the lock")
