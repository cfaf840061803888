#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
# drain.py mirrored|quorum: take all that is in the queue, at the first node that is not silenced; wait for an
# election. Nothing is acknowledged, so all goes back when the connection ends, and it can be taken again.
# Exit 0: the message is there; 1: it is not; 2: no node gives out what there is.
import sys, time
from client import *

queue, _ = queues[sys.argv[1]]


def take(node):
    channel, found = open_channel(node), set()
    while True:
        frame, _, body = channel.basic_get(queue)
        if frame is None:
            channel.connection.close()
            return found
        found.add(body.decode())


deadline, status = time.time() + 8, 2
while status and time.time() < deadline:
    for node in sorted(set(address) - set(silenced)):
        try:
            status = 0 if message in within(4, take, node) else 1
            print(node + ": " + ("lost" if status else "kept"), flush=True)
            break
        except (Late, *refused) as error:
            print(node + ": " + repr(error), flush=True)
    time.sleep(1 if status else 0)
sys.exit(status)
