# SPDX-License-Identifier: GPL-2.0-only
"""Fork a child every few milliseconds, each of which speaks to an echo server once, until TERM: forker.py PORT"""
import os
import signal
import socket
import sys
import time

port, count, failed, over = int(sys.argv[1]), 0, 0, False


def end(number, frame):
    global over
    over = True


def reap(flags):
    global failed
    try:
        while (child := os.waitpid(-1, flags))[0]:
            failed += child[1] != 0
    except ChildProcessError:
        pass


signal.signal(signal.SIGTERM, end)
while not over:
    if os.fork() == 0:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        time.sleep(0.3)  # it may be from before the trace
        with socket.create_connection(("127.0.0.1", port), 5) as connection:
            connection.sendall(b"hello %d\n" % count)
            os._exit(connection.recv(100) != b"hello %d\n" % count)
    count += 1
    reap(os.WNOHANG)
    time.sleep(0.01)
reap(0)
sys.exit(failed != 0)
