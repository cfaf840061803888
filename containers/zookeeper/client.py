# SPDX-License-Identifier: GPL-2.0-only
"""What the commands of the scenarios share: where the servers are, and this run's key."""
import os
import re
import socket

from kazoo.client import KazooClient
from kazoo.retry import KazooRetry

NET = os.environ.get("NET", "198.18.71")
SERVERS = {"zk1": f"{NET}.11", "zk2": f"{NET}.12", "zk3": f"{NET}.13"}
SESSION = 2.0  # seconds; the servers take two to twenty ticks

# Rare words of a constant length: the message that carries them is the same message in every run.
RUN = re.sub(r"\W", "_", os.environ.get("CUTSET_RUN", "0")).rjust(12, "0")[-12:]
KEY, VALUE = f"/key_{RUN}", f"value_{RUN}".encode()


def heard():
    """The addresses of the servers that cutset has not silenced"""
    silenced = os.environ.get("CUTSET_SILENCED", "").split()
    return [address for name, address in SERVERS.items() if name not in silenced]


def client(*addresses):
    """One that asks the servers in that order."""
    return KazooClient(",".join(f"{address}:2181" for address in addresses), timeout=SESSION, randomize_hosts=False,
                       connection_retry=KazooRetry(max_tries=-1, delay=0.1, max_delay=0.5))


def ask(address, word, seconds=1):
    """What a server says to a word of four letters; "" when it says nothing in time"""
    try:
        with socket.create_connection((address, 2181), seconds) as server:
            server.settimeout(seconds)
            server.sendall(word.encode())
            return server.makefile().read()
    except OSError:
        return ""
