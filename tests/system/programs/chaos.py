# SPDX-License-Identifier: GPL-2.0-only
"""
What inject_chaos.sh and inject_removal.sh share: doors that are knocked at, a stream that may lose nothing, what an
injector holds, and the table of what was tried.
"""
import collections

from netlab import *

# An agent, or a program of its own: answers at port 7010, by TCP and by UDP.
DOORS = """
import socket, threading, time
door = socket.create_server(('', 7010)); udoor = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); udoor.bind(('', 7010))
def answer():
    while True:
        conn = door.accept()[0]; conn.sendall(b'hello'); conn.close()
def answer_datagrams():
    while True:
        data, peer = udoor.recvfrom(100); udoor.sendto(data, peer)
for f in answer, answer_datagrams: threading.Thread(target=f, daemon=True).start()
"""
KNOCK = """
refused = 0
def knock(address):
    "Do a new connection and a datagram pass?"
    global refused
    try:
        with socket.create_connection((address, 7010), 0.2) as c:
            c.settimeout(0.3)
            if c.recv(5) != b'hello': return False
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as u:
            u.settimeout(0.3); u.sendto(b'x', (address, 7010)); return u.recv(1) == b'x'
    except OSError as e:
        refused += e.errno == errno.ENOBUFS
        return False
"""
# One end counts, a number every millisecond; the other looks whether each is one more than the one before.
PUMP = """
count, broken = 0, None
def pump():
    global count, broken
    try:
        while not stop.is_set():
            s.sendall(struct.pack('>Q', count)); count += 1; time.sleep(0.001)
    except OSError as e: broken = repr(e)
stop = threading.Event(); threading.Thread(target=pump, daemon=True).start()
"""
STOCK = """
had, rest, in_order = 0, b'', True
def take_stock():
    "How many came, and whether none is missing among them."
    global had, rest, in_order
    while chunks: rest += chunks.pop(0)[1]
    cnt = len(rest) // 8
    in_order &= struct.unpack('>%dQ' % cnt, rest[:8 * cnt]) == tuple(range(had, had + cnt))
    had, rest = had + cnt, rest[8 * cnt:]
    return had, in_order
"""


def programs():
    return {line.split(":")[0]: line for line in sh("bpftool prog show").split("\n") if ": " in line}


def programs_of(pid):
    """The numbers of the programs that this process holds."""
    found = set()
    for fd in os.listdir(f"/proc/{pid}/fdinfo"):
        with open(f"/proc/{pid}/fdinfo/{fd}") as info:
            found |= {line.split()[1] for line in info if line.startswith("prog_id:")}
    return found


def left(held):
    return [line for number, line in programs().items() if number in held]


def start_stream(lab):
    """From a to b, port 7000; for as long as the lab is there."""
    lab.listen("b", 7000)
    lab.connect("a", "b", 7000)
    lab.a(PUMP)
    lab.b(STOCK)


def arm(lab, faults):
    """Returns what was said where two of them do not fit together."""
    try:
        lab.cut("arm " + " ".join(faults))
    except AssertionError as refused:
        expect("together" in str(refused) or "overlap" in str(refused), refused)
        return str(refused)
    return ""


def passes(lab, pairs, since, what):
    """New connections and datagrams pass between these, two seconds after @since at the latest; returns when."""
    for one, other in pairs:
        until(lambda: lab.agents[one](f"knock({lab.address[other]!r})"), 4, f"{what}: {one} connects to {other}")
    took = time.monotonic() - since
    expect(took < 2 + 0.5, f"{what}: connected only after {took:.1f} s")
    return took


class Table:
    """What was tried, and what became of it; printed when its block ends, however that is."""

    def __init__(self):
        self.rows = {}

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.print()

    def add(self, kind, **what):
        row = self.rows.setdefault(kind, collections.Counter())
        row["times"] += 1
        for key, value in what.items():
            row[key] = max(row[key], value) if key in ("took", "resumed") else row[key] + value

    def check_stream(self, lab, since, what):
        """The stream has caught up and lost nothing; returns when, counted from @since, bytes lost, and ETIMEDOUT."""
        sent = lab.a("count")
        try:
            until(lambda: lab.b("take_stock()")[0] >= sent or lab.a("broken"), 15)
        except AssertionError:
            pass
        broken, (had, in_order) = lab.a("broken"), lab.b("take_stock()")
        expect(not broken and in_order and had >= sent,
               f"{what}: of the stream's {sent} numbers {had} came, in order: {in_order}; {broken}, {lab.b('failed')}")
        return {"resumed": time.monotonic() - since, "lost": 8 * max(0, sent - had), "timeouts": int("ETIMEDOUT" in str(broken))}

    def print(self):
        print(f"{'tried':<30}{'times':>6}{'cut before':>12}{'programs':>10}{'devices,':>12}{'worst s until':>15}{'until stream':>15}"
              f"{'its bytes':>11}{'ETIME-':>8}")
        print(f"{'':<30}{'':>6}{'':>12}{'left':>10}{'rules left':>12}{'new ones pass':>15}{'has caught up':>15}{'lost':>11}{'DOUT':>8}")
        for kind, row in sorted(self.rows.items()):
            print(f"{kind:<30}{row['times']:>6}{row['cut']:>12}{row['programs']:>10}{row['devices']:>12}{row['took']:>15.2f}"
                  f"{row['resumed']:>15.2f}{row['lost']:>11}{row['timeouts']:>8}")
