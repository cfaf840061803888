#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: yes
# Nodes that are on two networks, IPv4 and IPv6: a fault covers all of them; what a sender that is no node
# sends is judged where it arrives, by either family, and can be held there.
cd "$(dirname "$0")/../.." && PYTHONPATH=tests/system/programs exec python3 - <<'END'
from crowd import *

HOST6 = "fd00:15::fe"

with Lab("a", "b") as lab:
    a, b = (f"ip -n {lab.namespace(name)}" for name in lab.names)
    sh(f"{a} link add eth1 type veth peer name eth1 netns {lab.namespace('b')}")
    for i, at in (1, a), (2, b):
        sh(f"{at} addr add 198.18.16.{i}/24 dev eth1; {at} addr add fd00:16::{i}/64 dev eth1 nodad; {at} link set eth1 up")
    sh(f"ip addr add {HOST6}/64 dev {lab.prefix}h nodad")
    crowd = Crowd(lab, {"a": 7001, "b": 7002})
    lab.host(MEMBER)
    lab.driver("client")
    far = {"v4": "198.18.16.2", "v6": "fd00:16::2"}
    near = {"v4": "198.18.15.2", "v6": "fd00:15::2"}
    ways = {}
    for name, where in ("near", near), ("far", far):
        crowd.meet("a", "b", **where)
        lab.a(f"{name} = out.pop(7002)")
    lab.host(f"reach(7002, {near['v4']!r}, {near['v6']!r})")

    def all_say(word, ways=WAYS):
        for name in "near", "far":
            lab.a(f"out[7002] = {name}; say(7002, '{name}{word}', {list(ways)})")

    for fault, cut in ("link:a>b", WAYS), ("partition:a|b", WAYS), ("silence:b", ["u4", "u6"]):
        lab.cut("now 0")
        lab.cut(f"arm {fault}@workload.0")
        lab.cut("now workload.0")
        all_say("lost", cut)
        time.sleep(0.1)
        expect(crowd.heard("b") == [], f"{fault}: {crowd.heard('b')}")
        lab.cut("now healed")
        reports, lapsed = lab.disarm()
        expect(not lapsed and reports[0]["dropped"] >= 2 * len(cut), reports)
        if cut == WAYS:
            until(lambda: len(crowd.heard("b")) == 4, 10, "the streams go on")
        crowd.forget()

    # held, on both networks, and of the client, which has no hook
    lab.cut("now 0")
    lab.cut("arm link:a>b@workload.0+100ms link:client>b@workload.0+150ms")
    lab.cut("now workload.0")
    start = lab.a("time.monotonic_ns()")
    all_say("late")
    asked = lab.host("say(7002, 'client')")
    crowd.expect_heard("b", all_ways("nearlate") + all_ways("farlate") + all_ways("client"), "all arrive")
    for word, at in lab.b("when()").items():
        due = asked + 150e6 if "client" in word else start + 100e6
        expect(due <= at < due + 100e6, f"{word}: {(at - due) / 1e6} ms after it was due")
    reports, lapsed = lab.disarm()
    expect(not lapsed and [r["parked"] for r in reports] == [8, 4], reports)
    crowd.forget()

    # and its messages over IPv6 are told apart by what they carry only where a node sends them: by UDP here
    lab.cut("now 0")
    lab.cut("arm stall:client>b/7002#SET@workload.0")
    lab.cut("now workload.0")
    for word in "GET", "SET", "GET2":
        lab.host(f"say(7002, '{word}', ['u6'])")
    time.sleep(0.1)
    expect(crowd.heard("b") == ["u6GET"], crowd.heard("b"))
    reports, lapsed = lab.disarm()
    expect(reports[0]["fired"] and reports[0]["matched"] == 1, reports)
END
