#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
# A known good state, whatever an election left: no client is at work, zk3 leads, zk1 and zk2 follow, and nothing
# is stored. Exit 0 only when all of it is seen. When another leads they all begin anew.
import os
import re
import subprocess
import time

from client import SERVERS, ask, client

PROJECT = os.environ.get("CUTSET_PROJECT", "cutset-zookeeper")
CLIENTS = ["c1", "c2"] if "clients" in os.environ.get("COMPOSE_PROFILES", "") else []
ROLES = {"zk1": "follower", "zk2": "follower", "zk3": "leader"}
patience = time.monotonic() + 3  # with servers that do not answer; they may be in an election
END = time.monotonic() + float(os.environ.get("CUTSET_RESET_LIMIT", 30))


def shell(node, line):
    subprocess.run(["docker", "exec", f"{PROJECT}_{node}_1", "sh", "-c", line], check=True)


def until(what, function):
    while not function():
        if time.monotonic() > END:
            print("reset:", what, flush=True)
            os._exit(1)
        time.sleep(0.05)


def modes():
    answers = {name: re.search(r"Mode: (\w+)", ask(address, "srvr")) for name, address in SERVERS.items()}
    return {name: mode[1] for name, mode in answers.items() if mode}


def begin_anew():
    for node in SERVERS:
        shell(node, "touch wait; kill -9 -1")
    for node in reversed(SERVERS):
        shell(node, "rm wait")


def zk3_leads():
    """True once it does. Two that are quicker elect another: then all begin anew once more."""
    global patience
    now = modes()
    if now == ROLES:
        return True
    if len(now) == len(ROLES) or time.monotonic() > patience:
        begin_anew()
        patience = time.monotonic() + 8
    return False


def empty():
    zk = client(SERVERS["zk1"])
    try:
        zk.start(timeout=3)
        for name in zk.get_children("/"):
            if name != "zookeeper":
                zk.delete(f"/{name}", recursive=True)
        zk.stop()
        return True
    except Exception:
        return False


def no_lock():
    """Clients that ended without a word live on as sessions until these expire."""
    return "Sessions with Ephemerals (0)" in ask(SERVERS["zk3"], "dump")


for node in CLIENTS:
    shell(node, "kill -9 -1; rm -f held")
until("zk3 does not lead", zk3_leads)
until("the nodes cannot be deleted", empty)
until("a session holds a lock", no_lock)
