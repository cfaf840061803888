#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: yes
# Processes that share a network namespace and talk over lo: each kind of fault takes exactly what it is
# about, over TCP and UDP, IPv4 and IPv6, and nothing of strangers that use the same lo.
cd "$(dirname "$0")/../.." && PYTHONPATH=tests/system/programs exec python3 - <<'END'
from crowd import *

def arm(lab, crowd, *faults, now="workload.0"):
    crowd.forget()
    lab.cut("now 0")
    lab.cut("arm " + " ".join(faults))
    lab.cut("now " + now)

def disarm(lab, fired=True):
    reports, lapsed = lab.disarm()
    expect(not lapsed and all(r["fired"] == fired for r in reports), f"{lapsed} {reports}")
    return reports

def held(lab, crowd):
    arm(lab, crowd, "link:a>b@workload.0+150ms", "link:b>c@workload.0+1s")
    sent = crowd.say("a", "b", "slow")
    sent_c = crowd.say("c", "b", "quick")
    crowd.expect_heard("b", all_ways("slow") + all_ways("quick"), "all arrive")
    when = lab.b("when()")
    for way in WAYS:
        expect(150e6 <= when[way + "slow"] - sent < 250e6, f"{way}: {(when[way + 'slow'] - sent) / 1e6} ms")
        expect(when[way + "quick"] - sent_c < 50e6, f"{way}: {(when[way + 'quick'] - sent_c) / 1e6} ms")
    reports, lapsed = lab.disarm()
    expect(reports[0]["parked"] == reports[0]["released"] == 4 and not reports[1]["fired"], reports)

    # a message of 300 KB, in segments that lo does not cut down
    arm(lab, crowd, "link:a>b@workload.0+50ms")
    lab.a("out[7002]['t4'].sendall(b'z' * 300000); out[7002]['u4'].send(b'y' * 60000)")
    arrived = "[sum(w.count(c) for t, w in inbox) for c in 'zy']"
    until(lambda: lab.b(arrived) == [300000, 60000], 5, "the stream and the datagram")
    disarm(lab)

with Lab("s") as lab:
    for name in "a", "b", "c", "x", "y":
        lab.join(name, "s")
    crowd = Crowd(lab, {"a": 7001, "b": 7002, "c": 7003})
    crowd.meet("a", "b")  # before there is an injector: found among the open files
    crowd.strangers(7100)
    lab.x("out = {}; reach(7002)")
    lab.driver("client", names=["a", "b", "c"])
    expect("lo (interface 1), egress" in lab.cut("describe"), lab.cut("describe"))
    for name, other in ("b", "a"), ("a", "c"), ("c", "b"):
        crowd.meet(name, other)

    arm(lab, crowd, "link:a>b@workload.0")
    crowd.say("a", "b", "a")
    crowd.say("b", "a", "b")
    crowd.say("c", "b", "c")
    crowd.say("a", "c", "a")
    lab.x("say(7002, 'x')")
    lab.b("for conn in conns: conn.sendall(b'answer ')")  # by the connections that a made, as well
    crowd.expect_heard("a", all_ways("b") + ["backt4answer", "backt6answer"], "all of b")
    crowd.expect_heard("b", all_ways("c") + all_ways("x"), "nothing of a, all of others")
    crowd.expect_heard("c", all_ways("a") + ["backt4answer", "backt6answer"], "what goes elsewhere")
    expect(lab.a("socket.socket().connect_ex(('127.0.0.1', 7003))") == 0, "a connects to c")
    lab.a("t = socket.socket(); t.settimeout(0.2)")
    expect(lab.a("t.connect_ex(('127.0.0.1', 7002))") != 0, "a's SYN is cut, its port was never seen")
    lab.a("t = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM); t.sendto(b'new', ('::1', 7002))")
    time.sleep(0.1)
    crowd.expect_heard("b", all_ways("c") + all_ways("x"), "a new socket's datagram, too")
    lab.cut("now healed")
    until(lambda: {"t4a", "t6a"} <= set(crowd.heard("b")), 5, "the streams go on")
    report, = disarm(lab)
    expect(report["dropped"] >= 6, report)

    arm(lab, crowd, "partition:a|b@workload.0")
    crowd.say("a", "b", "a", ["u4", "u6"])
    crowd.say("b", "a", "b", ["u4", "u6"])
    crowd.say("c", "b", "c")
    crowd.expect_heard("b", all_ways("c"), "both ways")
    crowd.expect_heard("a", [], "both ways")
    report, = disarm(lab)
    expect(report["dropped"] >= 4, report)

    arm(lab, crowd, "silence:c@workload.0")
    crowd.say("a", "c", "a", ["u4", "u6"])
    crowd.say("c", "b", "c", ["u4", "u6"])
    lab.x("u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); u.sendto(b'x', ('198.18.15.1', 7003))")
    crowd.say("a", "b", "a")
    crowd.expect_heard("b", all_ways("a"), "others are not silenced")
    crowd.expect_heard("c", [], "strangers do not reach it either, by no address")
    report, = disarm(lab)
    expect(report["dropped"] >= 5, report)

    arm(lab, crowd, "loss:a>b@workload.1")
    crowd.say("a", "b", "0", ["u4", "u6"])
    lab.cut("now workload.1")
    crowd.say("a", "b", "1", ["u4", "u6"])
    crowd.say("c", "b", "1", ["u4", "u6"])
    lab.cut("now workload.2")
    crowd.say("a", "b", "2", ["u4", "u6"])
    crowd.expect_heard("b", ["u40", "u60", "u41", "u61", "u42", "u62"], "one step's, of a only")
    expect(disarm(lab)[0]["dropped"] == 2, "two datagrams")

    # the second SET of a to b, over TCP and IPv6, and then over UDP; what others send is not counted
    for way in "t6", "u4":
        arm(lab, crowd, "stall:a>b/7002#SET.2@workload.0")
        for name in "c", "a":
            for word in "SET1", "GET2", "SET3", "GET4":
                crowd.say(name, "b", word, [way])
                time.sleep(0.002)
        crowd.expect_heard("b", [way + w for w in ("SET1", "GET2", "SET3", "GET4", "SET1", "GET2")], "from the second on")
        expect(disarm(lab)[0]["matched"] == 2, "two of them")
        if way == "t6":
            until(lambda: len(crowd.heard("b")) == 8, 5, "the stream goes on")

    # held by each engine that this kernel has; a new injector learns of all that is open
    for engine in parking():
        lab.end_driver()
        lab.driver("client", names=["a", "b", "c"], env={"CUT_DRIVER_ENGINE": engine})
        held(lab, crowd)

    # an attempt to connect waits, in the kernel that makes up its port
    arm(lab, crowd, "stall:a>b/7002#connect@workload.0+100ms")
    took = lab.a("start = time.monotonic(); t = tcp('::1', 7002); took = time.monotonic() - start") or lab.a("took")
    expect(0.1 <= took < 0.3, f"connected after {took} s")
    disarm(lab)

    # a port that a node has let go is the next one's alone
    lab.a("""
own, held = socket.create_server(("", 7009)), socket.socket(socket.AF_INET, socket.SOCK_DGRAM); held.bind(("", 7009))
held.sendto(b"mine", ("127.0.0.1", 7002)); own.close(); held.close()""")
    lab.x("inbox.clear(); serve(7009)")
    arm(lab, crowd, "silence:a@workload.0")
    crowd.lab.b("out = {}; reach(7009); say(7009, 'b')")
    until(lambda: lab.x("heard()") == sorted(all_ways("b")), 2, "x has the port now")
    lab.x("held = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); held.bind(('', 0))")
    disarm(lab, fired=False)

    cnt, worst = crowd.expect_strangers_untouched()
    print(f"strangers: {cnt} answers meanwhile, the latest after {worst:.1f} ms")
    lab.end_driver()
    expect("cutset" not in sh(f"ip -n {lab.namespace('s')} -o link"), "no device is left")
END
