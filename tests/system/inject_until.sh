#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: yes
# What a fault holds until another message has been taken, or until a step begins. Two nodes write to a
# third, the last one wins: the order that never happens by itself happens each time.
cd "$(dirname "$0")/../.." && PYTHONPATH=tests/system/programs exec python3 - <<'EOF'
from netlab import *

ROUNDS = 20

def write(lab, node, text, datagram=False):
    lab.agents[node](f"udp.send({text!r}.encode())" if datagram else f"s.sendall({text!r}.encode())")

def came(lab, cnt, seconds=3):
    until(lambda: lab.c("len(taken)") >= cnt, seconds, f"{cnt} messages at c: {lab.c('taken')}")
    return [text for text, at in lab.c("taken")]

def arm(lab, *faults):
    lab.c("taken.clear()")
    lab.cut("now workload.0")
    lab.cut("arm " + " ".join(faults))

def disarm(lab):
    reports, lapsed = lab.disarm()
    expect(not lapsed, "lapsed")
    return reports

def order(lab, datagram, *faults):
    """a writes, 3 ms later b does: whose comes last?"""
    arm(lab, *faults)
    write(lab, "a", "put a;", datagram)
    time.sleep(0.003)
    write(lab, "b", "put b;", datagram)
    texts = came(lab, 2)
    return texts[-1], disarm(lab)

with Lab("a", "b", "c") as lab:
    lab.c("""
import selectors
taken, chosen = [], selectors.DefaultSelector()
server = socket.create_server(("", 7000)); chosen.register(server, selectors.EVENT_READ)
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); udp.bind(("", 7001)); chosen.register(udp, selectors.EVENT_READ)
def serve():
    while True:
        for key, mask in chosen.select():
            if key.fileobj is server:
                chosen.register(server.accept()[0], selectors.EVENT_READ)
            else:
                taken.append((key.fileobj.recv(1000).decode(), time.monotonic_ns()))
threading.Thread(target=serve, daemon=True).start()
""")
    for node in "a", "b":
        lab.agents[node](f"""
s = socket.create_connection(({lab.address['c']!r}, 7000)); s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); udp.connect(({lab.address['c']!r}, 7001))
""")
    lab.driver("client")

    for name, datagram, port in ("tcp", False, 7000), ("udp", True, 7001):
        fault = f"stall:a>c/{port}#put@workload.0+until:b>c/{port}#put"
        alone = sum(order(lab, datagram)[0] == "put a;" for i in range(ROUNDS))
        waits, flipped = [], 0
        for i in range(ROUNDS):
            last, (report,) = order(lab, datagram, fault)
            flipped += last == "put a;"
            expect(report["fired"] == 1 and report["came"] and report["event"] == report["parked"] == 1, report)
            taken = lab.c("taken")
            waits.append((taken[1][1] - taken[0][1]) / 1e6)
        waits.sort()
        print(f"{name}: a's write was the last in {alone} of {ROUNDS} runs, with the fault in {flipped} of {ROUNDS}; "
              f"it followed b's by {waits[ROUNDS // 2]:.2f} ms (median), {waits[-1]:.2f} ms at most")
        expect(alone == 0 and flipped == ROUNDS, "the order")

    # the second such message, of any kind of fault, and the first ones do not count
    for fault in "link:a>c@workload.1+until:b>c/7000#put~6.2", "silence:a@workload.1+until:b>c#put.2":
        arm(lab, fault)
        write(lab, "b", "put 0;")
        came(lab, 1)
        lab.cut("now workload.1")
        write(lab, "a", "held;")
        write(lab, "b", "put 1;")
        time.sleep(0.1)
        write(lab, "b", "put 2;")
        expect(came(lab, 4) == ["put 0;", "put 1;", "put 2;", "held;"], lab.c("taken"))
        write(lab, "a", "later;")
        came(lab, 5, 0.15)
        report, = disarm(lab)
        expect(report["came"] and report["event"] >= 1 and report["due"] == report["end"] == 0, report)

    # a step; all that was sent before it is let go, what is sent from then on passes
    arm(lab, "link:a>c@workload.1+until:workload.3")
    lab.cut("now workload.1")
    write(lab, "a", "one;")
    lab.cut("now workload.2")
    time.sleep(0.3)
    expect(not lab.c("taken"), "held over two steps")
    lab.cut("now workload.3")
    came(lab, 1, 0.15)
    report, = disarm(lab)
    expect(report["event"] >= 1 and report["end"] == 0, report)

    # what never comes is said; the fault's own time ends it, or the run
    arm(lab, "stall:a>c#put@workload.0+200ms+until:b>c#get")
    start = time.monotonic_ns()
    write(lab, "b", "put;")
    came(lab, 1)
    write(lab, "a", "put;")
    came(lab, 2)
    expect(0.2e9 <= lab.c("taken[1][1]") - start < 0.3e9, lab.c("taken"))
    report, = disarm(lab)
    expect(report["due"] >= 1 and not report["came"] and "0 such messages" in report["why"], report)
    arm(lab, "stall:a>c#put@workload.0+until:b>c#connect")
    write(lab, "a", "put;")
    time.sleep(0.5)
    expect(not lab.c("taken"), "held")
    report, = disarm(lab)
    expect(report["end"] >= 1 and not report["came"], report)
    came(lab, 1, 0.15)

    # an attempt to connect is enough
    arm(lab, "stall:a>c#put@workload.0+until:b>c/7000#connect")
    write(lab, "a", "put;")
    time.sleep(0.05)
    lab.b(f"t = socket.create_connection(({lab.address['c']!r}, 7000))")
    came(lab, 1, 0.15)
    expect(disarm(lab)[0]["came"], "connect")
EOF
