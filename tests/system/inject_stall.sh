#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: yes
# Stalls hit the message that is meant, by its first bytes, its length and its number, and what comes
# behind it: over TCP, at the attempt to connect, and over UDP. Losses take what is sent in one step.
cd "$(dirname "$0")/../.." && PYTHONPATH=tests/system/programs exec python3 - <<'EOF'
from netlab import *

def arm(lab, *faults):
    lab.b("chunks.clear(); datagrams.clear()")
    lab.cut("now workload.0")
    lab.cut("arm " + " ".join(faults))

def disarm(lab):
    reports, lapsed = lab.disarm()
    expect(not lapsed, "lapsed")
    return reports

def send(lab, *texts):
    for text in texts:
        lab.a(f"s.sendall({text!r}.encode()); time.sleep(0.005)")

with Lab("a", "b") as lab:
    lab.listen("b", 7000)
    lab.take_datagrams("b", 7001)
    lab.send_datagrams("a", "b", 7001)
    lab.connect("a", "b", 7000)
    lab.driver("client")

    # the second SET, and all behind it, until healing
    arm(lab, "stall:a>b/7000#SET.2@workload.1")
    send(lab, "SET 0;")
    lab.cut("now workload.1")
    send(lab, "SET 1;", "GET;", "SET 2;", "GET;")
    time.sleep(0.4)
    expect(lab.b("text()") == "SET 0;SET 1;GET;", lab.b("text()"))
    counted = lab.events()
    expect(counted["last"]["arm"] <= counted["last"]["seq"], counted)
    lab.a("s.settimeout(0.3)\ntry: s.recv(1)\nexcept TimeoutError: pass")  # acknowledgements pass
    lab.b("accepted[0].sendall(b'answer')")
    expect(lab.a("s.recv(100).decode()") == "answer", "the other direction goes on")
    lab.cut("now healed")
    until(lambda: lab.b("text()") == "SET 0;SET 1;GET;SET 2;GET;", 5, "after healing")
    report, = disarm(lab)
    expect(report["fired"] == 1 and report["matched"] == 2 and report["bytes"] == 6, report)

    # so long, and what comes later is on time; one message and those that caught up with it
    for fault, first in ("#S?T.2", "SET b;"), ("#?~6.2", "abcde;"), ("#%53%45~1-100.2", "SET b;"):
        arm(lab, f"stall:a>b/7000{fault}@workload.1+300ms")
        lab.cut("now workload.1")
        send(lab, "SET a;", "GET a;" if "~6" not in fault else "longer;")
        start = time.monotonic_ns()
        send(lab, first, "behind;")
        until(lambda: lab.b("text()").endswith("behind;"), 2, fault)
        seen = lab.b("[(t, c.decode()) for t, c in chunks]")
        late = [(at - start) / 1e6 for at, text in seen if first in text][0]
        expect(300 <= late < 340, f"{fault}: {late} ms, {seen}")
        start = time.monotonic_ns()
        send(lab, "SET c;")
        until(lambda: lab.b("text()").endswith("SET c;"), 2, "later ones")
        expect((lab.b("chunks[-1][0]") - start) / 1e6 < 50, "later ones are on time")
        report, = disarm(lab)
        expect(report["fired"] == 1 and report["bytes"] == 6 and report["matched"] >= 2, report)
        expect(report["parked"] == report["released"] >= 1, report)
        expect(0 <= report["achieved"] - 300e6 < 5e6 or report["parked"] > 1, report)
        print(f"{fault}: {late:.1f} ms")

    # gathered from several places, by sendmsg and writev
    arm(lab, "stall:a>b#headbody~8@workload.0+200ms")
    start = time.monotonic_ns()
    lab.a("s.sendmsg([b'he', b'ad', b'body'])")
    until(lambda: lab.b("text()") == "headbody", 2, "sendmsg")
    expect((lab.b("chunks[0][0]") - start) / 1e6 >= 200, "by sendmsg")
    expect(disarm(lab)[0]["fired"] == 1, "sendmsg")

    # what did not happen is said
    arm(lab, "stall:a>b/7000#SET.3@workload.0", "stall:a>b/7002#SET@workload.0", "stall:b>a#SET@workload.0")
    send(lab, "SET;", "SET;")
    until(lambda: lab.b("text()") == "SET;SET;", 2, "not the third")
    reports = {r["fault"]: r for r in disarm(lab)}
    expect("only 2 such messages" in reports["stall:a>b/7000#SET.3@workload.0"]["why"], reports)
    expect("no such message" in reports["stall:a>b/7002#SET@workload.0"]["why"], reports)
    expect("no such message" in reports["stall:b>a#SET@workload.0"]["why"], reports)
    arm(lab, "stall:a>b/7000#SET@workload.0")
    lab.a("f = open('/tmp/cutset-%d' % os.getpid(), 'w+b'); os.unlink(f.name); f.write(b'SET by file;'); f.flush()")
    lab.a("os.sendfile(s.fileno(), f.fileno(), 0, 12)")
    until(lambda: lab.b("text()") == "SET by file;", 2, "sendfile")
    report, = disarm(lab)
    expect(report["fired"] == 0 and "could not be told" in report["why"], report)

    # an attempt to connect
    arm(lab, "stall:a>b/7000#connect.2@workload.0+400ms")
    times = lab.a(f"""
times = []
for i in range(3):
    t = time.monotonic(); socket.create_connection(({lab.address['b']!r}, 7000), 3).close(); times.append(time.monotonic() - t)
""") or lab.a("times")
    expect(times[0] < 0.1 and 0.4 <= times[1] < 0.5 and times[2] < 0.1, times)
    report, = disarm(lab)
    expect(report["fired"] == 1 and report["matched"] == 3, report)
    print(f"connect: {times[1] * 1e3:.1f} ms")

    # datagrams
    arm(lab, "stall:a>b/7001#put.2@workload.0+200ms")
    start = time.monotonic_ns()
    lab.a("for t in b'put 1', b'get', b'put 2', b'after': udp.send(t)")
    until(lambda: lab.b("len(datagrams)") == 4, 2, "datagrams")
    got = lab.b("datagrams")
    expect([t for t, at in got] == ["put 1", "get", "put 2", "after"], got)
    expect((got[1][1] - start) / 1e6 < 100 and (got[2][1] - start) / 1e6 >= 200, got)
    report, = disarm(lab)
    expect(report["fired"] == 1 and report["bytes"] == 5, report)
    lab.b("datagrams.clear()")
    arm(lab, "loss:a>b@workload.1", "loss:a>b@workload.3")
    for step in range(5):
        lab.cut(f"now workload.{step}")
        for i in range(2):
            lab.a(f"udp.send(b'in {step}')")
    until(lambda: len(lab.b("datagrams")) == 6, 2, "losses in two steps")
    expect([t for t, at in lab.b("datagrams")] == ["in 0", "in 0", "in 2", "in 2", "in 4", "in 4"], lab.b("datagrams"))
    expect([r["fired"] for r in disarm(lab)] == [1, 1], "losses in two steps")
    arm(lab, "loss:a>b@workload.1")
    for step in range(3):
        lab.cut(f"now workload.{step}")
        lab.a(f"udp.send(b'in {step}'); t{step} = socket.socket(); t{step}.settimeout(0.2)")
        connected = lab.a(f"t{step}.connect_ex(({lab.address['b']!r}, 7000))") == 0
        expect(connected == (step != 1), f"connections are lost in the step: {step} {connected}")
    time.sleep(0.3)
    expect([t for t, at in lab.b("datagrams")] == ["in 0", "in 2"], lab.b("datagrams"))
    report, = disarm(lab)
    expect(report["fired"] == 1 and report["step"] == "workload.1", report)

    lab.a("for t in t0, t1, t2: t.close()")  # one still tries to connect

    # no fault takes more than it may, nor goes on for longer
    for limit, sent, lost in ("3 0", 5, 3), ("0 300000000", 2, 1):
        lab.cut("limit " + limit)
        arm(lab, "link:a>b@workload.0")
        for i in range(sent):
            lab.a(f"udp.send(b'{i}')")
            time.sleep(0.35 if limit[0] == "0" else 0)
        until(lambda: lab.b("len(datagrams)") == sent - lost, 2, "what is over the limit passes")
        report, = disarm(lab)
        expect(report["dropped"] == lost and report["over"] == sent - lost, report)
    lab.cut("limit 0 0")
EOF
