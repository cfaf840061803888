#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 180
# vm: yes
# Each engine of finite delays that this kernel has: streams and datagrams, one at a time and many, judged at either
# end; what is held is let go with the faults, or when what it waits for happens; kill -9 leaves nothing behind.
cd "$(dirname "$0")/../.." && PYTHONPATH=tests/system/programs exec python3 - <<'EOF'
from netlab import *

def devices(lab):
    return "cutset" in sh(f"ip -n {lab.namespace('a')} -o link; ip -n {lab.namespace('b')} -o link")

def arm(lab, fault):
    lab.b("chunks.clear(); datagrams.clear()")
    lab.cut("now workload.0")
    lab.cut("arm " + fault)

def disarm(lab, held=True):
    (report,), lapsed = lab.disarm()
    expect(not lapsed and report["fired"] == 1, report)
    expect(not held or report["released"] == report["parked"] > 0, report)
    return report

def late(lab, engine, sender, delay_ms, cnt):
    """cnt messages at once, of a stream and as datagrams."""
    node = "client" if sender == "host" else sender
    arm(lab, f"link:{node}>b@workload.0+{delay_ms}ms")
    start = time.monotonic_ns()
    lab.agents[sender](f"for i in range({cnt}): s.sendall(b'm' * 100); udp.send(b'd%d' % i)")
    until(lambda: lab.b("len(text())") == 100 * cnt and lab.b("len(datagrams)") == cnt, 5, "all arrived")
    first = min(lab.b("chunks[0][0]"), lab.b("datagrams[0][1]"))
    expect((first - start) / 1e6 >= delay_ms, "nothing is early")
    report = disarm(lab)
    over = (report["achieved"] - report["asked"]) / 1e3
    expect(0 <= over < 60000, report)  # busy machines; `make bench-inject` measures
    print(f"{engine}: {node}>b, {report['parked']} packets, {delay_ms} ms: {over:+.0f} us (median)")

with Lab("a", "b") as lab:
    lab.listen("b", 7000)
    lab.take_datagrams("b", 7001)
    for sender in "a", "host":
        lab.connect(sender, "b", 7000)
        lab.send_datagrams(sender, "b", 7001)
    for engine in parking():
        pid = lab.driver("client", env={"CUT_DRIVER_ENGINE": engine})
        namespaces = sum(os.readlink(f"/proc/{pid}/fd/{fd}").startswith("net:") for fd in os.listdir(f"/proc/{pid}/fd"))
        for sender in "a", "host":
            late(lab, engine, sender, 20, 1)
            late(lab, engine, sender, 100, 30)
        arm(lab, "link:a>b@workload.0+60s")
        lab.a("s.sendall(b'late')")
        time.sleep(0.1)
        expect(lab.b("text()") == "", "held")
        report = disarm(lab, engine != "edt")
        expect(report["due"] == 0, report)
        until(lambda: lab.b("text()") == "late", 5 if engine == "edt" else 0.2, "let go with the faults")
        if engine == "edt":
            answer = lab.cut("arm link:a>b@workload.0+until:workload.1", fails=True)
            expect("cannot let go before the time" in answer, answer)
        else:
            arm(lab, "link:a>b@workload.0+until:workload.1")
            lab.a("udp.send(b'x')")
            time.sleep(0.05)
            expect(not lab.b("datagrams"), "held")
            lab.cut("now workload.1")
            until(lambda: lab.b("len(datagrams)") == 1, 0.2, "let go at the step")
            expect(disarm(lab)["event"] == 1, "by the step")
        expect(not devices(lab), "no device is left")
        left = sum(os.readlink(f"/proc/{pid}/fd/{fd}").startswith("net:") for fd in os.listdir(f"/proc/{pid}/fd"))
        expect(left == namespaces, "no namespace is left")

        arm(lab, "link:a>b@workload.0+60s")
        lab.a("s.sendall(b'after the kill')")
        time.sleep(0.05)
        expect(devices(lab), "a device")
        lab.driver_process.kill()
        lab.driver_process.wait()
        took = until(lambda: not devices(lab), 2, "gone after kill -9")
        lab.driver_process = None
        took = until(lambda: lab.b("text()") == "after the kill", 5, "TCP sends it again")
        print(f"{engine}: after kill -9 no device is left, and the bytes came {took:.2f} s later")
        sh(os.path.join(os.environ.get("B", "build"), "tests/system/cut_driver") + " --cleanup")
EOF
