#!/usr/bin/env python3
"""When do new connections to HOST PORT work? From the network namespace it is started in.

reach.py HOST PORT silent SECONDS    wait until they do not; exit 1 when the time is over
reach.py HOST PORT signal PID N      send the signal, then print the seconds until one works, and
                                     whether none worked just before: "0.004 silent", "0.001 open"
"""
import os
import socket
import sys
import time

host, port, verb = sys.argv[1], int(sys.argv[2]), sys.argv[3]


def answers(timeout=0.15):
    try:
        socket.create_connection((host, port), timeout).close()
        return True
    except OSError:
        return False


if verb == "silent":
    end = time.monotonic() + float(sys.argv[4])
    while answers() or answers():
        if time.monotonic() > end:
            sys.exit(1)
        time.sleep(0.02)
else:
    before = "open" if answers() else "silent"
    begin = time.monotonic()
    os.kill(int(sys.argv[4]), int(sys.argv[5]))
    while not answers():
        if time.monotonic() - begin > 20:
            sys.exit("nothing answers 20 s after the signal")
    print(f"{time.monotonic() - begin:.3f} {before}")
