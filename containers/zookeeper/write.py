#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
# Create one fresh node, through the first server that takes the session.
# Exit 0: acknowledged; 1: refused; 2: unknown, it may have happened.
import os

from client import KEY, VALUE, client, heard

zk = client(*heard())
try:
    zk.start(timeout=5)
except Exception:
    print("no server takes a session")
    os._exit(1)
try:
    print("created", zk.create_async(KEY, VALUE).get(timeout=5), flush=True)
except Exception as error:
    print("unknown:", repr(error), flush=True)
    os._exit(2)
os._exit(0)
