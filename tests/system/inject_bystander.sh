#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Who is not a target is not delayed: while a container is silent, cut off, delayed or stalled, others on its bridge,
# the host with them and with itself, and even they with the other target, have the latencies that they have without
# cutset. Blocks without and with take turns; what is compared are quantiles within each pair of neighbours.
# BYSTANDER_ROUNDS=N makes more of them.
cd "$(dirname "$0")/../.." && PYTHONPATH=tests/system/programs exec python3 - <<'EOF'
import statistics
from containers import *

ROUNDS = int(os.environ.get("BYSTANDER_ROUNDS", 2))
DELAY_MS = 20
FAULTS = ["silence:a@workload.0", f"link:a>b@workload.0+{DELAY_MS}ms", "stall:a>b/7020@workload.0", "loss:a>b@workload.0",
          "partition:a|b@workload.0"]
FLOWS = [("c", "d"), ("c", "b"), ("host", "c"), ("host", "host")]
MOST = 4  # ratio of quantiles; a packet held for a millisecond takes thirty times as long as others

ECHO = """
def echo():
    u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); u.bind(('', 7020))
    while True:
        data, peer = u.recvfrom(100); u.sendto(data, peer)
threading.Thread(target=echo, daemon=True).start()
"""
PING = """
def ping(addresses, seconds):
    "Round trips in turn, to each address: microseconds, -1 where no answer came."
    socks, took = [], [[] for a in addresses]
    for address in addresses:
        u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); u.connect((address, 7020)); u.settimeout(1); socks.append(u)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for u, list in zip(socks, took):
            begin = time.perf_counter_ns()
            try: u.send(b'x'); u.recv(10); list.append((time.perf_counter_ns() - begin) / 1000)
            except OSError: list.append(-1)
    for u in socks: u.close()
    return took
"""
TALK = """
pings = []
def hear():
    try:
        while True: number = int(talker.recv(20)); pings[number][1] = time.monotonic()
    except OSError: pass
def talk():
    try:
        while True: pings.append([time.monotonic(), None]); talker.send(b'%d' % (len(pings) - 1)); time.sleep(0.002)
    except OSError: pass  # the lab goes down
talker = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); talker.connect(({b!r}, 7020))
for f in talk, hear: threading.Thread(target=f, daemon=True).start()
def said(since):
    "Of what was sent from then on: how many, the answers' round trips in milliseconds."
    sent = [p for p in pings if since <= p[0] < time.monotonic() - 0.1]
    return len(sent), [(p[1] - p[0]) * 1000 for p in sent if p[1]]
"""

def quantile(values, q):
    return sorted(values)[int(q * len(values))]

def block(lab):
    """Microseconds by flow; and what of the target's talk was answered."""
    since = lab.a("time.monotonic()")
    found = {}
    for _ in range(2):
        for agent in ("c", "host"):
            flows = [flow for flow in FLOWS if flow[0] == agent]
            to = ["127.0.0.1" if flow[1] == "host" else lab.address[flow[1]] for flow in flows]
            for flow, took in zip(flows, lab.agents[agent](f"ping({to!r}, 0.06)")):
                found.setdefault(flow, []).extend(took)
    return found, lab.a(f"said({since})")

def check_target(fault, talk):
    sent, took = talk
    expect(sent > 50, f"{fault}: the target said only {sent}")
    if fault is None:
        expect(len(took) == sent and statistics.median(took) < DELAY_MS / 4, f"without a fault: {sent} {took}")
    elif fault.endswith("ms"):
        expect(took and min(took) >= DELAY_MS, f"{fault}: not delayed: {took}")
    else:
        expect(not took, f"{fault}: answered: {len(took)} of {sent}")

with Containers("a", "b", bystanders=("c", "d")) as lab:
    for name in ("b", "c", "d", "host"):
        lab.agents[name](ECHO)
    for name in ("c", "host"):
        lab.agents[name](PING)
    lab.a(TALK.format(b=lab.address["b"]))
    time.sleep(0.2)
    block(lab)  # ARP, caches
    pairs = []
    for fault in FAULTS * ROUNDS:
        bare, talk = block(lab)
        check_target(None, talk)
        lab.driver("client")
        lab.cut("arm " + fault)
        lab.cut("now workload.0")
        under, talk = block(lab)
        check_target(fault, talk)
        reports, lapsed = lab.disarm()
        expect(reports[0]["fired"] and not lapsed, reports)
        lab.end_driver()
        pairs.append((bare, under))
        time.sleep(0.15)  # what is still on its way to the target
    print(f"{'round trips':<16}{'bare p50':>10}{'p90':>8}{'p99':>8} us  {'under p50':>10}{'p90':>8}{'p99':>8} us   ratios p50, p90 (least to greatest)")
    wrong = []
    for flow in FLOWS:
        sides = [[t for pair in pairs for t in pair[side][flow]] for side in (0, 1)]
        expect(min(sides[0] + sides[1]) > 0, f"{flow}: lost")
        line = f"{' > '.join(flow):<16}" + " us  ".join("".join(f"{quantile(s, q):>{w}.0f}" for q, w in ((0.5, 10), (0.9, 8), (0.99, 8)))
                                                       for s in sides) + " us  "
        for q in (0.5, 0.9):
            ratios = [quantile(under[flow], q) / quantile(bare[flow], q) for bare, under in pairs]
            line += f" {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
            if statistics.median(ratios) > MOST:
                wrong.append(f"{flow}: p{q * 100:.0f} is {statistics.median(ratios):.2f} of what it is without cutset")
        # what the delay would make of one in a hundred
        late = [sum(t >= DELAY_MS * 500 for t in side) / len(side) for side in sides]
        if late[1] > late[0] + 0.01:
            wrong.append(f"{flow}: {late[1]:.1%} took half the delay, {late[0]:.1%} without")
        print(line)
    expect(not wrong, "; ".join(wrong))
EOF
