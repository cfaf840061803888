#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: yes
# Bytes from before the onset are not cut, and later steps do not move it.
cd "$(dirname "$0")/../.." && PYTHONPATH=tests/system/programs exec python3 - <<'EOF'
from netlab import *

# A's window is full of old bytes (B does not read) when the step begins and A sends more, twice.
with Lab("a", "b") as lab:
    lab.b("""
server = socket.socket(); server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
server.bind(("", 7000)); server.listen()
""")
    lab.driver("client")
    lab.connect("a", "b", 7000)
    lab.b("conn = server.accept()[0]; conn.settimeout(3)")
    lab.cut("arm link:a>b@workload.1")
    lab.cut("now workload.0")
    lab.a("s.setsockopt(socket.SOL_SOCKET, 32, 1 << 20)")  # SNDBUFFORCE: older kernels cap it at 208 KB
    lab.a("s.sendall(b'o' * 300000)")
    lab.cut("now workload.1")
    lab.a("s.sendall(b'1' * 1000)")
    lab.cut("now workload.2")
    lab.a("s.sendall(b'2' * 1000)")
    lab.cut("now workload.3")
    lab.a("s.sendall(b'3' * 1000)")
    lab.b("""
got = b''
try:
    while True:
        more = conn.recv(65536)
        if not more: break
        got += more
except TimeoutError: pass
""")
    got = lab.b("[got.count(c) for c in (b'o', b'1', b'2', b'3')]")
    # one packet may begin before the armed byte and is cut whole
    expect(got[1:] == [0, 0, 0], f"bytes of the window passed: {got}")
    expect(got[0] >= 300000 - 65536, f"bytes from before were cut: {got}")
    last = lab.events()["last"]
    expect(last["seq"] + last["len"] > last["arm"], last)
    before = 300000 - got[0]
    lab.cut("now healed")
    lab.b("while len(got) < 303000: got += conn.recv(65536)")
    expect(lab.b("len(got)") == 303000, "all is there after healing")
    reports, lapsed = lab.disarm()
    # the queue kept the window's bytes back until B read, in step 3
    expect(reports[0]["fired"] and reports[0]["step"] == "workload.3", reports)

    # a new run on the same connection: the old onset is void, nothing was sent in the window
    lab.cut("arm link:a>b@workload.1")
    lab.cut("now workload.0")
    lab.a("s.sendall(b'p' * 100000)")
    lab.cut("now workload.4")
    lab.b("while len(got) < 403000: got += conn.recv(65536)")
    reports, lapsed = lab.disarm()
    expect(reports[0]["fired"] == 0 and reports[0]["dropped"] == 0, reports)
    print(f"{before} bytes from before shared a packet with the first armed byte; then: {reports[0]['why']}")
EOF
