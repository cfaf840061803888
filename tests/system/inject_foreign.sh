#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: yes
# What others have attached stays: a clsact filter, an empty clsact qdisc, a rule of iptables, a qdisc.
cd "$(dirname "$0")/../.." && PYTHONPATH=tests/system/programs exec python3 - <<'EOF'
from netlab import *

def state(lab, name):
    inside = f"ip netns exec {lab.namespace(name)} "
    return (sh(inside + "tc qdisc show dev eth0") + sh(inside + "tc filter show dev eth0 egress") +
            sh(inside + "tc filter show dev eth0 ingress") + sh(inside + "iptables-save | grep -v '^[#:]'", check=False))

with Lab("a", "b") as lab:
    a, b = (f"ip netns exec {lab.namespace(name)} " for name in lab.names)
    sh(a + "tc qdisc add dev eth0 clsact")
    sh(a + "tc filter add dev eth0 egress prio 1 protocol ip u32 match ip dport 9999 0xffff flowid 1:1")
    sh(a + "tc filter add dev eth0 ingress prio 7 protocol ip u32 match ip sport 9997 0xffff flowid 1:1")
    sh(a + "tc qdisc replace dev eth0 root pfifo limit 77")
    sh(b + "tc qdisc add dev eth0 clsact")
    sh(b + "iptables -A INPUT -p tcp --dport 9998 -j DROP", check=False)
    for agent in (lab.a, lab.b):
        agent("u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)")
    lab.b("u.bind(('', 7001)); u.settimeout(0.3)")
    before = {name: state(lab, name) for name in lab.names}
    for engine in engines():
        lab.driver("client", env={"CUTSET_TC": engine})
        lab.cut("arm link:a>b@workload.0 link:client>a@workload.0+10ms")
        lab.cut("now workload.0")
        lab.a("u.sendto(b'x', ('198.18.15.2', 7001))")
        expect(lab.events()["drop"] == 1, f"{engine} cuts beside others' filters: {lab.events()}")
        lab.disarm()
        lab.end_driver()
        expect({name: state(lab, name) for name in lab.names} == before, f"{engine}: {before} {state(lab, 'a')} {state(lab, 'b')}")
    sh(os.path.join(os.environ.get("B", "build"), "tests/system/cut_driver") + " --cleanup")
    expect({name: state(lab, name) for name in lab.names} == before, "cleanup")
EOF
