#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: yes
# A silenced node is cut off from all, the client too; ARP and neighbour discovery pass; counts are right.
cd "$(dirname "$0")/../.." && PYTHONPATH=tests/system/programs exec python3 - <<'EOF'
from netlab import *

UDP = """
u = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM); u.bind(("::", 7001)); u.setblocking(False)
u.setsockopt(socket.IPPROTO_IP, 11, 1); u.setsockopt(socket.IPPROTO_IPV6, 25, 1)  # RECVERR: ENOBUFS is told
def drain():
    n = 0
    while True:
        try: u.recv(65536); n += 1
        except BlockingIOError: return n
def fire(to, n):
    for i in range(n): u.sendto(b"x" * 100, (to, 7001))
def resolve(to):
    os.system("ip neigh flush dev eth0 2>/dev/null"); fire(to, 1); time.sleep(0.3)
    return os.popen("ip neigh show to " + to.replace("::ffff:", "")).read()
"""
PING = """
def ping(to):
    i = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP); i.settimeout(0.5)
    i.sendto(struct.pack("!BBHHH", 8, 0, 0xf7fd, 1, 1), (to, 0))
    try: return i.recv(100)[20] == 0
    except TimeoutError: return False
"""
V4 = "::ffff:198.18.15."
HOST_ADDRESS = V4 + "254"

with Lab("a", "b", "c") as lab:
    for agent in lab.agents.values():
        agent(UDP + PING)
    lab.driver("client")
    expect(lab.a("ping('198.18.15.2')"), "a reaches b")
    lab.cut("arm silence:a@workload.0")
    lab.cut("now workload.0")
    lab.a(f"fire('{V4}2', 1000); fire('fd00:15::3', 1000); fire('{HOST_ADDRESS}', 1000)")  # no ENOBUFS
    for agent in (lab.b, lab.c, lab.host):
        agent(f"fire('{V4}1', 500)")
    lab.b(f"fire('{V4}3', 100); fire('{HOST_ADDRESS}', 50)")
    lab.host(f"fire('{V4}3', 70)")
    until(lambda: lab.cut("events").startswith("drop=4500 "), 2, "all are counted: " + lab.cut("events"))
    time.sleep(0.1)
    expect(lab.a("drain()") == 0 and lab.b("drain()") == 0, "silence")
    expect(lab.c("drain()") == 170, "others are not touched")
    expect(lab.host("drain()") == 50, "nor is the client")
    expect("lladdr" in lab.a(f"resolve('{V4}2')"), "ARP passes")
    expect("lladdr" in lab.a("resolve('fd00:15::2')"), "neighbour discovery passes")
    expect(not lab.a("ping('198.18.15.2')"), "ICMP is cut")
    lab.cut("now healed")
    lab.a(f"fire('{V4}2', 10)")
    time.sleep(0.1)
    expect(lab.b("drain()") == 0, "silences do not heal")
    reports, lapsed = lab.disarm()
    expect(not lapsed and reports[0]["fired"] == 1 and reports[0]["dropped"] >= 4512, reports)

    lab.cut("arm partition:a|b@workload.0 link:b>c@workload.0")
    lab.cut("now workload.0")
    lab.a(f"fire('{V4}2', 100); fire('{V4}3', 100)")
    lab.b(f"fire('{V4}1', 100); fire('{V4}3', 100)")
    lab.c(f"fire('{V4}2', 100)")
    expect(lab.events()["drop"] == 300, lab.events())
    lab.cut("now healed")
    lab.a(f"fire('{V4}2', 11)")
    time.sleep(0.1)
    expect(lab.b("drain()") == 111 and lab.c("drain()") == 100 and lab.a("drain()") == 0, "both ways")
    reports, lapsed = lab.disarm()
    expect([r["dropped"] for r in reports] == [100, 200], reports)

    # what the client sends is cut where it arrives
    lab.cut("arm link:client>b@workload.1 link:c>client@workload.1 link:a>c@workload.5..workload.6")
    lab.cut("now workload.0")
    lab.host(f"fire('{V4}2', 5)")
    lab.cut("now workload.1")
    lab.host(f"fire('{V4}2', 20); fire('{V4}3', 7)")
    lab.b(f"fire('{HOST_ADDRESS}', 30)")
    lab.c(f"fire('{HOST_ADDRESS}', 40)")
    time.sleep(0.1)
    expect((lab.b("drain()"), lab.c("drain()"), lab.host("drain()")) == (5, 7, 30), "client's links")
    reports, lapsed = lab.disarm()
    by_name = {r["fault"]: r for r in reports}
    expect(by_name["link:client>b@workload.1"]["dropped"] == 20, reports)
    expect(by_name["link:c>client@workload.1"]["dropped"] == 40, reports)
    unfired = by_name["link:a>c@workload.5..workload.6"]
    expect(unfired["fired"] == 0 and "a sent c nothing in its window" in unfired["why"], reports)
EOF
