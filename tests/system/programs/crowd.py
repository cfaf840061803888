# SPDX-License-Identifier: GPL-2.0-only
"""
Processes that share a network namespace and talk over lo: each serves TCP and UDP, IPv4 and IPv6, on a port
of its own, and keeps what it receives. For inject_lo.sh and inject_host.sh.
"""
from netlab import *

MEMBER = r"""
inbox, conns, out = [], [], {}
def keep(data, how):
    for word in data.decode().split(): inbox.append((time.monotonic_ns(), how + word))
def take(conn, how):
    while True:
        try: data = conn.recv(65536)
        except OSError: break
        if not data: break
        keep(data, how)
def serve(port):
    server = socket.create_server(("::", port), family=socket.AF_INET6, dualstack_ipv6=True)
    udp = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    udp.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    udp.bind(("::", port))
    def accept():
        while True:
            conn, peer = server.accept()
            conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            conns.append(conn)
            threading.Thread(target=take, args=(conn, "t4" if "ffff" in peer[0] else "t6"), daemon=True).start()
    def datagrams():
        while True:
            data, peer = udp.recvfrom(65536)
            keep(data, "u4" if "ffff" in peer[0] else "u6")
    for what in accept, datagrams: threading.Thread(target=what, daemon=True).start()
def tcp(address, port):
    s = socket.create_connection((address, port), 2)
    s.settimeout(None)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return s
def reach(port, v4="127.0.0.1", v6="::1"):
    ways = {"t4": tcp(v4, port), "t6": tcp(v6, port)}
    for way, address in ("u4", v4), ("u6", v6):
        ways[way] = socket.socket(socket.AF_INET6 if way == "u6" else socket.AF_INET, socket.SOCK_DGRAM)
        ways[way].connect((address, port))
    for way in "t4", "t6": threading.Thread(target=take, args=(ways[way], "back" + way), daemon=True).start()
    out[port] = ways
def say(port, word, ways=("t4", "t6", "u4", "u6")):
    start = time.monotonic_ns()
    for way in ways: out[port][way].send((word + " ").encode())
    return start
def heard(): return sorted(word for t, word in inbox)
def when(): return {word: t for t, word in inbox}
late, pings, lost = [], [0], [0]
def ping(port, address="127.0.0.1"):
    s, u = tcp(address, port), socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    u.connect((address, port))
    u.settimeout(1)
    def go():
        while True:
            for way in s, u:
                start = time.monotonic_ns()
                try: way.send(b"x"); way.recv(10)
                except TimeoutError: lost[0] += 1; continue
                except OSError: return
                late.append(time.monotonic_ns() - start)
                pings[0] += 1
            time.sleep(0.001)
    threading.Thread(target=go, daemon=True).start()
def echo(port):
    server, u = socket.create_server(("", port)), socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    u.bind(("", port))
    def stream():
        conn = server.accept()[0]
        while True: conn.sendall(conn.recv(10))
    def datagrams():
        while True:
            data, peer = u.recvfrom(10); u.sendto(data, peer)
    for what in stream, datagrams: threading.Thread(target=what, daemon=True).start()
"""

WAYS = ["t4", "t6", "u4", "u6"]


def all_ways(word):
    return [way + word for way in WAYS]


class Crowd:
    """Of a lab's agents, each with a port; `x` and `y` are strangers that ping each other meanwhile."""

    def __init__(self, lab, ports):
        self.lab, self.ports = lab, ports
        for name, port in ports.items():
            lab.agents[name](MEMBER)
            lab.agents[name](f"serve({port})")

    def meet(self, name, other, **addresses):
        args = "".join(f", {k}={v!r}" for k, v in addresses.items())
        self.lab.agents[name](f"reach({self.ports[other]}{args})")

    def say(self, name, other, word, ways=WAYS):
        return self.lab.agents[name](f"say({self.ports[other]}, {word!r}, {list(ways)!r})")

    def heard(self, name):
        return self.lab.agents[name]("heard()")

    def forget(self):
        for name in self.ports:
            self.lab.agents[name]("inbox.clear()")

    def expect_heard(self, name, words, message):
        try:
            until(lambda: self.heard(name) == sorted(words), 1, message)
        except AssertionError:
            raise AssertionError(f"{message}: {name} heard {self.heard(name)}, not {sorted(words)}")

    def strangers(self, port):
        self.lab.x(MEMBER)
        self.lab.y(MEMBER)
        self.lab.x(f"echo({port})")
        self.lab.y(f"ping({port})")

    def expect_strangers_untouched(self):
        """
        Their messages were never late, a delay that is injected is longer, and none was lost. While a clsact
        qdisc is made or removed the kernel itself loses some: that is what there is without tcx.
        """
        limit_ms = 1000 if "QEMU" in open("/proc/cpuinfo").read() else 100  # an emulated CPU stands still at times
        cnt, worst = self.lab.y("[pings[0], max(late) / 1e6]")
        until(lambda: self.lab.y("pings[0]") > cnt, 2, "strangers go on")
        lost = self.lab.y("lost[0]")
        expect(not lost or "tcx" not in engines(), f"strangers lost {lost} datagrams")
        expect(cnt > 100 and worst < limit_ms, f"strangers: {cnt} answers, the latest after {worst} ms")
        return cnt, worst
