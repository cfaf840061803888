#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
# Hold the lock for a while, in a client's container: holder.py NAME SECONDS [listening]. The file `held` takes when
# it got the lock and when it let go, or would have. With `listening` it lets go when kazoo says that the
# connection is in doubt, as its manual asks for.
import os
import sys
import threading
import time

sys.path.insert(0, "/cutset")
from client import SERVERS, client

name, seconds, listening = sys.argv[1], float(sys.argv[2]), "listening" in sys.argv
doubt = threading.Event()
zk = client(*SERVERS.values())
if listening:
    zk.add_listener(lambda state: doubt.set() if state != "CONNECTED" else None)
zk.start(timeout=5)
lock = zk.Lock("/lock", name)
if not lock.acquire(timeout=10):
    sys.exit(1)
doubt.clear()
with open("held", "w") as held:
    print(time.time(), file=held, flush=True)
    doubt.wait(seconds)
    print(time.time(), file=held, flush=True)
if zk.connected:
    lock.release()
os._exit(0)
