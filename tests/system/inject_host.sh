#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: yes
# Processes in cutset's own namespace, one with a namespace of its own, and strangers beside them: faults over lo
# and over the wire, by connections that either side makes.
cd "$(dirname "$0")/../.." && PYTHONPATH=tests/system/programs exec python3 - <<'END'
from crowd import *

HOST6, K, K6 = "fd00:15::fe", "198.18.15.1", "fd00:15::1"

def disarm(lab):
    reports, lapsed = lab.disarm()
    expect(not lapsed and all(r["fired"] for r in reports), f"{lapsed} {reports}")
    return reports

def arm(lab, crowd, *faults):
    crowd.forget()
    lab.cut("now 0")
    lab.cut("arm " + " ".join(faults))
    lab.cut("now workload.0")

with Lab("k") as lab:
    sh(f"ip addr add {HOST6}/64 dev {lab.prefix}h nodad")
    for name in "p", "q", "x", "y":
        lab.join(name, "host")
    crowd = Crowd(lab, {"k": 17001, "p": 17002, "q": 17003})
    crowd.strangers(17100)
    lab.x("serve(17004)")
    crowd.ports["x"] = 17004
    lab.driver("client", names=["k", "p", "q"])
    wires = lab.cut("describe")
    expect("the shared namespace: lo" in wires and f"the shared namespace: {lab.prefix}h" in wires and
           "k: eth0" in wires, wires)
    crowd.meet("p", "q")
    crowd.meet("p", "k", v4=K, v6=K6)
    crowd.meet("x", "k", v4=K, v6=K6)
    crowd.meet("k", "q", v4=HOST, v6=HOST6)
    crowd.meet("k", "p", v4=HOST, v6=HOST6)
    crowd.meet("k", "x", v4=HOST, v6=HOST6)

    arm(lab, crowd, "link:k>p@workload.0")
    for name, other in ("k", "p"), ("k", "q"), ("k", "x"), ("p", "k"):
        crowd.say(name, other, name)
    lab.k("for conn in conns: conn.sendall(b'answer ')")
    crowd.expect_heard("q", all_ways("k"), "another on the host")
    crowd.expect_heard("x", all_ways("k") + ["backt4answer", "backt6answer"], "a stranger there")
    crowd.expect_heard("k", all_ways("p"), "all of p")
    crowd.expect_heard("p", [], "nothing of k, by p's connections neither")
    lab.k("t = socket.socket(); t.settimeout(0.2)")
    expect(lab.k(f"t.connect_ex(('{HOST}', 17002))") != 0, "k's SYN is cut")
    expect(lab.k(f"socket.socket().connect_ex(('{HOST}', 17003))") == 0, "to q it is not")
    lab.cut("now healed")
    until(lambda: {"t4k", "t6k", "backt4answer", "backt6answer"} <= set(crowd.heard("p")), 5, "the streams go on")
    disarm(lab)

    arm(lab, crowd, "link:p>k@workload.0+150ms")
    start = crowd.say("p", "k", "p")
    crowd.say("x", "k", "x")
    crowd.say("p", "q", "p")
    crowd.expect_heard("k", all_ways("p") + all_ways("x"), "all arrive")
    when, there = lab.k("when()"), lab.q("when()")
    for way in WAYS:
        expect(150e6 <= when[way + "p"] - start < 250e6, f"{way}: {(when[way + 'p'] - start) / 1e6} ms")
        expect(when[way + "x"] - start < 100e6 and there[way + "p"] - start < 100e6, f"{way}: {when} {there}")
    disarm(lab)

    arm(lab, crowd, "stall:k>p/17002#SET.2@workload.0+150ms", "stall:p>q/17003#SET@workload.0+150ms")
    for word in "SET1", "SET2":
        start = crowd.say("k", "p", word, ["t4"])
        first = crowd.say("p", "q", word, ["u6"]) if word == "SET1" else first
        time.sleep(0.002)
    until(lambda: (len(lab.p("inbox")), len(lab.q("inbox"))) == (2, 1), 2, "all arrive")
    expect(lab.p("when()")["t4SET2"] - start >= 150e6 > lab.p("when()")["t4SET1"] - start, "the second")
    expect(lab.q("when()")["u6SET1"] - first >= 150e6, "the first")
    disarm(lab)

    arm(lab, crowd, "silence:p@workload.0")
    for name, other in ("k", "p"), ("p", "k"), ("p", "q"):
        crowd.say(name, other, name, ["u4", "u6"])
    crowd.say("x", "k", "x")
    crowd.say("k", "q", "k")
    crowd.expect_heard("k", all_ways("x"), "a stranger's only")
    crowd.expect_heard("q", all_ways("k"), "k's only")
    crowd.expect_heard("p", [], "silence")
    disarm(lab)
    cnt, worst = crowd.expect_strangers_untouched()
    print(f"strangers: {cnt} answers meanwhile, the latest after {worst:.1f} ms")
    lab.end_driver()
    expect(not any(iface.startswith("cutset") for iface in os.listdir("/sys/class/net")), "no device is left")
END
