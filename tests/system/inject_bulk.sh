#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: yes
# Megabytes through a delayed link arrive whole, both ways, over IPv4 and IPv6; UDP keeps its order.
cd "$(dirname "$0")/../.." && PYTHONPATH=tests/system/programs exec python3 - <<'EOF'
from netlab import *

RECEIVER = """
server = socket.create_server(("::", 7002), family=socket.AF_INET6, dualstack_ipv6=True)
def serve():
    while True:
        conn, peer = server.accept()
        digest, size = hashlib.sha256(), 0
        while True:
            data = conn.recv(1 << 20)
            if not data: break
            digest.update(data); size += len(data)
        conn.sendall(digest.hexdigest().encode()); conn.close()
threading.Thread(target=serve, daemon=True).start()
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); u.bind(("", 7003)); u.settimeout(1)
"""
SENDER = """
def bulk(to, size):
    data = random.randbytes(size)
    s = socket.create_connection((to, 7002), 20)
    s.sendall(data); s.shutdown(socket.SHUT_WR)
    got = b""
    while True:
        more = s.recv(100)
        if not more: break
        got += more
    return got.decode() == hashlib.sha256(data).hexdigest()
"""

for mtu in 1500, 9000:
    with Lab("a", "b", mtu=mtu) as lab:
        lab.b(RECEIVER)
        lab.a(SENDER)
        lab.host(SENDER)
        lab.driver("client")
        lab.cut("arm link:a>b@workload.0+20ms partition:b|client@workload.0+5ms")
        lab.cut("now workload.0")
        for agent, to in (lab.a, "198.18.15.2"), (lab.a, "fd00:15::2"), (lab.host, "198.18.15.2"):
            start = time.monotonic()
            expect(agent(f"bulk({to!r}, 20000000)"), "arrives whole")
            print(f"mtu {mtu}: 20 MB to {to} in {time.monotonic() - start:.2f} s")
        lab.a("""
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for i in range(300): u.sendto(struct.pack("I", i), ("198.18.15.2", 7003))
""")
        expect(lab.b("[struct.unpack('I', u.recv(100))[0] for i in range(300)]") == list(range(300)),
               "datagrams keep their order")
        counted = lab.events()
        reports, lapsed = lab.disarm()
        expect(all(r["fired"] for r in reports) and not lapsed, reports)
        print(counted)
EOF
