#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
# Read the node that write.py created, after a sync, at the first server that answers; wait for an election.
# Exit 0: it is there; 1: a server answers without it; 2: none answered in time.
import os
import time

from kazoo.exceptions import NoNodeError

from client import KEY, VALUE, client, heard


def read(address):
    """Its value, None where there is no such node; an exception when the server does not answer"""
    zk = client(address)
    zk.start(timeout=2)
    zk.sync_async("/").get(timeout=2)
    try:
        return zk.get_async(KEY).get(timeout=2)[0]
    except NoNodeError:
        return None


def judge():
    end = time.monotonic() + 20
    while time.monotonic() < end:
        for address in heard():
            try:
                kept = read(address) == VALUE
            except Exception:
                continue
            print(address, "kept" if kept else "lost", flush=True)
            return 0 if kept else 1
        time.sleep(0.2)
    print("no server answers", flush=True)
    return 2


os._exit(judge())
