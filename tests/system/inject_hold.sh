#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: yes
# A cut of ten seconds shows the sender nothing but silence: no error, ordinary backoff, all arrives after.
cd "$(dirname "$0")/../.." && PYTHONPATH=tests/system/programs exec python3 - <<'EOF'
from netlab import *

with Lab("a", "b") as lab:
    lab.listen("b", 7000)
    lab.connect("a", "b", 7000)
    lab.connect("host", "b", 7000)
    lab.driver("client")
    lab.cut("arm partition:a|b@workload.0 link:client>b@workload.0")
    lab.cut("now workload.0")
    for agent in (lab.a, lab.host):
        agent("s.sendall(b'hello')")
    lab.a("u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)")
    start = time.monotonic()
    while time.monotonic() - start < 10:
        lab.a("u.sendto(b'x', ('198.18.15.2', 7001))")
        time.sleep(0.5)
    for agent in (lab.a, lab.host):
        expect(agent("s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)") == 0, "no error")
        state, _, retransmits, probes, backoff = agent(
            "list(s.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 5))")
        least = 2 if "CUTSET_VM" in os.environ else 3  # slow to answer, hence slow to send again
        expect(state == 1 and probes == 0 and least <= retransmits <= 8 and backoff == retransmits,
               f"ordinary backoff: state {state} retransmits {retransmits} probes {probes} backoff {backoff}")
    expect(lab.b("text()") == "", "nothing arrived")
    lab.cut("now healed")
    lab.a("t = socket.create_connection(('198.18.15.2', 7000), 0.5)")  # new connections pass at once
    seconds = until(lambda: lab.b("text()") == "hellohello", 15, "the streams go on")
    expect(lab.b("failed") == [], "no error at the receiver")
    reports, lapsed = lab.disarm()
    expect(all(r["fired"] for r in reports) and not lapsed, reports)
    print(f"resumed {seconds:.1f} s after healing, {[r['dropped'] for r in reports]} packets dropped")
EOF
