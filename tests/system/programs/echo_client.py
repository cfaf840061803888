#!/usr/bin/env python3
"""Send numbered lines and check that they come back. Usage: echo_client.py PORT COUNT [PAUSE_S [ADDRESS]]
A COUNT of 0 goes on until the connection ends."""
import socket
import sys
import time

port, count = int(sys.argv[1]), int(sys.argv[2])
pause = float(sys.argv[3]) if len(sys.argv) > 3 else 0
address = sys.argv[4] if len(sys.argv) > 4 else "127.0.0.1"
connection = socket.create_connection((address, port), timeout=20)
back = connection.makefile("rb")
i = 0
while not count or i < count:
    i += 1
    line = b"line %d %s\n" % (i, b"x" * (i * 37 % 3000))
    connection.sendall(line)
    answer = back.readline()
    if answer != line:
        sys.exit("line %d came back as %r" % (i, answer[:40]))
    time.sleep(pause)
