# SPDX-License-Identifier: GPL-2.0-only
"""A store of two: a primary that hands each write to its replica, and acknowledges it

	async	at once: what was acknowledged is lost when the primary is
	sync	only once the replica has it

twin.py serve PORT [REPLICA_HOST MODE]   one server
twin.py write HOST KEY VALUE             exit 0 acknowledged, 1 refused, 2 unknown
twin.py read KEY VALUE HOST...           at the first host: exit 0 there, 1 not there, 2 no answer
"""
import socket
import sys
import threading

PORT = 7600


def lines(conn):
    return conn.makefile("r", encoding="ascii")


class Replica:
    """The primary's side of the connection to its replica, made when it is first needed."""

    def __init__(self, host, mode):
        self.host, self.mode, self.lock = host, mode, threading.Lock()
        self.conn = socket.create_connection((host, PORT), 3)
        self.answers = lines(self.conn)

    def hand_on(self, line):
        with self.lock:
            self.conn.settimeout(1)
            self.conn.sendall(line.encode())
            if self.mode == "async":
                return True
            try:
                return self.answers.readline() == "ok\n"
            except OSError:
                return False


def answer(store, replica, line):
    words = line.split()
    if words[0] == "set":
        store[words[1]] = words[2]
        return "ok\n" if not replica or replica.hand_on(line) else "no\n"
    return f"value {store[words[1]]}\n" if words[1] in store else "none\n"


def talk(conn, store, replica):
    with conn:
        for line in lines(conn):
            conn.sendall(answer(store, replica, line).encode())


def serve(replica_host=None, mode=None):
    replica = Replica(replica_host, mode) if replica_host else None
    store = {}
    with socket.create_server(("0.0.0.0", PORT)) as server:
        while True:
            conn, _ = server.accept()
            threading.Thread(target=talk, args=(conn, store, replica), daemon=True).start()


def ask(host, line, limit):
    try:
        with socket.create_connection((host, PORT), limit) as conn:
            conn.settimeout(limit)
            conn.sendall(line.encode())
            return lines(conn).readline()
    except OSError as why:
        print(f"{host}: {why}")
        return ""


def write(host, key, value):
    got = ask(host, f"set {key} {value}\n", 2.5)
    print(f"{host}: {got.strip()}")
    return {"ok\n": 0, "no\n": 1}.get(got, 2)


def read(key, value, *hosts):
    for host in hosts:
        got = ask(host, f"get {key}\n", 1)
        if got:
            print(f"{host}: {got.strip()}")
            return 0 if got == f"value {value}\n" else 1
    return 2


if __name__ == "__main__":
    sys.exit({"serve": serve, "write": write, "read": read}[sys.argv[1]](*sys.argv[2:]))
