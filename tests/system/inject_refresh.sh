#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: yes
# An interface that is gone is let go, a new one is hooked; the same interface keeps its hook.
cd "$(dirname "$0")/../.." && PYTHONPATH=tests/system/programs exec python3 - <<'EOF'
from netlab import *

with Lab("a", "b") as lab:
    for agent in (lab.a, lab.b):
        agent("u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); u.bind(('', 7001)); u.settimeout(0.3)")
    lab.b("""
def got():
    try: return u.recv(100).decode()
    except TimeoutError: return ''
""")
    lab.driver("client")
    first = lab.cut("describe")
    lab.cut("refresh")
    expect(lab.cut("describe") == first, "nothing changed")
    sh(f"ip -n {lab.namespace('a')} link del eth0")
    lab.cut("refresh")
    expect(lab.cut("describe").count("by ") == 1, lab.cut("describe"))
    lab.plug("a", "eth0", lab.address["a"])
    lab.cut("refresh")
    second = lab.cut("describe")
    expect(second.count("by ") == 2 and second != first, second)
    lab.cut("arm link:a>b@workload.0")
    lab.a("u.sendto(b'before', ('198.18.15.2', 7001))")
    expect(lab.b("got()") == "before", "the new interface carries")
    lab.cut("now workload.0")
    lab.a("u.sendto(b'cut', ('198.18.15.2', 7001))")
    expect(lab.b("got()") == "" and lab.events()["drop"] == 1, lab.events())
    lab.disarm()
    sh(f"ip -n {lab.namespace('a')} link add eth1 type veth peer name eth2; ip -n {lab.namespace('a')} link set eth1 up")
    lab.cut("refresh")
    expect(lab.cut("describe").count("by ") == 4, lab.cut("describe"))
EOF
