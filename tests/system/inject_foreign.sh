#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: yes
# What others have attached stays: a clsact filter, an empty clsact qdisc, a rule of iptables, a qdisc. It goes on
# working meanwhile: iptables sees each packet that was held once, and drops what it dropped.
cd "$(dirname "$0")/../.." && PYTHONPATH=tests/system/programs exec python3 - <<'EOF'
from netlab import *

def state(lab, name):
    inside = f"ip netns exec {lab.namespace(name)} "
    return (sh(inside + "tc qdisc show dev eth0") + sh(inside + "tc filter show dev eth0 egress") +
            sh(inside + "tc filter show dev eth0 ingress") + sh(inside + "iptables-save | grep -v '^[#:]'", check=False))

def counted(chain, port):
    text = sh(f"ip netns exec {lab.namespace('b')} iptables -nvx -L {chain}", check=False)
    return sum(int(line.split()[0]) for line in text.split("\n") if f"dpt:{port}" in line)

def held_once(engine):
    """Ten datagrams that are held for 20 ms, at their sender's; nine others that iptables drops."""
    seen = [counted("INPUT", 7001), counted("INPUT", 9998)]
    lab.cut("arm link:a>b@workload.0+20ms")
    lab.cut("now workload.0")
    for i in range(10):
        lab.a("u.sendto(b'%d', ('198.18.15.2', 7001))" % i)
    for i in range(9):
        lab.a("u.sendto(b'x', ('198.18.15.2', 9998))")
    taken = lab.b("[u.recv(10).decode() for i in range(10)]")
    time.sleep(0.1)
    report = lab.disarm()[0][0]
    expect(sorted(taken) == list("0123456789") and report["released"] == 19, f"{engine}: {taken} {report}")
    expect(lab.b("blocked.recv(10) if select.select([blocked], [], [], 0)[0] else 'nothing'") == "nothing", "dropped by iptables")
    now = [counted("INPUT", 7001), counted("INPUT", 9998)]
    return [after - before for before, after in zip(seen, now)]

with Lab("a", "b") as lab:
    a, b = (f"ip netns exec {lab.namespace(name)} " for name in lab.names)
    sh(a + "tc qdisc add dev eth0 clsact")
    sh(a + "tc filter add dev eth0 egress prio 1 protocol ip u32 match ip dport 9999 0xffff flowid 1:1")
    sh(a + "tc filter add dev eth0 ingress prio 7 protocol ip u32 match ip sport 9997 0xffff flowid 1:1")
    sh(a + "tc filter add dev eth0 egress prio 50 protocol ip u32 match ip dport 7001 0xffff flowid 1:1")
    sh(a + "tc qdisc replace dev eth0 root pfifo limit 77")
    sh(b + "tc qdisc add dev eth0 clsact")
    sh(b + "tc filter add dev eth0 ingress prio 50 protocol ip u32 match ip dport 7001 0xffff flowid 1:1")
    sh(b + "iptables -A INPUT -p udp --dport 9998 -j DROP; " + b + "iptables -A INPUT -p udp --dport 7001 -j ACCEPT", check=False)
    iptables = "dpt:9998" in sh(b + "iptables -nvx -L INPUT", check=False)
    lab.b("blocked = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); blocked.bind(('', 9998))")
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
        passed = held_once(engine)
        expect(not iptables or passed == [10, 9], f"{engine}: iptables saw {passed} of 10 that were held and 9 that it drops")
        lab.end_driver()
        expect({name: state(lab, name) for name in lab.names} == before, f"{engine}: {before} {state(lab, 'a')} {state(lab, 'b')}")
    sh(os.path.join(os.environ.get("B", "build"), "tests/system/cut_driver") + " --cleanup")
    expect({name: state(lab, name) for name in lab.names} == before, "cleanup")
EOF
