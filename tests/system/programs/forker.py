# SPDX-License-Identifier: GPL-2.0-only
"""Fork a child every few milliseconds, each of which speaks to an echo server once: forker.py PORT COUNT"""
import os
import socket
import sys
import time

port, count = int(sys.argv[1]), int(sys.argv[2])
for i in range(count):
    if os.fork() == 0:
        time.sleep(0.3)  # it may be from before the trace
        with socket.create_connection(("127.0.0.1", port), 5) as connection:
            connection.sendall(b"hello %d\n" % i)
            os._exit(connection.recv(100) != b"hello %d\n" % i)
    time.sleep(0.005)
failed = 0
for i in range(count):
    failed += os.wait()[1] != 0
sys.exit(failed != 0)
