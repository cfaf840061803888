#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: yes
# Finite delays: 10 ms, 100 ms and 1 s on a TCP link, from nodes and from the client.
cd "$(dirname "$0")/../.." && PYTHONPATH=tests/system/programs exec python3 - <<'EOF'
from netlab import *

LIMITS_MS = {10: 1.0, 100: 1.5, 1000: 10.0}  # of the median; a quiet machine is far below

def measure(lab, sender, delay_ms, count):
    """Medians: as the receiver sees it, and as the injector reports it, in ms over what was asked."""
    fault = f"link:{'client' if sender == 'host' else sender}>b@workload.0+{delay_ms}ms"
    lab.b("chunks.clear()")
    lab.cut("arm " + fault)
    lab.cut("now workload.0")
    sent = lab.agents[sender](f"""
sent = []
for i in range({count}):
    sent.append(time.monotonic_ns()); s.sendall(b'm' * 100); time.sleep({min(0.3, delay_ms / 1000 + 0.005)})
""") or lab.agents[sender]("sent")
    took = until(lambda: lab.b("len(text())") == 100 * count, 30, "all arrived")
    expect(took < 1 + 3 * delay_ms / 1000, f"the last came after {took} s: {lab.events()}")
    seen = lab.b("[(t, len(c)) for t, c in chunks]")
    taken, late = 0, []
    for at, size in seen:
        late.append((at - sent[taken // 100]) / 1e6 - delay_ms)
        taken += size
    counted = lab.events()
    reports, lapsed = lab.disarm()
    report = reports[0]
    expect(not lapsed and report["fired"], report)
    expect(report["parked"] == report["released"] == counted["park"] == counted["release"], report)
    expect(counted["park"] >= 5, counted)
    expect(delay_ms < 1000 or counted["swallow"] >= 1, counted)
    late.sort()
    expect(late[0] >= 0, f"nothing is early: {late[0]}")
    achieved = report["achieved"] / 1e6 - delay_ms
    expect(0 <= achieved <= LIMITS_MS[delay_ms], f"{delay_ms} ms: {achieved} ms late")
    return late[len(late) // 2], achieved, counted

with Lab("a", "b") as lab:
    lab.listen("b", 7000)
    lab.driver("client")
    for sender in "a", "host":
        lab.connect(sender, "b", 7000)
        lab.b("chunks.clear()")
        lab.agents[sender]("s.sendall(b'0' * 100)")
        until(lambda: lab.b("len(text())") == 100, 2, "connected")
        for delay_ms, count in (10, 50), (100, 20), (1000, 8):
            seen, achieved, counted = measure(lab, sender, delay_ms, count)
            print(f"{sender}: {delay_ms} ms, {counted['park']} packets: received {seen:+.2f} ms, "
                  f"achieved {achieved:+.3f} ms, {counted['swallow']} retransmissions swallowed")
    expect(not lab.b("failed"), "no error at the receiver")
    expect("cutset" not in sh(f"ip -n {lab.namespace('a')} -o link"), "no device is left")

    # healing: what is parked is let go at once
    lab.b("chunks.clear()")
    lab.cut("arm link:a>b@workload.0+60s")
    lab.cut("now workload.0")
    lab.a("s.sendall(b'late')")
    time.sleep(0.5)
    expect(lab.b("text()") == "", "parked")
    start = time.monotonic()
    reports, lapsed = lab.disarm()
    took = until(lambda: lab.b("text()") == "late", 1, "let go at disarm")
    expect(time.monotonic() - start < 0.5, "at once")
    expect(reports[0]["released"] == reports[0]["parked"] >= 1, reports)
EOF
